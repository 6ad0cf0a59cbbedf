//! What is for sale, and another plan, case by case.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::{
    ALLOTMENTS_MAX, Allotment, AllotmentCounts, Area, Category, Plan, RedrawRefused, Sale, SaleRefused,
    SaleRun, Seat, Seats, Shown, ShownBlock, Table,
};
use super::houses::{draw, house, house_and_areas, seated};
use crate::Status;

const OPEN: Sale = Sale::Open;
const BLOCKED: Sale = Sale::Blocked;
const PRESS: Sale = Sale::Allotted(Allotment(0));
const BAND: Sale = Sale::Allotted(Allotment(1));

fn runs(all: &[(u32, u32, Sale)]) -> Vec<SaleRun> {
    all.iter().map(|&(first, length, sale)| SaleRun { first: Seat(first), length, sale }).collect()
}

#[test]
fn what_is_sold_otherwise_is_told_if_it_is_new() {
    // The state before, what is to be, what of it is new, and the state after.
    type Runs<'all> = &'all [(u32, u32, Sale)];
    let rows: &[(&str, Runs<'_>, Runs<'_>, &str)] = &[
        ("...... ...", &[(1, 3, BLOCKED)], &[(1, 3, BLOCKED)], ".xxx.. ..."),
        (".xxx.. ...", &[(0, 9, BLOCKED)], &[(0, 1, BLOCKED), (4, 5, BLOCKED)], "xxxxxx xxx"),
        (".xxx.. ...", &[(0, 9, OPEN)], &[(1, 3, OPEN)], "...... ..."),
        // An aisle ends no run.
        ("...... ...", &[(4, 3, PRESS)], &[(4, 3, PRESS)], "....00 0.."),
        ("....00 0..", &[(5, 1, BAND), (0, 1, BLOCKED)], &[(0, 1, BLOCKED), (5, 1, BAND)], "x...01 0.."),
        ("....00 0..", &[(4, 3, BLOCKED)], &[(4, 3, BLOCKED)], "....xx x.."),
        ("xx..00 0..", &[(0, 2, PRESS), (2, 2, PRESS)], &[(0, 4, PRESS)], "000000 0.."),
        // Opening what is taken changes nothing, nor does saying what is so.
        ("hto... ...", &[(0, 9, OPEN)], &[], "hto... ..."),
        ("P0.... ...", &[(0, 2, OPEN)], &[(1, 1, OPEN)], "P..... ..."),
        ("P0.... ...", &[(0, 3, PRESS)], &[(2, 1, PRESS)], "P00... ..."),
        ("...... ...", &[], &[], "...... ..."),
    ];
    for (state, wanted, new, after) in rows {
        let mut seats = house("aaaaaa aaa", state);
        assert_eq!(seats.sell(&runs(wanted)), Ok(runs(new)), "{state}: {wanted:?}");
        assert!(seats == house("aaaaaa aaa", after), "{state}: {wanted:?}");
    }
}

#[test]
fn what_is_taken_is_not_sold_otherwise() {
    let before = house("aaaaaa", "ht.P0.");
    for (wanted, taken) in [
        (runs(&[(0, 6, BLOCKED)]), &[0, 1, 3][..]),
        (runs(&[(2, 4, BAND)]), &[3]),
        (runs(&[(2, 4, PRESS), (0, 1, PRESS)]), &[0]),
    ] {
        let mut seats = before.clone();
        let taken = taken.iter().copied().map(Seat).collect();
        assert_eq!(seats.sell(&wanted), Err(SaleRefused::Taken(taken)), "{wanted:?}");
        assert!(seats == before, "all or none");
    }
    for malformed in [
        &[(0, 0, OPEN)][..],
        &[(5, 2, OPEN)],
        &[(6, 1, OPEN)],
        &[(u32::MAX, u32::MAX, OPEN)],
        &[(2, 2, OPEN), (3, 1, OPEN)],
        &[(2, 1, Sale::Allotted(Allotment(ALLOTMENTS_MAX)))],
    ] {
        let mut seats = before.clone();
        assert_eq!(seats.sell(&runs(malformed)), Err(SaleRefused::Malformed), "{malformed:?}");
        assert!(seats == before, "all or none");
    }
    let last = Sale::Allotted(Allotment(ALLOTMENTS_MAX - 1));
    let mut seats = before;
    assert!(seats.sell(&runs(&[(2, 1, last)])).is_ok());
}

