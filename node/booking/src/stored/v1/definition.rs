//! What an organizer says of a slot.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::{ConfirmedBy, Order, Promotion, Secret, Timestamp};

/// A slot as its organizer defined it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Definition {
    organizer: Box<str>,
    placement: Option<Box<str>>,
    title: Box<str>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    sale: Sale,
    capacity: u32,
    policy: Policy,
    secret: Secret,
}

/// When a slot is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Sale {
    opens_at: Option<Timestamp>,
    closes_at: Option<Timestamp>,
}

/// How a slot is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Policy {
    confirmed_by: ConfirmedBy,
    hold_seconds: u32,
    hold_seconds_max: u32,
    customer_limit: Option<u32>,
    cancel_until_seconds: u32,
    waitlist: Option<WaitlistPolicy>,
}

/// Who waits, and how they are served.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WaitlistPolicy {
    capacity: u32,
    promotion: Promotion,
    offer_seconds: u32,
    order: Order,
}

impl From<crate::Definition> for Definition {
    fn from(definition: crate::Definition) -> Self {
        let crate::Definition {
            organizer,
            placement,
            title,
            starts_at,
            ends_at,
            sale,
            stock,
            tariff,
            policy,
            secret,
        } = definition;
        assert!(tariff.is_none(), "the first version knows nothing of products");
        let crate::Stock::Units { capacity } = stock else {
            unreachable!("the first version knows units alone")
        };
        let (sale, policy) = (sale.into(), policy.into());
        Self { organizer, placement, title, starts_at, ends_at, sale, capacity, policy, secret }
    }
}

impl From<Definition> for crate::Definition {
    fn from(definition: Definition) -> Self {
        let Definition { organizer, placement, title, starts_at, ends_at, sale, capacity, policy, secret } =
            definition;
        let (sale, policy) = (sale.into(), policy.into());
        let stock = crate::Stock::Units { capacity };
        Self { organizer, placement, title, starts_at, ends_at, sale, stock, tariff: None, policy, secret }
    }
}

impl From<crate::Sale> for Sale {
    fn from(sale: crate::Sale) -> Self {
        let crate::Sale { opens_at, closes_at } = sale;
        Self { opens_at, closes_at }
    }
}

impl From<Sale> for crate::Sale {
    fn from(sale: Sale) -> Self {
        let Sale { opens_at, closes_at } = sale;
        Self { opens_at, closes_at }
    }
}

impl From<crate::Policy> for Policy {
    fn from(policy: crate::Policy) -> Self {
        let crate::Policy {
            confirmed_by,
            hold_seconds,
            hold_seconds_max,
            customer_limit,
            cancel_until_seconds,
            waitlist,
            on_account,
        } = policy;
        assert!(on_account.is_none(), "the sixth version says what is asked of a merchant");
        let waitlist = waitlist.map(WaitlistPolicy::from);
        Self { confirmed_by, hold_seconds, hold_seconds_max, customer_limit, cancel_until_seconds, waitlist }
    }
}

impl From<Policy> for crate::Policy {
    fn from(policy: Policy) -> Self {
        let Policy {
            confirmed_by,
            hold_seconds,
            hold_seconds_max,
            customer_limit,
            cancel_until_seconds,
            waitlist,
        } = policy;
        let waitlist = waitlist.map(crate::WaitlistPolicy::from);
        Self {
            confirmed_by,
            hold_seconds,
            hold_seconds_max,
            customer_limit,
            cancel_until_seconds,
            waitlist,
            on_account: None,
        }
    }
}

impl From<crate::WaitlistPolicy> for WaitlistPolicy {
    fn from(waitlist: crate::WaitlistPolicy) -> Self {
        let crate::WaitlistPolicy { capacity, promotion, offer_seconds, order } = waitlist;
        Self { capacity, promotion, offer_seconds, order }
    }
}

impl From<WaitlistPolicy> for crate::WaitlistPolicy {
    fn from(waitlist: WaitlistPolicy) -> Self {
        let WaitlistPolicy { capacity, promotion, offer_seconds, order } = waitlist;
        Self { capacity, promotion, offer_seconds, order }
    }
}
