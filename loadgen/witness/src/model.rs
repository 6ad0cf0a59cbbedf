//! What a slot is after each record of its feed, by the plainest reading of the contract.
//!
//! The model believes every record and decides nothing: it only adds up. The checks ask it what the records come to,
//! and compare that with what the slot, the answers and the rules of the contract say.

use std::collections::{BTreeMap, BTreeSet};

use api::booking::{Booking, Mode, Status};
use api::feed::{Kind, Record};
use api::slot::Order;
use api::tariff::{Line, Quota};
use api::time::Time;

use crate::span::Span;
use crate::tariff::{Cart, Tariff};

/// One slot at one seq.
#[derive(Default)]
pub(crate) struct Model<'h> {
    claims: BTreeMap<&'h str, Claim<'h>>,
    /// Who waits, by the order of joining.
    queue: BTreeMap<Ticket, &'h str>,
    next_ticket: Ticket,
    /// Holds and offers, the first deadline first; of equal ones the booking that was made first.
    deadlines: BTreeSet<(Time, Number, &'h str)>,
    /// Units that each customer has held, offered, confirmed and waiting.
    live: BTreeMap<&'h str, u64>,
    /// Places of each product that are given out.
    taken: BTreeMap<&'h str, u64>,
    capacity: u64,
    held: u64,
    offered: u64,
    confirmed: u64,
    cancelled: bool,
    /// Of the record that is being taken.
    now: Option<(Time, Kind, u64)>,
}

/// A booking as the records so far left it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'h> {
    pub(crate) customer: &'h str,
    pub(crate) quantity: u32,
    /// Of which products; none where they are of nothing in particular.
    pub(crate) lines: &'h [Line],
    /// What all of it costs, and of what that is.
    pub(crate) amount: Option<u64>,
    pub(crate) currency: Option<&'h str>,
    pub(crate) mode: Mode,
    pub(crate) status: Status,
    /// The stamp at which it came to be what it is.
    pub(crate) since: Time,
    /// The deadline of a hold or an offer.
    pub(crate) until: Option<Time>,
    /// What it was before; none where that is not certain.
    pub(crate) was: Option<Status>,
    /// The order of creation, and the seq of the record by which it was made.
    pub(crate) number: Number,
    pub(crate) made: u64,
    /// Its range, of a calendar.
    pub(crate) range: Option<Span>,
    pub(crate) resource: Option<&'h str>,
    ticket: Option<Ticket>,
}

/// The order of creation, from 1.
pub(crate) type Number = u64;

/// The order of joining the waitlist.
type Ticket = u64;

/// The model's own figures, in units; `waiting` alone in bookings. `free` is below zero where too much was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) capacity: u64,
    pub(crate) free: i128,
    pub(crate) held: u64,
    pub(crate) offered: u64,
    pub(crate) confirmed: u64,
    pub(crate) waiting: u64,
}

/// Of what somebody is short, or several are together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Short<'h> {
    pub(crate) units: bool,
    /// Keys of quotas.
    pub(crate) quotas: BTreeSet<&'h str>,
}

impl<'h> Claim<'h> {
    /// Of which products its places are.
    pub(crate) const fn cart(&self) -> Cart<'h> {
        Cart { lines: self.lines, quantity: self.quantity }
    }
}

impl<'h> Short<'h> {
    fn add(&mut self, other: Self) {
        self.units |= other.units;
        self.quotas.extend(other.quotas);
    }

    /// The quotas of which somebody else is short, of those on which this draws.
    pub(crate) fn among(&self, tariff: &Tariff<'h>, cart: Cart<'_>) -> BTreeSet<&'h str> {
        let drawn = tariff.needs(cart).map(|(quota, _places)| quota.key.as_str());
        drawn.filter(|key| self.quotas.contains(key)).collect()
    }
}

impl<'h> Model<'h> {
    /// Takes a record, booking by booking.
    pub(crate) fn apply(&mut self, record: &'h Record) {
        self.begin(record);
        self.apply_slot(record);
        for booking in &record.bookings {
            self.apply_booking(booking);
        }
    }

    /// Takes the time of a record.
    pub(crate) const fn begin(&mut self, record: &Record) {
        self.now = Some((record.at, record.kind, record.seq));
    }

