//! What merchants and slots say to each other of orders.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::promised::Promised;
use crate::{EntityId, Level, OrderIntent, OrderNumber, Refusal, Releaser, RequestKey, SlotId, Timestamp};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OrderAsk {
    order: OrderNumber,
    since: Timestamp,
    until: Timestamp,
    intent: OrderIntent,
    items: Vec<(u32, OrderWish)>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum OrderWish {
    New(Box<Promised>),
    Adopt { booking: RequestKey, customer: Box<str> },
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Collected {
    held: Vec<(u32, Charge)>,
    not: Vec<(u32, NotBooked)>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Charge {
    amount: u64,
    currency: Option<[u8; 3]>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum NotBooked {
    Outdated,
    Known,
    NotFound,
    Refused(Refusal),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OrderAct {
    order: OrderNumber,
    bookings: Vec<RequestKey>,
    what: OrderDeed,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum OrderDeed {
    Confirm,
    Prolong(Timestamp),
    Release(Releaser),
}

impl OrderAsk {
    /// The shape that is written under this level, of what a slot is asked.
    pub(super) fn at(level: Level, to: EntityId, ask: crate::OrderAsk) -> Self {
        let crate::OrderAsk { order, since, until, intent, items } = ask;
        let slot = SlotId::of(to).expect("only a slot is asked for an order");
        let wish = |(item, wish)| (item, OrderWish::at(level, slot, wish));
        Self { order, since, until, intent, items: items.into_iter().map(wish).collect() }
    }
}

impl From<OrderAsk> for crate::OrderAsk {
    fn from(ask: OrderAsk) -> Self {
        let OrderAsk { order, since, until, intent, items } = ask;
        let items = items.into_iter().map(|(item, wish)| (item, wish.into())).collect();
        Self { order, since, until, intent, items }
    }
}

impl OrderWish {
    /// The shape that is written under this level, of what a slot is asked.
    pub(in crate::stored) fn at(level: Level, slot: SlotId, wish: crate::OrderWish) -> Self {
        match wish {
            crate::OrderWish::New(promised) => Self::New(Box::new(Promised::at(level, slot, *promised))),
            crate::OrderWish::Adopt { booking, customer } => Self::Adopt { booking, customer },
        }
    }
}

impl From<OrderWish> for crate::OrderWish {
    fn from(wish: OrderWish) -> Self {
        match wish {
            OrderWish::New(promised) => Self::New(Box::new((*promised).into())),
            OrderWish::Adopt { booking, customer } => Self::Adopt { booking, customer },
        }
    }
}

impl From<crate::Collected> for Collected {
    fn from(collected: crate::Collected) -> Self {
        let crate::Collected { held, not } = collected;
        let held = held.into_iter().map(|(item, charge)| (item, charge.into())).collect();
        Self { held, not: not.into_iter().map(|(item, why)| (item, why.into())).collect() }
    }
}

impl From<Collected> for crate::Collected {
    fn from(collected: Collected) -> Self {
        let Collected { held, not } = collected;
        let held = held.into_iter().map(|(item, charge)| (item, charge.into())).collect();
        Self { held, not: not.into_iter().map(|(item, why)| (item, why.into())).collect() }
    }
}

impl From<crate::Charge> for Charge {
    fn from(charge: crate::Charge) -> Self {
        let crate::Charge { amount, currency } = charge;
        Self { amount, currency: currency.map(|currency| currency.0) }
    }
}

impl From<Charge> for crate::Charge {
    fn from(charge: Charge) -> Self {
        let Charge { amount, currency } = charge;
        Self { amount, currency: currency.map(crate::Currency) }
    }
}

impl From<crate::NotBooked> for NotBooked {
    fn from(why: crate::NotBooked) -> Self {
        use crate::NotBooked;
        match why {
            NotBooked::Outdated => Self::Outdated,
            NotBooked::Known => Self::Known,
            NotBooked::NotFound => Self::NotFound,
            NotBooked::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl From<NotBooked> for crate::NotBooked {
    fn from(why: NotBooked) -> Self {
        match why {
            NotBooked::Outdated => Self::Outdated,
            NotBooked::Known => Self::Known,
            NotBooked::NotFound => Self::NotFound,
            NotBooked::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl From<crate::OrderDeed> for OrderDeed {
    fn from(what: crate::OrderDeed) -> Self {
        use crate::OrderDeed;
        match what {
            OrderDeed::Confirm => Self::Confirm,
            OrderDeed::Prolong(until) => Self::Prolong(until),
            OrderDeed::Release(by) => Self::Release(by),
        }
    }
}

impl From<OrderDeed> for crate::OrderDeed {
    fn from(what: OrderDeed) -> Self {
        match what {
            OrderDeed::Confirm => Self::Confirm,
            OrderDeed::Prolong(until) => Self::Prolong(until),
            OrderDeed::Release(by) => Self::Release(by),
        }
    }
}

mirror!(OrderAct { order, bookings, what });
