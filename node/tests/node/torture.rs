//! What real machines go through while a drop is sold: power that fails everywhere at once, networks that carry one way only,
//! disks that stall, processes that are killed, paused and stopped, leaders that move, certificates that are renewed. The witness
//! judges all of it, and what was sold is restored from a backup.
//!
//! `make torture SECONDS=600 SEED=7` goes on for longer.

use std::ops::Range;
use std::process::{Child, Command};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use loadgen::report::Outcome;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::authority::{Authority, come_together, ends};
use crate::backups::rehearse;
use crate::dev_node::{answered, terminate};
use crate::drop::{HOURS, PRODUCTS, SEATS, SEATS_OF_PRODUCTS, sell};
use crate::machine::Lan;
use crate::test_cluster::{Member, TestCluster, come_up, wait_until};

/// How long the cluster is tortured, in seconds, and the number from which everything that comes follows.
const SECONDS: &str = "BOXOFFICE_TORTURE_SECONDS";
const SECONDS_DEFAULT: u64 = 20;
const SEED: &str = "BOXOFFICE_SEED";
/// What is sold, in turn.
const UNITS: &[&str] = &["--slots=6", "--holds=30", "--fewer-percent=30"];
/// The calls by which a process asks for durability.
const SYNCS: &str = "fsync,fdatasync,sync_file_range";
/// When the first certificates end; those that are given later end later.
const FIRST_YEAR: i32 = 2080;
/// How long a fault lasts, and how long it is quiet afterwards.
const FAULT_MS: Range<u64> = 200..2_000;
const QUIET_MS: Range<u64> = 200..1_500;

/// Whether disks keep what they say they keep.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Disks {
    Honest,
    Lying,
}

/// Everybody has a disk, and the power fails everywhere at once in the middle of a drop, twice. Nothing at all where this
/// machine cannot cut power.
fn power_fails_everywhere(disks: Disks) -> Option<Result<(), String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (_lan, machines) = Lan::found(folder.path())?;
    let mut cluster = TestCluster::on(folder.path(), machines);
    let client = cluster.nodes[0].client();
    let selling = sell(
        client,
        &cluster.key(),
        &["--customers=4000", "--rate=1000/s", "--slots=4", "--holds=30", "--fewer-percent=30"],
    );
    for _ in 0..2 {
        let mut liars = Vec::new();
        if disks == Disks::Lying {
            liars = cluster.nodes.iter().map(|node| intercept(node.pid(), "retval=0")).collect();
        }
        let admin = cluster.nodes[0].admin();
        let enough = answered(admin) + 800;
        wait_until("the drop goes on", || enough <= answered(admin) || selling.is_finished());
        let back = power_fails(&mut cluster.nodes, Duration::ZERO);
        liars.into_iter().for_each(end);
        if back.is_err() {
            return Some(back);
        }
    }
    let report = selling.join().expect("the drop lives");
    Some(if report.result == Outcome::Correct {
        cluster.assert_all_agree();
        Ok(())
    } else {
        Err(report.to_string())
    })
}

#[test]
fn nothing_acknowledged_is_missing_when_the_power_fails_everywhere() {
    if let Some(outcome) = power_fails_everywhere(Disks::Honest) {
        outcome.unwrap_or_else(|why| panic!("{why}"));
    }
}

/// The test above can fail.
#[test]
fn disks_that_lie_are_found_out_when_the_power_fails_everywhere() {
    if let Some(outcome) = power_fails_everywhere(Disks::Lying) {
        outcome.expect_err("what was never on a disk cannot be there");
    }
}

