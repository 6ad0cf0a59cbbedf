//! What was granted and changed nothing, since it is so already: a hold that lasts for as long, a booking that is for so many.

use api::booking::{Booking, Status};

use crate::case::{Case, Deed, SlotCase};
use crate::contract;
use crate::history::Ask;
use crate::hour::Hour;
use crate::model::Model;

/// What was left as it was because it is so already.
pub(crate) fn judge_kept(
    hour: &Hour<'_, '_>,
    model: &Model<'_>,
    case: &Case<'_>,
    booking: &Booking,
) -> Result<(), String> {
    let hold_seconds = match &case.request.ask {
        Ask::Extend { hold_seconds, .. } => *hold_seconds,
        Ask::Reduce { quantity, .. } => {
            return judge_kept_quantity(hour.slot, model, case, booking, *quantity);
        }
        Ask::Book { .. }
        | Ask::Confirm { .. }
        | Ask::Accept { .. }
        | Ask::Decline { .. }
        | Ask::Cancel { .. }
        | Ask::Reseat { .. }
        // Where it is, is judged with ranges.
        | Ask::Move { .. } => return Ok(()),
    };
    let held = model.claim(&booking.id).filter(|claim| claim.status == Status::Held);
    let Some((claim, until)) = held.and_then(|claim| Some((claim, claim.until?))) else {
        return Err("its answer stands for no hold at that seq".to_owned());
    };
    let Some(terms) = hour.terms() else { return Ok(()) };
    let wanted = contract::extended_until(terms, (claim.range, claim.since), hour.from, hold_seconds);
    if until < wanted {
        return Err(format!("it was left at {until}, although it asked for {wanted} at least"));
    }
    Ok(())
}

/// A booking that was not made smaller because it is for so many already.
fn judge_kept_quantity(
    slot: &SlotCase<'_>,
    model: &Model<'_>,
    case: &Case<'_>,
    booking: &Booking,
    quantity: u32,
) -> Result<(), String> {
    let Some(claim) = model.claim(&booking.id) else {
        return Err("its answer stands for no booking at that seq".to_owned());
    };
    if let Some(Err(code)) = contract::act(Deed::Reduce, case.request.by, claim) {
        return Err(format!("it was granted where `{}` is due", code.as_str()));
    }
    if claim.quantity != quantity {
        return Err(format!("it was left at {}, although it asked for {quantity}", claim.quantity));
    }
    judge_position(slot, model, case)
}

/// Where somebody waits who was made smaller: at the same place as before.
pub(crate) fn judge_position(slot: &SlotCase<'_>, model: &Model<'_>, case: &Case<'_>) -> Result<(), String> {
    let Some(booking) = case.granted().filter(|_booking| matches!(case.request.ask, Ask::Reduce { .. }))
    else {
        return Ok(());
    };
    let place = model.waiting().position(|(id, _claim)| id == booking.id).map(|ahead| ahead as u64 + 1);
    // Among seats, and ranges, who waits for others is not counted.
    if slot.counts_otherwise() || booking.position.map(u64::from) == place {
        return Ok(());
    }
    Err(format!("it was told position {:?} where {place:?} is its own", booking.position))
}
