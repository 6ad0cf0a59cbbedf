//! Changing a slot while it sells, with all that follows for those who hold and wait, in one step.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::limits::CALENDAR_SPAN_SECONDS_MAX;
use crate::slot::inventory::calendar::Hours;
use crate::slot::rules::credits::{self, Why};
use crate::slot::rules::lapse::lapse;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::step::Step;
use crate::{
    Definition, Lengths, MapChange, Number, OnAccount, Refusal, Slot, SlotChange, Standing, Timestamp, Told,
};

/// Makes the slot what it is to be. Deadlines that run stay as they are, and a limit that is lowered binds new requests only; who
/// waits for more than there is now, or on a list that there is no longer, waits no more; and an end that has passed by now ends
/// everything that is not confirmed.
pub(crate) fn change_slot(slot: &mut Slot, step: &mut Step, change: &SlotChange) -> RuleResult {
    if !change.is_for(&slot.definition) {
        return Err(Refusal::Malformed.into());
    }
    if change.is_outdated(&slot.definition) {
        return Err(Denied::Outdated);
    }
    let new = change.made_to(&slot.definition)?;
    may_become(slot, &new)?;
    let reopened = reopened(slot, &new, change)?;
    if new == *slot.definition && reopened.is_none() {
        return Ok(Effect::SlotUnchanged);
    }
    if let Some(map) = change.map.as_deref().filter(|map| !is_map_of(slot, map)) {
        redraw(slot, step, map)?;
    }
    slot.redefine(Arc::new(new));
    if let Some((hours, until)) = reopened {
        slot.ledger.reopen(hours, until);
    }
    for number in unservable(slot) {
        credits::end(slot, number, Why::Taken);
        slot.ledger.change(number, Standing::Cancelled { at: step.at });
        step.changed.mark_changed(number);
    }
    lapse(slot, step);
    Ok(Effect::SlotChanged)
}

/// Whether this slot can be like this.
fn may_become(slot: &Slot, new: &Definition) -> Result<(), Refused> {
    if new.ends_at <= new.starts_at {
        return Err(Refusal::EndsTooEarly.into());
    }
    if new.sale.closes_at.is_some_and(|closes_at| new.closes_by() < closes_at) {
        return Err(Refusal::ClosesTooLate.into());
    }
    if new.sale.opens_at.is_some_and(|opens_at| new.closes_at() <= opens_at) {
        return Err(Refusal::OpensTooLate.into());
    }
    may_be_calendar(new)?;
    may_ask(slot, new)?;
    if slot.cancelled {
        return Err(Refusal::SlotCancelled.into());
    }
    slot.ledger.may_become(&slot.definition, new)
}

/// Refuses to ask a merchant for something else while anything is booked; of what it asks already, the terms may change.
fn may_ask(slot: &Slot, new: &Definition) -> Result<(), Refusal> {
    let (old, new_asks) = (slot.definition.policy.on_account, new.policy.on_account);
    if new_asks.is_some() && new.calendar().is_some() {
        return Err(Refusal::Malformed);
    }
    let asks = |asked: Option<OnAccount>| {
        asked.map_or((false, false), |asked| (asked.credits.is_some(), asked.placement_limit))
    };
    let mut bookings = slot.ledger.bookings().after(None);
    if asks(old) != asks(new_asks) && bookings.any(|booking| !booking.standing.status().is_over()) {
        return Err(Refusal::PolicyInUse);
    }
    Ok(())
}

/// Refuses what a calendar can never be, if it is one.
pub(crate) fn may_be_calendar(new: &Definition) -> Result<(), Refusal> {
    let Some(calendar) = new.calendar() else { return Ok(()) };
    let Lengths { grid_seconds, minimum_seconds, maximum_seconds, .. } = calendar.lengths;
    if new.ends_at <= new.starts_at {
        return Err(Refusal::EndsTooEarly);
    }
    if new.starts_at.plus_seconds(CALENDAR_SPAN_SECONDS_MAX) < new.ends_at {
        return Err(Refusal::SpanTooLong);
    }
    if minimum_seconds == 0 || !minimum_seconds.is_multiple_of(grid_seconds) {
        return Err(Refusal::MinimumOffGrid);
    }
    if maximum_seconds < minimum_seconds || !maximum_seconds.is_multiple_of(grid_seconds) {
        return Err(Refusal::MaximumOffGrid);
    }
    if !calendar.is_small_enough() {
        return Err(Refusal::CalendarTooLarge);
    }
    Ok(())
}

/// When a calendar is open from now on, and up to when that is known, if that changes. What comes of another rule or span than the slot
/// has after the change is not used: who made it looks again.
fn reopened(
    slot: &Slot,
    new: &Definition,
    change: &SlotChange,
) -> Result<Option<(Hours, Timestamp)>, Denied> {
    if new.calendar().is_none() {
        return Ok(None);
    }
    let basis = new.openings_basis();
    match change.calendar.as_deref().and_then(|change| change.openings.as_ref()) {
        Some(of) if of.basis == basis => {
            let hours = Hours::new(of.openings.each.clone()).map_err(|_too_many| Refusal::TooManyOpenings)?;
            Ok(Some((hours, of.openings.until)))
        }
        None if slot.definition.openings_basis() == basis => Ok(None),
        Some(_) | None => Err(Denied::Outdated),
    }
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
