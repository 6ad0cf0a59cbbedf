//! Seatmaps over HTTP: their formats, their bounds, and what is answered again.

use std::fmt::Write as _;

use super::*;
use crate::http::request::large;

const PATH: &str = "/v1/seatmaps";
const PRETIX: &str = "application/vnd.pretix.seatingplan+json";
const OURS: &str = r#"{"categories":[{"key":"a"}],"sections":[{"key":"s","rows":[{"key":"A","seats":["1-3"],"category":"a"}]}]}"#;
/// The same house.
const OURS_OTHERWISE: &str = r#"{ "sections": [{"rows": [{"category": "a", "seats": ["1,2,3"], "key": "A", "at": [0, 0]}], "key": "s"}], "categories": [{"key": "a", "name": "a"}], "areas": [] }"#;
const LINES: &str = "section,row,seats,category\ns,A,1-3,a\n";
const PLAN: &str = r##"{"name":"hall","categories":[{"name":"a","color":"#aaaaaa"}],"size":{"width":9,"height":9},"zones":[{"name":"s","position":{"x":0,"y":0},"rows":[{"row_number":"A","row_number_position":"both","position":{"x":0,"y":0},"seats":[{"seat_number":"1","position":{"x":0,"y":0},"category":"a"},{"seat_number":"2","position":{"x":10,"y":0},"category":"a"}]}],"areas":[]}]}"##;

async fn office() -> Office {
    Office::quiet(&dev(), Arc::new(SystemClock::new())).await
}

/// Posts a map, and gives the whole answer.
pub(super) async fn post(office: &Office, token: &str, key: &str, media_type: &str, body: &str) -> String {
    let mut client = Client::new(&office.app);
    client.send(&request(PATH, token, key, media_type, body)).await;
    client.answer().await
}

pub(super) fn status(answer: &str) -> &str {
    &answer["HTTP/1.1 ".len()..][..3]
}

pub(super) fn body(answer: &str) -> serde_json::Value {
    let (_head, body) = answer.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).expect("JSON")
}

/// A body of just this length.
fn of_len(len: usize) -> String {
    format!("{}{OURS}", " ".repeat(len - OURS.len()))
}

#[tokio::test]
async fn a_map_is_kept_and_found_in_any_format() {
    let office = office().await;
    let organizer = &office.organizer;
    let first = post(&office, organizer, "a", JSON, OURS).await;
    assert_eq!(status(&first), "201", "{first}");
    let made = body(&first);
    let id = made["id"].as_str().expect("an id");
    assert_eq!((id.starts_with("map_"), id.len()), (true, 4 + 46), "{id}");
    let counts = ["seats", "rows", "areas", "categories"].map(|name| made[name].as_u64());
    assert_eq!(counts, [Some(3), Some(1), Some(0), Some(1)]);
    assert!(first.contains(&format!("\r\nlocation: {PATH}/{id}\r\n")), "{first}");
    for (key, media_type, text, want) in [
        ("b", JSON, OURS, "200"),
        ("c", "Application/JSON; charset=utf-8", OURS_OTHERWISE, "200"),
        ("d", "text/csv", LINES, "200"),
        ("e", "text/csv; header=present", LINES, "200"),
        ("f", PRETIX, PLAN, "201"),
        ("g", PRETIX, PLAN, "200"),
    ] {
        let answer = post(&office, organizer, key, media_type, text).await;
        assert_eq!(status(&answer), want, "{media_type} {text}: {answer}");
        assert_eq!(body(&answer)["id"] == made["id"], media_type != PRETIX, "{answer}");
        assert!(!answer.contains("idempotency-replayed"), "{answer}");
    }
    // The first answer again, to the letter, and never another.
    let again = post(&office, organizer, "a", JSON, OURS).await;
    assert!(again.contains("\r\nidempotency-replayed: true\r\n"), "{again}");
    assert_eq!((status(&again), body(&again)), ("201", made.clone()));
    let other = post(&office, organizer, "a", JSON, OURS_OTHERWISE).await;
    assert_eq!((status(&other), body(&other)["code"].as_str()), ("422", Some("idempotency_key_reused")));
}

