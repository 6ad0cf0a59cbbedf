//! Calendars as programs write them (`tests/calendars`), and what each is: when, what, and what is wrong on which line.

use std::fs;

use jiff::civil::Date;

use super::shown;
use crate::{Reading, Timetable};

/// What a file is, read on New Year's Day of 2031.
struct Row {
    file: &'static str,
    entries: &'static [&'static str],
    /// Line and beginning of each.
    problems: &'static [(usize, &'static str)],
    /// The lines of warnings.
    warnings: &'static [usize],
}

const WHOLE: Row = Row { file: "", entries: &[], problems: &[], warnings: &[] };

const ROWS: [Row; 29] = [
    Row {
        file: "windows-zone.ics",
        entries: &[
            "2031-06-03T16:00:00Z/2031-06-03T17:00:00Z Sommerkurs",
            "2031-01-14T17:00:00Z/2031-01-14T18:00:00Z Winterkurs",
        ],
        ..WHOLE
    },
    Row {
        file: "weekly-class.ics",
        entries: &[
            "2031-03-04T17:00:00Z/2031-03-04T18:00:00Z Class",
            "2031-04-01T16:00:00Z/2031-04-01T17:00:00Z Class",
            "2031-03-18T18:30:00Z/2031-03-18T19:30:00Z Class (later)",
            "cancelled Class",
        ],
        ..WHOLE
    },
    Row { file: "first.ics", entries: &["2031-06-03T16:00:00Z/2031-06-03T17:00:00Z Evening class"], ..WHOLE },
    Row { file: "moved.ics", entries: &["2031-06-03T18:00:00Z/2031-06-03T19:00:00Z Evening class"], ..WHOLE },
    Row { file: "cancelled.ics", entries: &["cancelled Evening class"], ..WHOLE },
    Row { file: "method-cancel.ics", entries: &["cancelled Canceled: Evening class"], ..WHOLE },
    Row {
        file: "past-entries.ics",
        entries: &[
            "2021-06-03T16:00:00Z/2021-06-03T17:00:00Z Evening class",
            "2031-06-03T16:00:00Z/2031-06-03T17:00:00Z Evening class",
        ],
        ..WHOLE
    },
    Row {
        file: "one-odd-entry.ics",
        entries: &[
            "2031-06-01T16:00:00Z/2031-06-01T17:00:00Z Evening class",
            "2031-06-03T16:00:00Z/2031-06-03T17:00:00Z Evening class",
        ],
        problems: &[(16, "DTEND must be after DTSTART")],
        ..WHOLE
    },
    Row {
        file: "unread-control.ics",
        entries: &["2031-06-03T16:00:00Z/2031-06-03T17:00:00Z A"],
        warnings: &[10],
        ..WHOLE
    },
    Row {
        file: "unread-underscore.ics",
        entries: &["2031-06-03T16:00:00Z/2031-06-03T17:00:00Z A"],
        warnings: &[10],
        ..WHOLE
    },
    Row {
        file: "unread-newline.ics",
        entries: &["2031-06-03T16:00:00Z/2031-06-03T17:00:00Z A"],
        warnings: &[11],
        ..WHOLE
    },
    Row {
        file: "two-sequences.ics",
        entries: &["2031-06-03T16:00:00Z/2031-06-03T17:00:00Z New name"],
        warnings: &[4],
        ..WHOLE
    },
    Row {
        file: "no-uid.ics",
        entries: &["2031-06-03T16:00:00Z/2031-06-03T17:00:00Z From a text calendar"],
        ..WHOLE
    },
    Row {
        file: "calendar-zone.ics",
        entries: &["2031-06-04T00:00:00Z/2031-06-04T01:00:00Z Floating"],
        ..WHOLE
    },
    // An UNTIL in UTC at the last start, a date excepted, and clocks that change within the series.
    Row {
        file: "outlook-customized.ics",
        entries: &[
            "2031-03-04T15:35:00Z/2031-03-04T16:50:00Z Seminar",
            "2031-03-11T14:35:00Z/2031-03-11T15:50:00Z Seminar",
            "2031-03-13T14:35:00Z/2031-03-13T15:50:00Z Seminar",
        ],
        ..WHOLE
    },
    Row {
        file: "google-series.ics",
        entries: &[
            "2031-10-13T17:00:00Z/2031-10-13T18:30:00Z Choir",
            "2031-11-03T18:00:00Z/2031-11-03T19:30:00Z Choir",
            "2031-10-28T18:00:00Z/2031-10-28T19:30:00Z Choir (on Tuesday)",
        ],
        ..WHOLE
    },
    Row {
        file: "apple-historic-zone.ics",
        entries: &[
            "2031-07-04T23:30:00Z/2031-07-05T01:00:00Z Fireworks, from the roof",
            "2031-12-24T00:00:00Z/2031-12-26T00:00:00Z Holidays",
        ],
        ..WHOLE
    },
    Row {
        file: "meetup-no-zone-block.ics",
        entries: &["2031-02-11T22:00:00Z/2031-02-12T00:00:00Z Rust & coffee: \u{1f980} and \"friends\""],
        ..WHOLE
    },
    // What the file calls GMT is British time.
    Row {
        file: "pretalx-gmt.ics",
        entries: &["2031-07-23T09:20:00Z/2031-07-23T09:50:00Z A talk in summer - A speaker"],
        ..WHOLE
    },
    // Dates that share a UID are entries each; which of two at one time is meant, nobody knows.
    Row {
        file: "university-one-uid.ics",
        entries: &[
            "2031-03-03T09:00:00Z/2031-03-03T11:00:00Z Lecture",
            "2031-03-10T09:00:00Z/2031-03-10T11:00:00Z Lecture",
            "2031-03-10T14:00:00Z/2031-03-10T16:00:00Z Laboratory",
        ],
        problems: &[(27, "this entry has the UID and the start of the one on line 19")],
        ..WHOLE
    },
    // The file's zone ends in 2024; its name is known.
    Row {
        file: "truncated-zone.ics",
        entries: &[
            "2031-07-01T16:00:00Z/2031-07-01T17:00:00Z In summer",
            "2031-12-01T17:00:00Z/2031-12-01T18:00:00Z In winter",
        ],
        ..WHOLE
    },
    Row {
        file: "windows-no-zone-block.ics",
        entries: &[
            "2031-06-03T09:00:00Z/2031-06-03T10:00:00Z By Windows' name",
            "2031-06-03T21:00:00Z/2031-06-03T22:00:00Z Behind a vendor's path",
        ],
        problems: &[(21, "the time zone \"Mars/Olympus Mons\" is not known")],
        ..WHOLE
    },
    Row {
        file: "dates-and-periods.ics",
        entries: &[
            "2031-03-01T19:00:00Z/2031-03-01T21:00:00Z Rehearsal",
            "2031-03-09T09:00:00Z/2031-03-09T10:00:00Z Rehearsal",
            "2031-03-10T09:00:00Z/2031-03-10T09:30:00Z Rehearsal",
            "2031-04-01T18:00:00Z/2031-04-01T20:00:00Z Rehearsal",
        ],
        ..WHOLE
    },
    Row {
        file: "this-and-future.ics",
        entries: &[
            "2031-03-18T18:00:00Z/2031-03-18T19:00:00Z Class",
            "2031-03-26T19:30:00Z/2031-03-26T21:00:00Z Class, later",
            "2031-04-02T18:30:00Z/2031-04-02T20:00:00Z Class, later",
            "2031-04-09T18:30:00Z/2031-04-09T20:00:00Z Class, later",
        ],
        ..WHOLE
    },
    // The start counts, though it is no last Friday.
    Row {
        file: "last-friday.ics",
        entries: &[
            "2031-01-24T19:00:00Z/2031-01-24T21:00:00Z Swing",
            "2031-01-31T19:00:00Z/2031-01-31T21:00:00Z Swing",
            "2031-02-28T19:00:00Z/2031-02-28T21:00:00Z Swing",
            "2031-03-28T19:00:00Z/2031-03-28T21:00:00Z Swing",
        ],
        ..WHOLE
    },
    // A date of which something unreadable is said is left alone; the others are not.
    Row {
        file: "broken-word.ics",
        entries: &[
            "2031-03-04T17:00:00Z/2031-03-04T18:00:00Z Class",
            "2031-03-06T17:00:00Z/2031-03-06T18:00:00Z Class",
        ],
        problems: &[(15, "\"20310305T250000Z\" is no DTSTART"), (21, "the rule cannot be read")],
        ..WHOLE
    },
    Row {
        file: "cut-off.ics",
        entries: &["2031-03-04T17:00:00Z/2031-03-04T18:00:00Z Whole"],
        problems: &[
            (10, "the VEVENT that begins here is not closed before VEVENT begins on line 15"),
            (15, "the VEVENT that begins here is not closed before the file ends"),
        ],
        ..WHOLE
    },
    Row {
        file: "latin-1.ics",
        entries: &["2031-03-04T17:00:00Z/2031-03-04T18:00:00Z Caf\u{e9}"],
        problems: &[(13, "the line is not UTF-8")],
        warnings: &[7],
    },
    // Until the end of January, as it is asked below.
    Row {
        file: "no-end.ics",
        entries: &[
            "2031-01-06T17:00:00Z/2031-01-06T18:00:00Z Every week",
            "2031-01-13T17:00:00Z/2031-01-13T18:00:00Z Every week",
            "2031-01-20T17:00:00Z/2031-01-20T18:00:00Z Every week",
            "2031-01-27T17:00:00Z/2031-01-27T18:00:00Z Every week",
            "2031-06-01T16:00:00Z/2031-06-01T17:00:00Z Much later",
        ],
        problems: &[(11, "the series that begins here has more than 100000 dates")],
        ..WHOLE
    },
];

