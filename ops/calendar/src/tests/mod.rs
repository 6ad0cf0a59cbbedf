//! Tables of calendars: what becomes of the good ones, and on which line the broken ones are told.

mod available;
mod broken;
mod busy;
mod files;

use jiff::civil::{Date, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::{Fault, Reading, Timetable};

/// A start that is as good as any.
const START: &str = "DTSTART:20300615T090000Z";

/// Read in 2014, when all that these tests are about was to come.
fn reading(zone: &str, starting: Option<Date>) -> Reading {
    let zone: TimeZone = TimeZoneDatabase::bundled().get(zone).expect("the zone is known");
    let now = "2014-01-01T00:00:00Z".parse().expect("a time");
    Reading { now, floating: Some(zone), starting, until: None }
}

fn read(text: &str, zone: &str) -> Result<Timetable, Fault> {
    Timetable::read(text.as_bytes(), &reading(zone, None))
}

/// A calendar of one event whose properties, line 4 and on, are these.
fn event(properties: &str) -> String {
    format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n{properties}\nEND:VEVENT\nEND:VCALENDAR\n")
}

/// An entry as `start/end title`, in UTC; what does not take place has no times.
fn shown(timetable: &Timetable) -> Vec<String> {
    let entries = timetable.entries.iter();
    entries
        .map(|entry| match entry.takes_place() {
            Some((start, end)) => format!("{}/{} {}", start.timestamp(), end.timestamp(), entry.title),
            None => format!("cancelled {}", entry.title),
        })
        .collect()
}

#[test]
fn an_entry_lasts_from_its_start_to_its_end() {
    for (properties, want) in [
        ("DTSTART:20300615T090000Z\nDTEND:20300615T100000Z", "2030-06-15T09:00:00Z/2030-06-15T10:00:00Z"),
        // Without an end: an hour, or the whole day.
        ("DTSTART:20300615T090000Z", "2030-06-15T09:00:00Z/2030-06-15T10:00:00Z"),
        ("DTSTART;VALUE=DATE:20300615", "2030-06-14T22:00:00Z/2030-06-15T22:00:00Z"),
        ("DTSTART:20300615", "2030-06-14T22:00:00Z/2030-06-15T22:00:00Z"),
        // With a duration.
        ("DTSTART:20300615T090000Z\nDURATION:PT1H30M", "2030-06-15T09:00:00Z/2030-06-15T10:30:00Z"),
        ("DTSTART:20300615T090000Z\nDURATION:+P1W", "2030-06-15T09:00:00Z/2030-06-22T09:00:00Z"),
        ("DTSTART:20300615T090000Z\nDURATION:P1DT15S", "2030-06-15T09:00:00Z/2030-06-16T09:00:15Z"),
        // A day is a day on the calendar, and this one has 23 hours.
        ("DTSTART:20300330T120000\nDURATION:P1D", "2030-03-30T11:00:00Z/2030-03-31T10:00:00Z"),
        // Floating times are the zone's that was asked for; a named zone is itself; UTC is UTC.
        ("DTSTART:20300615T090000", "2030-06-15T07:00:00Z/2030-06-15T08:00:00Z"),
        ("DTSTART;TZID=America/New_York:20300615T090000", "2030-06-15T13:00:00Z/2030-06-15T14:00:00Z"),
        ("DTSTART;TZID=\"Europe/London\":20300615T090000", "2030-06-15T08:00:00Z/2030-06-15T09:00:00Z"),
        ("dtstart;x-a=1;tzid=Europe/London:20300115T090000", "2030-01-15T09:00:00Z/2030-01-15T10:00:00Z"),
        ("DTSTART;X-A=\"a:b;c\":20300615T090000Z", "2030-06-15T09:00:00Z/2030-06-15T10:00:00Z"),
        // Clocks that skip, clocks that repeat, and a leap second.
        ("DTSTART:20300331T023000", "2030-03-31T01:30:00Z/2030-03-31T02:30:00Z"),
        ("DTSTART:20301027T023000", "2030-10-27T00:30:00Z/2030-10-27T01:30:00Z"),
        ("DTSTART:20300615T235960Z", "2030-06-15T23:59:59Z/2030-06-16T00:59:59Z"),
        // What is inside an event is not the event's.
        (
            "DTSTART:20300615T090000Z\nBEGIN:VALARM\nDURATION:PT5M\nUID:b\nSUMMARY:no\nEND:VALARM",
            "2030-06-15T09:00:00Z/2030-06-15T10:00:00Z",
        ),
    ] {
        let got = read(&event(properties), "Europe/Berlin").map(|timetable| shown(&timetable));
        assert_eq!(got, Ok(vec![format!("{want} Untitled")]), "{properties}");
    }
}

#[test]
fn a_title_is_the_summary_on_one_line() {
    let long = "é".repeat(1_001);
    for (summary, want) in [
        ("SUMMARY:Yoga", "Yoga"),
        ("SUMMARY;LANGUAGE=en:Keynote: Van\\, PSF\\; Chair", "Keynote: Van, PSF; Chair"),
        ("SUMMARY:one\\ntwo\\N three\\\\n", "one two three\\n"),
        ("SUMMARY:fol\n ded\n\t  twice", "folded twice"),
        ("SUMMARY:", "Untitled"),
        ("SUMMARY: \\n ", "Untitled"),
        (&format!("SUMMARY:{long}"), &long[..2_000]),
    ] {
        let text = event(&format!("DTSTART:20300615T090000Z\n{summary}"));
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}\n\n")] {
            let got = read(&text, "UTC").map(|timetable| timetable.entries[0].title.clone());
            assert_eq!(got.as_deref(), Ok(want), "{summary}");
        }
    }
}

