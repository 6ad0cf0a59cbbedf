//! Stories of houses: when seats begin to be sold, how a stadium comes to who was away for long, and that a house that slept wakes as it
//! was.

use std::rc::Rc;
use std::time::Duration;

use api::seatmap::CreatedSeatmap;
use api::slot::Slot;
use booking::{Level, SlotId};
use serde_json::json;
use tokio::time::sleep;

use super::halls;
use super::host::Host;
use super::scene::{Scene, told, told_from};
use super::stories::{all_vote, of_level, upgrade};
use crate::actors::registry::Presence;

/// The level of the build before there were seats.
const BEFORE: Level = Level(2);
/// The level of the first that sells seats.
const AFTER: Level = Level(3);
/// How long a machine is away, in milliseconds.
const AWAY_MS: u64 = 25_000;

/// A seatmap that is kept.
async fn keep(scene: &Scene, host: &Host, house: &str) -> String {
    scene.ask::<CreatedSeatmap>(host, "POST /v1/seatmaps", "organizer", house).await.id
}

fn slot(map: &str) -> String {
    json!({
        "title": "house", "placement": "story", "starts_at": "2090-01-01T00:00:00Z",
        "ends_at": "2090-01-02T00:00:00Z", "inventory": {"seats": {"map": map}},
    })
    .to_string()
}

#[test]
fn seats_are_sold_once_every_node_knows_them() {
    let report = told_from(BEFORE, 3, |scene| async move {
        let map = keep(&scene, &scene.hosts[0], &halls::house(0)).await;
        let (body, key) = (slot(&map), scene.key());
        for host in &scene.hosts {
            assert!(scene.all(|cluster| of_level(cluster, BEFORE)), "not every node is upgraded");
            for asked in &scene.hosts {
                put_off(&scene, asked, &key, &body).await;
            }
            sleep(Duration::from_secs(1)).await;
            upgrade(&scene, host, AFTER).await;
        }
        scene.until(|| scene.all(|cluster| of_level(cluster, AFTER))).await;
        // Nobody has heard of it: the same key is as good as new.
        let made = scene.ask_once(&scene.hosts[1], "POST /v1/slots", "organizer", &key, &body).await;
        let made = made.expect("nothing goes wrong any more");
        assert_eq!(made.status, 201, "{}", made.body);
        assert!(!made.head.contains("idempotency-replayed"), "{}", made.head);
        // The sale has houses too, from now on; its entries are applied again, of every level.
        sleep(Duration::from_secs(3)).await;
        scene.crash(&scene.hosts, 500).await;
        sleep(Duration::from_secs(2)).await;
    });
    let sold = report.trace.iter().filter(|event| event.contains("a hall was sold")).collect::<Vec<_>>();
    assert!(sold.len() == 2 && sold.iter().all(|event| event.contains("\"Booked\"")), "{sold:?}");
}

/// A slot of seats is asked for too early.
async fn put_off(scene: &Scene, host: &Host, key: &str, body: &str) {
    let answer = loop {
        let answer = scene.ask_once(host, "POST /v1/slots", "organizer", key, body).await;
        // Somebody else may be about to lead.
        if let Some(answer) = answer.filter(|answer| !answer.body.contains("no_leader")) {
            break answer;
        }
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("the cluster is being upgraded"), "{}", answer.body);
}

#[test]
fn houses_are_sold_in_every_way() {
    // What is rare does not happen in every world.
    let sold = |seed| told(seed, |_scene| async move { sleep(Duration::from_secs(30)).await }).trace;
    let trace: Vec<String> = (7..11).flat_map(sold).collect();
    let kinds = [
        "Booked",
        "Confirmed",
        "Extended",
        "Accepted",
        "Declined",
        "Cancelled",
        "Lapsed",
        "QuantityChanged",
        "Reseated",
    ];
    let kinds = kinds.into_iter().chain(["SeatsChanged", "SlotChanged", "SlotChanged to another map"]);
    let halls: Vec<_> = trace.iter().filter(|event| event.contains("a hall was sold")).collect();
    let has = |kind: &&str| halls.iter().any(|event| event.contains(&format!("\"{kind}\"")));
    let unseen: Vec<_> = kinds.filter(|kind| !has(kind)).collect();
    assert!(unseen.is_empty(), "never: {unseen:?} in {halls:?}");
    let codes = ["seats_refused", "leaves_single", "capacity_in_use", "customer_limit"];
    let codes = codes.into_iter().chain(["quota_exhausted", "payment_required"]);
    let reasons =
        ["taken", "blocked", "allotted", "accessible", "category"].map(|reason| format!("\"{reason}\""));
    let words = codes.map(str::to_owned).chain(reasons);
    let is_unseen =
        |word: &String| !trace.iter().any(|event| event.contains("-hall-") && event.contains(word));
    let unseen: Vec<_> = words.filter(is_unseen).collect();
    assert!(unseen.is_empty(), "nobody heard {unseen:?}");
}

