//! Short stories, each told to both stores.

use bytes::Bytes;
use storage::{Change, Error, GroupId, Index, Register, Store, Write};

use super::subject::{Subject, commit};

/// One step of a story. Groups and indexes are plain numbers here, so that a story fits on few lines.
enum Step {
    /// Makes these changes to a group, synced.
    Do(u32, Vec<Change>),
    /// Submits these changes, which are refused because an entry was expected at this index.
    Refused(u32, Vec<Change>, u64),
    /// The log of a group goes from here to there, and reads `e1`, `e2`, … as far as it goes.
    Log(u32, Option<(u64, u64)>),
    /// These entries are found: group, from, until, bytes at most.
    Entries(u32, u64, u64, usize, &'static [(u64, &'static str)]),
    /// A register has this value.
    Is(u32, u8, Option<&'static str>),
    /// A key has this value.
    Has(u32, &'static str, Option<&'static str>),
    /// A scan finds these keys: group, from, until, limit.
    Scan(u32, &'static str, &'static str, usize, &'static [&'static str]),
    Reopen,
}

use Step::{Do, Entries, Has, Is, Log, Refused, Reopen, Scan};

fn append(index: u64, entry: &'static str) -> Change {
    Change::Append { index: Index(index), entry: Bytes::from_static(entry.as_bytes()) }
}

/// Entries `e<index>` from the first to the last index.
fn appends(first: u64, last: u64) -> Vec<Change> {
    let entry = |index| Bytes::from(format!("e{index}"));
    (first..=last).map(|index| Change::Append { index: Index(index), entry: entry(index) }).collect()
}

fn truncate(keep: u64) -> Change {
    Change::TruncateAfter(Some(Index(keep)))
}

fn purge(gone: u64) -> Change {
    Change::PurgeUpTo(Index(gone))
}

fn set(register: u8, value: &str) -> Change {
    Change::Set { register: Register(register), value: value.into() }
}

fn put(key: &str, value: &str) -> Change {
    Change::Put { key: key.into(), value: value.into() }
}

fn remove(key: &str) -> Change {
    Change::Remove { key: key.into() }
}

fn stage(key: &str, value: &str) -> Change {
    Change::Stage { key: key.into(), value: value.into() }
}

fn check(name: &str, story: impl Fn() -> Vec<Step>) {
    for mut subject in Subject::both() {
        for (number, step) in story().into_iter().enumerate() {
            let at = format!("{name}, {}, step {number}", subject.name());
            if matches!(step, Reopen) {
                subject.reopen();
            } else {
                take(subject.store(), step, &at);
            }
        }
    }
}

fn take(store: &dyn Store, step: Step, at: &str) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    match step {
        Do(group, changes) => commit(store, Write::synced(GroupId(group), changes)).expect(at),
        Refused(group, changes, expected) => {
            let verdict = commit(store, Write::synced(GroupId(group), changes));
            assert!(
                matches!(&verdict, Err(Error::Misplaced { expected: found, .. }) if found.0 == expected),
                "{at}: {verdict:?}"
            );
        }
        Log(group, ends) => {
            let group = GroupId(group);
            let ends = ends.map(|(first, last)| (Index(first), Index(last)));
            assert_eq!(store.log_bounds(group).expect(at), ends, "{at}");
            let found = store.entries(group, Index(0), Index(u64::MAX), usize::MAX).expect(at);
            let indexes = ends.map_or(0..0, |(first, last)| first.0..last.0 + 1);
            let expected = indexes.map(|index| (Index(index), Bytes::from(format!("e{index}"))));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{at}");
        }
        Entries(group, from, until, bytes_max, expected) => {
            let found = store.entries(GroupId(group), Index(from), Index(until), bytes_max).expect(at);
            let found: Vec<_> =
                found.into_iter().map(|(index, entry)| (index.0, text(entry.into()))).collect();
            let expected: Vec<_> =
                expected.iter().map(|(index, entry)| (*index, (*entry).to_owned())).collect();
            assert_eq!(found, expected, "{at}");
        }
        Is(group, register, expected) => {
            let found = store.register(GroupId(group), Register(register)).expect(at);
            assert_eq!(found.map(text).as_deref(), expected, "{at}");
        }
        Has(group, key, expected) => {
            let found = store.state(GroupId(group), key.as_bytes()).expect(at);
            assert_eq!(found.map(text).as_deref(), expected, "{at}");
        }
        Scan(group, from, until, limit, expected) => {
            let found = store.scan(GroupId(group), from.as_bytes(), until.as_bytes(), limit).expect(at);
            // The value of every key in these stories is the key.
            let keys: Vec<_> = found.iter().filter(|(key, value)| key == value).map(|(key, _)| key).collect();
            let expected: Vec<_> = expected.iter().map(|key| key.as_bytes()).collect();
            assert_eq!(keys, expected, "{at}, group {group}");
        }
        Reopen => unreachable!("taken care of by the one who owns the subject"),
    }
}

