//! A first build shows that it goes on: what `ops/patience.sh` says, and that it changes nothing else.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a command of the shell under it, over a target directory of its own, which is `$out`'s; its status (124 where it waited in vain) and what was said.
fn run(folder: &Path, command: &str) -> (Option<i32>, String) {
    let out = folder.join("release/build/librocksdb-sys-0/out/db");
    fs::create_dir_all(&out).expect("a folder");
    let home = folder.join("home/registry/src/index/librocksdb-sys-0");
    fs::create_dir_all(&home).expect("a folder");
    fs::write(home.join("rocksdb_lib_sources.txt"), "db/a.cc\ndb/b.cc\ndb/c.cc\n").expect("a file");
    let said = folder.join("said");
    let ran = Command::new("../ops/patience.sh")
        .args(["timeout", "60", "sh", "-c", command])
        .env("CARGO_TARGET_DIR", folder)
        .env("CARGO_HOME", folder.join("home"))
        .env("PATIENCE_EVERY", "0.05")
        .env("out", &out)
        .env("said", &said)
        .stdin(Stdio::null())
        .stderr(fs::File::create(&said).expect("a file"))
        .status();
    (ran.expect("bash is there").code(), fs::read_to_string(&said).expect("text"))
}

#[test]
fn it_tells_how_far_rocksdb_is_and_nothing_where_it_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    // Each object waits until the one before was told of.
    let compile = r#"touch $out/a.o; until grep -q "1 of 3" $said; do :; done; touch $out/b.o; until grep -q "2 of 3" $said; do :; done"#;
    let (status, said) = run(folder.path(), compile);
    assert_eq!((status, said.lines().count()), (Some(0), 2), "{said}");
    // They are there: a later build says nothing of them, however long it takes.
    let later = "sleep 0.3; exit 7";
    assert_eq!(run(folder.path(), later), (Some(7), String::new()), "the command's own status");
}
