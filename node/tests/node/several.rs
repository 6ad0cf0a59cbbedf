//! Three nodes, one promise: whichever is asked, and whichever of them dies.

use std::time::Duration;

use loadgen::report::Outcome;

use crate::dev_node::{Answer, DevNode, ask, free_address, get};
use crate::drop::{SEATS, sell};
use crate::machine::Machine;
use crate::test_cluster::{Member, TestCluster, wait_until};

const SLOT: &str = r#"{"title":"yoga","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":50}}}"#;
const ONE: &str = r#"{"quantity":1}"#;

fn make_slot(cluster: &TestCluster, node: &Member) -> String {
    let answer = cluster.ask_as(node, "organizer", "POST /v1/slots", "the-slot", SLOT);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.text("id")
}

#[test]
fn any_node_takes_any_request_and_gives_the_same_answer_to_the_letter() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let slot = make_slot(&cluster, &cluster.nodes[2]);
    let path = format!("POST /v1/slots/{slot}/bookings");
    for (place, node) in cluster.nodes.iter().enumerate() {
        let key = format!("key-{place}");
        let first = cluster.ask_as(node, "customer", &path, &key, ONE);
        assert_eq!(first.status, 201, "{first:?}");
        for other in &cluster.nodes {
            let again = cluster.ask_as(other, "customer", &path, &key, ONE);
            assert_eq!((again.status, &again.body), (first.status, &first.body));
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            // Linearizable at once, on a node that may not have heard of it yet.
            let booking = format!("GET /v1/bookings/{}", first.text("id"));
            let read = cluster.ask_as(other, "customer", &booking, "", "");
            assert_eq!(read.status, 200, "{read:?}");
            assert_eq!(read.text("reference"), first.text("reference"));
            let feed = format!("GET /v1/slots/{slot}/feed");
            let feed = cluster.ask_as(other, "organizer", &feed, "", "").json();
            assert_eq!(feed["seq"], place + 2, "{feed}");
        }
    }
    cluster.assert_all_agree();
}

#[test]
fn any_node_lists_what_another_has_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let mut made = Vec::new();
    for number in 0..30 {
        let answer = cluster.ask_as(
            &cluster.nodes[number % 3],
            "organizer",
            "POST /v1/slots",
            &format!("{number}"),
            SLOT,
        );
        assert_eq!(answer.status, 201, "{answer:?}");
        made.push(answer.text("id"));
        made.sort();
        let asked = &cluster.nodes[(number + 1) % 3];
        let organizer = answer.text("organizer");
        let path = format!("/v1/slots?limit=200&organizer={organizer}&status=on_sale");
        let list = ask(asked.client(), "GET", &path, &[], "").expect("an answer");
        assert_eq!(list.status, 200, "{list:?}");
        let items = list.json()["items"].as_array().expect("items").clone();
        let listed: Vec<_> =
            items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(listed, made);
    }
}

#[test]
fn a_sale_goes_on_while_nodes_are_killed_and_paused() {
    hurt_while_it_sells(&["--slots=6"]);
}

#[test]
fn a_sale_of_seats_goes_on_while_nodes_are_killed_and_paused() {
    hurt_while_it_sells(SEATS);
}

fn hurt_while_it_sells(what: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    // Customers ask one node; whichever leads is hurt, but never the one they ask.
    let asked = (cluster.leader() + 1) % 3;
    let client = cluster.nodes[asked].client();
    let selling = sell(client, &cluster.key(), &[&["--customers=6000", "--rate=500/s"], what].concat());
    let mut hurt = 0;
    while !selling.is_finished() {
        std::thread::park_timeout(Duration::from_secs(2));
        let leader = cluster.leader();
        let victim = if leader == asked { (asked + 2) % 3 } else { leader };
        if hurt % 2 == 0 {
            cluster.nodes[victim].kill();
            std::thread::park_timeout(Duration::from_millis(500));
            cluster.nodes[victim].start();
        } else {
            cluster.nodes[victim].signal("STOP");
            std::thread::park_timeout(Duration::from_secs(1));
            cluster.nodes[victim].signal("CONT");
        }
        hurt += 1;
    }
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
    assert!(2 < hurt, "it was hurt {hurt} times");
    cluster.assert_all_agree();
}

#[test]
fn a_minority_acknowledges_nothing_and_says_so_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let leader = cluster.leader();
    let slot = make_slot(&cluster, &cluster.nodes[leader]);
    for other in [1, 2] {
        cluster.nodes[(leader + other) % 3].kill();
    }
    let left = cluster.nodes[leader].client();
    let bearer = cluster.bearer("customer");
    let book = |key: &str| -> Answer {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", key),
            ("X-Request-Timeout-Ms", "2000"),
        ];
        ask(left, "POST", &format!("/v1/slots/{slot}/bookings"), &headers, ONE).expect("an answer")
    };
    for attempt in 0..3 {
        let answer = book(&format!("alone-{attempt}"));
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(["no_leader", "outcome_unknown"].contains(&answer.text("code").as_str()), "{answer:?}");
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }
    // What it knew can still be looked at. A list would be short of what others may have made.
    let seen = ask(left, "GET", &format!("/v1/slots/{slot}"), &[], "").expect("an answer");
    assert_eq!(seen.status, 200, "{seen:?}");
    let list = ask(left, "GET", "/v1/slots", &[("X-Request-Timeout-Ms", "2000")], "").expect("an answer");
    assert_eq!((list.status, list.text("code").as_str()), (503, "no_leader"), "{list:?}");
    cluster.nodes[(leader + 1) % 3].start();
    // It is ready before it is heard: until then whoever asks hears at once that nobody leads, and asks again.
    let again = |attempt: usize| {
        let mut answer = book(&format!("alone-{attempt}"));
        wait_until("what was asked alone is done, with its key, once more", || {
            let is_done = answer.status == 201;
            if !is_done {
                assert_eq!(answer.status, 503, "{answer:?}");
                answer = book(&format!("alone-{attempt}"));
            }
            is_done
        });
        answer
    };
    let asked: Vec<_> = (0..3).map(again).collect();
    let mut once: Vec<_> = asked.iter().map(|answer| answer.json()["seq"].as_u64()).collect();
    once.sort_unstable();
    assert_eq!(once, [Some(2), Some(3), Some(4)], "each has one effect");
}

