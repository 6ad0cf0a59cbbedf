//! What conflicts, what is found and what stays, case by case: K1 to K4 and K10 to K13.

use alloc::vec::Vec;

use super::super::{Calendar, Claim, Hours, Places, PlacesInUse, Resource, Terms};
use super::stage::{
    ANY, FIRST, SECOND, at, book, buffered, calendar, calendar_open, lenient, range, ranges, resource_of,
    wish, wish_for,
};
use crate::Status;

/// A calendar with what is booked: ranges of one place each, or of as many as are said behind a cross, as `9..10x2`.
fn with(count: u32, terms: Terms, booked: &str) -> (Calendar, Vec<Claim>) {
    let mut calendar = calendar(Places::Count(count), terms);
    let mut claims = Vec::new();
    for each in booked.split_whitespace() {
        let (range, quantity) =
            each.split_once('x').map_or((each, 1), |(range, many)| (range, many.parse().unwrap()));
        let wish = wish_for(&calendar, range, ANY, quantity);
        claims.push(book(&mut calendar, &wish).expect("what is booked before is free"));
    }
    (calendar, claims)
}

/// Courts with what is booked on each.
fn courts(terms: Terms, openings: &str, booked: &[&str]) -> Calendar {
    let count = u16::try_from(booked.len()).unwrap();
    let mut calendar = calendar_open(Places::Resources(count), terms, openings);
    for (court, booked) in (0..).zip(booked) {
        for range in booked.split_whitespace() {
            let wish = wish_for(&calendar, range, Some(Resource(court)), 1);
            book(&mut calendar, &wish).expect("what is booked before is free");
        }
    }
    calendar
}

#[test]
fn what_conflicts_and_where() {
    let plain = lenient();
    // How many there are, the buffers, what is booked, what is asked for how many, and where too little is free.
    let rows: &[(u32, Terms, &str, &str, u32, &str)] = &[
        // K1: touching is no conflict, to the second.
        (1, plain, "9..10", "10..11", 1, ""),
        (1, plain, "10..11", "9..10", 1, ""),
        (1, plain, "9..10", "9:59:59..11", 1, "9:59:59..10"),
        (1, plain, "10..11", "9..10:00:01", 1, "10..10:00:01"),
        // One within the other, either way, and the very same.
        (1, plain, "9..12", "10..11", 1, "10..11"),
        (1, plain, "10..11", "9..12", 1, "10..11"),
        (1, plain, "9..10", "9..10", 1, "9..10"),
        // One that began the day before.
        (1, plain, "0..11", "10..12", 1, "10..11"),
        // K2: buffers add.
        (1, buffered(15, 10), "9..10", "10:25..11", 1, ""),
        (1, buffered(15, 10), "9..10", "10:24:59..11", 1, "10:09:59..10:10"),
        (1, buffered(15, 10), "10:25..11", "9..10", 1, ""),
        (1, buffered(15, 10), "10:25..11", "9..10:00:01", 1, "10:10..10:10:01"),
        // K3: what is taken at a moment counts, not how many bookings a request meets.
        (2, plain, "9..10 10..11", "9..11", 1, ""),
        (2, plain, "9..10 10..11", "9..11", 2, "9..11"),
        (2, plain, "9..10 9:30..11", "9..11", 1, "9:30..10"),
        (3, plain, "9..10x2 10..11x2", "9..11", 1, ""),
        (3, plain, "9..10x2 10..11x2", "9..11", 2, "9..11"),
        (3, plain, "9..10x2 9:30..11", "9..11", 1, "9:30..10"),
        (10, plain, "9..10x9", "9..10", 1, ""),
        (10, plain, "9..10x9", "9..10", 2, "9..10"),
        (10, plain, "9..10x10", "8..11", 1, "9..10"),
        // K4: buffers hold from the first booking of a pool on.
        (2, buffered(0, 10), "9..10x2", "10:09..11", 1, "10:09..10:10"),
        (2, buffered(0, 10), "9..10x2", "10:10..11", 1, ""),
        (2, buffered(0, 10), "9..10", "10:05..11", 1, ""),
        (2, buffered(0, 10), "9..10", "10:05..11", 2, "10:05..10:10"),
        // Merged where they touch, and apart where they do not.
        (1, plain, "9..10 10..11 11:30..12", "8..13", 1, "9..11 11:30..12"),
        (3, plain, "9..10x3 10..11x2 11..12x3", "8..13", 1, "9..10 11..12"),
        (3, plain, "9..10x3 10..11x2 11..12x3", "8..13", 2, "9..12"),
        // More than there are.
        (2, plain, "", "9..10", 3, "9..10"),
        (2, buffered(10, 20), "", "9..10", 3, "8:50..10:20"),
    ];
    for &(count, terms, booked, asked, quantity, conflicts) in rows {
        let (calendar, _) = with(count, terms, booked);
        let wish = wish_for(&calendar, asked, ANY, quantity);
        let told = calendar.conflicts(&wish, None);
        assert_eq!(told, ranges(conflicts), "{quantity} for {asked} of {count}, {booked} booked");
        assert_eq!(calendar.find(&wish, None).is_some(), conflicts.is_empty(), "{asked}, {booked} booked");
    }
}

