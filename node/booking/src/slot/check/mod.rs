//! Whether the named invariants hold for a slot.
//!
//! Each is a predicate that counts for itself what the slot keeps, and looks at every booking: tests ask after
//! every step, a server only now and then.

#[cfg(test)]
pub(crate) mod tests;

#[cfg(test)]
mod calendars;
#[cfg(test)]
mod goods;
#[cfg(test)]
mod houses;

mod credits;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::invariant::{Invariant, Violation, check_all};
use crate::slot::inventory::claim::Claim;
use crate::slot::inventory::house::House;
use crate::slot::inventory::ranges::Ranges;
use crate::slot::state::booking::BookingRef;
use crate::{BookingRecord, ReceiptRecord, Seq, Slot, Status, Stock};

impl Slot {
    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        check_all(|invariant| self.upholds(invariant))
    }

    /// Whether one invariant holds.
    pub(crate) fn upholds(&self, invariant: Invariant) -> bool {
        match invariant {
            Invariant::Conservation => conservation(self),
            Invariant::SingleOwner => single_owner(self),
            Invariant::NothingIdle => nothing_idle(self),
            Invariant::LogOrder => log_order(self),
            Invariant::OneEffect => one_effect(self),
            Invariant::NoGap => no_gap(self),
            Invariant::Deadlines => deadlines(self),
            Invariant::CustomerLimit => customer_limit(self),
            Invariant::EqualBytes => equal_bytes(self),
            Invariant::SeatsOnce => seats_once(self),
            Invariant::HouseCounts => house_counts(self),
            Invariant::IntentsOnce => self.base.intents.has_one_effect(),
            Invariant::IntentsKept => self.base.intents.forgets_nothing(),
            Invariant::Credits => credits::cost_what_was_promised(self),
            Invariant::Promises => credits::are_told(self),
            Invariant::Orders | Invariant::Payments => true,
        }
    }
}

fn conservation(slot: &Slot) -> bool {
    let waitlisted = standing_like(slot, Status::Waitlisted).count() as u64;
    let claims = claims(slot);
    let is_billed =
        |claim: &Claim<'_>| claim.bill.is_none_or(|bill| bill.quantity() == u64::from(claim.quantity));
    slot.ledger.tally().inventory().adds_up(&slot.definition, &claims, slot.base.stamp)
        && claims.iter().all(|(_, claim)| is_billed(claim))
        && waitlisted == u64::from(slot.ledger.counts().waitlisted)
}

fn single_owner(slot: &Slot) -> bool {
    let bookings = slot.ledger.bookings();
    let ascending = bookings.after(None).is_sorted_by(|one, next| one.number < next.number);
    let staying = bookings.staying().count() as u64;
    slot.ledger.tally().inventory().holds(&claims(slot))
        && ascending
        && bookings.after(Some(bookings.latest())).next().is_none()
        && staying + u64::from(bookings.away().bookings) == u64::from(bookings.latest().0)
}

fn nothing_idle(slot: &Slot) -> bool {
    let mut waiters =
        standing_like(slot, Status::Waitlisted).map(|booking| slot.ledger.bookings().whole(booking).claim());
    match slot.definition.policy.waitlist {
        None => waiters.next().is_none(),
        Some(waitlist) => slot.ledger.tally().inventory().serves_nobody(waiters, waitlist.order),
    }
}

fn log_order(slot: &Slot) -> bool {
    let waiters = standing_like(slot, Status::Waitlisted).map(|booking| booking.number);
    slot.ledger.tally().waitlist().iter().eq(waiters)
}

fn one_effect(slot: &Slot) -> bool {
    let bookings = slot.ledger.bookings();
    let found = |booking: &BookingRecord| bookings.by_request(booking.request) == Some(booking);
    let spent_otherwise = |receipt: &ReceiptRecord| bookings.by_request(receipt.request).is_none();
    // What was answered first is told from what was asked for.
    let has_changed = |booking: BookingRef<'_>| {
        let BookingRecord { quantity, first_quantity, .. } = *booking.record;
        first_quantity.is_none_or(|first| {
            let may_be =
                if booking.seats.is_some() { quantity != first.get() } else { quantity < first.get() };
            0 < quantity && may_be
        })
    };
    bookings.after(None).all(|booking| found(booking) && has_changed(bookings.whole(booking)))
        && bookings.by_request(slot.base.origin.request).is_none()
        && slot.base.receipts.iter().all(spent_otherwise)
        && slot.base.answers_once()
}

