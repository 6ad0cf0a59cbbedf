//! The process itself: how it ends, and what it keeps for itself however many knock.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::dev_node::{DevNode, ask, get, process, terminate};

/// A node on whatever ports are free, with whatever the shell is told before.
fn start(data: &Path, before: &str) -> Child {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut node = process(before, data, any, any);
    node.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell")
}

/// The exit status of a node that ends by itself, and what it said.
fn ended(mut node: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    node.stderr.take().expect("it is piped").read_to_string(&mut said).expect("text");
    (node.wait().expect("a child").code(), said)
}

#[test]
fn the_exit_status_says_what_kind_of_failure_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let used = folder.path().join("used");
    let _node = DevNode::open(&used);
    let strange = folder.path().join("strange");
    std::fs::create_dir(&strange).expect("a folder");
    std::fs::write(strange.join("diary.txt"), "dear diary").expect("a file");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let damaged = folder.path().join("damaged");
    let mut node = DevNode::open(&damaged);
    node.slot("lost", 1);
    assert!(node.stop().success());
    for entry in std::fs::read_dir(damaged.join("store")).expect("the store's folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "log") {
            std::fs::write(path, "").expect("the log is gone");
        }
    }

    for (data, before, status, says) in [
        (&used, "true", 73, "in use"),
        (&strange, "true", 73, "not empty"),
        (&file, "true", 73, "file"),
        (&damaged, "true", 70, "damaged"),
        (&folder.path().join("few"), "ulimit -n 512", 74, "too few"),
    ] {
        let (code, said) = ended(start(data, before));
        assert_eq!(code, Some(status), "{}: {said}", data.display());
        assert!(said.contains(says), "{}: {said}", data.display());
    }
    assert_eq!(std::fs::read(strange.join("diary.txt")).expect("still there"), b"dear diary");
}

#[test]
fn who_stops_a_node_that_is_still_starting_wants_it_to_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut node = start(&data, "true");
    // The directory is claimed behind the point where signals are listened to, and long before the node is ready.
    while !data.exists() {
        assert!(node.try_wait().expect("a child").is_none(), "it ended before it was asked to");
    }
    terminate(&node);
    let (code, said) = ended(node);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_node_that_nobody_listens_to_drains_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = start(&folder.path().join("data"), "true");
    let mut printed = BufReader::new(node.stdout.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains("Ctrl-C") {
        line.clear();
        assert_ne!(printed.read_line(&mut line).expect("text"), 0, "it ended: {:?}", ended(node));
    }
    // Whoever read what it prints and what it logs has gone.
    drop(printed);
    drop(node.stderr.take());
    terminate(&node);
    assert_eq!(node.wait().expect("a child").code(), Some(0));
}

#[test]
fn a_log_that_nobody_reads_stops_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = start(&folder.path().join("data"), "true");
    let mut printed = BufReader::new(node.stdout.take().expect("it is piped"));
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert_ne!(printed.read_line(&mut said).expect("text"), 0, "it ended: {:?}", ended(node));
    }
    let behind =
        |name: &str| said.split_once(name).and_then(|(_before, rest)| rest.split_whitespace().next());
    let admin = behind("admin   http://").and_then(|address| address.parse().ok()).expect("an address");
    let bearer = format!("Bearer {}", behind("\noperator ").expect("a token"));
    // Each is a line of a hundred bytes and more; a pipe takes 64 KiB.
    for number in 0..1_000 {
        let answer = ask(admin, "POST", "/admin/v1/groups/0/checkpoint", &[("Authorization", &bearer)], "");
        let answer = answer.unwrap_or_else(|error| panic!("{number} are answered: {error}"));
        assert_eq!(answer.status, 200, "{number}: {answer:?}");
    }
    terminate(&node);
    assert_eq!(node.wait().expect("a child").code(), Some(0), "it drains");
}

#[test]
fn connections_do_not_take_the_descriptors_that_the_store_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open_within(folder.path(), "ulimit -n 1280");
    let slot = node.slot("first", 5);
    // 1,280 less what is kept are 256: 128 for each listener. The next ones wait in the kernel's queue.
    let crowd: Vec<TcpStream> =
        (0..400).map(|_| TcpStream::connect(node.client).expect("the kernel takes it")).collect();
    assert_eq!(get(node.admin, "/readyz").expect("an answer").status, 200, "operators are let in");
    drop(crowd);
    let booked =
        node.ask_as("customer", "POST", &format!("/v1/slots/{slot}/bookings"), "a", r#"{"quantity":1}"#);
    assert_eq!(booked.expect("the queue moves on").status, 201);
    for number in 0..20 {
        node.slot(&format!("another-{number}"), 5);
    }
}
