//! `kill -9` at any moment: everything that was acknowledged is there, and nothing is there twice.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use loadgen::report::Outcome;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::dev_node::{Answer, DevNode, answered, ask};
use crate::drop::{HOURS, PRODUCTS, SEATS, SEATS_OF_PRODUCTS, sell};

/// How often the process is killed.
const KILLS: usize = 100;
/// Customers that ask at the same time.
const ASKERS: usize = 4;

/// What one key was answered.
type Acknowledged = Mutex<BTreeMap<String, Answer>>;

#[test]
fn a_hundred_kills_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = DevNode::open(folder.path());
    let slot = node.slot("drop", 500);
    let acknowledged = Acknowledged::default();
    let next = AtomicUsize::new(0);
    let mut rng = SmallRng::seed_from_u64(7);

    for _ in 0..KILLS {
        let stop = AtomicBool::new(false);
        let answers = rng.random_range(1..60_usize);
        let (address, bearer) = (node.client, format!("Bearer {}", node.token("customer")));
        let path = format!("/v1/slots/{slot}/bookings");
        std::thread::scope(|scope| {
            for _ in 0..ASKERS {
                scope.spawn(|| {
                    while !stop.load(Ordering::Acquire) {
                        let key = format!("key-{}", next.fetch_add(1, Ordering::AcqRel));
                        if let Ok(answer) = book(address, &path, &bearer, &key) {
                            acknowledged.lock().expect("no panic").insert(key, answer);
                        }
                    }
                });
            }
            let enough = acknowledged.lock().expect("no panic").len() + answers;
            while acknowledged.lock().expect("no panic").len() < enough {
                std::thread::yield_now();
            }
            node.kill();
            stop.store(true, Ordering::Release);
        });
        node.start();
        let seen = node.ask("GET", &format!("/v1/slots/{slot}"), &[], "").expect("an answer").json();
        let seqs = |answer: &Answer| answer.json()["seq"].as_u64();
        let last = acknowledged.lock().expect("no panic").values().filter_map(seqs).max();
        assert!(last <= seen["seq"].as_u64(), "a node that is ready has caught up: {last:?}, {seen}");
        // Some of what was acknowledged is asked for again: the same answer, to the letter.
        let known: Vec<(String, Answer)> =
            acknowledged.lock().expect("no panic").clone().into_iter().collect();
        let bearer = format!("Bearer {}", node.token("customer"));
        for _ in 0..5 {
            let (key, first) = &known[rng.random_range(0..known.len())];
            let again = book(node.client, &path, &bearer, key).expect("the node is back");
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{key}");
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{key}");
        }
    }
    assert_everything_is_there(&node, &slot, &acknowledged.into_inner().expect("no panic"));

    let digests = node.digests();
    assert!(node.stop().success(), "SIGTERM drains");
    node.start();
    assert_eq!(node.digests(), digests, "RG-5: equal index, equal digest");
}

fn book(address: std::net::SocketAddr, path: &str, bearer: &str, key: &str) -> std::io::Result<Answer> {
    let headers = [("Authorization", bearer), ("Content-Type", "application/json"), ("Idempotency-Key", key)];
    ask(address, "POST", path, &headers, r#"{"quantity":1}"#)
}

/// Every acknowledged booking is in the feed at its seq, the feed has no gap, and no booking is made twice.
fn assert_everything_is_there(node: &DevNode, slot: &str, acknowledged: &BTreeMap<String, Answer>) {
    let mut made = BTreeMap::new();
    let mut after = 0;
    loop {
        let path = format!("/v1/slots/{slot}/feed?after={after}&limit=200");
        let page = node.ask_as("organizer", "GET", &path, "", "").expect("an answer").json();
        for record in page["items"].as_array().expect("records") {
            after += 1;
            assert_eq!(record["seq"], after, "BK-6: no gap");
            for booking in record["bookings"].as_array().expect("bookings") {
                let id = booking["id"].as_str().expect("an id").to_owned();
                assert_eq!(made.insert(id, after), None, "BK-5: made once");
            }
        }
        if page["next"].is_null() {
            break;
        }
    }
    for (key, answer) in acknowledged {
        assert_eq!(made.get(&answer.text("id")).copied(), answer.json()["seq"].as_u64(), "{key}: {answer:?}");
    }
    assert!(KILLS <= acknowledged.len());
}

/// A drop with cancellations and repeated requests, in which the node is killed again and again; the witness knows
/// nothing of it but the answers.
#[test]
fn a_drop_with_kills_in_the_middle_is_correct() {
    kill_while_it_sells(&["--slots=3"]);
}

#[test]
fn a_drop_of_seats_with_kills_in_the_middle_is_correct() {
    kill_while_it_sells(SEATS);
}

#[test]
fn a_drop_of_hours_with_kills_in_the_middle_is_correct() {
    kill_while_it_sells(HOURS);
}

#[test]
fn products_and_what_they_cost_survive_it_too() {
    kill_while_it_sells(PRODUCTS);
    kill_while_it_sells(SEATS_OF_PRODUCTS);
}

fn kill_while_it_sells(what: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = DevNode::open(folder.path());
    let how = [&["--customers=3000", "--rate=1000/s"], what].concat();
    let selling = sell(node.client, &node.key(), &how);
    let mut rng = SmallRng::seed_from_u64(8);
    while !selling.is_finished() {
        let enough = answered(node.admin) + rng.random_range(200..900_u64);
        while answered(node.admin) < enough && !selling.is_finished() {
            std::thread::yield_now();
        }
        if !selling.is_finished() {
            node.kill();
            node.start();
        }
    }
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
}
