//! Seats over HTTP: every bound of what is asked for, what is answered, what is refused and why, and the map of what is free.

use serde_json::{Value, json};

use super::seatmaps::{body, post, status};
use super::*;

/// Two rows in one section, one of them with an aisle, a box, and places to stand.
pub(super) const HOUSE: &str = r#"{"categories":[{"key":"a"},{"key":"b"},{"key":"s"}],"sections":[
    {"key":"stalls","rows":[
        {"key":"A","seats":["1-4","5-8"],"category":"a","rank":0},
        {"key":"B","seats":["1-6"],"category":"b","rank":1,"accessible":["1"],"companion":["2"]}]},
    {"key":"box","rows":[{"key":"1","seats":["1-2"],"category":"b","rank":2}]}],
    "areas":[{"key":"floor","category":"s","capacity":5}]}"#;
/// A house of one category.
pub(super) const PLAIN: &str = r#"{"categories":[{"key":"a"}],"sections":[{"key":"s","rows":[{"key":"A","seats":["1-120"],"category":"a"}]}]}"#;

/// A slot of seats, on sale: how it is asked, and the office that sells it.
pub(super) struct Sale {
    pub(super) office: Office,
    pub(super) slot: String,
    pub(super) map: String,
    asked: usize,
}

impl Sale {
    pub(super) async fn open(house: &str, more: &Value) -> Self {
        let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
        let made = body(&post(&office, &office.organizer, "map", JSON, house).await);
        let map = made["id"].as_str().expect("a map").to_owned();
        let mut seats = json!({"map": map});
        for (name, value) in more.as_object().expect("fields") {
            seats[name] = value.clone();
        }
        let slot = json!({
            "title": "opera", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
            "inventory": {"seats": seats},
        });
        Self { map, ..Self::at(office, &slot).await }
    }

    /// A sale of this slot.
    pub(super) async fn of(slot: &Value) -> Self {
        Self::at(Office::quiet(&dev(), Arc::new(SystemClock::new())).await, slot).await
    }

    async fn at(office: Office, slot: &Value) -> Self {
        let mut client = Client::new(&office.app);
        client.send(&request("/v1/slots", &office.organizer, "slot", JSON, &slot.to_string())).await;
        let made = whole(&mut client).await;
        assert_eq!(status(&made), "201", "{made}");
        let slot = body(&made)["id"].as_str().expect("a slot").to_owned();
        Self { office, slot, map: String::new(), asked: 0 }
    }

    /// A key that was not used yet.
    pub(super) fn next_key(&mut self) -> String {
        self.asked += 1;
        format!("key-{}", self.asked)
    }

    /// Asks under a key of its own, and gives status and body.
    pub(super) async fn ask(&mut self, token: &str, path: &str, asked: &Value) -> (String, Value) {
        let key = self.next_key();
        let mut client = Client::new(&self.office.app);
        client.send(&request(path, token, &key, JSON, &asked.to_string())).await;
        let answer = whole(&mut client).await;
        (status(&answer).to_owned(), body(&answer))
    }

    pub(super) async fn book(&mut self, asked: Value) -> (String, Value) {
        let (token, path) = (self.office.customer.clone(), format!("/v1/slots/{}/bookings", self.slot));
        self.ask(&token, &path, &asked).await
    }

    pub(super) async fn as_organizer(&mut self, path: &str, asked: Value) -> (String, Value) {
        let token = self.office.organizer.clone();
        self.ask(&token, path, &asked).await
    }

    pub(super) async fn sell(&mut self, asked: Value) -> (String, Value) {
        let path = format!("/v1/slots/{}/seats", self.slot);
        self.as_organizer(&path, asked).await
    }

    pub(super) async fn get(&self, path: &str, token: &str) -> (String, Value) {
        let mut client = Client::new(&self.office.app);
        let bearer =
            if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        client.send(&format!("GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n{bearer}\r\n")).await;
        let answer = client.rest().await;
        (status(&answer).to_owned(), body(&answer))
    }

    pub(super) async fn slot(&self) -> Value {
        self.get(&format!("/v1/slots/{}", self.slot), "").await.1
    }

    pub(super) async fn seats(&self, query: &str) -> Value {
        self.get(&format!("/v1/slots/{}/seats{query}", self.slot), "").await.1
    }
}