/// A stadium of 16,800 seats.
fn stadium() -> String {
    let row = |row: u32| json!({"key": row.to_string(), "seats": ["1-14", "15-28"], "category": "a"});
    let rows: Vec<_> = (0..20).map(row).collect();
    let section = |section: u32| json!({"key": section.to_string(), "rows": rows});
    let sections: Vec<_> = (0..30).map(section).collect();
    json!({"categories": [{"key": "a"}], "sections": sections}).to_string()
}

#[test]
fn who_was_away_for_long_gets_a_stadium_by_snapshot() {
    told(2, |scene| async move {
        scene.until(|| scene.all(all_vote)).await;
        let map = keep(&scene, &scene.hosts[0], &stadium()).await;
        let slot: Slot = scene.ask(&scene.hosts[0], "POST /v1/slots", "organizer", &slot(&map)).await;
        // How it is sold is as long as its plan: every second seat of a quarter of it.
        let seat = |number: u32| format!("{}/{}/{}", number / 280, number / 14 % 20, number % 14 * 2 + 1);
        let path = format!("POST /v1/slots/{}/seats", slot.id);
        let block: Vec<_> = (0..2_500).map(seat).collect();
        scene.ask::<Slot>(&scene.hosts[0], &path, "organizer", &json!({"block": block}).to_string()).await;
        let leader = scene.leader(&slot.id).expect("nothing has gone wrong");
        let away = Rc::clone(scene.others(&leader).next().expect("two follow"));
        let status = |host: &Host| host.group(&slot.id, cluster::Group::status);
        let last = status(&away).expect("it lives").last;
        scene.switch_off(&away, AWAY_MS);
        scene.until(|| away.look(|_cluster| ()).is_none()).await;

        let bookings = format!("POST /v1/slots/{}/bookings", slot.id);
        let wish = json!({"quantity": 4, "best": {}}).to_string();
        while status(&leader).is_some_and(|status| status.purged <= last) {
            assert!(away.look(|_cluster| ()).is_none(), "it is back before the log is purged");
            scene.ask::<serde_json::Value>(&leader, &bookings, "gita", &wish).await;
        }
        let open: Vec<_> = (0..1_300).map(seat).collect();
        scene.ask::<Slot>(&leader, &path, "organizer", &json!({"open": open}).to_string()).await;
        assert!(away.look(|_cluster| ()).is_none(), "it has not come back yet");
        scene.until(|| scene.all(|_cluster| true)).await;
        scene.sale.wait_until_all_agree().await;
        let line = format!("GET /v1/slots/{}/seats", slot.id);
        let mut shown = Vec::new();
        for host in &scene.hosts {
            shown.push(scene.ask::<serde_json::Value>(host, &line, "organizer", "").await);
        }
        assert!(shown.iter().all(|seats| seats["rows"] == shown[0]["rows"]), "all show the same");
    });
}

#[test]
fn a_house_that_slept_wakes_as_it_was() {
    told(4, |scene| async move {
        scene.until(|| scene.all(all_vote)).await;
        let map = keep(&scene, &scene.hosts[0], &halls::house(0)).await;
        let slot: Slot = scene.ask(&scene.hosts[0], "POST /v1/slots", "organizer", &slot(&map)).await;
        let path = format!("/v1/slots/{}", slot.id);
        let sell = format!("POST {path}/seats");
        let otherwise = r#"{"block": ["stalls/B"], "allot": {"press": ["box/1"]}}"#;
        scene.ask::<Slot>(&scene.hosts[1], &sell, "organizer", otherwise).await;
        let book = format!("POST {path}/bookings");
        let first = r#"{"seats": ["stalls/A/2", "stalls/A/3"], "areas": {"floor": 2}}"#;
        let key = scene.key();
        let booked = scene.ask_once(&scene.hosts[2], &book, "gita", &key, first).await.expect("an answer");
        assert_eq!(booked.status, 201, "{}", booked.body);
        scene.sale.resting.set(true);
        sleep(Duration::from_secs(2)).await;
        let seats = format!("GET {path}/seats");
        let shown = scene.ask::<serde_json::Value>(&scene.hosts[0], &seats, "organizer", "").await;
        let id = crate::ids::slot_id(&slot.id).expect("a slot's id");
        for host in &scene.hosts {
            while !is_asleep(host, id).await {
                sleep(Duration::from_secs(1)).await;
            }
        }
        for host in &scene.hosts {
            let woken = scene.ask::<serde_json::Value>(host, &seats, "organizer", "").await;
            assert_eq!(woken, shown, "{}", host.name);
            let again = scene.ask_once(host, &book, "gita", &key, first).await.expect("an answer");
            assert_eq!((again.status, &again.body), (201, &booked.body), "{}", host.name);
        }
        scene.sale.resting.set(false);
        scene.sale.wait_until_all_agree().await;
    });
}

async fn is_asleep(host: &Host, slot: SlotId) -> bool {
    let presence =
        host.on_node(move |router| async move { matches!(router.shards().presence(slot), Presence::Asleep) });
    presence.await == Some(true)
}
