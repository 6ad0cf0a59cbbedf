//! `boxctl placement`: where replicas are, and what a plan would move.

use crate::fake::{Fake, State};
use crate::{Said, boxctl, data_folder};

const EVERYWHERE: &str = r#"{"replicas":3,"nodes":[{"node":1,"zone":"a","standing":"takes","replicas":2,"planned":2},{"node":5,"zone":"","standing":"silent","replicas":2,"planned":1}],"groups":[{"group":0,"nodes":[1,5],"planned":[1,5]},{"group":1,"nodes":[1,5],"planned":[1]}],"steps":[{"group":1,"adds":null,"drops":5}]}"#;

fn ask(path: &str, answer: &str, command: &[&str]) -> Said {
    let admin = [(path.to_owned(), answer.to_owned())].into();
    let node = Fake::start(State { admin, ..State::default() });
    let data = data_folder();
    let data = data.path().to_str().expect("a path in UTF-8");
    boxctl(&[&["--admin", &node.url, "--data", data, "placement"], command].concat())
}

#[test]
fn replicas_are_shown_and_so_is_what_would_move() {
    let path = "/admin/v1/placement";
    let in_force = EVERYWHERE
        .replace(r#""steps":"#, r#""record":{"epoch":7,"replicas":3,"draining":[5]},"steps":"#)
        .replace(r#""planned":[1]}"#, r#""planned":[1],"placed":[1,4]}"#);
    let settled = EVERYWHERE.replace(r#"{"group":1,"adds":null,"drops":5}"#, "");
    for (path, answer, command, wants) in [
        (path, EVERYWHERE, [].as_slice(), ["takes replicas", "ON NODES"]),
        (path, EVERYWHERE, &[], ["TO BE ON", "- every node has every group"]),
        (path, &in_force, &[], ["1 4", "- placement 7: 3 replicas of each group; being emptied: node 5"]),
        (path, &in_force, &["--dry-run"], ["PLANNED", "they are taken one after the other"]),
        (path, EVERYWHERE, &["--dry-run"], ["PLANNED", "1  -         5"]),
        (path, &settled, &["--dry-run"], ["silent", "- every replica is where it should be"]),
        ("/admin/v1/placement?replicas=5", EVERYWHERE, &["--dry-run", "--replicas=5"], ["COMES", "GOES"]),
        (
            "/admin/v1/placement?without=4,7",
            EVERYWHERE,
            &["--dry-run", "--without=4,7"],
            ["nobody takes these steps: every node has every group", "PLANNED"],
        ),
        (path, EVERYWHERE, &["--json"], ["\"replicas\":3", "\"drops\":5"]),
    ] {
        let said = ask(path, answer, command);
        assert_eq!(said.status, 0, "{command:?}: {}", said.talk);
        for want in wants {
            assert!(said.data.contains(want), "{command:?}: {}", said.data);
        }
    }
    assert_eq!(ask(path, "{}", &[]).status, 2, "that is no placement");
    assert_eq!(ask(path, EVERYWHERE, &["--dry-run", "--replicas=4"]).status, 2);
}