#[test]
fn a_fold_may_split_a_character() {
    let text = event("DTSTART:20300615T090000Z\nSUMMARY:Caf\u{e9}");
    let middle = text.find('\u{e9}').expect("it is there") + 1;
    let bytes = [&text.as_bytes()[..middle], b"\r\n ", &text.as_bytes()[middle..]].concat();
    let timetable = Timetable::read(&bytes, &reading("UTC", None)).expect("it is a good calendar");
    assert_eq!(timetable.entries[0].title, "Caf\u{e9}");
}

#[test]
fn what_is_no_event_is_passed_over_and_what_is_cancelled_is_told() {
    let text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:t\nEND:VTODO\n\
        BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE\n\
        BEGIN:VEVENT\nUID:c\nSTATUS:cancelled\nRRULE:FREQ=DAILY\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:a\nSTATUS:TENTATIVE\nDTSTART:20300615T090000Z\nEND:VEVENT\nEND:VCALENDAR\n\
        BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20300616T090000Z\nEND:VEVENT\nEND:VCALENDAR\n";
    let timetable = read(text, "UTC").expect("it is a good calendar");
    let seen: Vec<_> = timetable
        .entries
        .iter()
        .map(|entry| (entry.line, &*entry.identity.which, entry.is_cancelled))
        .collect();
    assert_eq!(seen, [(13, "", true), (18, "20300615", false), (25, "20300616", false)]);
}

#[test]
fn an_entry_is_known_wherever_it_is_moved() {
    for (events, want) in [
        // Alone, by its UID, and by what older builds made of its start.
        (&["DTSTART:20300615T080000Z"][..], &[("", "20300615T080000Z")][..]),
        (&["DTSTART;TZID=Europe/London:20300615T090000"], &[("", "20300615T080000Z")]),
        (&["DTSTART:20300615T090000"], &[("", "20300615T090000")]),
        (&["DTSTART;VALUE=DATE:20300615"], &[("", "20300615")]),
        // One of a series, by the day on which it was to begin, and its place on that day.
        (
            &["DTSTART:20300615T080000Z\nRRULE:FREQ=HOURLY;INTERVAL=16;COUNT=3"],
            &[("20300615", ""), ("20300616", "-"), ("20300616.2", "-")],
        ),
        (
            &["DTSTART:20300615T080000Z\nRRULE:FREQ=HOURLY;INTERVAL=6;COUNT=3\nEXDATE:20300615T080000Z"],
            &[("20300615.2", ""), ("20300615.3", "-")],
        ),
        (
            &[
                "DTSTART;TZID=Asia/Tokyo:20300615T080000\nRRULE:FREQ=DAILY;COUNT=2",
                "RECURRENCE-ID:20300614T230000Z\nDTSTART:20300620T080000Z",
            ],
            &[("20300616", "-"), ("20300615", "20300620T080000Z")],
        ),
        // A word without its series.
        (&["RECURRENCE-ID:20300614T230000Z\nDTSTART:20300620T080000Z"], &[("20300614", "20300620T080000Z")]),
    ] {
        let events = events.iter().map(|event| format!("BEGIN:VEVENT\nUID:a\n{event}\nEND:VEVENT\n"));
        let text = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", events.collect::<String>());
        let timetable = read(&text, "Asia/Tokyo").expect("it is a good calendar");
        let identity = |entry: &crate::Entry| {
            let also = entry.also.first().map_or_else(|| "-".to_owned(), |also| also.which.clone());
            (entry.identity.which.clone(), also)
        };
        let seen: Vec<_> = timetable.entries.iter().map(identity).collect();
        let want: Vec<_> =
            want.iter().map(|(which, also)| ((*which).to_owned(), (*also).to_owned())).collect();
        assert_eq!(seen, want, "{text}");
    }
}

