//! The named invariants of a slot: what holds after every step, on every replica.
//!
//! Each is a predicate over a slot that counts for itself what the slot keeps, and looks at every booking:
//! tests ask after every step, a server only now and then.

#[cfg(test)]
pub(crate) mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;

use crate::{BookingRecord, Order, Slot, Status};

/// One thing that always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// BK-1: capacity = free + held + offered + confirmed, in units, as the bookings say.
    Conservation,
    /// BK-2: a place is owned at most once: bookings have a number and a request each, in memory or away, and take no more than
    /// there is.
    SingleOwner,
    /// BK-3: while someone whose turn it is could be served, nothing is free, and where there is no waitlist nobody waits.
    NothingIdle,
    /// BK-4: the order of the waitlist is the order in which those who wait came.
    LogOrder,
    /// BK-5: a key has at most one effect, and one answer.
    OneEffect,
    /// BK-6: `seq` has no gap: every booking was made by a change of its own, none later than the latest.
    NoGap,
    /// BK-7: no hold or offer is live at its deadline or after it, and none but confirmed ones after the
    /// slot's end.
    Deadlines,
    /// BK-8: no customer has more than the limit; where it was changed, than the loosest that there was.
    CustomerLimit,
    /// BK-9: equal state, equal bytes: the digest kept is the digest of what is there.
    EqualBytes,
}

/// All of them, in order.
pub const CATALOGUE: [Invariant; 9] = [
    Invariant::Conservation,
    Invariant::SingleOwner,
    Invariant::NothingIdle,
    Invariant::LogOrder,
    Invariant::OneEffect,
    Invariant::NoGap,
    Invariant::Deadlines,
    Invariant::CustomerLimit,
    Invariant::EqualBytes,
];

impl Invariant {
    /// Its name in metrics and in the runbook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conservation => "BK-1",
            Self::SingleOwner => "BK-2",
            Self::NothingIdle => "BK-3",
            Self::LogOrder => "BK-4",
            Self::OneEffect => "BK-5",
            Self::NoGap => "BK-6",
            Self::Deadlines => "BK-7",
            Self::CustomerLimit => "BK-8",
            Self::EqualBytes => "BK-9",
        }
    }

    /// Whether it holds.
    pub fn holds(self, slot: &Slot) -> bool {
        match self {
            Self::Conservation => conservation(slot),
            Self::SingleOwner => single_owner(slot),
            Self::NothingIdle => nothing_idle(slot),
            Self::LogOrder => log_order(slot),
            Self::OneEffect => one_effect(slot),
            Self::NoGap => no_gap(slot),
            Self::Deadlines => deadlines(slot),
            Self::CustomerLimit => customer_limit(slot),
            Self::EqualBytes => equal_bytes(slot),
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({self:?})", self.name())
    }
}

/// An invariant that does not hold: a bug, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation(pub Invariant);

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} does not hold", self.0)
    }
}

impl core::error::Error for Violation {}

impl Slot {
    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        let broken = CATALOGUE.into_iter().find(|invariant| !invariant.holds(self));
        broken.map_or(Ok(()), |invariant| Err(Violation(invariant)))
    }
}

fn conservation(slot: &Slot) -> bool {
    let counts = slot.ledger.counts();
    let parts = [counts.free, counts.held, counts.offered, counts.confirmed];
    counts.capacity == slot.definition.capacity
        && parts.into_iter().map(u64::from).sum::<u64>() == u64::from(counts.capacity)
        && units(slot, Status::Held) == u64::from(counts.held)
        && units(slot, Status::Offered) == u64::from(counts.offered)
        && units(slot, Status::Confirmed) == u64::from(counts.confirmed)
        && standing_like(slot, Status::Waitlisted).count() as u64 == u64::from(counts.waitlisted)
}

fn single_owner(slot: &Slot) -> bool {
    let taken = [Status::Held, Status::Offered, Status::Confirmed].map(|status| units(slot, status));
    let bookings = slot.ledger.bookings();
    let ascending = bookings.after(None).is_sorted_by(|one, next| one.number < next.number);
    let staying = bookings.staying().count() as u64;
    taken.into_iter().sum::<u64>() <= u64::from(slot.definition.capacity)
        && ascending
        && bookings.after(Some(bookings.latest())).next().is_none()
        && staying + u64::from(bookings.away().bookings) == u64::from(bookings.latest().0)
}

fn nothing_idle(slot: &Slot) -> bool {
    let free = slot.ledger.counts().free;
    let mut waiters = standing_like(slot, Status::Waitlisted);
    match slot.definition.policy.waitlist.map(|waitlist| waitlist.order) {
        None => waiters.next().is_none(),
        Some(Order::Strict) => waiters.next().is_none_or(|head| free < head.quantity),
        Some(Order::SkipFit) => waiters.all(|waiter| free < waiter.quantity),
    }
}

fn log_order(slot: &Slot) -> bool {
    let waiters = standing_like(slot, Status::Waitlisted).map(|booking| booking.number);
    slot.ledger.tally().waitlist().iter().eq(waiters)
}

fn one_effect(slot: &Slot) -> bool {
    let bookings = slot.ledger.bookings();
    let found = |booking: &BookingRecord| bookings.by_request(booking.request) == Some(booking);
    let spent_otherwise = |receipt: &crate::ReceiptRecord| {
        bookings.by_request(receipt.request).is_none()
            && receipt.request != slot.origin.request
            && slot.receipts.get(receipt.request) == Some(receipt)
    };
    bookings.after(None).all(found)
        && bookings.by_request(slot.origin.request).is_none()
        && slot.receipts.iter().all(spent_otherwise)
}

fn no_gap(slot: &Slot) -> bool {
    let mut made_by = slot.ledger.bookings().after(None).map(|booking| booking.first.seq);
    // The slot's own making was the first change.
    let mut latest = crate::Seq(1);
    made_by.all(|seq| core::mem::replace(&mut latest, seq) < seq) && latest <= slot.seq
}

fn deadlines(slot: &Slot) -> bool {
    let live = slot.ledger.bookings().after(None);
    let due =
        live.filter_map(|booking| Some((booking.standing.until()?, booking.number))).collect::<BTreeSet<_>>();
    let ended = slot.definition.ends_at <= slot.stamp;
    due == *slot.ledger.tally().deadlines()
        && due.first().is_none_or(|&(until, _)| slot.stamp < until)
        && !(ended && (slot.ledger.head().is_some() || !due.is_empty()))
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
    let digest = bookings.staying().fold(away, |sum, booking| sum.wrapping_add(booking.digest()));
    slot.ledger.tally().digest() == digest
        && slot.receipts.digest() == slot.receipts.digest_recomputed()
        && slot.definition_digest == slot.definition.digest()
}

/// The bookings that stand like this.
fn standing_like(slot: &Slot, status: Status) -> impl Iterator<Item = &BookingRecord> {
    slot.ledger.bookings().after(None).filter(move |booking| booking.standing.status() == status)
}

/// The units of the bookings that stand like this.
fn units(slot: &Slot, status: Status) -> u64 {
    standing_like(slot, status).map(|booking| u64::from(booking.quantity)).sum()
}
