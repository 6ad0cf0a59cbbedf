//! The contract, asked of the built binary: one row a sentence.

use crate::dev_node::{DevNode, get, say, say_all};
use serde_json::json;

/// A slot's body with some fields of one's own.
fn slot_body(fields: &serde_json::Value) -> String {
    let mut body = json!({
        "title": "Morning yoga",
        "starts_at": "2090-01-10T07:00:00Z",
        "ends_at": "2090-01-10T08:00:00Z",
        "inventory": {"units": {"capacity": 2}},
    });
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body.to_string()
}

#[test]
fn a_slot_is_made_within_its_bounds_and_refused_beyond_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let long = |len| "x".repeat(len);
    let rows = [
        (json!({}), 201, ""),
        (json!({"title": long(1_000)}), 201, ""),
        (json!({"title": long(1_001)}), 422, "/title"),
        (json!({"title": ""}), 422, "/title"),
        (json!({"inventory": {"units": {"capacity": 0}}}), 201, ""),
        (json!({"inventory": {"units": {"capacity": 10_000_000}}}), 201, ""),
        (json!({"inventory": {"units": {"capacity": 10_000_001}}}), 422, "/inventory/units/capacity"),
        (json!({"inventory": {"units": {"capacity": -1}}}), 422, "/inventory/units/capacity"),
        (json!({"inventory": {"units": {"capacity": 1.5}}}), 422, "/inventory/units/capacity"),
        (json!({"inventory": {"units": {"capacity": 1.0}}}), 201, ""),
        (json!({"inventory": {"units": {"capacity": 1e10}}}), 422, "/inventory/units/capacity"),
        (json!({"policy": {"hold_seconds": 60.0, "customer_limit": 2.0}}), 201, ""),
        (json!({"inventory": {"seats": 3}}), 422, "/inventory/seats"),
        (json!({"starts_at": "2090-01-10T08:00:00+01:00"}), 201, ""),
        (json!({"starts_at": "2090-01-10T07:00:00.0001Z"}), 422, "/starts_at"),
        (json!({"starts_at": "2090-01-10"}), 422, "/starts_at"),
        (json!({"ends_at": "9999-12-30T22:00:00.000Z"}), 201, ""),
        (json!({"ends_at": "9999-12-30T22:00:00.001Z"}), 422, "/ends_at"),
        (json!({"starts_at": "2020-01-10T07:00:00Z"}), 422, "/starts_at"),
        (json!({"ends_at": "2090-01-10T07:00:00Z"}), 422, "/ends_at"),
        (json!({"placement": long(64)}), 201, ""),
        (json!({"placement": long(65)}), 422, "/placement"),
        (json!({"placement": ""}), 422, "/placement"),
        (json!({"sale": {"closes_at": "2090-01-10T07:00:00.001Z"}}), 422, "/sale/closes_at"),
        (json!({"sale": {"opens_at": "2090-01-10T07:00:00Z"}}), 422, "/sale/opens_at"),
        (json!({"policy": {"customer_limit": 0}}), 422, "/policy/customer_limit"),
        (json!({"policy": {"customer_limit": 1}}), 201, ""),
        (json!({"policy": {"hold_seconds": 0}}), 422, "/policy/hold_seconds"),
        (json!({"policy": {"cancel_until_seconds": 31_536_001}}), 422, "/policy/cancel_until_seconds"),
        (json!({"policy": {"waitlist": null}}), 201, ""),
        (json!({"policy": {"waitlist": {"capacity": 0}}}), 422, "/policy/waitlist/capacity"),
        (json!({"policy": {"waitlist": {"order": "random"}}}), 422, "/policy/waitlist/order"),
        (json!({"colour": "red"}), 422, "/colour"),
    ];
    for (fields, status, pointer) in rows {
        let answer =
            node.ask_as("organizer", "POST", "/v1/slots", "", &slot_body(&fields)).expect("an answer");
        assert_eq!(answer.status, status, "{fields}: {answer:?}");
        if status == 422 {
            assert_eq!(answer.text("code"), "invalid_request", "{fields}");
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{fields}: {answer:?}");
        }
    }
}

/// Method, path, token, content type, key, body; status and code.
type BadRow<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, u16, &'a str);