#[test]
fn conflicts_are_so_many_and_no_more() {
    for (booked, told) in [(499, 499), (500, 500), (501, 500)] {
        let mut calendar = calendar(Places::Count(1), lenient());
        for index in 0..booked {
            let from = at("1").plus_seconds(index * 120);
            let range = super::super::Range::new(from, from.plus_seconds(60)).unwrap();
            let wish = super::super::Wish::new(range, calendar.terms().buffers, ANY, 1);
            book(&mut calendar, &wish).unwrap();
        }
        let all = wish(&calendar, "0..24");
        assert_eq!(calendar.conflicts(&all, None).len(), told);
    }
}

#[test]
fn a_resource_is_picked_that_is_left_with_the_least_idle_time() {
    let open = "8..22";
    // What is booked on each court, what is asked, which court it gets.
    let rows: &[(&[&str], &str, Option<u16>)] = &[
        // All alike: the first.
        (&["", ""], "9..10", Some(0)),
        (&["9..10", ""], "9..10", Some(1)),
        (&["9..10", "9:30..11"], "9..10", None),
        // It fills a gap to the minute.
        (&["", "8..9 10..22"], "9..10", Some(1)),
        (&["8..9 10:30..22", "8..9 10..22"], "9..10", Some(1)),
        // It follows another rather than beginning a day.
        (&["", "8..9"], "9..10", Some(1)),
        (&["", "12..13"], "10..11", Some(1)),
        (&["12..14", "13..14"], "10..11", Some(0)),
        // What an opening ends at counts as what is booked does.
        (&["9..10", "15..16"], "8..9", Some(0)),
        (&["9..10", "20..21"], "21..22", Some(1)),
        // Equal gaps, on either side: the first.
        (&["9..10 12..13", "8..9 11..12"], "10..11", Some(0)),
        (&["8..9 11..12", "9..10 12..13"], "10..11", Some(0)),
        (&["8..9 11:00:01..12", "9..10 12..13"], "10..11", Some(1)),
        (&["8..9", "10..11 8..9", "10..11 8..9"], "9..10", Some(1)),
    ];
    for &(booked, asked, want) in rows {
        let calendar = courts(lenient(), open, booked);
        let found = calendar.find(&wish(&calendar, asked), None).map(resource_of);
        assert_eq!(found, want, "{asked} with {booked:?}");
    }
    // What is past is not idle: both courts are free from now on.
    let mut calendar = courts(lenient(), open, &["", "8..9"]);
    calendar.pass(at("11"));
    assert_eq!(calendar.find(&wish(&calendar, "12..13"), None).map(resource_of), Some(0));
    // Idle time reaches as far as something with buffers could be sold.
    let calendar = courts(buffered(0, 60), open, &["", "8..20"]);
    assert_eq!(calendar.find(&wish(&calendar, "21..22"), None).map(resource_of), Some(1));
}

