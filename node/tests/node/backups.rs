//! A backup that is taken while nodes sell, restored into a new cluster of one node and of three; and what is refused, of which nothing is
//! kept. Whoever takes it here knows the contract and no code of `boxctl`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use api::backup::{Frame, Frames, Head, MANIFEST, Manifest, Part, VERSION, hex};
use loadgen::report::Outcome;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::dev_node::written;
use crate::drop::{SEATS, sell};
use crate::machine::Machine;
use crate::test_cluster::{Member, TestCluster, wait_until};

const SLOT: &str = r#"{"title":"yoga","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":500}}}"#;

/// What was acknowledged: of each booking its path, and its body.
type Acknowledged = BTreeMap<String, Value>;

/// Sells so many units, and keeps what was answered.
fn acknowledge(cluster: &TestCluster, node: &Member, slot: &str, keys: std::ops::Range<u32>) -> Acknowledged {
    let path = format!("POST /v1/slots/{slot}/bookings");
    let book = |key: u32| {
        let booked = cluster.ask_as(node, "customer", &path, &format!("key-{key}"), r#"{"quantity":1}"#);
        assert_eq!(booked.status, 201, "{booked:?}");
        let booking = booked.json();
        (format!("/v1/bookings/{}", booking["id"].as_str().expect("an id")), booking)
    };
    keys.map(book).collect()
}

/// What of this a node does not show as it was answered.
fn missing(cluster: &TestCluster, node: &Member, acknowledged: &Acknowledged) -> Vec<String> {
    let is_there = |(path, booking): &(&String, &Value)| {
        let answer = cluster.ask_as(node, "customer", &format!("GET {path}"), "", "");
        let same = ["id", "reference", "quantity", "status"]
            .iter()
            .all(|field| answer.json()[field] == booking[field]);
        answer.status == 200 && same
    };
    acknowledged.iter().filter(|row| !is_there(row)).map(|(path, _booking)| path.clone()).collect()
}

/// Takes a backup from a node into a folder by the rules of the format, behind another one if there is one.
fn back_up(cluster: &TestCluster, node: &Member, to: &Path, base: Option<&Manifest>) -> Manifest {
    let number = base.map_or(1, |base| base.number + 1);
    let folder = to.join(number.to_string());
    fs::create_dir_all(&folder).expect("a folder");
    let groups = cluster.groups(node, "/admin/v1/groups").len();
    let mut parts = Vec::new();
    let mut cluster_number = String::new();
    for group in 0..groups {
        let since = base.map_or_else(String::new, |base| format!("?since={}", base.parts[group].saved));
        let bytes = stream(cluster, node, &format!("/admin/v1/groups/{group}/backup{since}"));
        let Some(Ok(Frame::Head(head))) = Frames::new(bytes.as_slice()).next() else {
            panic!("no head: {bytes:?}")
        };
        let file = format!("group-{group}.box");
        fs::write(folder.join(&file), &bytes).expect("a file");
        let Head { cluster, group, saved, index, digest, since, .. } = head;
        let sha256 = sha256(&bytes);
        assert!(digest.is_some(), "it is known what it is");
        parts.push(Part { group, file, bytes: bytes.len() as u64, sha256, saved, index, digest, since });
        cluster_number = cluster;
    }
    let manifest = Manifest {
        version: VERSION,
        number,
        base: base.map(|base| base.number),
        began_ms: 1,
        cluster: cluster_number,
        parts,
        pairs_compared_ms: None,
    };
    write_manifest(&folder, &manifest);
    manifest
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn write_manifest(folder: &Path, manifest: &Manifest) {
    fs::write(folder.join(MANIFEST), serde_json::to_vec(manifest).expect("JSON")).expect("a file");
}

/// What an operator is streamed.
fn stream(cluster: &TestCluster, node: &Member, path: &str) -> Vec<u8> {
    let bearer = cluster.bearer("operator");
    // To whom knows no chunks, bytes come as they are.
    let request =
        written(node.admin(), "GET", path, &[("Authorization", &bearer)], "").replace("HTTP/1.1", "HTTP/1.0");
    let (mut stream, mut answer) = (TcpStream::connect(node.admin()).expect("it listens"), Vec::new());
    stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer)).expect("an answer");
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head");
    let body = answer.split_off(head + 4);
    assert!(answer.starts_with(b"HTTP/1.0 200 "), "{}", String::from_utf8_lossy(&answer));
    body
}

