//! A seated sale with real processes: booked at one node it is read at every other, and nothing is lost by `kill -9`.

use serde_json::{Value, json};

use crate::dev_node::{Answer, DevNode, ask, get};
use crate::test_cluster::TestCluster;

/// A theatre with an aisle, of two categories, and places to stand.
pub(crate) fn house() -> String {
    let row = |key: &str, category: &str| json!({"key": key, "seats": ["1-6", "7-12"], "category": category});
    json!({
        "name": "Theatre", "categories": [{"key": "a"}, {"key": "b"}, {"key": "s"}],
        "sections": [{"key": "stalls", "rows": [row("A", "a"), row("B", "a"), row("C", "b")]}],
        "areas": [{"key": "floor", "category": "s", "capacity": 4}],
    })
    .to_string()
}

pub(crate) fn slot(map: &str) -> String {
    json!({
        "title": "Hamlet", "starts_at": "2090-01-10T19:00:00Z", "ends_at": "2090-01-10T22:00:00Z",
        "inventory": {"seats": {"map": map}}, "policy": {"waitlist": {"capacity": 5}},
    })
    .to_string()
}

/// What is the same wherever it is read: a booking without the time that is left to it.
fn seated(answer: &Answer) -> Value {
    let body = answer.json();
    json!(["id", "status", "seats", "areas", "category", "together"].map(|field| body[field].clone()))
}

/// What a node shows of a slot: its seats, these bookings, and its feed.
fn shown(cluster: &TestCluster, place: usize, slot: &str, bookings: &[Answer]) -> (Value, Vec<Value>, Value) {
    let node = &cluster.nodes[place];
    let mine = bookings.iter().map(|booking| {
        let path = format!("GET /v1/bookings/{}", booking.text("id"));
        seated(&cluster.ask_as(node, "customer", &path, "", ""))
    });
    let feed = cluster.ask_as(node, "organizer", &format!("GET /v1/slots/{slot}/feed"), "", "").json();
    let seats = get(node.client(), &format!("/v1/slots/{slot}/seats")).expect("an answer").json();
    (seats, mine.collect(), feed)
}

#[test]
fn seats_that_one_node_sells_every_node_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let asked = |cluster: &TestCluster, place: usize, role: &str, what: &str, key: &str, body: &str| {
        cluster.ask_as(&cluster.nodes[place], role, what, key, body)
    };
    let map = asked(&cluster, 0, "organizer", "POST /v1/seatmaps", "map", &house());
    assert_eq!(map.status, 201, "{map:?}");
    let made = asked(&cluster, 1, "organizer", "POST /v1/slots", "slot", &slot(&map.text("id")));
    assert_eq!(made.status, 201, "{made:?}");
    let slot = made.text("id");
    let path = format!("POST /v1/slots/{slot}/bookings");
    let bodies = [
        json!({"seats": ["stalls/A/1", "stalls/A/2"], "mode": "hold"}),
        json!({"quantity": 3, "best": {"categories": ["a"]}}),
        json!({"areas": {"floor": 3}, "seats": ["stalls/C/12"]}),
    ];
    let mut bookings = Vec::new();
    for (place, body) in bodies.iter().enumerate() {
        let booked = asked(&cluster, place, "customer", &path, &format!("b{place}"), &body.to_string());
        assert_eq!(booked.status, 201, "{booked:?}");
        bookings.push(booked);
    }
    let taken =
        json!({"seats": ["stalls/A/1", "stalls/A/3", "stalls/C/12"], "areas": {"floor": 2}}).to_string();
    for place in 0..3 {
        let refused = asked(&cluster, place, "customer", &path, &format!("r{place}"), &taken);
        let seats: Vec<_> = refused.json()["conflicts"].as_array().expect("conflicts").clone();
        let seats: Vec<_> = seats.iter().map(|conflict| conflict["seat"].as_str().expect("a seat")).collect();
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "seats_refused"), "{refused:?}");
        assert!(["stalls/A/1", "stalls/C/12", "floor"].iter().all(|seat| seats.contains(seat)), "{seats:?}");
    }
    let confirm = format!("POST /v1/bookings/{}/confirm", bookings[0].text("id"));
    let confirmed = asked(&cluster, 2, "customer", &confirm, "confirm", "");
    assert_eq!((confirmed.status, &confirmed.json()["seats"]), (200, &bookings[0].json()["seats"]));
    bookings[0] = confirmed;
    let sell = format!("POST /v1/slots/{slot}/seats");
    let sold = asked(
        &cluster,
        1,
        "organizer",
        &sell,
        "sell",
        r#"{"block": ["stalls/B"], "allot": {"press": ["stalls/C/1"]}}"#,
    );
    assert_eq!(
        (sold.status, sold.json()["counts"]["allotted"]["press"]["free"].as_u64()),
        (200, Some(1)),
        "{sold:?}"
    );

    cluster.assert_all_agree();
    let first = shown(&cluster, 0, &slot, &bookings);
    assert_eq!(first.1, bookings.iter().map(seated).collect::<Vec<_>>());
    for place in 1..3 {
        assert_eq!(shown(&cluster, place, &slot, &bookings), first, "node {place}");
    }
    let leader = cluster.leader();
    cluster.nodes[leader].kill();
    cluster.nodes[leader].start();
    cluster.assert_all_agree();
    for place in 0..3 {
        assert_eq!(
            shown(&cluster, place, &slot, &bookings),
            first,
            "node {place}, after node {leader} was killed"
        );
    }
}

