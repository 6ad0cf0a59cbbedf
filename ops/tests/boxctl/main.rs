//! `boxctl` from the outside: the real program against a fake node, its words and its exit status.

mod fake;

mod admin;
mod agenda;
mod backup;
mod certs;
mod club;
mod debug;
mod follow;
mod import;
mod leader;
mod pair;
mod pipe;
mod placement;
mod tls;
mod token;

/// A node and the tool make the same id of a key; the fake one makes it as the tool does.
#[path = "../../src/slot_id.rs"]
mod slot_id;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tempfile::TempDir;

/// The secret that every test signs with.
const SECRET: [u8; 32] = *b"thirty-two bytes that are secret";

/// What one run of the program said and answered.
struct Said {
    status: i32,
    data: String,
    talk: String,
}

/// A folder with a `token.key`, as `boxoffice dev` leaves it.
fn data_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("token.key"), URL_SAFE_NO_PAD.encode(SECRET))
        .expect("the folder takes a file");
    folder
}

fn write(folder: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("the folder takes a file");
    path
}

fn sample() -> PathBuf {
    PathBuf::from("samples/timetable.ics")
}

fn boxctl(arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boxctl"));
    for variable in ["BOXCTL_CLIENT", "BOXCTL_ADMIN", "BOXCTL_DATA", "BOXCTL_KEY", "BOXCTL_CA", "BOXCTL_AS"] {
        command.env_remove(variable);
    }
    let output = command.args(arguments).output().expect("the program runs");
    Said {
        status: output.status.code().expect("it ends by itself"),
        data: String::from_utf8(output.stdout).expect("data is text"),
        talk: String::from_utf8(output.stderr).expect("talk is text"),
    }
}
