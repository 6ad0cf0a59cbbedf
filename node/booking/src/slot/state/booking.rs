//! One booking: what was asked, what was answered first, and where it stands.
//!
//! A booking is its own receipt: it keeps the fingerprint of its request and what was answered first, so that
//! a repeated request is answered the same for ever.

use alloc::boxed::Box;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::limits::ORDER_OVERDUE_SECONDS;
use crate::slot::inventory::claim::{Claim, Purchase, RangeClaim, SeatsClaim};
use crate::slot::levels::{ACCOUNTS, CALENDARS, FEWER, FIRST, PRICES, SEATS};
use crate::slot::state::credits::Account;
use crate::{
    Bill, BookingCredits, Fingerprint, Level, Mode, Number, OrderNumber, RequestKey, Seq, Status, Timestamp,
};

/// One booking, as it is remembered and saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingRecord {
    /// Its number within the slot.
    pub number: Number,
    /// The request that made it.
    pub request: RequestKey,
    /// What that request asked for.
    pub fingerprint: Fingerprint,
    /// Whose it is.
    pub customer: Box<str>,
    /// How many units it is for.
    pub quantity: u32,
    /// How many it was for when it was made, if it is for another number now: of units, for fewer.
    pub first_quantity: Option<NonZeroU32>,
    /// What it was asked to become.
    pub mode: Mode,
    /// How long a hold was wished, in seconds; a waiter keeps its wish until its turn.
    pub hold_seconds: Option<NonZeroU32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What was answered when it was made.
    pub first: FirstAnswer,
    /// Its place among those who waited when it was made, from 1, if it waited. Not zero, and not a part of
    /// `first`: together that saves eight bytes a booking.
    pub first_position: Option<NonZeroU32>,
    /// Where it stands now.
    pub standing: Standing,
}

/// A booking, and what it claims beside a quantity: both are saved as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The booking.
    pub record: BookingRecord,
    /// What it claims of a house, if it is a booking of seats.
    pub seats: Option<Box<SeatsClaim>>,
    /// What it claims of a calendar, if it is a booking of a range.
    pub range: Option<Box<RangeClaim>>,
    /// What it is of and costs, if something in particular was sold.
    pub purchase: Option<Box<Purchase>>,
    /// What its merchant has promised for it, if the slot asks for anything.
    pub credits: Option<Box<BookingCredits>>,
    /// Which order it is an item of, if it is.
    pub order: Option<Box<InOrder>>,
}

/// A booking that is an item of an order: it stands beside the booking, under its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InOrder {
    /// Which order.
    pub order: OrderNumber,
    /// Which of its items.
    pub item: u32,
    /// Its own hold, to which it goes back, if it was held before.
    pub adopted: Option<Standing>,
    /// Whether the merchant was asked what has become of the order.
    pub is_asked: bool,
}

/// A booking where it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BookingRef<'all> {
    pub(crate) record: &'all BookingRecord,
    pub(crate) seats: Option<&'all SeatsClaim>,
    pub(crate) range: Option<&'all RangeClaim>,
    pub(crate) purchase: Option<&'all Purchase>,
    pub(crate) credits: Option<&'all BookingCredits>,
    pub(crate) order: Option<&'all InOrder>,
}

/// What was answered when a booking was made. The stamp is when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstAnswer {
    /// The change that made it.
    pub seq: Seq,
    /// Where it stood then.
    pub standing: Standing,
}

/// Where a booking stands, with the deadline that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has its places, before `until`.
    Held {
        /// From this moment on it is expired.
        until: Timestamp,
        /// How long it lasts in all, in milliseconds: so long before `until` it began.
        lasts_ms: u32,
    },
    /// Places are set aside for it, before `until`.
    Offered {
        /// From this moment on it is expired.
        until: Timestamp,
    },
    /// It waits.
    Waitlisted,
    /// It has its places.
    Confirmed,
    /// It was given back, or its slot was cancelled.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// Its customer did not want what was offered.
    Declined {
        /// When.
        at: Timestamp,
    },
    /// Its deadline has passed, or its slot has ended.
    Expired {
        /// How it stood until then.
        was: Unfinished,
        /// The stamp of the step that found out.
        at: Timestamp,
    },
}

/// How a booking stood that time alone has ended. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unfinished {
    /// It had its places, and was not confirmed.
    Held,
    /// Places were set aside for it.
    Offered,
    /// It waited.
    Waitlisted,
}

