//! Files that are not what was written, and how the store finds out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rocksdb::{DB, Options as Settings};
use storage::{Change, Damage, Durability, Engine, Error, GroupId, Index, Place, Register, Store, Write};

use super::subject::{commit, open, try_open};

const GROUP: GroupId = GroupId(1);
const ENTRIES: u64 = 20;

/// A store with a log, a register and a key. Only closing it syncs the last write.
fn written(path: &Path) -> Engine {
    let store = open(path);
    for index in 1..=ENTRIES {
        let changes = vec![
            Change::Append { index: Index(index), entry: Bytes::from(vec![b'e'; 500]) },
            Change::Set { register: Register(1), value: b"vote".to_vec() },
            Change::Put { key: b"key".to_vec(), value: b"value".to_vec() },
        ];
        let durability = if index < ENTRIES { Durability::Synced } else { Durability::Queued };
        commit(&store, Write { group: GROUP, changes, durability }).unwrap();
    }
    store
}

/// The write-ahead log that holds everything: nothing was flushed yet.
fn write_ahead_log(path: &Path) -> PathBuf {
    let files = fs::read_dir(path.join("store")).unwrap().map(|entry| entry.unwrap().path());
    let mut logs = files.filter(|file| file.extension().is_some_and(|extension| extension == "log"));
    let log = logs.next().unwrap();
    assert!(logs.next().is_none() && fs::metadata(&log).unwrap().len() > ENTRIES * 500);
    log
}

/// Takes so many bytes from the end of the write-ahead log.
fn cut(path: &Path, bytes: u64) {
    let log = File::options().write(true).open(write_ahead_log(path)).unwrap();
    log.set_len(log.metadata().unwrap().len() - bytes).unwrap();
}

#[test]
fn damage_of_the_files_is_found_at_the_door() {
    /// What happens, how, and what is found then.
    type Row = (&'static str, fn(&Path), fn(&Damage) -> bool);
    let rows: [Row; 6] = [
        ("the last byte is gone", |path| cut(path, 1), |damage| matches!(damage, Damage::Lost { .. })),
        ("half is gone", |path| cut(path, ENTRIES * 250), |damage| matches!(damage, Damage::Lost { .. })),
        (
            "a bit has flipped in the middle",
            |path| {
                let mut bytes = fs::read(write_ahead_log(path)).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(write_ahead_log(path), bytes).unwrap();
            },
            |damage| matches!(damage, Damage::Files { .. }),
        ),
        (
            "the log is gone",
            |path| fs::remove_file(write_ahead_log(path)).unwrap(),
            |damage| matches!(damage, Damage::Lost { .. } | Damage::Files { .. }),
        ),
        (
            "all is gone",
            |path| fs::remove_dir_all(path.join("store")).unwrap(),
            |damage| matches!(damage, Damage::Lost { found: 0, .. }),
        ),
        (
            "the watermark is gone",
            |path| fs::remove_file(path.join("watermark")).unwrap(),
            |damage| *damage == Damage::Watermark,
        ),
    ];
    for (name, spoil, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        drop(written(folder.path()));
        spoil(folder.path());
        // A second attempt must not be luckier than the first.
        for attempt in 1..=2 {
            match try_open(folder.path()) {
                Err(Error::Damaged(damage)) => assert!(expected(&damage), "{name}, {attempt}: {damage:?}"),
                Err(other) => panic!("{name}, attempt {attempt}: {other:?}"),
                Ok(_) => panic!("{name}, attempt {attempt}: it was not found"),
            }
        }
    }
}

#[test]
fn a_torn_tail_above_the_watermark_is_dropped() {
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()));
    for torn in [1, 300, 600] {
        let folder = tempfile::tempdir().unwrap();
        drop(written(folder.path()));
        // As if the watermark had not been raised yet when the power was cut.
        fs::copy(fresh.path().join("watermark"), folder.path().join("watermark")).unwrap();
        cut(folder.path(), torn);

        let store = open(folder.path());
        let (first, last) = store.log_bounds(GROUP).unwrap().unwrap();
        let gone = if torn < 500 { 1 } else { 2 };
        assert_eq!((first, last), (Index(1), Index(ENTRIES - gone)), "{torn} bytes torn");
        assert_eq!(
            store.entries(GROUP, first, Index(99), usize::MAX).unwrap().len() as u64,
            ENTRIES - gone,
            "{torn} bytes torn"
        );
    }
}