#[test]
fn bad_requests_get_the_first_code_that_applies() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 1);
    let bookings = format!("/v1/slots/{slot}/bookings");
    let nowhere = format!("/v1/slots/slot_{}/bookings", "A".repeat(24));
    let (customer, operator) = (node.token("customer").to_owned(), node.token("operator").to_owned());
    let no_booking =
        format!("/v1/bookings/bkg_{}{}/cancel", slot.trim_start_matches("slot_"), "-".repeat(22));
    let json = "application/json";
    let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
    let large = format!(r#"{{"quantity":1,"customer":"{}"}}"#, "x".repeat(70_000));
    let long_key = "k".repeat(129);
    let rows: [BadRow<'_>; 32] = [
        ("POST", &bookings, "", json, "", "{", 400, "malformed"),
        ("POST", &bookings, &customer, json, "", "{", 400, "malformed"),
        ("POST", &bookings, &customer, json, "", &deep, 400, "malformed"),
        ("POST", &bookings, "", json, "", r#"{"quantity":1}"#, 401, "unauthenticated"),
        ("POST", &bookings, "ey.ey.no", json, "", r#"{"quantity":1}"#, 401, "unauthenticated"),
        ("POST", &bookings, &operator, json, "", r#"{"quantity":1}"#, 403, "forbidden"),
        ("POST", &bookings, &customer, json, "", r#"{"quantity":1,"customer":"other"}"#, 403, "forbidden"),
        ("POST", "/v1/slots", &customer, json, "", r#"{"nonsense":1}"#, 403, "forbidden"),
        ("POST", &nowhere, &customer, json, "", r#"{"quantity":0}"#, 404, "not_found"),
        ("POST", "/v1/slots/slot_x/bookings", &customer, json, "", r#"{"quantity":1}"#, 404, "not_found"),
        ("GET", "/v1/bookings/bkg_x", &customer, "", "", "", 404, "not_found"),
        ("GET", "/v1/slots", "ey.ey.no", "", "", "", 401, "unauthenticated"),
        ("DELETE", "/v1/slots", "ey.ey.no", "", "", "", 401, "unauthenticated"),
        ("GET", "/v1/slots/%FF", "", "", "", "", 404, "not_found"),
        ("GET", "/v1/bookings/%FF", &customer, "", "", "", 404, "not_found"),
        ("POST", &bookings, &customer, "text/plain", "", "{", 400, "malformed"),
        ("POST", &bookings, &customer, "text/plain", "", &large, 413, "body_too_large"),
        ("POST", &bookings, &customer, json, "", "[1]", 422, "invalid_request"),
        (
            "POST",
            &bookings,
            &customer,
            json,
            "",
            r#"{"quantity":1,"mode":{"confirm":null}}"#,
            422,
            "invalid_request",
        ),
        ("POST", &no_booking, &customer, json, "a b", r#"{"x":1}"#, 404, "not_found"),
        ("POST", &no_booking, &customer, json, "", "[]", 404, "not_found"),
        ("GET", "/v2", "", "", "", "", 404, "not_found"),
        ("GET", "/metrics", "", "", "", "", 404, "not_found"),
        ("DELETE", "/v1/slots", "", "", "", "", 405, "method_not_allowed"),
        ("POST", &bookings, &customer, json, "", &large, 413, "body_too_large"),
        ("POST", &bookings, &customer, "text/plain", "", r#"{"quantity":1}"#, 415, "unsupported_media_type"),
        ("POST", &bookings, &customer, json, "", r#"{"quantity":0}"#, 422, "invalid_request"),
        ("POST", &bookings, &customer, json, "", r#"{"quantity":1001}"#, 422, "invalid_request"),
        ("POST", &bookings, &customer, json, "", r#"{"quantity":1,"seat":"A"}"#, 422, "invalid_request"),
        ("POST", &bookings, &customer, json, "has space", r#"{"quantity":1}"#, 422, "invalid_request"),
        ("POST", &bookings, &customer, json, &long_key, r#"{"quantity":1}"#, 422, "invalid_request"),
        ("POST", &bookings, &customer, json, "", r#"{"quantity":2}"#, 409, "quantity_too_large"),
    ];
    for (method, path, token, content_type, key, body, status, code) in rows {
        let bearer = format!("Bearer {token}");
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", content_type), ("Idempotency-Key", key)];
        let given: Vec<_> =
            headers.into_iter().filter(|(_, value)| !matches!(*value, "" | "Bearer ")).collect();
        let answer = node.ask(method, path, &given, body).expect("an answer");
        assert_eq!(
            (answer.status, answer.text("code").as_str()),
            (status, code),
            "{method} {path} {body:.60}"
        );
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method} {path}");
        assert_eq!(answer.json()["status"], status, "{method} {path}");
    }
}

#[test]
fn whom_a_booking_is_for_comes_before_what_else_is_wrong_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let bookings = format!("/v1/slots/{}/bookings", node.slot("yoga", 1));
    let bearer = format!("Bearer {}", node.token("customer"));
    for (content_type, body, status) in [
        ("text/plain", r#"{"quantity":1,"customer":"other"}"#, 403),
        ("application/json", r#"{"customer":"other","seat":"A"}"#, 403),
        ("application/json", r#"{"customer":"other""#, 400),
        ("text/plain", r#"{"quantity":1}"#, 415),
    ] {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", content_type)];
        let answer = node.ask("POST", &bookings, &headers, body).expect("an answer");
        assert_eq!(answer.status, status, "{content_type} {body}");
    }
    let packed = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Content-Encoding", "gzip"),
    ];
    let answer = node.ask("POST", &bookings, &packed, r#"{"quantity":1}"#).expect("an answer");
    assert_eq!(answer.status, 415, "a body is taken as it is: {answer:?}");
    let answer = get(node.client, "/v1/slots?limit=%2B5").expect("an answer");
    assert_eq!(answer.status, 422, "a number is digits: {answer:?}");
}

#[test]
fn how_long_a_request_waits_is_told_in_its_turn() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 1);
    let nowhere = format!("slot_{}", "A".repeat(24));
    for (slot, header, status) in [
        (&slot, ("X-Request-Timeout-Ms", "1000"), 200),
        (&slot, ("X-Request-Timeout-Ms", "0"), 422),
        (&slot, ("X-Request-Timeout-Ms", "+1"), 422),
        (&slot, ("X-Request-Timeout-Ms", "soon"), 422),
        (&nowhere, ("X-Request-Timeout-Ms", "soon"), 404),
        (&slot, ("Accept", "text/html"), 406),
    ] {
        let answer = node.ask("GET", &format!("/v1/slots/{slot}"), &[header], "").expect("an answer");
        assert_eq!(answer.status, status, "{slot} {header:?}: {answer:?}");
    }
}

#[test]
fn who_has_said_everything_is_still_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 30);
    let bearer = node.token("customer");
    for key in 0..20 {
        let body = r#"{"quantity":1}"#;
        let text = format!(
            "POST /v1/slots/{slot}/bookings HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {bearer}\r\n\
             Content-Type: application/json\r\nIdempotency-Key: {key}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = say_all(node.client, text.as_bytes()).expect("an answer");
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}

#[test]
fn what_no_route_is_asked_for_is_refused_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    for path in ["/v1/slots?limit=0", "/v1/slots?limit=201", "/v1/slots?after=%00", "/v1/slots?status=lost"] {
        assert_eq!(get(node.client, path).expect("an answer").text("code"), "invalid_request", "{path}");
    }
    let stranger = node.ask("GET", "/v1/slots", &[("Accept", "text/html")], "").expect("an answer");
    assert_eq!(stranger.text("code"), "not_acceptable");
    let nobody = node.ask("POST", "/v1/slots", &[("Accept", "text/html")], "{}").expect("an answer");
    assert_eq!(nobody.text("code"), "unauthenticated", "401 comes before 406");
    // What follows a request on its connection does not hold its answer up.
    let request =
        format!("GET /v1/slots HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n\r\nGE", node.client);
    assert_eq!(say(node.client, request.as_bytes()).expect("an answer").status, 200);
    let long_path = format!("/v1/slots?{}", "x".repeat(8_200));
    assert_eq!(get(node.client, &long_path).expect("an answer").text("code"), "uri_too_long");
    let not_http = say(node.client, b"hello there\r\n\r\n").expect("an answer");
    assert_eq!(not_http.status, 400);
}

#[test]
fn a_full_slot_makes_people_wait_and_a_cancellation_serves_the_head_in_the_same_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 2);
    let bookings = format!("/v1/slots/{slot}/bookings");
    let book =
        |key: &str, body: &str| node.ask_as("customer", "POST", &bookings, key, body).expect("an answer");

    let first = book("a", r#"{"quantity":2}"#);
    assert_eq!((first.status, first.text("status").as_str()), (201, "confirmed"));
    let second = book("b", r#"{"quantity":2}"#);
    assert_eq!((second.status, second.json()["position"].as_u64()), (202, Some(1)));
    let third = book("c", r#"{"quantity":1}"#);
    assert_eq!((third.status, third.json()["position"].as_u64()), (202, Some(2)));
    let refused = book("d", r#"{"quantity":1,"when_full":"refuse"}"#);
    assert_eq!((refused.status, refused.text("code").as_str()), (409, "sold_out"));
    assert_eq!(refused.json()["seq"], 4, "a refusal takes no seq");

    let again = book("b", r#"{"quantity":2}"#);
    assert_eq!((again.status, &again.body), (202, &second.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(second.header("idempotency-replayed"), None);
    assert_eq!(book("b", r#"{"quantity":1}"#).text("code"), "idempotency_key_reused");
    let refused_again = book("d", r#"{"quantity":1,"when_full":"refuse"}"#);
    assert_eq!(refused_again.body, refused.body);
    assert_eq!(refused_again.header("idempotency-replayed"), Some("true"));

    let cancel = format!("/v1/bookings/{}/cancel", first.text("id"));
    let cancelled = node.ask_as("customer", "POST", &cancel, "e", "").expect("an answer");
    assert_eq!((cancelled.status, cancelled.text("status").as_str()), (200, "cancelled"));
    assert_eq!(cancelled.json()["seq"], 5);
    let over = node.ask_as("customer", "POST", &cancel, "f", "{}").expect("an answer");
    assert_eq!(over.text("code"), "already_over");

    let feed = node
        .ask_as("organizer", "GET", &format!("/v1/slots/{slot}/feed?after=4"), "", "")
        .expect("an answer");
    let record = &feed.json()["items"][0];
    assert_eq!(record["kind"], "cancelled");
    let changed = record["bookings"].as_array().expect("bookings");
    let changed: Vec<_> = changed.iter().map(|one| (one["id"].clone(), one["status"].clone())).collect();
    assert_eq!(
        changed,
        [(json!(first.text("id")), json!("cancelled")), (json!(second.text("id")), json!("confirmed"))]
    );
    assert!(record["bookings"][0].get("expires_in_ms").is_none(), "a record does not know when it is read");
    assert_eq!(feed.json()["seq"], 5);

    let read = node.ask_as("customer", "GET", &format!("/v1/bookings/{}", third.text("id")), "", "");
    assert_eq!(read.expect("an answer").json()["position"], 1, "the queue has moved up");
}

#[test]
fn what_exists_throughout_is_listed_exactly_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let mut made: Vec<String> = (0..23)
        .map(|number| {
            let body = slot_body(&json!({"placement": format!("room {number}")}));
            node.ask_as("organizer", "POST", "/v1/slots", &format!("k{number}"), &body)
                .expect("an answer")
                .text("id")
        })
        .collect();
    made.sort();
    let mut listed = Vec::new();
    let mut path = "/v1/slots?organizer=organizer&limit=4".to_owned();
    loop {
        let page = get(node.client, &path).expect("an answer");
        let items = page.json()["items"].as_array().expect("items").clone();
        listed.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        let Some(link) = page.header("link") else {
            assert_eq!(page.json()["next"], json!(null));
            break;
        };
        path = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
    }
    listed.sort();
    assert_eq!(listed, made);
    assert_eq!(get(node.client, "/v1/slots?organizer=nobody").expect("an answer").json()["items"], json!([]));
}

#[test]
fn the_listeners_are_apart_and_the_documents_are_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    for (address, path, status) in [
        (node.client, "/openapi.json", 200),
        (node.client, "/docs/", 200),
        (node.client, "/livez", 404),
        (node.client, "/admin/v1/groups", 404),
        (node.admin, "/livez", 200),
        (node.admin, "/startupz", 200),
        (node.admin, "/metrics", 200),
        (node.admin, "/v1/slots", 404),
        (node.admin, "/admin/v1/groups", 401),
    ] {
        assert_eq!(get(address, path).expect("an answer").status, status, "{path}");
    }
    let document = get(node.client, "/openapi.json").expect("an answer").json();
    assert_eq!(document["openapi"], "3.1.0");
    let limits = get(node.client, "/v1/slots/slot_x").expect("an answer");
    for name in
        ["ratelimit", "ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
    {
        assert!(limits.header(name).is_some(), "{name}: {limits:?}");
    }
}
