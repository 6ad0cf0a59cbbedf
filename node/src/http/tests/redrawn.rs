//! One map in place of another: what stays as it was, what is refused and why, and that whatever was answered before is answered
//! again by names that are gone.

use booking::{Asker, Command, RequestKey};
use bytes::Bytes;
use serde_json::{Value, json};

use super::seatmaps::{body, post, status};
use super::seats::{HOUSE, Sale, pointers, whole};
use super::*;
use crate::http::convert::{self, Seen};
use crate::http::request::call::{Call, Checks};
use crate::http::request::caller::Caller;
use crate::http::request::timeouts::ConnectionTimer;
use crate::http::response::problem::ProblemResponse;
use crate::http::routes::bookings::{ResponseTo, booking_response};
use crate::http::routes::by_map::ask_by_map;
use crate::permits::Lane;

/// Another map of the house in `HOUSE`: its parts in another order, a row more, and one category less, whose area is of another now.
const BUILT_ON: &str = r#"{"categories":[{"key":"b"},{"key":"a"}],"sections":[
    {"key":"box","rows":[{"key":"1","seats":["1-2"],"category":"b","rank":3}]},
    {"key":"stalls","rows":[
        {"key":"C","seats":["1-4"],"category":"b","rank":2},
        {"key":"B","seats":["1-6"],"category":"b","rank":1,"accessible":["1"],"companion":["2"]},
        {"key":"A","seats":["1-8"],"category":"a","rank":0}]}],
    "areas":[{"key":"floor","category":"b","capacity":3}]}"#;
/// A third one, of which little is left.
const TORN_DOWN: &str = r#"{"categories":[{"key":"a"}],"sections":[
    {"key":"stalls","rows":[{"key":"A","seats":["3-8"],"category":"a"}]}],
    "areas":[{"key":"floor","category":"a","capacity":1}]}"#;

impl Sale {
    /// Another map of the organizer's.
    async fn keep(&self, house: &str) -> String {
        let kept = post(&self.office, &self.office.organizer, &house.len().to_string(), JSON, house).await;
        body(&kept)["id"].as_str().expect("a map").to_owned()
    }

    /// Sends a whole request under this key, and gives the whole answer.
    async fn send(&self, method: &str, path: &str, token: &str, key: &str, asked: &Value) -> String {
        let mut client = Client::new(&self.office.app);
        client.send(&request(path, token, key, JSON, &asked.to_string()).replacen("POST", method, 1)).await;
        whole(&mut client).await
    }

    async fn redraw(&self, key: &str, map: &Value) -> (String, Value) {
        let path = format!("/v1/slots/{}", self.slot);
        let asked = json!({"inventory": {"seats": {"map": map}}});
        let answer = self.send("PATCH", &path, &self.office.organizer, key, &asked).await;
        (status(&answer).to_owned(), body(&answer))
    }
}

