//! A sale with everything that the contract has: holds, offers, changes, a box office, answers that are asked for again.

use api::token::Role;
use serde_json::{Value, json};

use crate::dev_node::{Answer, DevNode};
use crate::test_cluster::wait_until;

/// A node, and those who come to it.
struct Sale {
    node: DevNode,
    _folder: tempfile::TempDir,
    organizer: String,
    slot: String,
}

impl Sale {
    /// A node that sells one slot with this capacity and policy.
    fn open(capacity: u32, policy: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let node = DevNode::open(folder.path());
        let organizer = node.token_for(Role::Organizer, "studio", 3_600);
        let body = json!({
            "title": "yoga", "starts_at": "2090-01-10T07:00:00Z", "ends_at": "2090-01-10T08:00:00Z",
            "inventory": {"units": {"capacity": capacity}}, "policy": policy,
        });
        let made = node.tell(&organizer, "POST /v1/slots", "slot", &body.to_string());
        assert_eq!(made.status, 201, "{made:?}");
        let slot = made.text("id");
        Self { node, _folder: folder, organizer, slot }
    }

    fn customer(&self, name: &str) -> String {
        self.node.token_for(Role::Customer, name, 3_600)
    }

    fn book(&self, token: &str, key: &str, body: &Value) -> Answer {
        self.node.tell(token, &format!("POST /v1/slots/{}/bookings", self.slot), key, &body.to_string())
    }

    /// Does something to a booking.
    fn act(&self, token: &str, booking: &str, verb: &str, key: &str, body: &str) -> Answer {
        self.node.tell(token, &format!("POST /v1/bookings/{booking}/{verb}"), key, body)
    }

    fn change(&self, key: &str, patch: &Value) -> Answer {
        self.node.tell(&self.organizer, &format!("PATCH /v1/slots/{}", self.slot), key, &patch.to_string())
    }

    fn feed(&self) -> Vec<Value> {
        let answer = self.node.tell(&self.organizer, &format!("GET /v1/slots/{}/feed", self.slot), "", "");
        answer.json()["items"].as_array().expect("items").clone()
    }

    /// The kinds of all records so far.
    fn kinds(&self) -> Vec<String> {
        self.feed().iter().map(|record| record["kind"].as_str().expect("a kind").to_owned()).collect()
    }
}

/// Status and code, or what the booking is.
fn said(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let word = body["code"].as_str().or_else(|| body["status"].as_str());
    (answer.status, word.unwrap_or_else(|| panic!("neither code nor status: {answer:?}")).to_owned())
}

