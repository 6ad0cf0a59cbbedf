//! `boxctl import`: which slot is whose, when a file says of many that they are elsewhere. Whoever has booked goes along.

use std::fmt::Write as _;

use crate::fake::{Fake, State};
use crate::import::import;
use crate::{data_folder, write};

/// A file, and the next one.
struct Row {
    what: &'static str,
    old: &'static [&'static str],
    new: &'static [&'static str],
    /// How the last line begins.
    summary: &'static str,
    /// The slots as they are then: where each one began, the day and hour where it begins now, and its title.
    want: &'static [&'static str],
}

const NINE_AND_FOURTEEN: &str = "SUMMARY:S\nDTSTART:20310304T090000Z\nRRULE:FREQ=DAILY;BYHOUR=9,14;COUNT=6";
const ALL_SIX: [&str; 6] =
    ["04T09 04T09 S", "04T14 04T14 S", "05T09 05T09 S", "05T14 05T14 S", "06T09 06T09 S", "06T14 06T14 S"];

const ROWS: &[Row] = &[
    Row {
        what: "fewer dates on another day: the last goes",
        old: &["SUMMARY:S\nDTSTART:20310303T180000Z\nRRULE:FREQ=WEEKLY;COUNT=3"],
        new: &["SUMMARY:S\nDTSTART:20310304T180000Z\nRRULE:FREQ=WEEKLY;COUNT=2"],
        summary: "made 0, already there 0, changed 2, cancelled 1;",
        want: &["03T18 04T18 S", "10T18 11T18 S", "17T18 17T18 S cancelled"],
    },
    Row {
        what: "more dates on another day: one is new",
        old: &["SUMMARY:S\nDTSTART:20310303T180000Z\nRRULE:FREQ=WEEKLY;COUNT=2"],
        new: &["SUMMARY:S\nDTSTART:20310305T180000Z\nRRULE:FREQ=WEEKLY;COUNT=3"],
        summary: "made 1, already there 0, changed 2, cancelled 0;",
        want: &["03T18 05T18 S", "10T18 12T18 S", "new 19T18 S"],
    },
    Row {
        what: "another day and another title",
        old: &["SUMMARY:S\nDTSTART:20310303T180000Z\nRRULE:FREQ=WEEKLY;COUNT=2"],
        new: &["SUMMARY:T\nDTSTART:20310305T180000Z\nRRULE:FREQ=WEEKLY;COUNT=3"],
        summary: "made 1, already there 0, changed 2, cancelled 0;",
        want: &["03T18 05T18 T", "10T18 12T18 T", "new 19T18 T"],
    },
    Row {
        what: "a day on: what stays, stays, and nothing moves past it",
        old: &["SUMMARY:S\nDTSTART:20310304T180000Z\nRRULE:FREQ=DAILY;COUNT=4"],
        new: &["SUMMARY:S\nDTSTART:20310305T180000Z\nRRULE:FREQ=DAILY;COUNT=4"],
        summary: "made 1, already there 3, changed 0, cancelled 1;",
        want: &["04T18 04T18 S cancelled", "05T18 05T18 S", "06T18 06T18 S", "07T18 07T18 S", "new 08T18 S"],
    },
    Row {
        what: "one of two days of the week moves",
        old: &["SUMMARY:S\nDTSTART:20310303T180000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4"],
        new: &["SUMMARY:S\nDTSTART:20310303T180000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4"],
        summary: "made 0, already there 2, changed 2, cancelled 0;",
        want: &["03T18 03T18 S", "05T18 06T18 S", "10T18 10T18 S", "12T18 13T18 S"],
    },
    Row {
        what: "the same instants, told in a zone where they are the day before",
        old: &["SUMMARY:S\nDTSTART:20310304T010000Z\nRRULE:FREQ=DAILY;COUNT=3"],
        new: &["SUMMARY:S\nDTSTART;TZID=America/New_York:20310303T200000\nRRULE:FREQ=DAILY;COUNT=4"],
        summary: "made 1, already there 3, changed 0, cancelled 0;",
        want: &["04T01 04T01 S", "05T01 05T01 S", "06T01 06T01 S", "new 07T01 S"],
    },
    Row {
        what: "over midnight, by an hour",
        old: &["SUMMARY:S\nDTSTART:20310304T233000Z\nRRULE:FREQ=DAILY;COUNT=4"],
        new: &["SUMMARY:S\nDTSTART:20310305T003000Z\nRRULE:FREQ=DAILY;COUNT=4"],
        summary: "made 0, already there 0, changed 4, cancelled 0;",
        want: &["04T23 05T00 S", "05T23 06T00 S", "06T23 07T00 S", "07T23 08T00 S"],
    },
    Row {
        what: "the second of each day goes",
        old: &[NINE_AND_FOURTEEN],
        new: &["SUMMARY:S\nDTSTART:20310304T090000Z\nRRULE:FREQ=DAILY;BYHOUR=9;COUNT=3"],
        summary: "made 0, already there 3, changed 0, cancelled 3;",
        want: &[
            "04T09 04T09 S",
            "04T14 04T14 S cancelled",
            "05T09 05T09 S",
            "05T14 05T14 S cancelled",
            "06T09 06T09 S",
            "06T14 06T14 S cancelled",
        ],
    },
    Row {
        what: "the first of each day goes",
        old: &[NINE_AND_FOURTEEN],
        new: &["SUMMARY:S\nDTSTART:20310304T140000Z\nRRULE:FREQ=DAILY;BYHOUR=14;COUNT=3"],
        summary: "made 0, already there 3, changed 0, cancelled 3;",
        want: &[
            "04T09 04T09 S cancelled",
            "04T14 04T14 S",
            "05T09 05T09 S cancelled",
            "05T14 05T14 S",
            "06T09 06T09 S cancelled",
            "06T14 06T14 S",
        ],
    },
    Row {
        what: "a word alone cancels the second of a day",
        old: &[NINE_AND_FOURTEEN],
        new: &["SUMMARY:S\nRECURRENCE-ID:20310304T140000Z\nDTSTART:20310304T140000Z\nSTATUS:CANCELLED"],
        summary: "made 0, already there 0, changed 0, cancelled 1;",
        want: &[ALL_SIX[0], "04T14 04T14 S cancelled", ALL_SIX[2], ALL_SIX[3], ALL_SIX[4], ALL_SIX[5]],
    },
    Row {
        what: "and without a start of its own",
        old: &[NINE_AND_FOURTEEN],
        new: &["SUMMARY:S\nRECURRENCE-ID:20310304T140000Z\nSTATUS:CANCELLED"],
        summary: "made 0, already there 0, changed 0, cancelled 1;",
        want: &[ALL_SIX[0], "04T14 04T14 S cancelled", ALL_SIX[2], ALL_SIX[3], ALL_SIX[4], ALL_SIX[5]],
    },
    Row {
        what: "a word alone moves the second of a day",
        old: &[NINE_AND_FOURTEEN],
        new: &["SUMMARY:S\nRECURRENCE-ID:20310304T140000Z\nDTSTART:20310304T160000Z"],
        summary: "made 0, already there 0, changed 1, cancelled 0;",
        want: &[ALL_SIX[0], "04T14 04T16 S", ALL_SIX[2], ALL_SIX[3], ALL_SIX[4], ALL_SIX[5]],
    },
    Row {
        what: "a word alone of a time that no slot has is about none of them",
        old: &[NINE_AND_FOURTEEN],
        new: &["SUMMARY:S\nRECURRENCE-ID:20310304T110000Z\nSTATUS:CANCELLED"],
        summary: "REFUSED made 0, already there 0, changed 0, cancelled 0;",
        want: &ALL_SIX,
    },
    Row {
        what: "one of a list moves behind another",
        old: &["SUMMARY:A\nDTSTART:20310304T090000Z", "SUMMARY:B\nDTSTART:20310304T140000Z"],
        new: &["SUMMARY:A\nDTSTART:20310304T150000Z", "SUMMARY:B\nDTSTART:20310304T140000Z"],
        summary: "made 0, already there 1, changed 1, cancelled 0;",
        want: &["04T14 04T14 B", "04T09 04T15 A"],
    },
    Row {
        what: "two of a list change places",
        old: &["SUMMARY:A\nDTSTART:20310304T090000Z", "SUMMARY:B\nDTSTART:20310304T140000Z"],
        new: &["SUMMARY:A\nDTSTART:20310304T140000Z", "SUMMARY:B\nDTSTART:20310304T090000Z"],
        summary: "made 0, already there 0, changed 2, cancelled 0;",
        want: &["04T14 04T09 B", "04T09 04T14 A"],
    },
    Row {
        what: "one of a list is another at another time: nobody knows",
        old: &["SUMMARY:A\nDTSTART:20310304T090000Z", "SUMMARY:B\nDTSTART:20310304T140000Z"],
        new: &["SUMMARY:C\nDTSTART:20310304T100000Z", "SUMMARY:B\nDTSTART:20310304T140000Z"],
        summary: "REFUSED made 0, already there 1, changed 0, cancelled 0;",
        want: &["04T09 04T09 A", "04T14 04T14 B"],
    },
    Row {
        what: "one date moves onto the next, which moves on",
        old: &["SUMMARY:S\nDTSTART:20310304T180000Z\nRRULE:FREQ=WEEKLY;COUNT=2"],
        new: &[
            "SUMMARY:S\nDTSTART:20310304T180000Z\nRRULE:FREQ=WEEKLY;COUNT=2",
            "SUMMARY:S\nRECURRENCE-ID:20310304T180000Z\nDTSTART:20310311T180000Z",
            "SUMMARY:S\nRECURRENCE-ID:20310311T180000Z\nDTSTART:20310318T180000Z",
        ],
        summary: "made 0, already there 0, changed 2, cancelled 0;",
        want: &["04T18 11T18 S", "11T18 18T18 S"],
    },
];

