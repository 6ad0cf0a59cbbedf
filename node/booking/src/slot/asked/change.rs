//! What an organizer changes of a slot: what is left out stays as it is.
//!
//! A change is merged where it is applied, behind the log, so that two changes at the same time are both made.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use alloc::boxed::Box;

use crate::{
    AccountChange, CalendarChange, ConfirmedBy, MapChange, Order, Promotion, SinglesChange, TariffChange,
    Timestamp,
};

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
    /// How many units it has, if it has units.
    pub capacity: Option<u32>,
    /// What is held of single seats, if it has seats.
    pub singles: Option<SinglesChange>,
    /// By which map it is sold, if it has seats. Boxed: rare, and large.
    pub map: Option<Box<MapChange>>,
    /// What its calendar is, if it is one. Boxed likewise.
    pub calendar: Option<Box<CalendarChange>>,
    /// What it is sold as, and for how much. Boxed like the map.
    pub tariff: Option<Box<TariffChange>>,
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
    /// What it asks of its merchant.
    pub on_account: Option<AccountChange>,
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
