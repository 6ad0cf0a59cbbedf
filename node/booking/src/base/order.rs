//! What a merchant and slots say to each other of an order: what is held for it, and what becomes of that.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::base::promise::OrderNumber;
use crate::base::promised::{NotBooked, Promised};
use crate::digest::Digest;
use crate::{Currency, RequestKey, Timestamp};

/// What of one slot an order asks for: judged together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAsk {
    /// Which order it is.
    pub order: OrderNumber,
    /// When it began to be held.
    pub since: Timestamp,
    /// Until when it is held, as it is shown: the slot's clock does not end it.
    pub until: Timestamp,
    /// What is to be done with it.
    pub intent: OrderIntent,
    /// What is asked for: which of the order's items, and how it is had.
    pub items: Vec<(u32, OrderWish)>,
}

/// What a slot is to do with what an order asks for. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderIntent {
    /// Hold all of it, or nothing.
    HoldAll,
    /// Hold what can be held.
    HoldSome,
    /// Only say what cannot be: each item looked at for itself.
    Look,
}

/// How an item of an order is had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderWish {
    /// By a new booking, for which this is promised.
    New(Box<Promised>),
    /// It is this customer's booking, which is held already.
    Adopt {
        /// The booking, by the request that made it.
        booking: RequestKey,
        /// Whose it must be.
        customer: Box<str>,
    },
}

/// What a slot holds of an order, and what it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// What is held, and what it costs.
    pub held: Vec<(u32, Charge)>,
    /// What cannot be, and why.
    pub not: Vec<(u32, NotBooked)>,
}

/// What an item costs, in minor units; nothing of no currency, where it has no price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// So much.
    pub amount: u64,
    /// Of what.
    pub currency: Option<Currency>,
}

/// What becomes of bookings of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAct {
    /// Which order it is.
    pub order: OrderNumber,
    /// Which bookings, by the requests that made them.
    pub bookings: Vec<RequestKey>,
    /// What becomes of them.
    pub what: OrderDeed,
}

/// What becomes of bookings of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderDeed {
    /// They are confirmed.
    Confirm,
    /// They are held until then.
    Prolong(Timestamp),
    /// They are given back: what was adopted goes back to its own hold.
    Release(Releaser),
}

/// Who gives something back. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Releaser {
    /// Its customer, or time.
    Customer,
    /// Its organizer.
    Organizer,
}

impl OrderAsk {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let Self { order, since, until, intent, items } = self;
        let digest = digest.word(order.0).word(since.0).word(until.0).word(*intent as u32);
        items
            .iter()
            .fold(digest.word(items.len() as u64), |digest, (item, wish)| wish.digest(digest.word(*item)))
    }
}

impl OrderWish {
    /// The request by which the booking is found.
    pub fn booking(&self) -> RequestKey {
        match self {
            Self::New(promised) => promised.request,
            Self::Adopt { booking, .. } => *booking,
        }
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::New(promised) => promised.digest(digest.word(0_u32)),
            Self::Adopt { booking, customer } => digest.word(1_u32).wide(booking.0).text(customer),
        }
    }
}

impl Collected {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let held = |digest: Digest, (item, charge): &(u32, Charge)| charge.digest(digest.word(*item));
        let not = |digest: Digest, (item, why): &(u32, NotBooked)| why.digest(digest.word(*item));
        let digest = self.held.iter().fold(digest.word(self.held.len() as u64), held);
        self.not.iter().fold(digest, not)
    }
}

impl Charge {
    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        digest.word(self.amount).option(self.currency, |digest, currency| digest.bytes(&currency.0))
    }
}

impl OrderAct {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = match self.what {
            OrderDeed::Confirm => digest.word(0_u32),
            OrderDeed::Prolong(until) => digest.word(1_u32).word(until.0),
            OrderDeed::Release(by) => digest.word(2_u32).word(by as u32),
        };
        let bookings = self.bookings.iter();
        bookings.fold(digest.word(self.order.0), |digest, booking| digest.wide(booking.0))
    }
}