/// `text` is told to be wrong on `line` because of `problem`, whichever way its lines end, and nothing else is.
fn refuse(text: &str, line: usize, problem: &str) {
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let faults = match read(&text, "UTC") {
            Ok(timetable) => timetable.problems,
            Err(fault) => vec![fault],
        };
        assert_eq!(faults.len(), 1, "{faults:?} in\n{text}");
        assert_eq!(faults[0].line, line, "{faults:?} in\n{text}");
        assert!(faults[0].problem.starts_with(problem), "{faults:?}, not {problem:?} in\n{text}");
    }
}

#[test]
fn what_is_no_calendar_is_refused() {
    let many = format!("BEGIN:VCALENDAR\n{}", "nothing\n".repeat(1_001));
    for (text, line, problem) in [
        ("", 1, "this is no iCalendar file"),
        ("<html>\n", 1, "this is no iCalendar file"),
        ("\n\nBEGIN:VCARD\nEND:VCARD\n", 3, "this is no iCalendar file"),
        (" BEGIN:VCALENDAR\n", 1, "this is no iCalendar file"),
        (&many, 1, "this is no iCalendar file: more than 1000 lines"),
    ] {
        let fault = read(text, "UTC").expect_err(text);
        assert_eq!(fault.line, line, "{fault:?}");
        assert!(fault.problem.starts_with(problem), "{fault:?}");
    }
}

#[test]
fn a_broken_file_is_told_with_the_line() {
    let good = event(START);
    let twice = format!("BEGIN:VEVENT\nUID:a\nSUMMARY:x\n{START}\nEND:VEVENT\nEND:VCALENDAR");
    for (text, line, problem) in [
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n",
            2,
            "the VEVENT that begins here is not closed before the file",
        ),
        (
            &good.replace("END:VCALENDAR\n", ""),
            1,
            "the VCALENDAR that begins here is not closed before the file",
        ),
        (
            &good.replace("END:VEVENT\n", ""),
            2,
            "the VEVENT that begins here is not closed before VCALENDAR ends on",
        ),
        (
            &good.replace("END:VEVENT\n", &format!("BEGIN:VEVENT\nUID:b\n{START}\nEND:VEVENT\n")),
            2,
            "the VEVENT that begins here is not closed before VEVENT",
        ),
        (&good.replace("BEGIN:VEVENT\n", ""), 4, "VEVENT ends here and did not begin"),
        (&good.replace("END:VEVENT", "END:VALARM\nEND:VEVENT"), 5, "VALARM ends here and did not begin"),
        (
            &good.replace("END:VEVENT", "BEGIN:VALARM\nEND:VEVENT"),
            5,
            "the VALARM that begins here is not closed",
        ),
        (&format!("{good}X-A:1\n"), 7, "this stands outside"),
        (&format!("{good}BEGIN:VEVENT\nEND:VEVENT\n"), 7, "VEVENT stands outside"),
        (
            &good.replace("END:VCALENDAR", &twice),
            6,
            "this entry has the UID and the start of the one on line 2",
        ),
    ] {
        refuse(text, line, problem);
    }
}

