//! Seatmaps with real processes: kept on one node they are there on all, however often one is killed.

use std::fmt::Write as _;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::dev_node::{Answer, DevNode, ask};
use crate::test_cluster::{Member, TestCluster, wait_until};

const POST: &str = "POST /v1/seatmaps";
/// How often the process is killed.
const KILLS: usize = 25;

/// A house whose text has some thousand bytes for each section, as one of its kind.
fn house(sections: usize, kind: usize) -> String {
    let mut text = r#"{"categories":[{"key":"a"}],"sections":["#.to_owned();
    for number in 0..sections {
        let (comma, name) = (if number == 0 { "" } else { "," }, format!("{kind}-").repeat(200));
        write!(
            text,
            r#"{comma}{{"key":"s{number}","name":"{name}","rows":[{{"key":"A","seats":["1-100"],"category":"a"}}]}}"#
        )
        .expect("a text");
    }
    text + "]}"
}

/// What anyone reads of a map.
fn text(address: std::net::SocketAddr, id: &str) -> Answer {
    ask(address, "GET", &format!("/v1/seatmaps/{id}"), &[], "").expect("an answer")
}

#[test]
fn what_one_node_keeps_every_node_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let keep = |cluster: &TestCluster, node: &Member, key: &str, body: &str| {
        cluster.ask_as(node, "organizer", POST, key, body)
    };
    let mut kept = Vec::new();
    for place in 0..3 {
        let body = house(150, place);
        let first = keep(&cluster, &cluster.nodes[place], &format!("key-{place}"), &body);
        assert_eq!(first.status, 201, "{first:?}");
        let texts = cluster.nodes.iter().map(|node| text(node.client(), &first.text("id")));
        let texts: Vec<_> = texts.collect();
        assert!(texts.iter().all(|answer| answer.status == 200 && answer.body == texts[0].body), "at once");
        assert_eq!(texts[0].header("etag"), Some(format!("\"{}\"", first.text("id")).as_str()));
        for other in &cluster.nodes {
            let again = keep(&cluster, other, &format!("key-{place}"), &body);
            assert_eq!((again.status, &again.body), (201, &first.body), "the same answer to the letter");
            let found = keep(&cluster, other, &format!("key-{place}-{}", other.client()), &body);
            assert_eq!((found.status, &found.body), (200, &first.body));
        }
        kept.push((first.text("id"), texts[0].body.clone()));
    }
    // One that was away, and one that comes with an empty disk.
    cluster.nodes[2].kill();
    let body = house(400, 7);
    let away = keep(&cluster, &cluster.nodes[0], "away", &body);
    assert_eq!(away.status, 201, "{away:?}");
    kept.push((away.text("id"), text(cluster.nodes[0].client(), &away.text("id")).body));
    cluster.nodes[2].start();
    cluster.assert_all_agree();
    let gone = cluster.number(&cluster.nodes[2]);
    cluster.nodes[2].stop();
    cluster.nodes[2].wipe();
    let path = format!("POST /admin/v1/nodes/{gone}/remove");
    assert_eq!(cluster.ask_as(&cluster.nodes[1], "operator", &path, "", "").status, 200);
    cluster.nodes[2].start();
    wait_until("it votes again", || cluster.voters(&cluster.nodes[0]) == 3);
    cluster.assert_all_agree();
    for (id, want) in &kept {
        let given = text(cluster.nodes[2].client(), id);
        assert_eq!((given.status, given.body == *want), (200, true), "{id}");
    }
}

#[test]
fn kills_between_the_parts_of_maps_lose_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = DevNode::open(folder.path());
    let mut rng = SmallRng::seed_from_u64(9);
    let mut kept: Vec<(String, String)> = Vec::new();
    for number in 0..KILLS {
        let (body, key) = (house(rng.random_range(20..900), number), format!("key-{number}"));
        let answer = std::thread::scope(|scope| {
            let bearer = format!("Bearer {}", node.token("organizer"));
            let (client, key, body) = (node.client, &key, &body);
            let asking = scope.spawn(move || {
                let headers = [
                    ("Authorization", bearer.as_str()),
                    ("Content-Type", "application/json"),
                    ("Idempotency-Key", key),
                ];
                ask(client, "POST", "/v1/seatmaps", &headers, body).ok()
            });
            std::thread::park_timeout(Duration::from_millis(rng.random_range(1..120)));
            node.kill();
            asking.join().expect("no panic")
        });
        node.start();
        let again = node.ask_as("organizer", "POST", "/v1/seatmaps", &key, &body).expect("an answer");
        assert_eq!(again.status, 201, "{again:?}");
        if let Some(first) = answer.filter(|first| first.status < 500) {
            assert_eq!((first.status, &first.body), (201, &again.body), "the first answer, to the letter");
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
        }
        let given = text(node.client, &again.text("id"));
        assert_eq!(given.status, 200, "{}", given.head);
        kept.push((again.text("id"), given.body));
        for (id, want) in &kept {
            let given = text(node.client, id);
            assert_eq!((given.status, given.body == *want), (200, true), "{id}");
        }
    }
    let digests = node.digests();
    assert!(node.stop().success(), "SIGTERM drains");
    node.start();
    assert_eq!(node.digests(), digests, "RG-5: equal index, equal digest");
}

#[test]
fn a_body_may_have_four_mebibytes_and_not_one_byte_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let house = house(900, 1);
    for (len, want) in [(4 << 20, 201), ((4 << 20) + 1, 413)] {
        let body = " ".repeat(len - house.len()) + &house;
        let answer = node.ask_as("organizer", "POST", "/v1/seatmaps", "key", &body).expect("an answer");
        assert_eq!(answer.status, want, "{len}: {answer:?}");
    }
}
