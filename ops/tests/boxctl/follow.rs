//! `boxctl import` again and again: slots follow the file, as often as it changes, and nothing is made twice.

use crate::fake::{Fake, State};
use crate::import::import;
use crate::slot_id::SlotIds;
use crate::{data_folder, write};

/// A calendar of events, each its properties.
fn calendar(events: &[&str]) -> String {
    let events =
        events.iter().map(|event| format!("BEGIN:VEVENT\nDTSTAMP:20300101T000000Z\n{event}\nEND:VEVENT\n"));
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}END:VCALENDAR\n", events.collect::<String>())
}

/// Imports files one after the other, each twice: the second time nothing is to be done, and the slots are `want`.
fn follow(node: &Fake, files: &[(String, &str, &[&str])]) {
    let folder = data_folder();
    for (content, summary, want) in files {
        let file = write(&folder, "it.ics", content);
        let file = file.to_str().expect("a path in UTF-8");
        let said = import(node, file, &["--yes"]);
        assert!(said.data.starts_with(summary), "{}, not {summary}\n{}\n{content}", said.data, said.talk);
        assert_eq!(node.shown(), *want, "{}{}\n{content}", said.data, said.talk);
        let again = import(node, file, &[]);
        assert!(again.data.starts_with("made 0, "), "{}{}\n{content}", again.data, again.talk);
        assert!(again.data.contains(", changed 0, cancelled 0; "), "{}{}\n{content}", again.data, again.talk);
        assert_eq!(node.shown(), *want, "{content}");
    }
}

const CLASS: &str = "UID:class\nSUMMARY:Class\nDTSTART:20310304T170000Z\nDTEND:20310304T180000Z";

#[test]
fn an_entry_that_moves_or_is_renamed_or_cancelled_takes_its_slot_along() {
    let node = Fake::start(State::default());
    follow(
        &node,
        &[
            (
                calendar(&[CLASS]),
                "made 1, already there 0, changed 0, cancelled 0;",
                &["on sale 2031-03-04T17:00/18:00 Class"],
            ),
            (
                calendar(&[&CLASS.replace("0304T", "0605T")]),
                "made 0, already there 0, changed 1, cancelled 0;",
                &["on sale 2031-06-05T17:00/18:00 Class"],
            ),
            // Back again within a day is no repetition of anything.
            (
                calendar(&[CLASS]),
                "made 0, already there 0, changed 1,",
                &["on sale 2031-03-04T17:00/18:00 Class"],
            ),
            (
                calendar(&[&CLASS.replace("0304T", "0605T")]),
                "made 0, already there 0, changed 1,",
                &["on sale 2031-06-05T17:00/18:00 Class"],
            ),
            (
                calendar(&[&CLASS.replace("SUMMARY:Class", "SUMMARY:Yoga")]),
                "made 0, already there 0, changed 1,",
                &["on sale 2031-03-04T17:00/18:00 Yoga"],
            ),
            (
                calendar(&[&format!("{CLASS}\nSTATUS:CANCELLED\nSEQUENCE:1")]),
                "made 0, already there 0, changed 0, cancelled 1;",
                &["cancelled 2031-03-04T17:00/18:00 Yoga"],
            ),
        ],
    );
    // A slot that was cancelled stays so, and that is told.
    let folder = data_folder();
    let file = write(&folder, "it.ics", &calendar(&[CLASS]));
    let said = import(&node, file.to_str().expect("a path in UTF-8"), &["--yes"]);
    assert_eq!(said.status, 1, "{}", said.data);
    assert!(
        said.talk.contains("it.ics:3: refused: Class: its slot was cancelled and stays so"),
        "{}",
        said.talk
    );
    assert_eq!(node.shown(), ["cancelled 2031-03-04T17:00/18:00 Yoga"]);
}

