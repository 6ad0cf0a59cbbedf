//! Stories of replicas that are on some nodes only: whoever asks a node without one is answered as at any other, also while the
//! leader dies. The customers of the sale ask all nodes alike.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use api::booking::Status;
use api::seatmap::CreatedSeatmap;
use api::slot::Slot;
use booking::Level;
use cluster::NodeId;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use storage::GroupId;
use tokio::time::sleep;

use super::host::Host;
use super::network::{Answer, Listening};
use super::scene::{Scene, told_among};
use super::{FOUR, halls, watch};
use crate::machine::ShardMachine;
use crate::router::Router;

const HELD: &str = r#"{"hold_seconds":60}"#;
/// By then nobody asks for anything any more.
const RESTED: Duration = Duration::from_secs(2);
/// How often two answers may be unlike because something was sold in between.
const ATTEMPTS: usize = 50;
/// Between two times that a node is asked to be emptied.
const LOOK: Duration = Duration::from_millis(200);
/// For how long whoever led is switched off, in milliseconds.
const OFF_MS: u64 = 12_000;

/// One run of a world of four machines with several groups, of which all but the first are on three.
fn told_by_four<S>(story: impl Fn(Rc<Placed>) -> S + 'static)
where
    S: Future<Output = ()> + 'static,
{
    for seed in several_groups().take(2) {
        let story = &story;
        told_among(&FOUR, Level::NEWEST, seed, |scene| {
            let scene = Rc::new(Placed { scene });
            let begun = story(Rc::clone(&scene));
            async move {
                scene.place().await;
                begun.await;
            }
        });
    }
}

/// Seeds of worlds with more than one group.
fn several_groups() -> impl Iterator<Item = u64> {
    (1..).filter(|seed| {
        let mut rng = SmallRng::seed_from_u64(*seed);
        let _chance: u64 = rng.random();
        1 < rng.random_range(1..=3_u32)
    })
}

/// A scene in which the fourth machine has none of the groups that are placed.
struct Placed {
    scene: Rc<Scene>,
}

impl Placed {
    fn fourth(&self) -> &Host {
        &self.scene.hosts[3]
    }

    fn member(&self) -> &Host {
        &self.scene.hosts[0]
    }

    fn nodes(&self) -> Vec<NodeId> {
        let node = |host: &Rc<Host>| host.look(cluster::Cluster::node).expect("it is ready");
        self.scene.hosts.iter().map(node).collect()
    }

    /// Has the fourth machine be emptied, and waits until replicas are on the others and nowhere else.
    async fn place(&self) {
        self.scene.until(|| self.scene.all(|cluster| cluster.members().nodes.len() == FOUR.len())).await;
        let all = self.nodes();
        let (nodes, emptied) = (all.iter().copied().take(3).collect::<BTreeSet<NodeId>>(), all[3]);
        watch::note(format!("{:?}: replicas are to be on {nodes:?}", turmoil::elapsed()));
        let drain = |router: Router| async move { router.shards().cluster().drain(emptied, true).await };
        // Nobody may lead yet, or nothing be placed.
        while !matches!(self.member().on_node(drain).await, Some(Ok(()))) {
            sleep(LOOK).await;
        }
        let is_placed = |cluster: &cluster::Cluster<ShardMachine>| {
            let is_one = nodes.contains(&cluster.node());
            let count = u32::try_from(cluster.count()).expect("a few");
            (1..count).map(GroupId).all(|group| match cluster.group(group) {
                None => !is_one,
                Some(open) => is_one && open.members().nodes.len() == 3 && open.members().voters == nodes,
            })
        };
        self.scene.until(|| self.scene.all(is_placed)).await;
    }

    /// Whether a slot is of a group that the fourth machine has not.
    fn is_elsewhere(&self, slot: &str) -> bool {
        self.fourth().group(slot, |_group| ()).is_none()
    }

    /// A slot of four places that is elsewhere, made at the fourth machine.
    async fn slot(&self) -> String {
        loop {
            let slot = self.scene.slot(self.fourth(), HELD).await;
            if self.is_elsewhere(&slot) {
                return slot;
            }
        }
    }

    /// The same of a house.
    async fn house(&self) -> String {
        let fourth = self.fourth();
        let map = halls::house(0);
        let map = self.scene.ask::<CreatedSeatmap>(fourth, "POST /v1/seatmaps", "organizer", &map).await.id;
        for number in 0.. {
            let body = json!({
                "title": "house", "placement": format!("house-{number}"), "starts_at": "2090-01-01T00:00:00Z",
                "ends_at": "2090-01-02T00:00:00Z", "inventory": {"seats": {"map": map}},
            });
            let slot: Slot = self.scene.ask(fourth, "POST /v1/slots", "organizer", &body.to_string()).await;
            if self.is_elsewhere(&slot.id) {
                return slot.id;
            }
        }
        unreachable!("numbers have no end")
    }

    /// The fourth machine answers this as a member does.
    async fn answers_alike(&self, line: &str, token: &str) -> Value {
        let ask = async |host: &Host| loop {
            let answer = self.scene.ask_once(host, line, token, "", "").await;
            if let Some(answer) = answer.filter(|answer| answer.status != 503) {
                return answer;
            }
        };
        let told = |answer: &Answer| {
            let head = answer.head.lines().skip(1).filter(|line| !line.starts_with("date:"));
            (answer.status, head.map(str::to_owned).collect::<BTreeSet<_>>(), timeless(&answer.body))
        };
        let mut attempts = 0;
        loop {
            let (here, there) = (ask(self.fourth()).await, ask(self.member()).await);
            // The sale goes on in between.
            if told(&here) != told(&there) && attempts < ATTEMPTS {
                attempts += 1;
                continue;
            }
            assert_eq!(told(&here), told(&there), "{line}");
            return serde_json::from_str(&here.body).unwrap_or_default();
        }
    }
}

/// An answer without what it says of the moment at which it was given.
fn timeless(body: &str) -> String {
    let cut = |body: String, name: &str| {
        let mut parts = body.split(name);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |told, part| {
            told + name + part.trim_start_matches(|char| !matches!(char, ',' | '}'))
        })
    };
    [r#""now":"#, r#""expires_in_ms":"#].into_iter().fold(body.to_owned(), cut)
}

#[test]
fn whoever_has_no_replica_answers_whatever_is_asked_as_a_member_does() {
    told_by_four(|placed| async move {
        let (scene, fourth) = (&placed.scene, placed.fourth());
        let (slot, house) = (placed.slot().await, placed.house().await);
        let held = scene.hold(fourth, &slot, "ada").await;
        assert_eq!(scene.confirm(fourth, &held, "ada").await.status, Status::Confirmed);
        let seat = r#"{"quantity":2,"best":{"categories":["b"]}}"#;
        let seated: api::booking::Booking =
            scene.ask(fourth, &format!("POST /v1/slots/{house}/bookings"), "ada", seat).await;
        scene.sale.resting.set(true);
        sleep(RESTED).await;
        assert_eq!(scene.look(fourth, &slot).await.counts.free, Some(3));
        let (booking, seats) = (&held.id, format!("/v1/slots/{house}/seats"));
        let seq = placed.answers_alike(&format!("GET {seats}"), "ada").await["seq"].to_string();
        let map = placed.answers_alike(&format!("GET /v1/slots/{house}"), "ada").await;
        let map = map["inventory"]["seats"]["map"].as_str().expect("a map").to_owned();
        for (line, token) in [
            (format!("GET /v1/slots/{slot}"), "ada"),
            (format!("GET /v1/slots/{slot}?consistency=linearizable"), "ada"),
            (format!("GET /v1/slots/{slot}?consistency=no"), "ada"),
            (format!("GET /v1/slots/{}", slot.replace('_', "%5F")), "ada"),
            (format!("GET /v1/slots/{slot}/bookings"), "organizer"),
            (format!("GET /v1/slots/{slot}/bookings?reference={}", held.reference), "ada"),
            (format!("GET /v1/slots/{slot}/feed?after=1"), "organizer"),
            (format!("GET /v1/slots/{slot}/feed"), "ada"),
            (format!("GET /v1/slots/{slot}/nothing"), "ada"),
            (format!("DELETE /v1/slots/{slot}"), "ada"),
            (format!("OPTIONS /v1/slots/{slot}"), "ada"),
            (format!("GET /v1/bookings/{booking}"), "ada"),
            (format!("GET /v1/bookings/{booking}"), "ben"),
            (format!("POST /v1/bookings/{booking}/confirm"), "ben"),
            (format!("GET /v1/bookings/{}", seated.id), "organizer"),
            (format!("GET {seats}/feed?after={seq}"), "ada"),
            (format!("GET {seats}/feed?after=99999"), "ada"),
            (format!("GET /v1/seatmaps/{map}"), "ada"),
            (format!("GET /slots/{slot}"), "ada"),
            (format!("GET /bookings/{booking}"), "ada"),
            ("GET /".to_owned(), "ada"),
            ("GET /v1/me/bookings?limit=2".to_owned(), "ada"),
            ("GET /v1/me/bookings?status=confirmed".to_owned(), "ada"),
            ("GET /v1/slots?status=nothing".to_owned(), "ada"),
            ("GET /v1/slots?limit=200".to_owned(), "ada"),
        ] {
            placed.answers_alike(&line, token).await;
        }
        for list in ["/v1/slots", "/v1/me/bookings"] {
            let (mut listed, mut after) = (BTreeSet::new(), String::new());
            loop {
                let page = placed.answers_alike(&format!("GET {list}?limit=3{after}"), "ada").await;
                let items = page["items"].as_array().expect("items").iter();
                listed.extend(items.map(|item| item["id"].as_str().expect("an id").to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            let all = if list == "/v1/slots" { [&slot, &house] } else { [booking, &seated.id] };
            assert!(all.into_iter().all(|id| listed.contains(id)), "{list}: {listed:?}");
        }
        scene.sale.resting.set(false);
        scene.sale.wait_until_all_agree().await;
    });
}

#[test]
fn streams_come_through_a_node_without_a_replica_and_go_on_when_the_leader_has_died() {
    told_by_four(|placed| async move {
        let (scene, fourth) = (&placed.scene, placed.fourth());
        let (slot, house) = (placed.slot().await, placed.house().await);
        let seats = format!("/v1/slots/{house}/seats");
        let map: Value = scene.ask(fourth, &format!("GET {seats}"), "ada", "").await;
        let live = format!("/v1/slots/{slot}/live");
        let feed = format!("{seats}/feed?after={}", map["seq"]);
        let listen = async |path: &str| Listening::begin(fourth.client(), path).await.expect("it listens");
        let (mut one, mut other, mut changes) =
            (listen(&live).await, listen(&live).await, listen(&feed).await);
        let free = |places: u32| move |heard: &str| heard.contains(&format!("\"free\":{places},"));
        for stream in [&mut one, &mut other] {
            stream.hear(free(4)).await.expect("it is told at once");
        }
        scene.hold(fourth, &slot, "ada").await;
        for stream in [&mut one, &mut other] {
            stream.hear(free(3)).await.expect("it goes on");
        }
        let seat = r#"{"quantity":1,"best":{"categories":["a"]}}"#;
        let book = format!("POST /v1/slots/{house}/bookings");
        let _booked: Value = scene.ask(fourth, &book, "ada", seat).await;
        let told = changes.hear(|heard| heard.contains("\"t\"") || heard.contains("\"h\"")).await;
        assert!(told.expect("it goes on").contains(&format!("\"after\":{}", map["seq"])));
        // Whoever comes later is told what the first were told.
        let mut late = listen(&feed).await;
        late.hear(|heard| heard.contains("\"runs\":[[")).await.expect("it is told at once");

        let leader = loop {
            match scene.leader(&slot) {
                Some(leader) => break leader,
                None => sleep(Duration::from_millis(5)).await,
            }
        };
        scene.switch_off(&leader, OFF_MS);
        scene.until(|| leader.look(|_| ()).is_none()).await;
        // It is booked through the fourth while the others elect.
        scene.hold(fourth, &slot, "ben").await;
        for stream in [&mut one, &mut other] {
            stream.hear(free(2)).await.expect("it is begun again");
        }
        // What another node has seen of a house it has not seen by the same looks: whoever watches takes the map anew.
        let map: Value = scene.ask(fourth, &format!("GET {seats}"), "ada", "").await;
        let mut anew = listen(&format!("{seats}/feed?after={}", map["seq"])).await;
        let _booked: Value = scene.ask(fourth, &book, "ben", seat).await;
        anew.hear(|heard| heard.contains("\"runs\":[[")).await.expect("it goes on");
        scene.until(|| scene.all(|_cluster| true)).await;
        placed.place().await;
        scene.sale.resting.set(true);
        sleep(RESTED).await;
        placed.answers_alike(&format!("GET {seats}"), "ada").await;
        scene.sale.resting.set(false);
        scene.sale.wait_until_all_agree().await;
    });
}
