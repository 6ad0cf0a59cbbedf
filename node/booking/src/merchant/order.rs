//! An order: what one customer gets, and owes, of several slots at once.
//!
//! ```text
//!  collecting ──► held ──► confirmed ──► cancelled
//!      │           │  └──────────────────────▲
//!      └► refused  └──► expired              │
//!         expired ◄─┘ └──────────────────────┘
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::attempt::Attempt;
use super::plan::Plan;
use super::refusal::Refusal;
use crate::base::order::{Charge, OrderWish};
use crate::base::payment::PaymentDeed;
use crate::base::promise::{OrderNumber, PackageNumber, PromiseNumber};
use crate::digest::Digest;
use crate::{Currency, Mode, NotBooked, RequestKey, SlotId, Timestamp};

/// What one customer gets, and owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which of the merchant's it is.
    pub number: OrderNumber,
    /// Whose it is.
    pub customer: Box<str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when all of it is held.
    pub until: Timestamp,
    /// Until when it can be held at the latest.
    pub longest: Timestamp,
    /// How it is to be had.
    pub terms: OrderTerms,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it was refused, where no single item was.
    pub refusal: Option<Refusal>,
    /// What it is of.
    pub items: Vec<OrderItem>,
    /// Of what its amount is, if it costs anything.
    pub currency: Option<Currency>,
    /// How many messages about it are on their way: at none it rests.
    pub pending: u32,
    /// How somebody has tried to pay for it.
    pub attempts: Vec<Attempt>,
    /// By which of these it is paid, if it is: the place among them.
    pub paid_by: Option<u32>,
}

/// How an order is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderTerms {
    /// What becomes of it when all of it is held, if nothing is owed.
    pub mode: Mode,
    /// Whether it is had whole or not at all, for ever.
    pub is_bundle: bool,
    /// Whether what cannot be had is left out.
    pub skips: bool,
    /// What its customer expects all of it to cost, in minor units.
    pub expect_amount: Option<u64>,
}

/// Where an order stands. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum OrderStatus {
    /// Its slots are being asked.
    Collecting,
    /// All of it is held.
    Held,
    /// It is for good.
    Confirmed,
    /// Something of it could not be had.
    Refused,
    /// It was given back.
    Cancelled,
    /// It was not confirmed in time.
    Expired,
}

/// One thing of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// What it is.
    pub what: ItemKind,
    /// Where it stands.
    pub state: ItemState,
    /// What it costs.
    pub charge: Charge,
}

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A booking of a slot.
    Booking {
        /// Of which slot.
        slot: SlotId,
        /// By which request.
        booking: RequestKey,
        /// What is promised for it, if it was made for this.
        promise: Option<PromiseNumber>,
        /// What is yet to be asked.
        ask: Option<Box<OrderWish>>,
    },
    /// A package of a plan.
    Package(Box<PackageItem>),
}

/// A package that is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageItem {
    /// Its plan's terms.
    pub plan: Arc<Plan>,
    /// From when on it is to be good; none is from when it is granted, or from its first use.
    pub valid_from: Option<Timestamp>,
    /// Until when it is to be good; none is for ever, or as its first use says.
    pub valid_until: Option<Timestamp>,
    /// Which it is, once it was granted.
    pub granted: Option<PackageNumber>,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// It has not been asked for.
    Waiting,
    /// Its slot is being asked.
    Asked,
    /// It is held.
    Held,
    /// It could not be had.
    Refused(ItemRefused),
    /// It is its customer's for good.
    Confirmed,
    /// It was given back, or ended without that, when it was not confirmed.
    Over,
    /// The same, when it was confirmed.
    GivenBack,
}

/// Why an item could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemRefused {
    /// The merchant says no.
    ByMerchant(Refusal),
    /// Its slot does.
    BySlot(NotBooked),
}

impl OrderStatus {
    /// Whether nothing of it is left.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Collecting | Self::Held | Self::Confirmed => false,
            Self::Refused | Self::Cancelled | Self::Expired => true,
        }
    }
}

impl ItemState {
    /// Whether its slot has it, or may have it.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Asked | Self::Held | Self::Confirmed => true,
            Self::Waiting | Self::Refused(_) | Self::Over | Self::GivenBack => false,
        }
    }

    /// Whether it is a part of what the order costs.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Held | Self::Confirmed)
    }
}

impl Order {
    /// What it costs now, in minor units: what is left of it.
    pub fn amount(&self) -> u64 {
        let counted = self.items.iter().filter(|item| item.state.counts());
        counted.fold(0, |sum, item| sum.saturating_add(item.charge.amount))
    }

    /// Whether nothing about it is on its way.
    pub fn is_settled(&self) -> bool {
        self.pending == 0
    }