#[test]
fn a_start_that_is_none_is_told_with_the_line() {
    for (start, problem) in [
        ("SUMMARY:x\nDTSTART:2030-06-15", "\"2030-06-15\" is no DTSTART that exists"),
        ("SUMMARY:x\nDTSTART:20300230T090000Z", "\"20300230T090000Z\" is no DTSTART that exists"),
        ("SUMMARY:x\nDTSTART:20300615T240000Z", "\"20300615T240000Z\" is no DTSTART that exists"),
        ("SUMMARY:x\nDTSTART:20300615T0900Z", "\"20300615T0900Z\" is no DTSTART that exists"),
        ("SUMMARY:x\nDTSTART:+2030615T090000Z", "\"+2030615T090000Z\" is no DTSTART that exists"),
        ("SUMMARY:x\nDTSTART:", "\"\" is no DTSTART that exists"),
        ("SUMMARY:x\nDTSTART;VALUE=DATE:20300615T090000Z", "VALUE says otherwise"),
        (
            "SUMMARY:x\nDTSTART;TZID=Mars/Olympus:20300615T090000",
            "the time zone \"Mars/Olympus\" is not known",
        ),
        ("SUMMARY:x\nDTSTART;TZID:20300615T090000", "a parameter has no \"=\""),
        (
            "SUMMARY:x\nDTSTART;TZID=\"Europe/London:20300615T090000",
            "a parameter does not end, or a quote is open",
        ),
    ] {
        refuse(&event(start), 5, problem);
    }
    refuse(&event("SUMMARY:x"), 2, "the entry that begins here has no DTSTART");
}

#[test]
fn what_follows_a_start_is_told_with_the_line() {
    for (properties, line, problem) in [
        (START, 5, "DTSTART is given twice; the first is on line 4"),
        ("SUMMARY:x\nSUMMARY:y", 6, "SUMMARY is given twice"),
        ("SEQUENCE:one", 5, "SEQUENCE must be a whole number"),
        ("DTEND:20300615T090000Z", 5, "DTEND must be after DTSTART"),
        ("DTEND:20300614T090000Z", 5, "DTEND must be after DTSTART"),
        ("DTEND:20300616", 5, "DTEND and DTSTART must both be dates or both be times"),
        ("DTEND:20300615T100000Z\nDURATION:PT1H", 6, "an entry has DTEND or DURATION"),
        ("DURATION:1 hour", 5, "\"1 hour\" is no DURATION"),
        ("DURATION:P1M", 5, "\"P1M\" is no DURATION"),
        ("DURATION:-PT1H", 5, "\"-PT1H\" is no DURATION"),
        ("DURATION:PT0S", 5, "DURATION must be more than nothing"),
        ("SUMMARY:a\u{7}b", 5, "the line has a control character"),
        ("RRULE:WEEKLY", 5, "\"WEEKLY\" is no part of a rule that can be read"),
        ("RRULE:FREQ=WEEKLY;COUNT=0", 5, "\"COUNT=0\" is no part of a rule"),
        ("RRULE:FREQ=WEEKLY;UNTIL=soon", 5, "\"UNTIL=SOON\" is no part of a rule"),
        ("RRULE:FREQ=FORTNIGHTLY", 5, "the rule cannot be read"),
        ("RRULE:FREQ=DAILY;INTERVAL=0", 5, "\"INTERVAL=0\" is no part of a rule"),
        ("RRULE:FREQ=DAILY;COUNT=2001", 2, "the series that begins here has more than 2000 dates to come"),
        ("RRULE:FREQ=SECONDLY", 2, "the series that begins here has more than 2000 dates to come"),
        ("RRULE:FREQ=DAILY;COUNT=1\nEXDATE:20300615", 0, ""),
    ] {
        let text = event(&format!("{START}\n{properties}"));
        if line == 0 {
            assert_eq!(shown(&read(&text, "UTC").expect(&text)), [""; 0], "the one day is excepted");
        } else {
            refuse(&text, line, problem);
        }
    }
}

