//! A bug in the rules that a test plants, to see that it is found.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::inventory::claim::Claim;
use crate::{Number, Places, Seating, SeatsClaim, Slot};

impl Slot {
    /// Frees once more what a booking had that is over, where somebody else has it by now.
    pub fn free_seats_twice(&mut self) {
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
}
