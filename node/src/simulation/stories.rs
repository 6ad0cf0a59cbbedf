//! Named tests: a leader that is handed over, one that is paused, one that hears old answers when it wakes, a clock that jumps a day, one that is a day ahead when a leader is elected, an upgrade
//! from one level to the next, a founder that lost its disk.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use booking::{Level, stored};
use cluster::{Role, codec};
use futures::join;
use tokio::time::sleep;

use super::scene::{Scene, told, told_from};
use super::*;
use crate::saved::{BOOKING, PAST, RECEIPT};

/// How long a hold lasts in these stories, in seconds and in milliseconds.
const HELD: &str = r#"{"hold_seconds":6}"#;
const HELD_MS: u64 = 6_000;
/// How much later than at its deadline a hold has lapsed everywhere, in milliseconds.
const SOON_MS: u64 = 500;
const DAY_MS: i64 = 86_400_000;
/// The level of a build before, and of the one that followed, from which on quantities change.
const BEFORE: Level = Level(1);
const AFTER: Level = Level(2);

/// True time: milliseconds since 1970.
fn now_ms() -> u64 {
    let now = turmoil::since_epoch().expect("in a simulation").as_millis();
    u64::try_from(now).expect("a few billions")
}

/// A hold that was made just now ends when it should.
fn lasts_as_promised(booking: &Booking) {
    let until_ms = booking.expires_at.expect("a hold").as_ms();
    assert!(until_ms.abs_diff(now_ms() + HELD_MS) < SOON_MS, "{booking:?} at {}", now_ms());
}

/// A hold lapsed once, when it should, alone or with others.
async fn lapsed_in_time(scene: &Scene, host: &Host, hold: &Booking) {
    let deadline_ms = hold.expires_at.expect("a hold").as_ms();
    let feed = scene.feed(host, &hold.slot).await;
    assert!(feed.is_sorted_by_key(|record| record.at), "RG-4: {feed:?}");
    let of_it = |record: &&Record| record.bookings.iter().any(|booking| booking.id == hold.id);
    let lapsed: Vec<_> = feed.iter().filter(|record| record.kind == Kind::Lapsed).filter(of_it).collect();
    assert_eq!(lapsed.len(), 1, "{feed:?}");
    assert!(lapsed[0].at.as_ms().abs_diff(deadline_ms) < SOON_MS, "{lapsed:?}, not at {deadline_ms}");
}

fn kinds(feed: &[Record]) -> Vec<Kind> {
    feed.iter().map(|record| record.kind).collect()
}

#[test]
fn a_paused_leader_that_wakes_up_expires_nothing_that_the_log_does_not() {
    told(1, |scene| async move {
        let slot = scene.slot(&scene.hosts[0], HELD).await;
        scene.sale.resting.set(true);
        sleep(Duration::from_secs(1)).await;
        let leader = scene.leader(&slot).expect("nothing has gone wrong");
        let ada = scene.hold(&leader, &slot, "ada").await;
        let ben = scene.hold(&leader, &slot, "ben").await;
        let deadline_ms = ben.expires_at.expect("a hold").as_ms();

        let status = || leader.group(&slot, cluster::Group::status).expect("it lives");
        let awake = status();
        scene.pause(&leader);
        let next = scene.another_leads(&slot, &leader).await;
        let confirmed = scene.confirm(&next, &ada, "ada").await;
        assert_eq!(confirmed.status, Status::Confirmed);
        assert!(now_ms() < ada.expires_at.expect("a hold").as_ms(), "in time");
        scene.until(|| deadline_ms + SOON_MS < now_ms()).await;
        let asleep = status();
        assert_eq!(
            (asleep.role, asleep.term),
            (Role::Candidate, awake.term),
            "it has heard of no other leader, and of nobody who follows it"
        );
        assert_eq!(
            (asleep.last, asleep.applied),
            (awake.last, awake.applied),
            "but it has put nothing into its log"
        );
        assert_eq!(scene.booking(&next, &ben).await.status, Status::Expired);

        scene.sale.resting.set(false);
        scene.release(&leader);
        scene.until(|| status().role == Role::Follower).await;
        for host in &scene.hosts {
            assert_eq!(scene.booking(host, &ada).await.status, Status::Confirmed, "{}", host.name);
            assert_eq!(scene.booking(host, &ben).await.status, Status::Expired, "{}", host.name);
            let feed = scene.feed(host, &slot).await;
            let want = [Kind::SlotCreated, Kind::Booked, Kind::Booked, Kind::Confirmed, Kind::Lapsed];
            assert_eq!(kinds(&feed), want, "{}", host.name);
            assert_eq!(feed[4].bookings.len(), 1, "ben's alone");
        }
        scene.sale.wait_until_all_agree().await;
    });
}

