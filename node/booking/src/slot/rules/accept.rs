//! Accepting an offer, or turning it down.

use alloc::sync::Arc;

use crate::slot::inventory::allocation::Allocation;
use crate::slot::rules::act::offered;
use crate::slot::rules::credits::{self, Why};
use crate::slot::rules::grant::{Wished, grant};
use crate::slot::rules::vouchers;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Act, Bill, Kind, Number, Refusal, Slot, Standing};

/// Gives a booking what is offered to it: confirmed or held, as it was asked for once, at what it costs now.
pub(crate) fn accept(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    let number = offered(slot, act)?.number;
    let bill = bill_now(slot, number)?;
    let booking = slot.ledger.bookings().get_whole(number);
    let standing = grant(&slot.definition, &Wished::by(booking, bill.as_deref()), step.at);
    slot.ledger.charge(number, standing, bill);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Accepted))
}

/// What a booking that has its places costs now. By another map than the one of its offer they may be of several categories: each
/// costs what it does in its own.
fn bill_now(slot: &Slot, number: Number) -> Result<Option<Arc<Bill>>, Refusal> {
    let (booking, inventory) = (slot.ledger.bookings().get_whole(number), slot.ledger.tally().inventory());
    let cart = inventory.itemized(booking.bill(), booking.record.quantity);
    let places = booking.seats.map(|claim| Allocation::Seats(claim.seating.places.clone()));
    let bill = inventory.bill(&cart, &places.unwrap_or(Allocation::Units))?;
    Ok(vouchers::discounted(vouchers::of(slot, number), bill))
}

/// Ends a booking that does not want what is offered: it goes to the next in the same step.
pub(crate) fn decline(slot: &mut Slot, step: &mut Step, act: &Act) -> RuleResult {
    let number = offered(slot, act)?.number;
    credits::end(slot, number, Why::Given);
    slot.ledger.change(number, Standing::Declined { at: step.at });
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Declined))
}
