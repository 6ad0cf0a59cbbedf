//! The same for a slot of seats: every part of every invariant of a house is broken once, alone.

use alloc::sync::Arc;
use alloc::vec;

use super::tests::{definition, made};
use crate::invariant::Invariant;
use crate::slot::inventory::claim::Claim;
use crate::{
    AisleSingles, Asker, Best, Book, Category, Command, Content, Definition, Drawing, DrawnBlock, Mode,
    NewSlot, Number, Pick, Places, Plan, Row, Seat, Seating, SeatsAsked, SeatsClaim, SeatsStock, SeatsWish,
    Section, SingleScope, Singles, SinglesPolicy, Slot, Status, Stock, Together, WhenFull, Wish,
};

const MAP: Content = Content(1);

/// Six seats in a row, of which two are taken, and two wait for five.
fn sound() -> Slot {
    let singles =
        SinglesPolicy { singles: Singles::Avoid, aisles: AisleSingles::Ignore, scope: SingleScope::Row };
    let mut definition = Definition { stock: Stock::Seats(SeatsStock { map: MAP, singles }), ..definition() };
    definition.policy.customer_limit = None;
    let block = DrawnBlock {
        section: Section(0),
        row: Row(0),
        length: 6,
        categories: vec![(Category(0), 63)],
        accessible: 0,
        companion: 0,
    };
    let drawing = Drawing { blocks: vec![block], ranks: (0..6).collect(), areas: vec![], categories: 1 };
    let plan = Arc::new(Plan::new(&drawing).unwrap());
    let best = Best {
        quantity: 5,
        categories: vec![Category(0)],
        together: Together::Prefer,
        accessible: 0,
        sections: vec![],
        allotment: None,
    };
    let pick = SeatsAsked::Pick(Pick { seats: vec![Seat(0), Seat(1)], ..Pick::default() });
    let asked = [pick, SeatsAsked::Best(best.clone()), SeatsAsked::Best(best)].map(|asked| {
        let wish = Wish::Seats(SeatsWish { map: MAP, by: Asker::Customer, asked }.into());
        let (customer, mode, when_full) = ("alice".into(), Mode::Confirm, WhenFull::Waitlist);
        Command::Book(Book { customer, wish, mode, hold_seconds: None, when_full, basket: None })
    });
    made(NewSlot::of_seats(definition, plan), asked)
}

/// Changes what a booking claims, and nothing that follows from it.
fn reclaim(slot: &mut Slot, number: u32, change: impl FnOnce(&SeatsClaim) -> SeatsClaim) {
    let booking = slot.ledger.bookings().get_whole(Number(number)).to_owned();
    let claim = change(booking.seats.as_deref().unwrap());
    slot.ledger.bookings_mut().set_claim(Number(number), claim, booking.record.quantity);
}

/// What a booking claims that has this seat.
fn claim_of(seat: u32) -> SeatsClaim {
    let places = Places::new(vec![Seat(seat)], vec![]).unwrap();
    let seating = Seating { map: MAP, places, category: Some(Category(0)), together: Some(true) };
    SeatsClaim { waits_for: None, seating: Arc::new(seating), first: None }
}

fn seated(claim: &SeatsClaim, seats: &[u32]) -> SeatsClaim {
    let places = Places::new(seats.iter().copied().map(Seat).collect(), vec![]).unwrap();
    claim.seated(Seating { places, ..(*claim.seating).clone() })
}

/// What is done to a sound slot.
type Change = fn(&mut Slot);

/// What is broken, which part of it, and how.
const BROKEN: &[(Invariant, &str, Change)] = &[
    (Invariant::SeatsOnce, "a booking has another seat than is taken", |slot| {
        reclaim(slot, 1, |claim| seated(claim, &[0, 2]));
    }),
    (Invariant::SeatsOnce, "a booking has more than it is for", |slot| {
        reclaim(slot, 1, |claim| seated(claim, &[0, 1, 2]));
    }),
    (Invariant::SeatsOnce, "a booking has a seat that there is not", |slot| {
        reclaim(slot, 1, |claim| seated(claim, &[0, 6]));
    }),
    (Invariant::SeatsOnce, "a seat is taken that nobody has", |slot| {
        let (house, claim) = (slot.ledger.inventory_mut().house_mut().unwrap(), claim_of(5));
        let claim = Claim { number: Number(9), quantity: 1, seats: Some(&claim), range: None, bill: None };
        house.take(&claim, Status::Held);
    }),
    (Invariant::SeatsOnce, "who has places waits", |slot| {
        let wish = slot.ledger.bookings().get_whole(Number(2)).seats.unwrap().waits_for.clone();
        reclaim(slot, 1, |claim| claim.waiting_for(wish.map(|wish| *wish)));
    }),
    (Invariant::Conservation, "somebody waits in no queue", |slot| {
        let booking = slot.ledger.bookings().get_whole(Number(3)).to_owned();
        slot.ledger.inventory_mut().leave(&booking.as_ref().claim());
    }),
    (Invariant::Conservation, "somebody waits for less than is said", |slot| {
        reclaim(slot, 3, |claim| {
            let wish = claim.waits_for.as_deref().unwrap();
            claim.waiting_for(Some(Best { quantity: 6, ..wish.clone() }))
        });
    }),
    (Invariant::NothingIdle, "somebody waits who could be served", |slot| {
        reclaim(slot, 3, |claim| {
            let wish = claim.waits_for.as_deref().unwrap();
            claim.waiting_for(Some(Best { quantity: 4, ..wish.clone() }))
        });
        reclaim(slot, 2, |claim| {
            let wish = claim.waits_for.as_deref().unwrap();
            claim.waiting_for(Some(Best { categories: vec![Category(1)], ..wish.clone() }))
        });
    }),
    (Invariant::HouseCounts, "seats are not together as is said", |slot| {
        reclaim(slot, 1, |claim| claim.seated(Seating { together: Some(false), ..(*claim.seating).clone() }));
    }),
    (Invariant::HouseCounts, "seats are of another category than is said", |slot| {
        reclaim(slot, 1, |claim| claim.seated(Seating { category: None, ..(*claim.seating).clone() }));
    }),
    (Invariant::HouseCounts, "seats are of another map", |slot| {
        reclaim(slot, 1, |claim| claim.seated(Seating { map: Content(2), ..(*claim.seating).clone() }));
    }),
    (Invariant::EqualBytes, "what a booking had first", |slot| {
        reclaim(slot, 1, |claim| claim.seated((*claim.seating).clone()));
    }),
];

#[test]
fn each_part_of_each_is_looked_at() {
    assert_eq!(sound().check(), Ok(()));
    for (invariant, part, spoil) in BROKEN {
        let mut slot = sound();
        spoil(&mut slot);
        assert!(!slot.upholds(*invariant), "{invariant}: {part}");
        assert!(slot.check().is_err(), "{invariant}: {part}");
    }
}
