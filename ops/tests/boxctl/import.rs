//! `boxctl import`: what is made, once, and what is told of the rest.

use crate::fake::{Fake, Fault, State};
use crate::{Said, boxctl, data_folder, sample, write};

/// Imports `file` for studio-7 with 20 places a slot, and `more` arguments.
pub(crate) fn import(node: &Fake, file: &str, more: &[&str]) -> Said {
    let data = data_folder();
    let data = data.path().to_str().expect("a path in UTF-8");
    let given = ["--client", &node.url, "--data", data, "import", file, "--organizer", "studio-7"];
    let capacity: &[&str] = if more.contains(&"--capacity") { &[] } else { &["--capacity", "20"] };
    boxctl(&[&given, capacity, more].concat())
}

fn sample_path() -> String {
    sample().to_str().expect("a path in UTF-8").to_owned()
}

/// The sample has an entry that is cancelled.
const ONE_CANCELLED: &str = "passed over 1 (0 over, 1 cancelled, 0 later)";

#[test]
fn a_second_run_changes_nothing() {
    let node = Fake::start(State::default());
    let first = import(&node, &sample_path(), &[]);
    assert_eq!(
        (first.status, first.data.as_str()),
        (0, &*format!("made 24, already there 0, changed 0, cancelled 0; {ONE_CANCELLED}; refused 0\n"))
    );
    assert!(first.talk.contains("asked for 24 of 24"), "{}", first.talk);

    let second = import(&node, &sample_path(), &[]);
    assert_eq!(
        (second.status, second.data.as_str()),
        (0, &*format!("made 0, already there 24, changed 0, cancelled 0; {ONE_CANCELLED}; refused 0\n"))
    );
    // The first run read one page and made 24, the second read three.
    assert_eq!(node.counts(), (1 + 24 + 3, 24));
    let state = node.state.lock().expect("nobody panicked");
    let slot = state.slots.values().map(|(_, slot)| slot).find(|slot| slot.title.starts_with("Pilates"));
    let slot = slot.expect("it was imported");
    assert_eq!((slot.organizer.as_str(), slot.counts.capacity), ("studio-7", 20));
    assert_eq!(
        (&slot.starts_at.to_string()[10..], &slot.ends_at.to_string()[10..]),
        ("T11:30:00.000Z", "T12:15:00.000Z")
    );
}

#[test]
fn a_busy_node_and_broken_connections_lose_and_double_nothing() {
    let faults =
        [Fault::Overloaded, Fault::BrokenAfter, Fault::BrokenBefore, Fault::Overloaded, Fault::BrokenAfter];
    let node = Fake::start(State { faults: faults.into(), ..State::default() });
    let said = import(&node, &sample_path(), &[]);
    // Two were made by requests whose answers were lost: when asked again, they are there already.
    assert_eq!(
        (said.status, said.data.as_str()),
        (0, &*format!("made 22, already there 2, changed 0, cancelled 0; {ONE_CANCELLED}; refused 0\n"))
    );
    assert_eq!(node.counts(), (1 + 24 + faults.len(), 24));
}

#[test]
fn the_capacity_is_that_of_new_slots() {
    let node = Fake::start(State::default());
    assert_eq!(import(&node, &sample_path(), &[]).status, 0);
    let said = import(&node, &sample_path(), &["--capacity", "21"]);
    assert_eq!(
        (said.status, said.data.as_str()),
        (0, &*format!("made 0, already there 24, changed 0, cancelled 0; {ONE_CANCELLED}; refused 0\n"))
    );
    assert!(
        said.talk.contains("24 slots that exist have another capacity than 21; they keep it"),
        "{}",
        said.talk
    );
    assert_eq!(node.counts().1, 24);
}

#[test]
fn an_entry_that_is_refused_does_not_stop_the_others() {
    let node = Fake::start(State { faults: [Fault::Invalid].into(), ..State::default() });
    let said = import(&node, &sample_path(), &[]);
    assert_eq!(
        (said.status, said.data.as_str()),
        (1, &*format!("made 23, already there 0, changed 0, cancelled 0; {ONE_CANCELLED}; refused 1\n"))
    );
    assert!(said.talk.contains("because of the test (invalid_request)"), "{}", said.talk);
}