#[tokio::test]
async fn by_another_map_everything_that_is_taken_or_closed_stays_so() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    sale.sell(json!({"block": ["stalls/B/3"], "allot": {"press": ["box/1/2"]}})).await;
    sale.book(json!({"seats": ["stalls/A/1", "stalls/A/2"], "mode": "hold"})).await;
    let (_, mixed) = sale.book(json!({"seats": ["box/1/1"], "areas": {"floor": 2}})).await;
    let (_, gone) = sale.book(json!({"quantity": 4, "best": {"categories": ["s"]}})).await;
    let (_, served) = sale.book(json!({"quantity": 4, "best": {"categories": ["s", "b"]}})).await;
    assert_eq!([&gone["status"], &served["status"]], [&json!("waitlisted"); 2], "{gone} {served}");

    let other = sale.keep(BUILT_ON).await;
    let (status, slot) = sale.redraw("other", &json!(other)).await;
    assert_eq!(status, "200", "{slot}");
    assert_eq!(
        slot["inventory"]["seats"],
        json!({
            "map": other, "singles": "avoid", "aisle_singles": "ignore", "single_scope": "row",
        })
    );
    let counts = &slot["counts"];
    let figures = ["capacity", "free", "held", "confirmed", "waitlisted", "blocked"];
    assert_eq!(figures.map(|name| counts[name].as_u64()), [22, 12, 2, 7, 0, 1].map(Some), "{counts}");
    assert_eq!(counts["allotted"], json!({"press": {"capacity": 1, "free": 1}}));
    let rows = json!({
        "box/1": "tt", "stalls/C": "tttt", "stalls/B": "fftfff", "stalls/A": "hhffffff",
    });
    let seats = sale.seats("").await;
    assert_eq!((&seats["rows"], &seats["map"], &seats["seq"]), (&rows, &json!(other), &slot["seq"]));
    assert_eq!(seats["areas"], json!({"floor": {"capacity": 3, "free": 1}}));

    // The feed tells it in one record.
    let organizer = sale.office.organizer.clone();
    let feed = sale.get(&format!("/v1/slots/{}/feed", sale.slot), &organizer).await.1;
    let records = feed["items"].as_array().expect("items");
    let last = records.last().expect("records");
    assert_eq!(
        (&last["kind"], &last["map"], &last["seq"]),
        (&json!("slot_changed"), &json!(other), &slot["seq"])
    );
    assert_eq!(last["counts"], *counts);
    assert!(records[..records.len() - 1].iter().all(|record| record["map"].is_null()), "{feed}");
    let told = |booking: &Value| ["id", "status", "seats"].map(|name| booking[name].clone());
    let told: Vec<_> = last["bookings"].as_array().expect("bookings").iter().map(told).collect();
    let block = json!(["stalls/C/1", "stalls/C/2", "stalls/C/3", "stalls/C/4"]);
    assert_eq!(
        told,
        [
            [gone["id"].clone(), json!("cancelled"), json!([])],
            [served["id"].clone(), json!("confirmed"), block],
        ]
    );

    let customer = sale.office.customer.clone();
    let read = sale.get(&format!("/v1/bookings/{}", mixed["id"].as_str().expect("an id")), &customer).await.1;
    for name in ["seats", "areas", "quantity", "status", "together"] {
        assert_eq!(read[name], mixed[name], "{name}");
    }
    let (status, booked) = sale.book(json!({"seats": ["stalls/B/5", "stalls/B/6"]})).await;
    assert_eq!((status.as_str(), &booked["category"]), ("201", &json!("b")), "{booked}");
    assert_eq!(sale.redraw("again", &json!(other)).await.1["seq"], booked["seq"], "it is its map already");
}

#[tokio::test]
async fn a_map_that_lacks_what_is_taken_is_refused_and_one_of_nobodys_is_none() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    sale.book(json!({"seats": ["stalls/A/2", "stalls/A/3", "box/1/2"]})).await;
    sale.book(json!({"areas": {"floor": 2}, "mode": "hold"})).await;
    let before = sale.slot().await;
    let torn_down = sale.keep(TORN_DOWN).await;
    let (status, problem) = sale.redraw("torn", &json!(torn_down)).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("capacity_in_use")), "{problem}");
    let taken = |seat: &str| json!({"seat": seat, "reason": "taken"});
    assert_eq!(problem["conflicts"], json!([taken("stalls/A/2"), taken("box/1/2"), taken("floor")]));
    let (status, again) = sale.redraw("torn", &json!(torn_down)).await;
    assert_eq!((status.as_str(), &again["code"], &again["seq"]), ("409", &problem["code"], &problem["seq"]));

    let other = ids::seatmap_text(ids::seatmap("another", HOUSE.as_bytes()));
    let unkept = ids::seatmap_text(ids::seatmap("boxoffice", b"{}"));
    for map in [json!(other), json!(unkept), json!("map_x"), json!(""), Value::Null] {
        let (status, problem) = sale.redraw("none", &map).await;
        assert_eq!(
            (status.as_str(), pointers(&problem)),
            ("422", vec!["/inventory/seats/map"]),
            "{map}: {problem}"
        );
    }
    for map in [json!(3), json!([torn_down]), json!({})] {
        assert_eq!(sale.redraw("none", &map).await.0, "422", "{map}");
    }
    assert_eq!(sale.slot().await, before, "nothing has happened");

    let (units, _) = sale.office.slot(3).await;
    let asked = json!({"inventory": {"seats": {"map": torn_down}}});
    let organizer = sale.office.organizer.clone();
    let answer = sale.send("PATCH", &format!("/v1/slots/{units}"), &organizer, "units", &asked).await;
    assert_eq!(pointers(&body(&answer)), ["/inventory/seats"], "{answer}");
    let stranger = sale.office.token("stranger", Role::Organizer);
    let answer = sale.send("PATCH", &format!("/v1/slots/{}", sale.slot), &stranger, "stranger", &asked).await;
    assert_eq!(super::seatmaps::status(&answer), "403", "{answer}");
}