/// Runs `boxoffice restore` for a node.
fn restore(node: &Member, from: &Path, more: &[&str]) -> (Option<i32>, String) {
    let config = node.machine().folder.join("boxoffice.toml");
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
        .args([
            "restore".as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
            "--from".as_ref(),
            from.as_os_str(),
        ])
        .args(more)
        .output()
        .expect("the built binary");
    (status.code(), String::from_utf8([stdout, stderr].concat()).expect("text"))
}

/// A node that is to be restored, and was configured.
fn vacant(folder: &Path, name: &str, key: &Path) -> Member {
    let node = Member::new(Machine::here(folder.join(name)));
    node.configure(key, None);
    node
}

/// A cluster of one restored node; others may join it.
fn restored(old: &TestCluster, mut node: Member, from: &Path) -> Member {
    let (code, said) = restore(&node, from, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("node 1 of a new cluster"), "{said}");
    node.start();
    assert_eq!(old.number(&node), 1);
    node
}

/// What nodes have sold is backed up and restored: every slot's feed is there as it was, and the new cluster goes on.
pub(crate) fn rehearse(cluster: &TestCluster, folder: &Path) {
    let (asked, to) = (&cluster.nodes[2], folder.join("backups"));
    back_up(cluster, asked, &to, None);
    let node = restored(cluster, vacant(folder, "restored", &cluster.key()), &to);
    let slots = asked.slots();
    assert!(!slots.is_empty(), "something was sold");
    for slot in &slots {
        let [id, organizer] = ["id", "organizer"].map(|name| slot[name].as_str().expect("text"));
        assert_eq!(cluster.feed(&node, id, organizer), cluster.feed(asked, id, organizer), "{id}");
    }
    assert_eq!(node.slots().len(), slots.len());
    let report = sell(node.client(), &cluster.key(), &["--customers=1000", "--rate=500/s", "--slots=2"]);
    let report = report.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
}

#[test]
fn what_is_backed_up_while_it_sells_is_restored_into_one_node_and_into_three() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let (asked, to) = (&cluster.nodes[1], folder.path().join("backups"));
    let made = cluster.ask_as(asked, "organizer", "POST /v1/slots", "slot", SLOT);
    assert_eq!(made.status, 201, "{made:?}");
    let slot = made.text("id");
    let untouched = cluster.ask_as(asked, "organizer", "POST /v1/slots", "untouched", SLOT).text("id");
    let mut acknowledged = acknowledge(&cluster, asked, &untouched, 0..20);
    let units = sell(asked.client(), &cluster.key(), &["--customers=3000", "--rate=250/s", "--slots=6"]);
    let seats = sell(
        cluster.nodes[2].client(),
        &cluster.key(),
        &[&["--customers=1500", "--rate=100/s"], SEATS].concat(),
    );

    acknowledged.append(&mut acknowledge(&cluster, asked, &slot, 100..150));
    let first = back_up(&cluster, asked, &to, None);
    let before_first = acknowledged.clone();
    acknowledged.append(&mut acknowledge(&cluster, asked, &slot, 150..200));
    // Another node has the same, and one that follows may be asked as well as one that leads.
    let second = back_up(&cluster, asked, &to, Some(&first));
    let before_second = acknowledged.clone();
    acknowledged.append(&mut acknowledge(&cluster, asked, &slot, 200..220));
    for report in [units, seats].map(|selling| selling.join().expect("the drop lives")) {
        assert_eq!(report.result, Outcome::Correct, "{report}");
    }
    let third = back_up(&cluster, asked, &to, Some(&second));
    let fourth = back_up(&cluster, asked, &to, Some(&third));
    let size = |manifest: &Manifest| manifest.parts.iter().map(|part| part.bytes).sum::<u64>();
    assert!(size(&fourth) * 10 < size(&first), "nothing has changed: {} and {}", size(&fourth), size(&first));
    assert!(missing(&cluster, asked, &acknowledged).is_empty());

    let key = cluster.key();
    let rehearsed = vacant(folder.path(), "rehearsed", &key);
    let (code, said) = restore(&rehearsed, &to, &["--rehearse"]);
    assert!(code == Some(0) && said.contains("Nothing was kept"), "{code:?}: {said}");
    assert!(!rehearsed.machine().data.exists(), "and nothing was");

    let one = restored(&cluster, vacant(folder.path(), "one", &key), &to.join("1"));
    assert_eq!(missing(&cluster, &one, &before_first), Vec::<String>::new());
    let again = acknowledge(&cluster, &one, &slot, 140..151);
    let same = again.iter().filter(|(path, _booking)| before_first.contains_key(*path)).count();
    assert!(10 <= same, "what was sold under a key is not sold again: {same}");

    let founder = restored(&cluster, vacant(folder.path(), "three", &key), &to.join("2"));
    assert_eq!(missing(&cluster, &founder, &before_second), Vec::<String>::new());
    let last = restored(&cluster, vacant(folder.path(), "last", &key), &to);
    assert_eq!(missing(&cluster, &last, &acknowledged), Vec::<String>::new());
    let mut nodes = vec![founder];
    for name in ["second", "third"] {
        let mut node = Member::new(Machine::here(folder.path().join(name)));
        node.configure(&key, Some(nodes[0].machine().peer));
        node.start();
        nodes.push(node);
    }
    let mut three = cluster;
    three.nodes = nodes;
    wait_until("all vote", || three.nodes.iter().all(|node| three.voters(node) == 3));
    three.assert_all_agree();
    for node in &three.nodes {
        assert_eq!(missing(&three, node, &before_second), Vec::<String>::new());
    }
    acknowledge(&three, &three.nodes[2], &untouched, 500..510);
    three.assert_all_agree();
}