fn is(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

#[test]
fn a_hold_is_extended_confirmed_and_remembered_across_a_kill() {
    let mut sale = Sale::open(2, &json!({}));
    let alice = sale.customer("alice");
    let held = sale.book(&alice, "a", &json!({"quantity": 2, "mode": "hold", "hold_seconds": 300}));
    assert_eq!(said(&held), is(201, "held"));
    let body = held.json();
    assert_eq!((&body["mode"], &body["expires_in_ms"]), (&json!("hold"), &json!(300_000)));
    assert!(body["expires_at"].is_string(), "{body}");
    let booking = held.text("id");

    let extended = sale.act(&alice, &booking, "extend", "b", r#"{"hold_seconds":99999}"#);
    assert_eq!(said(&extended), is(200, "held"));
    assert!(body["expires_at"].as_str() < extended.json()["expires_at"].as_str(), "{extended:?}");
    let again = sale.act(&alice, &booking, "extend", "c", r#"{"hold_seconds":1}"#);
    assert_eq!(again.json()["seq"], extended.json()["seq"], "nothing changed: {again:?}");
    for (body, pointer) in
        [(r#"{"hold_seconds":0}"#, "/hold_seconds"), ("{}", ""), (r#"{"hold_seconds":1,"x":1}"#, "/x")]
    {
        let wrong = sale.act(&alice, &booking, "extend", "", body);
        assert_eq!(said(&wrong), is(422, "invalid_request"), "{body}");
        assert_eq!(wrong.json()["errors"][0]["pointer"], pointer, "{body}");
    }

    let bob = sale.customer("bob");
    assert_eq!(said(&sale.act(&bob, &booking, "confirm", "x", "")), is(404, "not_found"));
    let confirmed = sale.act(&alice, &booking, "confirm", "d", "{}");
    assert_eq!(said(&confirmed), is(200, "confirmed"));
    assert_eq!(confirmed.json()["expires_at"], Value::Null);
    assert_eq!(said(&sale.act(&alice, &booking, "confirm", "e", "")), is(409, "not_held"));
    assert_eq!(
        said(&sale.act(&alice, &booking, "extend", "f", r#"{"hold_seconds":5}"#)),
        is(409, "not_held")
    );
    assert_eq!(said(&sale.act(&alice, &booking, "accept", "g", "")), is(409, "not_offered"));

    sale.node.kill();
    sale.node.start();
    for (verb, key, body, first) in
        [("extend", "b", r#"{"hold_seconds":99999}"#, &extended), ("confirm", "d", "{}", &confirmed)]
    {
        let replay = sale.act(&alice, &booking, verb, key, body);
        assert_eq!((replay.status, &replay.body), (first.status, &first.body));
        assert_eq!(replay.header("idempotency-replayed"), Some("true"), "{replay:?}");
    }
    assert_eq!(sale.kinds(), ["slot_created", "booked", "extended", "confirmed"]);
}

#[test]
fn a_hold_that_nobody_confirms_goes_to_who_waits_at_its_deadline() {
    let sale = Sale::open(1, &json!({}));
    let (alice, bob) = (sale.customer("alice"), sale.customer("bob"));
    let held = sale.book(&alice, "a", &json!({"quantity": 1, "mode": "hold", "hold_seconds": 1})).text("id");
    let waits = sale.book(&bob, "b", &json!({"quantity": 1})).text("id");
    // Nobody asks anything of the slot: time alone does it.
    let path = format!("GET /v1/bookings/{waits}");
    wait_until("it is served", || said(&sale.node.tell(&bob, &path, "", "")) == is(200, "confirmed"));
    assert_eq!(said(&sale.act(&alice, &held, "confirm", "c", "")), is(409, "hold_expired"));
    let feed = sale.feed();
    let lapsed = feed.last().expect("a record");
    assert_eq!(lapsed["kind"], "lapsed");
    assert_eq!(lapsed["bookings"][0]["id"], json!(held));
    assert_eq!(lapsed["bookings"][1]["id"], json!(waits));
}

#[test]
fn an_offer_is_declined_and_the_next_accepts() {
    let sale = Sale::open(1, &json!({"waitlist": {"promotion": "offer"}}));
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| sale.customer(name));
    let first = sale.book(&alice, "a", &json!({"quantity": 1})).text("id");
    let [of_bob, of_carol] =
        [&bob, &carol].map(|token| sale.book(token, "w", &json!({"quantity": 1})).text("id"));
    sale.act(&alice, &first, "cancel", "c", "");
    assert_eq!(said(&sale.act(&sale.organizer, &of_bob, "accept", "o", "")), is(403, "forbidden"));
    assert_eq!(said(&sale.act(&carol, &of_carol, "accept", "a", "")), is(409, "not_offered"));
    assert_eq!(said(&sale.act(&bob, &of_bob, "decline", "d", "")), is(200, "declined"));
    assert_eq!(said(&sale.act(&carol, &of_carol, "accept", "b", "")), is(200, "confirmed"));
    assert_eq!(
        sale.kinds(),
        ["slot_created", "booked", "booked", "booked", "cancelled", "declined", "accepted"]
    );
}

#[test]
fn where_the_organizer_confirms_customers_are_forbidden_to() {
    let sale = Sale::open(1, &json!({"confirmed_by": "organizer"}));
    let alice = sale.customer("alice");
    let booking = sale.book(&alice, "a", &json!({"quantity": 1}));
    assert_eq!(said(&booking), is(201, "held"));
    let booking = booking.text("id");
    assert_eq!(said(&sale.act(&alice, &booking, "confirm", "b", "")), is(403, "forbidden"));
    // What else is wrong with it comes later in the order of codes.
    assert_eq!(said(&sale.act(&alice, &booking, "confirm", "b", r#"{"x":1}"#)), is(403, "forbidden"));
    assert_eq!(said(&sale.act(&alice, &booking, "confirm", "a", "")), is(403, "forbidden"));
    let other = sale.node.token_for(Role::Organizer, "other", 60);
    assert_eq!(said(&sale.act(&other, &booking, "confirm", "b", "")), is(404, "not_found"));
    assert_eq!(said(&sale.act(&sale.organizer, &booking, "confirm", "b", "")), is(200, "confirmed"));
}

#[test]
fn a_box_office_books_for_a_customer_who_finds_it_as_their_own() {
    let sale = Sale::open(3, &json!({"customer_limit": 2}));
    let booked = sale.book(&sale.organizer, "a", &json!({"quantity": 2, "customer": "alice"}));
    assert_eq!((said(&booked), booked.text("customer")), (is(201, "confirmed"), "alice".to_owned()));
    let alice = sale.customer("alice");
    assert_eq!(said(&sale.book(&alice, "a", &json!({"quantity": 1}))), is(409, "customer_limit"));
    let path = format!("GET /v1/slots/{}/bookings?reference={}", sale.slot, booked.text("reference"));
    for token in [&alice, &sale.organizer] {
        let found = sale.node.tell(token, &path, "", "").json();
        assert_eq!(found["items"][0]["id"], json!(booked.text("id")), "{found}");
    }
    let cancelled = sale.act(&alice, &booked.text("id"), "cancel", "c", "");
    assert_eq!(said(&cancelled), is(200, "cancelled"));
}

#[test]
fn a_change_in_a_running_sale_serves_those_who_wait_in_the_same_step() {
    let sale = Sale::open(1, &json!({}));
    let alice = sale.customer("alice");
    for key in ["a", "b", "c"] {
        sale.book(&alice, key, &json!({"quantity": 1}));
    }
    let changed = sale.change("k", &json!({"inventory": {"units": {"capacity": 2}}, "title": "later"}));
    assert_eq!(changed.status, 200, "{changed:?}");
    let body = changed.json();
    assert_eq!((&body["title"], &body["counts"]["confirmed"]), (&json!("later"), &json!(2)));
    let record = sale.feed().pop().expect("a record");
    assert_eq!((&record["kind"], &record["seq"]), (&json!("slot_changed"), &body["seq"]));
    assert_eq!(record["bookings"].as_array().map(Vec::len), Some(1));

    let unlisted = sale.change("l", &json!({"policy": {"waitlist": null, "customer_limit": 5}}));
    let policy = &unlisted.json()["policy"];
    assert_eq!((&policy["waitlist"], &policy["customer_limit"]), (&Value::Null, &json!(5)));
    let replay = sale.change("k", &json!({"inventory": {"units": {"capacity": 2}}, "title": "later"}));
    assert_eq!(replay.body, changed.body, "as it was then");
    let made = sale.node.tell(&sale.organizer, &format!("GET /v1/slots/{}/requests/slot", sale.slot), "", "");
    assert_eq!((&made.json()["status"], &made.json()["body"]["title"]), (&json!(201), &json!("yoga")));
}

#[test]
fn changes_are_tested_at_every_bound() {
    let sale = Sale::open(2, &json!({"waitlist": null}));
    let alice = sale.customer("alice");
    sale.book(&alice, "a", &json!({"quantity": 2}));
    let rows = [
        (json!({}), 200, ""),
        (json!({"policy": {}, "sale": {}, "inventory": {"units": {}}}), 200, ""),
        (json!({"title": ""}), 422, "/title"),
        (json!({"title": null}), 422, "/title"),
        (json!({"title": "x".repeat(1_001)}), 422, "/title"),
        (json!({"placement": "hall"}), 422, "/placement"),
        (json!({"ends_at": "2090-01-10T07:00:00Z"}), 422, "/ends_at"),
        (json!({"starts_at": "2090-01-10T08:00:00Z"}), 422, "/ends_at"),
        (json!({"starts_at": null}), 422, "/starts_at"),
        (json!({"sale": {"closes_at": "2090-01-10T07:00:00.001Z"}}), 422, "/sale/closes_at"),
        (json!({"sale": {"opens_at": "2090-01-10T07:00:00Z"}}), 422, "/sale/opens_at"),
        (json!({"inventory": null}), 422, "/inventory"),
        (json!({"inventory": {"units": null}}), 422, "/inventory/units"),
        (json!({"inventory": {"units": {"capacity": null}}}), 422, "/inventory/units/capacity"),
        (json!({"inventory": {"units": {"capacity": 10_000_001}}}), 422, "/inventory/units/capacity"),
        (json!({"inventory": {"units": {"capacity": 1}}}), 409, "capacity_in_use"),
        (json!({"policy": {"hold_seconds": 0}}), 422, "/policy/hold_seconds"),
        (json!({"policy": {"hold_seconds": 86_401}}), 422, "/policy/hold_seconds"),
        (json!({"policy": {"hold_seconds": 86_400, "hold_seconds_max": 604_800}}), 200, ""),
        (json!({"policy": {"hold_seconds_max": 604_801}}), 422, "/policy/hold_seconds_max"),
        (json!({"policy": {"customer_limit": 0}}), 422, "/policy/customer_limit"),
        (json!({"policy": {"customer_limit": 1_000_001}}), 422, "/policy/customer_limit"),
        (json!({"policy": {"cancel_until_seconds": 31_536_001}}), 422, "/policy/cancel_until_seconds"),
        (json!({"policy": {"waitlist": {"capacity": 0}}}), 422, "/policy/waitlist/capacity"),
        (json!({"policy": {"waitlist": {"offer_seconds": 604_801}}}), 422, "/policy/waitlist/offer_seconds"),
        (json!({"policy": {"waitlist": {"order": "lottery"}}}), 422, "/policy/waitlist/order"),
        (json!({"policy": {"waitlist": {"order": "skip_fit"}}}), 200, ""),
        (json!({"policy": {"customer_limit": 3.0, "waitlist": {"capacity": 5.0}}}), 200, ""),
        (json!({"policy": {"waitlist": {"capacity": 5.5}}}), 422, "/policy/waitlist/capacity"),
        (json!({"policy": null, "sale": null}), 200, ""),
        (json!({"counts": {}}), 422, "/counts"),
    ];
    for (patch, status, what) in rows {
        let answer = sale.change("", &patch);
        assert_eq!(answer.status, status, "{patch}: {answer:?}");
        match status {
            422 => {
                assert_eq!(answer.json()["errors"][0]["pointer"], what, "{patch}: {answer:?}");
                let slot_decided = ["/ends_at", "/sale/closes_at", "/sale/opens_at"].contains(&what);
                assert_eq!(answer.json()["seq"].is_u64(), slot_decided, "{patch}: {answer:?}");
            }
            409 => assert_eq!(answer.text("code"), what, "{patch}"),
            _ => {}
        }
    }
    let policy = sale.change("", &json!({})).json()["policy"].clone();
    let usual = json!({
        "confirmed_by": "customer", "hold_seconds": 600, "hold_seconds_max": 1_800, "customer_limit": null,
        "cancel_until_seconds": 0,
        "waitlist": {"capacity": 1_000, "promotion": "confirm", "offer_seconds": 900, "order": "strict"},
    });
    assert_eq!(policy, usual, "null is as usual");
    assert_eq!(said(&sale.node.tell(&alice, &format!("PATCH /v1/slots/{}", sale.slot), "", "{}")).0, 403);
}

#[test]
fn whoever_lost_an_answer_finds_it_under_its_key() {
    let sale = Sale::open(1, &json!({}));
    let (alice, bob) = (sale.customer("alice"), sale.customer("bob"));
    let made = sale.book(&alice, "made", &json!({"quantity": 1, "mode": "hold"}));
    let waits = sale.book(&alice, "waits", &json!({"quantity": 1}));
    let refused = sale.book(&alice, "no", &json!({"quantity": 2}));
    let confirmed = sale.act(&alice, &made.text("id"), "confirm", "firm", "");
    let ask = |token: &str, key: &str| {
        sale.node.tell(token, &format!("GET /v1/slots/{}/requests/{key}", sale.slot), "", "")
    };
    for (key, first) in [("made", &made), ("waits", &waits), ("no", &refused), ("firm", &confirmed)] {
        let found = ask(&alice, key);
        assert_eq!(found.status, 200, "{key}: {found:?}");
        assert_eq!(found.json(), json!({"status": first.status, "body": first.json()}), "{key}");
    }
    assert_eq!(said(&ask(&alice, "other")), is(404, "request_unknown"));
    assert_eq!(said(&ask(&bob, "made")), is(404, "request_unknown"), "it is alice's");
    let headers = [("Authorization", format!("Bearer {alice}")), ("Accept", "text/html".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    for (key, code) in [("other", "request_unknown"), ("made", "not_acceptable")] {
        let path = format!("/v1/slots/{}/requests/{key}", sale.slot);
        let answer = sale.node.ask("GET", &path, &headers, "").expect("an answer");
        assert_eq!(answer.text("code"), code, "404 comes before 406");
    }
    let other = sale.node.token_for(Role::Organizer, "other", 60);
    assert_eq!(said(&ask(&other, "slot")), is(403, "forbidden"), "it is another organizer's");
    assert_eq!(said(&ask(&alice, "a%20b")), is(422, "invalid_request"));
    assert_eq!(said(&ask(&alice, &"k".repeat(129))), is(422, "invalid_request"));
    let nowhere = format!("GET /v1/slots/slot_{}/requests/made", "A".repeat(24));
    assert_eq!(said(&sale.node.tell(&alice, &nowhere, "", "")), is(404, "not_found"));
}

#[test]
fn a_booking_is_made_smaller_and_what_was_answered_stays_across_a_kill() {
    let mut sale = Sale::open(4, &json!({}));
    let (alice, bob, carol) = (sale.customer("alice"), sale.customer("bob"), sale.customer("carol"));
    let held = sale.book(&alice, "a", &json!({"quantity": 3, "mode": "hold"}));
    let (booking, deadline) = (held.text("id"), held.text("expires_at"));
    let waits = sale.book(&bob, "b", &json!({"quantity": 3}));
    assert_eq!(said(&waits), is(202, "waitlisted"));
    let quantity = |quantity: u32| json!({"quantity": quantity}).to_string();

    for (body, pointer) in [
        (r#"{"quantity":0}"#, "/quantity"),
        (r#"{"quantity":1001}"#, "/quantity"),
        (r#"{"quantity":4}"#, "/quantity"),
        ("{}", "/quantity"),
        (r#"{"quantity":1,"x":1}"#, "/x"),
    ] {
        let wrong = sale.act(&alice, &booking, "quantity", "", body);
        assert_eq!(said(&wrong), is(422, "invalid_request"), "{body}");
        assert_eq!(wrong.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    assert_eq!(said(&sale.act(&carol, &booking, "quantity", "x", &quantity(1))), is(404, "not_found"));
    let as_before = sale.act(&alice, &booking, "quantity", "c", &quantity(3));
    assert_eq!((said(&as_before), &as_before.json()["seq"]), (is(200, "held"), &json!(3)), "nothing changed");

    // Who waits keeps the place with fewer, and is served once they fit.
    let fewer = sale.act(&bob, &waits.text("id"), "quantity", "d", &quantity(2));
    assert_eq!((said(&fewer), &fewer.json()["position"]), (is(200, "waitlisted"), &json!(1)));
    let smaller = sale.act(&alice, &booking, "quantity", "e", &quantity(2));
    assert_eq!((said(&smaller), smaller.text("expires_at")), (is(200, "held"), deadline));
    assert_eq!(smaller.json()["quantity"], 2);
    let record = sale.feed().pop().expect("the newest");
    assert_eq!((&record["kind"], &record["counts"]["confirmed"]), (&json!("quantity_changed"), &json!(2)));
    let bookings: Vec<_> = record["bookings"].as_array().expect("bookings").iter().collect();
    let told = |booking: &Value| (booking["status"].clone(), booking["quantity"].clone());
    assert_eq!(
        [told(bookings[0]), told(bookings[1])],
        [(json!("held"), json!(2)), (json!("confirmed"), json!(2))]
    );

    // What is confirmed is the organizer's to make smaller.
    let own = sale.act(&bob, &waits.text("id"), "quantity", "f", &quantity(1));
    assert_eq!(said(&own), is(409, "not_held"));
    let organizer = sale.organizer.clone();
    let theirs = sale.act(&organizer, &waits.text("id"), "quantity", "g", &quantity(1));
    assert_eq!((said(&theirs), &theirs.json()["quantity"]), (is(200, "confirmed"), &json!(1)));
    assert_eq!(said(&sale.act(&alice, &booking, "cancel", "h", "")), is(200, "cancelled"));
    assert_eq!(said(&sale.act(&alice, &booking, "quantity", "i", &quantity(1))), is(409, "already_over"));

    sale.node.kill();
    sale.node.start();
    for (token, verb, key, body, first) in [
        (&alice, "quantity", "e", quantity(2), &smaller),
        (&bob, "quantity", "d", quantity(2), &fewer),
        (&organizer, "quantity", "g", quantity(1), &theirs),
    ] {
        let of = if *token == alice { &booking } else { &waits.text("id") };
        let again = sale.act(token, of, verb, key, &body);
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{key}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{key}");
    }
    let again = sale.book(&alice, "a", &json!({"quantity": 3, "mode": "hold"}));
    assert_eq!((again.status, &again.body), (held.status, &held.body), "as it was first");
    let again = sale.book(&bob, "b", &json!({"quantity": 3}));
    assert_eq!((again.status, &again.body), (waits.status, &waits.body), "as it was first");
    let kinds = [
        "slot_created",
        "booked",
        "booked",
        "quantity_changed",
        "quantity_changed",
        "quantity_changed",
        "cancelled",
    ];
    assert_eq!(sale.kinds(), kinds);
}
