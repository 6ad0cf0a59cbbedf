//! The ledger: all bookings of a slot, and the tally of what follows from them.
//!
//! Everything that changes a booking goes through here, so the two never part.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::slot::inventory::Inventory;
use crate::slot::inventory::allocation::Allocation;
use crate::slot::inventory::calendar::Hours;
use crate::slot::inventory::claim::{Claim, RangeHad};
use crate::slot::inventory::seats::{Companions, Seats};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::booking::{Booking, Standing};
use crate::slot::state::bookings::{Away, Bookings};
use crate::slot::state::tally::Tally;
use crate::{
    Best, Bill, BookingCredits, Buffers, Counts, Definition, InOrder, Level, MapChange, NewSlot, Number,
    Order, Places, Seating, Status, Timestamp,
};

/// All bookings of a slot, and what follows from them.
pub(crate) struct Ledger {
    bookings: Bookings,
    tally: Tally,
}

impl Ledger {
    /// The ledger of a slot that nobody has booked; none of a calendar that cannot be like that.
    pub(crate) fn new(new: &NewSlot, at: Timestamp) -> Option<Self> {
        let tally = Tally::new(&new.definition, Inventory::new(new, at)?);
        Some(Self { bookings: Bookings::new(new.definition.secret), tally })
    }

    /// The ledger that these bookings make, of as many as there ever were; all others are away. They are ascending by number,
    /// and take no more than the inventory has, of which nothing is taken yet.
    pub(crate) fn restore(
        definition: &Definition,
        inventory: Inventory,
        bookings: Vec<Booking>,
        latest: Number,
        away: Away,
    ) -> Self {
        let mut tally = Tally::new(definition, inventory);
        tally.add_away(away);
        for booking in &bookings {
            tally.restore(booking.as_ref());
        }
        Self { bookings: Bookings::restore(definition.secret, bookings, latest, away), tally }
    }

    /// Goes on at this moment. Whether anything costs something else than before.
    pub(crate) fn set_time(&mut self, at: Timestamp) -> bool {
        self.tally.inventory_mut().set_time(at)
    }

    /// Enters a new booking, which has the next number, with what was found for it.
    pub(crate) fn enter(&mut self, booking: Booking, found: Option<&Allocation>) {
        self.tally.enter(booking.as_ref(), found);
        self.bookings.push(booking);
    }

    /// Changes where a booking stands that gets no place by it.
    pub(crate) fn change(&mut self, number: Number, standing: Standing) {
        self.transition(number, standing, None, None);
    }

    /// The same of a booking that costs this from now on, if it costs anything.
    pub(crate) fn charge(&mut self, number: Number, standing: Standing, bill: Option<Arc<Bill>>) {
        self.transition(number, standing, None, bill);
    }

    /// Goes on under the rules of this level.
    pub(crate) fn set_level(&mut self, level: Level) {
        if let Some(house) = self.tally.inventory_mut().house_mut() {
            house.set_companions(Companions::under(level));
        }
    }

    /// Whose turn it is of those who wait, and what that booking gets.
    pub(crate) fn next(&mut self, order: Order) -> Option<(Number, Allocation)> {
        self.tally.next(order)
    }

    /// Gives a booking that waited what was found for it, which costs this from now on, if it costs anything.
    pub(crate) fn give(
        &mut self,
        number: Number,
        standing: Standing,
        found: &Allocation,
        bill: Option<Arc<Bill>>,
    ) {
        self.transition(number, standing, Some(found), bill);
    }

    fn transition(
        &mut self,
        number: Number,
        standing: Standing,
        found: Option<&Allocation>,
        bill: Option<Arc<Bill>>,
    ) {
        let booking = self.bookings.get_whole(number);
        let (before, quantity) = (booking.status(), booking.record.quantity);
        self.tally.remove(booking);
        if let (Some(range), Some(Allocation::Range(resource))) = (booking.range, found) {
            let had = RangeHad { resource: *resource, ..range.had };
            let range = range.moved(had, range.buffers);
            self.bookings.set_range(number, range);
        } else if let Some(claim) = booking.seats {
            let seating = found.and_then(Allocation::places).map(|places| self.seating(places.clone()));
            let claim = match seating {
                Some(seating) => Some(claim.seated(seating)),
                None => (before == Status::Waitlisted).then(|| claim.waiting_for(None)),
            };
            if let Some(claim) = claim {
                self.bookings.set_claim(number, claim, quantity);
            }
        }
        if let Some(bill) = bill {
            self.bookings.set_bill(number, bill);
        }
        self.bookings.set_standing(number, standing);
        self.tally.transition(self.bookings.get_whole(number), before, found);
    }

