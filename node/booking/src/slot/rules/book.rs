//! Booking: all of the quantity at once, or a place behind those who wait, or nothing.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::base::request::RequestIdentity;
use crate::slot::inventory::Inventory;
use crate::slot::inventory::allocation::Allocation;
use crate::slot::inventory::claim::Purchase;
use crate::slot::inventory::shop::Cart;
use crate::slot::rules::grant::{Wished, grant};
use crate::slot::rules::vouchers::discounted;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::step::Step;
use crate::{
    Asker, Bill, Book, Booking, BookingRecord, FirstAnswer, Number, RangeRefused, Refusal, Slot, SlotStatus,
    Standing, Timestamp, VoucherTerms, WhenFull, Wish,
};

/// Makes a booking, which has its places or waits for them.
///
/// The first answer is known here, since the rest of the step does not change the new booking. The waitlist was served at the
/// beginning of the step, so no earlier waiter could be served then; and the new booking has freed no place since, so no earlier
/// waiter can be served now.
pub(crate) fn book(slot: &mut Slot, step: &mut Step, identity: RequestIdentity, book: &Book) -> RuleResult {
    book_with(slot, step, (identity, None), book)
}

/// The same with a voucher, if there is one: what it is for costs less.
pub(crate) fn book_with(
    slot: &mut Slot,
    step: &mut Step,
    (identity, voucher): (RequestIdentity, Option<&VoucherTerms>),
    book: &Book,
) -> RuleResult {
    let cart = slot.ledger.tally().inventory().understand(book)?;
    may_book(slot, step.at, (book, voucher), &cart)?;
    let found = find(slot, book, &cart)?;
    let number = next_number(slot)?;
    let inventory = slot.ledger.tally().inventory();
    let bill = match &found {
        Some(found) => discounted(voucher, inventory.bill(&cart, found)?),
        None => inventory.unpriced(&cart),
    };
    let wished = wished(book, bill.as_deref())?;
    let standing = match &found {
        Some(_) => grant(&slot.definition, &wished, step.at),
        None => Standing::Waitlisted,
    };
    let record = BookingRecord {
        number,
        request: identity.key,
        fingerprint: identity.fingerprint,
        customer: book.customer.clone(),
        quantity: Inventory::size(&book.wish),
        mode: book.mode,
        first_quantity: None,
        hold_seconds: wished.hold_seconds,
        created_at: step.at,
        first: FirstAnswer { seq: slot.base.seq.next(), standing },
        first_position: None,
        standing,
    };
    if standing.until().is_some_and(|until| until <= step.at) {
        // Only what begins at this very moment.
        return Err(Refused::of_range(RangeRefused::Lead).into());
    }
    let purchase = bill.map(|bill| Box::new(Purchase { bill, first: None }));
    let seats = inventory.newcomer(&book.wish, found.as_ref());
    let range = inventory.newcomer_range(&book.wish, found.as_ref());
    let mut booking = Booking { record, seats, range, purchase, credits: None, order: None };
    if standing == Standing::Waitlisted {
        let behind = slot.ledger.tally().position_behind(booking.as_ref());
        booking.record.first_position = NonZeroU32::new(behind);
    }
    slot.ledger.enter(booking, found.as_ref());
    step.changed.mark_requested(number);
    Ok(Effect::Booked(number))
}

/// Whether this could be booked at once. Nothing is changed by it.
pub(crate) fn look(
    slot: &Slot,
    at: Timestamp,
    voucher: Option<&VoucherTerms>,
    book: &Book,
) -> Result<(), Denied> {
    let inventory = slot.ledger.tally().inventory();
    let cart = inventory.understand(book)?;
    may_book(slot, at, (book, voucher), &cart)?;
    let found = find(slot, book, &cart)?;
    next_number(slot)?;
    let bill = match &found {
        Some(found) => discounted(voucher, inventory.bill(&cart, found)?),
        None => None,
    };
    wished(book, bill.as_deref())?;
    Ok(())
}

