//! Whose directory it is.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use storage::{Engine, Error, Options};

use super::subject::{open, try_open};

fn names(path: &Path) -> BTreeSet<String> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn only_a_directory_of_ours_or_an_empty_one_is_taken() {
    #[derive(Debug, PartialEq)]
    enum Verdict {
        Taken,
        NotOurs,
        Newer(u32),
    }
    use Verdict::{Newer, NotOurs, Taken};
    // Files and what is in them, names that the owner declares, and what becomes of it.
    type Row = (&'static [(&'static str, &'static str)], &'static [&'static str], Verdict);
    let rows: [Row; 13] = [
        (&[], &[], Taken),
        (&[("token.key", "secret")], &["token.key"], Taken),
        (&[("token.key", "secret")], &[], NotOurs),
        (&[("token.key", "secret"), ("thesis.tex", "")], &["token.key"], NotOurs),
        (&[("lost+found", "")], &[], Taken),
        (&[("lock", ""), ("watermark", "half"), ("FORMAT.new", "boxo")], &[], Taken),
        (&[("store", "")], &[], NotOurs),
        (&[("FORMAT", "boxoffice 2\n")], &[], Newer(2)),
        (&[("FORMAT", "boxoffice 12")], &[], Newer(12)),
        (&[("FORMAT", "boxoffice 0\n")], &[], NotOurs),
        (&[("FORMAT", "boxoffice one\n")], &[], NotOurs),
        (&[("FORMAT", "another thing 1\n")], &[], NotOurs),
        (&[("FORMAT", "")], &[], NotOurs),
    ];
    for (row, (files, neighbours, expected)) in rows.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let before = names(folder.path());
        let options = Options { neighbours, ..Options::new(|error| panic!("{error}")) };
        let verdict = match Engine::open(folder.path(), options) {
            Ok(_) => Taken,
            Err(Error::NotOurs { .. }) => NotOurs,
            Err(Error::NewerFormat { found, known: 1, .. }) => Newer(found),
            Err(other) => panic!("row {row}: {other:?}"),
        };
        assert_eq!(verdict, expected, "row {row}");
        if expected == Taken {
            open(folder.path());
            assert_eq!(fs::read(folder.path().join("FORMAT")).unwrap(), b"boxoffice 1\n", "row {row}");
        } else {
            assert_eq!(names(folder.path()), before, "row {row}: it was touched");
        }
    }
}

#[test]
fn one_process_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert!(matches!(try_open(folder.path()), Err(Error::InUse { .. })));
    drop(store);
    open(folder.path());
}

#[test]
fn what_is_made_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/here");
    drop(open(&path));
    for made in [path.clone(), path.join("store"), folder.path().join("made")] {
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700, "{made:?}");
    }
}