#[tokio::test]
async fn what_is_kept_is_given_to_anyone_for_ever() {
    let office = office().await;
    let made = body(&post(&office, &office.organizer, "a", "text/csv", LINES).await);
    let id = made["id"].as_str().expect("an id");
    let get = async |more: &str| {
        let mut client = Client::new(&office.app);
        client
            .send(&format!("GET {PATH}/{id} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n{more}\r\n"))
            .await;
        client.rest().await
    };
    let etag = format!("\r\netag: \"{id}\"\r\n");
    for _ in 0..2 {
        let answer = get("").await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(
            answer.contains(&etag) && answer.contains("\r\ncontent-type: application/json\r\n"),
            "{answer}"
        );
        assert!(answer.contains("\r\ncache-control: public, max-age=31536000, immutable\r\n"), "{answer}");
        let text = answer.split_once("\r\n\r\n").expect("a head").1;
        let map = seatmap::Seatmap::from_json(text.as_bytes()).expect("it is a map");
        assert_eq!((map.canonical().as_str(), map.counts().seats), (text, 3));
        assert_eq!(
            status(&post(&office, &office.organizer, "", JSON, text).await),
            "422",
            "an empty key is none"
        );
        assert_eq!(body(&post(&office, &office.organizer, "again", JSON, text).await)["id"], made["id"]);
    }
    let known = get(&format!("If-None-Match: \"other\", \"{id}\"\r\n")).await;
    assert_eq!(status(&known), "304", "{known}");
    assert!(known.contains(&etag) && known.ends_with("\r\n\r\n"), "{known}");
    assert_eq!(status(&get("If-None-Match: \"other\"\r\n").await), "200");
}

#[tokio::test]
async fn what_was_never_kept_is_not_there_and_wakes_nobody() {
    let office = office().await;
    let other = ids::seatmap_text(ids::seatmap("nobody", b"{}"));
    let own =
        body(&post(&office, &office.organizer, "a", JSON, OURS).await)["id"].as_str().map(str::to_owned);
    let own = ids::seatmap_id(&own.expect("an id")).expect("an id");
    let content = booking::Content(own.content.0 ^ 1);
    let unmade = ids::seatmap_text(booking::SeatmapId { content, ..own });
    for id in [other.as_str(), unmade.as_str(), "map_", "slot_AAAA", "map_%FF"] {
        let mut client = Client::new(&office.app);
        client.send(&format!("GET {PATH}/{id} HTTP/1.1\r\nHost: node\r\n\r\n")).await;
        let answer = client.answer().await;
        assert_eq!(
            (status(&answer), body(&answer)["code"].as_str()),
            ("404", Some("not_found")),
            "{id}: {answer}"
        );
    }
    let nobody = ids::organizer("nobody");
    let presence = office.node.router.shards().presence(nobody);
    assert!(matches!(presence, crate::actors::registry::Presence::Nowhere));
}

#[tokio::test]
async fn what_is_no_map_is_refused_with_its_places() {
    let office = office().await;
    let (organizer, customer) = (office.organizer.as_str(), office.customer.as_str());
    let nested = |depth: usize| {
        let (open, closed) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
        [OURS, PLAN].map(|text| text.replacen('{', &format!("{{\"more\":{open}{closed},"), 1))
    };
    let ([deep, deep_plan], [deeper, deeper_plan]) = (nested(32), nested(33));
    let long = of_len(large::BODY_LEN_MAX + 1);
    for (token, media_type, text, want, code) in [
        (organizer, JSON, "{", "400", "malformed"),
        (organizer, JSON, deep.as_str(), "422", "invalid_request"),
        (organizer, JSON, deeper.as_str(), "400", "malformed"),
        (organizer, PRETIX, deep_plan.as_str(), "201", ""),
        (organizer, PRETIX, deeper_plan.as_str(), "400", "malformed"),
        (organizer, JSON, "{}", "422", "invalid_request"),
        (organizer, JSON, "[]", "422", "invalid_request"),
        (organizer, PRETIX, "{}", "422", "invalid_request"),
        (organizer, "text/csv", "section,row\n", "422", "invalid_request"),
        (organizer, "text/plain", OURS, "415", "unsupported_media_type"),
        (organizer, "application/xml", "<a/>", "415", "unsupported_media_type"),
        (organizer, "text/plain", long.as_str(), "413", "body_too_large"),
        (organizer, "application/json\r\nContent-Encoding: gzip", OURS, "415", "unsupported_media_type"),
        (organizer, "application/json\r\nX-Request-Timeout-Ms: 0", OURS, "422", "invalid_request"),
        (customer, JSON, OURS, "403", "forbidden"),
        (customer, JSON, "{", "400", "malformed"),
        ("nobody's", JSON, OURS, "401", "unauthenticated"),
    ] {
        let answer = post(&office, token, "k", media_type, text).await;
        assert_eq!(
            (status(&answer), body(&answer)["code"].as_str().unwrap_or_default()),
            (want, code),
            "{media_type} {answer}"
        );
    }
    let wrong = OURS.replace("1-3", "3-1/7");
    let answer = body(&post(&office, organizer, "k", JSON, &wrong).await);
    assert_eq!(answer["errors"][0]["pointer"], "/sections/0/rows/0/seats/0", "{answer}");
    assert_eq!(office.node.router.in_flight(), 0);
}