    /// Takes what a record says of the slot itself. Only its making and its changes can set a capacity.
    pub(crate) fn apply_slot(&mut self, record: &Record) {
        match record.kind {
            Kind::SlotCreated | Kind::SlotChanged | Kind::SeatsChanged => {
                self.capacity = u64::from(record.counts.capacity);
            }
            Kind::SlotCancelled => self.cancelled = true,
            Kind::Booked
            | Kind::Confirmed
            | Kind::Extended
            | Kind::Accepted
            | Kind::Declined
            | Kind::Cancelled
            | Kind::Lapsed
            | Kind::Finished
            | Kind::QuantityChanged
            | Kind::Reseated
            | Kind::Moved => {}
        }
    }

    /// Takes one booking of the record that was begun, and gives what it was before.
    pub(crate) fn apply_booking(&mut self, booking: &'h Booking) -> Option<Claim<'h>> {
        let (at, kind, seq) = self.now.expect("a record was begun");
        let former = self.claims.get(booking.id.as_str()).copied();
        if let Some(former) = former {
            self.release(&booking.id, &former);
        }
        let ticket = (booking.status == Status::Waitlisted).then(|| {
            former.and_then(|claim| claim.ticket).unwrap_or_else(|| {
                self.next_ticket += 1;
                self.next_ticket
            })
        });
        let stays = former.filter(|former| former.status == booking.status);
        // An end of the slot that is moved into the past serves and ends a waiter in one step.
        let is_certain = !(kind == Kind::SlotChanged && booking.status == Status::Expired);
        let claim = Claim {
            customer: &booking.customer,
            quantity: booking.quantity,
            lines: booking.lines.as_deref().unwrap_or_default(),
            amount: booking.amount,
            currency: booking.currency.as_deref(),
            mode: booking.mode,
            status: booking.status,
            since: stays.map_or(at, |former| former.since),
            until: booking.expires_at.filter(|_until| has_deadline(booking.status)),
            was: former.map(|former| former.status).filter(|_was| is_certain),
            number: former.map_or(self.claims.len() as Number + 1, |former| former.number),
            made: former.map_or(seq, |former| former.made),
            resource: booking.resource.as_ref().and_then(|on| on.as_deref()),
            range: booking.from.zip(booking.to).and_then(|(from, to)| Span::new(from, to)),
            ticket,
        };
        self.occupy(&booking.id, &claim);
        self.claims.insert(&booking.id, claim);
        former
    }

    /// Gives a waiter its places; as what, the step's record tells no more.
    pub(crate) fn seat(&mut self, id: &'h str) {
        let former = self.claims[id];
        self.release(id, &former);
        let claim = Claim { status: Status::Held, ticket: None, ..former };
        self.occupy(id, &claim);
        self.claims.insert(id, claim);
    }

    /// A waiter wants fewer, and keeps its place.
    pub(crate) fn reduce(&mut self, booking: &'h Booking) {
        let id = booking.id.as_str();
        let former = self.claims[id];
        self.release(id, &former);
        let lines = booking.lines.as_deref().unwrap_or_default();
        let claim = Claim { quantity: booking.quantity, lines, ..former };
        self.occupy(id, &claim);
        self.claims.insert(id, claim);
    }

    fn release(&mut self, id: &'h str, claim: &Claim<'h>) {
        let quantity = u64::from(claim.quantity);
        if let Some(count) = self.count_of(claim.status) {
            *count -= quantity;
            for line in claim.lines {
                *self.taken.entry(&line.product).or_default() -= u64::from(line.quantity);
            }
        }
        if let Some(ticket) = claim.ticket {
            self.queue.remove(&ticket);
        }
        if let Some(until) = claim.until {
            self.deadlines.remove(&(until, claim.number, id));
        }
        if is_live(claim.status) {
            *self.live.entry(claim.customer).or_default() -= quantity;
        }
    }

    fn occupy(&mut self, id: &'h str, claim: &Claim<'h>) {
        let quantity = u64::from(claim.quantity);
        if let Some(count) = self.count_of(claim.status) {
            *count += quantity;
            for line in claim.lines {
                *self.taken.entry(&line.product).or_default() += u64::from(line.quantity);
            }
        }
        if let Some(ticket) = claim.ticket {
            self.queue.insert(ticket, id);
        }
        if let Some(until) = claim.until {
            self.deadlines.insert((until, claim.number, id));
        }
        if is_live(claim.status) {
            *self.live.entry(claim.customer).or_default() += quantity;
        }
    }

    const fn count_of(&mut self, status: Status) -> Option<&mut u64> {
        match status {
            Status::Held => Some(&mut self.held),
            Status::Offered => Some(&mut self.offered),
            Status::Confirmed => Some(&mut self.confirmed),
            Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => None,
        }
    }

    /// The booking of this id, if a record has named it.
    pub(crate) fn claim(&self, id: &str) -> Option<&Claim<'h>> {
        self.claims.get(id)
    }