/// Whether the slot takes this request at all, room aside.
fn may_book(
    slot: &Slot,
    at: Timestamp,
    (book, voucher): (&Book, Option<&VoucherTerms>),
    cart: &Cart,
) -> Result<(), Refused> {
    let size = Inventory::size(&book.wish);
    if slot.cancelled {
        return Err(Refusal::SlotCancelled.into());
    }
    if SlotStatus::of(&slot.definition, at) != SlotStatus::OnSale {
        return Err(Refusal::NotOnSale.into());
    }
    let inventory = slot.ledger.tally().inventory();
    let amounts = match &book.basket {
        None => Vec::new(),
        Some(_) => inventory.amounts(book, cart)?,
    };
    if !inventory.could_ever_have(&book.wish) {
        return Err(Refusal::QuantityTooLarge.into());
    }
    inventory.may_ask(&book.wish)?;
    if let Some(limit) = slot.definition.policy.customer_limit {
        let wanted = slot.ledger.tally().units_of(&book.customer).saturating_add(u64::from(size));
        if u64::from(limit) < wanted {
            return Err(Refusal::CustomerLimit.into());
        }
    }
    // What is less with a voucher is known when places are found.
    let expected = book.basket.as_deref().filter(|_basket| voucher.is_none());
    let expected = expected.and_then(|basket| basket.expect_amount);
    if expected.is_some_and(|expected| !amounts.contains(&expected)) {
        return Err(Refusal::PriceChanged.into());
    }
    Ok(())
}

/// What becomes of the request, which costs this, if it is what its caller expects: an organizer's own need not be paid for first.
fn wished(book: &Book, bill: Option<&Bill>) -> Result<Wished, Refusal> {
    // Whoever wishes for no time at all gets the least.
    let hold_seconds = book.hold_seconds.map(|seconds| NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN));
    let begins = match &book.wish {
        Wish::Units(_) | Wish::Seats(_) => None,
        Wish::Range(wish) => Some(wish.from),
    };
    let nothing_owed = Wished { mode: book.mode, hold_seconds, owed: 0, begins };
    let (Some(basket), Some(amount)) = (&book.basket, bill.and_then(Bill::amount)) else {
        return Ok(nothing_owed);
    };
    // Of several categories one was found.
    if basket.expect_amount.is_some_and(|expected| expected != amount) {
        return Err(Refusal::PriceChanged);
    }
    match basket.by {
        Asker::Customer => Ok(Wished { owed: amount, ..nothing_owed }),
        Asker::Organizer => Ok(nothing_owed),
    }
}

/// The places of the booking; none where it joins the waitlist. Under [`Order::Strict`](crate::Order::Strict) nobody passes those who
/// wait, even where places are free that the head cannot use; under [`Order::SkipFit`](crate::Order::SkipFit) whoever fits does.
fn find(slot: &Slot, book: &Book, cart: &Cart) -> Result<Option<Allocation>, Refused> {
    let (tally, order) = (slot.ledger.tally(), slot.order());
    if let Some(found) = tally.find(&book.wish, cart, order)? {
        return Ok(Some(found));
    }
    let may_wait = match (book.when_full, &slot.definition.policy.waitlist) {
        (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => Err(Refusal::SoldOut),
        (WhenFull::Waitlist, Some(_)) if slot.definition.waits_until() <= slot.base.stamp => {
            Err(Refusal::SoldOut)
        }
        (WhenFull::Waitlist, Some(waitlist)) if waitlist.capacity <= slot.ledger.counts().waitlisted => {
            Err(Refusal::WaitlistFull)
        }
        (WhenFull::Waitlist, Some(_)) => tally.inventory().may_wait(&book.wish, cart),
    };
    may_wait.map_err(|refusal| tally.inventory().refuse(&book.wish, cart, order, refusal))?;
    Ok(None)
}

/// The booking's number. A slot that has given out its last one has nothing left to sell.
fn next_number(slot: &Slot) -> Result<Number, Refusal> {
    slot.ledger.bookings().next_number().ok_or(Refusal::SoldOut)
}