    /// When time alone ends it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        matches!(self.status, OrderStatus::Collecting | OrderStatus::Held).then_some(self.until)
    }

    /// Whether it is to be refused: something cannot be had, and nothing is left out.
    pub(super) fn fails(&self) -> bool {
        !self.terms.skips && self.items.iter().any(|item| matches!(item.state, ItemState::Refused(_)))
    }

    /// By which attempt it is paid, if it is.
    pub(super) fn paying(&self) -> Option<usize> {
        self.paid_by.and_then(|place| usize::try_from(place).ok())
    }

    /// Whether no slot is being asked or told anything of it.
    pub(super) fn is_quiet(&self) -> bool {
        let asking = self.attempts.iter().filter(|attempt| attempt.asking.is_some());
        usize::try_from(self.pending).is_ok_and(|pending| pending == asking.count())
    }

    /// Whether every slot has said that it is confirmed.
    pub(super) fn is_confirmed_everywhere(&self) -> bool {
        let waits = |item: &OrderItem| item.slot().is_some() && item.state == ItemState::Held;
        self.status == OrderStatus::Confirmed && !self.items.iter().any(waits)
    }

    /// MR-4: nothing is taken before it is confirmed, and nothing that is paid for is confirmed before it can be taken.
    pub(super) fn is_paid_in_order(&self) -> bool {
        let taken = |(place, attempt): (usize, &Attempt)| {
            let is_its = self.paying() == Some(place) && self.is_confirmed_everywhere();
            attempt.asking != Some(PaymentDeed::Capture) || is_its || self.status.is_over()
        };
        let can_be_taken = self.paying().is_none_or(|place| {
            self.attempts.get(place).is_some_and(|attempt| attempt.amount <= attempt.authorised)
        });
        can_be_taken
            && self.attempts.iter().enumerate().all(taken)
            && self.attempts.iter().all(Attempt::adds_up)
    }

    /// MR-3: what is left of it is of one currency, and as much as where it stands says.
    pub(super) fn adds_up(&self) -> bool {
        let all = |is: fn(ItemState) -> bool| self.items.iter().all(|item| is(item.state));
        let any = |is: fn(ItemState) -> bool| self.items.iter().any(|item| is(item.state));
        let in_one = self.items.iter().filter(|item| item.state.counts() && 0 < item.charge.amount);
        let is_in_one = in_one.into_iter().all(|item| item.charge.currency == self.currency);
        let is_sound = match self.status {
            OrderStatus::Collecting => {
                !any(|state| matches!(state, ItemState::Confirmed | ItemState::GivenBack))
            }
            OrderStatus::Held => {
                any(|state| state == ItemState::Held)
                    && all(|state| matches!(state, ItemState::Held | ItemState::Refused(_) | ItemState::Over))
            }
            OrderStatus::Confirmed => {
                any(ItemState::counts) && !any(|state| matches!(state, ItemState::Waiting | ItemState::Asked))
            }
            OrderStatus::Refused | OrderStatus::Cancelled | OrderStatus::Expired => {
                all(|state| matches!(state, ItemState::Refused(_) | ItemState::Over | ItemState::GivenBack))
            }
        };
        let is_bundled = !self.terms.is_bundle
            || self.status == OrderStatus::Collecting
            || self.status.is_over()
            || !any(|state| matches!(state, ItemState::Over | ItemState::GivenBack));
        let is_known = self.status == OrderStatus::Collecting || is_in_one;
        !self.items.is_empty() && is_known && is_sound && is_bundled
    }

    /// A number that stands for all of it.
    pub(super) fn digest(&self) -> u64 {
        let OrderTerms { mode, is_bundle, skips, expect_amount } = self.terms;
        let digest = Digest::new("order")
            .word(self.number.0)
            .text(&self.customer)
            .word(self.made_at.0)
            .word(self.until.0)
            .word(self.longest.0)
            .word(mode as u32)
            .word(u32::from(is_bundle))
            .word(u32::from(skips))
            .option(expect_amount, Digest::word)
            .word(self.status as u32)
            .option(self.refusal, |digest, refusal| refusal.digest(digest))
            .option(self.currency, |digest, currency| digest.bytes(&currency.0))
            .word(self.pending)
            .option(self.paid_by, Digest::word)
            .word(self.attempts.len() as u64)
            .word(self.items.len() as u64);
        let digest = self.items.iter().fold(digest, |digest, item| item.digest(digest));
        self.attempts.iter().fold(digest, |digest, attempt| attempt.digest(digest)).finish()
    }
}

impl OrderItem {
    /// The slot of which it is a booking, if it is one.
    pub fn slot(&self) -> Option<SlotId> {
        match self.what {
            ItemKind::Booking { slot, .. } => Some(slot),
            ItemKind::Package(_) => None,
        }
    }

    /// The request by which its booking was made, if it is one.
    pub fn booking(&self) -> Option<RequestKey> {
        match self.what {
            ItemKind::Booking { booking, .. } => Some(booking),
            ItemKind::Package(_) => None,
        }
    }

    /// What is promised for it, if anything is.
    pub(super) fn promise(&self) -> Option<PromiseNumber> {
        match self.what {
            ItemKind::Booking { promise, .. } => promise,
            ItemKind::Package(_) => None,
        }
    }

    /// Mixes this into a digest.
    fn digest(&self, digest: Digest) -> Digest {
        let digest = match &self.what {
            ItemKind::Booking { slot, booking, promise, ask } => digest
                .word(0_u32)
                .bytes(&slot.to_bytes())
                .wide(booking.0)
                .option(*promise, |digest, promise| digest.word(promise.0))
                .option(ask.as_ref(), |digest, ask| ask.digest(digest)),
            ItemKind::Package(item) => {
                let PackageItem { plan, valid_from, valid_until, granted } = &**item;
                plan.digest(digest.word(1_u32))
                    .option(*valid_from, |digest, from| digest.word(from.0))
                    .option(*valid_until, |digest, until| digest.word(until.0))
                    .option(*granted, |digest, granted| digest.word(granted.0))
            }
        };
        let digest = match self.state {
            ItemState::Waiting => digest.word(0_u32),
            ItemState::Asked => digest.word(1_u32),
            ItemState::Held => digest.word(2_u32),
            ItemState::Refused(ItemRefused::ByMerchant(refusal)) => refusal.digest(digest.word(3_u32)),
            ItemState::Refused(ItemRefused::BySlot(why)) => why.digest(digest.word(4_u32)),
            ItemState::Confirmed => digest.word(5_u32),
            ItemState::Over => digest.word(6_u32),
            ItemState::GivenBack => digest.word(7_u32),
        };
        self.charge.digest(digest)
    }
}