#[test]
fn blocked_seats_are_no_capacity_and_kept_ones_are_not_free() {
    use Shown::{Free, Held, Taken};
    let seats = house_and_areas("aaaaaa/wkbb", "hoxt0P/....", &[(1, 7)]);
    let counts = seats.counts();
    let told = (counts.capacity, counts.free, counts.allotted, counts.blocked);
    assert_eq!(told, (5 + 4 + 7, 4 + 7, 1, 1));
    assert_eq!((counts.held, counts.offered, counts.confirmed), (1, 1, 2));
    let first = seats.category_counts(Category(0));
    assert_eq!((first.capacity, first.free, first.allotted, first.largest_block), (7, 2, 1, 0));
    let second = seats.category_counts(Category(1));
    assert_eq!((second.capacity, second.free, second.largest_block), (9, 9, 2));
    let press = (Allotment(0), AllotmentCounts { capacity: 2, free: 1 });
    assert!(seats.allotment_counts().eq([press]));
    let shown = seats.shown().flat_map(ShownBlock::seats).collect::<Vec<_>>();
    assert_eq!(shown, [Held, Held, Taken, Taken, Taken, Taken, Free, Free, Free, Free]);
    for (seat, shown) in (0..).map(Seat).zip(shown) {
        assert_eq!(seats.shown_of(seat), shown);
    }
}

#[test]
fn an_allotment_without_seats_is_forgotten() {
    let mut seats = house("aaa", "00.");
    seats.sell(&runs(&[(0, 2, OPEN)])).unwrap();
    assert_eq!(seats.allotment_counts().count(), 0);
    assert!(seats == house("aaa", "..."));
}

#[test]
fn what_is_given_back_goes_where_it_came_from() {
    let mut seats = house_and_areas("aaa", ".0.", &[(0, 2)]);
    let before = seats.clone();
    let places = super::super::Places::new([Seat(0), Seat(1)].to_vec(), [(Area(0), 2)].to_vec()).unwrap();
    seats.take(&places, Status::Held);
    assert!(!seats.are_free(&seated(&[1])));
    assert_eq!(seats.free_in(Area(0)), 0);
    for (from, to) in [
        (Status::Held, Status::Confirmed),
        (Status::Confirmed, Status::Held),
        (Status::Held, Status::Offered),
        (Status::Offered, Status::Declined),
        (Status::Declined, Status::Cancelled),
    ] {
        seats.transition(&places, (from, to));
        let counts = seats.counts();
        let of = |status| if to == status { 4 } else { 0 };
        assert_eq!(counts.held, of(Status::Held));
        assert_eq!(counts.offered, of(Status::Offered));
        assert_eq!(counts.confirmed, of(Status::Confirmed));
    }
    assert!(seats == before);
    seats.take(&places, Status::Waitlisted);
    assert!(seats == before, "who waits has nothing");
}

#[test]
#[should_panic(expected = "what is taken was free")]
fn nobody_takes_what_somebody_has() {
    house("aaa", ".t.").take(&seated(&[0, 1]), Status::Held);
}

#[test]
#[should_panic(expected = "what is given back was taken")]
fn nobody_gives_back_what_they_have_not() {
    house("aaa", ".h.").give_back(&seated(&[0, 1]), Status::Held);
}

#[test]
fn counted_anew_every_lie_is_found() {
    let seats = house("aaaa", "ht.x");
    let (held, confirmed) = (seated(&[0]), seated(&[1]));
    let adds_up = |claims: &[(Status, &super::super::Places)]| seats.adds_up(claims.iter().copied());
    assert!(adds_up(&[(Status::Held, &held), (Status::Confirmed, &confirmed)]));
    assert!(adds_up(&[(Status::Expired, &held), (Status::Held, &held), (Status::Confirmed, &confirmed)]));
    for lie in [
        &[(Status::Held, &held)][..],
        &[(Status::Offered, &held), (Status::Confirmed, &confirmed)],
        &[(Status::Held, &held), (Status::Held, &confirmed)],
        &[(Status::Held, &held), (Status::Held, &held), (Status::Confirmed, &confirmed)],
        &[(Status::Held, &held), (Status::Confirmed, &confirmed), (Status::Confirmed, &seated(&[2]))],
        &[(Status::Held, &held), (Status::Confirmed, &confirmed), (Status::Confirmed, &seated(&[3]))],
        &[(Status::Held, &held), (Status::Confirmed, &confirmed), (Status::Confirmed, &seated(&[4]))],
    ] {
        assert!(!adds_up(lie), "{lie:?}");
    }
}