#[test]
fn a_slip_that_does_not_matter_is_a_warning() {
    for (properties, line, problem) in [
        ("DESCRIPTION:a very\nlong one", 6, "there is no colon"),
        ("SUM MARY:x", 5, "\"SUM MARY\" is no name of a property"),
        ("X-A_B:1", 5, "\"X-A_B\" is no name of a property"),
        ("DESCRIPTION:a\u{c}b", 5, "the line has a control character"),
        ("LOCATION;X=\"a:b", 5, "a parameter does not end, or a quote is open"),
    ] {
        let timetable = read(&event(&format!("{START}\n{properties}")), "UTC").expect("it is a calendar");
        assert_eq!((timetable.entries.len(), timetable.problems.len()), (1, 0), "{properties}");
        assert_eq!(timetable.warnings.len(), 1, "{properties}");
        assert_eq!(timetable.warnings[0].line, line, "{properties}");
        assert!(timetable.warnings[0].problem.starts_with(problem), "{:?}", timetable.warnings);
    }
}

#[test]
fn a_shifted_timetable_begins_on_the_day_and_keeps_its_distances() {
    let events = [
        // Winter and summer: nine is nine. The first day is not the first of the file.
        "UID:b\nDTSTART;TZID=Europe/London:20150921T090000\nDTEND;TZID=Europe/London:20150921T103000",
        "UID:a\nDTSTART;TZID=Europe/London:20150918T090000",
        "UID:c\nDTSTART:20150919T183000Z\nDTEND:20150920T003000Z",
        "UID:d\nDTSTART;VALUE=DATE:20150920\nDTEND;VALUE=DATE:20150922",
    ];
    let events = events.map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).concat();
    let text = format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n");
    let timetable = read(&text, "UTC").expect("it is good");
    for (first, want) in [
        (
            date(2027, 1, 31),
            [
                "2027-02-03T09:00:00Z/2027-02-03T10:30:00Z",
                "2027-01-31T09:00:00Z/2027-01-31T10:00:00Z",
                "2027-02-01T18:30:00Z/2027-02-02T00:30:00Z",
                "2027-02-02T00:00:00Z/2027-02-04T00:00:00Z",
            ],
        ),
        (
            date(2015, 9, 18),
            [
                "2015-09-21T08:00:00Z/2015-09-21T09:30:00Z",
                "2015-09-18T08:00:00Z/2015-09-18T09:00:00Z",
                "2015-09-19T18:30:00Z/2015-09-20T00:30:00Z",
                "2015-09-20T00:00:00Z/2015-09-22T00:00:00Z",
            ],
        ),
    ] {
        let shifted = Timetable::read(text.as_bytes(), &reading("UTC", Some(first))).expect("it is good");
        assert_eq!(shown(&shifted), want.map(|times| format!("{times} Untitled")), "{first}");
        assert_eq!(
            shifted.entries.iter().map(|entry| &entry.identity).collect::<Vec<_>>(),
            timetable.entries.iter().map(|entry| &entry.identity).collect::<Vec<_>>(),
        );
    }
}

#[test]
fn an_entry_that_the_clocks_would_swallow_keeps_its_length() {
    let text = event("DTSTART;TZID=Europe/Berlin:20300401T023000\nDTEND;TZID=Europe/Berlin:20300401T031000");
    let reading = reading("UTC", Some(date(2030, 3, 31)));
    let timetable = Timetable::read(text.as_bytes(), &reading).expect("it is good");
    assert_eq!(shown(&timetable), ["2030-03-31T01:30:00Z/2030-03-31T02:10:00Z Untitled"]);
}

#[test]
fn the_sample_is_whole() {
    let sample = include_bytes!("../../../samples/timetable.ics");
    let timetable = Timetable::read(sample, &reading("UTC", None)).expect("the sample is good");
    let cancelled = timetable.entries.iter().filter(|entry| entry.is_cancelled).count();
    assert_eq!((timetable.entries.len(), cancelled, timetable.problems.len()), (25, 1, 0));
    let last = timetable.entries.last().expect("it has entries");
    assert_eq!(last.title, "Hike along the coast");
    assert!(
        timetable.entries.iter().any(|entry| entry.title.ends_with("patience and a caf\u{e9} afterwards"))
    );
}