fn calendar(events: &[&str]) -> String {
    let mut text = "BEGIN:VCALENDAR\nVERSION:2.0\n".to_owned();
    for event in events {
        write!(text, "BEGIN:VEVENT\nUID:u\nDURATION:PT1H\n{event}\nEND:VEVENT\n").expect("a text takes all");
    }
    text + "END:VCALENDAR\n"
}

/// By id, where each slot begins.
fn starts(node: &Fake) -> Vec<(String, String)> {
    let state = node.state.lock().expect("nobody panicked");
    let slots = state.slots.values().map(|(_, slot)| slot);
    slots.map(|slot| (slot.id.clone(), slot.starts_at.to_string()[8..13].to_owned())).collect()
}

/// The slots, each with where it was.
fn since(node: &Fake, old: &[(String, String)]) -> Vec<String> {
    let state = node.state.lock().expect("nobody panicked");
    let mut slots: Vec<_> = state.slots.values().map(|(_, slot)| slot).collect();
    slots.sort_by_key(|slot| slot.starts_at);
    let show = |slot: &&api::slot::Slot| {
        let was = old.iter().find(|(id, _)| *id == slot.id).map_or("new", |(_, start)| start);
        let is_cancelled = slot.status == api::slot::Status::Cancelled;
        let cancelled = if is_cancelled { " cancelled" } else { "" };
        format!("{was} {} {}{cancelled}", &slot.starts_at.to_string()[8..13], slot.title)
    };
    slots.iter().map(show).collect()
}