const ONE: &str = r#"{"quantity":1}"#;
/// A group whose leader was lost has nobody for at least so long, in milliseconds: until the others notice.
const NOTICED_MS: u128 = 300;

#[test]
fn a_leader_is_handed_over_at_once_and_everyone_who_asks_meanwhile_is_answered() {
    for seed in 1..4 {
        told(seed, |scene| async move { handed_over(&scene).await });
    }
}

async fn handed_over(scene: &Scene) {
    scene.until(|| scene.all(all_vote)).await;
    let slot = scene.slot(&scene.hosts[0], HELD).await;
    let leader = scene.leader(&slot).expect("nothing has gone wrong");
    let others: Vec<_> = scene.others(&leader).cloned().collect();
    let next = others[0].look(cluster::Cluster::node).expect("it lives");
    let (group, status) = leader.group(&slot, |group| (group.id(), group.status())).expect("it lives");
    let wanted =
        cluster::HandOver { group, to: next, leader: status.leader.expect("it leads"), term: status.term };
    let moved = async {
        let ask =
            |router: crate::router::Router| async move { router.shards().cluster().hand_over(wanted).await };
        others[1].on_node(ask).await.expect("it answers").expect("nothing speaks against it")
    };
    // Those who ask the one that leads, and the one that will.
    let line = format!("POST /v1/slots/{slot}/bookings");
    let ask = async |host: &Host, after_ms| {
        sleep(Duration::from_millis(after_ms)).await;
        let answer = scene.ask_once(host, &line, "ada", &scene.key(), ONE).await;
        answer.expect("nobody hangs up").status
    };
    let customers = (0..20).map(|count| ask(if count % 2 == 0 { &leader } else { &others[0] }, 10 * count));
    let (moved, answers) = join!(moved, futures::future::join_all(customers));
    assert!(answers.iter().all(|status| *status < 500), "{answers:?}");
    assert!(status.term < moved.term && moved.unanswered.as_millis() < NOTICED_MS, "{moved:?}");
    let now = others[0].group(&slot, cluster::Group::status).expect("it lives");
    assert_eq!((now.role, now.term), (Role::Leader, moved.term));
}

/// Longer than a sync and the way of a message.
const ARRIVED: Duration = Duration::from_millis(50);

#[test]
fn a_leader_that_wakes_up_takes_no_old_answer_for_a_new_one() {
    // In either order: the first answer commits an entry, of which the leader tells the other follower at once.
    for first in 0..2 {
        told(5, |scene| async move { old_answers_come(&scene, first).await });
    }
}

async fn old_answers_come(scene: &Scene, first: usize) {
    scene.until(|| scene.all(all_vote)).await;
    let slot = scene.slot(&scene.hosts[0], HELD).await;
    scene.sale.resting.set(true);
    sleep(Duration::from_secs(1)).await;
    let leader = scene.leader(&slot).expect("nothing has gone wrong");
    let others: Vec<_> = scene.others(&leader).cloned().collect();
    let status = |host: &Host| host.group(&slot, cluster::Group::status).expect("it lives");
    let before = status(&leader);
    for other in &others {
        leader.late.begin(other.address);
    }
    let meanwhile = async {
        scene.until(|| others.iter().all(|other| before.last < status(other).last)).await;
        sleep(ARRIVED).await;
        scene.pause(&leader);
        let next = scene.another_leads(&slot, &leader).await;
        let told = scene.hold(&next, &slot, "ben").await.seq;

        let wakes_up = async {
            for other in [first, 1 - first] {
                sleep(ARRIVED).await;
                assert_eq!(status(&leader).term, before.term, "it has heard of no other");
                leader.late.end(others[other].address);
            }
            sleep(ARRIVED).await;
            assert!(before.last < status(&leader).applied, "the answers have come");
            scene.release(&leader);
        };
        let (read, ()) = join!(scene.look(&leader, &slot), wakes_up);
        assert!(told <= read.seq, "P7: seq {told} had been told, and then seq {} was read", read.seq);
    };
    let (held, ()) = join!(scene.hold(&leader, &slot, "ada"), meanwhile);
    assert_eq!(held.status, Status::Held);
    scene.sale.resting.set(false);
}