#[test]
fn what_cannot_be_imported_is_refused_before_anything_is_sent() {
    let folder = data_folder();
    let calendar = |events: &str| format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n");
    let good = "BEGIN:VEVENT\nUID:a\nDTSTART:20900615T090000Z\nEND:VEVENT\n";
    let node = Fake::start(State::default());
    for (content, more, want) in [
        ("not a calendar".to_owned(), &[][..], "it.ics:1: this is no iCalendar file"),
        (calendar(good), &["--organizer", ""], "the subject must have 1 to 64 bytes, not 0"),
        (calendar(good), &["--timezone", "Mars"], "\"Mars\" is no time zone"),
        (calendar(good), &["--until", "soon"], "invalid value 'soon' for '--until <DATE>'"),
        (calendar(good), &["--starting", "soon"], "invalid value 'soon' for '--starting <DATE>'"),
        (calendar(good), &["--capacity", "10000001"], "10000001 is not in"),
    ] {
        let file = write(&folder, "it.ics", &content);
        let file = file.to_str().expect("a path in UTF-8");
        let data = folder.path().to_str().expect("a path in UTF-8");
        let mut arguments = vec!["--client", &node.url, "--data", data, "import", file];
        for (option, value) in [("--organizer", "studio-7"), ("--capacity", "20")] {
            if !more.contains(&option) {
                arguments.extend([option, value]);
            }
        }
        arguments.extend(more);
        let said = boxctl(&arguments);
        assert_eq!((said.status, said.data.as_str()), (2, ""), "{want}: {}", said.talk);
        assert!(said.talk.contains(want), "{}, not {want}", said.talk);
    }
    assert_eq!(node.counts(), (0, 0));
}

#[test]
fn an_old_timetable_is_shifted_and_found_again() {
    let folder = data_folder();
    let old = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:b\nDTSTART:20150918T090000Z\nEND:VEVENT\nEND:VCALENDAR\n";
    let file = write(&folder, "old.ics", old);
    let file = file.to_str().expect("a path in UTF-8");
    let node = Fake::start(State::default());
    let said = import(&node, file, &[]);
    assert!(
        said.status == 0 && said.talk.contains("all of it is over; --starting DATE shifts"),
        "{}",
        said.talk
    );
    for (more, want, start) in [
        (&["--starting", "2090-05-01"][..], "made 1, already there 0, changed 0, ", "2090-05-01T09:00"),
        (&["--starting", "2090-05-01"], "made 0, already there 1, changed 0, ", "2090-05-01T09:00"),
        (&["--starting", "2090-05-02", "--yes"], "made 0, already there 0, changed 1, ", "2090-05-02T09:00"),
        (&[], "made 0, already there 0, changed 0, cancelled 0; passed over 0", "2090-05-02T09:00"),
    ] {
        let said = import(&node, file, more);
        assert!(said.data.starts_with(want), "{}{}", said.data, said.talk);
        // Without a shift it was in the past, where no slot is moved to.
        assert_eq!(said.status, i32::from(more.is_empty()), "{}", said.talk);
        assert_eq!(node.shown(), [format!("on sale {start}/10:00 Untitled")]);
    }
}

#[test]
fn a_dry_run_shows_and_does_nothing() {
    let node = Fake::start(State::default());
    let said = import(&node, &sample_path(), &["--dry-run"]);
    assert_eq!(said.status, 0, "{}", said.talk);
    let want = format!("would make 24, change 0, cancel 0; already there 0; {ONE_CANCELLED}; refused 0\n");
    assert!(said.data.ends_with(&want), "{}", said.data);
    assert!(said.data.contains("2030-06-15T09:00:00.000Z"), "{}", said.data);
    assert_eq!(node.counts(), (1, 0), "only the list was read");

    // No key is needed to look, and no node to see what a file is.
    let nobody =
        ["--client", "http://127.0.0.1:1", "import", &sample_path(), "--organizer", "o", "--capacity", "1"];
    let said = boxctl(&[&nobody[..], &["--dry-run"]].concat());
    assert!(said.status == 0 && said.data.ends_with(&want), "{}{}", said.data, said.talk);
    assert!(said.talk.contains("shown as if there were no slots yet"), "{}", said.talk);
}