    /// Who waits, from the head.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (&'h str, &Claim<'h>)> {
        self.queue.values().map(|id| (*id, &self.claims[id]))
    }

    /// Whose turn it is while places are free: under `strict` of the first who is not short of anything, nor of anything of which one
    /// before is short (research D1); otherwise of the first who fits. What is not sold now is nobody's turn, and stops nobody.
    pub(crate) fn next_in_turn(&self, order: Order, tariff: &Tariff<'h>) -> Option<(&'h str, &Claim<'h>)> {
        if self.sum().free <= 0 {
            return None;
        }
        let mut short = Short::default();
        for (id, claim) in self.different_waiting(tariff) {
            let cart = claim.cart();
            let lacks = self.lacks(tariff, cart);
            if lacks == Short::default() && short.among(tariff, cart).is_empty() {
                return Some((id, claim));
            }
            if order == Order::Strict {
                short.add(lacks);
            }
            // Everybody needs units.
            if short.units {
                return None;
            }
        }
        None
    }

    /// Of what those who wait are short together, which a newcomer must not take.
    pub(crate) fn waited_for(&self, order: Order, tariff: &Tariff<'h>) -> Short<'h> {
        let mut short = Short::default();
        if order == Order::Strict {
            for (_id, claim) in self.different_waiting(tariff) {
                short.add(self.lacks(tariff, claim.cart()));
            }
        }
        short
    }

    /// Who waits for what is sold now, from the head; of those who wait for the same the first, since no other is served before.
    fn different_waiting(&self, tariff: &Tariff<'h>) -> impl Iterator<Item = (&'h str, &Claim<'h>)> {
        let mut seen = Vec::new();
        let is_new = move |(_id, claim): &(&str, &Claim<'h>)| {
            let is_new = !seen.contains(&claim.cart());
            if is_new {
                seen.push(claim.cart());
            }
            is_new
        };
        let tariff = *tariff;
        let is_sold = move |(_id, claim): &(&str, &Claim<'h>)| tariff.amount(claim.cart(), None).is_some();
        self.waiting().filter(is_new).filter(is_sold)
    }

    /// Of what somebody is short who wants this.
    pub(crate) fn lacks(&self, tariff: &Tariff<'h>, cart: Cart<'_>) -> Short<'h> {
        let lacking = tariff.needs(cart).filter(|(quota, places)| self.left(quota) < i128::from(*places));
        Short {
            units: self.sum().free < i128::from(cart.quantity),
            quotas: lacking.map(|(quota, _places)| quota.key.as_str()).collect(),
        }
    }

    /// How many places of a quota are left; below zero where too many were given out.
    pub(crate) fn left(&self, quota: &Quota) -> i128 {
        let taken =
            quota.products.iter().map(|key| self.taken.get(key.as_str()).copied().unwrap_or_default());
        i128::from(quota.size) - taken.map(i128::from).sum::<i128>()
    }

    /// The hold or offer that ends first, and when.
    pub(crate) fn first_deadline(&self) -> Option<(Time, &'h str)> {
        self.deadlines.first().map(|(until, _number, id)| (*until, *id))
    }

    /// Units that `customer` has held, offered, confirmed and waiting.
    pub(crate) fn live_units(&self, customer: &str) -> u64 {
        self.live.get(customer).copied().unwrap_or_default()
    }

    /// Whether the slot was called off.
    pub(crate) const fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// What it all adds up to.
    pub(crate) fn sum(&self) -> Sum {
        let given = i128::from(self.held) + i128::from(self.offered) + i128::from(self.confirmed);
        Sum {
            capacity: self.capacity,
            free: i128::from(self.capacity) - given,
            held: self.held,
            offered: self.offered,
            confirmed: self.confirmed,
            waiting: self.queue.len() as u64,
        }
    }
}

/// Whether a booking of this status has its places.
pub(crate) const fn is_served(status: Status) -> bool {
    match status {
        Status::Held | Status::Offered | Status::Confirmed => true,
        Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => false,
    }
}

/// Whether a booking of this status ends by itself.
pub(crate) const fn has_deadline(status: Status) -> bool {
    match status {
        Status::Held | Status::Offered => true,
        Status::Confirmed | Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => {
            false
        }
    }
}

/// Whether a booking of this status has or awaits places.
pub(crate) const fn is_live(status: Status) -> bool {
    match status {
        Status::Held | Status::Offered | Status::Confirmed | Status::Waitlisted => true,
        Status::Cancelled | Status::Declined | Status::Expired => false,
    }
}
