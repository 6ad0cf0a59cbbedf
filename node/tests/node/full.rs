//! Disks that fill up under real nodes: on one node, and under one of three and all of them. Root makes the disks.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::dev_node::{Answer, DevNode, ask, get};
use crate::machine::{Disk, Machine};
use crate::test_cluster::{TestCluster, wait_until};

const MIB: u64 = 1 << 20;
/// Less than the reserve, and more than the ballast.
const NEARLY_FULL: u64 = 200 * MIB;
const FULL: u64 = 0;
/// How long it may take to end by itself once there is space: the contract's word.
const SOON: Duration = Duration::from_secs(10);
const ONE: &str = r#"{"quantity":1}"#;
const HOLD: &str = r#"{"quantity":1,"mode":"hold"}"#;
const SLOT: &str = r#"{"title":"yoga","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":5000}}}"#;

/// Status and code, or what the booking is.
fn said(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let word = body["code"].as_str().or_else(|| body["status"].as_str()).unwrap_or_default();
    assert!(answer.status != 503 || answer.header("retry-after").is_some(), "{answer:?}");
    (answer.status, word.to_owned())
}

fn is(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

fn metric(node: &DevNode, name: &str) -> f64 {
    let metrics = get(node.admin, "/metrics").expect("an answer").body;
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name}: {metrics}"))
}

/// Waits until it is so, no longer than it may take.
#[expect(clippy::disallowed_methods, reason = "how soon is the contract's word")]
fn soon(what: &str, done: impl FnMut() -> bool) {
    let began = Instant::now();
    wait_until(what, done);
    assert!(began.elapsed() < SOON, "{what}: after {:?}", began.elapsed());
}

/// A node on a small disk, and who has been told what there.
struct Crowd {
    node: DevNode,
    disk: Disk,
    slot: String,
    asked: u32,
    acknowledged: Vec<String>,
}

impl Crowd {
    fn tell(&mut self, role: &str, what: &str, body: &str) -> Answer {
        self.asked += 1;
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let key = if method == "GET" { String::new() } else { format!("key-{}", self.asked) };
        self.node.ask_as(role, method, path, &key, body).expect("an answer")
    }

    fn book(&mut self, body: &str) -> Answer {
        let answer = self.tell("customer", &format!("POST /v1/slots/{}/bookings", self.slot), body);
        if answer.status == 201 {
            self.acknowledged.push(answer.text("id"));
        }
        answer
    }

    fn confirm(&mut self, booking: &str) -> Answer {
        self.tell("customer", &format!("POST /v1/bookings/{booking}/confirm"), "")
    }

    /// What goes on however full the disk is: reads, and that the node is ready. What is wrong is told.
    fn assert_read_and_told(&mut self, room: f64, why: &str) {
        let booking = self.acknowledged.last().expect("one at least").clone();
        for path in [format!("/v1/slots/{}", self.slot), format!("/v1/bookings/{booking}")] {
            assert_eq!(self.tell("customer", &format!("GET {path}"), "").status, 200, "{path}");
        }
        assert_eq!(get(self.node.admin, "/readyz").expect("an answer").status, 200, "reads go on");
        assert!((metric(&self.node, "boxoffice_storage_full") - room).abs() < 0.1);
        let bearer = format!("Bearer {}", self.node.token("operator"));
        let status = ask(self.node.admin, "GET", "/admin/v1/status", &[("Authorization", &bearer)], "");
        let status = status.expect("an answer").json();
        assert_eq!(status["healthy"], Value::Bool(false), "{status}");
        assert!(status["problems"][0].as_str().is_some_and(|problem| problem.contains(why)), "{status}");
    }

    /// There is space: soon everything is taken again, and nothing is missing that was acknowledged.
    fn assert_ends_by_itself(&mut self) {
        self.disk.relieve();
        soon("bookings are taken again", || self.book(ONE).status == 201);
        assert_eq!(self.tell("organizer", "POST /v1/slots", SLOT).status, 201);
        for booking in self.acknowledged.clone() {
            let read = self.tell("customer", &format!("GET /v1/bookings/{booking}"), "");
            assert_eq!(said(&read), is(200, "confirmed"), "{booking}");
        }
        assert!(metric(&self.node, "boxoffice_storage_full").abs() < 0.1);
        self.wait_for_ballast();
    }

    fn wait_for_ballast(&self) {
        wait_until("it is set aside again", || 1.0 < metric(&self.node, "boxoffice_disk_ballast_bytes"));
    }
}

