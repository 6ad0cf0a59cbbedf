//! What may be asked at all: K5 to K9, every bound from both sides.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::super::{Buffers, Hours, Places, Range, RangeRefused, Terms, TooManyOpenings};
use super::stage::{at, buffered, calendar_open, lenient, range, ranges};
use crate::Timestamp;
use crate::limits::OPENINGS_MAX;

const POOL: Places = Places::Count(1);

type Checked = Result<(), RangeRefused>;
const OK: Checked = Ok(());
const HOURS: Checked = Err(RangeRefused::Hours);
const GRID: Checked = Err(RangeRefused::Grid);
const LENGTH: Checked = Err(RangeRefused::Length);
const LEAD: Checked = Err(RangeRefused::Lead);
const HORIZON: Checked = Err(RangeRefused::Horizon);

/// From the grid on: grid, shortest and longest in minutes.
fn terms(grid: u32, minimum: u32, maximum: u32) -> Terms {
    let grid_seconds = NonZeroU32::new(grid * 60).unwrap();
    Terms { grid_seconds, minimum_seconds: minimum * 60, maximum_seconds: maximum * 60, ..lenient() }
}

#[test]
fn a_range_lies_in_one_opening_and_on_its_grid() {
    let half_hours = terms(30, 30, 120);
    // When it is open, the terms, what is asked, and what is said.
    let rows: &[(&str, Terms, &str, Checked)] = &[
        // K5: all of it in one opening.
        ("8..22", half_hours, "8..10", OK),
        ("8..22", half_hours, "20..22", OK),
        ("8..22", half_hours, "7:30..8:30", HOURS),
        ("8..22", half_hours, "21:30..22:30", HOURS),
        ("8..22", half_hours, "22..23", HOURS),
        ("8..22", half_hours, "7..8", HOURS),
        ("8..12 13..22", half_hours, "11:30..13:30", HOURS),
        ("8..12 13..22", half_hours, "12..13", HOURS),
        ("", half_hours, "9..10", HOURS),
        // Saturday ends at 24:00, and Sunday opens at 0:20.
        ("8..24 24:20..40", half_hours, "23:30..24:30", HOURS),
        ("8..24 24:20..40", half_hours, "23:30..24", OK),
        // Openings that touch or overlap are one, in whatever order they come.
        ("8..24 24..40", half_hours, "23:30..24:30", OK),
        ("12..14 8..12", half_hours, "11:30..12:30", OK),
        ("8..13 12..14", half_hours, "11:30..13:30", OK),
        ("8..14 9..10", half_hours, "13..14", OK),
        ("8..12 12:00:01..14", half_hours, "11:30..12:30", HOURS),
        // K6: the grid counts from the opening's own start, in elapsed time.
        ("8:20..22", half_hours, "8:20..8:50", OK),
        ("8:20..22", half_hours, "9:20..10:50", OK),
        ("8:20..22", half_hours, "8:30..9", GRID),
        ("8:20..22", half_hours, "8:20..9", GRID),
        ("8:20..22", half_hours, "8:30..9:20", GRID),
        ("8..12 13:10..22", half_hours, "13:10..13:40", OK),
        ("8..12 13:10..22", half_hours, "13:30..14", GRID),
        ("8..9 9..22", terms(45, 45, 90), "9:30..10:15", OK),
        ("8..9 9..22", terms(45, 45, 90), "9..9:45", GRID),
        ("8..22", half_hours, "9:00:01..9:30:01", GRID),
        // K7: as long as may be, from both sides.
        ("8..22", half_hours, "9..9:30", OK),
        ("8..22", half_hours, "9..11", OK),
        ("8..22", half_hours, "9..11:30", LENGTH),
        ("8..22", terms(30, 60, 120), "9..9:30", LENGTH),
        ("8..22", terms(30, 60, 120), "9..10", OK),
        // K9: a longer one is looked at as long as it is.
        ("8..10:30", half_hours, "9:30..10:30", OK),
        ("8..10:30", half_hours, "9:30..11", HOURS),
        // Buffers may stick out.
        ("8..22", buffered(60, 60), "8..22", OK),
        // The first that applies.
        ("8..22", half_hours, "7:15..23", HOURS),
        ("8..22", half_hours, "8:15..22", GRID),
    ];
    for &(openings, terms, asked, want) in rows {
        let calendar = calendar_open(POOL, terms, openings);
        assert_eq!(calendar.check(range(asked)), want, "{asked} where {openings} is open");
    }
}

#[test]
fn a_range_lies_in_the_span() {
    let terms = Terms { span: range("9..11"), ..terms(30, 30, 120) };
    for (asked, want) in
        [("9..11", OK), ("8:30..9:30", HOURS), ("10:30..11:30", HOURS), ("9..9:30", OK), ("8..8:30", HOURS)]
    {
        let calendar = calendar_open(POOL, terms, "8..22");
        assert_eq!(calendar.check(range(asked)), want, "{asked}");
    }
    // A span that begins within an opening moves no grid.
    let terms = Terms { span: range("9:10..11"), ..terms };
    let calendar = calendar_open(POOL, terms, "8..22");
    assert_eq!(calendar.check(range("9:10..9:40")), GRID);
    assert_eq!(calendar.check(range("9:30..10")), OK);
}

