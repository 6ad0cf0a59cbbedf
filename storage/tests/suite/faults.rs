//! The faults of the store in memory: what it may lose, and what it may not.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use storage::{Change, Damage, Durability, Error, GroupId, Index, Memory, Place, Register, Store, Write};

use super::subject::commit;

const GROUP: GroupId = GroupId(1);

type Verdicts = Arc<Mutex<Vec<(u64, bool)>>>;

/// Appends one entry and counts it in the state, in one write.
fn append(store: &Memory, index: u64, durability: Durability, verdicts: &Verdicts) {
    let changes = vec![
        Change::Append { index: Index(index), entry: Bytes::from(index.to_string()) },
        Change::Put { key: b"last".to_vec(), value: index.to_string().into() },
    ];
    let verdicts = Arc::clone(verdicts);
    let done = move |verdict: Result<(), _>| verdicts.lock().unwrap().push((index, verdict.is_ok()));
    store.submit(Write { group: GROUP, changes, durability }, Box::new(done));
}

/// The last entry, after a look at whether log and state agree on it.
fn last(store: &Memory) -> u64 {
    let last = store.log_bounds(GROUP).unwrap().map_or(0, |(_, last)| last.0);
    let counted = store.state(GROUP, b"last").unwrap().unwrap_or_else(|| b"0".to_vec());
    assert_eq!(counted, last.to_string().into_bytes(), "a write was torn");
    last
}

#[test]
fn a_crash_keeps_what_was_synced_and_any_beginning_of_the_rest() {
    use Durability::{Queued, Synced};
    // What was written, what was submitted and held, and what may be the last entry after a crash.
    let rows: [(&[Durability], &[Durability], std::ops::RangeInclusive<u64>); 6] = [
        (&[], &[], 0..=0),
        (&[Synced, Synced], &[], 2..=2),
        (&[Queued, Queued, Queued], &[], 0..=3),
        (&[Queued, Synced, Queued, Queued], &[], 2..=4),
        (&[Synced], &[Synced, Queued], 1..=3),
        (&[Synced, Queued], &[Synced, Synced], 1..=4),
    ];
    for (row, (written, held, possible)) in rows.into_iter().enumerate() {
        let store = Memory::new();
        let verdicts = Verdicts::default();
        let mut durabilities = written.iter().chain(held).zip(1..);
        for (durability, index) in durabilities.by_ref().take(written.len()) {
            append(&store, index, *durability, &verdicts);
        }
        store.hold();
        for (durability, index) in durabilities {
            append(&store, index, *durability, &verdicts);
        }

        let left: BTreeSet<u64> = (0..200).map(|seed| last(&store.crash(seed))).collect();
        assert_eq!(left, possible.collect(), "row {row}: each possible end, and no other, in 200 crashes");
        assert_eq!(last(&store.crash(7)), last(&store.crash(7)), "row {row}: a seed decides");
        assert_eq!(last(&store), written.len() as u64, "row {row}: the store itself goes on");
    }
}

#[test]
fn what_a_crash_left_is_durable() {
    let store = Memory::new();
    for index in 1..=9 {
        append(&store, index, Durability::Queued, &Verdicts::default());
    }
    for seed in 0..20 {
        let after = store.crash(seed);
        assert_eq!(last(&after.crash(seed + 1)), last(&after), "seed {seed}");
    }
}

#[test]
fn a_crash_keeps_a_flip_whole_or_not_at_all() {
    let pair = |key: &str| (key.into(), b"value".to_vec());
    let put = |name| {
        let (key, value) = pair(name);
        Change::Put { key, value }
    };
    let stage = |name| {
        let (key, value) = pair(name);
        Change::Stage { key, value }
    };
    let set = |value: &str| Change::Set { register: Register(1), value: value.into() };
    // What happens to a log from 1 to 5 in the same write, and what is left of it.
    let rows: [(Change, _); 4] = [
        (Change::TruncateAfter(None), None),
        (Change::TruncateAfter(Some(Index(2))), Some((Index(1), Index(2)))),
        (Change::PurgeUpTo(Index(3)), Some((Index(4), Index(5)))),
        (Change::PurgeUpTo(Index(9)), None),
    ];
    for (row, (cut, log)) in rows.into_iter().enumerate() {
        let store = Memory::new();
        let append = |index| Change::Append { index: Index(index), entry: Bytes::new() };
        let before = (1..=5).map(append).chain([set("before"), put("a"), put("b"), stage("left")]);
        commit(&store, Write::synced(GROUP, before.collect())).unwrap();
        for changes in [
            vec![Change::Unstage, stage("b")],
            vec![stage("c")],
            vec![cut, set("after"), Change::Flip, put("d")],
            vec![stage("e")],
        ] {
            commit(&store, Write::queued(GROUP, changes)).unwrap();
        }

        let look = |store: &Memory| {
            let pairs = store.scan(GROUP, b"", b"", 9).unwrap();
            (store.log_bounds(GROUP).unwrap(), store.register(GROUP, Register(1)).unwrap(), pairs)
        };
        let before = (Some((Index(1), Index(5))), Some(b"before".to_vec()), ["a", "b"].map(pair).to_vec());
        let after = (log, Some(b"after".to_vec()), ["b", "c", "d"].map(pair).to_vec());
        let left: BTreeSet<_> = (0..200).map(|seed| look(&store.crash(seed))).collect();
        assert_eq!(left, BTreeSet::from([before, after.clone()]), "row {row}");
        assert_eq!(look(&store), after, "row {row}: the store itself goes on");

        // What the next flip shows is what was staged when the crash came, unless it is forgotten first.
        let flip = |begin: &[Change], seed| {
            let store = store.crash(seed);
            commit(&store, Write::synced(GROUP, [begin, &[Change::Flip]].concat())).unwrap();
            look(&store).2
        };
        let shown: BTreeSet<_> = (0..200).map(|seed| flip(&[], seed)).collect();
        let staged = [&["left"][..], &["b"], &["b", "c"], &[], &["e"]];
        let staged = staged.map(|names| names.iter().copied().map(pair).collect());
        assert_eq!(shown, BTreeSet::from(staged), "row {row}");
        assert!((0..200).all(|seed| flip(&[Change::Unstage], seed).is_empty()), "row {row}");
    }
}