#[test]
fn a_sale_goes_on_while_the_network_carries_one_way_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((lan, machines)) = Lan::found(folder.path()) else { return };
    let cluster = TestCluster::on(folder.path(), machines);
    let asked = (cluster.leader() + 1) % 3;
    let how = ["--customers=5000", "--rate=500/s", "--slots=6"];
    let selling = sell(cluster.nodes[asked].client(), &cluster.key(), &how);
    let mut cuts = 0;
    while !selling.is_finished() {
        let leader = cluster.leader();
        let others = [(leader + 1) % 3, (leader + 2) % 3];
        for other in others.into_iter().take(1 + cuts % 2) {
            // The leader is not heard, then it hears nothing.
            let (from, to) = if cuts % 4 < 2 { (leader, other) } else { (other, leader) };
            lan.cut_one_way(from, to);
        }
        park_timeout(Duration::from_millis(1_500));
        lan.heal();
        park_timeout(Duration::from_millis(500));
        cuts += 1;
    }
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
    assert!(3 < cuts, "it was cut {cuts} times");
    cluster.assert_all_agree();
}

#[test]
fn a_cluster_stands_whatever_comes() {
    let number =
        |name, default| std::env::var(name).map_or(default, |text| text.parse::<u64>().expect("a number"));
    let mut rng = SmallRng::seed_from_u64(number(SEED, 1));
    let until = now() + Duration::from_secs(number(SECONDS, SECONDS_DEFAULT));
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let (cluster, lan) = match Lan::found(folder.path()) {
        Some((lan, machines)) => (TestCluster::at_rest_on(folder.path(), machines), Some(lan)),
        None => (TestCluster::at_rest(folder.path()), None),
    };
    let mut tortured =
        Tortured { cluster: come_together(cluster, &authority), lan, authority, year: FIRST_YEAR };
    for what in [UNITS, SEATS, PRODUCTS, SEATS_OF_PRODUCTS, HOURS].into_iter().cycle() {
        if until <= now() {
            break;
        }
        let asked = rng.random_range(0..3_usize);
        let how = [&["--customers=4000", "--rate=500/s"], what].concat();
        let cluster = &tortured.cluster;
        let selling = sell(cluster.nodes[asked].client(), &cluster.key(), &how);
        while !selling.is_finished() {
            let fault = Fault::any(tortured.lan.as_ref(), &mut rng);
            let (place, lasts) = (rng.random_range(0..3), Duration::from_millis(rng.random_range(FAULT_MS)));
            tortured.suffer(fault, place, lasts);
            park_timeout(Duration::from_millis(rng.random_range(QUIET_MS)));
        }
        let report = selling.join().expect("the drop lives");
        assert_eq!(report.result, Outcome::Correct, "{report}");
        tortured.cluster.assert_all_agree();
    }
    rehearse(&tortured.cluster, folder.path());
}

/// Three nodes that go through it.
struct Tortured {
    cluster: TestCluster,
    lan: Option<Lan>,
    authority: Authority,
    /// When the certificate ends that was given last.
    year: i32,
}

/// What comes; all but the first five take a network of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Kill,
    Pause,
    Stop,
    LeaderMoves,
    Renewal,
    OneWay,
    Alone,
    SlowDisk,
    PowerOfOne,
    PowerOfAll,
}

impl Fault {
    const ALL: [Self; 10] = [
        Self::Kill,
        Self::Pause,
        Self::Stop,
        Self::LeaderMoves,
        Self::Renewal,
        Self::OneWay,
        Self::Alone,
        Self::SlowDisk,
        Self::PowerOfOne,
        Self::PowerOfAll,
    ];

    /// One of those that are possible.
    fn any(lan: Option<&Lan>, rng: &mut SmallRng) -> Self {
        let possible = if lan.is_some() { &Self::ALL[..] } else { &Self::ALL[..5] };
        *possible.choose(rng).expect("there are some")
    }
}