    /// What a booking has that has these places of the house.
    fn seating(&self, places: Places) -> Seating {
        let house = self.tally.inventory().house().expect("places are a house's");
        Seating::of(house.map(), house.plan(), places)
    }

    /// Makes a booking be for fewer, with this of its bill, if it has one: what it has no longer is free, and who waits keeps the place.
    pub(crate) fn reduce(&mut self, number: Number, quantity: NonZeroU32, bill: Option<Arc<Bill>>) {
        let before = self.bookings.get_whole(number).to_owned();
        if let Some(bill) = bill {
            self.bookings.set_bill(number, bill);
        }
        match before.seats.as_deref() {
            None => self.bookings.reduce(number, quantity),
            Some(claim) => {
                let wish = claim.waits_for.as_deref().expect("seats are given back by their numbers");
                let accessible = wish.accessible.min(quantity.get());
                let wish = Best { quantity: quantity.get(), accessible, ..wish.clone() };
                self.bookings.set_claim(number, claim.waiting_for(Some(wish)), quantity.get());
            }
        }
        self.tally.exchange(before.as_ref(), self.bookings.get_whole(number));
    }

    /// Gives a booking that has places of a house these in their place, with this bill, if it has one.
    pub(crate) fn reseat(&mut self, number: Number, places: Places, bill: Option<Arc<Bill>>) {
        let before = self.bookings.get_whole(number).to_owned();
        if let Some(bill) = bill {
            self.bookings.set_bill(number, bill);
        }
        let quantity = u32::try_from(places.quantity()).expect("a house has no more places than that");
        let claim = before.seats.as_deref().expect("a booking of a house claims seats");
        let claim = claim.seated(self.seating(places));
        self.bookings.set_claim(number, claim, quantity);
        self.tally.exchange(before.as_ref(), self.bookings.get_whole(number));
    }

    /// Gives a booking that has places this range in place of its own, with what is kept free around it.
    pub(crate) fn relocate(&mut self, number: Number, had: RangeHad, buffers: Buffers) {
        let before = self.bookings.get_whole(number).to_owned();
        let range = before.range.as_deref().expect("a booking of a calendar claims a range");
        self.bookings.set_range(number, range.moved(had, buffers));
        self.tally.exchange(before.as_ref(), self.bookings.get_whole(number));
    }

    /// A calendar is open like this from now on, which is known up to a moment.
    pub(crate) fn reopen(&mut self, hours: Hours, until: Timestamp) {
        let booked = self.bookings.after(None).map(|record| self.bookings.whole(record));
        let booked = booked.filter(|booking| booking.status().has_places());
        let booked = booked.map(|booking| booking.claim().in_calendar().had.range);
        let ranges = self.tally.inventory_mut().ranges_mut().expect("hours are a calendar's");
        ranges.reopen(hours, until, booked);
    }

    /// The seats of the house by another map, with the same bookings.
    pub(crate) fn redrawn(&self, change: &MapChange) -> Result<Seats, Refused> {
        let house = self.tally.inventory().house().expect("a map is of a house");
        let live = self.bookings.after(None).map(|record| self.bookings.whole(record));
        let live = live.filter(|booking| booking.status().has_places());
        house.redrawn(change, live.map(|booking| (booking.status(), booking.claim().places())))
    }

