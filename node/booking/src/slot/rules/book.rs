//! Booking: all of the quantity at once, or a place behind those who wait, or nothing.

use core::num::NonZeroU32;

use crate::base::request::RequestIdentity;
use crate::slot::inventory::{Allocation, Inventory};
use crate::slot::rules::grant::grant;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::step::Step;
use crate::{
    Book, Booking, BookingRecord, FirstAnswer, Number, Refusal, Slot, SlotStatus, Standing, Timestamp,
    WhenFull,
};

/// Makes a booking, which has its places or waits for them.
///
/// The first answer is known here, since the rest of the step does not change the new booking. The waitlist was served at the
/// beginning of the step, so no earlier waiter could be served then; and the new booking has freed no place since, so no earlier
/// waiter can be served now.
pub(crate) fn book(slot: &mut Slot, step: &mut Step, identity: RequestIdentity, book: &Book) -> RuleResult {
    slot.ledger.tally().inventory().understands(&book.wish)?;
    may_book(slot, step.at, book)?;
    // Whoever wishes for no time at all gets the least.
    let hold_seconds = book.hold_seconds.map(|seconds| NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN));
    let (standing, found) = place(slot, step.at, book, hold_seconds)?;
    let number = next_number(slot)?;
    let inventory = slot.ledger.tally().inventory();
    let record = BookingRecord {
        number,
        request: identity.key,
        fingerprint: identity.fingerprint,
        customer: book.customer.clone(),
        quantity: Inventory::size(&book.wish),
        mode: book.mode,
        first_quantity: None,
        hold_seconds,
        created_at: step.at,
        first: FirstAnswer { seq: slot.base.seq.next(), standing },
        first_position: None,
        standing,
    };
    let mut booking = Booking { record, seats: inventory.newcomer(&book.wish, found.as_ref()) };
    if standing == Standing::Waitlisted {
        let behind = slot.ledger.tally().position_behind(booking.as_ref());
        booking.record.first_position = NonZeroU32::new(behind);
    }
    slot.ledger.enter(booking, found.as_ref());
    step.changed.mark_requested(number);
    Ok(Effect::Booked(number))
}

/// Whether the slot takes this request at all, room aside.
fn may_book(slot: &Slot, at: Timestamp, book: &Book) -> Result<(), Refusal> {
    let size = Inventory::size(&book.wish);
    if slot.cancelled {
        return Err(Refusal::SlotCancelled);
    }
    if SlotStatus::of(&slot.definition, at) != SlotStatus::OnSale {
        return Err(Refusal::NotOnSale);
    }
    if !slot.ledger.tally().inventory().could_ever_have(&book.wish) {
        return Err(Refusal::QuantityTooLarge);
    }
    if let Some(limit) = slot.definition.policy.customer_limit {
        let wanted = slot.ledger.tally().units_of(&book.customer).saturating_add(u64::from(size));
        if u64::from(limit) < wanted {
            return Err(Refusal::CustomerLimit);
        }
    }
    Ok(())
}

/// Where the booking goes: to its places, which are found, or to the end of the waitlist. Under [`Order::Strict`](crate::Order::Strict) nobody
/// passes those who wait, even where places are free that the head cannot use; under [`Order::SkipFit`](crate::Order::SkipFit) whoever fits does.
fn place(
    slot: &Slot,
    at: Timestamp,
    book: &Book,
    hold_seconds: Option<NonZeroU32>,
) -> Result<(Standing, Option<Allocation>), Refused> {
    let definition = &slot.definition;
    let waitlist = &definition.policy.waitlist;
    if let Some(found) = slot.ledger.tally().find(&book.wish, slot.order())? {
        return Ok((grant(definition, book.mode, hold_seconds, at), Some(found)));
    }
    match (book.when_full, waitlist) {
        (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => Err(Refusal::SoldOut.into()),
        (WhenFull::Waitlist, Some(waitlist)) if waitlist.capacity <= slot.ledger.counts().waitlisted => {
            Err(Refusal::WaitlistFull.into())
        }
        (WhenFull::Waitlist, Some(_)) => {
            slot.ledger.tally().inventory().may_wait(&book.wish)?;
            Ok((Standing::Waitlisted, None))
        }
    }
}

/// The booking's number. A slot that has given out its last one has nothing left to sell.
fn next_number(slot: &Slot) -> Result<Number, Refusal> {
    slot.ledger.bookings().next_number().ok_or(Refusal::SoldOut)
}
