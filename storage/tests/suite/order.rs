//! Confirmations: in the order of the queue, once each, and never before what they confirm.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use storage::{Change, Durability, Error, GroupId, Index, Memory, Store, Write};

use super::subject::{Subject, commit, open};

#[test]
fn confirmations_come_in_the_order_of_the_queue() {
    const WRITES: u64 = 2_000;
    for subject in Subject::both() {
        let store = subject.store();
        let confirmed = Arc::new(Mutex::new(Vec::new()));
        for number in 0..WRITES {
            let group = GroupId(u32::try_from(number % 7).unwrap());
            let durability = if number % 3 == 0 { Durability::Synced } else { Durability::Queued };
            // Every tenth is one that is refused; it takes its turn all the same.
            let index = if number % 10 == 9 { Index(0) } else { Index(place_in_log(number)) };
            let changes = vec![Change::Append { index, entry: Bytes::from(number.to_string()) }];
            let confirmed = Arc::clone(&confirmed);
            let done =
                move |verdict: Result<(), _>| confirmed.lock().unwrap().push((number, verdict.is_ok()));
            store.submit(Write { group, changes, durability }, Box::new(done));
        }
        store.flush().unwrap();
        let expected: Vec<_> = (0..WRITES).map(|number| (number, number % 10 != 9)).collect();
        assert_eq!(*confirmed.lock().unwrap(), expected, "{}", subject.name());
    }
}

/// Which of its group's accepted writes this is, from 1.
fn place_in_log(number: u64) -> u64 {
    (0..=number).filter(|other| other % 7 == number % 7 && other % 10 != 9).count() as u64
}

#[test]
fn threads_share_syncs() {
    const THREADS: u32 = 4;
    const WRITES: u64 = 500;
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    thread::scope(|scope| {
        for group in 0..THREADS {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for index in 1..=WRITES {
                    let entry = Bytes::from(format!("{group}/{index}"));
                    let changes = vec![Change::Append { index: Index(index), entry }];
                    store
                        .submit(Write::synced(GroupId(group), changes), Box::new(|verdict| verdict.unwrap()));
                }
            });
        }
    });
    store.flush().unwrap();

    for group in (0..THREADS).map(GroupId) {
        assert_eq!(store.log_bounds(group).unwrap(), Some((Index(1), Index(WRITES))));
    }
    let stats = store.stats();
    let writes = u64::from(THREADS) * WRITES;
    assert!((writes..=writes + 1).contains(&stats.writes), "{stats:?}");
    assert!(stats.syncs <= stats.batches + 1 && stats.batches < writes / 4, "{stats:?}");
    assert!(stats.queue_depth_max > 1 && stats.bytes > writes * 3, "{stats:?}");
}

#[test]
fn only_those_who_ask_cause_a_sync() {
    // What is submitted one by one, and how many syncs that makes before the store closes.
    let rows = [
        (vec![Durability::Queued, Durability::Queued], 0),
        (vec![Durability::Queued, Durability::Synced], 1),
        (vec![Durability::Synced, Durability::Queued], 1),
        (vec![Durability::Synced, Durability::Synced], 2),
    ];
    for (row, (durabilities, syncs)) in rows.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        for durability in durabilities {
            let changes = vec![Change::Put { key: b"k".to_vec(), value: b"v".to_vec() }];
            let write = Write { group: GroupId(1), changes, durability };
            commit(&store, write).unwrap();
        }
        assert_eq!(store.stats().syncs, syncs, "row {row}");
        // A flush syncs what no sync has covered, and only that.
        store.flush().unwrap();
        let flushed = store.stats().syncs;
        store.flush().unwrap();
        assert_eq!(store.stats().syncs, flushed, "row {row}");
    }
}

#[test]
fn closing_writes_what_was_submitted() {
    const WRITES: u64 = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let confirmed = Arc::new(AtomicU64::new(0));
    let store = open(folder.path());
    for index in 1..=WRITES {
        let changes = vec![Change::Append { index: Index(index), entry: Bytes::from_static(b"entry") }];
        let confirmed = Arc::clone(&confirmed);
        let done = move |verdict: Result<(), Error>| {
            verdict.unwrap();
            confirmed.fetch_add(1, Ordering::Relaxed);
        };
        store.submit(Write::queued(GroupId(1), changes), Box::new(done));
    }
    drop(store);
    assert_eq!(confirmed.load(Ordering::Relaxed), WRITES);
    let store = open(folder.path());
    assert_eq!(store.log_bounds(GroupId(1)).unwrap(), Some((Index(1), Index(WRITES))));
}

#[test]
fn a_confirmation_may_submit_again() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn Store>; 2] = [Arc::new(open(folder.path())), Arc::new(Memory::new())];
    for store in stores {
        let order = Arc::new(Mutex::new(Vec::new()));
        let say = |word: &'static str| {
            let order = Arc::clone(&order);
            move |verdict: Result<(), Error>| order.lock().unwrap().push((word, verdict.is_ok()))
        };
        let (say_first, say_second) = (say("first"), say("second"));
        let again = Arc::downgrade(&store);
        let first = move |verdict: Result<(), Error>| {
            let store = again.upgrade().unwrap();
            store.submit(Write::synced(GroupId(1), vec![]), Box::new(say_second));
            say_first(verdict);
        };
        store.submit(Write::synced(GroupId(1), vec![]), Box::new(first));
        // The first flush waits for the first confirmation, and so for the second write to be submitted.
        store.flush().unwrap();
        store.flush().unwrap();
        assert_eq!(*order.lock().unwrap(), [("first", true), ("second", true)]);
    }
}
