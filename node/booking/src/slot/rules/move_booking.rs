//! Giving a booking another range, in one step: its own counts as free, and what is freed goes to the waitlist. Refused, it stays as it is.

use crate::slot::inventory::calendar::Wish;
use crate::slot::inventory::claim::RangeHad;
use crate::slot::rules::act::{began, touched};
use crate::slot::rules::cancel::is_too_late;
use crate::slot::rules::grant::{ended_by, hold};
use crate::slot::rules::in_order;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::step::Step;
use crate::{Booking, Kind, MoveBooking, RangeRefused, RangeWish, Refusal, Slot, Standing, Timestamp};

/// Moves a booking that has its places: a customer their own before its cut-off, the organizer anyone's. A hold's deadline stays, or is
/// when the range begins, if that is earlier.
pub(crate) fn move_booking(slot: &mut Slot, step: &mut Step, asked: &MoveBooking) -> RuleResult {
    let booking = movable(slot, step.at, asked)?;
    let number = booking.record.number;
    let inventory = slot.ledger.tally().inventory();
    let (Some(ranges), Some(claim)) = (inventory.ranges(), booking.range.as_deref()) else {
        return Err(Refusal::Malformed.into());
    };
    let had = claim.had;
    let resource = match &asked.resource {
        // What is taken stays where it is, unless that is no resource any more.
        None => had.resource.and_then(|resource| ranges.stock().name(resource)).map(|name| (**name).into()),
        Some(resource) => resource.clone(),
    };
    let (from, to) =
        (asked.from.unwrap_or_else(|| had.range.from()), asked.to.unwrap_or_else(|| had.range.to()));
    let wish = RangeWish { from, to, resource, quantity: booking.record.quantity };
    let wish = ranges.wish(&wish)?;
    if had == (RangeHad { range: wish.range(), resource: wish.resource() }) {
        return Ok(Effect::BookingUnchanged(number));
    }
    ranges.check(wish.range())?;
    let own = booking.as_ref().claim();
    let found = ranges.find_for(&wish, Some(&own));
    let place = found.ok_or_else(|| ranges.taken_for(&wish, Some(&own)))?;
    let buffers = ranges.terms().buffers;
    let standing = standing_by(slot, step.at, &booking, &wish)?;
    slot.ledger.relocate(number, RangeHad { range: wish.range(), resource: place.resource() }, buffers);
    if let Some(standing) = standing {
        slot.ledger.change(number, standing);
    }
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Moved))
}

/// The booking, if it can be moved by who asks. An offer is taken whole or declined.
fn movable(slot: &Slot, at: Timestamp, asked: &MoveBooking) -> Result<Booking, Denied> {
    let booking = slot.ledger.bookings().whole(touched(slot, &asked.act)?);
    in_order::refuse_held(slot, booking.record.number)?;
    match booking.record.standing {
        Standing::Held { .. } | Standing::Confirmed => {}
        Standing::Offered { .. } | Standing::Waitlisted => return Err(Refusal::NotHeld.into()),
        Standing::Cancelled { .. } | Standing::Declined { .. } | Standing::Expired { .. } => {
            return Err(Refusal::AlreadyOver.into());
        }
    }
    if is_too_late(slot, at, &asked.act.by, booking) {
        return Err(Refusal::TooLate.into());
    }
    Ok(booking.to_owned())
}

/// How a booking stands there, if otherwise than before.
fn standing_by(
    slot: &Slot,
    at: Timestamp,
    booking: &Booking,
    wish: &Wish,
) -> Result<Option<Standing>, Refused> {
    let Standing::Held { until, lasts_ms } = booking.record.standing else { return Ok(None) };
    let ends = ended_by(until, &slot.definition, Some(wish.range().from()));
    if ends <= at {
        // Only what begins at this very moment.
        return Err(Refused::of_range(RangeRefused::Lead));
    }
    Ok((ends < until).then(|| hold(began(until, lasts_ms), ends)))
}