fn no_gap(slot: &Slot) -> bool {
    let bookings = slot.ledger.bookings();
    // Those of one order may be made by one change.
    let mut made_by =
        bookings.after(None).map(|booking| (booking.first.seq, bookings.whole(booking).order.is_some()));
    // The slot's own making was the first change.
    let mut latest = Seq(1);
    let follows = |(seq, is_ordered)| {
        let before = core::mem::replace(&mut latest, seq);
        before < seq || is_ordered && before == seq && before != Seq(1)
    };
    made_by.all(follows) && latest <= slot.base.seq && slot.base.has_no_gap()
}

fn deadlines(slot: &Slot) -> bool {
    let live = slot.ledger.bookings().after(None);
    let live = live.map(|booking| slot.ledger.bookings().whole(booking));
    let due =
        live.filter_map(|booking| Some((booking.until()?, booking.record.number))).collect::<BTreeSet<_>>();
    let ended = slot.definition.ends_at <= slot.base.stamp;
    let nobody_waits = slot.definition.waits_until() <= slot.base.stamp;
    due == *slot.ledger.tally().deadlines()
        && due.first().is_none_or(|&(until, _)| slot.base.stamp < until)
        && (!nobody_waits || slot.ledger.tally().waitlist().is_empty())
        && (!ended || due.is_empty())
}

fn customer_limit(slot: &Slot) -> bool {
    if slot.definition.policy.customer_limit.is_none() {
        return slot.loosest_limit.is_none() && slot.ledger.tally().customers_counted() == 0;
    }
    let mut units_of = BTreeMap::new();
    for booking in slot.ledger.bookings().after(None) {
        if !booking.standing.status().is_over() && booking.quantity > 0 {
            *units_of.entry(&*booking.customer).or_insert(0_u64) += u64::from(booking.quantity);
        }
    }
    let tally = slot.ledger.tally();
    let loosest = slot.loosest_limit.map_or(u64::MAX, u64::from);
    tally.customers_counted() == units_of.len()
        && units_of.into_iter().all(|(customer, units)| tally.units_of(customer) == units && units <= loosest)
}

fn equal_bytes(slot: &Slot) -> bool {
    let bookings = slot.ledger.bookings();
    let away = bookings.away().digest;
    let digest =
        bookings.staying().map(|booking| bookings.whole(booking).digest()).fold(away, u64::wrapping_add);
    slot.ledger.tally().digest() == digest
        && slot.base.digests_are_right()
        && slot.definition_digest == slot.definition.digest()
        && house(slot).is_none_or(House::digest_is_right)
        && ranges(slot).is_none_or(Ranges::digest_is_right)
}

/// The bookings that stand like this.
fn standing_like(slot: &Slot, status: Status) -> impl Iterator<Item = &BookingRecord> {
    slot.ledger.bookings().after(None).filter(move |booking| booking.standing.status() == status)
}

/// What bookings claim, and how they stand.
fn claims(slot: &Slot) -> Vec<(Status, Claim<'_>)> {
    let bookings = slot.ledger.bookings();
    let all = bookings.after(None).map(|booking| bookings.whole(booking));
    all.map(|booking| (booking.status(), booking.claim())).collect()
}

/// The house of a slot of seats.
fn house(slot: &Slot) -> Option<&House> {
    slot.ledger.tally().inventory().house()
}

/// The calendar of a slot that is one.
fn ranges(slot: &Slot) -> Option<&Ranges> {
    slot.ledger.tally().inventory().ranges()
}

fn seats_once(slot: &Slot) -> bool {
    if let Some(ranges) = ranges(slot) {
        let claims = claims(slot);
        return ranges.holds(&claims) && ranges.has_taken(&claims);
    }
    house(slot).is_none_or(|house| {
        let claims = claims(slot);
        house.holds(&claims) && house.seats_add_up(&claims)
    })
}

fn house_counts(slot: &Slot) -> bool {
    if let (Some(ranges), Stock::Calendar(stock)) = (ranges(slot), &slot.definition.stock) {
        return ranges.adds_up(stock, &claims(slot)) && begin_in_time(slot);
    }
    house(slot).is_none_or(|house| house.counts_add_up() && house.shows(&claims(slot)))
}

/// Whether every booking is of a range, and nobody holds or is offered one beyond its beginning.
fn begin_in_time(slot: &Slot) -> bool {
    let bookings = slot.ledger.bookings();
    let mut live = bookings.after(None).map(|booking| bookings.whole(booking));
    live.all(|booking| {
        let until = booking.record.standing.until();
        let is_in_time = |begins| booking.order.is_some() || until.is_none_or(|until| until <= begins);
        booking.begins().is_some_and(is_in_time)
    })
}