/// Two backups of one node that has sold something, the second behind the first.
struct Kept {
    _folder: tempfile::TempDir,
    cluster: TestCluster,
    to: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cluster = TestCluster::at_rest(folder.path());
        let key = cluster.key();
        cluster.nodes.truncate(1);
        cluster.nodes[0].configure(&key, None);
        cluster.nodes[0].start();
        let node = &cluster.nodes[0];
        let slot = cluster.ask_as(node, "organizer", "POST /v1/slots", "slot", SLOT).text("id");
        acknowledge(&cluster, node, &slot, 0..30);
        let to = folder.path().join("backups");
        let first = back_up(&cluster, node, &to, None);
        acknowledge(&cluster, node, &slot, 30..40);
        back_up(&cluster, node, &to, Some(&first));
        Self { _folder: folder, cluster, to }
    }

    fn folder(&self, number: u32) -> PathBuf {
        self.to.join(number.to_string())
    }

    fn part(&self, number: u32, group: u32) -> PathBuf {
        self.folder(number).join(format!("group-{group}.box"))
    }

    fn manifest(&self, number: u32) -> Manifest {
        serde_json::from_slice(&read(&self.folder(number).join(MANIFEST))).expect("a manifest")
    }

    /// Puts a file in the place of a part, and its length and checksum into the manifest.
    fn resign(&self, (number, group): (u32, u32), bytes: &[u8]) {
        fs::write(self.part(number, group), bytes).expect("a file");
        let mut manifest = self.manifest(number);
        let part = manifest.parts.iter_mut().find(|part| part.group == group).expect("it is in it");
        (part.bytes, part.sha256) = (bytes.len() as u64, sha256(bytes));
        write_manifest(&self.folder(number), &manifest);
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file")
}

/// A backup is not restored into a node without data, for this reason, and nothing is kept of it.
fn refused(node: &Member, from: &Path, what: &str, says: &str) {
    let (code, said) = restore(node, from, &[]);
    assert!(code.is_some_and(|code| code != 0) && said.contains(says), "{what}: {code:?}: {said}");
    assert!(!node.machine().data.exists(), "{what}: nothing is kept");
}

#[test]
fn a_part_that_is_not_what_was_written_is_refused() {
    let (kept, other) = (Kept::new(), Kept::new());
    let target = tempfile::tempdir().expect("a folder");
    let node = vacant(target.path(), "node", &kept.cluster.key());
    let refused = |what: &str, says: &str| refused(&node, &kept.to, what, says);
    for number in [1, 2] {
        let (place, path) = ((number, 1), kept.part(number, 1));
        let (good, manifest) = (read(&path), kept.manifest(number));
        let mut changed = good.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, &changed).expect("a file");
        refused("a byte is another", "not the file that was written");
        kept.resign(place, &changed);
        refused("a byte is another, and the manifest says so", "damaged");
        kept.resign(place, &good[..good.len() - 1]);
        refused("torn", "cut off");
        fs::remove_file(&path).expect("it was there");
        refused("a part is missing", "No such file");
        kept.resign(place, &read(&other.part(number, 1)));
        refused("another cluster's", "files of two backups are mixed up");
        fs::write(&path, &good).expect("a file");
        write_manifest(&kept.folder(number), &manifest);
    }
    assert_eq!(restore(&node, &kept.to, &["--rehearse"]).0, Some(0), "all is as it was again");
}