#[test]
fn a_named_resource_is_that_one_or_none() {
    let calendar = courts(lenient(), "8..22", &["9..10", ""]);
    for (resource, asked, want, conflicts) in [
        (0, "9..10", None, "9..10"),
        (0, "10..11", Some(0), ""),
        (1, "9..10", Some(1), ""),
        (2, "9..10", None, "9..10"),
    ] {
        let wish = wish_for(&calendar, asked, Some(Resource(resource)), 1);
        assert_eq!(calendar.find(&wish, None).map(resource_of), want, "{asked} on {resource}");
        assert_eq!(calendar.conflicts(&wish, None), ranges(conflicts), "{asked} on {resource}");
    }
    // A pool has no names, and a resource is one.
    let pool = super::stage::calendar(Places::Count(2), lenient());
    assert_eq!(pool.find(&wish_for(&pool, "9..10", FIRST, 1), None), None);
    assert_eq!(calendar.find(&wish_for(&calendar, "12..13", ANY, 2), None), None);
}

#[test]
fn for_any_resource_the_parts_conflict_that_none_has_free() {
    // What is booked on each court, what is asked, and where none is free.
    let rows: &[(&[&str], &str, &str)] = &[
        (&["9..10", "9..10"], "8..11", "9..10"),
        (&["9..10", "9:30..11"], "8..12", "9:30..10"),
        (&["9..11 12..14", "10..13"], "9..14", "10..11 12..13"),
        (&["9..11 12..14", "10..13", "10:30..12:30"], "9..14", "10:30..11 12..12:30"),
        // None has all of it free, and at each moment one is: there is nothing in the way that could be told.
        (&["9..10", "10..11"], "9..11", ""),
        (&["9..10 10..11", "9..11"], "9..11", "9..11"),
    ];
    for &(booked, asked, want) in rows {
        let calendar = courts(lenient(), "8..22", booked);
        let wish = wish(&calendar, asked);
        assert_eq!(calendar.conflicts(&wish, None), ranges(want), "{asked} with {booked:?}");
        assert_eq!(calendar.find(&wish, None), None, "{asked} with {booked:?}");
    }
}

#[test]
fn for_whoever_moves_the_own_range_is_free() {
    // K12. How many there are, what is booked, the first being moved, where to for how many, and what is in the way.
    let rows: &[(u32, &str, &str, u32, &str)] = &[
        (1, "9..10", "9:30..10:30", 1, ""),
        (1, "9..10", "9..10", 1, ""),
        (1, "9..10", "8..12", 1, ""),
        (1, "9..10 10..11", "9:30..10:30", 1, "10..10:30"),
        (1, "9..10 8..9", "8:30..9:30", 1, "8:30..9"),
        (1, "9..10 10..11 8..9", "8..11", 1, "8..9 10..11"),
        (3, "9..10x2 9..12", "9:30..10:30", 2, ""),
        (3, "9..10x2 9..12", "9:30..10:30", 3, "9:30..10:30"),
        (3, "9..10x2 9..12 10..11", "9:30..10:30", 2, "10..10:30"),
        (2, "9..10 9..10", "9..10", 2, "9..10"),
    ];
    for &(count, booked, moved, quantity, conflicts) in rows {
        let (mut calendar, claims) = with(count, lenient(), booked);
        let wish = wish_for(&calendar, moved, ANY, quantity);
        let own = Some(&claims[0]);
        let told = calendar.conflicts(&wish, own);
        assert_eq!(told, ranges(conflicts), "to {moved} for {quantity} of {count}, {booked} booked");
        let found = calendar.find(&wish, own);
        assert_eq!(found.is_some(), conflicts.is_empty(), "to {moved} for {quantity}, {booked} booked");
        if let Some(place) = found {
            let before = calendar.counts().confirmed;
            calendar.exchange(Status::Confirmed, &claims[0], &wish.claim(place));
            let more = u64::from(quantity) - u64::from(claims[0].quantity);
            assert_eq!(calendar.counts().confirmed, before + more);
            assert_eq!(calendar.find(&wish_for(&calendar, moved, ANY, count), None), None);
        }
    }
    // With buffers: the own ones are free too.
    let (calendar, claims) = with(1, buffered(15, 10), "9..10");
    assert!(calendar.find(&wish(&calendar, "10..11"), Some(&claims[0])).is_some());
    assert!(calendar.find(&wish(&calendar, "10..11"), None).is_none());
}

