//! A leader that was paused, and wakes when another has long led in its place: whoever reads there reads nothing that is no
//! longer so (P7).
//!
//! That it believes an answer from before its pause takes an unlucky order of what has come meanwhile; the simulation has it
//! in that order (`a_leader_that_wakes_up_takes_no_old_answer_for_a_new_one`), here it is given many chances.

use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::dev_node::{Answer, ask};
use crate::test_cluster::{TestCluster, wait_until};

const SLOTS: usize = 6;
const PAUSES: usize = 3;
/// Who books, side by side.
const BOOKERS: usize = 4;
/// Who reads each slot, side by side, at the node that wakes up; and how often each of them is answered.
const READERS: usize = 3;
const READS: usize = 10;

/// A slot, and the highest seq of it that anybody was told.
struct Sold {
    id: String,
    told: AtomicU64,
}

/// What a sale's threads share.
struct Sale<'t> {
    cluster: &'t TestCluster,
    slots: Vec<Sold>,
    /// The place of the node that nobody books at; it changes when nobody waits for an answer.
    victim: RwLock<usize>,
    is_over: AtomicBool,
}

impl Sale<'_> {
    /// Books at whichever node is not the victim, until it is over.
    fn book(&self, booker: usize) {
        let bearer = self.cluster.bearer("customer");
        for number in 0.. {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let slot = &self.slots[number % SLOTS];
            let victim = self.victim.read().expect("nobody panics");
            let node = (*victim + 1 + booker % 2) % 3;
            let key = format!("{booker}-{number}");
            let headers = [
                ("Authorization", bearer.as_str()),
                ("Content-Type", "application/json"),
                ("Idempotency-Key", key.as_str()),
            ];
            let path = format!("/v1/slots/{}/bookings", slot.id);
            let answer = ask(self.cluster.nodes[node].client(), "POST", &path, &headers, r#"{"quantity":1}"#);
            if let Ok(answer) = answer.as_ref().map(Answer::json)
                && let Some(seq) = answer["seq"].as_u64()
            {
                slot.told.fetch_max(seq, Ordering::SeqCst);
            }
        }
    }

    /// Reads a slot at a node, again and again; what was read that was older than what had been told before it was asked.
    fn read(&self, node: usize, slot: &Sold) -> Vec<String> {
        let path = format!("/v1/slots/{}?consistency=linearizable", slot.id);
        let (mut old, mut read) = (Vec::new(), 0);
        while read < READS {
            let told = slot.told.load(Ordering::SeqCst);
            let Ok(answer) = ask(self.cluster.nodes[node].client(), "GET", &path, &[], "") else { continue };
            if answer.status != 200 {
                continue;
            }
            read += 1;
            let seq = answer.json()["seq"].as_u64().expect("a number");
            if seq < told {
                old.push(format!("seq {told} had been told, and then {seq} was read"));
            }
        }
        old
    }

    /// The leader of most groups is paused until all is sold elsewhere, and wakes while it is asked; what was read there that
    /// was old.
    fn pause_the_leader(&self) -> Vec<String> {
        let victim = self.cluster.leader();
        *self.victim.write().expect("nobody panics") = victim;
        let node = &self.cluster.nodes[victim];
        node.signal("STOP");
        let told = || self.slots.iter().map(|slot| slot.told.load(Ordering::SeqCst));
        let before: Vec<u64> = told().collect();
        wait_until("another leads", || told().zip(&before).all(|(now, before)| before + 9 < now));
        std::thread::scope(|scope| {
            let readers = self.slots.iter().cycle().take(READERS * SLOTS);
            let readers: Vec<_> = readers.map(|slot| scope.spawn(|| self.read(victim, slot))).collect();
            node.signal("CONT");
            readers.into_iter().flat_map(|reader| reader.join().expect("it only reads")).collect()
        })
    }
}

#[test]
fn a_leader_that_wakes_up_reads_nothing_that_is_no_longer_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let make = |number| {
        let body = format!(
            r#"{{"title":"slot","placement":"{number}","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{{"units":{{"capacity":1000000}}}}}}"#
        );
        let made = cluster.ask_as(
            &cluster.nodes[0],
            "organizer",
            "POST /v1/slots",
            &format!("slot-{number}"),
            &body,
        );
        Sold { id: made.text("id"), told: AtomicU64::new(1) }
    };
    let slots = (0..SLOTS).map(make).collect();
    let (victim, is_over) = (RwLock::new(0), AtomicBool::new(false));
    let sale = Sale { cluster: &cluster, slots, victim, is_over };
    let old = std::thread::scope(|scope| {
        for booker in 0..BOOKERS {
            let sale = &sale;
            scope.spawn(move || sale.book(booker));
        }
        let old: Vec<String> = (0..PAUSES).flat_map(|_pause| sale.pause_the_leader()).collect();
        sale.is_over.store(true, Ordering::SeqCst);
        old
    });
    assert!(old.is_empty(), "P7: {old:#?}");
    cluster.assert_all_agree();
}
