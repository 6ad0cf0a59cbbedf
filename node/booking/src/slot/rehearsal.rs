//! Bugs in the rules that a test plants, to see that they are found.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::inventory::claim::Claim;
use crate::slot::state::booking::BookingRef;
use crate::{Bill, Booking, BookingRecord, Item, Number, Places, Seating, SeatsClaim, Slot};

/// A bug in the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleBug {
    /// A seat is freed once more when somebody else has it by now.
    SeatFreedTwice,
    /// What a booking has of a quota is given back while it has its places.
    QuotaGivenBack,
    /// A booking that has its places costs more from one step to the next.
    ChargedAnew,
    /// What is freed of a calendar goes to the latest whom it fits.
    LatestServed,
}

impl Slot {
    /// What this bug does behind a step.
    pub fn suffer(&mut self, bug: RuleBug) {
        match bug {
            RuleBug::SeatFreedTwice => self.free_seats_twice(),
            RuleBug::QuotaGivenBack => self.give_quota_back(),
            RuleBug::ChargedAnew => self.charge_anew(),
            RuleBug::LatestServed => self.serve_latest(),
        }
    }

    /// Frees once more what a booking had that is over, where somebody else has it by now.
    fn free_seats_twice(&mut self) {
        let Some(house) = self.ledger.tally().inventory().house() else { return };
        let (map, bookings) = (house.map(), self.ledger.bookings());
        let all = || bookings.after(None).map(|record| bookings.whole(record));
        let of_this_map = |places: &Places, of| (of == map).then(|| places.seats().to_vec());
        let over = all().filter(|booking| booking.status().is_over()).filter_map(|booking| {
            let seating = &booking.claim().in_house().seating;
            of_this_map(&seating.places, seating.map)
        });
        let over = over.flatten().collect::<BTreeSet<_>>();
        let again = all().filter(|booking| booking.status().has_places()).find_map(|booking| {
            let own = booking.claim().places().seats().iter().copied();
            let seats = own.filter(|seat| over.contains(seat)).collect::<Vec<_>>();
            (!seats.is_empty())
                .then(|| (Places::new(seats, Vec::new()).expect("a booking has each once"), booking.status()))
        });
        if let Some((places, status)) = again {
            let seats = SeatsClaim {
                waits_for: None,
                seating: Arc::new(Seating { places, ..Seating::nothing(map) }),
                first: None,
            };
            let quantity = u32::try_from(seats.seating.places.quantity()).expect("a house has no more");
            let claim = Claim { number: Number(0), quantity, seats: Some(&seats), range: None, bill: None };
            self.ledger.inventory_mut().house_mut().expect("it is one of seats").give_back(&claim, status);
        }
    }

    /// Gives back what the first booking has of quotas.
    fn give_quota_back(&mut self) {
        let billed = self.first_served(|booking| booking.bill().is_some());
        if let (Some(booking), Some(turns)) = (billed, self.ledger.inventory_mut().turns_mut()) {
            turns.give_back(&booking.as_ref().claim(), booking.as_ref().status());
        }
    }

    /// Charges the first booking that costs something a cent more for each place.
    fn charge_anew(&mut self) {
        let paid = |booking: BookingRef<'_>| booking.bill().is_some_and(|bill| bill.amount().is_some());
        let Some(booking) = self.first_served(paid) else { return };
        let bill = booking.as_ref().bill().expect("it costs something");
        let dearer = |item: &Item| Item { price: item.price.map(|price| price + 1), ..item.clone() };
        let bill = Bill { items: bill.items.iter().map(dearer).collect(), currency: bill.currency };
        let BookingRecord { number, standing, .. } = booking.record;
        self.ledger.charge(number, standing, Some(Arc::new(bill)));
    }

    /// From the next step on, whoever came last is served first.
    fn serve_latest(&mut self) {
        if let Some(ranges) = self.ledger.inventory_mut().ranges_mut() {
            ranges.serve_latest();
        }
    }

    /// The first booking of these that has its places.
    fn first_served(&self, wanted: impl Fn(BookingRef<'_>) -> bool) -> Option<Booking> {
        let bookings = self.ledger.bookings();
        let mut all = bookings.after(None).map(|record| bookings.whole(record));
        all.find(|booking| booking.status().has_places() && wanted(*booking)).map(BookingRef::to_owned)
    }
}
