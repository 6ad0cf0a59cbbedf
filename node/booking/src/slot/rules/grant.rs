//! What a booking becomes when its places are given.

use core::num::NonZeroU32;

use crate::limits::HOLD_SECONDS_EXTENDED_MAX;
use crate::slot::state::booking::BookingRef;
use crate::{Bill, BookingRecord, ConfirmedBy, Definition, Mode, Standing, Timestamp, WaitlistPolicy};

/// What a booking is to become when its places are given.
pub(crate) struct Wished {
    pub(crate) mode: Mode,
    pub(crate) hold_seconds: Option<NonZeroU32>,
    /// What is to be paid before it is confirmed.
    pub(crate) owed: u64,
    /// When it begins, if it is a range: nobody holds what has begun, and nobody is offered it.
    pub(crate) begins: Option<Timestamp>,
}

impl Wished {
    /// What a booking that has waited is to become, which costs this: whoever asked for it, it is paid for first.
    pub(crate) fn by(booking: BookingRef<'_>, bill: Option<&Bill>) -> Self {
        let BookingRecord { mode, hold_seconds, .. } = *booking.record;
        let owed = bill.and_then(Bill::amount).unwrap_or(0);
        Self { mode, hold_seconds, owed, begins: booking.begins() }
    }
}

/// Confirmed, if that is asked for, nothing is owed and the customer may; otherwise held, for as long as was wished and the policy
/// allows, and never for no time at all.
pub(crate) fn grant(definition: &Definition, wished: &Wished, at: Timestamp) -> Standing {
    let policy = &definition.policy;
    match (wished.mode, policy.confirmed_by, wished.owed) {
        (Mode::Confirm, ConfirmedBy::Customer, 0) => Standing::Confirmed,
        (Mode::Hold | Mode::Confirm, ConfirmedBy::Customer | ConfirmedBy::Organizer, _) => {
            let hold_seconds = wished.hold_seconds;
            let seconds = hold_seconds.map_or(policy.hold_seconds, NonZeroU32::get);
            let seconds = seconds.min(policy.hold_seconds_max).clamp(1, HOLD_SECONDS_EXTENDED_MAX);
            hold(at, ended_by(at.plus_seconds(seconds), definition, wished.begins))
        }
    }
}

/// Offered, for as long as the policy says.
pub(crate) fn offer(
    definition: &Definition,
    waitlist: &WaitlistPolicy,
    begins: Option<Timestamp>,
    at: Timestamp,
) -> Standing {
    let until = at.plus_seconds(waitlist.offer_seconds.max(1));
    Standing::Offered { until: ended_by(until, definition, begins) }
}

/// A deadline, or the slot's end or the range's beginning, if that comes first.
pub(crate) fn ended_by(until: Timestamp, definition: &Definition, begins: Option<Timestamp>) -> Timestamp {
    until.min(definition.ends_at).min(begins.unwrap_or(definition.ends_at))
}

/// Held between two moments, which are no further apart than the longest hold.
pub(crate) fn hold(since: Timestamp, until: Timestamp) -> Standing {
    let lasts_ms = u32::try_from(until.0.saturating_sub(since.0)).expect("the longest hold fits");
    Standing::Held { until, lasts_ms }
}
