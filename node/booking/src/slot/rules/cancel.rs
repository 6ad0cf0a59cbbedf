//! Giving a booking back. Its places go to the waitlist in the same step.

use crate::slot::rules::act::touched;
use crate::slot::rules::credits::{self, Why};
use crate::slot::rules::in_order;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::booking::BookingRef;
use crate::slot::state::step::Step;
use crate::{Act, Kind, LateCancel, Number, Party, Refusal, Slot, Standing, Status, Timestamp};

/// Ends a booking: a customer their own, the organizer anyone's.
pub(crate) fn cancel(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    let booking = touched(slot, act)?;
    if booking.standing.status().is_over() {
        // So is every booking of a cancelled slot.
        return Err(Refusal::AlreadyOver.into());
    }
    in_order::refuse(slot, booking.number)?;
    let whole = slot.ledger.bookings().whole(booking);
    let is_refused = whole.credits.is_none_or(|credits| credits.late_cancel == LateCancel::Refuse);
    if is_refused && is_too_late(slot, step.at, &act.by, whole) {
        return Err(Refusal::TooLate.into());
    }
    let number = booking.number;
    credits::end(slot, number, why(slot, step.at, &act.by, number));
    slot.ledger.change(number, Standing::Cancelled { at: step.at });
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Cancelled))
}

/// Why a booking is over that is cancelled now.
fn why(slot: &Slot, at: Timestamp, by: &Party, number: Number) -> Why {
    let booking = slot.ledger.bookings().get_whole(number);
    match by {
        Party::Organizer => Why::Taken,
        Party::Customer(_) if is_too_late(slot, at, by, booking) => Why::Late,
        Party::Customer(_) => Why::Given,
    }
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
