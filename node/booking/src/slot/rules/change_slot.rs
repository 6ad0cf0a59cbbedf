//! Changing a slot while it sells, with all that follows for those who hold and wait, in one step.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::inventory::Inventory;
use crate::slot::rules::lapse::lapse;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Definition, Number, Refusal, Slot, SlotChange, Standing};

/// Makes the slot what it is to be. Deadlines that run stay as they are, and a limit that is lowered binds new requests only; who
/// waits for more than there is now, or on a list that there is no longer, waits no more; and an end that has passed by now ends
/// everything that is not confirmed.
pub(crate) fn change_slot(slot: &mut Slot, step: &mut Step, change: &SlotChange) -> RuleResult {
    let new = change.made_to(&slot.definition);
    may_become(slot, &new)?;
    if new == *slot.definition {
        return Ok(Effect::SlotUnchanged);
    }
    let unservable = unservable(slot, &new);
    slot.redefine(Arc::new(new));
    for number in unservable {
        slot.ledger.change(number, Standing::Cancelled { at: step.at });
        step.changed.mark_changed(number);
    }
    lapse(slot, step);
    Ok(Effect::SlotChanged)
}

/// Whether this slot can be like this.
fn may_become(slot: &Slot, new: &Definition) -> Result<(), Refusal> {
    if new.ends_at <= new.starts_at {
        return Err(Refusal::EndsTooEarly);
    }
    if new.sale.closes_at.is_some_and(|closes_at| new.starts_at < closes_at) {
        return Err(Refusal::ClosesTooLate);
    }
    if new.sale.opens_at.is_some_and(|opens_at| new.closes_at() <= opens_at) {
        return Err(Refusal::OpensTooLate);
    }
    if slot.cancelled {
        return Err(Refusal::SlotCancelled);
    }
    if !slot.ledger.tally().inventory().may_become(new) {
        return Err(Refusal::CapacityInUse);
    }
    Ok(())
}

/// Those who could never be served any more, the head first.
fn unservable(slot: &Slot, new: &Definition) -> Vec<Number> {
    let bookings = slot.ledger.bookings();
    let waits_in_vain = |number: &Number| {
        new.policy.waitlist.is_none() || !Inventory::could_ever_fit(new, bookings.get(*number).quantity)
    };
    slot.ledger.tally().waitlist().iter().filter(waits_in_vain).collect()
}