#[test]
fn whoever_forges_every_checksum_is_found_out_by_the_digest() {
    let kept = Kept::new();
    let target = tempfile::tempdir().expect("a folder");
    let node = vacant(target.path(), "node", &kept.cluster.key());
    let frames = |group: u32| -> Vec<Frame> {
        Frames::new(read(&kept.part(1, group)).as_slice()).map(|frame| frame.expect("whole")).collect()
    };
    let pairs = |frame: &mut Frame, kind: u8| match frame {
        Frame::Pairs(pairs) => {
            let before = pairs.len();
            pairs.retain(|(key, _value)| key[0] != kind);
            before - pairs.len()
        }
        Frame::Head(_) | Frame::Entry(_) | Frame::Range { .. } | Frame::End(_) => 0,
    };
    // All bookings are gone, of which each entity says how many there are; or all entities, of which nothing does but the digest.
    for kind in [b'b', b'h'] {
        let group = (0..3).find(|group| frames(*group).iter_mut().any(|frame| pairs(frame, b'b') > 0));
        let group = group.expect("something was sold in one of them");
        let mut forged = frames(group);
        let gone: usize = forged.iter_mut().map(|frame| pairs(frame, kind)).sum();
        if let Some(Frame::End(end)) = forged.last_mut() {
            end.pairs -= gone as u64;
        }
        let good = read(&kept.part(1, group));
        let forged = api::backup::PREAMBLE.iter().copied().chain(forged.iter().flat_map(Frame::encode));
        kept.resign((1, group), &forged.collect::<Vec<_>>());
        refused(&node, &kept.folder(1), "what was sold is gone", "");
        kept.resign((1, group), &good);
    }
    assert_eq!(restore(&node, &kept.folder(1), &["--rehearse"]).0, Some(0), "all is as it was again");
}

#[test]
fn a_chain_of_backups_is_whole_or_nothing_is_restored() {
    let (kept, other) = (Kept::new(), Kept::new());
    let target = tempfile::tempdir().expect("a folder");
    let node = vacant(target.path(), "node", &kept.cluster.key());
    let refused = |what: &str, says: &str| refused(&node, &kept.to, what, says);
    let (first, base) = (kept.manifest(1), kept.folder(1).join(MANIFEST));
    fs::remove_file(&base).expect("it is there");
    refused("the one before it is missing", "the backup is not complete");
    write_manifest(&kept.folder(1), &other.manifest(1));
    refused("the one before it is another cluster's", "two backups are mixed up");
    write_manifest(&kept.folder(1), &Manifest { version: VERSION + 1, ..first.clone() });
    refused("of a later version", "this build reads 1");
    let mut gap = first.clone();
    gap.parts[2].saved += 1;
    write_manifest(&kept.folder(1), &gap);
    refused("it does not go on where that ends", "does not go on where the backup before it ends");
    write_manifest(&kept.folder(1), &first);
    node.configure(&kept.cluster.key(), Some(node.machine().peer));
    refused("the node is to join another", "cluster.join");
}

#[test]
fn only_a_node_without_data_gets_a_backup() {
    let kept = Kept::new();
    let target = tempfile::tempdir().expect("a folder");
    let node = vacant(target.path(), "node", &kept.cluster.key());
    let diary = node.machine().data.join("diary.txt");
    fs::create_dir(&node.machine().data).expect("a folder");
    fs::write(&diary, "dear diary").expect("a file");
    let (code, said) = restore(&node, &kept.to, &[]);
    assert!(code == Some(73) && said.contains("diary.txt"), "{code:?}: {said}");
    assert_eq!(fs::read(&diary).expect("it is there"), b"dear diary");
    fs::remove_file(&diary).expect("it is there");
    let mut node = restored(&kept.cluster, node, &kept.to);
    node.stop();
    let (code, said) = restore(&node, &kept.to, &[]);
    assert!(code == Some(73) && said.contains("there is something in"), "{code:?}: {said}");
    node.start();
}