#[test]
fn a_range_is_asked_for_neither_too_soon_nor_too_late() {
    let terms = Terms { lead_seconds: 3_600, horizon_seconds: 7_200, ..terms(1, 1, 600) };
    // K8, at the stamp of the step: exactly the lead and exactly the horizon are good.
    for (now, asked, want) in [
        ("8", "9..10", OK),
        ("8:00:01", "9..10", LEAD),
        ("9", "9..10", LEAD),
        ("9:30", "9..10", LEAD),
        ("7", "9..10", OK),
        ("6:59:59", "9..10", HORIZON),
        // How far it goes is nobody's concern.
        ("7", "9..19", OK),
        // Length comes first.
        ("9", "9..19:01", LENGTH),
        ("6", "9..19:01", LENGTH),
    ] {
        let mut calendar = calendar_open(POOL, terms, "0..24");
        calendar.pass(at(now));
        assert_eq!(calendar.check(range(asked)), want, "{asked} at {now}");
    }
    // Lead before horizon, where nothing can be right.
    let never = Terms { lead_seconds: 7_200, horizon_seconds: 3_600, ..terms };
    for (asked, want) in [("1:30..2", LEAD), ("2..3", HORIZON), ("1..2", LEAD)] {
        let calendar = calendar_open(POOL, never, "0..24");
        assert_eq!(calendar.check(range(asked)), want, "{asked}");
    }
}

#[test]
fn what_was_open_in_the_past_is_not_told() {
    let terms = Terms { span: range("6..20"), ..terms(30, 30, 120) };
    for (now, asked, want) in [
        ("8", "7:30..8:30", LEAD),
        ("7:30", "7:30..8:30", HOURS),
        ("7:30:01", "7:30..8:30", LEAD),
        ("23", "18..18:30", LEAD),
        ("12", "6..7", LEAD),
        ("12", "5:30..6:30", HOURS),
        ("12", "19:30..20:30", HOURS),
        ("21", "19:30..20:30", HOURS),
        // While it is known, it is told as ever.
        ("12", "8:15..8:45", GRID),
        ("12", "8..11", LENGTH),
        ("12", "8..9", LEAD),
    ] {
        let mut calendar = calendar_open(POOL, terms, "8..12 13..16");
        calendar.pass(at(now));
        assert_eq!(calendar.check(range(asked)), want, "{asked} at {now}");
    }
}

#[test]
fn what_ends_when_a_range_begins() {
    let nine = range("9..10");
    for (seconds, want) in [(0, "9"), (1, "8:59:59"), (3_600, "8")] {
        assert_eq!(nine.waited_for_until(seconds), at(want), "a lead of {seconds} s");
    }
    let first = Range::new(Timestamp(5), Timestamp(6)).unwrap();
    assert_eq!(first.waited_for_until(1), Timestamp(0));
    assert_eq!(Range::new(Timestamp(5), Timestamp(5)), None);
    assert_eq!(Range::new(Timestamp(6), Timestamp(5)), None);
    let last = Range::new(Timestamp(5), Timestamp(u64::MAX)).unwrap();
    let buffers = Buffers { before_seconds: 1, after_seconds: 1 };
    assert_eq!(last.with(buffers), Range::ALWAYS);
}

#[test]
fn hours_are_extended_and_forgotten() {
    let hours = Hours::new(ranges("8..12 14..18 32..36")).unwrap();
    // At which moment, by what, and what there is then.
    for (now, more, want) in [
        ("0", "56..60", "8..12 14..18 32..36 56..60"),
        ("11:59:59", "", "8..12 14..18 32..36"),
        ("12", "", "14..18 32..36"),
        // What goes on keeps its beginning, and so its grid.
        ("17", "", "14..18 32..36"),
        ("17", "18..20", "14..20 32..36"),
        ("17", "36..40 30..32", "14..18 30..40"),
        ("40", "", ""),
        ("40", "1..2", ""),
    ] {
        let want = Hours::new(ranges(want)).unwrap();
        assert_eq!(hours.extended(&ranges(more), at(now)), Ok(want), "{more} at {now}");
    }
}

#[test]
fn there_are_so_many_openings_and_no_more() {
    let minutes = |count: u64| {
        let opening =
            |index| Range::new(Timestamp(index * 120_000), Timestamp(index * 120_000 + 60_000)).unwrap();
        (0..count).map(opening).collect::<Vec<_>>()
    };
    let most = u64::try_from(OPENINGS_MAX).unwrap();
    let full = Hours::new(minutes(most)).unwrap();
    assert_eq!(Hours::new(minutes(most + 1)), Err(TooManyOpenings));
    let one_more = &minutes(most + 1)[OPENINGS_MAX..];
    assert_eq!(full.extended(one_more, Timestamp(59_999)), Err(TooManyOpenings));
    assert!(full.extended(one_more, Timestamp(60_000)).is_ok(), "one has ended by then");
    assert!(full.extended(&minutes(most), Timestamp(0)).is_ok(), "they are the same");
    // Many that are one are one.
    let touching = (0..most * 2).map(|index| Range::new(Timestamp(index), Timestamp(index + 1)).unwrap());
    assert!(Hours::new(touching.collect()).is_ok());
}
