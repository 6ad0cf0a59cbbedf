//! Giving some of a booking's places back, or wanting fewer. What is freed goes to the waitlist in the same step, and so may a
//! waiter that wants less.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::slot::rules::act::touched;
use crate::slot::rules::credits;
use crate::slot::rules::in_order;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::step::Step;
use crate::{
    Bill, BookingRecord, ChangeQuantity, Kind, Line, Number, Party, Places, Refusal, SeatsClaim, Slot,
    Standing,
};

/// Makes a booking be for fewer: a customer their own, while it is held or waits; the organizer anyone's, also a confirmed one. A
/// hold's deadline stays. Where it is for so many already, nothing has changed.
pub(crate) fn change_quantity(slot: &mut Slot, step: &mut Step, change: &ChangeQuantity) -> RuleResult {
    let booking = touched(slot, &change.act)?;
    let number = booking.number;
    in_order::refuse(slot, number)?;
    let bill = reduced(slot.ledger.bookings().get_whole(number).bill(), change);
    // Which line asks for more than there is says more than that all of them do.
    if change.lines.is_empty() && booking.quantity < change.quantity.get() {
        return Err(Refusal::MoreThanBooked.into());
    }
    let bill = bill.map_err(Denied::Refused)?;
    may_change(&change.act.by, booking)?;
    if booking.quantity == change.quantity.get() {
        return Ok(Effect::BookingUnchanged(number));
    }
    let fewer = booking.quantity - change.quantity.get();
    reduce(slot, number, change.quantity, bill)?;
    credits::lessen(slot, number, fewer);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::QuantityChanged))
}

/// Gives back what a booking has too much of, or wants less. Seats are told apart, and so are places of different areas: of those
/// it is asked which.
fn reduce(
    slot: &mut Slot,
    number: Number,
    quantity: NonZeroU32,
    bill: Option<Arc<Bill>>,
) -> Result<(), Refusal> {
    let booking = slot.ledger.bookings().get_whole(number);
    match booking.seats {
        Some(SeatsClaim { waits_for: None, seating, .. }) => {
            let places = &seating.places;
            let [(area, _)] = places.areas() else { return Err(Refusal::SeatsUnnamed) };
            if !places.seats().is_empty() {
                return Err(Refusal::SeatsUnnamed);
            }
            let fewer = Places::new(Vec::new(), Vec::from([(*area, quantity.get())]));
            slot.ledger.reseat(number, fewer.expect("one place of an area at least"), bill);
        }
        None | Some(_) => slot.ledger.reduce(number, quantity, bill),
    }
    Ok(())
}

/// What is left of a bill: of several products it is asked of which how many. What stays costs what it did.
fn reduced(bill: Option<&Bill>, change: &ChangeQuantity) -> Result<Option<Arc<Bill>>, Refused> {
    let (quantity, asked) = (change.quantity.get(), &*change.lines);
    let Some(bill) = bill else {
        return if asked.is_empty() { Ok(None) } else { Err(Refused::of_line(Refusal::NoSuchProduct, 0)) };
    };
    if asked.is_empty() {
        let product = bill.items.first().and_then(|item| item.product.as_deref());
        let left = bill.is_of_one().then(|| bill.reduced(product, quantity));
        return left.map(|left| Some(Arc::new(left))).ok_or_else(|| Refusal::LinesUnnamed.into());
    }
    let had = bill.lines();
    for (place, line) in asked.iter().enumerate() {
        let before = had.iter().find(|before| before.product == line.product);
        let fault = |refusal| Refused::of_line(refusal, place);
        if before.ok_or_else(|| fault(Refusal::NoSuchProduct))?.quantity < line.quantity {
            return Err(fault(Refusal::MoreThanBooked));
        }
        if line.quantity == 0 || asked[..place].iter().any(|other| other.product == line.product) {
            return Err(Refusal::Malformed.into());
        }
    }
    if asked.iter().map(|line| u64::from(line.quantity)).sum::<u64>() != u64::from(quantity) {
        return Err(Refusal::Malformed.into());
    }
    let wanted = |product: &str| asked.iter().find(|line| *line.product == *product);
    let left = had.iter().fold(bill.clone(), |bill, Line { product, .. }| {
        bill.reduced(Some(product), wanted(product).map_or(0, |line| line.quantity))
    });
    Ok(Some(Arc::new(left)))
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
