//! What an organizer changes of a slot.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::{ConfirmedBy, Order, Promotion, Timestamp};

/// What is changed of a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SlotChange {
    title: Option<Box<str>>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    opens_at: Option<Option<Timestamp>>,
    closes_at: Option<Option<Timestamp>>,
    capacity: Option<u32>,
    policy: PolicyChange,
}

/// What is changed of how a slot is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PolicyChange {
    confirmed_by: Option<ConfirmedBy>,
    hold_seconds: Option<u32>,
    hold_seconds_max: Option<u32>,
    customer_limit: Option<Option<u32>>,
    cancel_until_seconds: Option<u32>,
    waitlist: Option<Option<WaitlistChange>>,
}

/// What is changed of a waitlist.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WaitlistChange {
    capacity: Option<u32>,
    promotion: Option<Promotion>,
    offer_seconds: Option<u32>,
    order: Option<Order>,
}

impl From<crate::SlotChange> for SlotChange {
    fn from(change: crate::SlotChange) -> Self {
        let crate::SlotChange {
            title,
            starts_at,
            ends_at,
            opens_at,
            closes_at,
            capacity,
            singles,
            map,
            calendar,
            tariff,
            policy,
        } = change;
        assert!(
            singles.is_none() && map.is_none() && calendar.is_none() && tariff.is_none(),
            "the first version knows units alone"
        );
        Self { title, starts_at, ends_at, opens_at, closes_at, capacity, policy: policy.into() }
    }
}

impl From<SlotChange> for crate::SlotChange {
    fn from(change: SlotChange) -> Self {
        let SlotChange { title, starts_at, ends_at, opens_at, closes_at, capacity, policy } = change;
        let policy = policy.into();
        Self {
            title,
            starts_at,
            ends_at,
            opens_at,
            closes_at,
            capacity,
            singles: None,
            map: None,
            calendar: None,
            tariff: None,
            policy,
        }
    }
}

impl From<crate::PolicyChange> for PolicyChange {
    fn from(change: crate::PolicyChange) -> Self {
        let crate::PolicyChange {
            confirmed_by,
            hold_seconds,
            hold_seconds_max,
            customer_limit,
            cancel_until_seconds,
            waitlist,
            on_account,
        } = change;
        assert!(on_account.is_none(), "the sixth version says what is asked of a merchant");
        let waitlist = waitlist.map(|within| within.map(WaitlistChange::from));
        Self { confirmed_by, hold_seconds, hold_seconds_max, customer_limit, cancel_until_seconds, waitlist }
    }
}

impl From<PolicyChange> for crate::PolicyChange {
    fn from(change: PolicyChange) -> Self {
        let PolicyChange {
            confirmed_by,
            hold_seconds,
            hold_seconds_max,
            customer_limit,
            cancel_until_seconds,
            waitlist,
        } = change;
        let waitlist = waitlist.map(|within| within.map(crate::WaitlistChange::from));
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

impl From<crate::WaitlistChange> for WaitlistChange {
    fn from(change: crate::WaitlistChange) -> Self {
        let crate::WaitlistChange { capacity, promotion, offer_seconds, order } = change;
        Self { capacity, promotion, offer_seconds, order }
    }
}

impl From<WaitlistChange> for crate::WaitlistChange {
    fn from(change: WaitlistChange) -> Self {
        let WaitlistChange { capacity, promotion, offer_seconds, order } = change;
        Self { capacity, promotion, offer_seconds, order }
    }
}
