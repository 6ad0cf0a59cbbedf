//! Giving some of a booking's places back, or wanting fewer. What is freed goes to the waitlist in the same step, and so may a
//! waiter that wants less.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::slot::rules::act::touched;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{
    BookingRecord, ChangeQuantity, Kind, Number, Party, Places, Refusal, SeatsClaim, Slot, Standing,
};

/// Makes a booking be for fewer: a customer their own, while it is held or waits; the organizer anyone's, also a confirmed one. A
/// hold's deadline stays. Where it is for so many already, nothing has changed.
pub(crate) fn change_quantity(slot: &mut Slot, step: &mut Step, change: &ChangeQuantity) -> RuleResult {
    let booking = touched(slot, &change.act)?;
    if booking.quantity < change.quantity.get() {
        return Err(Refusal::MoreThanBooked.into());
    }
    may_change(&change.act.by, booking)?;
    let number = booking.number;
    if booking.quantity == change.quantity.get() {
        return Ok(Effect::BookingUnchanged(number));
    }
    reduce(slot, number, change.quantity)?;
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::QuantityChanged))
}

/// Gives back what a booking has too much of, or wants less. Seats are told apart, and so are places of different areas: of those
/// it is asked which.
fn reduce(slot: &mut Slot, number: Number, quantity: NonZeroU32) -> Result<(), Refusal> {
    let booking = slot.ledger.bookings().get_whole(number);
    match booking.seats {
        Some(SeatsClaim { waits_for: None, seating, .. }) => {
            let places = &seating.places;
            let [(area, _)] = places.areas() else { return Err(Refusal::SeatsUnnamed) };
            if !places.seats().is_empty() {
                return Err(Refusal::SeatsUnnamed);
            }
            let fewer = Places::new(Vec::new(), Vec::from([(*area, quantity.get())]));
            slot.ledger.reseat(number, fewer.expect("one place of an area at least"));
        }
        None | Some(_) => slot.ledger.reduce(number, quantity),
    }
    Ok(())
}

/// Whether a booking that stands like this is for whoever asks to make smaller. An offer is taken whole or declined.
fn may_change(by: &Party, booking: &BookingRecord) -> Result<(), Refusal> {
    match (booking.standing, by) {
        (Standing::Held { .. } | Standing::Waitlisted, _) | (Standing::Confirmed, Party::Organizer) => Ok(()),
        (Standing::Offered { .. }, _) | (Standing::Confirmed, Party::Customer(_)) => Err(Refusal::NotHeld),
        (Standing::Cancelled { .. } | Standing::Declined { .. } | Standing::Expired { .. }, _) => {
            Err(Refusal::AlreadyOver)
        }
    }
}