    /// Goes on by another map, with what it makes of the seats.
    pub(crate) fn redraw(&mut self, change: &MapChange, seats: Seats) {
        self.tally.inventory_mut().house_mut().expect("a map is of a house").redraw(change.map, seats);
        let live = self.bookings.after(None).filter(|booking| !booking.standing.status().is_over());
        for number in live.map(|booking| booking.number).collect::<Vec<_>>() {
            let before = self.bookings.get_whole(number).to_owned();
            let claim = before.seats.as_deref().expect("a booking of a house claims seats").redrawn(change);
            self.bookings.set_claim(number, claim, before.record.quantity);
            if let Some(bill) = redrawn_bill(&before, change) {
                self.bookings.set_bill(number, Arc::new(bill));
            }
            self.tally.renumber(before.as_ref(), self.bookings.get_whole(number));
        }
    }

    /// Changes what is known of what was promised for a booking.
    pub(crate) fn set_credits(&mut self, number: Number, credits: BookingCredits) {
        let before = self.bookings.get_whole(number).digest();
        self.bookings.set_credits(number, credits);
        self.tally.redigest(before, self.bookings.get_whole(number).digest());
    }

    /// Makes a booking an item of an order, or of none, and stand like this, if that is said.
    pub(crate) fn set_order(
        &mut self,
        number: Number,
        order: Option<Box<InOrder>>,
        standing: Option<Standing>,
    ) {
        let booking = self.bookings.get_whole(number);
        let before = booking.status();
        self.tally.remove(booking);
        self.bookings.set_order(number, order);
        if let Some(standing) = standing {
            self.bookings.set_standing(number, standing);
        }
        self.tally.transition(self.bookings.get_whole(number), before, None);
    }

    /// Ends a booking whose time is over.
    pub(crate) fn expire(&mut self, number: Number, at: Timestamp) {
        let expired = self.bookings.get(number).standing.expired(at);
        self.change(number, expired.expect("only what time can end is expired"));
    }

    /// Goes on with a slot that is defined otherwise. What is taken is not more than its capacity.
    pub(crate) fn redefine(&mut self, old: &Definition, new: &Definition, at: Timestamp) {
        self.tally.redefine(new);
        if old.tariff != new.tariff || old.stock != new.stock && new.tariff.is_some() {
            let claims = claims(&self.bookings);
            self.tally.inventory_mut().restock(new, at, &claims);
        }
        if old.policy.customer_limit.is_some() != new.policy.customer_limit.is_some() {
            self.tally.count_customers(new, self.bookings.after(None));
        }
    }

    /// Refuses a definition that does not go with what bookings have; another map is looked at apart.
    pub(crate) fn may_become(&self, old: &Definition, new: &Definition) -> Result<(), Refused> {
        let claims = if old.tariff == new.tariff { Vec::new() } else { claims(&self.bookings) };
        self.tally.inventory().may_become(new, &claims)
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

    /// The earliest deadline of a hold or an offer, or of waiting for a range, and whose it is.
    pub(crate) fn first_deadline(&self) -> Option<(Timestamp, Number)> {
        self.tally.first_deadline()
    }

    /// What a slot can give out, to be sold otherwise and saved: what is taken of it stays as it is.
    pub(crate) fn inventory_mut(&mut self) -> &mut Inventory {
        self.tally.inventory_mut()
    }

    /// The bookings, to be saved, let go and called back: what follows from them stays as it is.
    pub(crate) fn bookings_mut(&mut self) -> &mut Bookings {
        &mut self.bookings
    }
}

/// What bookings claim that are not over, and how they stand.
fn claims(bookings: &Bookings) -> Vec<(Status, Claim<'_>)> {
    let live = bookings.after(None).filter(|booking| !booking.standing.status().is_over());
    let live = live.map(|booking| bookings.whole(booking));
    live.map(|booking| (booking.status(), booking.claim())).collect()
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

/// What a booking costs by another map, place by place, if that is told otherwise then. Of who has nothing yet, or is only offered it,
/// nothing is told of places.
fn redrawn_bill(booking: &Booking, change: &MapChange) -> Option<Bill> {
    let is_priced = matches!(booking.record.standing.status(), Status::Held | Status::Confirmed);
    let purchase = booking.purchase.as_deref().filter(|_| is_priced)?;
    let places = &booking.seats.as_deref()?.seating.places;
    let bill = purchase.bill.redrawn(places, &change.table);
    (bill != *purchase.bill).then_some(bill)
}
