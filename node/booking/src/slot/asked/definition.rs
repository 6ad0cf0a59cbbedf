//! What an organizer says of a slot: what it is, when, for how many, and by which policy.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::{CalendarStock, OnAccount, Range, Stock, Tariff, Timestamp};

/// A slot as its organizer defined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Who offers it.
    pub organizer: Box<str>,
    /// The placement it was made under; none is the organizer's own.
    pub placement: Option<Box<str>>,
    /// What people read, 1 to 1,000 characters.
    pub title: Box<str>,
    /// When it starts; in the future when it is made, but of a calendar.
    pub starts_at: Timestamp,
    /// When it ends, after it starts. From then on no one holds, is offered or waits.
    pub ends_at: Timestamp,
    /// When it is sold.
    pub sale: Sale,
    /// What it has to give out.
    pub stock: Stock,
    /// What it is sold as, and for how much; none where it is sold as nothing in particular, for nothing.
    pub tariff: Option<Arc<Tariff>>,
    /// How it is sold.
    pub policy: Policy,
    /// What makes this slot's references hard to guess.
    pub secret: Secret,
}

impl Definition {
    /// When the sale closes: as defined, otherwise when it does at the latest.
    pub fn closes_at(&self) -> Timestamp {
        self.sale.closes_at.unwrap_or_else(|| self.closes_by())
    }

    /// When the sale closes at the latest: when the slot starts, but of a calendar, which is booked while it goes on, when it ends.
    pub fn closes_by(&self) -> Timestamp {
        match self.stock {
            Stock::Units { .. } | Stock::Seats(_) => self.starts_at,
            Stock::Calendar(_) => self.ends_at,
        }
    }

    /// What it has to give out, if that is ranges of time.
    pub fn calendar(&self) -> Option<&Arc<CalendarStock>> {
        match &self.stock {
            Stock::Units { .. } | Stock::Seats(_) => None,
            Stock::Calendar(calendar) => Some(calendar),
        }
    }

    /// From when to when it is, if that is not the other way round.
    pub(crate) fn span(&self) -> Option<Range> {
        Range::new(self.starts_at, self.ends_at)
    }

    /// Until when, exclusively, a customer may cancel what is confirmed, and begins then, if not with the slot.
    pub(crate) fn cancel_until(&self, begins: Option<Timestamp>) -> Timestamp {
        begins.unwrap_or(self.starts_at).minus_seconds(self.policy.cancel_until_seconds)
    }

    /// From when on nobody waits any more: when it ends, or so long before it starts, if it asks for credits.
    pub(crate) fn waits_until(&self) -> Timestamp {
        let until = self.policy.on_account.and_then(|asked| asked.waits_until(self.starts_at));
        until.map_or(self.ends_at, |until| until.min(self.ends_at))
    }

    /// A number that two definitions share only if they are equal, or by a chance of one in 2⁶⁴.
    pub(crate) fn digest(&self) -> u64 {
        let policy = &self.policy;
        let digest = Digest::new("definition")
            .text(&self.organizer)
            .option(self.placement.as_ref(), |digest, placement| digest.text(placement))
            .text(&self.title)
            .word(self.starts_at.0)
            .word(self.ends_at.0)
            .option(self.sale.opens_at, |digest, opens_at| digest.word(opens_at.0))
            .option(self.sale.closes_at, |digest, closes_at| digest.word(closes_at.0));
        let digest = self
            .stock
            .digest(digest)
            .word(policy.confirmed_by as u32)
            .word(policy.hold_seconds)
            .word(policy.hold_seconds_max)
            .option(policy.customer_limit, Digest::word)
            .word(policy.cancel_until_seconds);
        let waitlist = |digest: Digest, waitlist: &WaitlistPolicy| {
            digest
                .word(waitlist.capacity)
                .word(waitlist.promotion as u32)
                .word(waitlist.offer_seconds)
                .word(waitlist.order as u32)
        };
        let digest = digest.option(policy.waitlist.as_ref(), waitlist).bytes(&self.secret.0);
        // What most slots do not have counts where there is any.
        let digest = self.tariff.as_ref().map_or(digest, |tariff| tariff.digest(digest));
        policy.on_account.map_or(digest, |asked| asked.digest(digest)).finish()
    }
}

/// When a slot is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// When the sale opens; none is at once.
    pub opens_at: Option<Timestamp>,
    /// When the sale closes; none is when it does at the latest.
    pub closes_at: Option<Timestamp>,
}

/// How a slot is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who confirms.
    pub confirmed_by: ConfirmedBy,
    /// How long a hold lasts that says nothing else, in seconds.
    pub hold_seconds: u32,
    /// How long a hold may last, in seconds from its beginning.
    pub hold_seconds_max: u32,
    /// How many units one customer may have held, offered, confirmed and waiting; none is no limit.
    pub customer_limit: Option<u32>,
    /// How long before the start a customer's confirmed bookings can no longer be cancelled, in seconds.
    pub cancel_until_seconds: u32,
    /// Who waits once it is full, and how they are served; none is no waitlist.
    pub waitlist: Option<WaitlistPolicy>,
    /// What it asks of its merchant for each booking, if anything.
    pub on_account: Option<OnAccount>,
}

/// Who confirms a booking. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConfirmedBy {
    /// The customer: by booking, or by confirming what is held.
    Customer,
    /// The organizer only: booking, accepting and promotion end in a hold.
    Organizer,
}

/// Who waits, and how they are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitlistPolicy {
    /// How many bookings may wait, 1 to 1,000,000.
    pub capacity: u32,
    /// What becomes of a waiter whose turn it is.
    pub promotion: Promotion,
    /// How long an offer is open, in seconds.
    pub offer_seconds: u32,
    /// Whose turn it is.
    pub order: Order,
}

impl WaitlistPolicy {
    /// What a slot gets that had no waitlist, where a change says nothing else: the contract's defaults. A rule.
    pub const USUAL: Self =
        Self { capacity: 1_000, promotion: Promotion::Confirm, offer_seconds: 900, order: Order::Strict };
}

/// What becomes of a waiter whose turn it is. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Promotion {
    /// The waiter gets what was asked for: a confirmed booking, or a hold.
    Confirm,
    /// The waiter is offered it, for `offer_seconds`.
    Offer,
}

/// Whose turn it is. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Order {
    /// The head's: while the head does not fit, nobody is served.
    Strict,
    /// The first one's who fits.
    SkipFit,
}

/// Sixteen random bytes of a slot, made outside and told to no one.
///
/// References and the hashing of customers' names are keyed by them, so that nobody who does not know them
/// can compute a neighbour's reference or find two names that collide.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(pub [u8; 16]);

impl Secret {
    /// The two halves, as seeds.
    pub(crate) fn seeds(self) -> [u64; 2] {
        let whole = u128::from_le_bytes(self.0);
        #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
        [whole as u64, (whole >> 64) as u64]
    }
}

impl fmt::Debug for Secret {
    /// Says only that there is one: a definition may be logged.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

impl Definition {
    /// A number that stands for what the openings of a calendar follow from: its rule and its span.
    pub fn openings_basis(&self) -> u64 {
        let digest = Digest::new("openings").word(self.starts_at.0).word(self.ends_at.0);
        self.calendar().map_or(digest, |calendar| calendar.rule.digest(digest)).finish()
    }
}