#[tokio::test]
async fn bodies_are_long_on_this_route_for_organizers() {
    let office = office().await;
    let (organizer, customer) = (office.organizer.as_str(), office.customer.as_str());
    let usual = super::super::request::call::BODY_LEN_MAX;
    for (token, len, want) in [
        (organizer, usual, "201"),
        (organizer, usual + 1, "200"),
        (organizer, large::BODY_LEN_MAX, "200"),
        (organizer, large::BODY_LEN_MAX + 1, "413"),
        (organizer, 2 * large::BODY_LEN_MAX, "413"),
        (organizer, 2 * large::BODY_LEN_MAX + 1, "413"),
        // Nobody else's is read that far, and they are told what comes first.
        (customer, usual, "403"),
        (customer, usual + 1, "403"),
    ] {
        let answer = if len <= 2 * large::BODY_LEN_MAX {
            post(&office, token, &len.to_string(), JSON, &of_len(len)).await
        } else {
            // What is announced as too long is not waited for.
            let mut client = Client::new(&office.app);
            let head = request(PATH, token, "k", JSON, &of_len(len));
            client.send(head.split_once("\r\n\r\n").expect("a head").0).await;
            client.send("\r\n\r\n").await;
            client.answer().await
        };
        assert_eq!(status(&answer), want, "{len}: {answer}");
    }
    // Elsewhere they are as long as ever.
    let answer = Client::new(&office.app).ask("/v1/slots", organizer, 0, &of_len(usual + 1)).await;
    assert_eq!(status(&answer), "413", "{answer}");
    assert_eq!(office.app.large_bodies.left(), 4, "all room is given back");
}

#[tokio::test]
async fn only_so_many_long_bodies_are_read_at_once_and_of_one_organizer_half_of_them() {
    let office = office().await;
    let [own, other, third] = ["own", "other", "third"].map(|name| office.token(name, Role::Organizer));
    let long = of_len(100 << 10);
    let mut readers = Vec::new();
    for organizer in [&own, &other] {
        for key in ["a", "b"] {
            let whole = request(PATH, organizer, key, JSON, &long);
            let (most, rest) = whole.split_at(whole.len() - 10);
            let mut reader = Client::new(&office.app);
            reader.send(most).await;
            readers.push((reader, rest.to_owned()));
            while 4 - readers.len() < office.app.large_bodies.left() {
                tokio::task::yield_now().await;
            }
        }
        let answer = post(&office, organizer, "c", JSON, &long).await;
        assert_eq!(
            (status(&answer), body(&answer)["code"].as_str()),
            ("503", Some("overloaded")),
            "{answer}"
        );
        assert!(answer.contains("\r\nretry-after: "), "{answer}");
        let answer = post(&office, organizer, "d", JSON, OURS).await;
        assert_eq!(status(&answer), "201", "a usual one is read beside them: {answer}");
    }
    let answer = post(&office, &third, "c", JSON, &long).await;
    assert_eq!(status(&answer), "503", "all room is taken: {answer}");
    // Whoever goes away leaves room.
    drop(readers.pop());
    while office.app.large_bodies.left() < 1 {
        tokio::task::yield_now().await;
    }
    let answer = post(&office, &third, "c", JSON, &long).await;
    assert_eq!(status(&answer), "201", "a 503 is not remembered: {answer}");
    for (mut reader, rest) in readers {
        reader.send(&rest).await;
        let answer = reader.answer().await;
        assert_eq!(status(&answer), "200", "{answer}");
    }
    assert_eq!(office.app.large_bodies.left(), 4);
}

/// A house with this many sections, whose names are as long as they may be.
pub(crate) fn large_house(sections: usize) -> String {
    let mut text = r#"{"categories":[{"key":"a"}],"sections":["#.to_owned();
    for number in 0..sections {
        let (comma, name) = (if number == 0 { "" } else { "," }, "x".repeat(1_000));
        write!(
            text,
            r#"{comma}{{"key":"s{number}","name":"{name}","rows":[{{"key":"A","seats":["1-128"],"category":"a"}}]}}"#
        )
        .expect("a text");
    }
    text + "]}"
}

#[tokio::test]
async fn a_map_of_many_parts_is_given_as_it_was_sent() {
    let office = office().await;
    let text = large_house(1_000);
    let answer = post(&office, &office.organizer, "a", JSON, &text).await;
    assert_eq!((status(&answer), body(&answer)["seats"].as_u64()), ("201", Some(128_000)), "{answer}");
    let id = body(&answer)["id"].as_str().expect("an id").to_owned();
    let given = office.node.router.seatmap(ids::seatmap_id(&id).expect("an id")).await;
    let given = given.expect("it can be read").expect("it is there");
    let want = seatmap::Seatmap::from_json(text.as_bytes()).expect("a map").canonical();
    assert!(32 < want.len().div_ceil(booking::limits::SEATMAP_PART_LEN as usize), "{} bytes", want.len());
    assert!(given == want.as_bytes());
}