#[test]
fn a_wall_clock_that_jumps_a_day_ends_no_hold_early_and_none_late() {
    for jump_ms in [DAY_MS, -DAY_MS] {
        told(2, |scene| async move { a_clock_jumps(&scene, jump_ms).await });
    }
}

async fn a_clock_jumps(scene: &Scene, jump_ms: i64) {
    let slot = scene.slot(&scene.hosts[0], HELD).await;
    let leader = scene.leader(&slot).expect("nothing has gone wrong");
    let ada = scene.hold(&leader, &slot, "ada").await;
    let ben = scene.hold(&leader, &slot, "ben").await;
    watch::note(format!("the clock of {} jumps by {jump_ms} ms", leader.name));
    leader.skew_ms.store(jump_ms, Ordering::Relaxed);
    lasts_as_promised(&scene.hold(&leader, &slot, "cleo").await);

    let deadline_ms = ada.expires_at.expect("a hold").as_ms();
    scene.until(|| deadline_ms < now_ms() + SOON_MS).await;
    assert_eq!(scene.booking(&leader, &ben).await.status, Status::Held, "it has half a second");
    assert_eq!(scene.confirm(&leader, &ada, "ada").await.status, Status::Confirmed, "P4");
    let deadline_ms = ben.expires_at.expect("a hold").as_ms();
    scene.until(|| deadline_ms + SOON_MS < now_ms()).await;
    assert_eq!(scene.booking(&leader, &ben).await.status, Status::Expired);

    // Who leads next has a clock that is right, and goes on from the last stamp.
    scene.crash(std::slice::from_ref(&leader), 2_000).await;
    let next = scene.another_leads(&slot, &leader).await;
    lasts_as_promised(&scene.hold(&next, &slot, "dora").await);
    leader.skew_ms.store(0, Ordering::Relaxed);
    lapsed_in_time(scene, &next, &ben).await;
}

#[test]
fn a_node_that_is_a_day_ahead_lets_another_lead() {
    // Whom an election chooses follows from the seed: one of both followers.
    for follower in 0..2 {
        told(4, |scene| async move { a_node_is_ahead(&scene, follower).await });
    }
}

async fn a_node_is_ahead(scene: &Scene, follower: usize) {
    scene.until(|| scene.all(all_vote)).await;
    let slot = scene.slot(&scene.hosts[0], HELD).await;
    let leader = scene.leader(&slot).expect("nothing has gone wrong");
    let ahead = scene.others(&leader).nth(follower).expect("two follow");
    let leads = || ahead.group(&slot, cluster::Group::leads) == Some(true);
    watch::note(format!("the clock of {} is a day ahead", ahead.name));
    ahead.skew_ms.store(DAY_MS, Ordering::Relaxed);
    let ada = scene.hold(&leader, &slot, "ada").await;
    let ben = scene.hold(&leader, &slot, "ben").await;

    let in_its_place = async {
        let next = scene.another_leads(&slot, &leader).await;
        lasts_as_promised(&scene.hold(&next, &slot, "cleo").await);
    };
    join!(scene.crash(std::slice::from_ref(&leader), 2_000), in_its_place);
    let deadline_ms = ada.expires_at.expect("a hold").as_ms();
    scene.until(|| deadline_ms < now_ms() + SOON_MS).await;
    assert!(!leads(), "it is ahead");
    assert_eq!(scene.booking(&leader, &ben).await.status, Status::Held, "it has half a second");
    assert_eq!(scene.confirm(&leader, &ada, "ada").await.status, Status::Confirmed, "P4");
    let deadline_ms = ben.expires_at.expect("a hold").as_ms();
    scene.until(|| deadline_ms + SOON_MS < now_ms()).await;
    lapsed_in_time(scene, &leader, &ben).await;

    ahead.skew_ms.store(0, Ordering::Relaxed);
    while !leads() {
        match scene.leader(&slot) {
            Some(leader) => scene.crash(&[leader], 1_500).await,
            None => sleep(Duration::from_millis(100)).await,
        }
    }
    lasts_as_promised(&scene.hold(ahead, &slot, "dora").await);
    assert!(leads(), "its clock is right");
}