/// A whole answer: a part of one that has objects may end with a brace, too.
pub(super) async fn whole(client: &mut Client) -> String {
    let mut answer = client.answer().await;
    while serde_json::from_str::<Value>(answer.split_once("\r\n\r\n").expect("a head").1).is_err() {
        client.pipe.read_buf(&mut client.answer).await.expect("the node goes on");
        answer = String::from_utf8(client.answer.clone()).expect("text");
    }
    answer
}

/// Every place of a body that is at fault.
pub(super) fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().expect("errors").iter();
    errors.map(|error| error["pointer"].as_str().expect("a pointer")).collect()
}

/// Bookings that ask badly, and every place that is at fault.
fn bad_bookings() -> Vec<(Value, &'static [&'static str])> {
    let names = |count: usize| (0..count).map(|number| format!("x/{number}")).collect::<Vec<_>>();
    vec![
        (json!({}), &["/quantity", "/best"]),
        (json!({"quantity": 1}), &["/best"]),
        (json!({"quantity": 0, "best": {"categories": ["a"]}}), &["/quantity"]),
        (json!({"quantity": 101, "best": {"categories": ["a"]}}), &["/quantity"]),
        (json!({"quantity": 1, "best": {}}), &["/best/categories"]),
        (json!({"quantity": 1, "best": {"categories": []}}), &["/best/categories"]),
        (
            json!({"quantity": 1, "best": {"categories": ["a", "x", "a"]}}),
            &["/best/categories/1", "/best/categories/2"],
        ),
        (json!({"quantity": 1, "best": {"categories": ["a"], "accessible": 2}}), &["/best/accessible"]),
        (
            json!({"quantity": 1, "best": {"categories": ["a"], "sections": ["box", "floor", "box"]}}),
            &["/best/sections/1", "/best/sections/2"],
        ),
        (json!({"quantity": 1, "best": {"categories": ["a"], "together": "any"}}), &["/best/together"]),
        (json!({"quantity": 1, "accessible": 1, "best": {"categories": ["a"]}}), &["/accessible"]),
        (json!({"seats": []}), &["/seats"]),
        (json!({"seats": "stalls/A/1"}), &["/seats"]),
        (json!({"seats": ["stalls/A/1", 2]}), &["/seats/1"]),
        (json!({"seats": names(101)}), &["/seats"]),
        (
            json!({"seats": ["stalls/A/9", "stalls/A", "floor", ""]}),
            &["/seats/0", "/seats/1", "/seats/2", "/seats/3"],
        ),
        (json!({"seats": ["stalls/A/1", "stalls/A/2", "stalls/A/1"]}), &["/seats/2"]),
        (json!({"seats": ["stalls/A/1"], "quantity": 2}), &["/quantity"]),
        (json!({"seats": ["stalls/A/1"], "areas": {"floor": 1}, "quantity": 1}), &["/quantity"]),
        (json!({"seats": ["stalls/A/1"], "accessible": 2}), &["/accessible"]),
        (json!({"seats": ["stalls/A/1"], "best": {"categories": ["a"]}}), &["/best"]),
        (json!({"areas": {}}), &["/areas"]),
        (json!({"areas": {"floor": 101}}), &["/areas"]),
        (json!({"areas": {"floor": 1, "st~lls/A": 1}}), &["/areas/st~0lls~1A"]),
        (json!({"areas": {"floor": 1, "roof": 0}}), &["/areas/roof"]),
        (json!({"areas": {"floor": 1.5}}), &["/areas/floor"]),
        (json!({"areas": [1]}), &["/areas"]),
        (json!({"quantity": 1, "best": [["a"]]}), &["/best"]),
    ]
}

#[tokio::test]
async fn whatever_is_asked_for_badly_is_told_with_its_place() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    for (asked, want) in bad_bookings() {
        let (status, problem) = sale.book(asked.clone()).await;
        assert_eq!(
            (status.as_str(), &problem["code"]),
            ("422", &json!("invalid_request")),
            "{asked}: {problem}"
        );
        assert_eq!(pointers(&problem), want, "{asked}: {problem}");
    }
    let (status, problem) = sale.book(json!({"seats": ["stalls/A/1"], "allotment": "press"})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("403", &json!("forbidden")));
    let path = format!("/v1/slots/{}/bookings", sale.slot);
    let kept = json!({"seats": ["stalls/A/1"], "allotment": "press", "customer": "bob"});
    let (status, problem) = sale.as_organizer(&path, kept).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/allotment"]), "{problem}");
    assert_eq!(sale.slot().await["seq"], 1, "nothing has happened");
}