#[test]
fn a_log_begins_anywhere_and_grows_at_its_end() {
    check("an empty store has nothing", || {
        vec![
            Log(1, None),
            Is(1, 1, None),
            Has(1, "a", None),
            Scan(1, "", "", 9, &[]),
            Entries(1, 0, 9, 9, &[]),
        ]
    });
    for first in [0, 1, 7, u64::from(u32::MAX), u64::MAX - 4] {
        check(&format!("from {first}"), || {
            vec![
                Do(1, appends(first, first + 2)),
                Log(1, Some((first, first + 2))),
                Refused(1, appends(first + 2, first + 2), first + 3),
                Reopen,
                Refused(1, appends(first, first), first + 3),
                Do(1, appends(first + 3, first + 3)),
                Log(1, Some((first, first + 3))),
            ]
        });
    }
}

#[test]
fn a_write_that_would_leave_a_hole_is_refused_whole() {
    check("nothing of it remains, and the next write is taken", || {
        vec![
            Do(1, appends(1, 3)),
            Refused(1, vec![set(1, "vote"), put("a", "a"), append(4, "e4"), append(6, "e6")], 5),
            Is(1, 1, None),
            Has(1, "a", None),
            Log(1, Some((1, 3))),
            Refused(1, vec![purge(3), append(5, "e5"), append(5, "e5")], 6),
            Do(1, appends(4, 4)),
            Reopen,
            Log(1, Some((1, 4))),
        ]
    });
    check("the last index has no successor", || {
        vec![Refused(1, vec![append(u64::MAX, "end")], u64::MAX - 1), Log(1, None)]
    });
}

#[test]
fn truncation_drops_the_end() {
    check("and what follows takes its place", || {
        vec![
            Do(1, appends(1, 3)),
            Do(1, vec![append(4, "old"), append(5, "old"), append(6, "old")]),
            Do(1, vec![truncate(3), append(4, "e4")]),
            Log(1, Some((1, 4))),
            Reopen,
            Log(1, Some((1, 4))),
            Do(1, vec![truncate(4)]),
            Do(1, vec![truncate(9)]),
            Log(1, Some((1, 4))),
            Do(1, appends(5, 6)),
            Log(1, Some((1, 6))),
        ]
    });
    check("of everything", || {
        vec![
            Do(1, appends(5, 9)),
            Do(1, vec![Change::TruncateAfter(None)]),
            Log(1, None),
            Reopen,
            Log(1, None),
            Do(1, appends(2, 3)),
            Log(1, Some((2, 3))),
            Do(1, vec![truncate(1)]),
            Log(1, None),
            Do(1, appends(8, 8)),
            Reopen,
            Log(1, Some((8, 8))),
        ]
    });
}

#[test]
fn purging_drops_the_beginning() {
    check("up to and including", || {
        vec![
            Do(1, appends(1, 9)),
            Do(1, vec![purge(0)]),
            Log(1, Some((1, 9))),
            Do(1, vec![purge(4)]),
            Log(1, Some((5, 9))),
            Do(1, vec![purge(2)]),
            Reopen,
            Log(1, Some((5, 9))),
            Do(1, vec![append(10, "e10"), purge(8), truncate(9)]),
            Log(1, Some((9, 9))),
        ]
    });
    check("beyond the end, and the log begins elsewhere", || {
        vec![
            Do(1, appends(1, 9)),
            Do(1, vec![purge(100)]),
            Log(1, None),
            Reopen,
            Log(1, None),
            Do(1, appends(101, 102)),
            Log(1, Some((101, 102))),
            Do(1, vec![purge(u64::MAX), append(0, "e0")]),
            Reopen,
            Log(1, Some((0, 0))),
        ]
    });
    check("nothing there is", || {
        vec![Do(1, vec![purge(5), truncate(3)]), Log(1, None), Do(1, appends(2, 2))]
    });
}

