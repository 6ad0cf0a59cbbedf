//! Giving a booking back. Its places go to the waitlist in the same step.

use crate::rules::{Denied, Done, Verdict};
use crate::step::Step;
use crate::{BookingRecord, CancelBooking, Party, Refusal, Slot, Standing, Status, Timestamp};

/// Ends a booking: a customer their own, the organizer anyone's.
pub(crate) fn cancel(slot: &mut Slot, step: &mut Step, asked: &CancelBooking) -> Verdict {
    let booking = slot.ledger.bookings().by_request(asked.booking).ok_or(Denied::NotFound)?;
    if !may_touch(&asked.by, booking) {
        return Err(Denied::NotFound);
    }
    if booking.standing.status().is_over() {
        // So is every booking of a cancelled slot.
        return Err(Refusal::AlreadyOver.into());
    }
    if is_too_late(slot, step.at, &asked.by, booking) {
        return Err(Refusal::TooLate.into());
    }
    let number = booking.number;
    slot.ledger.change(number, Standing::Cancelled);
    step.note_asked(number);
    Ok(Done::Cancelled(number))
}

/// Whether the booking is there at all for who asks: what is another's is as if it were not.
fn may_touch(by: &Party, booking: &BookingRecord) -> bool {
    match by {
        Party::Customer(customer) => *customer == booking.customer,
        Party::Organizer => true,
    }
}

/// Whether a customer asks for what is confirmed too close to the start. Whoever holds or waits may always
/// leave.
fn is_too_late(slot: &Slot, at: Timestamp, by: &Party, booking: &BookingRecord) -> bool {
    match by {
        Party::Customer(_) => {
            booking.standing.status() == Status::Confirmed && slot.definition.cancel_until() <= at
        }
        Party::Organizer => false,
    }
}