#[tokio::test]
async fn a_slot_of_units_has_no_seats() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let (id, units) = sale.office.slot(3).await;
    for (field, value) in [
        ("seats", json!(["stalls/A/1"])),
        ("areas", json!({"floor": 1})),
        ("accessible", json!(0)),
        ("best", json!({"categories": ["a"]})),
        ("allotment", json!("press")),
    ] {
        let token = sale.office.organizer.clone();
        let (status, problem) =
            sale.ask(&token, &units, &json!({"quantity": 1, "customer": "bob", (field): value})).await;
        assert_eq!(
            (status.as_str(), pointers(&problem)),
            ("422", vec![format!("/{field}").as_str()]),
            "{problem}"
        );
    }
    for path in [format!("/v1/slots/{id}/seats"), format!("/v1/slots/{id}x/seats")] {
        assert_eq!(sale.get(&path, "").await.0, "404");
    }
    let (status, problem) =
        sale.as_organizer(&format!("/v1/slots/{id}/seats"), json!({"block": ["a"]})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("404", &json!("not_found")));
}

#[tokio::test]
async fn a_slot_of_seats_is_made_of_a_map_of_its_organizers() {
    let sale =
        Sale::open(HOUSE, &json!({"singles": "refuse", "aisle_singles": "count", "single_scope": "slot"}))
            .await;
    let slot = sale.slot().await;
    let seats =
        json!({"map": sale.map, "singles": "refuse", "aisle_singles": "count", "single_scope": "slot"});
    assert_eq!(slot["inventory"], json!({"seats": seats}));
    let category = |capacity: u32, largest_block: u32| {
        json!({
            "capacity": capacity, "free": capacity, "held": 0, "offered": 0, "confirmed": 0, "waitlisted": 0,
            "largest_block": largest_block,
        })
    };
    let categories = json!({"a": category(8, 4), "b": category(8, 4), "s": category(5, 0)});
    let counts = json!({
        "capacity": 21, "free": 21, "held": 0, "offered": 0, "confirmed": 0, "waitlisted": 0, "blocked": 0,
        "allotted": {}, "categories": categories,
    });
    assert_eq!((&slot["counts"], &slot["bookable"]), (&counts, &json!(8)));
    let listed = sale.get("/v1/slots", "").await.1;
    assert_eq!(listed["items"], json!([slot]));
}

#[tokio::test]
async fn how_seats_are_sold_is_changed_and_their_kind_is_not() {
    let sale = Sale::open(HOUSE, &json!({"aisle_singles": "count", "single_scope": "slot"})).await;
    let whole_path = format!("/v1/slots/{}", sale.slot);
    let token = sale.office.organizer.clone();
    let patch = |seats: Value| json!({"inventory": {"seats": seats}});
    for (inventory, want) in [
        (
            patch(json!({"singles": null})),
            Ok(
                json!({"map": sale.map, "singles": "avoid", "aisle_singles": "count", "single_scope": "slot"}),
            ),
        ),
        (
            patch(json!({"single_scope": "row"})),
            Ok(json!({"map": sale.map, "singles": "avoid", "aisle_singles": "count", "single_scope": "row"})),
        ),
        (patch(Value::Null), Err("/inventory/seats")),
        (patch(json!({"singles": "x"})), Err("/inventory/seats/singles")),
        (json!({"inventory": {"units": {"capacity": 3}}}), Err("/inventory/units")),
    ] {
        let mut client = Client::new(&sale.office.app);
        let asked = request(
            &whole_path,
            &token,
            &inventory.to_string().replace(' ', ""),
            JSON,
            &inventory.to_string(),
        );
        client.send(&asked.replacen("POST", "PATCH", 1)).await;
        let answer = body(&whole(&mut client).await);
        match want {
            Ok(seats) => assert_eq!(answer["inventory"], json!({"seats": seats}), "{answer}"),
            Err(pointer) => assert_eq!(pointers(&answer), [pointer], "{answer}"),
        }
    }
}

