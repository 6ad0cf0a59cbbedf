//! Changing a slot while it sells, with all that follows for those who hold and wait, in one step.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::rules::lapse::lapse;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Definition, MapChange, Number, Refusal, Slot, SlotChange, Standing, Told};

/// Makes the slot what it is to be. Deadlines that run stay as they are, and a limit that is lowered binds new requests only; who
/// waits for more than there is now, or on a list that there is no longer, waits no more; and an end that has passed by now ends
/// everything that is not confirmed.
pub(crate) fn change_slot(slot: &mut Slot, step: &mut Step, change: &SlotChange) -> RuleResult {
    if !change.is_for(&slot.definition) {
        return Err(Refusal::Malformed.into());
    }
    let new = change.made_to(&slot.definition)?;
    may_become(slot, &new)?;
    if new == *slot.definition {
        return Ok(Effect::SlotUnchanged);
    }
    if let Some(map) = change.map.as_deref().filter(|map| !is_map_of(slot, map)) {
        redraw(slot, step, map)?;
    }
    slot.redefine(Arc::new(new));
    for number in unservable(slot) {
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
    if !slot.ledger.may_become(&slot.definition, new) {
        return Err(Refusal::CapacityInUse);
    }
    Ok(())
}

/// Whether the slot is sold by this map already.
fn is_map_of(slot: &Slot, change: &MapChange) -> bool {
    slot.ledger.tally().inventory().house().is_some_and(|house| house.map() == change.map)
}

/// Sells by another map, if everything that is taken is in it. Nothing has changed where it is not.
fn redraw(slot: &mut Slot, step: &mut Step, change: &MapChange) -> Result<(), Denied> {
    if slot.ledger.tally().inventory().house().is_none_or(|house| house.map() != change.from) {
        return Err(Denied::Outdated);
    }
    let seats = slot.ledger.redrawn(change).map_err(Denied::Refused)?;
    slot.keep_as_made();
    slot.ledger.redraw(change, seats);
    step.changed.tell(Told::Map(change.map));
    Ok(())
}

/// Those who could never be served any more, the head first.
fn unservable(slot: &Slot) -> Vec<Number> {
    let (bookings, inventory) = (slot.ledger.bookings(), slot.ledger.tally().inventory());
    let waits_in_vain = |number: &Number| {
        slot.definition.policy.waitlist.is_none()
            || !inventory.could_ever_serve(&bookings.get_whole(*number).claim())
    };
    slot.ledger.tally().waitlist().iter().filter(waits_in_vain).collect()
}
