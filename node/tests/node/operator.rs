//! The cluster as who runs it for a living finds it: what is wrong is told, with what to do about it; what would do harm is refused.

use std::path::Path;

use serde_json::Value;

use crate::dev_node::{Answer, DevNode, ask, free_address, get};
use crate::machine::Machine;
use crate::test_cluster::{Member, TestCluster, wait_until};

const SLOT: &str = r#"{"title":"yoga","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":50}}}"#;
const ONE: &str = r#"{"quantity":1}"#;

fn make_slot(cluster: &TestCluster, place: usize) -> String {
    let answer = cluster.ask_as(&cluster.nodes[place], "organizer", "POST /v1/slots", "the-slot", SLOT);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.text("id")
}

fn book(cluster: &TestCluster, place: usize, slot: &str, key: &str) -> Answer {
    cluster.ask_as(&cluster.nodes[place], "customer", &format!("POST /v1/slots/{slot}/bookings"), key, ONE)
}

fn remove(cluster: &TestCluster, place: usize, number: u64) -> Answer {
    let path = format!("POST /admin/v1/nodes/{number}/remove");
    cluster.ask_as(&cluster.nodes[place], "operator", &path, "", "")
}

fn status(cluster: &TestCluster, place: usize) -> Value {
    cluster.admin(&cluster.nodes[place], "/admin/v1/status")
}

/// Whether one of the problems that a node tells has all of these words.
fn tells(cluster: &TestCluster, place: usize, words: &[&str]) -> bool {
    let status = status(cluster, place);
    let problems = status["problems"].as_array().cloned().unwrap_or_default();
    problems.iter().any(|problem| words.iter().all(|word| problem.to_string().contains(word)))
}

/// The sum of a metric over its labels.
fn metric(node: &Member, name: &str) -> f64 {
    let metrics = get(node.admin(), "/metrics").expect("an answer").body;
    let lines = metrics.lines().filter(|line| line.starts_with(name));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

fn readiness(node: &Member) -> u16 {
    get(node.admin(), "/readyz").map_or(0, |answer| answer.status)
}

#[test]
fn who_is_left_without_a_quorum_says_so_and_refuses_early() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let left = cluster.leader();
    let others = [(left + 1) % 3, (left + 2) % 3];
    let slot = make_slot(&cluster, left);
    let numbers = others.map(|other| cluster.number(&cluster.nodes[other]));
    wait_until("all is well", || status(&cluster, left)["healthy"] == true);

    cluster.nodes[others[0]].kill();
    wait_until("one that is dead is told", || {
        tells(&cluster, left, &[&format!("node {} has not answered", numbers[0])])
    });
    assert_eq!(readiness(&cluster.nodes[left]), 200, "two of three sell");
    assert_eq!(book(&cluster, left, &slot, "a").status, 201);

    cluster.nodes[others[1]].kill();
    wait_until("it is not ready any more", || readiness(&cluster.nodes[left]) == 503);
    wait_until("both are told", || {
        numbers.iter().all(|node| tells(&cluster, left, &[&format!("node {node} has not answered")]))
    });
    assert!(tells(
        &cluster,
        left,
        &["groups have no leader", "of its 3 voters 1 can be reached, and 2 are needed"]
    ));
    let seen = status(&cluster, left);
    assert_eq!((&seen["healthy"], &seen["leading"]), (&Value::Bool(false), &0.into()), "{seen}");
    let hints = seen["hints"].as_array().expect("hints").clone();
    assert_eq!(hints.len(), seen["problems"].as_array().map_or(0, Vec::len));
    assert!(
        hints.iter().any(|hint| hint.to_string().contains(&format!("boxctl remove {}", numbers[0]))),
        "{seen}"
    );
    for group in cluster.groups(&cluster.nodes[left], "/admin/v1/groups") {
        assert!(group["leader"].is_null() && group["role"] != "leader", "{group}");
    }
    assert!(3.0 <= metric(&cluster.nodes[left], "boxoffice_groups_leaderless "));
    assert!(2.0 <= metric(&cluster.nodes[left], "boxoffice_peers_silent "));
    let refused = book(&cluster, left, &slot, "b");
    assert_eq!((refused.status, refused.text("code").as_str()), (503, "no_leader"), "{refused:?}");

    cluster.nodes[others[0]].start();
    wait_until("it is ready again", || readiness(&cluster.nodes[left]) == 200);
    assert_eq!(book(&cluster, left, &slot, "b").status, 201);
    cluster.nodes[others[1]].start();
    wait_until("all is well again", || status(&cluster, left)["healthy"] == true);
}

