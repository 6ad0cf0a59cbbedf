//! `boxctl status` and `boxctl groups`: one screen, and an exit status that programs can trust.

use std::net::TcpListener;

use crate::fake::{Fake, State};
use crate::{Said, boxctl, data_folder};

const WELL: &str = r#"{"healthy":true,"problems":[],"node":1,"version":"0.1.0","uptime_ms":90061000,"draining":false,"groups":4,"leading":4,"slots":24,"awake":3,"in_flight":0,"level":1}"#;

fn group(number: u32, role: &str, leader: &str) -> String {
    format!(
        r#"{{"group":{number},"role":"{role}","leader":{leader},"term":2,"last":70,"committed":69,"applied":68,"checkpointed":64,"digest":null,"digest_index":null,"slots":9,"awake":1}}"#
    )
}

fn groups(items: &[String]) -> String {
    format!(r#"{{"items":[{}]}}"#, items.join(","))
}

/// Asks a node whose admin listener has this one answer.
fn ask(path: &str, answer: &str, command: &[&str]) -> Said {
    let admin = [(path.to_owned(), answer.to_owned())].into();
    let node = Fake::start(State { admin, ..State::default() });
    ask_at(&node.url, command)
}

fn ask_at(url: &str, command: &[&str]) -> Said {
    let data = data_folder();
    let data = data.path().to_str().expect("a path in UTF-8");
    boxctl(&[&["--admin", url, "--data", data], command].concat())
}

#[test]
fn status_says_whether_the_node_is_well() {
    let unwell = WELL.replace("true", "false").replace("[]", "[\"group 3 has no leader\"]");
    let draining = WELL.replace("\"draining\":false", "\"draining\":true");
    let node =
        |node, level| format!(r#"{{"node":{node},"address":"n{node}:7000","votes":true,"level":{level}}}"#);
    let members = format!(r#""level":1,"members":[{},{}]"#, node(1, 2), node(4, 1));
    let upgraded = WELL.replace(r#""level":1"#, &members);
    let seen = r#"{"node":2,"address":"n2:7000","votes":true,"level":1,"silent_ms":65000,"clock_ahead_ms":-9000,"behind":7,"leading":2}"#;
    let seen = upgraded
        .replace(&node(4, 1), seen)
        .replace("\"healthy\":true", "\"healthy\":false")
        .replace(
            "[]",
            r#"["node 2 is silent","the disk is nearly full"],"hints":["start it again",""],"notes":["four are no better than three"]"#,
        );
    for (answer, status, want) in [
        (WELL, 0, " well "),
        (WELL, 0, " 1d 1h "),
        (&draining, 0, " draining "),
        (&unwell, 1, " not well "),
        (&upgraded, 0, "n1:7000            yes      yes    ?        ?       ?            up to 2"),
        (&upgraded, 0, "n4:7000            yes      yes    ?        ?       ?            up to 1"),
        (&seen, 1, "n2:7000            silent for 1m 5s  yes    2        7       -9000 ms     up to 1"),
        (&unwell, 1, "\n! group 3 has no leader\n"),
        (
            &seen,
            1,
            "\n! node 2 is silent\n  start it again\n! the disk is nearly full\n- four are no better than three\n",
        ),
    ] {
        let said = ask("/admin/v1/status", answer, &["status"]);
        assert_eq!(said.status, status, "{}", said.talk);
        assert!(said.data.contains(want), "{}, not {want}", said.data);
        assert!(said.talk.is_empty(), "{}", said.talk);
    }
    let said = ask("/admin/v1/status", WELL, &["status", "--json"]);
    assert_eq!((said.status, said.data.trim_end()), (0, WELL));
}

#[test]
fn groups_are_well_while_each_has_a_leader() {
    let leads = group(0, "leader", "1");
    for (items, status, want) in [
        (vec![leads.clone(), group(1, "follower", "2")], 0, "follower"),
        (vec![leads.clone(), group(1, "candidate", "null")], 1, "\n! group 1 has no leader"),
        (vec![leads.clone(), group(1, "stopped", "1")], 1, "\n! group 1 has stopped"),
        (vec![], 1, "GROUP"),
    ] {
        let said = ask("/admin/v1/groups", &groups(&items), &["groups"]);
        assert_eq!(said.status, status, "{}", said.talk);
        assert!(said.data.contains(want), "{}, not {want}", said.data);
    }
    let digests = groups(&[
        leads.replace("\"digest\":null,\"digest_index\":null", "\"digest\":\"00ff\",\"digest_index\":68")
    ]);
    let said = ask("/admin/v1/groups?digest=now", &digests, &["groups", "--digest"]);
    assert!(said.status == 0 && said.data.contains("00ff@68"), "{} {}", said.data, said.talk);
    let said = ask("/admin/v1/groups?digest=now", &digests, &["groups", "--digest", "--json"]);
    assert_eq!((said.status, said.data.trim_end()), (0, digests.as_str()));
}

#[test]
fn remove_returns_once_every_group_has_followed() {
    let left = |groups: u32| format!(r#"{{"node":4,"groups_left":{groups}}}"#);
    for (answers, status, data, talk) in [
        (vec![left(0)], 0, "node 4 is no member of any group\n", ""),
        (
            vec![left(2), left(1), left(0)],
            0,
            "node 4 is no member of any group\n",
            "leaves: 1 groups are to follow",
        ),
        (vec![r#"{"node":4}"#.to_owned()], 0, "node 4 is no member of any group\n", ""),
        (vec![], 2, "", "refuses: 409 (no_quorum)"),
        (vec![left(2)], 2, "", "refuses: 409 (no_quorum)"),
    ] {
        let acts = [("/admin/v1/nodes/4/remove".to_owned(), answers.into())].into();
        let node = Fake::start(State { acts, ..State::default() });
        let said = ask_at(&node.url, &["remove", "4"]);
        assert_eq!((said.status, said.data.as_str()), (status, data), "{}", said.talk);
        assert!(said.talk.contains(talk), "{}, not {talk}", said.talk);
    }
}

#[test]
fn drain_returns_once_nothing_is_left_on_the_node() {
    let left = |replicas: u32| format!(r#"{{"node":4,"draining":true,"replicas_left":{replicas}}}"#);
    let empty = "node 4 has no replica but of group 0, and gets none (boxctl node undrain 4)\n";
    for (what, answers, status, data, talk) in [
        ("drain", vec![left(0)], 0, empty, ""),
        (
            "drain",
            vec![left(2), left(2), left(1), left(0)],
            0,
            empty,
            "is being emptied: 1 replicas are left",
        ),
        ("drain", vec![], 2, "", "refuses: 409"),
        ("drain", vec!["{}".to_owned()], 2, "", ""),
        ("undrain", vec![left(9)], 0, "node 4 takes replicas\n", ""),
    ] {
        let acts = [(format!("/admin/v1/nodes/4/{what}"), answers.into())].into();
        let node = Fake::start(State { acts, ..State::default() });
        let said = ask_at(&node.url, &["node", what, "4"]);
        assert_eq!((said.status, said.data.as_str()), (status, data), "{what}: {}", said.talk);
        assert!(said.talk.contains(talk), "{}, not {talk}", said.talk);
    }
}

#[test]
fn what_cannot_be_told_is_2() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let nobody = format!("http://{}", closed.local_addr().expect("it is bound"));
    drop(closed);
    for (said, want) in [
        (ask_at(&nobody, &["status"]), "no answer from http://127.0.0.1:"),
        (ask_at("localhost:9090", &["status"]), "it must be a URL such as http://127.0.0.1:8080"),
        (ask("/admin/v1/status", WELL, &["status", "--issuer", "else"]), "refuses: 401 (unauthenticated)"),
        (ask("/admin/v1/status", "<html>", &["status"]), "does not answer as a Boxoffice node does"),
        (ask("/elsewhere", WELL, &["groups"]), "refuses: 404 (not_found)"),
        (boxctl(&["status"]), "which key signs?"),
        (boxctl(&["undo"]), "unrecognized subcommand"),
    ] {
        assert_eq!((said.status, said.data.as_str()), (2, ""), "{want}");
        assert!(said.talk.contains(want), "{}, not {want}", said.talk);
    }
}