#[tokio::test]
async fn a_slot_is_made_of_a_map_that_is_there_and_its_organizers() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let other = ids::seatmap_text(ids::seatmap("another", HOUSE.as_bytes()));
    let unkept = ids::seatmap_text(ids::seatmap("boxoffice", b"{}"));
    for (inventory, pointer) in [
        (json!({"seats": {"map": other}}), "/inventory/seats/map"),
        (json!({"seats": {"map": unkept}}), "/inventory/seats/map"),
        (json!({"seats": {"map": "map_x"}}), "/inventory/seats/map"),
        (json!({"seats": {}}), "/inventory/seats/map"),
        (json!({"seats": {"map": sale.map, "singles": "never"}}), "/inventory/seats/singles"),
        (json!({"seats": {"map": sale.map}, "units": {"capacity": 1}}), "/inventory"),
        (json!({"seats": {"map": sale.map}, "units": null}), "/inventory/units"),
        (json!({}), "/inventory"),
    ] {
        let slot = json!({
            "title": "opera", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
            "inventory": inventory,
        });
        let (status, problem) = sale.as_organizer("/v1/slots", slot).await;
        assert_eq!(status, "422", "{inventory}: {problem}");
        assert!(
            pointers(&problem)[0].starts_with(pointer) || pointer.starts_with(pointers(&problem)[0]),
            "{inventory}: {problem}"
        );
    }
}

#[tokio::test]
async fn seats_are_picked_found_refused_and_shown() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let (status, booking) = sale.book(json!({"seats": ["stalls/A/2", "stalls/A/1"], "mode": "hold"})).await;
    assert_eq!(
        (status.as_str(), &booking["quantity"], &booking["status"]),
        ("201", &json!(2), &json!("held"))
    );
    let shown =
        |booking: &Value| ["seats", "areas", "category", "together"].map(|name| booking[name].clone());
    assert_eq!(shown(&booking), [json!(["stalls/A/1", "stalls/A/2"]), json!({}), json!("a"), json!(true)]);
    let (status, mixed) =
        sale.book(json!({"seats": ["box/1/1"], "areas": {"floor": 2.0}, "quantity": 3})).await;
    assert_eq!(status, "201", "{mixed}");
    assert_eq!(shown(&mixed), [json!(["box/1/1"]), json!({"floor": 2}), Value::Null, json!(true)]);
    let best = json!({"quantity": 4, "best": {"categories": ["a"], "together": "must"}});
    let (status, four) = sale.book(best.clone()).await;
    assert_eq!(
        (status.as_str(), &four["seats"]),
        ("201", &json!(["stalls/A/5", "stalls/A/6", "stalls/A/7", "stalls/A/8"]))
    );

    let (status, problem) =
        sale.book(json!({"seats": ["stalls/A/3", "stalls/B/1", "stalls/A/1"], "areas": {"floor": 4}})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("seats_refused")), "{problem}");
    let conflicts = json!([
        {"seat": "stalls/B/1", "reason": "accessible"}, {"seat": "stalls/A/1", "reason": "taken"},
        {"seat": "floor", "reason": "taken"},
    ]);
    assert_eq!(problem["conflicts"], conflicts);
    let apart = json!({"quantity": 5, "best": {"categories": ["b"], "together": "must"}});
    let (status, problem) = sale.book(apart).await;
    assert_eq!(
        (status.as_str(), &problem["code"], &problem["largest_block"]),
        ("409", &json!("not_together"), &json!(4))
    );
    let (status, waits) = sale.book(best).await;
    assert_eq!(
        (status.as_str(), &waits["status"], &waits["position"]),
        ("202", &json!("waitlisted"), &json!(1)),
        "{waits}"
    );
    assert_eq!(shown(&waits), [json!([]), json!({}), Value::Null, Value::Null]);

    let seats = sale.seats("").await;
    let rows = json!({"stalls/A": "hhff tttt", "stalls/B": "ffffff", "box/1": "tf"});
    assert_eq!((&seats["rows"], &seats["map"]), (&rows, &json!(sale.map)));
    assert_eq!((&seats["areas"], &seats["seq"]), (&json!({"floor": {"capacity": 5, "free": 3}}), &json!(5)));
    let section = sale.seats("?section=box").await;
    assert_eq!((&section["rows"], &section["areas"]), (&json!({"box/1": "tf"}), &json!({})));
    for key in ["floor", "stalls/A", "x"] {
        let problem = sale.seats(&format!("?section={key}")).await;
        assert_eq!(pointers(&problem), ["#section"], "{problem}");
    }
    let slot = sale.slot().await;
    let category = &slot["counts"]["categories"]["a"];
    let figures =
        ["free", "held", "confirmed", "waitlisted", "largest_block"].map(|name| category[name].as_u64());
    assert_eq!(figures, [2, 2, 4, 1, 2].map(Some), "{slot}");

    // Whatever reads a booking shows the same of it.
    let (customer, organizer) = (sale.office.customer.clone(), sale.office.organizer.clone());
    let id = mixed["id"].as_str().expect("an id");
    let read = sale.get(&format!("/v1/bookings/{id}"), &customer).await.1;
    let listed = sale.get(&format!("/v1/slots/{}/bookings", sale.slot), &organizer).await.1;
    let remembered = sale.get(&format!("/v1/slots/{}/requests/key-2", sale.slot), &customer).await.1;
    let feed = sale.get(&format!("/v1/slots/{}/feed", sale.slot), &organizer).await.1;
    let others = [&read, &listed["items"][1], &remembered["body"], &feed["items"][2]["bookings"][0]];
    for other in others {
        assert_eq!(shown(other), shown(&mixed), "{other}");
    }
    assert_eq!(feed["items"][4]["counts"], slot["counts"]);
}

