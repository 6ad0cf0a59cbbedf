//! Flips beside those who read, and what they leave on the disk.

use std::thread;

use rocksdb::{DB, IteratorMode, Options as Settings};
use storage::{Change, Error, GroupId, Register, Row, Store, Write};

use super::subject::{Subject, commit, open};

const GROUP: GroupId = GroupId(1);
const REGISTER: Register = Register(1);
const KEYS: u8 = 20;

/// A state whose every value says in which round it was made, and a register that says it too.
fn install(store: &dyn Store, round: u64) {
    let value = || round.to_be_bytes().to_vec();
    let stage = |key| Change::Stage { key: vec![key], value: value() };
    let begin = [Change::Unstage].into_iter().chain((1..KEYS).map(stage)).collect();
    commit(store, Write::queued(GROUP, begin)).unwrap();
    let last = Change::Put { key: vec![KEYS], value: value() };
    let flip = vec![Change::Set { register: REGISTER, value: value() }, Change::Flip, last];
    commit(store, Write::queued(GROUP, flip)).unwrap();
}

/// The round of such a state, if it is whole.
fn round_of(rows: &[Row]) -> u64 {
    let (_, value) = rows.first().expect("there is a state");
    let expected: Vec<Row> = (1..=KEYS).map(|key| (vec![key], value.clone())).collect();
    assert_eq!(rows, expected, "half of a flip");
    u64::from_be_bytes(value.as_slice().try_into().unwrap())
}

#[test]
fn a_reader_sees_all_of_a_flip_or_nothing() {
    const ROUNDS: u64 = 1_500;
    for subject in Subject::both() {
        let store = subject.store();
        install(store, 0);
        thread::scope(|scope| {
            let writer = scope.spawn(|| (1..=ROUNDS).for_each(|round| install(store, round)));
            let mut seen = 0;
            let mut read = || -> Result<(), Error> {
                let view = store.view(GROUP)?;
                let viewed = round_of(&view.scan(b"", b"", usize::MAX)?);
                let scanned = round_of(&store.scan(GROUP, b"", b"", usize::MAX)?);
                let value = store.state(GROUP, &[KEYS / 2])?.expect("it is in every state");
                let found = u64::from_be_bytes(value.try_into().unwrap());
                assert!(seen <= viewed && viewed <= scanned && scanned <= found, "back in time");
                assert_eq!(round_of(&view.scan(b"", b"", usize::MAX)?), viewed);
                assert_eq!(view.register(REGISTER)?, Some(viewed.to_be_bytes().to_vec()));
                seen = found;
                Ok(())
            };
            while !writer.is_finished() {
                read().unwrap();
            }
            read().unwrap();
            assert_eq!(seen, ROUNDS, "{}", subject.name());
        });
    }
}

#[test]
fn nothing_is_left_of_what_was_dropped() {
    /// What is done, the live generation if any is written down, and which keys are on the disk.
    type Row = (Vec<Change>, Option<u8>, &'static [&'static [u8]]);
    let put = |key: &str| Change::Put { key: key.into(), value: b"value".to_vec() };
    let stage = |key: &str| Change::Stage { key: key.into(), value: b"value".to_vec() };
    let mark = b"\0\0\0\x01\x03";
    let rows: [Row; 6] = [
        (vec![put("a"), put("b")], None, &[b"\0\0\0\x01\0\0\0\0a", b"\0\0\0\x01\0\0\0\0b"]),
        (
            vec![stage("c"), stage("d")],
            None,
            &[
                b"\0\0\0\x01\0\0\0\0a",
                b"\0\0\0\x01\0\0\0\0b",
                b"\0\0\0\x01\0\0\0\x01c",
                b"\0\0\0\x01\0\0\0\x01d",
            ],
        ),
        (
            vec![Change::Unstage, stage("e")],
            None,
            &[b"\0\0\0\x01\0\0\0\0a", b"\0\0\0\x01\0\0\0\0b", b"\0\0\0\x01\0\0\0\x01e"],
        ),
        (
            vec![Change::Flip, put("f"), stage("g")],
            Some(1),
            &[b"\0\0\0\x01\0\0\0\x01e", b"\0\0\0\x01\0\0\0\x01f", b"\0\0\0\x01\0\0\0\x02g"],
        ),
        (vec![Change::Flip], Some(2), &[b"\0\0\0\x01\0\0\0\x02g"]),
        (vec![stage("h"), Change::Unstage, Change::Flip, Change::Flip], Some(4), &[]),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (row, (changes, generation, expected)) in rows.into_iter().enumerate() {
        let store = open(folder.path());
        commit(&store, Write::synced(GROUP, changes)).unwrap();
        drop(store);

        let families = ["default", "log", "meta", "state"];
        let database = DB::open_cf(&Settings::default(), folder.path().join("store"), families).unwrap();
        let family = database.cf_handle("state").unwrap();
        let found = database.iterator_cf(family, IteratorMode::Start);
        let found: Vec<Vec<u8>> = found.map(|pair| pair.unwrap().0.into_vec()).collect();
        assert_eq!(found, expected, "row {row}");
        let found = database.get_cf(database.cf_handle("meta").unwrap(), mark).unwrap();
        // Behind the seal.
        let found = found.map(|value| value[5..].to_vec());
        assert_eq!(found, generation.map(|number| vec![0, 0, 0, number]), "row {row}");
    }
}
