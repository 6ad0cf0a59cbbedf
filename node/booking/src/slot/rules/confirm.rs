//! Confirming: a hold becomes firm. Its places are its own already, so nothing but its deadline can be in the way.

use crate::slot::rules::act::{held, touched};
use crate::slot::rules::in_order;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Act, Bill, ConfirmedBy, Kind, Number, Party, Refusal, Slot, Standing};

/// Makes a hold firm: a customer's own where customers confirm, and nothing is to be paid for it; the organizer anyone's.
pub(crate) fn confirm(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    match (&act.by, slot.definition.policy.confirmed_by) {
        (Party::Customer(_), ConfirmedBy::Organizer) => return Err(Denied::Forbidden),
        (Party::Customer(_), ConfirmedBy::Customer) | (Party::Organizer, _) => {}
    }
    in_order::refuse(slot, touched(slot, act)?.number)?;
    let number = held(slot, act)?.number;
    if matches!(act.by, Party::Customer(_)) && is_owed(slot, number) {
        return Err(Refusal::PaymentRequired.into());
    }
    slot.ledger.change(number, Standing::Confirmed);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Confirmed))
}

/// Whether a booking costs anything.
fn is_owed(slot: &Slot, number: Number) -> bool {
    let amount = slot.ledger.bookings().get_whole(number).bill().and_then(Bill::amount);
    amount.is_some_and(|amount| 0 < amount)
}
