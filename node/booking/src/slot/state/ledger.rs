//! The ledger: all bookings of a slot, and the tally of what follows from them.
//!
//! Everything that changes a booking goes through here, so the two never part.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::slot::inventory::Allocation;
use crate::slot::state::booking::{BookingRecord, Standing};
use crate::slot::state::bookings::{Away, Bookings};
use crate::slot::state::tally::Tally;
use crate::{Counts, Definition, Number, Timestamp};

/// All bookings of a slot, and what follows from them.
pub(crate) struct Ledger {
    bookings: Bookings,
    tally: Tally,
}

impl Ledger {
    /// The ledger of a slot that nobody has booked.
    pub(crate) fn new(definition: &Definition) -> Self {
        Self { bookings: Bookings::new(definition.secret), tally: Tally::new(definition) }
    }

    /// The ledger that these bookings make, of as many as there ever were; all others are away. They are ascending by number,
    /// and take no more than there is.
    pub(crate) fn restore(
        definition: &Definition,
        bookings: Vec<BookingRecord>,
        latest: Number,
        away: Away,
    ) -> Self {
        let mut tally = Tally::new(definition);
        tally.add_away(away);
        for booking in &bookings {
            tally.restore(booking);
        }
        Self { bookings: Bookings::restore(definition.secret, bookings, latest, away), tally }
    }

    /// Enters a new booking, which has the next number, with what was found for it.
    pub(crate) fn enter(&mut self, booking: BookingRecord, found: Option<Allocation>) {
        self.tally.enter(&booking, found);
        self.bookings.push(booking);
    }

    /// Changes where a booking stands that gets no place by it.
    pub(crate) fn change(&mut self, number: Number, standing: Standing) {
        self.transition(number, standing, None);
    }

    /// Gives a booking that waited what was found for it.
    pub(crate) fn give(&mut self, number: Number, standing: Standing, found: Allocation) {
        self.transition(number, standing, Some(found));
    }

    fn transition(&mut self, number: Number, standing: Standing, found: Option<Allocation>) {
        let booking = self.bookings.get(number);
        let before = booking.standing.status();
        self.tally.remove(booking);
        self.bookings.set_standing(number, standing);
        self.tally.transition(self.bookings.get(number), before, found);
    }

    /// Makes a booking be for fewer: what it has no longer is free, and who waits keeps the place.
    pub(crate) fn reduce(&mut self, number: Number, quantity: NonZeroU32) {
        let before = self.bookings.get(number).clone();
        self.bookings.reduce(number, quantity);
        self.tally.reduce(&before, self.bookings.get(number));
    }

    /// Ends a booking whose time is over.
    pub(crate) fn expire(&mut self, number: Number, at: Timestamp) {
        let expired = self.bookings.get(number).standing.expired(at);
        self.change(number, expired.expect("only what time can end is expired"));
    }

    /// Goes on with a slot that is defined otherwise. What is taken is not more than its capacity.
    pub(crate) fn redefine(&mut self, old: &Definition, new: &Definition) {
        self.tally.redefine(new);
        if old.policy.customer_limit.is_some() != new.policy.customer_limit.is_some() {
            self.tally.count_customers(new, self.bookings.after(None));
        }
    }

    /// The bookings.
    pub(crate) fn bookings(&self) -> &Bookings {
        &self.bookings
    }

    /// What follows from them.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Where the places are.
    pub(crate) fn counts(&self) -> Counts {
        self.tally.counts()
    }

    /// The earliest deadline of a hold or an offer, and whose it is.
    pub(crate) fn first_deadline(&self) -> Option<(Timestamp, Number)> {
        self.tally.first_deadline()
    }

    /// The bookings, to be saved, let go and called back: what follows from them stays as it is.
    pub(crate) fn bookings_mut(&mut self) -> &mut Bookings {
        &mut self.bookings
    }
}

#[cfg(test)]
impl Ledger {
    /// These bookings, and what follows from others.
    pub(crate) fn contradictory(self, other: Self) -> Self {
        Self { bookings: self.bookings, tally: other.tally }
    }

    /// What follows from the bookings, to be spoilt.
    pub(crate) fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }
}
