//! What a booking becomes when its places are given.

use crate::{ConfirmedBy, Mode, Policy, Standing, Timestamp};

/// Confirmed, if that is asked for and the customer may; otherwise held, for as long as was wished and the
/// policy allows, and never for no time at all.
pub(crate) fn grant(policy: &Policy, mode: Mode, hold_seconds: Option<u32>, at: Timestamp) -> Standing {
    match (mode, policy.confirmed_by) {
        (Mode::Confirm, ConfirmedBy::Customer) => Standing::Confirmed,
        (Mode::Hold, _) | (Mode::Confirm, ConfirmedBy::Organizer) => {
            let seconds = hold_seconds.unwrap_or(policy.hold_seconds).min(policy.hold_seconds_max).max(1);
            Standing::Held { until: at.plus_seconds(seconds) }
        }
    }
}
