//! From one build to the next, and to the one after, while tickets are sold: each process is stopped and comes back as the next
//! build, whose records have another version. The built binary has the rules and the records of all, and stands for each.

use std::time::Duration;

use loadgen::report::Outcome;
use serde_json::{Value, json};

use crate::calendars::{courts, hour};
use crate::dev_node::Answer;
use crate::drop::sell;
use crate::test_cluster::{Member, TestCluster, wait_until};

/// The levels of five builds before, and of this one, whose rules are those of the one before.
const OLD: u32 = 1;
const NEW: u32 = 2;
const SEATS: u32 = 3;
const PRODUCTS: u32 = 4;
const CALENDARS: u32 = 5;
pub(crate) const OWN: u32 = 6;

/// A slot of four units of which somebody has three, and whose next customer waits for three.
struct Crowd {
    slot: String,
    served: Value,
    waits: Value,
}

impl Crowd {
    fn gather(cluster: &TestCluster, node: &Member) -> Self {
        let body = r#"{"title":"yoga","starts_at":"2090-01-01T00:00:00Z","ends_at":"2090-01-02T00:00:00Z","inventory":{"units":{"capacity":4}}}"#;
        let made = cluster.ask_as(node, "organizer", "POST /v1/slots", "crowd", body);
        assert_eq!(made.status, 201, "{made:?}");
        let slot = made.text("id");
        let book = |key: &str| {
            let line = format!("POST /v1/slots/{slot}/bookings");
            let body = format!(r#"{{"quantity":3,"customer":"{key}"}}"#);
            cluster.ask_as(node, "organizer", &line, key, &body).json()
        };
        let (served, waits) = (book("ada"), book("ben"));
        assert_eq!((&served["status"], &waits["status"]), (&"confirmed".into(), &"waitlisted".into()));
        Self { slot, served, waits }
    }
}

/// Makes a booking be for so many, as the organizer.
fn reduce(cluster: &TestCluster, node: &Member, key: &str, booking: &Value, quantity: u32) -> Answer {
    let line = format!("POST /v1/bookings/{}/quantity", booking["id"].as_str().expect("an id"));
    cluster.ask_as(node, "organizer", &line, key, &format!(r#"{{"quantity":{quantity}}}"#))
}

/// Keeps the map of a house, as the organizer.
fn keep_house(cluster: &TestCluster, node: &Member) -> Answer {
    let body = r#"{"categories":[{"key":"a"}],"sections":[{"key":"s","rows":[{"key":"A","seats":["1-9"],"category":"a"}]}]}"#;
    cluster.ask_as(node, "organizer", "POST /v1/seatmaps", "house", body)
}

/// What is new is put off, whoever is asked, until every node knows it.
fn put_off(ask: impl Fn() -> Answer) {
    let mut answer = None;
    wait_until("somebody leads", || {
        let said = ask();
        let leads = said.text("code") != "no_leader";
        answer = Some(said);
        leads
    });
    let answer = answer.expect("it was asked");
    assert_eq!((answer.status, answer.text("code").as_str()), (503, "overloaded"), "{answer:?}");
    assert!(answer.text("detail").starts_with("the cluster is being upgraded"), "{answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

#[test]
fn processes_are_upgraded_one_by_one_while_they_sell() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::at_level(folder.path(), OLD);
    let client = cluster.nodes[0].client();
    let crowd = Crowd::gather(&cluster, &cluster.nodes[0]);
    let selling = sell(client, &cluster.key(), &["--customers=6000", "--rate=400/s", "--slots=6"]);
    for place in [1, 2, 0] {
        std::thread::park_timeout(Duration::from_secs(2));
        let level = |node| cluster.level(node) == u64::from(OLD);
        assert!(cluster.nodes.iter().all(level), "not every node is upgraded");
        put_off(|| reduce(&cluster, &cluster.nodes[place], "fewer", &crowd.waits, 1));
        put_off(|| keep_house(&cluster, &cluster.nodes[place]));
        cluster.nodes[place].stop();
        cluster.nodes[place].becomes(Some(NEW));
        cluster.nodes[place].start();
    }
    wait_until("the level is raised", || {
        cluster.nodes.iter().all(|node| cluster.level(node) == u64::from(NEW))
    });
    assert!(!selling.is_finished(), "it was upgraded under load");
    // Of what was put off nobody has heard: the same key is as good as new.
    let mut fewer = None;
    wait_until("every group has followed", || {
        let answer = reduce(&cluster, &cluster.nodes[1], "fewer", &crowd.waits, 1);
        let is_done = answer.status == 200;
        fewer = Some(answer);
        is_done
    });
    let fewer = fewer.expect("it was asked");
    assert_eq!(
        (fewer.text("status").as_str(), &fewer.json()["quantity"]),
        ("confirmed", &1.into()),
        "{fewer:?}"
    );
    assert_eq!(fewer.header("idempotency-replayed"), None, "{fewer:?}");
    let mut house = None;
    wait_until("every group has followed", || {
        let answer = keep_house(&cluster, &cluster.nodes[2]);
        let is_kept = answer.status == 201;
        house = Some(answer);
        is_kept
    });
    let house = house.expect("it was asked");
    let how = ["--customers=2000", "--rate=400/s", "--slots=6", "--holds=40", "--fewer-percent=60"];
    let reducing = sell(client, &cluster.key(), &how);
    // Both versions are read when a process starts again.
    cluster.nodes[1].kill();
    cluster.nodes[1].start();
    for selling in [selling, reducing] {
        let report = selling.join().expect("the drop lives");
        assert_eq!(report.result, Outcome::Correct, "{report}");
    }
    cluster.assert_all_agree();
    stands(&cluster, &crowd, &fewer);
    for node in &cluster.nodes {
        let again = keep_house(&cluster, node);
        assert_eq!((again.status, &again.body), (201, &house.body), "{again:?}");
    }

    // There is no way back, and nothing is harmed by whoever tries.
    cluster.nodes[2].stop();
    cluster.nodes[2].becomes(Some(OLD));
    cluster.nodes[2].launch();
    let (code, said) = cluster.nodes[2].ended_unready();
    assert_eq!(code, Some(73), "{said}");
    assert!(said.contains("is at level 2 of the rules"), "{said}");
    cluster.nodes[2].becomes(Some(NEW));
    cluster.nodes[2].start();
    cluster.assert_all_agree();
    stands(&cluster, &crowd, &fewer);

    let map = house.text("id");
    for go_on in [goes_on_to_seats, goes_on_to_products, goes_on_to_calendars] {
        go_on(&mut cluster, &map);
        stands(&cluster, &crowd, &fewer);
    }
}

/// The next build sells numbered seats, from when every node is of it.
fn goes_on_to_seats(cluster: &mut TestCluster, map: &str) {
    let body = format!(
        r#"{{"title":"Hamlet","starts_at":"2090-01-01T00:00:00Z","ends_at":"2090-01-02T00:00:00Z","inventory":{{"seats":{{"map":"{map}"}}}}}}"#
    );
    let slot = goes_on(cluster, SEATS, &body);
    let booked = books(cluster, &slot, r#"{"customer":"eve","seats":["s/A/4","s/A/5"]}"#);
    assert_eq!(booked["seats"], json!(["s/A/4", "s/A/5"]));
}

/// The one after sells products for a price.
fn goes_on_to_products(cluster: &mut TestCluster, _map: &str) {
    let body = r#"{"title":"zoo","starts_at":"2090-01-01T00:00:00Z","ends_at":"2090-01-02T00:00:00Z","inventory":{"units":{"capacity":4}},"products":[{"key":"child"}],"prices":[{"amount":500}],"currency":"EUR"}"#;
    let slot = goes_on(cluster, PRODUCTS, body);
    let booked = books(cluster, &slot, r#"{"customer":"eve","lines":[{"product":"child","quantity":2}]}"#);
    assert_eq!((&booked["amount"], &booked["currency"]), (&1_000.into(), &"EUR".into()));
}

/// And the one after books ranges of time.
fn goes_on_to_calendars(cluster: &mut TestCluster, _map: &str) {
    let slot = goes_on(cluster, CALENDARS, &courts());
    let body = json!({"customer": "eve", "from": hour(9), "to": hour(10), "resource": "south"}).to_string();
    let booked = books(cluster, &slot, &body);
    assert_eq!((&booked["from"], &booked["resource"]), (&hour(9).into(), &"south".into()));
}

/// Every node becomes the build of this level, one after the other. What it brings is put off until the last one is: the slot that is
/// made then.
fn goes_on(cluster: &mut TestCluster, level: u32, body: &str) -> String {
    let key = format!("level-{level}");
    let make_slot = |cluster: &TestCluster, place: usize| {
        cluster.ask_as(&cluster.nodes[place], "organizer", "POST /v1/slots", &key, body)
    };
    for place in [2, 0, 1] {
        put_off(|| make_slot(cluster, place));
        cluster.nodes[place].stop();
        cluster.nodes[place].becomes((level < OWN).then_some(level));
        cluster.nodes[place].start();
    }
    wait_until("the level is raised", || {
        cluster.nodes.iter().all(|node| cluster.level(node) == u64::from(level))
    });
    let mut made = None;
    wait_until("every group has followed", || {
        let answer = make_slot(cluster, 1);
        let is_made = answer.status == 201;
        made = Some(answer);
        is_made
    });
    made.expect("it was asked").text("id")
}

/// Somebody books, and is answered the same by every node behind a `kill -9`.
fn books(cluster: &mut TestCluster, slot: &str, body: &str) -> Value {
    let line = format!("POST /v1/slots/{slot}/bookings");
    let book = |cluster: &TestCluster, place: usize| {
        cluster.ask_as(&cluster.nodes[place], "organizer", &line, "eve", body)
    };
    let booked = book(cluster, 0);
    assert_eq!(booked.status, 201, "{booked:?}");
    cluster.nodes[0].kill();
    cluster.nodes[0].start();
    for place in 0..cluster.nodes.len() {
        let again = book(cluster, place);
        assert_eq!((again.status, &again.body), (201, &booked.body), "{again:?}");
    }
    cluster.assert_all_agree();
    booked.json()
}

/// What was answered is answered again on every node, before the upgrade and after it.
fn stands(cluster: &TestCluster, crowd: &Crowd, fewer: &Answer) {
    for node in &cluster.nodes {
        let again = reduce(cluster, node, "fewer", &crowd.waits, 1);
        assert_eq!((again.status, &again.body), (200, &fewer.body), "{again:?}");
        for first in [&crowd.served, &crowd.waits] {
            let line = format!("POST /v1/slots/{}/bookings", crowd.slot);
            let customer = first["customer"].as_str().expect("a name");
            let body = format!(r#"{{"quantity":3,"customer":"{customer}"}}"#);
            let again = cluster.ask_as(node, "organizer", &line, customer, &body);
            assert_eq!(again.json(), *first, "as it was first");
        }
    }
}

#[test]
fn a_build_stands_for_no_other_whose_rules_it_does_not_have() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    assert!(
        cluster.nodes.iter().all(|node| cluster.level(node) == u64::from(OWN)),
        "it begins with the newest"
    );
    cluster.nodes[0].stop();
    cluster.nodes[0].becomes(Some(OWN + 1));
    cluster.nodes[0].launch();
    let (code, said) = cluster.nodes[0].ended_unready();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("does not have the rules of level 7"), "{said}");
}