#[test]
fn entries_are_clamped_and_bounded() {
    check("by the log, the range and the bytes", || {
        vec![
            Do(1, vec![append(3, "aa"), append(4, "bbbb"), append(5, ""), append(6, "c")]),
            Entries(1, 0, 99, 99, &[(3, "aa"), (4, "bbbb"), (5, ""), (6, "c")]),
            Entries(1, 4, 6, 99, &[(4, "bbbb"), (5, "")]),
            Entries(1, 0, 4, 99, &[(3, "aa")]),
            Entries(1, 6, 7, 99, &[(6, "c")]),
            // At least one, however long; then as many as fit.
            Entries(1, 3, 99, 0, &[(3, "aa")]),
            Entries(1, 4, 99, 3, &[(4, "bbbb"), (5, "")][..1]),
            Entries(1, 4, 99, 4, &[(4, "bbbb"), (5, "")]),
            Entries(1, 3, 99, 6, &[(3, "aa"), (4, "bbbb"), (5, "")]),
            Entries(1, 3, 99, 7, &[(3, "aa"), (4, "bbbb"), (5, ""), (6, "c")]),
            // Nothing is in there.
            Entries(1, 7, 99, 99, &[]),
            Entries(1, 0, 3, 99, &[]),
            Entries(1, 5, 5, 99, &[]),
            Entries(1, 6, 4, 99, &[]),
            Entries(2, 0, 99, 99, &[]),
        ]
    });
}

#[test]
fn registers_and_state_keep_the_last_value() {
    check("in the order of the changes", || {
        vec![
            Do(1, vec![set(1, "a"), set(2, "b"), set(1, "c"), put("k", "1"), put("k", "2"), put("l", "")]),
            Do(1, vec![remove("k"), put("k", "3"), put("m", "4"), remove("m"), remove("never")]),
            Reopen,
            Is(1, 1, Some("c")),
            Is(1, 2, Some("b")),
            Is(1, 3, None),
            Has(1, "k", Some("3")),
            Has(1, "l", Some("")),
            Has(1, "m", None),
            Do(1, vec![remove("k"), set(1, "")]),
            Reopen,
            Has(1, "k", None),
            Is(1, 1, Some("")),
        ]
    });
}

#[test]
fn a_scan_is_in_order_of_bytes() {
    check("from inclusive, until exclusive", || {
        let keys = ["b", "a", "", "ab", "a\0", "\u{7f}", "c"];
        vec![
            Do(1, keys.iter().map(|key| put(key, key)).collect()),
            Do(0, vec![put("below", "below")]),
            Do(2, vec![put("above", "above")]),
            Scan(1, "", "", 99, &["", "a", "a\0", "ab", "b", "c", "\u{7f}"]),
            Scan(1, "a", "b", 99, &["a", "a\0", "ab"]),
            Scan(1, "a", "", 2, &["a", "a\0"]),
            Scan(1, "aa", "c", 99, &["ab", "b"]),
            Scan(1, "a", "a", 99, &[]),
            Scan(1, "c", "a", 99, &[]),
            Scan(1, "", "", 0, &[]),
            Scan(3, "", "", 99, &[]),
            Do(1, vec![remove("a")]),
            Reopen,
            Scan(1, "", "b", 99, &["", "a\0", "ab"]),
        ]
    });
}

#[test]
fn groups_are_apart() {
    for (one, other) in [(0, 1), (1, 256), (u32::MAX - 1, u32::MAX)] {
        check(&format!("{one} and {other}"), || {
            vec![
                Do(one, vec![append(1, "e1"), append(2, "e2"), set(1, "one"), put("k", "one")]),
                Do(other, vec![append(1, "e1"), set(1, "other"), put("k", "other")]),
                Do(one, vec![Change::TruncateAfter(None), remove("k")]),
                Do(other, vec![append(2, "e2"), purge(1)]),
                Reopen,
                Log(one, None),
                Is(one, 1, Some("one")),
                Has(one, "k", None),
                Log(other, Some((2, 2))),
                Is(other, 1, Some("other")),
                Has(other, "k", Some("other")),
            ]
        });
    }
}

