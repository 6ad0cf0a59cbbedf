//! A browser's session, from its beginning to its end: what begins one, what it may do, what counts before it, and that no page of
//! anyone else can use it.

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower::Service as _;

use super::*;

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// An answer, as a browser has it.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    /// What the browser sends from now on.
    fn cookie(&self) -> String {
        let set = self.headers["set-cookie"].to_str().expect("text");
        set.split_once(';').expect("what is said of it").0.to_owned()
    }
}

async fn ask(app: &Arc<App>, asked: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (method, path) = asked.split_once(' ').expect("a method and a path");
    let request = Request::builder().method(method).uri(path).header("host", "shop.example");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = if body.is_empty() { request } else { request.header("content-type", JSON) };
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let answer = client_routes(Arc::clone(app)).call(request).await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.into_body().collect().await.expect("whole").to_bytes();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") };
    Answer { status, headers, body }
}

fn token_body(token: &str) -> String {
    json!({"token": token}).to_string()
}

#[tokio::test]
async fn a_session_is_the_token_until_it_is_ended() {
    let (office, _look, path) = Office::on_sale(9).await;
    let app = &office.app;
    let begun = ask(app, "POST /session", &[SAME], &token_body(&office.customer)).await;
    assert_eq!((begun.status, &begun.body), (204, &Value::Null));
    let set = begun.headers["set-cookie"].to_str().expect("text");
    let token = &office.customer;
    let seconds = set
        .strip_prefix(&format!(
            "__Host-boxoffice={token}; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age="
        ))
        .expect(set);
    let seconds: u64 = seconds.parse().expect("seconds");
    assert!((86_000..=86_400).contains(&seconds), "until the token ends: {seconds}");
    assert_eq!(begun.headers["cache-control"], "no-store");

    let cookie = begun.cookie();
    let session = ("cookie", &*cookie);
    let book = format!("POST {path}");
    let booked = ask(app, &book, &[session, SAME, ("idempotency-key", "1")], GOOD).await;
    assert_eq!((booked.status, &booked.body["customer"]), (201, &json!("customer")), "{:?}", booked.body);
    assert_eq!(booked.headers["cache-control"], "private, no-cache");
    let read = format!("GET /v1/bookings/{}", booked.body["id"].as_str().expect("an id"));
    assert_eq!(ask(app, &read, &[session], "").await.status, 200);
    assert_eq!(ask(app, &read, &[], "").await.status, 401);

    let ended = ask(app, "DELETE /session", &[session, SAME], "").await;
    assert_eq!((ended.status, &*ended.cookie()), (204, "__Host-boxoffice="));
    assert!(ended.headers["set-cookie"].to_str().expect("text").ends_with("; Max-Age=0"));
}