#[test]
fn nothing_that_exists_is_touched_without_consent() {
    let node = Fake::start(State::default());
    let files = |name: &str| format!("tests/calendars/{name}.ics");
    assert_eq!(import(&node, &files("first"), &[]).status, 0);
    for (file, more, status, data, talk) in [
        ("cancelled", &[][..], 1, "", "cancel  Evening class at 2031-06-03T16:00:00.000Z: it is cancelled"),
        ("cancelled", &[], 1, "", "nobody is here to ask: --yes does it; nothing was sent"),
        (
            "moved",
            &[],
            1,
            "",
            "change  Evening class at 2031-06-03T16:00:00.000Z: now at 2031-06-03T18:00:00.000Z",
        ),
        ("moved", &["--dry-run"], 0, "would make 0, change 1, cancel 0; already there 0;", ""),
        ("cancelled", &["--dry-run"], 0, "would make 0, change 0, cancel 1; already there 0;", ""),
    ] {
        let said = import(&node, &files(file), more);
        assert_eq!(said.status, status, "{file}: {}", said.talk);
        assert!(said.data.contains(data) && said.talk.contains(talk), "{file}: {}{}", said.data, said.talk);
        assert_eq!(node.shown(), ["on sale 2031-06-03T16:00/17:00 Evening class"], "{file}");
    }
    let said = import(&node, &files("moved"), &["--yes"]);
    assert!(said.status == 0 && said.data.contains("changed 1"), "{}{}", said.data, said.talk);
    assert_eq!(node.shown(), ["on sale 2031-06-03T18:00/19:00 Evening class"]);
    let said = import(&node, &files("cancelled"), &["--yes"]);
    assert!(said.status == 0 && said.data.contains("cancelled 1;"), "{}{}", said.data, said.talk);
    assert_eq!(node.shown(), ["cancelled 2031-06-03T18:00/19:00 Evening class"]);
}

/// Three Tuesdays.
const SERIES: &str = "UID:s\nSUMMARY:S\nDTSTART:20310304T170000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3";

#[test]
fn a_series_moves_loses_and_gains_dates() {
    let moved =
        "UID:s\nSUMMARY:S moved\nRECURRENCE-ID:20310311T170000Z\nDTSTART:20310313T090000Z\nDURATION:PT1H";
    let node = Fake::start(State::default());
    follow(
        &node,
        &[
            (
                calendar(&[SERIES]),
                "made 3, already there 0, changed 0, cancelled 0;",
                &[
                    "on sale 2031-03-04T17:00/18:00 S",
                    "on sale 2031-03-11T17:00/18:00 S",
                    "on sale 2031-03-18T17:00/18:00 S",
                ],
            ),
            // One is moved, by a word of its own.
            (
                calendar(&[SERIES, moved]),
                "made 0, already there 2, changed 1, cancelled 0;",
                &[
                    "on sale 2031-03-04T17:00/18:00 S",
                    "on sale 2031-03-13T09:00/10:00 S moved",
                    "on sale 2031-03-18T17:00/18:00 S",
                ],
            ),
            // All are moved to another hour.
            (
                calendar(&[&SERIES.replace("T170000", "T183000")]),
                "made 0, already there 0, changed 3, cancelled 0;",
                &[
                    "on sale 2031-03-04T18:30/19:30 S",
                    "on sale 2031-03-11T18:30/19:30 S",
                    "on sale 2031-03-18T18:30/19:30 S",
                ],
            ),
            // To another day, and again, further than a series is moved at once.
            (
                calendar(&[&SERIES.replace("0304T", "0306T")]),
                "made 0, already there 0, changed 3, cancelled 0;",
                &[
                    "on sale 2031-03-06T17:00/18:00 S",
                    "on sale 2031-03-13T17:00/18:00 S",
                    "on sale 2031-03-20T17:00/18:00 S",
                ],
            ),
            (
                calendar(&[&SERIES.replace("0304T", "0312T")]),
                "made 0, already there 0, changed 3, cancelled 0;",
                &[
                    "on sale 2031-03-12T17:00/18:00 S",
                    "on sale 2031-03-19T17:00/18:00 S",
                    "on sale 2031-03-26T17:00/18:00 S",
                ],
            ),
            // A date is excepted, and the rule is shorter.
            (
                calendar(&[&format!("{}\nEXDATE:20310312T170000Z", SERIES.replace("0304T", "0312T"))]),
                "made 0, already there 2, changed 0, cancelled 1;",
                &[
                    "cancelled 2031-03-12T17:00/18:00 S",
                    "on sale 2031-03-19T17:00/18:00 S",
                    "on sale 2031-03-26T17:00/18:00 S",
                ],
            ),
        ],
    );
}