/// The theatre with a row more, numbered otherwise, and without places to stand.
fn rebuilt() -> String {
    let row = |key: &str, category: &str| json!({"key": key, "seats": ["1-6", "7-12"], "category": category});
    json!({
        "name": "Theatre", "categories": [{"key": "b"}, {"key": "a"}],
        "sections": [{"key": "stalls", "rows": [row("D", "b"), row("C", "b"), row("B", "a"), row("A", "a")]}],
    })
    .to_string()
}

#[test]
fn a_house_is_sold_by_another_map_at_once_on_every_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let asked = |cluster: &TestCluster, place: usize, role: &str, what: &str, key: &str, body: &str| {
        cluster.ask_as(&cluster.nodes[place % 3], role, what, key, body)
    };
    let maps = [house(), rebuilt()].map(|house| {
        asked(&cluster, 0, "organizer", "POST /v1/seatmaps", &house.len().to_string(), &house).text("id")
    });
    let slot = asked(&cluster, 1, "organizer", "POST /v1/slots", "slot", &slot(&maps[0])).text("id");
    let (path, redraw) = (format!("POST /v1/slots/{slot}/bookings"), format!("PATCH /v1/slots/{slot}"));
    let stays = asked(&cluster, 2, "customer", &path, "stays", r#"{"seats": ["stalls/B/7", "stalls/B/8"]}"#);
    assert_eq!(stays.status, 201, "{stays:?}");
    let mut answers = Vec::new();
    for turn in 1..=12 {
        let map = json!({"inventory": {"seats": {"map": maps[turn % 2]}}}).to_string();
        let redrawn = asked(&cluster, turn, "organizer", &redraw, &format!("map-{turn}"), &map);
        assert_eq!(
            (redrawn.status, &redrawn.json()["inventory"]["seats"]["map"]),
            (200, &json!(maps[turn % 2]))
        );
        // Whoever was told so may ask any node for what is only there since: it may not have heard of it yet.
        let wish = if turn % 2 == 1 { r#"{"seats": ["stalls/D/3"]}"# } else { r#"{"areas": {"floor": 4}}"# };
        let key = format!("seat-{turn}");
        let booked = asked(&cluster, turn + 1, "customer", &path, &key, wish);
        assert_eq!(booked.status, 201, "{turn}: {booked:?}");
        // While it is taken there is no way back.
        let back = json!({"inventory": {"seats": {"map": maps[(turn + 1) % 2]}}}).to_string();
        let refused = asked(&cluster, turn + 2, "organizer", &redraw, &format!("back-{turn}"), &back);
        let place = if turn % 2 == 1 { "stalls/D/3" } else { "floor" };
        assert_eq!((refused.status, refused.text("code").as_str()), (409, "capacity_in_use"), "{refused:?}");
        assert_eq!(refused.json()["conflicts"], json!([{"seat": place, "reason": "taken"}]));
        let cancel = format!("POST /v1/bookings/{}/cancel", booked.text("id"));
        assert_eq!(asked(&cluster, turn, "customer", &cancel, &format!("cancel-{turn}"), "").status, 200);
        answers.push((key, wish, booked));
    }
    let leader = cluster.leader();
    cluster.nodes[leader].kill();
    cluster.nodes[leader].start();
    cluster.assert_all_agree();
    let first = shown(&cluster, 0, &slot, std::slice::from_ref(&stays));
    assert_eq!(first.1, [seated(&stays)]);
    let changes =
        first.2["items"].as_array().expect("records").iter().filter(|record| record["map"].is_string());
    assert_eq!(changes.count(), 12, "{}", first.2);
    for place in 1..3 {
        assert_eq!(shown(&cluster, place, &slot, std::slice::from_ref(&stays)), first, "node {place}");
    }
    for (place, (key, wish, first)) in answers.iter().enumerate() {
        let again = asked(&cluster, place, "customer", &path, key, wish);
        assert_eq!((again.status, &again.body), (201, &first.body), "{key}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    }
}

#[test]
fn what_was_sold_of_a_house_is_sold_after_every_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = DevNode::open(folder.path());
    let organizer = node.token("organizer").to_owned();
    let map = node.tell(&organizer, "POST /v1/seatmaps", "map", &house());
    let made = node.tell(&organizer, "POST /v1/slots", "slot", &slot(&map.text("id")));
    assert_eq!(made.status, 201, "{made:?}");
    let (slot, customer) = (made.text("id"), node.token("customer").to_owned());
    let mut answers: Vec<(String, String, Answer)> = Vec::new();
    for number in 0..12 {
        let body = match number % 3 {
            0 => json!({"seats": [format!("stalls/A/{}", number + 1)]}),
            1 => json!({"quantity": 2, "best": {"categories": ["b", "a"]}}),
            _ => json!({"areas": {"floor": 1}}),
        };
        let (key, body) = (format!("key-{number}"), body.to_string());
        let booked = node.tell(&customer, &format!("POST /v1/slots/{slot}/bookings"), &key, &body);
        assert_eq!(booked.status, 201, "{number}: {booked:?}");
        answers.push((key, body, booked));
        let seats = |node: &DevNode| ask(node.client, "GET", &format!("/v1/slots/{slot}/seats"), &[], "");
        let before = seats(&node).expect("an answer").body;
        node.kill();
        node.start();
        assert_eq!(seats(&node).expect("an answer").body, before, "after {number}");
    }
    for (key, body, first) in &answers {
        let again = node.tell(&customer, &format!("POST /v1/slots/{slot}/bookings"), key, body);
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{key}");
    }
}
