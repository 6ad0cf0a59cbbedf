//! What a slot can give out, behind one seam under the tally: everything that differs from one kind of inventory to
//! another is in this room, and nothing else is.
//!
//! The rules know bookings, their standings and their deadlines. They ask the inventory how large a claim is, whether a slot could
//! ever meet the claim, what the claim would get now, whose turn it is, and where everything is. A booking has a number and a
//! quantity. An inventory that must know more keeps that under the booking's number, in records of its own, so that a booking of
//! units stays as small as it is.
//!
//! # What seats and calendars will bring
//!
//! - *Claims.* A [`Claim`] of seats is of picks, or of the best in categories; one of a calendar, of a range with its buffers. What
//!   was asked is kept under the number while the booking waits, what was taken until it is over. Both are theirs to save:
//!   records beside the bookings', a part of the slot's digest, none where there are none.
//! - *What a claim gets* is an [`Allocation`]: found without a change ([`Inventory::find`], [`Inventory::next`]), then taken. A search
//!   over ninety thousand seats is made once; equal state finds equal seats.
//! - *Standing otherwise* keeps what was taken ([`Inventory::transition`] is told both standings): whoever confirms keeps the seats.
//!   Whoever [wants fewer](Inventory::reduce) has to say which seats.
//!   Moving to another range and swapping seats are an allocation found as if the own one were free.
//! - *Turns.* Under [`Order::Strict`] an earlier waiter stops others only at a counter where fewer are free than that waiter needs. Units
//!   have one counter, and the head that could not be served is short of it; seats have one a category and pool, and keep their waiters
//!   in classes of equal needs, told by `enter` and `transition` who joins and leaves; calendars skip. So [`Inventory::find`] and
//!   [`Inventory::next`] are given the list and decide; a position that counts only who shares a counter is asked here too.
//! - *Refusals.* `could_ever_fit` and `find` say yes or no today, since units refuse in one word. Ranges out of hours and taken seats have words and
//!   details of their own: they become the error of these two.
//! - *Ends.* A hold of a range ends when the range begins, and so does waiting, less the lead: then the end of a claim is asked
//!   here, where now it is the slot's.
//! - *Counts.* What is blocked is no capacity; what is allotted is a part of it beside the free, and [`Counts`] gains it together
//!   with BK-1. Counts by category are views of their own, with the number that a newcomer could get.

mod seats;
mod units;
pub(crate) mod waitlist;

use self::units::Units;
use self::waitlist::Waitlist;
use crate::{Book, Counts, Definition, Number, Order, Status};

/// What a slot can give out.
pub(crate) enum Inventory {
    /// A number of places that are all alike.
    Units(Units),
}

/// What a booking claims. The first inventory that keeps records of its own needs the number here too.
#[derive(Clone, Copy)]
pub(crate) struct Claim {
    /// For how many.
    pub(crate) quantity: u32,
}

/// What was found for a claim, and is still free.
#[derive(Clone, Copy)]
pub(crate) enum Allocation {
    /// As many units as are claimed: they are all alike.
    Units,
}

impl Inventory {
    /// All that a slot has, with no one.
    pub(crate) fn new(definition: &Definition) -> Self {
        Self::Units(Units::new(definition.capacity))
    }

    /// Whether bookings that claim this much, and stand like this, take no more than a slot has that is defined
    /// like this.
    pub(crate) fn holds(definition: &Definition, claims: impl Iterator<Item = (Status, Claim)>) -> bool {
        Units::hold(definition.capacity, claims.map(units))
    }

    /// How many places a request asks for.
    pub(crate) fn size(book: &Book) -> u32 {
        book.quantity
    }

    /// Whether a slot that is defined like this could ever give so many.
    pub(crate) fn could_ever_fit(definition: &Definition, quantity: u32) -> bool {
        Units::could_ever_fit(definition.capacity, quantity)
    }

