//! Pages: what can be read on them without a script, what their scripts are told, what browsers are made to hold to, and in which
//! language.

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::Service as _;

use super::*;

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    /// What the page's script is told.
    fn data(&self) -> Value {
        let (_, rest) = self.text.split_once(r#"<script type="application/json" id="data">"#).expect("data");
        serde_json::from_str(rest.split_once("</script>").expect("an end").0).expect("JSON")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

async fn get(app: &Arc<App>, path: &str, headers: &[(&str, &str)]) -> Page {
    let request = Request::get(path).header("host", "node").header("accept", "text/html");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(Body::empty()).expect("a request");
    let answer = client_routes(Arc::clone(app)).call(request).await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.into_body().collect().await.expect("whole").to_bytes();
    Page { status, headers, text: String::from_utf8(text.to_vec()).expect("text") }
}

/// A slot with this title; its id.
async fn slot(office: &Office, key: usize, title: &str) -> String {
    let slot = json!({
        "title": title, "starts_at": "2090-01-01T07:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
        "inventory": {"units": {"capacity": 3}}
    });
    let made = Client::new(&office.app).ask("/v1/slots", &office.organizer, key, &slot.to_string()).await;
    made.split('"').find(|text| text.starts_with("slot_")).expect("it was made").to_owned()
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

#[tokio::test]
async fn every_page_holds_browsers_to_the_same_and_is_whole() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let slot = slot(&office, 1, "yoga").await;
    for (path, status, page) in [
        ("/", 200, "list"),
        (&*format!("/slots/{slot}"), 200, "slot"),
        ("/slots/slot_x", 404, "slot"),
        ("/?status=nothing", 404, "list"),
        ("/?after=x", 404, "list"),
        ("/bookings", 200, "bookings"),
        ("/bookings/bkg_x", 200, "booking"),
        ("/session", 200, "session"),
    ] {
        for (language, lang) in [("de-DE, en;q=0.5", "de"), ("fr", "en")] {
            let shown = get(&office.app, path, &[("accept-language", language)]).await;
            assert_eq!(shown.status, status, "{path}");
            for (name, want) in [
                ("content-type", "text/html; charset=utf-8"),
                ("content-security-policy", POLICY),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
                ("content-language", lang),
                ("vary", "accept-language"),
            ] {
                assert_eq!(shown.header(name), want, "{path}: {name}");
            }
            let begin = format!(
                "<!DOCTYPE html><html lang=\"{lang}\" data-page=\"{page}\"><head><meta charset=\"utf-8\">"
            );
            assert!(shown.text.starts_with(&begin), "{path}: {}", shown.text);
            for part in [
                r##"<a class="skip" href="#main">"##,
                "<header>",
                r#"<main id="main">"#,
                "<h1",
                r#"<section id="plain">"#,
                r#"<div id="app"></div>"#,
                "<footer>",
                r#"<meta name="viewport""#,
            ] {
                assert_eq!(shown.text.matches(part).count(), 1, "{path}: {part}");
            }
            assert!(
                !shown.text.contains("style=") && !shown.text.contains("onclick="),
                "{path}: nothing is in line"
            );
            let data = shown.data();
            assert_eq!(data["dev"], false);
            assert!(data["now"].is_string() && data["build"].is_string(), "{path}: {data}");
        }
        let asked = format!("{path}{}lang=de", if path.contains('?') { '&' } else { '?' });
        let shown = get(&office.app, &asked, &[("accept-language", "en")]).await;
        assert_eq!(shown.header("content-language"), "de", "{path}");
    }
    let about = get(&office.app, "/about", &[]).await;
    assert!(about.status == 200 && about.text.contains("This node is"), "{}", about.text);
    let asset = get(&office.app, "/assets/seats-0123456789ab.js", &[]).await;
    assert_eq!((asset.status, asset.header("content-type")), (404, "application/problem+json"));
}

#[tokio::test]
async fn a_slots_page_can_be_read_and_kept_and_nobodys_title_breaks_it() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let title = r#"</script><b>&"'</title><img src=x onerror=alert(1)>"#;
    let slot = slot(&office, 1, title).await;
    let path = format!("/slots/{slot}");
    let shown = get(&office.app, &path, &[]).await;
    for evil in ["<b>", "<img", "</script><b>"] {
        assert!(!shown.text.contains(evil), "{evil}: {}", shown.text);
    }
    assert!(shown.text.contains("<h1 dir=\"auto\">&lt;/script&gt;&lt;b&gt;"), "{}", shown.text);
    let data = shown.data();
    assert_eq!((&data["slot"]["title"], &data["slot"]["id"]), (&json!(title), &json!(slot)));
    let time = r#"<time datetime="2090-01-01T07:00:00.000Z">1 January 2090, 07:00 (UTC)</time>"#;
    assert!(shown.text.contains(time), "{}", shown.text);
    assert!(shown.text.contains("<dt>Free</dt><dd dir=\"auto\">3</dd>"), "{}", shown.text);

    assert_eq!(shown.header("cache-control"), "public, max-age=1, stale-while-revalidate=5");
    let tag = shown.header("etag").to_owned();
    let again = get(&office.app, &path, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
    assert_eq!(again.header("cache-control"), "public, max-age=1, stale-while-revalidate=5");
    let german = get(&office.app, &path, &[("if-none-match", &tag), ("accept-language", "de")]).await;
    assert!(german.status == 200 && german.text.contains("1. Januar 2090, 07:00 (UTC)"), "{}", german.text);
    let signed_in = format!("__Host-boxoffice={}", office.customer);
    let known = get(&office.app, &path, &[("if-none-match", &tag), ("cookie", &signed_in)]).await;
    assert_eq!(known.status, 304, "it is the same for everyone");
    let bookings = format!("/v1/slots/{slot}/bookings");
    assert!(Client::new(&office.app).ask(&bookings, &office.customer, 2, GOOD).await.contains(" 201 "));
    let changed = get(&office.app, &path, &[("if-none-match", &tag)]).await;
    assert!(changed.status == 200 && changed.header("etag") != tag);
    assert!(changed.text.contains("<dt>Free</dt><dd dir=\"auto\">2</dd>"), "{}", changed.text);
}

#[tokio::test]
async fn the_list_shows_what_is_on_sale_of_everyone_or_of_one() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let first = slot(&office, 1, "yoga").await;
    let second = slot(&office, 2, "a & b").await;
    let cancelled = slot(&office, 3, "never").await;
    Client::new(&office.app).ask(&format!("/v1/slots/{cancelled}/cancel"), &office.organizer, 4, "").await;
    for (query, want) in [
        ("", vec![&first, &second]),
        ("?organizer=organizer", vec![&first, &second]),
        ("?organizer=nobody", vec![]),
        ("?status=cancelled", vec![&cancelled]),
        ("?status=scheduled", vec![]),
    ] {
        let shown = get(&office.app, &format!("/{query}"), &[]).await;
        let data = shown.data();
        let items = data["slots"]["items"].as_array().expect("a list");
        let mut ids: Vec<&str> = items.iter().map(|slot| slot["id"].as_str().expect("an id")).collect();
        let mut want: Vec<&str> = want.into_iter().map(String::as_str).collect();
        ids.sort_unstable();
        want.sort_unstable();
        assert_eq!(ids, want, "{query}");
        for id in ids {
            assert!(shown.text.contains(&format!("<a href=\"/slots/{id}\" dir=\"auto\">")), "{query}");
        }
        assert_eq!(data["slots"]["next"], Value::Null);
    }
}

#[tokio::test]
async fn a_booking_is_shown_to_whoever_may_see_it_and_confirmed_it_is_a_ticket() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let slot = slot(&office, 1, "yoga").await;
    let path = format!("/v1/slots/{slot}/bookings");
    let cookie = format!("__Host-boxoffice={}", office.customer);
    let operator =
        key::token(&office.key, Role::Operator, &SystemClock::new(), &SystemChance).expect("signed");
    let operator = format!("__Host-boxoffice={operator}");
    for (key, body, token, status, has_code) in [
        (1, GOOD, &office.customer, 200, true),
        (2, r#"{"quantity": 1, "mode": "hold"}"#, &office.customer, 200, false),
        (3, r#"{"quantity": 1, "customer": "ada"}"#, &office.organizer, 404, false),
    ] {
        let made = Client::new(&office.app).ask(&path, token, key, body).await;
        let id = made.split('"').find(|text| text.starts_with("bkg_")).expect("it was made");
        let page = format!("/bookings/{id}");
        let shown = get(&office.app, &page, &[("cookie", &cookie)]).await;
        assert_eq!(shown.status, status, "{body}");
        assert_eq!(shown.text.contains("<svg class=\"qr\""), has_code, "{}", shown.text);
        if status == 200 {
            let data = shown.data();
            assert_eq!((&data["booking"]["id"], &data["slot"]["id"]), (&json!(id), &json!(slot)));
            assert!(shown.text.contains(data["booking"]["reference"].as_str().expect("a reference")));
            assert_eq!(shown.header("cache-control"), "private, no-store");
        }
        let refused = get(&office.app, &page, &[("cookie", &operator)]).await;
        assert_eq!((refused.status, &refused.data()["booking"]), (403, &Value::Null), "{body}");
        let nobody = get(&office.app, &page, &[]).await;
        assert_eq!((nobody.status, &nobody.data()["booking"]), (200, &Value::Null), "the script asks");
        assert!(!nobody.text.contains("<svg"), "{}", nobody.text);
    }
}