/// A customer's request for these seats, as the door has it.
fn call(seats: &[&str]) -> Call {
    let head = hyper::Request::post("/v1/slots/slot_x/bookings").header("content-type", JSON);
    let (head, ()) = head.body(()).expect("a head").into_parts();
    let caller = Caller::Customer { subject: "ada".to_owned() };
    let checks = Checks { caller: Ok(Arc::new(caller)), head: Ok(()), rate_limit: Ok(()) };
    let body = Bytes::from(json!({"seats": seats}).to_string());
    Call::with_body(head, Ok(body), checks, ConnectionTimer::new())
}

#[tokio::test]
async fn whoever_knows_the_map_of_before_numbers_a_request_again() {
    let sale = Sale::open(HOUSE, &json!({})).await;
    let (app, id) = (&sale.office.app, ids::slot_id(&sale.slot).expect("a slot's id"));
    let before = app.router.shards().read_local(id).expect("sound").expect("there");
    sale.redraw("other", &json!(sale.keep(BUILT_ON).await)).await;
    // In both maps under different numbers, in the new one only, and in neither.
    for (key, seats, want) in [
        (1, ["stalls/A/3", "stalls/A/4"], Ok("a")),
        (2, ["stalls/C/1", "stalls/C/2"], Ok("b")),
        (3, ["stalls/D/1", "stalls/A/5"], Err("/seats/0")),
    ] {
        let call = call(&seats);
        let command = |seen: Result<Seen<'_>, ProblemResponse>| {
            let (asked, seen) = (call.json()?, seen?);
            let book = convert::book("ada".to_owned(), &asked, seen, Asker::Customer)?;
            Ok((RequestKey(key), Command::Book(book)))
        };
        let answer = ask_by_map(app, &call, (before.clone(), Lane::Newcomer), command).await;
        match (answer, want) {
            (Ok((outcome, maps)), Ok(category)) => {
                let booked = booking_response(outcome, ResponseTo::Creation, &maps).expect("booked");
                let booked: Value = serde_json::from_slice(&booked.body).expect("JSON");
                assert_eq!(
                    (&booked["seats"], &booked["category"]),
                    (&json!(seats), &json!(category)),
                    "{booked}"
                );
            }
            (Err(problem), Err(pointer)) => assert_eq!(problem.errors()[0].pointer, pointer),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("{seats:?} are to be {want:?}"),
        }
    }
}

/// A request, and its first answer.
struct Asked {
    method: &'static str,
    path: String,
    token: String,
    key: &'static str,
    wish: Value,
    first: String,
}