impl Standing {
    /// The same without its deadline.
    pub const fn status(self) -> Status {
        match self {
            Self::Held { .. } => Status::Held,
            Self::Offered { .. } => Status::Offered,
            Self::Waitlisted => Status::Waitlisted,
            Self::Confirmed => Status::Confirmed,
            Self::Cancelled { .. } => Status::Cancelled,
            Self::Declined { .. } => Status::Declined,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// Its deadline, if it has one.
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::Held { until, .. } | Self::Offered { until } => Some(until),
            Self::Waitlisted
            | Self::Confirmed
            | Self::Cancelled { .. }
            | Self::Declined { .. }
            | Self::Expired { .. } => None,
        }
    }

    /// Since when it is over, if it is.
    pub const fn over_since(self) -> Option<Timestamp> {
        match self {
            Self::Cancelled { at } | Self::Declined { at } | Self::Expired { at, .. } => Some(at),
            Self::Held { .. } | Self::Offered { .. } | Self::Waitlisted | Self::Confirmed => None,
        }
    }

    /// What becomes of it when its time is over, at this stamp; none if it never is.
    pub(crate) const fn expired(self, at: Timestamp) -> Option<Self> {
        let was = match self {
            Self::Held { .. } => Unfinished::Held,
            Self::Offered { .. } => Unfinished::Offered,
            Self::Waitlisted => Unfinished::Waitlisted,
            Self::Confirmed | Self::Cancelled { .. } | Self::Declined { .. } | Self::Expired { .. } => {
                return None;
            }
        };
        Some(Self::Expired { was, at })
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        let more = match self {
            Self::Held { lasts_ms, .. } => lasts_ms,
            Self::Expired { was, .. } => was as u32,
            Self::Offered { .. }
            | Self::Waitlisted
            | Self::Confirmed
            | Self::Cancelled { .. }
            | Self::Declined { .. } => 0,
        };
        let status = u64::from(self.status() as u32) | u64::from(more) << 32;
        digest.word(status).word(self.until().or_else(|| self.over_since()).map_or(0, |time| time.0))
    }
}

impl BookingRecord {
    /// How many units it was for when it was made.
    pub(crate) const fn asked_quantity(&self) -> u32 {
        match self.first_quantity {
            Some(first) => first.get(),
            None => self.quantity,
        }
    }

    /// The first level under which it can be like this, what it claims aside.
    pub(crate) const fn since(&self) -> Level {
        match self.first_quantity {
            None => FIRST,
            Some(_) => FEWER,
        }
    }

    /// A number that stands for all of it.
    pub(crate) fn digest(&self) -> u64 {
        let digest = Digest::new("booking")
            .word(self.number.0)
            .wide(self.request.0)
            .word(self.fingerprint.0)
            .text(&self.customer)
            .word(self.quantity)
            .word(self.mode as u32)
            .option(self.hold_seconds, |digest, seconds| digest.word(seconds.get()))
            .word(self.created_at.0)
            .word(self.first.seq.0)
            .word(self.first_position.map_or(0, NonZeroU32::get));
        let digest = self.standing.digest(self.first.standing.digest(digest));
        // What is as it was made has the digest that it had before anything could change.
        self.first_quantity.map_or(digest, |first| digest.word(first.get())).finish()
    }
}

impl InOrder {
    /// When the merchant is to be asked what has become of the order, if the booking stands like this.
    pub(crate) fn overdue(&self, standing: Standing) -> Option<Timestamp> {
        let Standing::Held { until, .. } = standing else { return None };
        (!self.is_asked).then(|| until.plus_seconds(ORDER_OVERDUE_SECONDS))
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.word(self.order.0).word(self.item).word(u32::from(self.is_asked));
        digest.option(self.adopted, |digest, own| own.digest(digest))
    }
}

impl Booking {
    /// The same, to be looked at.
    pub(crate) fn as_ref(&self) -> BookingRef<'_> {
        let (seats, range) = (self.seats.as_deref(), self.range.as_deref());
        let (purchase, credits) = (self.purchase.as_deref(), self.credits.as_deref());
        let order = self.order.as_deref();
        BookingRef { record: &self.record, seats, range, purchase, credits, order }
    }

    /// The first level under which it can be like this.
    pub(crate) const fn since(&self) -> Level {
        if self.credits.is_some() || self.order.is_some() {
            return ACCOUNTS;
        }
        match (&self.seats, &self.range, &self.purchase) {
            (_, Some(_), _) => CALENDARS,
            (_, None, Some(_)) => PRICES,
            (Some(_), None, None) => SEATS,
            (None, None, None) => self.record.since(),
        }
    }
}