#[test]
fn a_series_is_cancelled_whole_or_grows_out_of_an_entry() {
    let once = SERIES.replace("\nRRULE:FREQ=WEEKLY;COUNT=3", "");
    let all = |word| ["04", "11", "18"].map(|day| format!("{word} 2031-03-{day}T17:00/18:00 S"));
    let (on_sale, cancelled) = (all("on sale"), all("cancelled"));
    let (on_sale, cancelled) =
        (on_sale.each_ref().map(String::as_str), cancelled.each_ref().map(String::as_str));
    let node = Fake::start(State::default());
    follow(
        &node,
        &[
            (calendar(&[&once]), "made 1, already there 0, changed 0, cancelled 0;", &on_sale[..1]),
            (calendar(&[SERIES]), "made 2, already there 1, changed 0, cancelled 0;", &on_sale),
            (
                calendar(&[&format!("{SERIES}\nSTATUS:CANCELLED")]),
                "made 0, already there 0, changed 0, cancelled 3;",
                &cancelled,
            ),
        ],
    );
}

#[test]
fn a_date_of_which_something_unreadable_is_said_is_left_alone() {
    let bad = "UID:s\nRECURRENCE-ID:20310311T170000Z\nDTSTART:20310311T250000Z";
    let newer = "UID:s\nSEQUENCE:1\nDTSTART:20310311T250000Z";
    let worse = "UID:s\nRECURRENCE-ID:soon\nDTSTART:20310311T100000Z";
    let node = Fake::start(State::default());
    let want = &[
        "on sale 2031-03-04T17:00/18:00 S",
        "on sale 2031-03-11T17:00/18:00 S",
        "on sale 2031-03-18T17:00/18:00 S",
    ];
    let renamed = SERIES.replace("SUMMARY:S", "SUMMARY:T");
    follow(
        &node,
        &[
            (calendar(&[SERIES]), "made 3,", want),
            (calendar(&[&renamed, worse]), "made 0, already there 0, changed 0, cancelled 0;", want),
            (calendar(&[&renamed, newer]), "made 0, already there 0, changed 0, cancelled 0;", want),
            (
                calendar(&[&renamed, bad]),
                "made 0, already there 0, changed 2, cancelled 0;",
                &[
                    "on sale 2031-03-04T17:00/18:00 T",
                    "on sale 2031-03-11T17:00/18:00 S",
                    "on sale 2031-03-18T17:00/18:00 T",
                ],
            ),
        ],
    );
}

#[test]
fn slots_of_an_older_build_are_found_and_followed() {
    // Older builds had an entry's UID and start in its key: here they are, as those made them.
    for (start, hash) in
        [("DTSTART:20310304T170000Z", "20310304T170000Z"), ("DTSTART:20310304T170000", "20310304T170000")]
    {
        let node = Fake::start(State::default());
        let old = format!("UID:class\nSUMMARY:Class\n{start}\nDURATION:PT1H");
        make_as_older_builds_did(&node, hash);
        follow(
            &node,
            &[
                (calendar(&[&old]), "made 0, already there 1,", &["on sale 2031-03-04T17:00/18:00 Class"]),
                (
                    calendar(&[&old.replace("T1700", "T1840")]),
                    "made 0, already there 0, changed 1,",
                    &["on sale 2031-03-04T18:40/19:40 Class"],
                ),
                (
                    calendar(&[&old.replace("0304T1700", "0311T0900")]),
                    "made 0, already there 0, changed 1,",
                    &["on sale 2031-03-11T09:00/10:00 Class"],
                ),
                (
                    calendar(&[&format!("{}\nSTATUS:CANCELLED", old.replace("0304T1700", "0311T0900"))]),
                    "made 0, already there 0, changed 0, cancelled 1;",
                    &["cancelled 2031-03-11T09:00/10:00 Class"],
                ),
            ],
        );
    }
}

/// A slot that this key made: a new one is imported, and given the id and the key of the old one.
fn make_as_older_builds_did(node: &Fake, which: &str) {
    let folder = data_folder();
    let file = write(&folder, "old.ics", &calendar(&[CLASS]));
    assert_eq!(import(node, file.to_str().expect("a path in UTF-8"), &[]).status, 0);
    let key = older_key("class", which);
    let mut state = node.state.lock().expect("nobody panicked");
    let (_, (body, mut slot)) = state.slots.pop_first().expect("it was made");
    slot.id = SlotIds::of("studio-7").made_with(&key);
    state.slots.insert(key, (body, slot));
}

fn older_key(uid: &str, start: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(format!("{uid}\n{start}"));
    format!("ics-{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash))
}

#[test]
fn an_id_is_what_a_node_makes_of_a_key() {
    // `node/src/ids.rs` has the same one.
    assert_eq!(SlotIds::of("studio-7").made_with("ics-golden"), "slot_-mdjCgZeKXIqu2R88JGPDkli");
}
