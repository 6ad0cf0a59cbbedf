//! Giving seats of a booking for others, adding some, or giving some back. What is freed goes to the waitlist in the same step.

use crate::slot::inventory::seats::QUANTITY_MAX;
use crate::slot::rules::act::{held, touched};
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Asker, Booking, Kind, Party, Refusal, Slot, Standing, SwapSeats};

/// Gives a booking other seats, within its category: a customer their own while it is held, the organizer anyone's also when it is
/// confirmed. All that is asked, or nothing; a hold's deadline stays. Where it has these seats already, nothing has changed.
pub(crate) fn swap_seats(slot: &mut Slot, step: &mut Step, asked: &SwapSeats) -> RuleResult {
    let booking = swappable(slot, asked)?;
    let inventory = slot.ledger.tally().inventory();
    let (Some(house), Some(claim)) = (inventory.house(), booking.seats.as_deref()) else {
        return Err(Refusal::Malformed.into());
    };
    if house.map() != asked.map {
        return Err(Denied::Outdated);
    }
    let had = &claim.seating.places;
    let grown = asked.swap.add.len().saturating_sub(asked.swap.drop.len());
    may_grow(slot, &booking, grown)?;
    let by = match asked.act.by {
        Party::Customer(_) => Asker::Customer,
        Party::Organizer => Asker::Organizer,
    };
    let places = house.swap(had, &asked.swap, by, slot.order())?;
    let number = booking.record.number;
    if places == *had {
        return Ok(Effect::BookingUnchanged(number));
    }
    slot.ledger.reseat(number, places);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Reseated))
}

/// The booking, if its seats can be given for others by who asks.
fn swappable(slot: &Slot, asked: &SwapSeats) -> Result<Booking, Denied> {
    let booking = touched(slot, &asked.act)?;
    let is_the_organizers = booking.standing == Standing::Confirmed && asked.act.by == Party::Organizer;
    if !is_the_organizers {
        held(slot, &asked.act)?;
    }
    Ok(slot.ledger.bookings().whole(booking).to_owned())
}

/// Whether the booking may be for so many more, and its customer have them.
fn may_grow(slot: &Slot, booking: &Booking, grown: usize) -> Result<(), Refusal> {
    if grown == 0 {
        return Ok(());
    }
    if (QUANTITY_MAX as usize) < booking.record.quantity as usize + grown {
        return Err(Refusal::QuantityTooLarge);
    }
    let Some(limit) = slot.definition.policy.customer_limit else { return Ok(()) };
    let wanted = slot.ledger.tally().units_of(&booking.record.customer).saturating_add(grown as u64);
    if u64::from(limit) < wanted { Err(Refusal::CustomerLimit) } else { Ok(()) }
}
