//! `boxctl backup` and `boxctl verify`: a folder of backups against a node that streams, breaks off, or is another's.

use std::fs;
use std::path::{Path, PathBuf};

use api::backup::{End, Frame, Head, MANIFEST, Manifest, PREAMBLE};

use crate::fake::{Fake, State};
use crate::{Said, boxctl, data_folder};

/// What a node streams of a group.
fn part(cluster: &str, group: u32, since: Option<u64>, saved: u64) -> Vec<u8> {
    let head = Head {
        cluster: cluster.to_owned(),
        groups: 2,
        group,
        level: 4,
        saved,
        index: saved + 1,
        digest: Some("00000000000000ff".to_owned()),
        since,
        mark: "AQ".to_owned(),
    };
    let frames = [
        Frame::Head(head),
        Frame::Entry(b"entry".to_vec()),
        Frame::Range { from: Vec::new(), until: Vec::new() },
        Frame::Pairs(vec![(b"key".to_vec(), b"value".to_vec())]),
        Frame::End(End { entries: 1, pairs: 1 }),
    ];
    PREAMBLE.iter().copied().chain(frames.iter().flat_map(Frame::encode)).collect()
}

const GROUPS: &str = r#"{"items":[{"group":0,"role":"leader","leader":1,"term":1,"last":9,"committed":9,"applied":9,"checkpointed":9,"digest":null,"digest_index":null,"slots":0,"awake":0},{"group":1,"role":"leader","leader":1,"term":1,"last":9,"committed":9,"applied":9,"checkpointed":9,"digest":null,"digest_index":null,"slots":0,"awake":0}]}"#;

/// A node that streams these groups behind this index.
fn streams(setting: &Setting, cluster: &str, since: Option<u64>, saved: u64) {
    for group in 0..2 {
        let query = since.map_or_else(String::new, |since| format!("?since={since}"));
        setting
            .streams(&format!("/admin/v1/groups/{group}/backup{query}"), part(cluster, group, since, saved));
    }
}

struct Setting {
    node: Fake,
    data: tempfile::TempDir,
}

impl Setting {
    fn new() -> Self {
        let admin = [("/admin/v1/groups".to_owned(), GROUPS.to_owned())].into();
        Self { node: Fake::start(State { admin, ..State::default() }), data: data_folder() }
    }

    /// From now on the node streams this there.
    fn streams(&self, path: &str, bytes: Vec<u8>) {
        self.node.state.lock().expect("nobody panicked").streams.insert(path.to_owned(), bytes);
    }

    fn to(&self) -> PathBuf {
        self.data.path().join("backups")
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let data = self.data.path().to_str().expect("UTF-8");
        boxctl(&[&["--admin", &self.node.url, "--data", data], arguments].concat())
    }

    fn back_up(&self, more: &[&str]) -> Said {
        self.run(&[&["backup", self.to().to_str().expect("UTF-8")], more].concat())
    }

    fn verify(&self) -> Said {
        self.run(&["verify", self.to().to_str().expect("UTF-8")])
    }
}

fn assert_said(said: &Said, status: i32, words: &str) {
    let Said { status: found, data, talk } = said;
    assert!(
        *found == status && format!("{data}{talk}").contains(words),
        "{found}, not {status} {words}: {data}{talk}"
    );
}

fn manifest(folder: &Path) -> Manifest {
    serde_json::from_slice(&fs::read(folder.join(MANIFEST)).expect("a manifest")).expect("JSON")
}

#[test]
fn a_backup_has_what_has_changed_since_the_one_before() {
    let setting = Setting::new();
    streams(&setting, "7", None, 8);
    assert_said(&setting.back_up(&["--dry-run"]), 0, "of 2 groups everything");
    assert!(!setting.to().join("1").exists(), "nothing was done");
    assert_said(&setting.back_up(&[]), 0, "2 groups, ");
    streams(&setting, "7", Some(8), 20);
    assert_said(&setting.back_up(&["--dry-run"]), 0, "what has changed since backup 1");
    assert_said(&setting.back_up(&[]), 0, "what has changed since backup 1");
    streams(&setting, "7", None, 30);
    assert_said(&setting.back_up(&["--full"]), 0, "everything");
    let read = |number: u32| manifest(&setting.to().join(number.to_string()));
    assert_eq!([1, 2, 3].map(|number| read(number).base), [None, Some(1), None]);
    assert_eq!(read(2).parts.iter().map(|part| part.since).collect::<Vec<_>>(), [Some(8), Some(8)]);
    assert_eq!(read(2).pairs_compared_ms, None);
    assert_said(&setting.verify(), 0, "is whole, over 1 backups of cluster 7");
    fs::remove_dir_all(setting.to().join("3")).expect("it is there");
    assert_said(&setting.verify(), 0, "is whole, over 2 backups of cluster 7");
    fs::remove_dir_all(setting.to().join("1")).expect("it is there");
    assert_said(&setting.verify(), 2, "the backup is not complete, or is elsewhere");
}