#[tokio::test]
async fn of_one_category_a_quantity_is_enough() {
    let mut sale = Sale::open(PLAIN, &json!({})).await;
    let (status, booking) = sale.book(json!({"quantity": 100})).await;
    assert_eq!((status.as_str(), &booking["together"]), ("201", &json!(true)), "{booking}");
    let (status, problem) = sale.book(json!({"quantity": 101})).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/quantity"]));
    let (status, booking) = sale.book(json!({"quantity": 2, "best": {}})).await;
    assert_eq!((status.as_str(), &booking["category"]), ("201", &json!("a")), "{booking}");
}

#[tokio::test]
async fn seats_are_sold_otherwise() {
    let mut sale = Sale::open(HOUSE, &json!({"singles": "refuse", "aisle_singles": "count"})).await;
    let (status, slot) =
        sale.sell(json!({"block": ["stalls/A/1", "stalls/B"], "allot": {"press": ["box"]}})).await;
    assert_eq!(status, "200", "{slot}");
    let counts = &slot["counts"];
    assert_eq!((&counts["blocked"], &counts["capacity"]), (&json!(7), &json!(14)));
    assert_eq!(counts["allotted"], json!({"press": {"capacity": 2, "free": 2}}));
    for (asked, want) in [
        (json!({"block": ["stalls/A/1", "stalls/A/9"]}), vec!["/block/1"]),
        (json!({"block": ["stalls/A"], "open": ["stalls/A/3"]}), vec!["/open/0"]),
        (json!({"allot": {"a~b": ["floor"]}}), vec!["/allot/a~0b/0"]),
        (json!({"allot": {"": []}}), vec!["/allot"]),
        (json!({"block": "stalls"}), vec!["/block"]),
    ] {
        let (status, problem) = sale.sell(asked.clone()).await;
        assert_eq!((status.as_str(), pointers(&problem)), ("422", want), "{asked}: {problem}");
    }
    let (status, problem) = sale.book(json!({"seats": ["stalls/A/1", "box/1/1"]})).await;
    assert_eq!(status, "409", "{problem}");
    let conflicts =
        json!([{"seat": "stalls/A/1", "reason": "blocked"}, {"seat": "box/1/1", "reason": "allotted"}]);
    assert_eq!(problem["conflicts"], conflicts);
    let (status, problem) = sale.book(json!({"seats": ["stalls/A/6"]})).await;
    assert_eq!(
        (status.as_str(), &problem["code"], &problem["singles"]),
        ("409", &json!("leaves_single"), &json!(["stalls/A/5"]))
    );
    let path = format!("/v1/slots/{}/bookings", sale.slot);
    let (status, booking) = sale
        .as_organizer(&path, json!({"seats": ["box/1/2"], "allotment": "press", "customer": "bob"}))
        .await;
    assert_eq!((status.as_str(), &booking["seats"]), ("201", &json!(["box/1/2"])));
    let (status, problem) = sale.sell(json!({"block": ["box"]})).await;
    assert_eq!(
        (status.as_str(), &problem["conflicts"]),
        ("409", &json!([{"seat": "box/1/2", "reason": "taken"}])),
        "{problem}"
    );
}

