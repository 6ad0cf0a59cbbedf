//! The shop over real HTTP: a browser's session, what it books, what it watches meanwhile, and what it finds again after the node was
//! killed.

use serde_json::json;

use crate::dev_node::{Answer, DevNode};
use crate::stream::Listener;

const SAME: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn get(node: &DevNode, path: &str, headers: &[(&str, &str)]) -> Answer {
    node.ask("GET", path, headers, "").expect("an answer")
}

#[test]
fn somebody_with_a_browser_signs_in_books_and_finds_the_booking_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 5);
    let shop = get(&node, "/", &[("Accept", "text/html")]);
    assert!(shop.status == 200 && shop.body.contains(&format!("/slots/{slot}")), "{shop:?}");
    assert_eq!(get(&node, &format!("/slots/{slot}"), &[]).status, 200);

    let mut live = Listener::at(node.client, &format!("/v1/slots/{slot}/live"), "Connection: close\r\n");
    let (seq, state) = live.next().expect("how it is");
    assert_eq!((seq, &state["bookable"]), (1, &json!(5)));

    let begun = node.ask("POST", "/session", &[SAME, JSON], r#"{"dev": "ada"}"#).expect("an answer");
    assert_eq!(begun.status, 204, "{begun:?}");
    let set = begun.header("set-cookie").expect("a cookie").to_owned();
    let cookie = set.split_once(';').expect("what is said of it").0;
    let bookings = format!("/v1/slots/{slot}/bookings");
    let book = |headers: &[(&str, &str)]| {
        node.ask("POST", &bookings, headers, r#"{"quantity": 2}"#).expect("an answer")
    };
    assert_eq!(book(&[JSON, ("Cookie", cookie), ("Sec-Fetch-Site", "cross-site")]).status, 403);
    let booked = book(&[JSON, ("Cookie", cookie), SAME]);
    assert_eq!((booked.status, booked.text("customer").as_str()), (201, "ada"), "{booked:?}");
    let id = booked.text("id");
    assert_eq!(live.next().expect("it is told").1["bookable"], 3);

    node.kill();
    assert_eq!(live.next(), None, "the node is gone");
    node.start();
    let own = get(&node, "/v1/me/bookings", &[("Cookie", cookie)]);
    assert_eq!(own.json()["items"][0]["id"], json!(id), "{own:?}");
    let ticket = get(&node, &format!("/bookings/{id}"), &[("Cookie", cookie)]);
    assert!(ticket.status == 200 && ticket.body.contains("<svg class=\"qr\""), "{ticket:?}");
    assert_eq!(get(&node, &format!("/v1/bookings/{id}"), &[]).status, 401, "nobody else sees it");
}
