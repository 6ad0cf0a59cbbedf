//! One map in place of another: what stays as it was, what is refused and why, and that whatever was answered before is answered
//! again by names that are gone.

use serde_json::{Value, json};

use super::seatmaps::{body, post, status};
use super::seats::{HOUSE, Sale, pointers, whole};
use super::*;

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
    let token = sale.office.organizer.clone();
    let answer = sale.send("PATCH", &format!("/v1/slots/{units}"), &token, "units", &asked).await;
    assert_eq!(pointers(&body(&answer)), ["/inventory/seats"], "{answer}");
    let stranger = sale.office.token("stranger", Role::Organizer);
    let answer = sale.send("PATCH", &format!("/v1/slots/{}", sale.slot), &stranger, "stranger", &asked).await;
    assert_eq!(super::seatmaps::status(&answer), "403", "{answer}");
}

#[tokio::test]
async fn what_was_answered_by_names_that_are_gone_is_answered_again() {
    let sale = Sale::open(HOUSE, &json!({})).await;
    let (customer, organizer) = (sale.office.customer.as_str(), sale.office.organizer.as_str());
    let (slot, bookings) = (format!("/v1/slots/{}", sale.slot), format!("/v1/slots/{}/bookings", sale.slot));
    let pick = json!({"seats": ["stalls/B/3", "stalls/B/4"], "mode": "hold"});
    let first = sale.send("POST", &bookings, customer, "pick", &pick).await;
    let swap = format!("/v1/bookings/{}/seats", body(&first)["id"].as_str().expect("an id"));
    let cancel = swap.replace("/seats", "/cancel");
    let other = json!({"inventory": {"seats": {"map": sale.keep(TORN_DOWN).await}}});
    let asked = [
        (
            "POST",
            swap.as_str(),
            customer,
            "swap",
            json!({"add": ["stalls/B/5"], "drop": ["stalls/B/3"]}),
            "200",
        ),
        ("POST", &bookings, customer, "taken", json!({"seats": ["stalls/B/5"]}), "409"),
        (
            "POST",
            &bookings,
            customer,
            "best",
            json!({"quantity": 2, "best": {"categories": ["b"], "sections": ["box"]}, "mode": "hold"}),
            "201",
        ),
        (
            "POST",
            &bookings,
            organizer,
            "waits",
            json!({"quantity": 2, "best": {"categories": ["b"], "sections": ["box"]}, "customer": "bob"}),
            "202",
        ),
        (
            "POST",
            &format!("{slot}/seats"),
            organizer,
            "sell",
            json!({"block": ["stalls/B/6"], "allot": {"press": ["stalls/B/3"]}}),
            "200",
        ),
    ];
    let mut answers = vec![("POST", bookings.as_str(), customer, "pick", pick.clone(), first)];
    for (method, path, token, key, wish, want) in asked {
        let answer = sale.send(method, path, token, key, &wish).await;
        assert_eq!(status(&answer), want, "{key}: {answer}");
        answers.push((method, path, token, key, wish, answer));
    }
    let best = body(&answers[3].5)["id"].as_str().expect("an id").to_owned();
    for cancel in [cancel, format!("/v1/bookings/{best}/cancel")] {
        sale.send("POST", &cancel, customer, &cancel, &json!({})).await;
    }
    let served = sale.get(&bookings, organizer).await.1["items"][2]["id"].as_str().expect("an id").to_owned();
    sale.send("POST", &format!("/v1/bookings/{served}/cancel"), organizer, "served", &json!({})).await;
    let redrawn = sale.send("PATCH", &slot, organizer, "redraw", &other).await;
    assert_eq!(status(&redrawn), "200", "{redrawn}");
    answers.push(("PATCH", slot.as_str(), organizer, "redraw", other, redrawn));

    for (method, path, token, key, wish, first) in &answers {
        let again = sale.send(method, path, token, key, wish).await;
        assert!(again.contains("\r\nidempotency-replayed: true\r\n"), "{key}: {again}");
        let said = |answer: &str| match status(answer) {
            "409" => json!(["code", "seq", "status"].map(|name| body(answer)[name].clone())),
            _ => body(answer),
        };
        assert_eq!((status(&again), said(&again)), (status(first), said(first)), "{key}");
    }
    // Under another key, or with another wish, the names are none.
    for (key, wish, pointer) in [
        ("new", pick, "/seats/0"),
        ("pick", json!({"seats": ["stalls/A/8", "stalls/B/4"]}), "/seats/1"),
        ("new", json!({"quantity": 1, "best": {"categories": ["b"]}}), "/best/categories/0"),
    ] {
        let problem = body(&sale.send("POST", &bookings, customer, key, &wish).await);
        assert_eq!(
            (&problem["code"], pointers(&problem)[0]),
            (&json!("invalid_request"), pointer),
            "{problem}"
        );
    }
    let answer = sale.send("POST", &bookings, customer, "pick", &json!({"seats": ["stalls/A/8"]})).await;
    assert_eq!(body(&answer)["code"], "idempotency_key_reused");
}