#[test]
fn whoever_is_needed_for_a_quorum_is_not_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let slot = make_slot(&cluster, 0);
    let [_, wrong, dead] = [0, 1, 2].map(|place| cluster.number(&cluster.nodes[place]));
    cluster.nodes[2].kill();
    for place in [0, 1] {
        let refused = remove(&cluster, place, wrong);
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "no_quorum"), "{refused:?}");
        assert!(refused.text("detail").contains(&format!("boxctl remove {dead}")), "{refused:?}");
    }
    assert_eq!(book(&cluster, 1, &slot, "a").status, 201, "nothing has happened");
    assert_eq!(remove(&cluster, 0, 1 << 60).status, 404, "there was never such a node");
    wait_until("every group has followed", || {
        let removed = remove(&cluster, 0, dead);
        assert!([200, 503].contains(&removed.status), "asking again does no harm: {removed:?}");
        removed.status == 200 && removed.json()["groups_left"] == 0
    });
    let noted = |place| status(&cluster, place)["notes"].to_string();
    wait_until("two are no better than one", || noted(0).contains("2 nodes survive no failure"));
    assert_eq!(book(&cluster, 0, &slot, "b").status, 201);
}

#[test]
fn who_is_removed_and_lives_hands_on_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let slot = make_slot(&cluster, 0);
    let leader = cluster.leader();
    let other = (leader + 1) % 3;
    let number = cluster.number(&cluster.nodes[leader]);
    let removed = remove(&cluster, other, number);
    assert_eq!(removed.status, 200, "{removed:?}");
    wait_until("it has ended", || cluster.nodes[leader].has_ended());
    let (code, said) = cluster.nodes[leader].ended();
    assert_eq!(code, Some(73), "{said}");
    assert!(said.contains(&format!("node {number} was removed from this cluster")), "{said}");
    assert_eq!(book(&cluster, other, &slot, "a").status, 201);
    cluster.nodes[leader].launch();
    let (code, said) = cluster.nodes[leader].ended_unready();
    assert_eq!(code, Some(73), "{said}");
    wait_until("nobody knows it any more", || cluster.voters(&cluster.nodes[other]) == 2);
}

#[test]
fn a_node_that_checks_tokens_with_another_key_is_not_let_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut founder = Member::new(Machine::here(folder.path().join("1")));
    let issuers = ["issuer-1", "issuer-2"].map(|name| DevNode::open(&folder.path().join(name)));
    let keys = issuers.each_ref().map(DevNode::key);
    founder.configure(&keys[0], None);
    founder.start();
    let mut stranger = Member::new(Machine::here(folder.path().join("2")));
    let seed = founder.machine().peer;
    stranger.configure(&keys[1], Some(seed));
    stranger.launch();
    let (code, said) = stranger.ended_unready();
    assert_eq!(code, Some(73), "{said}");
    assert!(said.contains("it checks tokens with other keys than the cluster"), "{said}");
    stranger.configure(&keys[0], Some(seed));
    stranger.start();
    // Nor does one that is in become a stranger.
    stranger.configure(&keys[1], Some(seed));
    stranger.signal("HUP");
    wait_until("it is told", || stranger.said().contains("add the new one beside the old one first"));
    let [known, unknown] = issuers.each_ref().map(|issuer| format!("Bearer {}", issuer.token("customer")));
    for (token, status) in [(known, 200), (unknown, 401)] {
        let answer = ask(stranger.client(), "GET", "/v1/slots", &[("Authorization", &token)], "");
        assert_eq!(answer.expect("an answer").status, status);
    }
}

#[test]
fn what_was_passed_on_to_a_leader_that_is_paused_is_asked_of_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let slot = make_slot(&cluster, 0);
    for (round, key) in ["a", "b"].into_iter().enumerate() {
        let leader = cluster.leader();
        cluster.nodes[leader].signal("STOP");
        let booked = book(&cluster, (leader + 1) % 3, &slot, key);
        cluster.nodes[leader].signal("CONT");
        assert_eq!(booked.status, 201, "{booked:?}");
        assert_eq!(booked.json()["seq"], round + 2, "it has one effect: {booked:?}");
        cluster.assert_all_agree();
    }
}

#[test]
fn who_waits_to_be_let_in_turns_customers_away_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = DevNode::open(&folder.path().join("issuer"));
    let mut node = Member::new(Machine::here(folder.path().join("1")));
    node.configure(&issuer.key(), Some(free_address()));
    node.launch();
    wait_until("it lives", || get(node.admin(), "/livez").is_ok_and(|answer| answer.status == 200));
    for (method, path) in [("GET", "/v1/slots"), ("POST", "/v1/slots/slot_x/bookings"), ("GET", "/")] {
        let answer = ask(node.client(), method, path, &[], "").expect("an answer");
        assert_eq!((answer.status, answer.text("code").as_str()), (503, "no_leader"), "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("1"), "{answer:?}");
    }
}