impl Asked {
    async fn of(
        sale: &Sale,
        (method, path, token): (&'static str, &str, &str),
        (key, wish, want): (&'static str, Value, &str),
    ) -> Self {
        let first = sale.send(method, path, token, key, &wish).await;
        assert_eq!(status(&first), want, "{key}: {first}");
        Self { method, path: path.to_owned(), token: token.to_owned(), key, wish, first }
    }

    /// The same again: the first answer, and of a refusal what is remembered of it.
    async fn again(&self, sale: &Sale) {
        let again = sale.send(self.method, &self.path, &self.token, self.key, &self.wish).await;
        assert!(again.contains("\r\nidempotency-replayed: true\r\n"), "{}: {again}", self.key);
        let said = |answer: &str| match status(answer) {
            "409" => json!(["code", "seq", "status"].map(|name| body(answer)[name].clone())),
            _ => body(answer),
        };
        assert_eq!((status(&again), said(&again)), (status(&self.first), said(&self.first)), "{}", self.key);
    }

    fn booking(&self) -> String {
        format!("/v1/bookings/{}", body(&self.first)["id"].as_str().expect("a booking"))
    }
}

#[tokio::test]
async fn what_was_answered_by_names_that_are_gone_is_answered_again() {
    let sale = Sale::open(HOUSE, &json!({})).await;
    let (customer, organizer) = (sale.office.customer.as_str(), sale.office.organizer.as_str());
    let (slot, bookings) = (format!("/v1/slots/{}", sale.slot), format!("/v1/slots/{}/bookings", sale.slot));
    let by_customer = ("POST", bookings.as_str(), customer);
    let pick = json!({"seats": ["stalls/B/3", "stalls/B/4"], "mode": "hold"});
    let picked = Asked::of(&sale, by_customer, ("pick", pick.clone(), "201")).await;
    let (swap, path) = (json!({"add": ["stalls/B/5"], "drop": ["stalls/B/3"]}), picked.booking() + "/seats");
    let swapped = Asked::of(&sale, ("POST", &path, customer), ("swap", swap, "200")).await;
    let taken = Asked::of(&sale, by_customer, ("taken", json!({"seats": ["stalls/B/5"]}), "409")).await;
    let best = json!({"quantity": 2, "best": {"categories": ["b"], "sections": ["box"]}, "customer": "bob"});
    let by_organizer = ("POST", bookings.as_str(), organizer);
    let found = Asked::of(&sale, by_organizer, ("found", best.clone(), "201")).await;
    let waits = Asked::of(&sale, by_organizer, ("waits", best, "202")).await;
    let sell = json!({"block": ["stalls/B/6"], "allot": {"press": ["stalls/B/3"]}});
    let path = format!("{slot}/seats");
    let sold = Asked::of(&sale, ("POST", &path, organizer), ("sell", sell, "200")).await;
    for (key, over) in [("1", &picked), ("2", &found), ("3", &waits)] {
        sale.send("POST", &(over.booking() + "/cancel"), organizer, key, &json!({})).await;
    }
    let other = json!({"inventory": {"seats": {"map": sale.keep(TORN_DOWN).await}}});
    let redrawn = Asked::of(&sale, ("PATCH", &slot, organizer), ("redraw", other, "200")).await;
    for asked in [picked, swapped, taken, found, waits, sold, redrawn] {
        asked.again(&sale).await;
    }

    // Under another key, or with another wish, the names are none.
    for (key, wish, pointer) in [
        ("new", pick, "/seats/0"),
        ("pick", json!({"seats": ["stalls/A/8", "stalls/B/4"]}), "/seats/1"),
        ("new", json!({"quantity": 1, "best": {"categories": ["b"]}}), "/best/categories/0"),
    ] {
        let problem = body(&sale.send("POST", &bookings, customer, key, &wish).await);
        let said = (&problem["code"], pointers(&problem)[0]);
        assert_eq!(said, (&json!("invalid_request"), pointer), "{problem}");
    }
    let answer = sale.send("POST", &bookings, customer, "pick", &json!({"seats": ["stalls/A/8"]})).await;
    assert_eq!(body(&answer)["code"], "idempotency_key_reused");
}
