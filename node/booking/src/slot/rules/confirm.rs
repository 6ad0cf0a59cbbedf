//! Confirming: a hold becomes firm. Its places are its own already, so nothing but its deadline can be in the way.

use crate::slot::rules::act::held;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Act, ConfirmedBy, Kind, Party, Slot, Standing};

/// Makes a hold firm: a customer's own where customers confirm; the organizer anyone's.
pub(crate) fn confirm(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    match (&act.by, slot.definition.policy.confirmed_by) {
        (Party::Customer(_), ConfirmedBy::Organizer) => return Err(Denied::Forbidden),
        (Party::Customer(_), ConfirmedBy::Customer) | (Party::Organizer, _) => {}
    }
    let number = held(slot, act)?.number;
    slot.ledger.change(number, Standing::Confirmed);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Confirmed))
}