fn read(file: &str, until: Option<Date>) -> Timetable {
    let bytes = fs::read(format!("../tests/calendars/{file}")).expect("the file is there");
    let now = "2031-01-01T00:00:00Z".parse().expect("a time");
    let reading = Reading { now, floating: None, starting: None, until };
    Timetable::read(&bytes, &reading).expect("it is a calendar")
}

#[test]
fn each_file_is_what_its_program_meant() {
    for row in &ROWS {
        let until = (row.file == "no-end.ics").then(|| Date::constant(2031, 1, 31));
        let timetable = read(row.file, until);
        assert_eq!(shown(&timetable), row.entries, "{}", row.file);
        let problems: Vec<_> = timetable.problems.iter().map(|fault| (fault.line, &*fault.problem)).collect();
        assert_eq!(problems.len(), row.problems.len(), "{}: {problems:?}", row.file);
        for ((line, problem), (want_line, want)) in problems.iter().zip(row.problems) {
            assert!(line == want_line && problem.starts_with(want), "{}: {problems:?}", row.file);
        }
        let warnings: Vec<_> = timetable.warnings.iter().map(|fault| fault.line).collect();
        assert_eq!(warnings, row.warnings, "{}: {:?}", row.file, timetable.warnings);
    }
}

#[test]
fn every_file_has_a_row() {
    let files = fs::read_dir("../tests/calendars").expect("the folder is there");
    let mut files: Vec<_> =
        files.map(|file| file.expect("it can be listed").file_name().into_string().expect("UTF-8")).collect();
    files.retain(|file| !ROWS.iter().any(|row| row.file == file));
    assert_eq!(files, [""; 0]);
}

#[test]
fn what_has_no_end_is_read_for_a_year() {
    let timetable = read("no-end.ics", None);
    let weeks = timetable.entries.iter().filter(|entry| entry.title == "Every week").count();
    assert_eq!((weeks, timetable.past), (52, 57));
    assert!(!read("first.ics", None).is_utc_assumed && read("apple-historic-zone.ics", None).is_utc_assumed);
}
