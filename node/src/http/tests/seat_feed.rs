//! The live map: what changed once and as a stream, who is told how often, and that a map with its changes is the map.

use std::collections::BTreeMap;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt as _;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tower::Service as _;

use super::seatmaps::{body, post};
use super::seats::{HOUSE, Sale, pointers};
use super::*;
use crate::chance::dice::{IndexedRandom as _, RngExt as _, SeedableRng as _, SmallRng};
use crate::http::convert;
use crate::permits::Lane;

/// Longer than any stream of these tests says nothing.
const LONG: Duration = Duration::from_secs(20);

impl Sale {
    async fn changes(&self, query: &str) -> (String, Value) {
        self.get(&format!("/v1/slots/{}/seats/feed{query}", self.slot), "").await
    }

    /// Sells it by another map, in which every place has the number that it had.
    async fn change_map(&self, other: &str) {
        let made = post(&self.office, &self.office.organizer, "other", JSON, other).await;
        let content = |id: &Value| ids::seatmap_id(id.as_str().expect("an id")).expect("a map").content;
        let map = booking::MapChange {
            map: content(&body(&made)["id"]),
            plan: convert::plan(&seatmap::Seatmap::from_json(other.as_bytes()).expect("a seatmap")),
            from: content(&self.seats("").await["map"]),
            table: booking::Table {
                seats: (0..16).map(|seat| Some(booking::Seat(seat))).collect(),
                areas: vec![Some(booking::Area(0))],
            },
            categories: (0..3).map(|category| Some(booking::Category(category))).collect(),
            sections: (0..2).map(|section| Some(booking::Section(section))).collect(),
        };
        let change = booking::SlotChange { map: Some(Box::new(map)), ..booking::SlotChange::default() };
        let request = booking::Request {
            slot: ids::slot_id(&self.slot).expect("an id"),
            key: booking::RequestKey(7_000),
            fingerprint: booking::Fingerprint(1),
            command: booking::Command::ChangeSlot(Box::new(change)),
        };
        let router = &self.office.app.router;
        let outcome = router.ask(&router.prepare(request), Lane::Newcomer).await.expect("decided");
        assert!(matches!(outcome.decision, booking::Decision::Slot(_)), "{outcome:?}");
    }

    /// Begins to watch, where that is allowed.
    async fn watch(&self, query: &str, heard: Option<u64>) -> Result<Watcher, (StatusCode, Value)> {
        let uri = format!("/v1/slots/{}/seats/feed{query}", self.slot);
        let request = Request::get(uri).header("host", "node").header("accept", "text/event-stream");
        let request = heard.into_iter().fold(request, |request, seq| request.header("last-event-id", seq));
        let mut routes = client_routes(Arc::clone(&self.office.app));
        let answer = routes.call(request.body(Body::empty()).expect("a request")).await.expect("an answer");
        let status = answer.status();
        let mut body = answer.into_body().into_data_stream();
        if status == StatusCode::OK {
            return Ok(Watcher { body, ahead: String::new() });
        }
        let problem = body.next().await.expect("a problem").expect("whole");
        Err((status, serde_json::from_slice(&problem).expect("a problem")))
    }
}

/// Somebody who reads a stream as slowly as they like.
struct Watcher {
    body: BodyDataStream,
    ahead: String,
}

impl Watcher {
    /// The next thing that is said, up to the blank line; none where the stream is over.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((said, ahead)) = self.ahead.split_once("\n\n") {
                let (said, ahead) = (said.to_owned(), ahead.to_owned());
                self.ahead = ahead;
                return Some(said);
            }
            let more = timeout(LONG, self.body.next()).await.expect("it says something")?;
            self.ahead.push_str(std::str::from_utf8(&more.expect("whole")).expect("text"));
        }
    }

    /// The next change, past everything else.
    async fn change(&mut self) -> Option<Value> {
        loop {
            let said = self.next().await?;
            let Some((id, data)) = said.split_once('\n') else { continue };
            let change: Value =
                serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("a change");
            assert_eq!(id.strip_prefix("id: "), Some(&*change["seq"].to_string()), "{said}");
            return Some(change);
        }
    }
}

fn change(after: u64, seq: u64, runs: &Value, areas: &Value) -> Value {
    json!({"after": after, "seq": seq, "runs": runs, "areas": areas})
}