#[test]
fn groups_that_a_node_does_not_have_are_taken_from_another() {
    let (setting, other) = (Setting::new(), Setting::new());
    streams(&setting, "7", None, 8);
    streams(&other, "7", None, 9);
    let of = |group: u32| {
        let mut groups: serde_json::Value = serde_json::from_str(GROUPS).expect("JSON");
        groups["items"].as_array_mut().expect("items").retain(|item| item["group"] == group);
        groups.to_string()
    };
    for (node, group) in [(&setting.node, 0), (&other.node, 1)] {
        node.state.lock().expect("nobody panicked").admin.insert("/admin/v1/groups".to_owned(), of(group));
    }
    assert_said(&setting.back_up(&[]), 2, "the cluster has 2 groups, and the nodes that were asked have 1");
    assert_said(&setting.back_up(&["--also", &other.node.url]), 0, "2 groups, ");
    let parts = manifest(&setting.to().join("1")).parts;
    assert_eq!(parts.iter().map(|part| (part.group, part.saved)).collect::<Vec<_>>(), [(0, 8), (1, 9)]);
}

#[test]
fn what_breaks_off_is_asked_for_again_and_what_is_whole_is_not() {
    let setting = Setting::new();
    streams(&setting, "7", None, 8);
    let whole = part("7", 1, None, 8);
    setting.streams("/admin/v1/groups/1/backup", whole[..whole.len() - 5].to_vec());
    let said = setting.back_up(&[]);
    assert_said(&said, 2, "cut off");
    assert_eq!(said.talk.matches("once more").count(), 2, "{}", said.talk);
    assert!(!setting.to().join("1").exists() && setting.to().join("1.part").join("group-0.box").exists());
    assert_said(&setting.verify(), 2, "there is no backup in it");
    // What was whole is not asked for again: the node would say now that it is another cluster's.
    streams(&setting, "8", None, 8);
    setting.streams("/admin/v1/groups/1/backup", whole);
    assert_said(&setting.back_up(&[]), 0, "2 groups");
    assert!(!setting.to().join("1.part").exists());
    assert_said(&setting.verify(), 0, "of cluster 7");
}

#[test]
fn two_clusters_are_not_mixed_up() {
    let setting = Setting::new();
    streams(&setting, "7", None, 8);
    assert_said(&setting.back_up(&[]), 0, "");
    streams(&setting, "8", Some(8), 20);
    assert_said(
        &setting.back_up(&[]),
        2,
        "backup 1 before it is of cluster 7, and the node belongs to cluster 8",
    );
    fs::remove_dir_all(setting.to().join("2.part")).expect("it was begun");
    streams(&setting, "7", Some(9), 20);
    setting.streams("/admin/v1/groups/0/backup?since=8", part("7", 0, Some(9), 20));
    assert_said(&setting.back_up(&[]), 2, "it is not what was asked for");
    assert_said(&setting.verify(), 0, "of cluster 7");
}

#[test]
fn what_is_not_as_it_was_written_is_told() {
    let setting = Setting::new();
    streams(&setting, "7", None, 8);
    assert_said(&setting.back_up(&[]), 0, "");
    let (path, manifest) =
        (setting.to().join("1").join("group-1.box"), setting.to().join("1").join(MANIFEST));
    let (good, words) =
        (fs::read(&path).expect("a part"), fs::read_to_string(&manifest).expect("a manifest"));
    let changed = [&good[..good.len() - 1], b"!"].concat();
    for (part, manifest_says, says) in [
        (Some(changed), words.clone(), "it is not the file that was written"),
        (Some(good[..9].to_vec()), words.clone(), "it is not the file that was written"),
        (None, words.clone(), "No such file"),
        (Some(good.clone()), words.replace("\"version\": 1", "\"version\": 2"), "this build reads 1"),
        (
            Some(good.clone()),
            words.replace("\"saved\": 8", "\"saved\": 7"),
            "files of two backups are mixed up",
        ),
        (
            Some(good.clone()),
            words.replace("\"group\": 1", "\"group\": 2"),
            "it does not have every group once",
        ),
        (Some(good.clone()), words.replace('{', "["), "it is no manifest"),
        (Some(good.clone()), words.clone(), "is whole"),
    ] {
        drop(fs::remove_file(&path));
        if let Some(part) = part {
            fs::write(&path, part).expect("a file");
        }
        fs::write(&manifest, manifest_says).expect("a file");
        assert_said(&setting.verify(), if says == "is whole" { 0 } else { 2 }, says);
    }
}
