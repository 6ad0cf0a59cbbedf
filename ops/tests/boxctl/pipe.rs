//! A reader who has seen enough ends the program without a word.

use std::io;
use std::process::{Command, Stdio};

use crate::data_folder;
use crate::fake::{Fake, State};

#[test]
fn a_closed_pipe_is_no_failure() {
    let groups = r#"{"items":[{"group":0,"role":"leader","leader":1,"term":2,"last":7,"committed":7,"applied":7,"checkpointed":6,"digest":null,"digest_index":null,"slots":9,"awake":1}]}"#;
    let admin = [("/admin/v1/groups".to_owned(), groups.to_owned())].into();
    let node = Fake::start(State { admin, ..State::default() });
    let data = data_folder();
    let data = data.path().to_str().expect("a path in UTF-8");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["token", "--role", "customer"],
        &["groups"],
        &["groups", "--json"],
        &["import", "tests/calendars/first.ics", "--organizer", "studio-7", "--capacity", "1", "--dry-run"],
    ] {
        let (reader, writer) = io::pipe().expect("the system has pipes");
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_boxctl"));
        command.args(["--admin", &node.url, "--client", &node.url, "--data", data]).args(arguments);
        let ended = command.stdout(writer).stderr(Stdio::piped()).output().expect("the program runs");
        let talk = String::from_utf8(ended.stderr).expect("talk is text");
        assert_eq!((ended.status.code(), talk.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