#[tokio::test]
async fn seats_are_given_for_others() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    sale.sell(json!({"block": ["stalls/A/1", "stalls/B"], "allot": {"press": ["box"]}})).await;
    let (_, held) = sale.book(json!({"seats": ["stalls/A/5", "stalls/A/6"], "mode": "hold"})).await;
    let path = format!("/v1/bookings/{}/seats", held["id"].as_str().expect("held"));
    let customer = sale.office.customer.clone();
    for (asked, want) in [
        (json!({}), vec![""]),
        (json!({"add": ["stalls/A/9"]}), vec!["/add/0"]),
        (json!({"drop": ["stalls/A/5", "stalls/A/5"]}), vec!["/drop/1"]),
        (json!({"drop": ["stalls/A/5", "stalls/A/6"]}), vec!["/drop"]),
        (json!({"drop": ["stalls/A/7"]}), vec!["/drop"]),
    ] {
        let (status, problem) = sale.ask(&customer, &path, &asked).await;
        assert_eq!((status.as_str(), pointers(&problem)), ("422", want), "{asked}: {problem}");
        // To others the booking is as if it were not there, whatever they ask.
        for role in [Role::Customer, Role::Organizer] {
            let stranger = sale.office.token("stranger", role);
            let (status, problem) = sale.ask(&stranger, &path, &asked).await;
            assert_eq!(
                (status.as_str(), &problem["code"]),
                ("404", &json!("not_found")),
                "{asked}: {problem}"
            );
        }
    }
    let (status, swapped) = sale
        .ask(
            &customer,
            &path,
            &json!({"add": ["stalls/A/7", "stalls/A/8"], "drop": ["stalls/A/5", "stalls/A/6"]}),
        )
        .await;
    assert_eq!(
        (status.as_str(), &swapped["seats"]),
        ("200", &json!(["stalls/A/7", "stalls/A/8"])),
        "{swapped}"
    );
    let feed = sale.get(&format!("/v1/slots/{}/feed", sale.slot), &sale.office.organizer).await.1;
    let kinds: Vec<_> =
        feed["items"].as_array().expect("items").iter().map(|record| record["kind"].clone()).collect();
    assert_eq!(kinds, ["slot_created", "seats_changed", "booked", "reseated"]);
    let sold = json!({
        "blocked": ["stalls/A/1", "stalls/B/1", "stalls/B/2", "stalls/B/3", "stalls/B/4", "stalls/B/5", "stalls/B/6"],
        "opened": [], "allotted": {"press": ["box/1/1", "box/1/2"]},
    });
    assert_eq!(feed["items"][1]["seats"], sold);
}

#[tokio::test]
async fn bookings_of_seats_are_answered_alike_by_whoever_reads_them() {
    let sale = Sale::open(PLAIN, &json!({})).await;
    let path = format!("/v1/slots/{}/bookings", sale.slot);
    let asked =
        request(&path, &sale.office.customer, "same", JSON, r#"{"seats": ["s/A/7"], "mode": "hold"}"#);
    let mut client = Client::new(&sale.office.app);
    client.send(&asked).await;
    let first = whole(&mut client).await;
    let mut client = Client::new(&sale.office.app);
    // A query is hyper's.
    client.send(&asked.replacen("Host: node", "Host: node\r\nConnection: close", 1)).await;
    let again = client.rest().await;
    assert_eq!((by(&first), by(&again)), (By::FastPath, By::Hyper));
    assert_eq!(body(&first), body(&again));
    assert!(again.contains("\r\nidempotency-replayed: true\r\n"), "{again}");
}
