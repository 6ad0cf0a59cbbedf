//! What a booking becomes when its places are given.

use core::num::NonZeroU32;

use crate::limits::HOLD_SECONDS_EXTENDED_MAX;
use crate::{ConfirmedBy, Definition, Mode, Standing, Timestamp, WaitlistPolicy};

/// Confirmed, if that is asked for and the customer may; otherwise held, for as long as was wished and the
/// policy allows, and never for no time at all.
pub(crate) fn grant(
    definition: &Definition,
    mode: Mode,
    hold_seconds: Option<NonZeroU32>,
    at: Timestamp,
) -> Standing {
    let policy = &definition.policy;
    match (mode, policy.confirmed_by) {
        (Mode::Confirm, ConfirmedBy::Customer) => Standing::Confirmed,
        (Mode::Hold, _) | (Mode::Confirm, ConfirmedBy::Organizer) => {
            let seconds = hold_seconds.map_or(policy.hold_seconds, NonZeroU32::get);
            let seconds = seconds.min(policy.hold_seconds_max).clamp(1, HOLD_SECONDS_EXTENDED_MAX);
            hold(at, at.plus_seconds(seconds).min(definition.ends_at))
        }
    }
}

/// Offered, for as long as the policy says.
pub(crate) fn offer(definition: &Definition, waitlist: &WaitlistPolicy, at: Timestamp) -> Standing {
    let until = at.plus_seconds(waitlist.offer_seconds.max(1));
    Standing::Offered { until: until.min(definition.ends_at) }
}

/// Held between two moments, which are no further apart than the longest hold.
pub(crate) fn hold(since: Timestamp, until: Timestamp) -> Standing {
    let lasts_ms = u32::try_from(until.0.saturating_sub(since.0)).expect("the longest hold fits");
    Standing::Held { until, lasts_ms }
}