#[test]
fn whoever_has_booked_goes_along_and_nobody_is_taken_for_another() {
    let folder = data_folder();
    for Row { what, old, new, summary, want } in ROWS {
        let node = Fake::start(State::default());
        let file = write(&folder, "it.ics", &calendar(old));
        let file = file.to_str().expect("a path in UTF-8").to_owned();
        assert_eq!(import(&node, &file, &[]).status, 0, "{what}");
        let before = starts(&node);
        write(&folder, "it.ics", &calendar(new));
        let said = import(&node, &file, &["--yes"]);
        let (is_refused, summary) = match summary.strip_prefix("REFUSED ") {
            Some(summary) => (true, summary),
            None => (false, *summary),
        };
        assert!(said.data.starts_with(summary), "{what}: {}{}", said.data, said.talk);
        assert_eq!(since(&node, &before), *want, "{what}: {}", said.talk);
        assert_eq!(said.status, i32::from(is_refused), "{what}: {}", said.talk);
        assert_eq!(said.talk.contains("cannot be told; they are left as they are"), is_refused, "{what}");
        // Again, nothing is to be done.
        let again = import(&node, &file, &[]);
        let is_quiet =
            again.data.starts_with("made 0, ") && again.data.contains(", changed 0, cancelled 0; ");
        assert!(is_quiet, "{what}: {}{}", again.data, again.talk);
        assert_eq!(since(&node, &before), *want, "{what}");
    }
}

#[test]
fn an_endless_series_that_moves_takes_its_year_along() {
    let folder = data_folder();
    let series =
        |day: u8| calendar(&[&format!("SUMMARY:S\nDTSTART:203103{day:02}T180000Z\nRRULE:FREQ=WEEKLY")]);
    let node = Fake::start(State::default());
    let file = write(&folder, "it.ics", &series(3));
    let file = file.to_str().expect("a path in UTF-8").to_owned();
    assert_eq!(import(&node, &file, &[]).data.split(',').next(), Some("made 53"));
    for (day, want) in [
        (5, "made 0, already there 0, changed 53, cancelled 0;"),
        (4, "made 0, already there 0, changed 53, cancelled 0;"),
        // A week later it has one date more; the one that is missing is cancelled.
        (11, "made 1, already there 52, changed 0, cancelled 1;"),
    ] {
        write(&folder, "it.ics", &series(day));
        let said = import(&node, &file, &["--yes"]);
        assert!(said.data.starts_with(want), "{day}: {}{}", said.data, said.talk);
    }
}

#[test]
fn an_endless_series_that_has_begun_moves_from_its_next_date_on() {
    let folder = data_folder();
    let series =
        |day: u8| calendar(&[&format!("SUMMARY:S\nDTSTART:202001{day:02}T180000Z\nRRULE:FREQ=WEEKLY")]);
    let node = Fake::start(State::default());
    let file = write(&folder, "it.ics", &series(6));
    let file = file.to_str().expect("a path in UTF-8").to_owned();
    assert_eq!(import(&node, &file, &[]).status, 0);
    for day in [8, 7, 10, 6] {
        let (before, cancelled) = (node.counts().1, node.shown().join("\n").matches("cancelled").count());
        write(&folder, "it.ics", &series(day));
        let said = import(&node, &file, &["--yes"]);
        // At the end of the year one date may have come; one that lies beyond it now is left to a later run.
        assert!(node.counts().1 <= before + 1, "{day}: {}{}", said.data, said.talk);
        let more = node.shown().join("\n").matches("cancelled").count() - cancelled;
        assert_eq!(more, 0, "{day}: {}{}", said.data, said.talk);
    }
}
