//! What is told to be free, case by case.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::super::{Buffers, Calendar, FreeAsk, FreeStretch, Place, Places, Resource, Terms};
use super::stage::{ANY, FOURTH, SECOND, at, book, calendar_open, lenient, range, wish_for};
use crate::Timestamp;

/// Half hours, up to two of them, with buffers in minutes.
fn half_hours(before: u32, after: u32) -> Terms {
    Terms {
        grid_seconds: NonZeroU32::new(1_800).unwrap(),
        minimum_seconds: 1_800,
        maximum_seconds: 7_200,
        buffers: Buffers { before_seconds: before * 60, after_seconds: after * 60 },
        ..lenient()
    }
}

fn ask(window: &str, minutes: u32, quantity: u32) -> FreeAsk {
    FreeAsk { window: range(window), seconds: minutes * 60, quantity, resource: ANY }
}

fn booked(places: Places, terms: Terms, openings: &str, booked: &[(&str, u32)]) -> Calendar {
    let mut calendar = calendar_open(places, terms, openings);
    for &(range, quantity) in booked {
        let wish = wish_for(&calendar, range, ANY, quantity);
        book(&mut calendar, &wish).unwrap();
    }
    calendar
}

fn stretch(text: &str, free: u32) -> FreeStretch {
    FreeStretch { range: range(text), place: Place::Pool, free }
}

/// How many there are, terms, when it is open, what is booked, what is asked, and what is free.
type Row<'all> = (u32, Terms, &'all str, &'all [(&'all str, u32)], FreeAsk, &'all [(&'all str, u32)]);

