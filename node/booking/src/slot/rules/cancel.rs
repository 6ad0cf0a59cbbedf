//! Giving a booking back. Its places go to the waitlist in the same step.

use crate::slot::rules::act::touched;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::booking::BookingRef;
use crate::slot::state::step::Step;
use crate::{Act, Kind, Party, Refusal, Slot, Standing, Status, Timestamp};

/// Ends a booking: a customer their own, the organizer anyone's.
pub(crate) fn cancel(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    let booking = touched(slot, act)?;
    if booking.standing.status().is_over() {
        // So is every booking of a cancelled slot.
        return Err(Refusal::AlreadyOver.into());
    }
    if is_too_late(slot, step.at, &act.by, slot.ledger.bookings().whole(booking)) {
        return Err(Refusal::TooLate.into());
    }
    let number = booking.number;
    slot.ledger.change(number, Standing::Cancelled { at: step.at });
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Cancelled))
}

/// Whether a customer asks for what is confirmed too close to the start of the slot, or of the range that was booked. Whoever holds or
/// waits may always leave.
pub(crate) fn is_too_late(slot: &Slot, at: Timestamp, by: &Party, booking: BookingRef<'_>) -> bool {
    match by {
        Party::Customer(_) => {
            booking.status() == Status::Confirmed && slot.definition.cancel_until(booking.begins()) <= at
        }
        Party::Organizer => false,
    }
}
