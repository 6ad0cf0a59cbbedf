//! Giving some of a booking's places back, or wanting fewer. What is freed goes to the waitlist in the same step, and so may a
//! waiter that wants less.

use crate::slot::rules::act::touched;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{BookingRecord, ChangeQuantity, Kind, Party, Refusal, Slot, Standing};

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
    slot.ledger.reduce(number, change.quantity);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::QuantityChanged))
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