#[tokio::test]
async fn what_changed_is_told_since_a_seq_that_is_known() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    // Nobody has looked yet, and a seq that somebody was told elsewhere is known here too.
    assert_eq!(sale.changes("?after=1").await.1, change(1, 1, &json!([]), &json!({})));
    sale.book(json!({"seats": ["stalls/A/2", "stalls/A/1", "box/1/2"], "mode": "hold"})).await;
    sale.book(json!({"areas": {"floor": 2}})).await;
    sale.sell(json!({"block": ["stalls/B"]})).await;
    let held = json!([0, 2, "h"]);
    let blocked = json!([8, 6, "t"]);
    let floor = json!({"floor": 3});
    // The seats of a section are told as they are numbered over the whole map.
    for (query, want) in [
        ("?after=1", change(1, 4, &json!([held, blocked, [15, 1, "h"]]), &floor)),
        ("?after=1&section=stalls", change(1, 4, &json!([held, blocked]), &json!({}))),
        ("?section=box&after=1", change(1, 4, &json!([[15, 1, "h"]]), &json!({}))),
        ("?after=4", change(4, 4, &json!([]), &json!({}))),
    ] {
        let (status, told) = sale.changes(query).await;
        assert_eq!((status.as_str(), &told), ("200", &want), "{query}");
    }
    for (query, pointer, seq) in [
        ("?after=5", "#after", Some(4)),
        ("?after=18446744073709551615&section=box", "#after", Some(4)),
        ("?after=18446744073709551616", "#after", None),
        ("?after=", "#after", None),
        ("?after=-1", "#after", None),
        ("?after=4&section=floor", "#section", None),
        ("?after=4&section=stalls/A", "#section", None),
        ("?after=4&section=", "#section", None),
        ("?after=4&after=4", "#after", None),
    ] {
        let (status, problem) = sale.changes(query).await;
        assert_eq!(
            (status.as_str(), pointers(&problem), problem["seq"].as_u64()),
            ("422", vec![pointer], seq),
            "{query}: {problem}"
        );
        let Err((status, streamed)) = sale.watch(query, None).await else { panic!("{query}") };
        assert_eq!((status.as_u16(), &streamed), (422, &problem), "{query}");
    }
    for query in ["", "?after=0", "?section=box"] {
        let (status, problem) = sale.changes(query).await;
        let told = (&problem["code"], &problem["oldest_seq"]);
        assert_eq!((status.as_str(), told), ("410", (&json!("feed_gone"), &json!(2))), "{query}");
        assert_eq!(sale.watch(query, None).await.err(), Some((StatusCode::GONE, problem)), "{query}");
    }
    let (units, _) = sale.office.slot(3).await;
    for path in [format!("/v1/slots/{units}/seats/feed"), format!("/v1/slots/{}x/seats/feed", sale.slot)] {
        assert_eq!(sale.get(&path, "").await.0, "404", "{path}");
    }
}