impl Tortured {
    /// A fault befalls the node at a place for a while, and is over.
    fn suffer(&mut self, fault: Fault, place: usize, lasts: Duration) {
        let others = [(place + 1) % 3, (place + 2) % 3];
        let Self { cluster, lan, .. } = self;
        let node = &mut cluster.nodes[place];
        match (fault, lan) {
            (Fault::Kill, _) => {
                node.kill();
                park_timeout(lasts);
                node.start();
            }
            (Fault::Pause, _) => {
                node.signal("STOP");
                park_timeout(lasts);
                node.signal("CONT");
            }
            (Fault::Stop, _) => {
                node.stop();
                park_timeout(lasts);
                node.start();
            }
            (Fault::LeaderMoves, _) => {
                self.move_leader(place, others[0]);
                park_timeout(lasts);
            }
            (Fault::Renewal, _) => {
                self.renew(place);
                park_timeout(lasts);
            }
            (Fault::OneWay, Some(lan)) => {
                lan.cut_one_way(place, others[0]);
                park_timeout(lasts);
                lan.heal();
            }
            (Fault::Alone, Some(lan)) => {
                for other in others {
                    lan.cut_one_way(place, other);
                    lan.cut_one_way(other, place);
                }
                park_timeout(lasts);
                lan.heal();
            }
            (Fault::SlowDisk, _) => {
                let slowing = intercept(node.pid(), "delay_enter=200000");
                park_timeout(lasts);
                end(slowing);
            }
            (Fault::PowerOfOne, _) => power_fails(std::slice::from_mut(node), lasts).expect("it comes up"),
            (Fault::PowerOfAll, _) => power_fails(&mut cluster.nodes, lasts).expect("all come up"),
            (Fault::OneWay | Fault::Alone, None) => unreachable!("it takes a lan"),
        }
    }

    /// Whoever leads the group of this number shall not, but the node at `to`, if nothing is in the way of that.
    fn move_leader(&self, group: usize, to: usize) {
        let cluster = &self.cluster;
        let led = cluster.groups(&cluster.nodes[to], "/admin/v1/groups")[group].clone();
        let body = format!(
            r#"{{"node":{},"expected_leader":{},"expected_term":{}}}"#,
            cluster.number(&cluster.nodes[to]),
            led["leader"],
            led["term"]
        );
        let path = format!("POST /admin/v1/groups/{group}/leader");
        let answer = cluster.ask_as(&cluster.nodes[to], "operator", &path, "", &body);
        // Nobody may lead at the moment, or another than was believed.
        assert!([200, 409, 422, 503].contains(&answer.status), "{answer:?}");
    }

    /// A node shows its peers another certificate.
    fn renew(&mut self, place: usize) {
        let node = &self.cluster.nodes[place];
        let before = ends(node);
        self.year += 1;
        let number = self.cluster.number(node);
        self.authority.certify(node, &format!("node/{number}"), self.year);
        wait_until("the certificate is in force", || ends(node) > before);
    }
}

/// These nodes lose power in the same moment, and come up again; what one said that did not.
fn power_fails(nodes: &mut [Member], lasts: Duration) -> Result<(), String> {
    // The processes first. A disk that is shut down may call the sync under way done although it never will be (Linux 6.18), and
    // nobody must be told of that: where the power is gone, nobody is told anything.
    for node in &*nodes {
        node.signal("KILL");
    }
    nodes.iter_mut().for_each(Member::kill);
    for node in &*nodes {
        node.machine().lose_power();
    }
    park_timeout(lasts);
    for node in &mut *nodes {
        node.machine().switch_on();
        node.launch();
    }
    come_up(nodes)
}

/// From now on a process's syncs are interfered with, in strace's words.
fn intercept(pid: u32, how: &str) -> Child {
    let (calls, inject) = (format!("trace={SYNCS}"), format!("inject={SYNCS}:{how}"));
    let pid = pid.to_string();
    let words = ["-f", "-qq", "-o", "/dev/null", "-e", &calls, "-e", &inject, "-p", &pid];
    let tracer = Command::new("strace").args(words).spawn().expect("strace is installed");
    wait_until("it is traced", || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|by| by.trim() != "0"))
    });
    tracer
}

/// No longer.
fn end(mut tracer: Child) {
    terminate(&tracer);
    tracer.wait().expect("a child");
}

#[expect(clippy::disallowed_methods, reason = "how long it goes on is for whoever asked to say")]
fn now() -> Instant {
    Instant::now()
}
