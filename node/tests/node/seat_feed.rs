//! The live map over real HTTP: watched while it sells, by who reads slowly too, at a node that only follows, and over a restart.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::dev_node::{DevNode, get};
use crate::seats::{house, slot};
use crate::stream::Listener;
use crate::test_cluster::TestCluster;

/// In which row of the house the seats are, in the order of the map.
const ROWS: [&str; 3] = ["stalls/A", "stalls/B", "stalls/C"];
const SEATS: usize = 12;

/// Somebody with a map.
struct Viewer {
    client: SocketAddr,
    slot: String,
    seq: u64,
    letters: Vec<u8>,
    areas: Value,
}

impl Viewer {
    fn at(client: SocketAddr, slot: &str) -> Self {
        let mut viewer =
            Self { client, slot: slot.to_owned(), seq: 0, letters: Vec::new(), areas: Value::Null };
        (viewer.seq, viewer.letters, viewer.areas) = viewer.map();
        viewer
    }

    /// What the node shows now.
    fn map(&self) -> (u64, Vec<u8>, Value) {
        let shown = get(self.client, &format!("/v1/slots/{}/seats", self.slot)).expect("an answer").json();
        let row = |row: &str| shown["rows"][row].as_str().expect("a row").replace(' ', "").into_bytes();
        let areas = json!({"floor": shown["areas"]["floor"]["free"]});
        (shown["seq"].as_u64().expect("a seq"), ROWS.map(row).concat(), areas)
    }

    fn path(&self) -> String {
        format!("/v1/slots/{}/seats/feed?after={}", self.slot, self.seq)
    }

    fn watch(&self) -> Listener {
        Listener::at(self.client, &self.path(), "Connection: close\r\n")
    }

    fn poll(&mut self) {
        let answer = get(self.client, &self.path()).expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
        self.apply(&answer.json());
    }

    fn apply(&mut self, change: &Value) {
        assert_eq!(change["after"].as_u64(), Some(self.seq), "it goes on where it ended: {change}");
        for run in change["runs"].as_array().expect("runs") {
            let [first, length] =
                [0, 1].map(|at| usize::try_from(run[at].as_u64().expect("a number")).expect("small"));
            self.letters[first..first + length].fill(run[2].as_str().expect("a letter").as_bytes()[0]);
        }
        for (key, free) in change["areas"].as_object().expect("areas") {
            self.areas[key] = free.clone();
        }
        self.seq = change["seq"].as_u64().expect("a seq");
    }

    /// Applies what is heard, until it is known up to here.
    fn hear(&mut self, listener: &mut Listener, seq: u64) {
        while self.seq < seq {
            let (id, change) = listener.next().expect("an event");
            self.apply(&change);
            assert_eq!(id, self.seq);
        }
    }

    fn assert_is_right(&self) {
        assert_eq!((self.seq, self.letters.clone(), self.areas.clone()), self.map());
    }
}

/// A seat by its place in the order of the map.
fn name(seat: usize) -> String {
    format!("{}/{}", ROWS[seat / SEATS], seat % SEATS + 1)
}

/// A node that sells the house, and its slot.
fn on_sale(folder: &std::path::Path) -> (DevNode, String) {
    let node = DevNode::open(folder);
    let organizer = node.token("organizer").to_owned();
    let map = node.tell(&organizer, "POST /v1/seatmaps", "map", &house());
    let made = node.tell(&organizer, "POST /v1/slots", "slot", &slot(&map.text("id")));
    assert_eq!(made.status, 201, "{made:?}");
    (node, made.text("id"))
}

fn book(node: &DevNode, slot: &str, seat: usize) -> u64 {
    let customer = node.token("customer").to_owned();
    let body = json!({"seats": [name(seat)], "mode": (["hold", "confirm"][seat % 2])}).to_string();
    let path = format!("POST /v1/slots/{slot}/bookings");
    let booked = node.tell(&customer, &path, &format!("seat-{seat}"), &body);
    assert_eq!(booked.status, 201, "{booked:?}");
    booked.json()["seq"].as_u64().expect("a seq")
}