#[test]
fn nodes_are_upgraded_one_by_one_while_they_sell() {
    let report = told_from(BEFORE, 3, |scene| async move {
        let hosts = &scene.hosts;
        let (last, first) = hosts.split_last().expect("three");
        let slot = scene.slot(last, HELD).await;
        let ada = scene.book(last, &slot, "ada", 3).await;
        let ben = scene.book(last, &slot, "ben", 3).await;
        assert_eq!((ada.status, ben.status), (Status::Confirmed, Status::Waitlisted));
        for (place, host) in first.iter().enumerate() {
            sleep(Duration::from_secs(1)).await;
            upgrade(&scene, host, AFTER).await;
            if place == 0 {
                passed_on(&scene, host).await;
            }
            for host in &first[..=place] {
                put_off(&scene, host, &ben).await;
            }
        }
        passed_on(&scene, last).await;
        assert!(scene.all(|cluster| of_level(cluster, BEFORE)), "in every group");
        assert!(
            !hosts.iter().any(|host| has_second(host, &slot)),
            "whoever is not upgraded could not read it"
        );
        assert_eq!(watch::second(), 0, "nor this");

        upgrade(&scene, last, AFTER).await;
        scene.until(|| scene.all(|cluster| of_level(cluster, AFTER))).await;
        scene.sale.reducing.set(true);
        // On whichever node it is asked, and whoever leads: ben's turn comes, and then comes somebody else's.
        let fewer = reduced(&scene, &hosts[0], &ben, 1).await;
        assert_eq!((fewer.status, fewer.quantity), (Status::Confirmed, 1));
        let fewer = reduced(&scene, last, &ada, 2).await;
        assert_eq!((fewer.status, fewer.quantity), (Status::Confirmed, 2));
        scene.until(|| hosts.iter().all(|host| has_second(host, &slot))).await;
        assert!(0 < watch::second(), "requests are of the second version too");
        stands(&scene, &slot, [&ada, &ben], [2, 1]).await;
        // Every replica applies entries of both levels again, and reads records of both versions.
        scene.crash(hosts, 500).await;
        sleep(Duration::from_secs(1)).await;
        assert!(scene.all(|cluster| of_level(cluster, AFTER)), "for good");
        assert_eq!(reduced(&scene, &hosts[1], &ada, 1).await.quantity, 1);
        stands(&scene, &slot, [&ada, &ben], [1, 1]).await;
    });
    assert!(100 < report.requests, "it was a sale: {}", report.requests);
}

#[test]
fn a_founder_that_lost_its_disk_founds_no_second_cluster() {
    let report = told(5, |scene| async move {
        scene.until(|| scene.all(all_vote)).await;
        let (founder, others) = scene.hosts.split_first().expect("three");
        founder.listens.set(cluster::LISTENS);
        founder.swaps.set(true);
        scene.switch_off(founder, 1_000);
        scene.until(|| founder.refusal.borrow().is_some()).await;
        let said = founder.refusal.take().expect("it was just there");
        assert!(said.contains("knows it as node 1"), "{said}");
        let miss = |host: &Rc<Host>| host.look(|cluster| cluster.misplaced().contains_key(&1)) == Some(true);
        scene.until(|| others.iter().any(miss)).await;

        // Somebody finds the right disk, and nobody needs to do anything else.
        founder.swaps.set(true);
        scene.switch_off(founder, 1_000);
        scene.until(|| scene.all(all_vote)).await;
        scene.until(|| !others.iter().any(miss)).await;
    });
    assert!(20 < report.requests, "it was a sale: {}", report.requests);
}

/// Restarts a machine with a build of this newest level, and waits until everyone knows that it is.
pub(super) async fn upgrade(scene: &Scene, host: &Rc<Host>, to: Level) {
    host.level.set(to);
    scene.crash(std::slice::from_ref(host), 500).await;
    let node = host.look(cluster::Cluster::node).expect("it is back");
    let knows = |cluster: &cluster::Cluster<_>| cluster.members().nodes[&node].level.0 == to.0;
    scene.until(|| scene.all(knows)).await;
}

