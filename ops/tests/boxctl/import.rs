//! `boxctl import`: all or nothing is checked first, and nothing is made twice.

use crate::fake::{Fake, Fault, State};
use crate::{Said, boxctl, data_folder, sample, write};

/// Imports `file` for studio-7 with 20 places a slot, and `more` arguments.
fn import(node: &Fake, file: &str, more: &[&str]) -> Said {
    let data = data_folder();
    let data = data.path().to_str().expect("a path in UTF-8");
    let given = ["--client", &node.url, "--data", data, "import", file, "--organizer", "studio-7"];
    let capacity: &[&str] = if more.contains(&"--capacity") { &[] } else { &["--capacity", "20"] };
    boxctl(&[&given, capacity, more].concat())
}

fn sample_path() -> String {
    sample().to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn a_second_run_changes_nothing() {
    let node = Fake::start(State::default());
    let first = import(&node, &sample_path(), &[]);
    assert_eq!(
        (first.status, first.data.as_str()),
        (0, "made 24, already there 0, skipped 1 (cancelled), refused 0\n")
    );
    assert!(first.talk.contains("asked for 24 of 24"), "{}", first.talk);

    let second = import(&node, &sample_path(), &[]);
    assert_eq!(
        (second.status, second.data.as_str()),
        (0, "made 0, already there 24, skipped 1 (cancelled), refused 0\n")
    );
    assert_eq!(node.counts(), (48, 24));
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
        (0, "made 22, already there 2, skipped 1 (cancelled), refused 0\n")
    );
    assert_eq!(node.counts(), (24 + faults.len(), 24));
}

#[test]
fn what_exists_with_other_details_is_told_entry_by_entry() {
    let node = Fake::start(State::default());
    assert_eq!(import(&node, &sample_path(), &[]).status, 0);
    let said = import(&node, &sample_path(), &["--capacity", "21"]);
    assert_eq!(
        (said.status, said.data.as_str()),
        (1, "made 0, already there 0, skipped 1 (cancelled), refused 24\n")
    );
    assert!(
        said.talk.contains("timetable.ics:21: refused: Morning yoga: it exists with other details"),
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
        (1, "made 23, already there 0, skipped 1 (cancelled), refused 1\n")
    );
    assert!(said.talk.contains("because of the test (invalid_request)"), "{}", said.talk);
}

#[test]
fn what_cannot_be_imported_is_refused_before_anything_is_sent() {
    let folder = data_folder();
    let calendar = |events: &str| format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n");
    let good = "BEGIN:VEVENT\nUID:a\nDTSTART:20300615T090000Z\nEND:VEVENT\n";
    let old = "BEGIN:VEVENT\nUID:b\nDTSTART:20150918T090000Z\nEND:VEVENT\n";
    let node = Fake::start(State::default());
    for (content, more, want) in [
        (
            calendar(&format!("{good}BEGIN:VEVENT\nUID:b\n")),
            &[][..],
            "it.ics:6: the VEVENT that begins here is not",
        ),
        ("not a calendar".to_owned(), &[], "it.ics:1: this is no iCalendar file"),
        (
            calendar(&format!("{good}{old}")),
            &[],
            "it.ics:6: the entry begins in the past (2015-09-18T09:00:00Z); give --starting DATE",
        ),
        (
            calendar(old),
            &["--starting", "2015-09-19"],
            "it.ics:2: the entry begins in the past (2015-09-19T09:00:00Z); give a later",
        ),
        (calendar(good), &["--organizer", ""], "the subject must have 1 to 64 bytes, not 0"),
        (calendar(good), &["--timezone", "Mars"], "\"Mars\" is no time zone"),
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
    for (starting, status, want) in [
        ("2090-05-01", 0, "made 1, already there 0, skipped 0 (cancelled), refused 0\n"),
        ("2090-05-01", 0, "made 0, already there 1, skipped 0 (cancelled), refused 0\n"),
        ("2090-05-02", 1, "made 0, already there 0, skipped 0 (cancelled), refused 1\n"),
    ] {
        let said = import(&node, file, &["--starting", starting]);
        assert_eq!((said.status, said.data.as_str()), (status, want), "{}", said.talk);
    }
    let state = node.state.lock().expect("nobody panicked");
    let starts: Vec<_> = state.slots.values().map(|(_, slot)| slot.starts_at.to_string()).collect();
    assert_eq!(starts, ["2090-05-01T09:00:00.000Z"]);
}

#[test]
fn a_dry_run_shows_and_sends_nothing() {
    let node = Fake::start(State::default());
    let said = import(&node, &sample_path(), &["--dry-run"]);
    assert_eq!(said.status, 0, "{}", said.talk);
    assert!(said.data.ends_with("would make 24, skip 1 (cancelled)\n"), "{}", said.data);
    assert!(said.data.contains("2030-06-15T09:00:00.000Z"), "{}", said.data);
    assert_eq!(node.counts(), (0, 0));
}

#[test]
fn a_node_that_does_not_take_the_token_ends_it() {
    let node = Fake::start(State::default());
    let said = import(&node, &sample_path(), &["--issuer", "somebody"]);
    assert_eq!((said.status, said.data.as_str()), (2, ""));
    assert!(said.talk.contains("refuses: 401 (unauthenticated)"), "{}", said.talk);
    assert_eq!(node.counts().1, 0);
}