#[test]
fn whoever_watches_has_the_map_and_whoever_is_slow_has_it_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, slot) = on_sale(folder.path());
    let [mut quick, mut late, mut polling] = [(); 3].map(|()| Viewer::at(node.client, &slot));
    let (mut quick_hears, mut late_hears) = (quick.watch(), late.watch());
    let mut last = 0;
    for seat in 0..ROWS.len() * SEATS {
        last = book(&node, &slot, seat);
        if seat % 5 == 0 {
            quick.hear(&mut quick_hears, last);
            quick.assert_is_right();
            polling.poll();
            polling.assert_is_right();
        }
    }
    late.hear(&mut late_hears, last);
    late.assert_is_right();
    quick.hear(&mut quick_hears, last);
    // Cut off and back again.
    drop(quick_hears);
    let organizer = node.token("organizer").to_owned();
    let sold = node.tell(
        &organizer,
        &format!("POST /v1/slots/{slot}/seats"),
        "sell",
        r#"{"block": ["stalls/A/1"]}"#,
    );
    assert_eq!(sold.status, 409, "it is taken");
    let heard = format!("Connection: close\r\nLast-Event-ID: {}\r\n", quick.seq);
    let mut back = Listener::at(node.client, &format!("/v1/slots/{slot}/seats/feed?after=1"), &heard);
    let held = node.ask_as(
        "customer",
        "POST",
        &format!("/v1/slots/{slot}/bookings"),
        "floor",
        r#"{"areas": {"floor": 3}}"#,
    );
    quick.hear(&mut back, held.expect("an answer").json()["seq"].as_u64().expect("a seq"));
    quick.assert_is_right();

    assert!(node.stop().success(), "who watches does not keep a node from ending");
    assert_eq!(back.next(), None);
    while let Some((_, change)) = late_hears.next() {
        late.apply(&change);
    }
    // Whoever has the newest map goes on with it after a restart; whoever has not takes a new one.
    node.start();
    quick.poll();
    quick.assert_is_right();
    let gone = get(node.client, &polling.path()).expect("an answer");
    assert_eq!((gone.status, gone.text("code").as_str()), (410, "feed_gone"), "{gone:?}");
    assert_eq!(gone.json()["oldest_seq"], quick.seq + 1, "{gone:?}");
    polling = Viewer::at(node.client, &slot);
    polling.poll();
    polling.assert_is_right();
}

#[test]
fn a_node_that_follows_shows_what_another_sells() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let ask = |cluster: &TestCluster, node: usize, role: &str, what: &str, key: &str, body: &str| {
        cluster.ask_as(&cluster.nodes[node], role, what, key, body)
    };
    let map = ask(&cluster, 0, "organizer", "POST /v1/seatmaps", "map", &house());
    let made = ask(&cluster, 0, "organizer", "POST /v1/slots", "slot", &slot(&map.text("id")));
    let slot = made.text("id");
    let clients = [0, 1, 2].map(|node| cluster.nodes[node].client());
    let mut viewers = clients.map(|client| Viewer::at(client, &slot));
    let mut streams = [0, 1, 2].map(|node| viewers[node].watch());
    let path = format!("POST /v1/slots/{slot}/bookings");
    let mut last = 0;
    for seat in 0..18 {
        let body = json!({"seats": [name(seat)]}).to_string();
        let booked = ask(&cluster, seat % 3, "customer", &path, &format!("seat-{seat}"), &body);
        last = booked.json()["seq"].as_u64().expect("a seq");
        // What one node has acknowledged, no other says is beyond the slot.
        for client in clients {
            let known = get(client, &format!("/v1/slots/{slot}/seats/feed?after={last}")).expect("an answer");
            assert_eq!(known.status, 200, "{known:?}");
            let beyond =
                get(client, &format!("/v1/slots/{slot}/seats/feed?after={}", last + 1)).expect("an answer");
            assert_eq!((beyond.status, beyond.json()["seq"].as_u64()), (422, Some(last)), "{beyond:?}");
        }
    }
    for (viewer, stream) in viewers.iter_mut().zip(&mut streams) {
        viewer.hear(stream, last);
        viewer.assert_is_right();
    }
    // Those who watched at a node that dies go on at another, if that knows for how long.
    let leader = cluster.leader();
    cluster.nodes[leader].kill();
    assert_eq!(streams[leader].next(), None);
    let other = (leader + 1) % 3;
    viewers[leader].client = clients[other];
    let mut stream = viewers[leader].watch();
    let body = json!({"seats": [name(20)]}).to_string();
    let booked = ask(&cluster, other, "customer", &path, "seat-20", &body);
    assert_eq!(booked.status, 201, "{booked:?}");
    let last = booked.json()["seq"].as_u64().expect("a seq");
    viewers[leader].hear(&mut stream, last);
    viewers[leader].assert_is_right();
    viewers[other].hear(&mut streams[other], last);
    viewers[other].assert_is_right();
}
