//! An order as it is saved, and as it is asked for.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::Plan;
use super::asked::{Grant, Reserve};
use super::attempt::Attempt;
use super::refusal::Refusal;
use crate::merchant::{self, OrderStatus, Owner};
use crate::stored::each::each;
use crate::stored::v6::{Charge, NotBooked, OrderWish};
use crate::{Level, Mode, OrderNumber, PackageNumber, PromiseNumber, RequestKey, SlotId, Timestamp};

/// An order.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    number: OrderNumber,
    customer: Box<str>,
    made_at: Timestamp,
    until: Timestamp,
    longest: Timestamp,
    terms: OrderTerms,
    status: OrderStatus,
    refusal: Option<Refusal>,
    items: Vec<OrderItem>,
    currency: Option<[u8; 3]>,
    pending: u32,
    attempts: Vec<Attempt>,
    paid_by: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OrderTerms {
    mode: Mode,
    is_bundle: bool,
    skips: bool,
    expect_amount: Option<u64>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OrderItem {
    what: ItemKind,
    state: ItemState,
    charge: Charge,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ItemKind {
    Booking {
        slot: SlotId,
        booking: RequestKey,
        promise: Option<PromiseNumber>,
        ask: Option<Box<OrderWish>>,
    },
    Package {
        plan: Box<Plan>,
        valid_from: Option<Timestamp>,
        valid_until: Option<Timestamp>,
        granted: Option<PackageNumber>,
    },
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ItemState {
    Waiting,
    Asked,
    Held,
    RefusedByMerchant(Refusal),
    RefusedBySlot(NotBooked),
    Confirmed,
    Over,
    GivenBack,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NewOrder {
    customer: Box<str>,
    items: Vec<NewItem>,
    mode: Mode,
    hold_seconds: u32,
    hold_seconds_max: u32,
    is_bundle: bool,
    skips: bool,
    expect_amount: Option<u64>,
    code: Option<Box<str>>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum NewItem {
    Book(Box<Reserve>),
    Adopt(SlotId, RequestKey),
    Package(Box<Grant>),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OrderAsked {
    customer: Box<str>,
    order: OrderNumber,
    by: Owner,
}

impl Order {
    /// The shape that is written under this level.
    pub(super) fn at(level: Level, order: merchant::Order) -> Self {
        let merchant::Order { number, customer, made_at, until, longest, terms, status, .. } = order;
        let merchant::Order { refusal, items, currency, pending, attempts, paid_by, .. } = order;
        Self {
            number,
            customer,
            made_at,
            until,
            longest,
            terms: terms.into(),
            status,
            refusal: refusal.map(Into::into),
            items: items.into_iter().map(|item| OrderItem::at(level, item)).collect(),
            currency: currency.map(|currency| currency.0),
            pending,
            attempts: each(attempts),
            paid_by,
        }
    }
}

impl From<Order> for merchant::Order {
    fn from(order: Order) -> Self {
        let Order { number, customer, made_at, until, longest, terms, status, .. } = order;
        let Order { refusal, items, currency, pending, attempts, paid_by, .. } = order;
        Self {
            number,
            customer,
            made_at,
            until,
            longest,
            terms: terms.into(),
            status,
            refusal: refusal.map(Into::into),
            items: items.into_iter().map(Into::into).collect(),
            currency: currency.map(crate::Currency),
            pending,
            attempts: each(attempts),
            paid_by,
        }
    }
}

impl OrderItem {
    fn at(level: Level, item: merchant::OrderItem) -> Self {
        let merchant::OrderItem { what, state, charge } = item;
        let what = match what {
            merchant::ItemKind::Booking { slot, booking, promise, ask } => {
                let ask = ask.map(|ask| Box::new(OrderWish::at(level, slot, *ask)));
                ItemKind::Booking { slot, booking, promise, ask }
            }
            merchant::ItemKind::Package(item) => {
                let merchant::PackageItem { plan, valid_from, valid_until, granted } = *item;
                let plan = Box::new(Arc::unwrap_or_clone(plan).into());
                ItemKind::Package { plan, valid_from, valid_until, granted }
            }
        };
        Self { what, state: state.into(), charge: charge.into() }
    }
}

impl From<OrderItem> for merchant::OrderItem {
    fn from(item: OrderItem) -> Self {
        let OrderItem { what, state, charge } = item;
        let what = match what {
            ItemKind::Booking { slot, booking, promise, ask } => {
                let ask = ask.map(|ask| Box::new((*ask).into()));
                merchant::ItemKind::Booking { slot, booking, promise, ask }
            }
            ItemKind::Package { plan, valid_from, valid_until, granted } => {
                let plan = Arc::new((*plan).into());
                merchant::ItemKind::Package(Box::new(merchant::PackageItem {
                    plan,
                    valid_from,
                    valid_until,
                    granted,
                }))
            }
        };
        Self { what, state: state.into(), charge: charge.into() }
    }
}

impl From<merchant::ItemState> for ItemState {
    fn from(state: merchant::ItemState) -> Self {
        use merchant::{ItemRefused, ItemState};
        match state {
            ItemState::Waiting => Self::Waiting,
            ItemState::Asked => Self::Asked,
            ItemState::Held => Self::Held,
            ItemState::Refused(ItemRefused::ByMerchant(refusal)) => Self::RefusedByMerchant(refusal.into()),
            ItemState::Refused(ItemRefused::BySlot(why)) => Self::RefusedBySlot(why.into()),
            ItemState::Confirmed => Self::Confirmed,
            ItemState::Over => Self::Over,
            ItemState::GivenBack => Self::GivenBack,
        }
    }
}

impl From<ItemState> for merchant::ItemState {
    fn from(state: ItemState) -> Self {
        use merchant::ItemRefused;
        match state {
            ItemState::Waiting => Self::Waiting,
            ItemState::Asked => Self::Asked,
            ItemState::Held => Self::Held,
            ItemState::RefusedByMerchant(refusal) => Self::Refused(ItemRefused::ByMerchant(refusal.into())),
            ItemState::RefusedBySlot(why) => Self::Refused(ItemRefused::BySlot(why.into())),
            ItemState::Confirmed => Self::Confirmed,
            ItemState::Over => Self::Over,
            ItemState::GivenBack => Self::GivenBack,
        }
    }
}

impl NewOrder {
    /// The shape that is written under this level.
    pub(super) fn at(level: Level, new: merchant::NewOrder) -> Self {
        let merchant::NewOrder { customer, items, mode, hold_seconds, hold_seconds_max, .. } = new;
        let merchant::NewOrder { is_bundle, skips, expect_amount, code, .. } = new;
        let items = items.into_iter().map(|item| NewItem::at(level, item)).collect();
        Self { customer, items, mode, hold_seconds, hold_seconds_max, is_bundle, skips, expect_amount, code }
    }
}

impl From<NewOrder> for merchant::NewOrder {
    fn from(new: NewOrder) -> Self {
        let NewOrder { customer, items, mode, hold_seconds, hold_seconds_max, .. } = new;
        let NewOrder { is_bundle, skips, expect_amount, code, .. } = new;
        let items = items.into_iter().map(Into::into).collect();
        Self { customer, items, mode, hold_seconds, hold_seconds_max, is_bundle, skips, expect_amount, code }
    }
}

impl NewItem {
    fn at(level: Level, item: merchant::NewItem) -> Self {
        match item {
            merchant::NewItem::Book(reserve) => Self::Book(Box::new(Reserve::at(level, *reserve))),
            merchant::NewItem::Adopt(slot, booking) => Self::Adopt(slot, booking),
            merchant::NewItem::Package(grant) => Self::Package(Box::new((*grant).into())),
        }
    }
}

impl From<NewItem> for merchant::NewItem {
    fn from(item: NewItem) -> Self {
        match item {
            NewItem::Book(reserve) => Self::Book(Box::new((*reserve).into())),
            NewItem::Adopt(slot, booking) => Self::Adopt(slot, booking),
            NewItem::Package(grant) => Self::Package(Box::new((*grant).into())),
        }
    }
}

/// A shape that has the fields of what it is the shape of: conversions in both directions.
macro_rules! alike {
    ($($name:ident { $($field:ident),+ }),+) => {
        $(
            impl From<merchant::$name> for $name {
                fn from(value: merchant::$name) -> Self {
                    let merchant::$name { $($field),+ } = value;
                    Self { $($field),+ }
                }
            }

            impl From<$name> for merchant::$name {
                fn from(value: $name) -> Self {
                    let $name { $($field),+ } = value;
                    Self { $($field),+ }
                }
            }
        )+
    };
}

alike!(OrderTerms { mode, is_bundle, skips, expect_amount }, OrderAsked { customer, order, by });
