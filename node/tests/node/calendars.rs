//! A calendar with real processes: what one node books every other shows, and nothing is lost by `kill -9`.

use std::time::{SystemTime, UNIX_EPOCH};

use api::time::Time;
use serde_json::{Value, json};

use crate::dev_node::{Answer, get};
use crate::test_cluster::TestCluster;

const DAY_MS: u64 = 86_400_000;

/// So many hours into a day that is a month away.
#[expect(clippy::disallowed_methods, reason = "what can be booked lies ahead of the wall's clock")]
pub(crate) fn hour(hours: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let day = u64::try_from(now).expect("a moment") / DAY_MS + 30;
    let text = Time::from_ms(day * DAY_MS + hours * 3_600_000).text();
    String::from_utf8_lossy(&text).into_owned()
}

/// Two courts that are open for those three days, with ten minutes after each booking.
pub(crate) fn courts() -> String {
    json!({
        "title": "Courts", "starts_at": hour(0), "ends_at": hour(72),
        "inventory": {"calendar": {
            "resources": ["north", "south"], "grid_seconds": 1_800, "maximum_seconds": 7_200, "after_seconds": 600,
        }},
        "policy": {"waitlist": {"capacity": 5}},
    })
    .to_string()
}

/// What is the same wherever it is read: a booking without the time that is left to it.
fn ranged(answer: &Answer) -> Value {
    let body = answer.json();
    json!(["id", "status", "from", "to", "resource", "quantity"].map(|field| body[field].clone()))
}

/// What a node shows of a calendar: what is free, these bookings, and its feed.
fn shown(cluster: &TestCluster, place: usize, slot: &str, bookings: &[Answer]) -> (Value, Vec<Value>, Value) {
    let node = &cluster.nodes[place];
    let mine = bookings.iter().map(|booking| {
        let path = format!("GET /v1/bookings/{}", booking.text("id"));
        ranged(&cluster.ask_as(node, "customer", &path, "", ""))
    });
    let feed = cluster.ask_as(node, "organizer", &format!("GET /v1/slots/{slot}/feed"), "", "").json();
    let free = format!("/v1/slots/{slot}/free?from={}&to={}", hour(8), hour(20));
    let free = get(node.client(), &free).expect("an answer").json();
    (free, mine.collect(), feed)
}

#[test]
fn hours_that_one_node_books_every_node_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let asked = |cluster: &TestCluster, place: usize, role: &str, what: &str, key: &str, body: &str| {
        cluster.ask_as(&cluster.nodes[place], role, what, key, body)
    };
    let made = asked(&cluster, 1, "organizer", "POST /v1/slots", "slot", &courts());
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["counts"]["free"], Value::Null);
    let slot = made.text("id");
    let path = format!("POST /v1/slots/{slot}/bookings");
    let body = |from: u64, to: u64, more: Value| {
        let mut body = json!({"from": hour(from), "to": hour(to)});
        body.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        body.to_string()
    };
    let bodies = [
        body(9, 10, json!({"resource": "north", "mode": "hold"})),
        body(9, 11, json!({})),
        body(10, 11, json!({"resource": "north"})),
    ];
    let mut bookings = Vec::new();
    for (place, body) in bodies.iter().enumerate() {
        let booked = asked(&cluster, place, "customer", &path, &format!("b{place}"), body);
        let status = if place == 2 { 202 } else { 201 };
        assert_eq!(booked.status, status, "{booked:?}");
        bookings.push(booked);
    }
    assert_eq!(bookings[1].text("resource"), "south");
    for place in 0..3 {
        let taken = body(9, 10, json!({"when_full": "refuse"}));
        let refused = asked(&cluster, place, "customer", &path, &format!("r{place}"), &taken);
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "range_taken"), "{refused:?}");
        assert_eq!(refused.json()["conflicts"][0]["from"], hour(9));
        let odd = json!({"from": hour(9), "to": hour(14)}).to_string();
        let refused = asked(&cluster, place, "customer", &path, &format!("o{place}"), &odd);
        assert_eq!((refused.status, refused.text("reason").as_str()), (409, "length"), "{refused:?}");
    }
    // What is held is moved away, and who waits gets its place in the same step.
    let relocate = format!("POST /v1/bookings/{}/move", bookings[0].text("id"));
    let moved = asked(&cluster, 2, "customer", &relocate, "move", &body(12, 13, json!({})));
    assert_eq!((moved.status, moved.text("from")), (200, hour(12)), "{moved:?}");
    bookings[0] = moved;
    let waited = format!("GET /v1/bookings/{}", bookings[2].text("id"));
    bookings[2] = asked(&cluster, 0, "customer", &waited, "", "");
    assert_eq!(bookings[2].text("status"), "confirmed");
    let change =
        json!({"inventory": {"calendar": {"closed": [{"from": &hour(24)[..10], "to": &hour(48)[..10]}]}}});
    let patched =
        asked(&cluster, 1, "organizer", &format!("PATCH /v1/slots/{slot}"), "patch", &change.to_string());
    assert_eq!(patched.status, 200, "{patched:?}");
    let closed = asked(&cluster, 2, "customer", &path, "closed", &body(30, 31, json!({})));
    assert_eq!((closed.status, closed.text("reason").as_str()), (409, "hours"), "{closed:?}");

    cluster.assert_all_agree();
    let first = shown(&cluster, 0, &slot, &bookings);
    assert_eq!(first.1, bookings.iter().map(ranged).collect::<Vec<_>>());
    assert!(first.0["items"].as_array().is_some_and(|items| !items.is_empty()), "{}", first.0);
    for place in 1..3 {
        assert_eq!(shown(&cluster, place, &slot, &bookings), first, "node {place}");
    }
    let leader = cluster.leader();
    cluster.nodes[leader].kill();
    cluster.nodes[leader].start();
    cluster.assert_all_agree();
    for place in 0..3 {
        let now = shown(&cluster, place, &slot, &bookings);
        assert_eq!(now, first, "node {place}, after node {leader} was killed");
    }
    for (place, (key, body)) in ["b0", "b1", "b2"].into_iter().zip(&bodies).enumerate() {
        let again = asked(&cluster, place, "customer", &path, key, body);
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again:?}");
    }
}