impl From<BookingRecord> for Booking {
    /// A booking of units, of nothing in particular.
    fn from(record: BookingRecord) -> Self {
        Self { record, seats: None, range: None, purchase: None, credits: None, order: None }
    }
}

impl<'all> BookingRef<'all> {
    /// The same, to be kept elsewhere.
    pub(crate) fn to_owned(self) -> Booking {
        let (seats, range) = (self.seats.cloned().map(Box::new), self.range.cloned().map(Box::new));
        let (purchase, credits) = (self.purchase.cloned(), self.credits.cloned());
        let (purchase, credits) = (purchase.map(Box::new), credits.map(Box::new));
        let order = self.order.cloned().map(Box::new);
        Booking { record: self.record.clone(), seats, range, purchase, credits, order }
    }

    /// What it claims.
    pub(crate) fn claim(self) -> Claim<'all> {
        let BookingRecord { number, quantity, .. } = *self.record;
        Claim { number, quantity, seats: self.seats, range: self.range, bill: self.bill() }
    }

    /// What it is of and costs by now.
    pub(crate) fn bill(self) -> Option<&'all Bill> {
        self.purchase.map(|purchase| &*purchase.bill)
    }

    /// When its range begins, if it is a booking of one.
    pub(crate) fn begins(self) -> Option<Timestamp> {
        self.range.map(|range| range.had.range.from())
    }

    /// From when on time alone ends it, if there is such a moment before its slot's end: who waits for a range waits no longer than one
    /// may ask for it.
    pub(crate) fn until(self) -> Option<Timestamp> {
        match (self.record.standing, self.range) {
            // An order ends it.
            (Standing::Held { .. }, _) if self.order.is_some() => None,
            (Standing::Waitlisted, Some(range)) => Some(range.waits_until()),
            (standing, _) => standing.until(),
        }
    }

    /// Enters what follows from it where a slot keeps what its merchant is to know.
    pub(crate) fn index(self, account: &mut Account) {
        let (number, standing) = (self.record.number, self.record.standing);
        let due = self.order.and_then(|order| order.overdue(standing));
        account.overdue.extend(due.map(|due| (due, number)));
        if let Some(credits) = self.credits {
            account.index(number, credits, standing.status().is_over());
        }
    }

    /// How it stands.
    pub(crate) fn status(self) -> Status {
        self.record.standing.status()
    }

    /// A number that stands for all of it.
    pub(crate) fn digest(self) -> u64 {
        let digest = self.record.digest();
        let digest =
            self.seats.map_or(digest, |seats| seats.digest(Digest::new("seats").word(digest)).finish());
        let digest =
            self.range.map_or(digest, |range| range.digest(Digest::new("range").word(digest)).finish());
        let purchase = |purchase: &Purchase| purchase.digest(Digest::new("purchase").word(digest)).finish();
        let digest = self.purchase.map_or(digest, purchase);
        let credits = |credits: &BookingCredits| credits.digest(Digest::new("credits").word(digest)).finish();
        let digest = self.credits.map_or(digest, credits);
        let order = |order: &InOrder| order.digest(Digest::new("in order").word(digest)).finish();
        self.order.map_or(digest, order)
    }
}

// A million bookings are a hundred megabytes; whoever makes one larger should mean it.
const _: () = assert!(size_of::<BookingRecord>() == 112);

#[cfg(test)]
pub(crate) mod tests {
    use alloc::format;

    use super::*;

    /// Booking `number`, of one of seven customers, cancelled when it was as old as its number.
    pub(crate) fn booking(number: u32) -> BookingRecord {
        let at = Timestamp(u64::from(number));
        BookingRecord {
            number: Number(number),
            request: RequestKey(u128::from(number) << 64),
            fingerprint: Fingerprint(1),
            customer: format!("customer {}", number % 7).into(),
            quantity: 1,
            first_quantity: None,
            mode: Mode::Confirm,
            hold_seconds: None,
            created_at: Timestamp(0),
            first: FirstAnswer { seq: Seq(u64::from(number)), standing: Standing::Confirmed },
            first_position: None,
            standing: if number == 1 { Standing::Confirmed } else { Standing::Cancelled { at } },
        }
    }
}