#[test]
fn a_move_may_lead_to_another_resource() {
    let calendar = courts(lenient(), "8..22", &["8..9 9..10 10..11", "12..13"]);
    let own = wish_for(&calendar, "9..10", FIRST, 1).claim(super::super::Place::Resource(Resource(0)));
    for (resource, moved, want) in [
        (FIRST, "9..10", Some(0)),
        (FIRST, "9:30..10:30", None),
        (SECOND, "9:30..10:30", Some(1)),
        (ANY, "9:30..10:30", Some(1)),
        // Where it is it fits to the minute.
        (ANY, "9..10", Some(0)),
        // Half an hour is idle there, and more is elsewhere.
        (ANY, "9..9:30", Some(0)),
        (ANY, "11..12", Some(1)),
    ] {
        let wish = wish_for(&calendar, moved, resource, 1);
        assert_eq!(calendar.find(&wish, Some(&own)).map(resource_of), want, "to {moved} on {resource:?}");
    }
}

#[test]
fn other_terms_bind_who_asks_from_now_on() {
    // K10: what is booked keeps its own buffers, and stays outside the hours.
    let (mut calendar, claims) = with(1, buffered(0, 30), "9..10 14..15");
    let hours = Hours::new(ranges("8..12")).unwrap();
    calendar.redefine(buffered(0, 0));
    calendar.reopen(hours);
    assert_eq!(calendar.outside(ranges("9..10 14..15 11..13").into_iter()), 2);
    for (asked, fits) in [("10..11", false), ("10:29..11", false), ("10:30..11", true), ("14..15", false)] {
        assert_eq!(calendar.find(&wish(&calendar, asked), None).is_some(), fits, "{asked}");
    }
    assert!(calendar.check(range("14..15")).is_err());
    // What is given back is what was taken.
    for claim in &claims {
        calendar.give_back(claim, Status::Confirmed);
    }
    assert!(calendar.find(&wish(&calendar, "8..20"), None).is_some());
    let span = range("9:30..12");
    calendar.redefine(Terms { span, ..lenient() });
    assert_eq!(calendar.outside(ranges("9..10 9:30..10").into_iter()), 1);
}

