//! Named tests of disks that fill up while a sale goes on: one of three, all of them, and one to the last byte.

use std::rc::Rc;
use std::time::Duration;

use api::booking::Status;
use api::problem::{Code, Problem};

use super::disk::TOTAL;
use super::host::Host;
use super::scene::{Scene, told};
use super::stories::all_vote;
use super::watch;

/// Free bytes of a disk that is nearly full, and of one that is.
const NEARLY_FULL: u64 = 256 << 20;
const FULL: u64 = 0;
/// How long it may take to end by itself once there is space.
const SOON: Duration = Duration::from_secs(10);

fn fill(hosts: &[Rc<Host>], free: u64) {
    for host in hosts {
        watch::note(format!("{:?}: {} has {free} bytes free", turmoil::elapsed(), host.name));
        host.disk.set_free(free);
    }
}

/// Why a place is not given, if it is not.
async fn refused(scene: &Scene, host: &Host, slot: &str) -> Option<Code> {
    let line = format!("POST /v1/slots/{slot}/bookings");
    let answer = scene.ask_once(host, &line, "ada", &scene.key(), r#"{"quantity":1}"#).await?;
    let problem = serde_json::from_str::<Problem>(&answer.body).ok()?;
    assert!(answer.status != 503 || answer.head.contains("\r\nretry-after: "), "{answer:?}");
    Some(problem.code)
}

/// Waits until a place is refused for want of space.
async fn until_refused(scene: &Scene, host: &Host, slot: &str) {
    while refused(scene, host, slot).await != Some(Code::StorageFull) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn a_leader_whose_disk_is_nearly_full_lets_another_lead_and_the_sale_goes_on() {
    told(5, |scene| async move {
        scene.until(|| scene.all(all_vote)).await;
        let slot = scene.slot(&scene.hosts[0], "{}").await;
        let leader = scene.leader(&slot).expect("nothing has gone wrong");
        let ada = scene.hold(&leader, &slot, "ada").await;
        fill(std::slice::from_ref(&leader), NEARLY_FULL);
        let began = turmoil::elapsed();
        let next = scene.another_leads(&slot, &leader).await;
        // Whom they ask makes no difference.
        let ben = scene.hold(&leader, &slot, "ben").await;
        assert!(turmoil::elapsed() < began + SOON, "it took until {:?}", turmoil::elapsed());
        assert_eq!(scene.confirm(&leader, &ada, "ada").await.status, Status::Confirmed);

        // To the last byte: it stands still, and the others go on.
        fill(std::slice::from_ref(&leader), FULL);
        assert_eq!(scene.confirm(&next, &ben, "ben").await.status, Status::Confirmed);
        fill(std::slice::from_ref(&leader), TOTAL);
        for host in &scene.hosts {
            assert_eq!(scene.booking(host, &ben).await.status, Status::Confirmed, "{}", host.name);
        }
        scene.sale.wait_until_all_agree().await;
    });
}

#[test]
fn where_all_disks_are_nearly_full_those_who_hold_are_served_and_it_ends_by_itself() {
    told(6, |scene| async move {
        scene.until(|| scene.all(all_vote)).await;
        let slot = scene.slot(&scene.hosts[0], "{}").await;
        let host = &scene.hosts[1];
        let [ada, ben] = [scene.hold(host, &slot, "ada").await, scene.hold(host, &slot, "ben").await];
        fill(&scene.hosts, NEARLY_FULL);
        until_refused(&scene, host, &slot).await;
        assert_eq!(scene.booking(host, &ada).await.status, Status::Held, "reads go on");
        assert_eq!(scene.confirm(host, &ada, "ada").await.status, Status::Confirmed, "a hold is a promise");
        let seq = scene.feed(host, &slot).await.len();

        fill(&scene.hosts, FULL);
        let line = format!("POST /v1/bookings/{}/confirm", ben.id);
        let key = scene.key();
        let confirm = async || scene.ask_once(host, &line, "ben", &key, "").await.expect("an answer");
        let answer = confirm().await;
        let problem: Problem = serde_json::from_str(&answer.body).expect("a problem");
        assert_eq!((answer.status, problem.code), (503, Code::StorageFull), "{answer:?}");
        assert_eq!(scene.feed(host, &slot).await.len(), seq, "nothing was tried");

        fill(&scene.hosts, TOTAL);
        let began = turmoil::elapsed();
        assert_eq!(confirm().await.status, 200, "with its key, once more");
        scene.hold(host, &slot, "cleo").await;
        assert!(turmoil::elapsed() < began + SOON, "it took until {:?}", turmoil::elapsed());
        scene.sale.wait_until_all_agree().await;
    });
}