#[test]
fn a_node_whose_disk_was_wiped_is_refused_until_it_is_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let slot = make_slot(&cluster, &cluster.nodes[0]);
    let gone = cluster.number(&cluster.nodes[2]);
    cluster.nodes[2].stop();
    cluster.nodes[2].wipe();
    cluster.nodes[2].launch();
    let (code, said) = cluster.nodes[2].ended();
    assert_eq!(code, Some(73), "{said}");
    assert!(said.contains(&format!("boxctl remove {gone}")), "it says what to do: {said}");

    let path = format!("POST /admin/v1/nodes/{gone}/remove");
    let removed = cluster.ask_as(&cluster.nodes[1], "operator", &path, "", "");
    assert_eq!(removed.status, 200, "{removed:?}");
    cluster.nodes[2].start();
    wait_until("it votes again", || cluster.voters(&cluster.nodes[0]) == 3);
    assert_ne!(cluster.number(&cluster.nodes[2]), gone, "under a new number");
    let path = format!("POST /v1/slots/{slot}/bookings");
    let booked = cluster.ask_as(&cluster.nodes[2], "customer", &path, "k", ONE);
    assert_eq!(booked.status, 201, "{booked:?}");
    cluster.assert_all_agree();
}

#[test]
fn a_founder_whose_disk_is_lost_founds_no_second_cluster() {
    let folder = tempfile::tempdir().expect("a folder");
    // Its peers call it; then it can name them, too.
    for named in [false, true] {
        let place = folder.path().join(if named { "named" } else { "called" });
        std::fs::create_dir(&place).expect("a folder");
        a_founder_is_bereft(&mut TestCluster::open(&place), named);
    }
}

/// How many requests for bookings a node has answered.
fn booked(node: &Member) -> u64 {
    let Ok(metrics) = get(node.admin(), "/metrics") else { return 0 };
    let of_bookings =
        |line: &&str| line.starts_with("boxoffice_http_requests_total") && line.contains("/bookings\"");
    let counts = metrics.body.lines().filter(of_bookings);
    counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

fn a_founder_is_bereft(cluster: &mut TestCluster, named: bool) {
    let others = [1, 2].map(|other| cluster.nodes[other].machine().peer.to_string());
    let key = cluster.key();
    if named {
        cluster.nodes[0].configure_with(&key, &format!("bootstrap = true\npeers = {others:?}"));
    }
    let selling = sell(cluster.nodes[1].client(), &key, &["--customers=5000", "--rate=500/s", "--slots=6"]);
    // The drop makes its slots first, and does not ask twice for one.
    wait_until("it sells", || 500 < booked(&cluster.nodes[1]));
    cluster.nodes[0].kill();
    cluster.nodes[0].wipe();
    // Whatever starts processes that have ended starts it again.
    for attempt in 0..2 {
        cluster.nodes[0].launch();
        let (code, said) = cluster.nodes[0].ended_unready();
        assert_eq!(code, Some(73), "{named} {attempt}: {said}");
        assert!(said.contains("boxctl remove 1"), "{named} {attempt}: it says what to do: {said}");
    }
    // One that was called was there for two seconds; one that could ask was told at once.
    let misses = |node: &Member| cluster.problems(node).contains("node 1 is not at its address");
    wait_until("the others say so", || named || cluster.nodes[1..].iter().any(misses));
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{named}: {report}");

    let removed = cluster.ask_as(&cluster.nodes[1], "operator", "POST /admin/v1/nodes/1/remove", "", "");
    assert_eq!(removed.status, 200, "{removed:?}");
    if !named {
        cluster.nodes[0].configure_with(&key, &format!("join = {others:?}"));
    }
    cluster.nodes[0].start();
    wait_until("it votes again", || cluster.voters(&cluster.nodes[1]) == 3);
    assert_ne!(cluster.number(&cluster.nodes[0]), 1, "under a new number");
    cluster.assert_all_agree();
    assert_eq!(cluster.problems(&cluster.nodes[1]), "[]");
}

#[test]
fn a_node_that_waits_to_be_let_in_says_that_it_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = DevNode::open(&folder.path().join("issuer"));
    let mut node = Member::new(Machine::here(folder.path().join("1")));
    node.configure(&issuer.key(), Some(free_address()));
    node.launch();
    wait_until("it lives", || get(node.admin(), "/livez").is_ok_and(|answer| answer.status == 200));
    for path in ["/startupz", "/readyz", "/admin/v1/status"] {
        let answer = get(node.admin(), path).expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (503, "starting\n"), "{path}");
    }
}