/// Stops these nodes, gives them other addresses for their peers, and starts them again.
fn move_all(cluster: &mut TestCluster, places: &[usize], advertised: impl Fn(&Machine) -> Option<String>) {
    let key = cluster.key();
    for place in places {
        cluster.nodes[*place].stop();
        cluster.nodes[*place].machine_mut().peer = free_address();
    }
    let seed = cluster.nodes[0].machine().peer;
    for place in 0..cluster.nodes.len() {
        let node = &cluster.nodes[place];
        node.configure_at(&key, (0 < place).then_some(seed), advertised(node.machine()).as_deref());
    }
    for place in places {
        cluster.nodes[*place].launch();
    }
    for place in places {
        cluster.nodes[*place].wait_until_ready();
    }
}

fn moves(folder: &Path, places: &[usize], advertised: impl Fn(&Machine) -> Option<String>) {
    let mut cluster = TestCluster::open(folder);
    let slot = make_slot(&cluster, 0);
    move_all(&mut cluster, places, &advertised);
    assert_eq!(book(&cluster, 0, &slot, "a").status, 201);
    for place in places {
        let node = cluster.nodes[*place].machine();
        let address = advertised(node).unwrap_or_else(|| node.peer.to_string());
        let number = cluster.number(&cluster.nodes[*place]);
        wait_until("all know where it is", || {
            (0..3).all(|asked| {
                let members = status(&cluster, asked)["members"].as_array().cloned().unwrap_or_default();
                members.iter().any(|member| member["node"] == number && member["address"] == *address)
            })
        });
    }
    // Without one that has not moved, the others are a quorum only if they find each other.
    let stays = (0..3).find(|place| !places.contains(place)).unwrap_or(2);
    cluster.nodes[stays].stop();
    let asked = (stays + 1) % 3;
    wait_until("the others sell", || book(&cluster, asked, &slot, "b").status == 201);
}

#[test]
fn a_node_that_moves_is_found_at_its_new_address() {
    let folder = tempfile::tempdir().expect("a folder");
    moves(folder.path(), &[1, 2], |_machine| None);
}

#[test]
fn nodes_that_all_move_at_once_find_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    moves(folder.path(), &[0, 1, 2], |_machine| None);
}

#[test]
fn a_node_is_found_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    moves(folder.path(), &[1, 2], |machine| Some(format!("localhost:{}", machine.peer.port())));
}

/// What the program says, and its exit status.
fn recover(node: &Member, more: &[&str]) -> (Option<i32>, String) {
    let config = node.machine().folder.join("boxoffice.toml");
    let words = ["recover", "--config"].map(std::ffi::OsStr::new);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_boxoffice"));
    let output = command.args(words).arg(config).args(more).output().expect("the built binary");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("text"))
}

#[test]
fn a_node_goes_on_alone_where_a_majority_is_gone_for_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let slot = make_slot(&cluster, 0);
    assert_eq!(book(&cluster, 0, &slot, "a").status, 201);
    cluster.assert_all_agree();
    assert_eq!(recover(&cluster.nodes[1], &[]).0, Some(73), "it runs");
    cluster.nodes.iter_mut().for_each(Member::kill);
    cluster.nodes[0].wipe();
    let (code, said) = recover(&cluster.nodes[1], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Nothing was changed") && said.contains("--the-others-are-gone"), "{said}");
    let (code, said) = recover(&cluster.nodes[1], &["--the-others-are-gone"]);
    assert_eq!(code, Some(0), "{said}");
    cluster.nodes[1].start();
    let again = book(&cluster, 1, &slot, "a");
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")), "{again:?}");
    assert_eq!(book(&cluster, 1, &slot, "b").status, 201);

    // One that comes back after all is a stranger; with an empty disk it is welcome.
    let (key, seed) = (cluster.key(), cluster.nodes[1].machine().peer);
    for place in [0, 2] {
        cluster.nodes[place].configure(&key, Some(seed));
    }
    cluster.nodes[2].launch();
    wait_until("it lives", || {
        get(cluster.nodes[2].admin(), "/livez").is_ok_and(|answer| answer.status == 200)
    });
    assert_eq!(book(&cluster, 1, &slot, "c").status, 201);
    assert_eq!(readiness(&cluster.nodes[2]), 503, "nobody takes it for a member");
    cluster.nodes[2].kill();
    cluster.nodes[2].wipe();
    for place in [0, 2] {
        cluster.nodes[place].start();
    }
    wait_until("all vote", || cluster.voters(&cluster.nodes[1]) == 3);
    cluster.assert_all_agree();
}