/// Asks a node, which is the only one of its build, for a place in a slot that one of the other build leads: both understand each
/// other.
async fn passed_on(scene: &Scene, host: &Rc<Host>) {
    let elsewhere = |slot: &str| {
        let leader = scene.leader(slot).filter(|leader| leader.level != host.level)?;
        Some((leader.name, leader.group(slot, cluster::Group::status)?.term))
    };
    loop {
        let slot = scene.slot(host, HELD).await;
        let Some(before) = elsewhere(&slot) else {
            // Until another leads.
            scene.crash(std::slice::from_ref(host), 2_000).await;
            continue;
        };
        assert_eq!(scene.hold(host, &slot, "cleo").await.status, Status::Held);
        if elsewhere(&slot) == Some(before) {
            return;
        }
    }
}

/// What is new is asked for too early: nobody has heard of it, and it can be asked for again.
async fn put_off(scene: &Scene, host: &Host, booking: &Booking) {
    let line = format!("POST /v1/bookings/{}/quantity", booking.id);
    let answer = loop {
        let answer = scene.ask_once(host, &line, &booking.customer, &scene.key(), r#"{"quantity":1}"#).await;
        // Somebody else may be about to lead.
        if let Some(answer) = answer.filter(|answer| !answer.body.contains("no_leader")) {
            break answer;
        }
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains(r#""code":"overloaded""#), "{}", answer.body);
    assert!(answer.body.contains("the cluster is being upgraded"), "{}", answer.body);
    assert!(answer.head.to_lowercase().contains("retry-after: "), "{}", answer.head);
}

/// A booking is for so many from now on, as the organizer wants.
async fn reduced(scene: &Scene, host: &Host, booking: &Booking, quantity: u32) -> Booking {
    let line = format!("POST /v1/bookings/{}/quantity", booking.id);
    scene.ask(host, &line, "organizer", &format!(r#"{{"quantity":{quantity}}}"#)).await
}

/// Bookings that were made before the level was raised are for so many, on every node alike.
async fn stands(scene: &Scene, slot: &str, bookings: [&Booking; 2], quantities: [u32; 2]) {
    for host in &scene.hosts {
        for (booking, quantity) in bookings.into_iter().zip(quantities) {
            assert_eq!(scene.booking(host, booking).await.quantity, quantity, "{}", host.name);
        }
        let feed = scene.feed(host, slot).await;
        let want = [Kind::SlotCreated, Kind::Booked, Kind::Booked, Kind::QuantityChanged];
        assert_eq!(kinds(&feed)[..4], want, "{}", host.name);
    }
}

/// Whether a booking of the second version is on a machine's disk, or a request of it to this slot.
fn has_second(host: &Host, slot: &str) -> bool {
    let groups = host.look(cluster::Cluster::count).expect("it is ready");
    let slot = codec::encode(&crate::ids::slot_id(slot).expect("a slot's id"));
    // What is in the log, that it is a request, and its version.
    let request = [&[0, 1], &slot[1..]].concat();
    let is_booking = |key: &[u8], value: &[u8]| match key.first() {
        Some(&(BOOKING | PAST)) => matches!(codec::decode(value), Ok(stored::Booking::V2(_))),
        Some(&RECEIPT) => matches!(codec::decode(value), Ok(stored::Receipt::V2(_))),
        _ => false,
    };
    let has_request = |entry: &[u8]| entry.windows(request.len()).any(|found| found == request);
    host.disk.has(u32::try_from(groups).expect("a few"), is_booking, has_request)
}

/// Whether every node has a vote in every group.
pub(super) fn all_vote<M: cluster::Machine>(cluster: &cluster::Cluster<M>) -> bool {
    cluster.groups().iter().all(|group| group.members().voters.len() == NAMES.len())
}

/// Whether every group on a node is at this level.
pub(super) fn of_level<M: cluster::Machine>(cluster: &cluster::Cluster<M>, level: Level) -> bool {
    cluster.groups().iter().all(|group| group.status().level.0 == level.0)
}
