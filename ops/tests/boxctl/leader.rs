//! `boxctl leader`: what would move, what has moved, and what moved on meanwhile.

use crate::fake::{Fake, State};
use crate::{Said, boxctl, data_folder};

const GROUPS: &str = r#"{"items":[{"group":0,"role":"follower","leader":1,"term":7,"last":1,"committed":1,"applied":1,"checkpointed":1,"digest":null,"digest_index":null,"slots":0,"awake":0},{"group":1,"role":"candidate","leader":null,"term":8,"last":1,"committed":1,"applied":1,"checkpointed":1,"digest":null,"digest_index":null,"slots":0,"awake":0}]}"#;
const UNEVEN: &str = r#"{"nodes":[{"node":1,"leads":2,"would_lead":1},{"node":4,"leads":0,"would_lead":1}],"moves":[{"group":0,"from":1,"to":4,"term":7}]}"#;
const EVEN: &str =
    r#"{"nodes":[{"node":1,"leads":1,"would_lead":1},{"node":4,"leads":1,"would_lead":1}],"moves":[]}"#;
const MOVED: &str = r#"{"group":0,"leader":4,"term":8,"unanswered_ms":31}"#;

/// Asks a node that knows these groups and leaders, and lets the leader of group 0 move as often as this.
fn ask(leaders: &str, moves: usize, command: &[&str]) -> Said {
    let admin = [
        ("/admin/v1/groups".to_owned(), GROUPS.to_owned()),
        ("/admin/v1/leaders".to_owned(), leaders.to_owned()),
    ];
    let acts = [("/admin/v1/groups/0/leader".to_owned(), vec![MOVED.to_owned(); moves].into())];
    let node = Fake::start(State { admin: admin.into(), acts: acts.into(), ..State::default() });
    let data = data_folder();
    let data = data.path().to_str().expect("a path in UTF-8");
    boxctl(&[&["--admin", &node.url, "--data", data], command].concat())
}

#[test]
fn a_leader_is_moved_if_there_is_one_and_it_is_another() {
    let done = "group 0: node 4 leads in place of node 1, after 31 ms without a leader\n";
    for (moves, command, status, data, talk) in [
        (1, ["move", "0", "4"].as_slice(), 0, done, ""),
        (
            0,
            &["move", "0", "4", "--dry-run"],
            0,
            " GROUP  FROM  TO  IN TERM\n     0     1   4        7\n",
            "",
        ),
        (0, &["move", "0", "1"], 0, "node 1 leads group 0 already\n", ""),
        (0, &["move", "1", "4"], 1, "", "group 1 has no leader now: look at boxctl status\n"),
        (0, &["move", "2", "4"], 1, "", "there is no group 2: boxctl groups shows those that there are\n"),
        (0, &["move", "0", "4"], 2, "", "no_quorum"),
    ] {
        let said = ask(UNEVEN, moves, &[&["leader"], command].concat());
        assert_eq!((said.status, said.data.as_str()), (status, data), "{command:?}: {}", said.talk);
        assert!(said.talk.contains(talk), "{command:?}: {}", said.talk);
    }
}

#[test]
fn leaders_are_spread_until_nothing_is_to_move() {
    let even = ask(EVEN, 0, &["leader", "balance"]);
    assert_eq!(even.status, 0, "{}", even.talk);
    assert!(even.data.contains("- leaders are spread evenly"), "{}", even.data);

    let shown = ask(UNEVEN, 0, &["leader", "balance", "--dry-run"]);
    assert_eq!(shown.status, 0, "{}", shown.talk);
    assert!(shown.data.contains("WOULD LEAD") && shown.data.contains("IN TERM"), "{}", shown.data);
    let shown = ask(UNEVEN, 0, &["leader", "balance", "--dry-run", "--json"]);
    assert_eq!((shown.status, shown.data.trim_end()), (0, UNEVEN));

    // One that says for ever that something is to move is not followed for ever.
    let endless = ask(UNEVEN, 99, &["leader", "balance"]);
    assert_eq!((endless.status, endless.data.as_str()), (1, ""));
    assert_eq!(endless.talk.matches("node 4 leads in place of node 1").count(), 10, "{}", endless.talk);
    assert!(endless.talk.contains("go on with: boxctl leader balance"), "{}", endless.talk);
}
