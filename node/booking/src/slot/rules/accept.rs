//! Accepting an offer, or turning it down.

use crate::slot::rules::act::offered;
use crate::slot::rules::grant::grant;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Act, Kind, Slot, Standing};

/// Gives a booking what is offered to it: confirmed or held, as it was asked for once.
pub(crate) fn accept(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    let booking = offered(slot, act)?;
    let (number, standing) =
        (booking.number, grant(&slot.definition, booking.mode, booking.hold_seconds, step.at));
    slot.ledger.change(number, standing);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Accepted))
}

/// Ends a booking that does not want what is offered: it goes to the next in the same step.
pub(crate) fn decline(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    let number = offered(slot, act)?.number;
    slot.ledger.change(number, Standing::Declined { at: step.at });
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Declined))
}