#[tokio::test]
async fn feeds_from_before_a_new_map_are_gone() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let mut watcher = sale.watch("?after=1", None).await.expect("it begins");
    sale.book(json!({"seats": ["stalls/A/1"]})).await;
    assert_eq!(watcher.change().await, Some(change(1, 2, &json!([[0, 1, "t"]]), &json!({}))));
    sale.change_map(&HOUSE.replace(r#""seats":["1-2"]"#, r#""seats":["1-3"]"#)).await;
    assert_eq!(watcher.change().await, None, "the stream is over");
    for (query, heard) in [("?after=2", None), ("?after=3", Some(2)), ("?after=2&section=box", None)] {
        let (status, problem) = sale.watch(query, heard).await.err().expect("it is gone");
        assert_eq!((status, &problem["oldest_seq"]), (StatusCode::GONE, &json!(4)), "{problem}");
    }
    let shown = sale.seats("").await;
    assert_eq!((&shown["seq"], &shown["rows"]["box/1"]), (&json!(3), &json!("fff")));
    assert_eq!(sale.book(json!({"seats": ["box/1/3"]})).await.0, "201");
    assert_eq!(sale.changes("?after=3").await.1, change(3, 4, &json!([[16, 1, "t"]]), &json!({})));
}

#[tokio::test(start_paused = true)]
async fn who_watches_is_told_at_once_in_turn_and_that_nothing_happens() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let mut all = sale.watch("?after=1", None).await.expect("it begins");
    let mut part = sale.watch("?after=1&section=box", None).await.expect("it begins");
    let greeting = all.next().await.expect("a greeting");
    let retry: u64 = greeting.strip_prefix("retry: ").expect(&greeting).parse().expect("milliseconds");
    assert!((1_000..10_000).contains(&retry), "{retry}");
    part.next().await.expect("a greeting");
    sale.book(json!({"seats": ["stalls/A/1"]})).await;
    assert_eq!(all.change().await, Some(change(1, 2, &json!([[0, 1, "t"]]), &json!({}))));
    // What nobody sees of it is not told, and told next is from what was told last.
    sale.book(json!({"seats": ["box/1/1"]})).await;
    assert_eq!(part.change().await, Some(change(1, 3, &json!([[14, 1, "t"]]), &json!({}))));
    assert_eq!(all.change().await, Some(change(2, 3, &json!([[14, 1, "t"]]), &json!({}))));
    let quiet = Instant::now();
    assert_eq!(part.next().await.as_deref(), Some(": quiet"));
    let waited = quiet.elapsed();
    assert!((14..=16).contains(&waited.as_secs()), "{waited:?}");

    // Whoever does not read is told nothing, and then how everything is by now: in one event.
    for seat in 2..=8 {
        sale.book(json!({"seats": [format!("stalls/A/{seat}")]})).await;
    }
    let late = all.change().await.expect("an event");
    assert_eq!(late, change(3, 10, &json!([[1, 7, "t"]]), &json!({})));
    // Who comes back is told what is otherwise since the last that was heard; who heard it of another node takes the map anew.
    let mut back = sale.watch("?after=1", Some(3)).await.expect("it begins");
    assert_eq!(back.change().await, Some(late));
    let (status, problem) = sale.watch("?after=1", Some(9)).await.err().expect("nobody looked then");
    assert_eq!((status, &problem["oldest_seq"]), (StatusCode::GONE, &json!(11)), "{problem}");

    sale.office.app.stage.set_draining();
    sale.office.app.router.houses().end();
    for watcher in [&mut all, &mut part, &mut back] {
        while let Some(said) = watcher.next().await {
            assert_eq!(said, ": quiet");
        }
    }
    drop((all, part, back));
    assert_eq!(sale.office.app.router.in_flight(), 0, "every permit is given back");
    let (status, problem) = sale.watch("?after=10", None).await.err().expect("it is over");
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("draining")));
    assert_eq!(sale.seats("").await["seq"], 10, "what is asked once is answered");
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_told_less_often_and_no_more_than_may_are_let_in() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let app = Arc::clone(&sale.office.app);
    let mut crowd = Vec::new();
    for _ in 0..40 {
        let mut watcher = sale.watch("?after=1", None).await.expect("it begins");
        watcher.next().await.expect("a greeting");
        crowd.push(watcher);
    }
    let slot = ids::slot_id(&sale.slot).expect("an id");
    let house = app.router.houses().open(app.router.shards(), slot, 16).expect("it is known");
    let other = house.watch(app.router.permit(Lane::Crowd).expect("room")).expect("it goes on");
    // After others were told so many bytes: the time between two events at least.
    for (turn, (bytes, at_least)) in [(0, 100), (16 << 20, 500), (64 << 20, 2_000)].into_iter().enumerate() {
        let mut told = Vec::new();
        for sold in ["block", "open"] {
            other.told(bytes);
            let organizer = sale.office.organizer.clone();
            let path = format!("/v1/slots/{}/seats", sale.slot);
            assert_eq!(sale.ask(&organizer, &path, &json!({sold: ["box/1/1"]})).await.0, "200");
            for watcher in &mut crowd {
                watcher.change().await.expect("an event");
            }
            told.push(Instant::now());
        }
        let between = told[1] - told[0];
        assert!((at_least..=at_least + 250).contains(&between.as_millis()), "{turn}: {between:?}");
    }
    let others: Vec<_> = std::iter::from_fn(|| app.router.permit(Lane::Crowd).ok()).collect();
    let (status, problem) = sale.watch("?after=1", None).await.err().expect("there are too many");
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("overloaded")), "{problem}");
    let now = sale.seats("").await["seq"].clone();
    assert_eq!(sale.changes(&format!("?after={now}")).await.0, "200", "who asks once is answered");
    drop(others);
    assert!(sale.watch("?after=1", None).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_house_is_forgotten_when_nobody_has_looked_for_long() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let watcher = sale.watch("?after=1", None).await.expect("it begins");
    sale.book(json!({"seats": ["stalls/A/1"]})).await;
    tokio::time::sleep(10 * LONG).await;
    assert_eq!(sale.changes("?after=1").await.0, "200", "somebody watches");
    drop(watcher);
    tokio::time::sleep(2 * LONG).await;
    assert_eq!(sale.changes("?after=1").await.0, "200", "somebody has looked");
    tokio::time::sleep(10 * LONG).await;
    sale.book(json!({"seats": ["stalls/A/2"]})).await;
    assert_eq!(sale.changes("?after=2").await.0, "410");
    assert_eq!(sale.changes("?after=3").await.0, "200", "it is looked at again");
}

/// A letter a seat, by the names of rows, and what is free in areas.
type Letters = (BTreeMap<String, Vec<u8>>, BTreeMap<String, Value>);