    /// What a newcomer gets now: nothing where those who wait come first, or where it does not fit.
    pub(crate) fn find(&self, book: &Book, waitlist: &Waitlist, order: Order) -> Option<Allocation> {
        let Self::Units(all) = self;
        // Who waits was just served: under the strict order the head is short of units, and under the other nobody who
        // waits fits.
        let has_turn = waitlist.is_empty() || order == Order::SkipFit;
        (has_turn && all.fit(book.quantity)).then_some(Allocation::Units)
    }

    /// Whose turn it is of those who wait, and what that claim gets. Under [`Order::Strict`] the head's, all of it or
    /// nothing: who is behind a head that does not fit waits with it, however little they want. Under
    /// [`Order::SkipFit`] the first one's who fits.
    pub(crate) fn next(&self, waitlist: &Waitlist, order: Order) -> Option<(Number, Allocation)> {
        let Self::Units(all) = self;
        let number = match order {
            Order::Strict => waitlist.head().filter(|&(_, quantity)| all.fit(quantity))?.0,
            Order::SkipFit => waitlist.first_who_fits(all.free())?,
        };
        Some((number, Allocation::Units))
    }

    /// Takes what a claim has that was saved, and stands like this.
    pub(crate) fn restore(&mut self, claim: Claim, status: Status) {
        let Self::Units(all) = self;
        all.take(status, claim.quantity);
    }

    /// Takes what was found for a new booking that stands like this.
    pub(crate) fn enter(&mut self, claim: Claim, status: Status, found: Option<Allocation>) {
        assert!(
            found.is_some() == status.has_places(),
            "who has places got what was found, and nobody else did"
        );
        let Self::Units(all) = self;
        all.take(status, claim.quantity);
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(
        &mut self,
        claim: Claim,
        (from, to): (Status, Status),
        found: Option<Allocation>,
    ) {
        let gets_places = to.has_places() && !from.has_places();
        assert!(found.is_some() == gets_places, "who gets places gets what was found, and nobody else does");
        let Self::Units(all) = self;
        all.give_back(from, claim.quantity);
        all.take(to, claim.quantity);
    }

    /// Gives back what a booking has no longer that stands as before, and claims the second where it claimed the first.
    pub(crate) fn reduce(&mut self, status: Status, from: Claim, to: Claim) {
        assert!(to.quantity < from.quantity, "a claim never grows");
        let Self::Units(all) = self;
        all.give_back(status, from.quantity - to.quantity);
    }

    /// Whether a slot can be defined like this, with what is taken.
    pub(crate) fn may_become(&self, new: &Definition) -> bool {
        let Self::Units(all) = self;
        all.may_become(new.capacity)
    }

    /// Goes on with a slot that is defined otherwise, as it may be.
    pub(crate) fn redefine(&mut self, new: &Definition) {
        let Self::Units(all) = self;
        all.resize(new.capacity);
    }

    /// Where everything is, beside so many bookings that wait.
    pub(crate) fn counts(&self, waitlisted: u32) -> Counts {
        let Self::Units(all) = self;
        all.counts(waitlisted)
    }

    /// Whether everything is where these bookings say, counted anew.
    pub(crate) fn adds_up(
        &self,
        definition: &Definition,
        claims: impl Iterator<Item = (Status, Claim)>,
    ) -> bool {
        let Self::Units(all) = self;
        all.add_up(definition.capacity, claims.map(units))
    }

    /// Whether nobody could be served of those who wait, the head first, counted anew.
    pub(crate) fn serves_nobody(&self, waiters: impl Iterator<Item = Claim>, order: Order) -> bool {
        let Self::Units(all) = self;
        all.serve_nobody(waiters.map(|waiter| waiter.quantity), order)
    }
}

/// What units know of a claim.
fn units((status, claim): (Status, Claim)) -> (Status, u32) {
    (status, claim.quantity)
}

#[cfg(test)]
impl Inventory {
    /// One place too many is free.
    pub(crate) fn spoil(&mut self) {
        let Self::Units(all) = self;
        all.spoil();
    }
}
