//! Slots of seats beside the sale: small houses, whose customers pick seats, find the best, swap, wait and repeat, while the organizer
//! closes, opens and keeps seats for others, and sells by one map after the other. What the feed says of it is judged by the
//! [`usher`](super::usher).

use std::collections::BTreeMap;
use std::time::Duration;

use api::booking::{Booking, Status};
use api::seatmap::CreatedSeatmap;
use api::slot::Slot;
use futures::future::join_all;
use futures::join;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use seatmap::Seatmap;
use serde_json::{Value, json};
use tokio::time::sleep;
use witness::history::Reading;

use super::sale::{NAMES, Sale};
use super::{goods, network, watch};

/// How each is sold.
const POLICIES: [&str; 2] = [
    r#"{"waitlist":{"capacity":30}}"#,
    r#"{"hold_seconds":4,"hold_seconds_max":9,"customer_limit":12,"waitlist":{"capacity":30,"promotion":"offer","offer_seconds":3,"order":"skip_fit"}}"#,
];
const SINGLES: [&str; 2] =
    [r#""singles":"refuse","aisle_singles":"count","single_scope":"slot""#, r#""singles":"avoid""#];
/// Which of them sells products, where it may.
const OF_PRODUCTS: usize = 0;
/// Those who want seats.
const PATRONS: usize = 4;
/// Between two requests, in milliseconds: of who wants seats, and of the organizer.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 10..=120;
const CHANGES_MS: std::ops::RangeInclusive<u64> = 30..=400;
/// Requests of each that are repeated when all is over.
const REPEATED: usize = 15;

/// Whatever is called something in one of the maps: rows that are asked for seat by seat, and what is asked for whole.
const ROWS: [(&str, u32); 6] =
    [("stalls/A", 8), ("stalls/B", 8), ("stalls/C", 6), ("circle/A", 10), ("box/1", 2), ("gallery/A", 5)];
const WHOLES: [&str; 5] = ["stalls/B", "circle", "box/1", "stalls/C/1", "gallery"];
const CATEGORIES: [&str; 4] = ["a", "b", "s", "g"];
const KEPT_FOR: [&str; 2] = ["press", "crew"];

/// The maps by which a house is sold, one after the other. The first has all that there is but a gallery; others number it otherwise,
/// and lack something.
pub(super) const MAPS: u32 = 4;

/// What is sold.
pub(super) struct Halls {
    pub(super) slots: Vec<String>,
    /// The maps of the organizer's, by id.
    pub(super) maps: BTreeMap<String, Seatmap>,
    patrons: Vec<Patron>,
}

/// Somebody who asks for seats, or changes how they are sold.
pub(super) struct Patron {
    name: &'static str,
    rng: SmallRng,
    /// Bookings of their own, each of one of the slots.
    bookings: Vec<(usize, String)>,
    /// Requests that were decided.
    asked: Vec<Asked>,
    count: usize,
}

/// A request, and its first answer.
#[derive(Clone)]
struct Asked {
    line: String,
    token: &'static str,
    key: String,
    body: String,
    first: network::Answer,
}

/// A house by its n-th map.
pub(super) fn house(number: u32) -> String {
    let row =
        |key: &str, seats: Value, category: &str| json!({"key": key, "seats": seats, "category": category});
    let special =
        json!({"key": "C", "seats": ["1-6"], "category": "b", "accessible": ["1", "6"], "companion": ["2"]});
    let stalls = match number {
        2 => json!([row("A", json!(["1-4", "5-8"]), "a"), special]),
        _ => json!([row("A", json!(["1-4", "5-8"]), "a"), row("B", json!(["1-8"]), "a"), special]),
    };
    let stalls = json!({"key": "stalls", "rows": stalls});
    let circle = json!({"key": "circle", "rows": [row("A", json!(["1-10"]), "b")]});
    let boxes = json!({"key": "box", "rows": [row("1", json!(["1-2"]), "b")]});
    let gallery = json!({"key": "gallery", "rows": [row("A", json!(["1-5"]), "g")]});
    let floor = |places: u32| json!([{"key": "floor", "category": "s", "capacity": places}]);
    let (categories, sections, areas) = match number {
        1 => (json!(["g", "s", "b", "a"]), json!([gallery, circle, boxes, stalls]), floor(9)),
        2 => (json!(["b", "a", "s"]), json!([stalls, circle]), floor(3)),
        3 => (json!(["a", "b"]), json!([boxes, stalls, circle]), json!([])),
        _ => (json!(["a", "b", "s"]), json!([stalls, circle, boxes]), floor(6)),
    };
    let keys = categories.as_array().expect("keys").iter();
    let categories = keys.map(|key| json!({"key": key})).collect::<Vec<_>>();
    json!({"name": number.to_string(), "categories": categories, "sections": sections, "areas": areas})
        .to_string()
}

impl Halls {
    /// Makes slots of seats, sells them until the sale closes, and gives what was done.
    pub(super) async fn play(sale: &Sale, mut rng: SmallRng) -> Self {
        let mut maps = BTreeMap::new();
        let mut ids = Vec::new();
        for number in 0..MAPS {
            let (body, key) = (house(number), format!("hall-map-{number}"));
            let kept = sale.insist("POST /v1/seatmaps", "organizer", &key, &body, &mut rng).await;
            let kept: CreatedSeatmap = serde_json::from_str(&kept.body).expect("a map");
            maps.insert(kept.id.clone(), Seatmap::from_json(body.as_bytes()).expect("a map"));
            ids.push(kept.id);
        }
        let mut slots = Vec::new();
        let sold = POLICIES.into_iter().zip(SINGLES).filter(|_| sale.has_houses);
        for (number, (policy, singles)) in sold.enumerate() {
            let map = &ids[0];
            let goods = if sale.sells_products_in(number) { goods::of_house() } else { String::new() };
            let body = format!(
                r#"{{"title":"hall","placement":"hall-{number}","starts_at":"2090-01-01T00:00:00Z","ends_at":"2090-01-02T00:00:00Z","inventory":{{"seats":{{"map":"{map}",{singles}}}}},"policy":{policy}{goods}}}"#
            );
            // Where nodes of the level before are among them, it is put off until all are upgraded.
            let key = format!("hall-{number}");
            let made = sale.insist("POST /v1/slots", "organizer", &key, &body, &mut rng).await;
            let made: Slot = serde_json::from_str(&made.body).expect("a slot");
            slots.push(made.id);
        }
        let mut patron = |name| Patron {
            name,
            rng: SmallRng::seed_from_u64(rng.random()),
            bookings: Vec::new(),
            asked: Vec::new(),
            count: 0,
        };
        let patrons = NAMES[..PATRONS].iter().map(|name| patron(name)).collect::<Vec<_>>();
        let organizer = patron("organizer");
        let playing = join_all(patrons.into_iter().map(|patron| patron.play(sale, &slots)));
        let (mut patrons, organizer) = join!(playing, organizer.change(sale, &slots, &ids));
        patrons.push(organizer);
        Self { slots, maps, patrons }
    }

    /// Whatever was decided is decided as it was, by whatever map the slots are sold now.
    pub(super) async fn repeat(&mut self, sale: &Sale) {
        for patron in &mut self.patrons {
            let asked: Vec<_> = patron.asked.sample(&mut patron.rng, REPEATED).cloned().collect();
            for asked in asked {
                patron.repeat(sale, &asked).await;
            }
        }
    }
}

impl Sale {
    /// Whether the n-th house sells products.
    pub(super) fn sells_products_in(&self, number: usize) -> bool {
        self.has_products && number == OF_PRODUCTS
    }
}

impl Patron {
    async fn play(mut self, sale: &Sale, slots: &[String]) -> Self {
        while !sale.closing.get() && !slots.is_empty() {
            sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
            if sale.resting.get() {
                continue;
            }
            match self.rng.random_range(0..10) {
                0..5 => self.book(sale, slots).await,
                5..9 => self.act(sale).await,
                _ => {
                    if let Some(asked) = self.asked.choose(&mut self.rng).cloned() {
                        self.repeat(sale, &asked).await;
                    }
                }
            }
        }
        self
    }

    /// The organizer sells seats otherwise, by other maps and policies, and to whom they are kept for.
    async fn change(mut self, sale: &Sale, slots: &[String], maps: &[String]) -> Self {
        while !sale.closing.get() && !slots.is_empty() {
            sleep(Duration::from_millis(self.rng.random_range(CHANGES_MS))).await;
            if sale.resting.get() {
                continue;
            }
            let number = self.rng.random_range(0..slots.len());
            let slot = &slots[number];
            let (line, body) = match self.rng.random_range(0..10) {
                0..3 => (format!("POST /v1/slots/{slot}/seats"), self.otherwise()),
                3..6 => {
                    let map = maps.choose(&mut self.rng).expect("some");
                    (format!("PATCH /v1/slots/{slot}"), json!({"inventory": {"seats": {"map": map}}}))
                }
                6..8 => {
                    let kept_for = KEPT_FOR.choose(&mut self.rng).expect("two");
                    let mut wish = self.wish(sale, number);
                    (wish["allotment"], wish["customer"]) = (json!(kept_for), json!(NAMES[0]));
                    (format!("POST /v1/slots/{slot}/bookings"), wish)
                }
                _ => {
                    let order = *["strict", "skip_fit"].choose(&mut self.rng).expect("two");
                    let promotion = *["confirm", "offer"].choose(&mut self.rng).expect("two");
                    let singles = *["allow", "avoid", "refuse"].choose(&mut self.rng).expect("three");
                    let policy = json!({"waitlist": {"order": order, "promotion": promotion}});
                    let body = json!({"policy": policy, "inventory": {"seats": {"singles": singles}}});
                    (format!("PATCH /v1/slots/{slot}"), body)
                }
            };
            let answer = self.ask(sale, "organizer", line, body).await;
            self.keep(number, &answer);
        }
        self
    }

    /// How seats are to be sold: a few are closed, opened, or kept for somebody.
    fn otherwise(&mut self) -> Value {
        let mut lists = [(); 3].map(|()| Vec::new());
        for list in &mut lists {
            for _ in 0..self.rng.random_range(0..=2) {
                let whole = self.rng.random_bool(0.3);
                let name = if whole {
                    (*WHOLES.choose(&mut self.rng).expect("some")).to_owned()
                } else {
                    self.seats(1).remove(0)
                };
                list.push(name);
            }
        }
        let [block, open, kept] = lists;
        let kept_for = *KEPT_FOR.choose(&mut self.rng).expect("two");
        json!({"block": block, "open": open, "allot": {kept_for: kept}})
    }

    /// So many seats side by side, wherever there are so many in one of the maps.
    fn seats(&mut self, count: u32) -> Vec<String> {
        let (row, length) = *ROWS.choose(&mut self.rng).expect("some");
        let count = count.min(length);
        let first = self.rng.random_range(1..=length - count + 1);
        (first..first + count).map(|seat| format!("{row}/{seat}")).collect()
    }

    /// What is asked of the n-th house.
    fn wish(&mut self, sale: &Sale, number: usize) -> Value {
        let count = self.rng.random_range(1..=3);
        let mut wish = match self.rng.random_range(0..10) {
            0..4 => json!({"seats": self.seats(count)}),
            4 => json!({"areas": {"floor": count}}),
            5 => json!({"areas": {"floor": count}, "seats": self.seats(count)}),
            _ => {
                let some = self.rng.random_range(1..=3);
                let categories: Vec<_> = CATEGORIES.sample(&mut self.rng, some).collect();
                let together = if self.rng.random_bool(0.3) { "must" } else { "prefer" };
                let sections = if self.rng.random_bool(0.2) { json!(["stalls"]) } else { json!([]) };
                let accessible = u32::from(self.rng.random_bool(0.2));
                json!({
                    "quantity": count + accessible,
                    "best": {"categories": categories, "together": together, "sections": sections, "accessible": accessible},
                })
            }
        };
        if wish.get("seats").is_some() && self.rng.random_bool(0.2) {
            wish["accessible"] = json!(1);
        }
        if self.rng.random_bool(0.5) {
            wish["mode"] = json!("hold");
            wish["hold_seconds"] = json!(self.rng.random_range(1..=6));
        }
        if sale.sells_products_in(number) {
            goods::in_house(&mut wish, &mut self.rng);
        }
        wish
    }

    async fn book(&mut self, sale: &Sale, slots: &[String]) {
        let number = self.rng.random_range(0..slots.len());
        let wish = self.wish(sale, number);
        let answer =
            self.ask(sale, self.name, format!("POST /v1/slots/{}/bookings", slots[number]), wish).await;
        let Some(booking) = self.keep(number, &answer) else { return };
        // Whoever has been told of a booking finds it on any node, and nobody but time or the organizer has given its seats away.
        match sale.get::<Booking>(&format!("/v1/bookings/{}", booking.id), &mut self.rng).await {
            Reading::Got(read) if booking.seq <= read.seq => {}
            other @ (Reading::Got(_) | Reading::Missing | Reading::Unreadable(_)) => {
                watch::violated(format!("P7: {booking:?} was acknowledged, and then: {other:?}"));
            }
        }
    }

    /// Remembers a booking that was just made.
    fn keep(&mut self, slot: usize, answer: &network::Answer) -> Option<Booking> {
        let is_new = matches!(answer.status, 201 | 202);
        let booking = serde_json::from_str::<Booking>(&answer.body).ok().filter(|_| is_new)?;
        self.bookings.push((slot, booking.id.clone()));
        Some(booking)
    }

    /// Does to a booking what can be done to one that stands like it, or now and then anything.
    async fn act(&mut self, sale: &Sale) {
        if self.bookings.is_empty() {
            return;
        }
        let place = self.rng.random_range(0..self.bookings.len());
        let path = format!("/v1/bookings/{}", self.bookings[place].1);
        let Reading::Got(seen) = sale.get::<Booking>(&path, &mut self.rng).await else {
            return watch::violated(format!("{path} was acknowledged, and is not there"));
        };
        let (verb, body) = match (seen.status, self.rng.random_range(0..10)) {
            (Status::Held | Status::Confirmed, 0..=3) => ("seats", self.swap(&seen)),
            (Status::Held, 4 | 5) | (_, 9) => ("confirm", json!({})),
            (Status::Held, 6) => ("extend", json!({"hold_seconds": self.rng.random_range(1..=9)})),
            (Status::Held | Status::Waitlisted, 7 | 8) => {
                ("quantity", goods::fewer(&seen, self.rng.random_range(1..=seen.quantity)))
            }
            (Status::Offered, 0..=5) => ("accept", json!({})),
            (Status::Offered, 6..=7) => ("decline", json!({})),
            _ => {
                self.bookings.swap_remove(place);
                ("cancel", json!({}))
            }
        };
        // What is confirmed is the organizer's to reseat, and what was paid for theirs to confirm.
        let is_paid = verb == "confirm" && seen.amount.is_some() && self.rng.random_bool(0.7);
        let by_organizer = is_paid || seen.status == Status::Confirmed && verb == "seats";
        let token = if by_organizer { "organizer" } else { self.name };
        self.ask(sale, token, format!("POST {path}/{verb}"), body).await;
    }

    /// Some seats of a booking for others.
    fn swap(&mut self, booking: &Booking) -> Value {
        let own = booking.seats.as_deref().unwrap_or_default();
        let dropped = self.rng.random_range(0..=own.len().min(2));
        let drop: Vec<_> = own.sample(&mut self.rng, dropped).cloned().collect();
        let add = if self.rng.random_bool(0.8) { self.seats(1) } else { Vec::new() };
        json!({"add": add, "drop": drop})
    }

    /// Asks until there is a final answer, under a key of its own.
    async fn ask(&mut self, sale: &Sale, token: &'static str, line: String, body: Value) -> network::Answer {
        self.count += 1;
        let (key, body) = (format!("{}-hall-{}", self.name, self.count), body.to_string());
        let first = sale.insist(&line, token, &key, &body, &mut self.rng).await;
        // What is no request, or for nobody, is not remembered.
        if matches!(first.status, 200..=202 | 409) {
            self.asked.push(Asked { line, token, key, body, first: first.clone() });
        }
        first
    }

    /// Asks again what was decided: it is answered as it was first, and a refusal as shortly as it is remembered.
    async fn repeat(&mut self, sale: &Sale, asked: &Asked) {
        let Asked { line, token, key, body, first } = asked;
        let again = sale.insist(line, token, key, body, &mut self.rng).await;
        let refusal = |answer: &network::Answer| {
            let body: Value = serde_json::from_str(&answer.body).expect("every answer is JSON");
            (answer.status, body["code"].clone(), body["seq"].clone())
        };
        let is_same = match first.status {
            409 => refusal(&again) == refusal(first),
            _ => (again.status, &again.body) == (first.status, &first.body),
        };
        if !is_same || !again.head.contains("\r\nidempotency-replayed: true") {
            watch::violated(format!("P3: {line} {key} {body} was answered {first:?}, and then {again:?}"));
        }
    }
}
