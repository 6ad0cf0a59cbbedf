//! What an organizer changes of a slot: what is left out stays as it is.
//!
//! A change is merged where it is applied, behind the log, so that two changes at the same time are both made.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use alloc::boxed::Box;

use crate::limits::Rules;
use crate::{ConfirmedBy, Definition, Order, Policy, Promotion, Sale, Timestamp, WaitlistPolicy};

/// What is changed of a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotChange {
    /// What people read.
    pub title: Option<Box<str>>,
    /// When it starts.
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// When the sale opens; none within is at once.
    pub opens_at: Option<Option<Timestamp>>,
    /// When the sale closes; none within is when the slot starts.
    pub closes_at: Option<Option<Timestamp>>,
    /// How many units it has.
    pub capacity: Option<u32>,
    /// How it is sold.
    pub policy: PolicyChange,
}

/// What is changed of how a slot is sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyChange {
    /// Who confirms.
    pub confirmed_by: Option<ConfirmedBy>,
    /// How long a hold lasts that says nothing else, in seconds.
    pub hold_seconds: Option<u32>,
    /// How long a hold may last, in seconds from its beginning.
    pub hold_seconds_max: Option<u32>,
    /// How many units one customer may have; none within is no limit.
    pub customer_limit: Option<Option<u32>>,
    /// How long before the start a customer's confirmed bookings can no longer be cancelled, in seconds.
    pub cancel_until_seconds: Option<u32>,
    /// Who waits once it is full; none within is no waitlist.
    pub waitlist: Option<Option<WaitlistChange>>,
}

/// What is changed of a waitlist; where there was none, of the usual one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitlistChange {
    /// How many bookings may wait.
    pub capacity: Option<u32>,
    /// What becomes of a waiter whose turn it is.
    pub promotion: Option<Promotion>,
    /// How long an offer is open, in seconds.
    pub offer_seconds: Option<u32>,
    /// Whose turn it is.
    pub order: Option<Order>,
}

impl SlotChange {
    /// The slot as it is to be.
    pub(crate) fn made_to(&self, old: &Definition, rules: &Rules) -> Definition {
        Definition {
            organizer: old.organizer.clone(),
            placement: old.placement.clone(),
            title: self.title.clone().unwrap_or_else(|| old.title.clone()),
            starts_at: self.starts_at.unwrap_or(old.starts_at),
            ends_at: self.ends_at.unwrap_or(old.ends_at),
            sale: Sale {
                opens_at: self.opens_at.unwrap_or(old.sale.opens_at),
                closes_at: self.closes_at.unwrap_or(old.sale.closes_at),
            },
            capacity: self.capacity.unwrap_or(old.capacity),
            policy: self.policy.made_to(&old.policy, rules),
            secret: old.secret,
        }
    }
}

impl PolicyChange {
    fn made_to(&self, old: &Policy, rules: &Rules) -> Policy {
        Policy {
            confirmed_by: self.confirmed_by.unwrap_or(old.confirmed_by),
            hold_seconds: self.hold_seconds.unwrap_or(old.hold_seconds),
            hold_seconds_max: self.hold_seconds_max.unwrap_or(old.hold_seconds_max),
            customer_limit: self.customer_limit.unwrap_or(old.customer_limit),
            cancel_until_seconds: self.cancel_until_seconds.unwrap_or(old.cancel_until_seconds),
            waitlist: match self.waitlist {
                None => old.waitlist,
                Some(None) => None,
                Some(Some(change)) => Some(change.made_to(&old.waitlist.unwrap_or(rules.waitlist_default))),
            },
        }
    }
}

impl WaitlistChange {
    fn made_to(&self, old: &WaitlistPolicy) -> WaitlistPolicy {
        WaitlistPolicy {
            capacity: self.capacity.unwrap_or(old.capacity),
            promotion: self.promotion.unwrap_or(old.promotion),
            offer_seconds: self.offer_seconds.unwrap_or(old.offer_seconds),
            order: self.order.unwrap_or(old.order),
        }
    }
}
