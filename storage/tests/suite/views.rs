//! Views: one group at one moment, however long it is read.

use std::thread;

use storage::{Change, Error, GroupId, Memory, Register, Row, Store, View, Write};

use super::subject::{Subject, commit, open, try_open};

const GROUP: GroupId = GroupId(1);
const REGISTER: Register = Register(1);

fn put(key: &str) -> Change {
    Change::Put { key: key.into(), value: key.into() }
}

fn stage(key: &str) -> Change {
    Change::Stage { key: key.into(), value: key.into() }
}

fn set(value: &str) -> Change {
    Change::Set { register: REGISTER, value: value.into() }
}

/// The keys of these rows, each of which has itself as its value.
fn keys(rows: Vec<Row>) -> Vec<String> {
    let key = |(key, value): Row| {
        assert_eq!(key, value);
        String::from_utf8(key).unwrap()
    };
    rows.into_iter().map(key).collect()
}

fn scan(view: &dyn View) -> Vec<String> {
    keys(view.scan(b"", b"", usize::MAX).unwrap())
}

#[test]
fn a_view_stays_as_it_was() {
    // What is written after the view was taken, and what is there then.
    let rows: [(Vec<Change>, &[&str]); 6] = [
        (vec![put("c"), set("after")], &["a", "b", "c"]),
        (vec![Change::Remove { key: b"a".to_vec() }, set("after")], &["b"]),
        (vec![Change::Flip, set("after")], &["staged"]),
        (vec![stage("more"), Change::Flip, put("c"), set("after")], &["c", "more", "staged"]),
        (vec![Change::Unstage, set("after"), Change::Flip], &[]),
        (vec![Change::Flip, stage("twice"), Change::Flip, set("after")], &["twice"]),
    ];
    for (row, (changes, after)) in rows.into_iter().enumerate() {
        for mut subject in Subject::both() {
            let at = format!("row {row}, {}", subject.name());
            let before = vec![put("a"), put("b"), stage("staged"), set("before")];
            commit(subject.store(), Write::queued(GROUP, before)).unwrap();
            let view = subject.store().view(GROUP).unwrap();
            commit(subject.store(), Write::synced(GROUP, changes.clone())).unwrap();
            commit(subject.store(), Write::queued(GroupId(0), vec![put("other"), set("other")])).unwrap();

            for turn in 1..=2 {
                assert_eq!(scan(&*view), ["a", "b"], "{at}, turn {turn}");
                assert_eq!(view.register(REGISTER).unwrap(), Some(b"before".to_vec()), "{at}, turn {turn}");
                assert_eq!(view.register(Register(2)).unwrap(), None, "{at}, turn {turn}");
            }
            drop(view);
            for turn in 1..=2 {
                let view = subject.store().view(GROUP).unwrap();
                assert_eq!(scan(&*view), after, "{at}, turn {turn}");
                assert_eq!(view.register(REGISTER).unwrap(), Some(b"after".to_vec()), "{at}, turn {turn}");
                drop(view);
                subject.reopen();
            }
        }
    }
}

#[test]
fn a_view_is_scanned_like_the_state() {
    for subject in Subject::both() {
        let store = subject.store();
        let neighbours = [GroupId(0), GroupId(2)];
        for group in neighbours.into_iter().chain([GROUP]) {
            let name = format!("of {group}");
            let changes = vec![stage("a"), stage("ab"), stage("b"), Change::Flip, put("c"), put(&name)];
            commit(store, Write::queued(group, changes)).unwrap();
        }
        let view = store.view(GROUP).unwrap();
        let ranges = [("", ""), ("a", "b"), ("aa", ""), ("b", "b"), ("c", "a"), ("d", "")];
        for (from, until) in ranges {
            for limit in [0, 1, 2, 9] {
                let viewed = view.scan(from.as_bytes(), until.as_bytes(), limit).unwrap();
                let scanned = store.scan(GROUP, from.as_bytes(), until.as_bytes(), limit).unwrap();
                let at = format!("{}, from {from:?} until {until:?}, {limit}", subject.name());
                assert_eq!(keys(viewed), keys(scanned), "{at}");
            }
        }
        assert_eq!(scan(&*view), ["a", "ab", "b", "c", "of 1"], "{}", subject.name());
        assert_eq!(scan(&*store.view(GroupId(9)).unwrap()), [""; 0], "{}", subject.name());
    }
}

#[test]
fn a_view_outlives_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Box<dyn Store>; 2] = [Box::new(open(folder.path())), Box::new(Memory::new())];
    for store in stores {
        let mut views = Vec::new();
        for key in ["a", "b"] {
            commit(&*store, Write::queued(GROUP, vec![put(key), set(key)])).unwrap();
            views.push(store.view(GROUP).unwrap());
        }
        // What nobody waited for is still written when the store closes.
        store.submit(Write::queued(GROUP, vec![Change::Flip, put("c")]), Box::new(Result::unwrap));
        drop(store);
        for expected in [["a"].as_slice(), &["a", "b"]] {
            let view = views.remove(0);
            let found = thread::spawn(move || (scan(&*view), view.register(REGISTER).unwrap()));
            let (found, register) = found.join().unwrap();
            assert_eq!(found, expected);
            assert_eq!(register.unwrap(), expected.last().unwrap().as_bytes());
        }
    }
    assert_eq!(keys(open(folder.path()).scan(GROUP, b"", b"", 9).unwrap()), ["c"]);
}

#[test]
fn a_directory_is_in_use_until_the_last_view_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let views = [GROUP, GroupId(2)].map(|group| store.view(group).unwrap());
    drop(store);
    for view in views {
        assert!(matches!(try_open(folder.path()), Err(Error::InUse { .. })));
        drop(view);
    }
    drop(open(folder.path()));
}