fn letters(shown: &Value) -> Letters {
    let rows = shown["rows"].as_object().expect("rows").iter();
    let row = |(name, row): (&String, &Value)| {
        (name.clone(), row.as_str().expect("letters").bytes().filter(|letter| *letter != b' ').collect())
    };
    let areas = shown["areas"].as_object().expect("areas").iter();
    (rows.map(row).collect(), areas.map(|(key, area)| (key.clone(), area["free"].clone())).collect())
}

/// In which row of the house the seats are, in the order of the map.
const ROWS: [(&str, usize); 3] = [("stalls/A", 8), ("stalls/B", 6), ("box/1", 2)];

fn apply((rows, areas): &mut Letters, change: &Value) {
    for run in change["runs"].as_array().expect("runs") {
        let [first, length] =
            [0, 1].map(|at| usize::try_from(run[at].as_u64().expect("a number")).expect("small"));
        let letter = run[2].as_str().expect("a letter").as_bytes()[0];
        for seat in first..first + length {
            let mut place = seat;
            for (row, seats) in ROWS {
                if place < seats {
                    if let Some(row) = rows.get_mut(row) {
                        row[place] = letter;
                    }
                    break;
                }
                place -= seats;
            }
        }
    }
    for (key, free) in change["areas"].as_object().expect("areas") {
        areas.insert(key.clone(), free.clone());
    }
}

/// What somebody does at random.
async fn something(sale: &mut Sale, rng: &mut SmallRng, bookings: &mut Vec<String>) {
    let seats: Vec<String> = (1..=8)
        .map(|seat| format!("stalls/A/{seat}"))
        .chain((3..=6).map(|seat| format!("stalls/B/{seat}")))
        .collect();
    let seat = seats.choose(rng).expect("seats").clone();
    match rng.random_range(0..8) {
        0..3 => {
            let mode = ["hold", "confirm"].choose(rng).expect("two");
            let (status, booking) = sale.book(json!({"seats": [seat], "mode": mode})).await;
            if status == "201" {
                bookings.push(booking["id"].as_str().expect("an id").to_owned());
            }
        }
        3 => {
            let (status, booking) = sale.book(json!({"areas": {"floor": 1}})).await;
            if status == "201" {
                bookings.push(booking["id"].as_str().expect("an id").to_owned());
            }
        }
        4 => {
            let what = ["block", "open"].choose(rng).expect("two");
            sale.sell(json!({*what: [seat]})).await;
        }
        5..8 if !bookings.is_empty() => {
            let booking = bookings[rng.random_range(0..bookings.len())].clone();
            let act = ["confirm", "cancel", "cancel"].choose(rng).expect("three");
            sale.as_organizer(&format!("/v1/bookings/{booking}/{act}"), json!({})).await;
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_map_with_what_changed_is_the_map_however_it_is_sold() {
    for seed in 0..6 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut sale = Sale::open(HOUSE, &json!({})).await;
        let mut bookings = Vec::new();
        // Of everything, and of each section: what is known, up to which seq, and all that was ever told.
        let mut clients = Vec::new();
        for section in ["", "&section=stalls", "&section=box"] {
            let shown = sale.seats(&section.replacen('&', "?", 1)).await;
            clients.push((
                section,
                letters(&shown),
                shown["seq"].as_u64().expect("a seq"),
                Vec::<Value>::new(),
            ));
        }
        for step in 0..80 {
            something(&mut sale, &mut rng, &mut bookings).await;
            let (section, known, seq, told) = &mut clients[rng.random_range(0..3)];
            // Not every look comes through, some are told twice, and some ask from long ago.
            if rng.random_bool(0.4) {
                continue;
            }
            let old = told.choose(&mut rng).filter(|_| rng.random_bool(0.2));
            let after = old.map_or(*seq, |old| old["after"].as_u64().expect("a seq"));
            let (status, change) = sale.changes(&format!("?after={after}{section}")).await;
            assert_eq!(status, "200", "{seed} {step}: {change}");
            apply(known, &change);
            *seq = change["seq"].as_u64().expect("a seq");
            if let Some(old) = told.choose(&mut rng).filter(|_| rng.random_bool(0.3)) {
                apply(known, old);
                apply(known, &change);
                let (_, again) = sale.changes(&format!("?after={}{section}", old["after"])).await;
                apply(known, &again);
                *seq = again["seq"].as_u64().expect("a seq");
            }
            told.push(change);
            let shown = sale.seats(&section.replacen('&', "?", 1)).await;
            assert_eq!(
                (shown["seq"].as_u64(), &*known),
                (Some(*seq), &letters(&shown)),
                "{seed} {step} {section}"
            );
        }
    }
}