#[test]
fn a_held_store_moves_when_it_is_told() {
    let store = Memory::new();
    let verdicts = Verdicts::default();
    let confirmed = || verdicts.lock().unwrap().len();
    store.hold();
    for index in 1..=5 {
        append(&store, index, Durability::Synced, &verdicts);
    }
    assert_eq!((store.waiting(), confirmed(), last(&store)), (5, 0, 0));
    assert!(store.step());
    assert_eq!((store.waiting(), confirmed(), last(&store)), (4, 1, 1));
    store.sync();
    assert_eq!((store.waiting(), confirmed(), last(&store)), (0, 5, 5));
    assert!(!store.step());
    append(&store, 6, Durability::Queued, &verdicts);
    store.resume();
    append(&store, 7, Durability::Synced, &verdicts);
    assert_eq!((store.waiting(), confirmed(), last(&store)), (0, 7, 7));
}

#[test]
fn after_a_failed_sync_nothing_is_confirmed() {
    let store = Memory::new();
    let verdicts = Verdicts::default();
    append(&store, 1, Durability::Synced, &verdicts);
    store.hold();
    store.fail_next_sync();
    append(&store, 2, Durability::Queued, &verdicts);
    append(&store, 3, Durability::Synced, &verdicts);
    append(&store, 4, Durability::Queued, &verdicts);
    assert!(store.step(), "queued writes need no sync");
    assert!(store.step());
    append(&store, 5, Durability::Queued, &verdicts);
    store.resume();
    append(&store, 6, Durability::Synced, &verdicts);
    assert!(matches!(store.flush(), Err(Error::Disk { .. })));

    let expected = [(1, true), (2, true), (3, false), (4, false), (5, false), (6, false)];
    assert_eq!(*verdicts.lock().unwrap(), expected);
    let left: BTreeSet<u64> = (0..200).map(|seed| last(&store.crash(seed))).collect();
    assert_eq!(left, BTreeSet::from([1, 2, 3]), "what failed may be there or not");
}

#[test]
fn rot_is_found_until_it_is_written_over() {
    let value = || b"value".to_vec();
    let key = || b"key".to_vec();
    let places: [(Place, Change); 3] = [
        (Place::Entry(GROUP, Index(1)), Change::Append { index: Index(1), entry: Bytes::new() }),
        (Place::Register(GROUP, Register(1)), Change::Set { register: Register(1), value: value() }),
        (Place::State(GROUP, key()), Change::Put { key: key(), value: value() }),
    ];
    for (place, change) in places {
        let read = |store: &Memory| -> Result<(), Error> {
            store.entries(GROUP, Index(0), Index(9), 99)?;
            store.register(GROUP, Register(1))?;
            store.state(GROUP, b"key")?;
            store.scan(GROUP, b"", b"", 9)?;
            let view = store.view(GROUP)?;
            view.register(Register(1))?;
            view.scan(b"", b"", 9)?;
            Ok(())
        };
        let store = Memory::new();
        commit(&store, Write::synced(GROUP, vec![change.clone()])).unwrap();
        read(&store).unwrap();
        store.rot(place.clone());
        for found in [read(&store), read(&store.crash(1))] {
            assert!(
                matches!(&found, Err(Error::Damaged(Damage::Value(found))) if *found == place),
                "{place:?}: {found:?}"
            );
        }
        commit(&store, Write::synced(GROUP, vec![Change::TruncateAfter(None), change])).unwrap();
        read(&store).unwrap();
    }
}

#[test]
fn rot_of_a_state_goes_with_the_state() {
    let key = || b"key".to_vec();
    let store = Memory::new();
    for group in [GROUP, GroupId(2)] {
        let value = || b"value".to_vec();
        let changes =
            vec![Change::Put { key: key(), value: value() }, Change::Stage { key: key(), value: value() }];
        commit(&store, Write::synced(group, changes)).unwrap();
        store.rot(Place::State(group, key()));
    }
    commit(&store, Write::synced(GROUP, vec![Change::Flip])).unwrap();
    assert_eq!(store.state(GROUP, b"key").unwrap(), Some(b"value".to_vec()));
    assert!(matches!(store.state(GroupId(2), b"key"), Err(Error::Damaged(_))));
}