#[tokio::test]
async fn a_session_begins_with_a_good_token_that_a_browser_can_keep() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let long = "x".repeat(3_901);
    for (headers, body, status, code) in [
        (&[SAME][..], token_body("nonsense"), 401, "unauthenticated"),
        (&[SAME], token_body(&long), 422, "invalid_request"),
        (&[SAME], "{}".to_owned(), 422, "invalid_request"),
        (&[SAME], r#"{"token": null}"#.to_owned(), 422, "invalid_request"),
        (&[SAME], r#"{"token": 7}"#.to_owned(), 422, "invalid_request"),
        (&[SAME], json!({"token": office.customer, "more": 1}).to_string(), 422, "invalid_request"),
        (&[SAME], json!({"token": office.customer, "dev": "ada"}).to_string(), 422, "invalid_request"),
        (&[SAME], r#"{"dev": "ada"}"#.to_owned(), 422, "invalid_request"),
        (&[SAME], "{".to_owned(), 400, "malformed"),
        (&[SAME], String::new(), 400, "malformed"),
        (&[], token_body(&office.customer), 403, "forbidden"),
        (&[("sec-fetch-site", "cross-site")], token_body(&office.customer), 403, "forbidden"),
        (&[("origin", "https://evil.example")], token_body(&office.customer), 403, "forbidden"),
        (&[SAME, ("authorization", "Bearer nonsense")], token_body(&office.customer), 401, "unauthenticated"),
    ] {
        let refused = ask(&office.app, "POST /session", headers, &body).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (status, &json!(code)),
            "{body}: {}",
            refused.body
        );
        assert!(!refused.headers.contains_key("set-cookie"), "{body}");
    }
    let body = token_body(&office.customer);
    let begun = ask(&office.app, "POST /session", &[("origin", "https://shop.example")], &body).await;
    assert_eq!(begun.status, 204, "where a browser says no more than of which origin its page is");
    assert_eq!(ask(&office.app, "DELETE /session", &[], "").await.status, 403);
}

#[tokio::test]
async fn where_somebody_tries_it_out_a_customer_is_made_of_a_name() {
    let mut office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let secret = office.key.clone();
    Arc::get_mut(&mut office.app).expect("nobody else has it").dev_key = Some(secret);
    let (_, path) = office.slot(9).await;
    let begun = ask(&office.app, "POST /session", &[SAME], r#"{"dev": "ada"}"#).await;
    assert_eq!(begun.status, 204, "{}", begun.body);
    let cookie = begun.cookie();
    let booked = ask(&office.app, &format!("POST {path}"), &[("cookie", &cookie), SAME], GOOD).await;
    assert_eq!((booked.status, &booked.body["customer"]), (201, &json!("ada")));
    for name in ["", &"x".repeat(65)] {
        let body = json!({"dev": name}).to_string();
        assert_eq!(ask(&office.app, "POST /session", &[SAME], &body).await.status, 422, "{name}");
    }
}

#[tokio::test]
async fn a_token_counts_before_a_session_and_no_other_page_uses_one() {
    let (office, _look, path) = Office::on_sale(9).await;
    let cookie = format!("__Host-boxoffice={}", office.customer);
    let (session, bearer) = (("cookie", &*cookie), format!("Bearer {}", office.organizer));
    let bearer = ("authorization", &*bearer);
    let book = format!("POST {path}");
    let other = r#"{"quantity": 1, "customer": "ada"}"#;
    for (headers, body, status) in [
        // The organizer's token counts, from whatever page; a customer may not book for another.
        (&[session, bearer][..], other, 201),
        (&[session, bearer, ("sec-fetch-site", "cross-site")], other, 201),
        (&[session, SAME], other, 403),
        (&[session, SAME], GOOD, 201),
        (&[session, ("origin", "https://shop.example")], GOOD, 201),
        (&[session], GOOD, 403),
        (&[session, ("sec-fetch-site", "cross-site")], GOOD, 403),
        (&[session, ("sec-fetch-site", "same-site"), ("origin", "https://shop.example")], GOOD, 403),
        (&[session, ("origin", "https://evil.example")], GOOD, 403),
        // A bad token is one, whatever is shown beside it.
        (&[session, SAME, ("authorization", "Bearer nonsense")], GOOD, 401),
        (&[("cookie", "__Host-boxoffice=nonsense"), SAME], GOOD, 401),
        (&[("cookie", "boxoffice=x"), SAME], GOOD, 401),
    ] {
        let answer = ask(&office.app, &book, headers, body).await;
        assert_eq!(answer.status, status, "{headers:?} {body}: {}", answer.body);
    }
    let look = format!("GET {}", path.trim_end_matches("/bookings"));
    for cookie in [&*cookie, "__Host-boxoffice=nonsense"] {
        let answer =
            ask(&office.app, &look, &[("cookie", cookie), ("sec-fetch-site", "cross-site")], "").await;
        assert_eq!(answer.status, StatusCode::OK, "anyone may look, also whose session is over");
    }
    let bookings = format!("GET {path}");
    let listed = ask(&office.app, &bookings, &[session], "").await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(2), "{}", listed.body);
}