#[test]
fn a_full_disk_takes_nothing_new_keeps_its_promises_and_ends_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = Disk::small(folder.path()) else { return };
    let node = DevNode::open(&disk.data());
    let slot = node.slot("a", 5_000);
    let mut crowd = Crowd { node, disk, slot, asked: 0, acknowledged: Vec::new() };
    assert_eq!(crowd.book(ONE).status, 201, "there is enough");

    // Below the reserve, and filled to the last byte at once.
    for free in [NEARLY_FULL, FULL] {
        let held = crowd.book(HOLD).text("id");
        crowd.disk.fill(free);
        soon("bookings are refused", || said(&crowd.book(ONE)) == is(503, "storage_full"));
        let patch = format!("PATCH /v1/slots/{}", crowd.slot);
        for (what, body) in [("POST /v1/slots", SLOT), (patch.as_str(), r#"{"title":"later"}"#)] {
            assert_eq!(said(&crowd.tell("organizer", what, body)), is(503, "storage_full"), "{what}");
        }
        assert_eq!(said(&crowd.confirm(&held)), is(200, "confirmed"), "a hold is a promise");
        crowd.assert_read_and_told(1.0, "nothing new is taken");
        crowd.assert_ends_by_itself();
    }

    // Whoever fills the disk does not stop there.
    let held = crowd.book(HOLD).text("id");
    crowd.disk.fill(FULL);
    wait_until("the ballast is given up", || metric(&crowd.node, "boxoffice_disk_ballast_bytes") < 1.0);
    wait_until("what that gave is used up too", || {
        // Again and again: the store may have given back something of its own.
        crowd.disk.fill(MIB);
        1.0 < metric(&crowd.node, "boxoffice_storage_full")
    });
    assert_eq!(said(&crowd.confirm(&held)), is(503, "storage_full"));
    crowd.assert_read_and_told(2.0, "only reads go on");
    crowd.disk.relieve();
    soon("confirms are taken again", || said(&crowd.confirm(&held)) == is(200, "confirmed"));
    soon("holds are taken again", || crowd.book(HOLD).status == 201);
    crowd.wait_for_ballast();

    // It is full in the moment in which the process dies: it comes back.
    let held = crowd.acknowledged.last().expect("the hold").clone();
    crowd.disk.fill(FULL);
    crowd.node.kill();
    crowd.node.start();
    assert_eq!(said(&crowd.book(ONE)), is(503, "storage_full"));
    assert_eq!(said(&crowd.confirm(&held)), is(200, "confirmed"), "the ballast was given up");
    crowd.assert_ends_by_itself();
}

#[test]
fn while_one_of_three_has_a_full_disk_the_others_sell_and_where_all_have_nobody_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let machines = (1..=3).map(|number: u8| Machine::on_small_disk(folder.path().join(number.to_string())));
    let Some(machines) = machines.collect::<Option<Vec<_>>>() else { return };
    let cluster = TestCluster::on(folder.path(), machines);
    let slot = cluster.ask_as(&cluster.nodes[0], "organizer", "POST /v1/slots", "slot", SLOT).text("id");
    let path = format!("POST /v1/slots/{slot}/bookings");
    let mut count = 0;
    let mut book = |place: usize, body: &str| {
        count += 1;
        cluster.ask_as(&cluster.nodes[place], "customer", &path, &format!("key-{count}"), body)
    };
    let confirm = |place: usize, booking: &str| {
        let path = format!("POST /v1/bookings/{booking}/confirm");
        cluster.ask_as(&cluster.nodes[place], "customer", &path, booking, "")
    };
    let full = cluster.leader();
    let held = book(full, HOLD).text("id");
    let disk = |place: usize| cluster.nodes[place].machine().disk();

    // Whoever leads gives that up, and the sale goes on, whoever is asked.
    disk(full).fill(FULL);
    soon("another leads", || cluster.leading(&cluster.nodes[full]) == 0);
    for place in 0..3 {
        soon("it sells", || book(place, ONE).status == 201);
    }
    assert_eq!(said(&confirm(full, &held)), is(200, "confirmed"));
    // To the last byte: it stands still, lives, and votes.
    disk(full).fill(FULL);
    soon("the others sell", || book((full + 1) % 3, ONE).status == 201);

    let held = book((full + 1) % 3, HOLD).text("id");
    for other in [1, 2] {
        disk((full + other) % 3).fill(NEARLY_FULL);
    }
    for place in 0..3 {
        soon("nobody sells", || said(&book(place, ONE)) == is(503, "storage_full"));
        let seen =
            cluster.ask_as(&cluster.nodes[place], "customer", &format!("GET /v1/slots/{slot}"), "", "");
        assert_eq!(seen.status, 200, "{seen:?}");
    }
    assert_eq!(said(&confirm((full + 2) % 3, &held)), is(200, "confirmed"), "a hold is a promise");

    disk(full).relieve();
    for place in 0..3 {
        soon("it sells again", || book(place, ONE).status == 201);
    }
    for other in [1, 2] {
        disk((full + other) % 3).relieve();
    }
    cluster.assert_all_agree();
}