#[test]
fn there_are_never_fewer_places_than_are_taken() {
    // K11. What is booked of five, at which moment, how many there are to be, and the first moment that forbids it.
    for (booked, now, count, first) in [
        ("9..10x2 9:30..11x2", "0", 4, None),
        ("9..10x2 9:30..11x2", "0", 3, Some("9:30")),
        ("9..10x2 9:30..11x2", "0", 1, Some("9")),
        ("9..10x2 9:30..11x2", "9:45", 3, Some("9:45")),
        ("9..10x2 9:30..11x2", "9:59:59", 3, Some("9:59:59")),
        ("9..10x2 9:30..11x2", "10", 3, None),
        ("9..10x2 9:30..11x2", "10", 2, None),
        ("9..10x2 9:30..11x2", "10", 1, Some("10")),
        ("9..10x2 9:30..11x2", "11", 1, None),
        ("9..10x5", "0", 7, None),
    ] {
        let (mut calendar, _) = with(5, lenient(), booked);
        calendar.pass(at(now));
        let want = first.map_or(Ok(()), |first| Err(PlacesInUse(at(first))));
        assert_eq!(calendar.become_places(Places::Count(count)), want, "{count} at {now} with {booked}");
        let left = if first.is_some() { 5 } else { count };
        assert_eq!((calendar.counts().capacity, calendar.places()), (left, Places::Count(left)));
        assert!(calendar.find(&wish_for(&calendar, "12..13", ANY, left), None).is_some());
        assert!(calendar.find(&wish_for(&calendar, "12..13", ANY, left + 1), None).is_none());
    }
    // Of resources the last go.
    for (now, count, first) in
        [("0", 3, None), ("0", 2, Some("12")), ("0", 1, Some("10")), ("11", 1, Some("12")), ("13", 1, None)]
    {
        let mut calendar = courts(lenient(), "8..22", &["9..10", "10..11", "12..13"]);
        calendar.pass(at(now));
        let want = first.map_or(Ok(()), |first| Err(PlacesInUse(at(first))));
        assert_eq!(calendar.become_places(Places::Resources(count)), want, "{count} at {now}");
        if want.is_ok() {
            assert!(calendar.find(&wish_for(&calendar, "14..15", Some(Resource(count)), 1), None).is_none());
            assert_eq!(calendar.become_places(Places::Resources(count + 1)), Ok(()));
            assert!(calendar.find(&wish_for(&calendar, "14..15", Some(Resource(count)), 1), None).is_some());
        }
    }
}

#[test]
fn a_hold_counts_as_a_booking_does_and_what_is_past_does_not() {
    // K13.
    for status in [Status::Held, Status::Offered, Status::Confirmed] {
        let mut calendar = calendar(Places::Count(1), buffered(0, 10));
        let nine = wish(&calendar, "9..10");
        let claim = nine.claim(calendar.find(&nine, None).unwrap());
        calendar.take(&claim, status);
        assert!(calendar.find(&nine, None).is_none(), "{status:?}");
        // Until the very millisecond at which its buffer ends.
        let before = buffered(15, 0).buffers;
        let next = super::super::Wish::new(range("10:20..11"), before, ANY, 1);
        for (now, fits) in [("10:09:59", false), ("10:10", true)] {
            calendar.pass(at(now));
            assert_eq!(calendar.find(&next, None).is_some(), fits, "{status:?} at {now}");
            assert_eq!(calendar.conflicts(&next, None).is_empty(), fits, "{status:?} at {now}");
        }
        // It is given back whole, however much of it is past.
        calendar.give_back(&claim, status);
        assert!(calendar.find(&wish(&calendar, "10:10..20"), None).is_some());
        let counts = calendar.counts();
        assert_eq!((counts.held, counts.offered, counts.confirmed), (0, 0, 0));
    }
}

#[test]
fn places_are_counted_where_they_are() {
    use Status::{Cancelled, Confirmed, Held, Offered, Waitlisted};
    let mut calendar = calendar(Places::Count(9), lenient());
    let claim = wish_for(&calendar, "9..10", ANY, 4).claim(super::super::Place::Pool);
    let mut status = Waitlisted;
    for (to, counts, is_free) in [
        (Offered, (0, 4, 0), false),
        (Held, (4, 0, 0), false),
        (Held, (4, 0, 0), false),
        (Confirmed, (0, 0, 4), false),
        (Cancelled, (0, 0, 0), true),
        (Waitlisted, (0, 0, 0), true),
        (Confirmed, (0, 0, 4), false),
    ] {
        calendar.transition(&claim, (status, to));
        let told = calendar.counts();
        assert_eq!((told.held, told.offered, told.confirmed), counts, "{status:?} to {to:?}");
        assert_eq!(calendar.find(&wish_for(&calendar, "9..10", ANY, 6), None).is_some(), is_free);
        status = to;
    }
    assert_eq!(calendar.counts().capacity, 9);
    // What is past is counted for as long as it stands so.
    calendar.pass(at("11"));
    assert_eq!(calendar.counts().confirmed, 4);
    calendar.transition(&claim, (Confirmed, Cancelled));
    assert_eq!(calendar.counts().confirmed, 0);
}