#[test]
fn a_digest_tells_how_seats_are_sold() {
    let digests = [
        house("aaa", "...").digest(),
        house("aa a", "...").digest(),
        house("aab", "...").digest(),
        house("aaa", "x..").digest(),
        house("aaa", ".x.").digest(),
        house("aaa", "0..").digest(),
        house("aaa", "1..").digest(),
        house("aaa", "xx.").digest(),
    ];
    for (place, digest) in digests.iter().enumerate() {
        assert!(!digests[..place].contains(digest), "the house at {place} is like one before");
    }
    assert_eq!(house("aaa", "h..").digest(), digests[0], "what is taken is the bookings' to say");
}

/// A plan, and where its seats are in the next.
fn redrawn(seats: &Seats, picture: &str, table: &[Option<u32>]) -> Result<Seats, RedrawRefused> {
    let table = Table { seats: table.iter().map(|seat| seat.map(Seat)).collect(), areas: Vec::new() };
    let (held, confirmed) = (seated(&[0]), seated(&[3]));
    let claims = [(Status::Held, &held), (Status::Confirmed, &confirmed), (Status::Cancelled, &confirmed)];
    seats.redrawn(Arc::new(Plan::new(&draw(picture)).unwrap()), &table, claims.into_iter())
}

#[test]
fn another_plan_keeps_bookings_and_how_seats_are_sold() {
    let seats = house("aaaaaa", "hx0P..");
    let all = |order: [u32; 6]| order.map(Some);
    // The seats the other way round, in two rows, of another category.
    let new = redrawn(&seats, "bbb/aaab", &all([5, 4, 3, 2, 1, 0])).unwrap();
    assert!(new == house("bbb/aaab", "..P0xh."));
    assert_eq!(new.category_counts(Category(1)).confirmed, 1);
    assert_eq!(new.category_counts(Category(0)).held, 1);
    // What is free may go, closed or not.
    let new = redrawn(&seats, "aa", &[Some(1), None, None, Some(0), None, None]).unwrap();
    assert!(new == house("aa", "Ph"));
    // What is taken may not: every such seat is told.
    let in_use = |seats: &[u32]| RedrawRefused::InUse {
        seats: seats.iter().copied().map(Seat).collect(),
        areas: Vec::new(),
    };
    let refused = |table: &[Option<u32>]| redrawn(&seats, "aaaaaa", table).map(|_| ()).unwrap_err();
    assert_eq!(refused(&[None, Some(1), Some(2), None, Some(4), Some(5)]), in_use(&[0, 3]));
    assert_eq!(refused(&[Some(0), None, None, None, None, None]), in_use(&[3]));
    for bad in [&all([0, 0, 1, 2, 3, 4])[..], &all([0, 1, 2, 3, 4, 6]), &[Some(0); 5], &[None; 7]] {
        assert_eq!(refused(bad), RedrawRefused::BadTable, "{bad:?}");
    }
}

#[test]
fn another_plan_has_room_for_what_is_taken_of_an_area() {
    let mut seats = house_and_areas("a", ".", &[(0, 5), (0, 5)]);
    let places = super::super::Places::new(Vec::new(), [(Area(1), 3)].to_vec()).unwrap();
    seats.take(&places, Status::Held);
    let redrawn = |areas: &[(u8, u32)], table: &[Option<u8>]| {
        let plan = Arc::clone(house_and_areas("b", ".", areas).plan());
        let table =
            Table { seats: [None].to_vec(), areas: table.iter().map(|area| area.map(Area)).collect() };
        seats.redrawn(plan, &table, [(Status::Held, &places)].into_iter()).map(|new| new.free_in(Area(0)))
    };
    let in_use = RedrawRefused::InUse { seats: Vec::new(), areas: [Area(1)].to_vec() };
    assert_eq!(redrawn(&[(1, 3)], &[None, Some(0)]), Ok(0));
    assert_eq!(redrawn(&[(1, 2)], &[None, Some(0)]), Err(in_use.clone()));
    assert_eq!(redrawn(&[(1, 3)], &[Some(0), None]), Err(in_use));
    assert_eq!(redrawn(&[(1, 3)], &[Some(0), Some(0)]), Err(RedrawRefused::BadTable));
    assert_eq!(redrawn(&[(1, 3)], &[None, Some(1)]), Err(RedrawRefused::BadTable));
    assert_eq!(redrawn(&[(1, 3)], &[None]), Err(RedrawRefused::BadTable));
}