#[test]
fn a_torn_flip_leaves_the_state_before() {
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()));
    for torn in [0, 1, 50] {
        let folder = tempfile::tempdir().unwrap();
        let store = written(folder.path());
        let stage = Change::Stage { key: b"staged".to_vec(), value: b"value".to_vec() };
        commit(&store, Write::synced(GROUP, vec![Change::Unstage, stage])).unwrap();
        let flip = vec![
            Change::PurgeUpTo(Index(ENTRIES)),
            Change::Set { register: Register(1), value: b"flip".to_vec() },
            Change::Flip,
            Change::Put { key: b"put".to_vec(), value: b"value".to_vec() },
        ];
        commit(&store, Write::synced(GROUP, flip)).unwrap();
        drop(store);
        fs::copy(fresh.path().join("watermark"), folder.path().join("watermark")).unwrap();
        cut(folder.path(), torn);

        let store = open(folder.path());
        let (bounds, register, keys): (_, &[u8], &[&[u8]]) = match torn {
            0 => (None, b"flip", &[b"put", b"staged"]),
            _ => (Some((Index(1), Index(ENTRIES))), b"vote", &[b"key"]),
        };
        assert_eq!(store.log_bounds(GROUP).unwrap(), bounds, "{torn} bytes torn");
        assert_eq!(store.register(GROUP, Register(1)).unwrap().unwrap(), register, "{torn} bytes torn");
        let found = store.scan(GROUP, b"", b"", 9).unwrap();
        let found: Vec<_> = found.into_iter().map(|(key, _)| key).collect();
        assert_eq!(found, keys, "{torn} bytes torn");
    }
}

#[test]
fn damage_of_a_value_is_found_by_who_reads_it() {
    enum Spoil {
        Flip,
        Shorten,
        Remove,
    }
    use Spoil::{Flip, Remove, Shorten};
    let entry = |index: u8| [&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [index].as_slice()].concat();
    let first = b"\0\0\0\x01\x01".to_vec();
    let register = b"\0\0\0\x01\x02\x01".to_vec();
    let key = b"\0\0\0\x01\0\0\0\0key".to_vec();
    // Column family, key, what happens to the value, and what is found then.
    let rows = [
        ("log", entry(5), Flip, Damage::Value(Place::Entry(GROUP, Index(5)))),
        ("log", entry(5), Shorten, Damage::Value(Place::Entry(GROUP, Index(5)))),
        ("log", entry(5), Remove, Damage::Gap { group: GROUP, index: Index(5) }),
        ("log", entry(1), Remove, Damage::Gap { group: GROUP, index: Index(1) }),
        ("meta", first, Flip, Damage::Value(Place::LogFirst(GROUP))),
        ("meta", register, Shorten, Damage::Value(Place::Register(GROUP, Register(1)))),
        ("state", key, Flip, Damage::Value(Place::State(GROUP, b"key".to_vec()))),
    ];
    for (family, key, spoil, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        drop(written(folder.path()));
        let families = ["default", "log", "meta", "state"];
        let database = DB::open_cf(&Settings::default(), folder.path().join("store"), families).unwrap();
        let handle = database.cf_handle(family).unwrap();
        let mut value = database.get_cf(handle, &key).unwrap().unwrap();
        match spoil {
            Flip => *value.last_mut().unwrap() ^= 1,
            Shorten => value.truncate(value.len() - 1),
            Remove => database.delete_cf(handle, &key).unwrap(),
        }
        if !matches!(spoil, Remove) {
            database.put_cf(handle, &key, value).unwrap();
        }
        drop(database);

        let found = read(&open(folder.path()));
        assert!(
            matches!(&found, Err(Error::Damaged(damage)) if *damage == expected),
            "{expected:?}: {found:?}"
        );
    }
}

#[test]
fn a_mark_of_the_live_state_that_is_damaged_is_found_by_who_reads_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = written(folder.path());
    commit(&store, Write::synced(GROUP, vec![Change::Flip])).unwrap();
    drop(store);
    let families = ["default", "log", "meta", "state"];
    let database = DB::open_cf(&Settings::default(), folder.path().join("store"), families).unwrap();
    database.put_cf(database.cf_handle("meta").unwrap(), b"\0\0\0\x01\x03", b"rot").unwrap();
    drop(database);

    let store = open(folder.path());
    let damaged = |found: Result<(), Error>| match found {
        Err(Error::Damaged(damage)) => assert_eq!(damage, Damage::Value(Place::Generation(GROUP))),
        other => panic!("{other:?}"),
    };
    damaged(store.state(GROUP, b"key").map(drop));
    damaged(store.scan(GROUP, b"", b"", 9).map(drop));
    damaged(store.view(GROUP).map(drop));
    // All else can be read.
    store.register(GROUP, Register(1)).unwrap();
    assert_eq!(store.state(GroupId(2), b"key").unwrap(), None);
}

fn read(store: &dyn Store) -> Result<(), Error> {
    store.entries(GROUP, Index(0), Index(99), usize::MAX)?;
    store.register(GROUP, Register(1))?;
    store.state(GROUP, b"key")?;
    Ok(())
}
