//! A sale of products with real processes: what is sold at one node costs the same at every other, no quota is sold twice, and nothing is
//! lost by `kill -9`.

use serde_json::{Value, json};

use crate::dev_node::{Answer, get};
use crate::test_cluster::TestCluster;

/// A zoo of which few places are for children, with a price for each.
fn zoo() -> String {
    json!({
        "title": "Zoo", "starts_at": "2090-01-10T09:00:00Z", "ends_at": "2090-01-10T18:00:00Z",
        "inventory": {"units": {"capacity": 20}}, "policy": {"waitlist": {"capacity": 5}},
        "products": [{"key": "adult"}, {"key": "child"}],
        "quotas": [{"key": "children", "size": 3, "products": ["child"]}],
        "prices": [{"product": "child", "amount": 500}, {"amount": 900}], "currency": "EUR",
    })
    .to_string()
}

fn lines(adults: u32, children: u32) -> String {
    let lines = json!([{"product": "adult", "quantity": adults}, {"product": "child", "quantity": children}]);
    json!({"lines": lines, "when_full": "refuse"}).to_string()
}

/// What is the same wherever a booking is read.
fn bought(booking: &Value) -> Value {
    json!(["id", "status", "quantity", "amount", "currency", "lines"].map(|field| booking[field].clone()))
}

/// What a node shows of a slot: what it sells, these bookings, and its feed.
fn shown(cluster: &TestCluster, place: usize, slot: &str, bookings: &[Answer]) -> (Value, Vec<Value>, Value) {
    let node = &cluster.nodes[place];
    let mine = bookings.iter().map(|booking| {
        let path = format!("GET /v1/bookings/{}", booking.text("id"));
        bought(&cluster.ask_as(node, "customer", &path, "", "").json())
    });
    let feed = cluster.ask_as(node, "organizer", &format!("GET /v1/slots/{slot}/feed"), "", "").json();
    let sells =
        get(node.client(), &format!("/v1/slots/{slot}?consistency=linearizable")).expect("an answer").json();
    let fields = ["products", "quotas", "prices", "currency", "counts", "seq"];
    (json!(fields.map(|field| sells[field].clone())), mine.collect(), feed)
}

#[test]
fn products_that_one_node_sells_cost_the_same_on_every_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let asked = |cluster: &TestCluster, place: usize, role: &str, what: &str, key: &str, body: &str| {
        cluster.ask_as(&cluster.nodes[place], role, what, key, body)
    };
    let made = asked(&cluster, 0, "organizer", "POST /v1/slots", "slot", &zoo());
    assert_eq!(made.status, 201, "{made:?}");
    let slot = made.text("id");
    let path = format!("POST /v1/slots/{slot}/bookings");
    let mut bookings = Vec::new();
    for place in 0..3 {
        let booked = asked(&cluster, place, "customer", &path, &format!("b{place}"), &lines(2, 1));
        assert_eq!((booked.status, booked.text("status").as_str()), (201, "held"), "{booked:?}");
        assert_eq!(booked.json()["amount"], 2_300, "{booked:?}");
        bookings.push(booked);
    }
    for place in 0..3 {
        let refused = asked(&cluster, place, "customer", &path, &format!("r{place}"), &lines(1, 1));
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "quota_exhausted"), "{refused:?}");
        assert_eq!(refused.json()["quotas"], json!(["children"]));
    }
    let dearer = r#"{"prices": [{"amount": 1000}]}"#;
    let changed = asked(&cluster, 1, "organizer", &format!("PATCH /v1/slots/{slot}"), "dearer", dearer);
    assert_eq!(changed.status, 200, "{changed:?}");
    let confirm = format!("POST /v1/bookings/{}/confirm", bookings[0].text("id"));
    let refused = asked(&cluster, 2, "customer", &confirm, "unpaid", "");
    assert_eq!((refused.status, refused.text("code").as_str()), (409, "payment_required"), "{refused:?}");
    let confirmed = asked(&cluster, 2, "organizer", &confirm, "paid", "");
    assert_eq!((confirmed.status, &confirmed.json()["amount"]), (200, &json!(2_300)), "{confirmed:?}");
    bookings[0] = confirmed;
    let less = r#"{"lines": [{"product": "adult", "quantity": 2}]}"#;
    let quantity = format!("POST /v1/bookings/{}/quantity", bookings[1].text("id"));
    bookings[1] = asked(&cluster, 0, "customer", &quantity, "less", less);
    assert_eq!(
        (bookings[1].status, &bookings[1].json()["amount"]),
        (200, &json!(1_800)),
        "{:?}",
        bookings[1]
    );

    cluster.assert_all_agree();
    let first = shown(&cluster, 0, &slot, &bookings);
    assert_eq!(first.1, bookings.iter().map(|booking| bought(&booking.json())).collect::<Vec<_>>());
    for place in 1..3 {
        assert_eq!(shown(&cluster, place, &slot, &bookings), first, "node {place}");
    }
    let leader = cluster.leader();
    cluster.nodes[leader].kill();
    cluster.nodes[leader].start();
    cluster.assert_all_agree();
    for place in 0..3 {
        let shown = shown(&cluster, place, &slot, &bookings);
        assert_eq!(shown, first, "node {place}, after node {leader} was killed");
        let again = asked(&cluster, place, "customer", &path, &format!("b{place}"), &lines(2, 1));
        assert_eq!((again.status, &again.json()["amount"]), (201, &json!(2_300)), "{again:?}");
    }
    let last = asked(&cluster, leader, "customer", &path, "last", &lines(1, 1));
    assert_eq!((last.status, &last.json()["amount"]), (201, &json!(2_000)), "{last:?}");
}