fn check(rows: &[Row<'_>]) {
    for &(count, terms, openings, taken, ask, want) in rows {
        let calendar = booked(Places::Count(count), terms, openings, taken);
        let want = want.iter().map(|&(range, free)| stretch(range, free)).collect::<Vec<_>>();
        assert_eq!(
            calendar.free(Timestamp(0), &ask, None, 99),
            want,
            "{ask:?} of {count}, {taken:?}, open {openings}"
        );
    }
}

#[test]
fn what_is_free_is_told_in_the_longest_stretches() {
    let plain = half_hours(0, 0);
    check(&[
        (1, plain, "8..22", &[], ask("0..24", 30, 1), &[("8..22", 1)]),
        (1, plain, "8..22", &[("10..11", 1)], ask("0..24", 30, 1), &[("8..10", 1), ("11..22", 1)]),
        // Too short for what is asked, to the minute.
        (1, plain, "8..12", &[("9..10", 1)], ask("0..24", 60, 1), &[("8..9", 1), ("10..12", 1)]),
        (1, plain, "8..12", &[("9..10", 1)], ask("0..24", 90, 1), &[("10..12", 1)]),
        (1, plain, "8..12", &[("8..9:30", 1)], ask("0..24", 120, 1), &[("9:30..12", 1)]),
        (1, plain, "8..12", &[("8..10:30", 1)], ask("0..24", 120, 1), &[]),
        // For how many, and the least within.
        (3, plain, "8..12", &[("9..10", 1)], ask("0..24", 30, 1), &[("8..12", 2)]),
        (3, plain, "8..12", &[("9..10", 1)], ask("0..24", 30, 2), &[("8..12", 2)]),
        (3, plain, "8..12", &[("9..10", 1)], ask("0..24", 30, 3), &[("8..9", 3), ("10..12", 3)]),
        (
            3,
            plain,
            "8..12",
            &[("9..10", 2), ("10..11", 1)],
            ask("0..24", 30, 2),
            &[("8..9", 3), ("10..12", 2)],
        ),
        (3, plain, "8..12", &[], ask("0..24", 30, 4), &[]),
        (3, plain, "8..12", &[], ask("0..24", 30, 0), &[("8..12", 3)]),
    ]);
}

#[test]
fn what_is_free_lies_on_the_grid_in_hours_and_window_and_keeps_its_buffers() {
    let plain = half_hours(0, 0);
    check(&[
        // Buffers may stick out of hours, and keep away from what is booked.
        (1, half_hours(0, 10), "8..12", &[], ask("0..24", 30, 1), &[("8..12", 1)]),
        (
            1,
            half_hours(0, 10),
            "8..12",
            &[("9..10", 1)],
            ask("0..24", 30, 1),
            &[("8..8:30", 1), ("10:30..12", 1)],
        ),
        (
            1,
            half_hours(30, 0),
            "8..12",
            &[("9..10", 1)],
            ask("0..24", 30, 1),
            &[("8..8:30", 1), ("10:30..12", 1)],
        ),
        (
            1,
            half_hours(15, 15),
            "8..12",
            &[("9..10", 1)],
            ask("0..24", 30, 1),
            &[("8..8:30", 1), ("10:30..12", 1)],
        ),
        (1, half_hours(15, 16), "8..12", &[("9..10", 1)], ask("0..24", 30, 1), &[("11..12", 1)]),
        // What is booked of another opening reaches into this one.
        (
            1,
            half_hours(0, 90),
            "8..12 13..16",
            &[("11:30..12", 1)],
            ask("0..24", 30, 1),
            &[("8..10", 1), ("13:30..16", 1)],
        ),
        // The grid of each opening.
        (1, plain, "8:20..10 10:50..12", &[], ask("0..24", 30, 1), &[("8:20..9:50", 1), ("10:50..11:50", 1)]),
        (1, plain, "8..10 10..12", &[], ask("0..24", 30, 1), &[("8..12", 1)]),
        // The window.
        (1, plain, "8..22", &[], ask("9..11", 30, 1), &[("9..11", 1)]),
        (1, plain, "8..22", &[], ask("9:01..10:59", 30, 1), &[("9:30..10:30", 1)]),
        (1, plain, "8..22", &[], ask("9:01..10:59", 90, 1), &[]),
        (1, plain, "8..22", &[], ask("22..24", 30, 1), &[]),
        // What nobody may ask for.
        (1, plain, "8..22", &[], ask("0..24", 29, 1), &[]),
        (1, plain, "8..22", &[], ask("0..24", 45, 1), &[]),
        (1, plain, "8..22", &[], ask("0..24", 150, 1), &[]),
        (1, plain, "", &[], ask("0..24", 30, 1), &[]),
        (1, Terms { span: range("9..11"), ..plain }, "8..22", &[], ask("0..24", 30, 1), &[("9..11", 1)]),
    ]);
}

#[test]
fn starts_lie_between_lead_and_horizon() {
    let terms = Terms { lead_seconds: 3_600, horizon_seconds: 7_200, ..half_hours(0, 0) };
    // At which moment, how long, and what is free.
    for (now, minutes, want) in [
        ("8", 30, Some("9..10:30")),
        ("8", 60, Some("9..11")),
        ("8:00:01", 30, Some("9:30..10:30")),
        ("7:59:59", 30, Some("9..10")),
        ("6", 30, Some("8..8:30")),
        ("5:59:59", 30, None),
        ("20:30", 30, Some("21:30..22")),
        ("20:30", 60, None),
        ("21", 30, None),
    ] {
        let mut calendar = calendar_open(Places::Count(1), terms, "8..22");
        calendar.pass(at(now));
        let want = want.map(|range| stretch(range, 1)).into_iter().collect::<Vec<_>>();
        assert_eq!(
            calendar.free(Timestamp(0), &ask("0..24", minutes, 1), None, 99),
            want,
            "{minutes} min at {now}"
        );
    }
}

#[test]
fn resources_are_told_by_time_and_then_by_name_and_page_by_page() {
    let mut calendar = calendar_open(Places::Resources(3), half_hours(0, 0), "8..12");
    for (court, asked) in [(0, "9..10"), (1, "8..9"), (1, "10..11"), (2, "8..10")] {
        let wish = wish_for(&calendar, asked, Some(Resource(court)), 1);
        book(&mut calendar, &wish).unwrap();
    }
    let on_court =
        |court, text| FreeStretch { range: range(text), place: Place::Resource(Resource(court)), free: 1 };
    let all = [
        on_court(0, "8..9"),
        on_court(1, "9..10"),
        on_court(0, "10..12"),
        on_court(2, "10..12"),
        on_court(1, "11..12"),
    ];
    let asked = ask("0..24", 30, 1);
    for limit in 0..7 {
        let most = limit.min(all.len());
        assert_eq!(calendar.free(Timestamp(0), &asked, None, limit), all[..most]);
        for (index, last) in all.iter().enumerate() {
            let rest = &all[index + 1..];
            let page = calendar.free(Timestamp(0), &asked, Some(last.key()), limit);
            assert_eq!(page, rest[..limit.min(rest.len())], "behind {index}");
        }
    }
    let one = FreeAsk { resource: SECOND, ..asked };
    assert_eq!(calendar.free(Timestamp(0), &one, None, 9), [all[1], all[4]]);
    assert_eq!(calendar.free(Timestamp(0), &FreeAsk { resource: FOURTH, ..asked }, None, 9), []);
    assert_eq!(calendar.free(Timestamp(0), &ask("0..24", 30, 2), None, 9), []);
}