#[test]
fn what_is_wrong_with_one_entry_costs_no_other() {
    let node = Fake::start(State::default());
    let said = import(&node, "tests/calendars/one-odd-entry.ics", &[]);
    assert_eq!(
        (said.status, said.data.as_str()),
        (
            1,
            "made 2, already there 0, changed 0, cancelled 0; passed over 0 (0 over, 0 cancelled, 0 later); refused 1\n"
        )
    );
    assert!(
        said.talk.contains("tests/calendars/one-odd-entry.ics:16: refused: DTEND must be after DTSTART"),
        "{}",
        said.talk
    );
}

#[test]
fn what_is_over_or_too_late_is_passed_over_and_counted() {
    let node = Fake::start(State::default());
    for (more, want) in [
        (
            &["--until", "2031-06-02"][..],
            "made 0, already there 0, changed 0, cancelled 0; passed over 2 (1 over, 0 cancelled, 1 later); refused 0\n",
        ),
        (
            &["--until", "2031-06-03"],
            "made 1, already there 0, changed 0, cancelled 0; passed over 1 (1 over, 0 cancelled, 0 later); refused 0\n",
        ),
    ] {
        let said = import(&node, "tests/calendars/past-entries.ics", more);
        assert_eq!((said.status, said.data.as_str()), (0, want), "{}", said.talk);
    }
}

#[test]
fn the_last_day_is_one_where_the_entry_takes_place() {
    let node = Fake::start(State::default());
    let folder = data_folder();
    let los_angeles = "X-WR-TIMEZONE:America/Los_Angeles\n";
    for (calendar, event, more, want) in [
        ("", "DTSTART;TZID=America/Los_Angeles:20310110T190000", &[][..], "made 1,"),
        ("", "DTSTART;TZID=Asia/Tokyo:20310111T080000", &[], "made 0,"),
        (los_angeles, "DTSTART:20310110T190000", &[], "made 1,"),
        (los_angeles, "DTSTART:20310111T030000Z", &[], "made 1,"),
        (los_angeles, "DTSTART:20310111T090000Z", &[], "made 0,"),
        ("", "DTSTART:20310111T030000Z", &[], "made 0,"),
        ("", "DTSTART:20310111T030000", &["--timezone", "America/Los_Angeles"], "made 0,"),
        ("", "DTSTART:20310111T030000Z", &["--timezone", "America/Los_Angeles"], "made 1,"),
        ("", "DTSTART;TZID=America/Los_Angeles:20310109T190000\nRRULE:FREQ=DAILY", &[], "made 2,"),
        ("", "DTSTART;TZID=Asia/Tokyo:20310109T080000\nRRULE:FREQ=DAILY", &[], "made 2,"),
    ] {
        let uid = format!("{calendar}{event}{more:?}").replace('\n', " ");
        let text = format!(
            "BEGIN:VCALENDAR\n{calendar}BEGIN:VEVENT\nUID:{uid}\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        let file = write(&folder, "it.ics", &text);
        let file = file.to_str().expect("a path in UTF-8");
        for want in [want, "made 0,"] {
            let said = import(&node, file, &[&["--until", "2031-01-10"], more].concat());
            assert!(said.status == 0 && said.data.starts_with(want), "{text}{}{}", said.data, said.talk);
        }
    }
}

#[test]
fn a_node_that_does_not_take_the_token_ends_it() {
    let node = Fake::start(State::default());
    let said = import(&node, &sample_path(), &["--issuer", "somebody"]);
    assert_eq!((said.status, said.data.as_str()), (2, ""));
    assert!(said.talk.contains("refuses: 401 (unauthenticated)"), "{}", said.talk);
    assert_eq!(node.counts().1, 0);
}
