//! Who waits, and whose turn it is, case by case.

use alloc::vec::Vec;

use super::super::{Calendar, Places, Range, Resource, Wish};
use super::stage::{ANY, FIRST, SECOND, at, book, buffered, calendar, lenient, range, wish, wish_for};
use crate::{Number, Status};

/// All of these wait.
fn join(calendar: &mut Calendar, waiters: &[(u32, Wish)]) {
    for &(number, wish) in waiters {
        calendar.join(Number(number), wish);
    }
}

/// Serves those whose turn it is, and says who they are.
fn served(calendar: &mut Calendar, waiters: &[(u32, Wish)]) -> Vec<u32> {
    let mut served = Vec::new();
    while let Some((number, place)) = calendar.next() {
        let (_, wish) = waiters.iter().find(|(waiter, _)| *waiter == number.0).unwrap();
        calendar.leave(number, wish);
        calendar.take(&wish.claim(place), Status::Offered);
        served.push(number.0);
    }
    assert!(calendar.serves_nobody());
    served
}

#[test]
fn what_is_freed_goes_to_the_earliest_whom_it_fits() {
    // How many there are, what is booked, which of them goes, who waits for what for how many, and who is served.
    type Row<'all> = (u32, &'all [(&'all str, u32)], usize, &'all [(&'all str, u32)], &'all [u32]);
    let rows: &[Row<'_>] = &[
        // Who needs all of it keeps waiting, and one behind is served.
        (1, &[("10..11", 1), ("11..12", 1)], 0, &[("10..12", 1), ("10..11", 1)], &[2]),
        (1, &[("10..11", 1), ("11..12", 1)], 0, &[("10..12", 1)], &[]),
        // Two in one step, in the order in which they came; the third wants what is gone.
        (1, &[("9..12", 1)], 0, &[("10..12", 1), ("9..10", 1), ("11..12", 1)], &[1, 2]),
        (1, &[("9..12", 1)], 0, &[("9..12", 1), ("9..10", 1), ("11..12", 1)], &[1]),
        (1, &[("9..12", 1)], 0, &[("9..10", 1), ("9..12", 1), ("11..12", 1)], &[1, 3]),
        // Who needs the same is served one after the other, for as long as there is some.
        (3, &[("9..10", 2), ("9..10", 1)], 0, &[("9..10", 1), ("9..10", 1), ("9..10", 1)], &[1, 2]),
        // Who wants too much is skipped.
        (3, &[("9..10", 2), ("9..10", 1)], 0, &[("9..10", 3), ("9..10", 1), ("9..10", 1)], &[2, 3]),
        (3, &[("9..10", 2), ("9..10", 1)], 1, &[("9..10", 2), ("9..11", 1), ("9..10", 1)], &[2]),
        // Who waits for something else that is not free is nobody's concern.
        (1, &[("9..10", 1), ("12..13", 1)], 0, &[("12..13", 1), ("9..10", 1)], &[2]),
    ];
    for &(count, booked, gone, waiting, want) in rows {
        let mut calendar = calendar(Places::Count(count), lenient());
        let booked = booked.iter().map(|&(range, quantity)| {
            let wish = wish_for(&calendar, range, ANY, quantity);
            book(&mut calendar, &wish).unwrap()
        });
        let claims = booked.collect::<Vec<_>>();
        let waiters = (1..).zip(waiting).map(|(number, &(range, quantity))| {
            let wish = wish_for(&calendar, range, ANY, quantity);
            assert_eq!(calendar.find(&wish, None), None, "who waits gets nothing yet");
            (number, wish)
        });
        let waiters = waiters.collect::<Vec<_>>();
        join(&mut calendar, &waiters);
        assert_eq!(calendar.next(), None, "nothing is free yet");
        calendar.give_back(&claims[gone], Status::Confirmed);
        assert_eq!(served(&mut calendar, &waiters), want, "{waiting:?} wait for {claims:?}");
    }
}

#[test]
fn who_waits_for_any_resource_gets_one() {
    let mut calendar = calendar(Places::Resources(2), lenient());
    let claims = [0, 1].map(|court| {
        let wish = wish_for(&calendar, "9..10", Some(Resource(court)), 1);
        book(&mut calendar, &wish).unwrap()
    });
    let waiters = [(1, FIRST), (2, ANY), (3, SECOND)]
        .map(|(number, court)| (number, wish_for(&calendar, "9..10", court, 1)));
    join(&mut calendar, &waiters);
    assert_eq!(calendar.position(Number(2), &waiters[1].1), 2);
    assert_eq!(calendar.position(Number(3), &waiters[2].1), 2, "the first waits for the other court");
    calendar.give_back(&claims[1], Status::Confirmed);
    assert_eq!(calendar.next(), Some((Number(2), super::super::Place::Resource(Resource(1)))));
    assert_eq!(served(&mut calendar, &waiters), [2]);
    calendar.give_back(&claims[0], Status::Confirmed);
    assert_eq!(served(&mut calendar, &waiters), [1]);
}

#[test]
fn a_newcomer_passes_those_who_wait_for_more() {
    let mut calendar = calendar(Places::Count(1), lenient());
    let nine = wish(&calendar, "9..10");
    book(&mut calendar, &nine).unwrap();
    let long = wish(&calendar, "9..17");
    calendar.join(Number(1), long);
    assert!(calendar.find(&wish(&calendar, "10..17"), None).is_some());
}

#[test]
fn whose_turn_it_is_stays_so_until_it_is_taken() {
    let mut calendar = calendar(Places::Count(1), lenient());
    let nine = wish(&calendar, "9..10");
    let claim = book(&mut calendar, &nine).unwrap();
    let waiters = [1, 2, 3].map(|number| (number, nine));
    join(&mut calendar, &waiters);
    calendar.give_back(&claim, Status::Confirmed);
    let first = calendar.next();
    assert_eq!(first.map(|(number, _)| number), Some(Number(1)));
    assert_eq!(calendar.next(), first);
    // The head goes: the next has its turn. One who leaves from the middle changes nothing.
    calendar.leave(Number(1), &nine);
    calendar.leave(Number(3), &nine);
    assert_eq!(served(&mut calendar, &waiters), [2]);
}

#[test]
fn more_places_and_time_serve_who_waits() {
    // More places.
    let mut pool = calendar(Places::Count(1), lenient());
    let nine = wish(&pool, "9..10");
    book(&mut pool, &nine).unwrap();
    let waiters = [(1, wish_for(&pool, "9..10", ANY, 2)), (2, nine)];
    join(&mut pool, &waiters);
    assert_eq!(pool.become_places(Places::Count(2)), Ok(()));
    assert_eq!(served(&mut pool, &waiters), [2]);
    assert_eq!(pool.become_places(Places::Count(4)), Ok(()));
    assert_eq!(served(&mut pool, &waiters), [1]);
    // A move frees what it leaves.
    let mut court = calendar(Places::Count(1), lenient());
    let claim = book(&mut court, &nine).unwrap();
    let waiters = [(1, nine), (2, wish(&court, "9..9:30"))];
    join(&mut court, &waiters);
    let later = wish(&court, "9:30..10:30");
    let place = court.find(&later, Some(&claim)).unwrap();
    court.exchange(Status::Confirmed, &claim, &later.claim(place));
    assert_eq!(served(&mut court, &waiters), [2]);
    // Time: what is past is in nobody's way, though it was in the way of what is kept free before a range.
    let mut court = calendar(Places::Count(1), buffered(30, 0));
    let nine = wish(&court, "9..10");
    book(&mut court, &nine).unwrap();
    let next = [(1, wish(&court, "10:15..11"))];
    court.join(Number(1), next[0].1);
    court.pass(at("9:59:59"));
    assert_eq!(served(&mut court, &next), []);
    court.pass(at("10"));
    assert_eq!(served(&mut court, &next), [1]);
}

#[test]
fn who_overlaps_is_found_whatever_its_length() {
    // Who waits for ranges of all lengths, everywhere; one minute is freed at a time.
    let mut waiting = super::super::waiting::Waiting::default();
    let mut all = Vec::new();
    let lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200];
    for from in 0..150_u32 {
        for length in lengths {
            let begin = at("1").plus_seconds(from * 60);
            let range = Range::new(begin, begin.plus_seconds(length * 60)).unwrap();
            let number = u32::try_from(all.len()).unwrap();
            let wish = Wish::new(range, lenient().buffers, ANY, 1);
            waiting.join(Number(number), wish);
            all.push(wish);
        }
    }
    for minute in 0..360 {
        let begin = at("0:50").plus_seconds(minute * 60);
        for length in [1, 60, 600] {
            let freed = Range::new(begin, begin.plus_seconds(length)).unwrap();
            waiting.free(freed, |_| true);
            let mut due = Vec::new();
            while let Some((number, _)) = waiting.first_due() {
                waiting.pass_over(number);
                due.push(number.0);
            }
            let overlaps = |&number: &u32| all[number as usize].range().overlaps(freed);
            let want = (0..u32::try_from(all.len()).unwrap()).filter(overlaps).collect::<Vec<_>>();
            assert_eq!(due, want, "{length} s from minute {minute} on");
        }
    }
    waiting.free(Range::ALWAYS, |_| true);
    let first = waiting.first_due();
    assert_eq!(first.map(|(number, _)| number), Some(Number(0)));
    for (number, wish) in (0..).zip(&all) {
        waiting.leave(Number(number), wish);
    }
    assert_eq!(waiting.all().count(), 0);
    assert!(waiting.first_due().is_none(), "who left is not due");
    waiting.free(range("0..24"), |_| true);
    assert!(waiting.first_due().is_none());
}
