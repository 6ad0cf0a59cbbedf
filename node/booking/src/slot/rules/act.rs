//! Acting on a booking: which one is meant, and whether it is there at all for who asks.

use crate::slot::rules::Denied;
use crate::{Act, BookingRecord, Number, Party, Refusal, Slot, Standing, Timestamp, Unfinished};

/// The booking that is acted on. What is another's is as if it were not there.
pub(crate) fn touched<'slot>(slot: &'slot Slot, act: &Act) -> Result<&'slot BookingRecord, Denied> {
    let booking = slot.ledger.bookings().by_request(act.booking);
    booking.filter(|booking| may_touch(&act.by, booking)).ok_or(Denied::NotFound)
}

fn may_touch(by: &Party, booking: &BookingRecord) -> bool {
    match by {
        Party::Customer(customer) => *customer == booking.customer,
        Party::Organizer => true,
    }
}

/// A hold that can still be acted on.
pub(crate) struct Hold {
    pub(crate) number: Number,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

/// When a hold began that lasts so long in all.
pub(crate) fn began(until: Timestamp, lasts_ms: u32) -> Timestamp {
    Timestamp(until.0.saturating_sub(u64::from(lasts_ms)))
}

/// The hold that is acted on.
pub(crate) fn held(slot: &Slot, act: &Act) -> Result<Hold, Denied> {
    let booking = touched(slot, act)?;
    match booking.standing {
        Standing::Held { until, lasts_ms } => {
            Ok(Hold { number: booking.number, since: began(until, lasts_ms), until })
        }
        Standing::Expired { was: Unfinished::Held, .. } => Err(Refusal::HoldExpired.into()),
        Standing::Expired { was: Unfinished::Offered | Unfinished::Waitlisted, .. }
        | Standing::Offered { .. }
        | Standing::Waitlisted
        | Standing::Confirmed
        | Standing::Cancelled { .. }
        | Standing::Declined { .. } => Err(Refusal::NotHeld.into()),
    }
}

/// The booking whose offer is acted on.
pub(crate) fn offered<'slot>(slot: &'slot Slot, act: &Act) -> Result<&'slot BookingRecord, Denied> {
    let booking = touched(slot, act)?;
    match booking.standing {
        Standing::Offered { .. } => Ok(booking),
        Standing::Expired { was: Unfinished::Offered, .. } => Err(Refusal::OfferExpired.into()),
        Standing::Expired { was: Unfinished::Held | Unfinished::Waitlisted, .. }
        | Standing::Held { .. }
        | Standing::Waitlisted
        | Standing::Confirmed
        | Standing::Cancelled { .. }
        | Standing::Declined { .. } => Err(Refusal::NotOffered.into()),
    }
}