#[test]
fn what_is_staged_takes_the_place_of_the_state_when_it_is_flipped() {
    use Change::{Flip, Unstage};
    /// What is done to a group that has the key `old`, which keys it has then, and which after one more flip.
    type Row = (Vec<Change>, &'static [&'static str], &'static [&'static str]);
    let rows: Vec<Row> = vec![
        // What is staged is invisible, and a flip of nothing empties.
        (vec![], &["old"], &[]),
        (vec![stage("a", "a"), stage("b", "b")], &["old"], &["a", "b"]),
        (vec![stage("a", "1"), stage("a", "a")], &["old"], &["a"]),
        (vec![Flip], &[], &[]),
        // A flip replaces everything, also what has the same name.
        (vec![stage("a", "a"), Flip], &["a"], &[]),
        (vec![put("a", "1"), stage("a", "a"), put("a", "2"), Flip], &["a"], &[]),
        (vec![put("b", "b"), stage("old", "old"), remove("old"), Flip], &["old"], &[]),
        // To be staged anew.
        (vec![Unstage], &["old"], &[]),
        (vec![stage("a", "a"), Unstage], &["old"], &[]),
        (vec![stage("a", "a"), Unstage, Flip], &[], &[]),
        (vec![stage("a", "1"), stage("c", "c"), Unstage, stage("a", "a")], &["old"], &["a"]),
        (vec![stage("a", "a"), Flip, Unstage], &["a"], &[]),
        // What follows a flip is about the new state.
        (vec![stage("a", "1"), Flip, put("a", "a"), put("b", "b")], &["a", "b"], &[]),
        (vec![stage("a", "a"), stage("b", "b"), Flip, remove("a"), remove("old")], &["b"], &[]),
        (vec![Flip, put("old", "old"), stage("a", "a")], &["old"], &["a"]),
        // And so are more flips.
        (vec![stage("a", "a"), Flip, Flip], &[], &[]),
        (vec![stage("a", "a"), Flip, stage("b", "b"), Flip, stage("c", "c")], &["b"], &["c"]),
        (vec![Flip, stage("a", "a"), Unstage, stage("b", "b"), Flip, put("d", "d")], &["b", "d"], &[]),
    ];
    // Every row has a group of its own, between two that hear nothing of it.
    let groups = || (1..).step_by(2).zip(&rows);
    let neighbours = || (0..=u32::try_from(rows.len()).unwrap()).map(|number| number * 2);
    let together = || groups().map(|(group, (changes, ..))| Do(group, changes.clone())).collect();
    let apart = || {
        let longest = rows.iter().map(|(changes, ..)| changes.len()).max().unwrap();
        let change = |(group, (changes, ..)): (u32, &Row), place| {
            changes.get(place).map(|change: &Change| Do(group, vec![change.clone()]))
        };
        let round = |place| groups().filter_map(move |row| change(row, place)).chain([Reopen]);
        (0..longest).flat_map(round).collect()
    };
    let ways: [(&str, &dyn Fn() -> Vec<Step>); 2] = [("together", &together), ("apart", &apart)];
    for (way, steps) in ways {
        check(way, || {
            let then = || groups().map(|(group, (_, then, _))| Scan(group, "", "", 99, then));
            let at_last = || groups().map(|(group, (.., at_last))| Scan(group, "", "", 99, at_last));
            let quiet = |group| [Scan(group, "", "", 99, &["live"]), Has(group, "staged", None)];

            let mut story = Vec::new();
            let before = || vec![put("live", "live"), stage("staged", "staged")];
            story.extend(neighbours().map(|group| Do(group, before())));
            story.extend(groups().map(|(group, _)| Do(group, vec![put("old", "old")])));
            story.extend(steps());
            story.extend(then().chain([Reopen]).chain(then()));
            story.extend(groups().map(|(group, _)| Do(group, vec![Flip])));
            story.extend(at_last().chain([Reopen]).chain(at_last()));
            story.extend(neighbours().flat_map(quiet));
            story.extend(neighbours().map(|group| Do(group, vec![Flip])));
            story.extend(neighbours().map(|group| Scan(group, "", "", 99, &["staged"])));
            story
        });
    }
}

#[test]
fn a_flip_is_one_change_of_its_write() {
    check("with a register and the end of the log", || {
        vec![
            Do(1, [appends(1, 5), vec![set(1, "old"), put("a", "old"), stage("b", "new")]].concat()),
            Do(1, vec![Change::TruncateAfter(None), set(1, "new"), Change::Flip, append(9, "e9")]),
            Log(1, Some((9, 9))),
            Is(1, 1, Some("new")),
            Has(1, "a", None),
            Has(1, "b", Some("new")),
            Reopen,
            Log(1, Some((9, 9))),
            Is(1, 1, Some("new")),
            Has(1, "a", None),
            Has(1, "b", Some("new")),
        ]
    });
    check("and refused with it", || {
        vec![
            Do(1, [appends(1, 5), vec![put("a", "old"), stage("b", "new")]].concat()),
            Refused(1, vec![Change::Unstage, Change::Flip, put("c", "new"), append(7, "e7")], 6),
            Has(1, "a", Some("old")),
            Has(1, "c", None),
            Do(1, vec![put("d", "old")]),
            Reopen,
            Has(1, "a", Some("old")),
            Has(1, "d", Some("old")),
            Do(1, vec![Change::Flip]),
            Has(1, "a", None),
            Has(1, "b", Some("new")),
        ]
    });
}
