//! A slot's live stream: told at once, whenever it changes and when time changes it, to as many as may watch, and until it is over.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, BodyDataStream};
use futures::StreamExt as _;
use hyper::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tower::Service as _;

use super::*;
use crate::permits::Lane;

/// Longer than any stream of these tests says nothing.
const LONG: Duration = Duration::from_secs(20);

/// The machine's clock, so much later.
#[derive(Default)]
struct Later {
    clock: SystemClock,
    by_ms: AtomicU64,
}

impl Clock for Later {
    fn wall_ms(&self) -> u64 {
        self.clock.wall_ms() + self.by_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }
}

/// Somebody who reads a stream as slowly as they like.
struct Watcher {
    headers: HeaderMap,
    body: BodyDataStream,
    ahead: String,
}

impl Watcher {
    /// The next thing that is said, up to the blank line; none where the stream is over.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((said, ahead)) = self.ahead.split_once("\n\n") {
                let (said, ahead) = (said.to_owned(), ahead.to_owned());
                self.ahead = ahead;
                return Some(said);
            }
            let more = timeout(LONG, self.body.next()).await.expect("it says something")?;
            self.ahead.push_str(std::str::from_utf8(&more.expect("whole")).expect("text"));
        }
    }

    /// How the slot is told next, past everything else.
    async fn state(&mut self) -> Option<Value> {
        loop {
            let said = self.next().await?;
            let Some((id, data)) = said.split_once('\n') else { continue };
            let state: Value =
                serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
            assert_eq!(id.strip_prefix("id: "), Some(&*state["seq"].to_string()), "{said}");
            return Some(state);
        }
    }
}

/// Begins to watch a slot, where that is allowed.
async fn watch(app: &Arc<App>, slot: &str, accept: &str) -> Result<Watcher, (StatusCode, Value)> {
    let request =
        Request::get(format!("/v1/slots/{slot}/live")).header("host", "node").header("accept", accept);
    let mut routes = client_routes(Arc::clone(app));
    let answer = routes.call(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut body = answer.into_body().into_data_stream();
    if status == StatusCode::OK {
        return Ok(Watcher { headers, body, ahead: String::new() });
    }
    let problem = body.next().await.expect("a problem").expect("whole");
    Err((status, serde_json::from_slice(&problem).expect("a problem")))
}

/// A slot with this sale; its id.
async fn slot(office: &Office, sale: &str) -> String {
    let slot = format!(
        r#"{{"title": "yoga", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
        "inventory": {{"units": {{"capacity": 3}}}}, "sale": {{{sale}}}}}"#
    );
    let made = Client::new(&office.app).ask("/v1/slots", &office.organizer, 0, &slot).await;
    made.split('"').find(|text| text.starts_with("slot_")).expect("it was made").to_owned()
}

const EVENTS: &str = "text/event-stream";

#[tokio::test(start_paused = true)]
async fn how_a_slot_is_is_told_at_once_and_whenever_it_changes_until_it_is_over() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let slot = slot(&office, "").await;
    let mut one = watch(&office.app, &slot, EVENTS).await.expect("it begins");
    for (name, value) in
        [("content-type", EVENTS), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
    {
        assert_eq!(one.headers[name], value);
    }
    let greeting = one.next().await.expect("a greeting");
    let retry: u64 = greeting.strip_prefix("retry: ").expect(&greeting).parse().expect("milliseconds");
    assert!((1_000..10_000).contains(&retry), "{retry}");
    let mut first = one.state().await.expect("how it is");
    let now = first["now"].take();
    let counts = json!({"capacity": 3, "free": 3, "held": 0, "offered": 0, "confirmed": 0, "waitlisted": 0});
    let want = json!({"seq": 1, "now": null, "status": "on_sale", "counts": counts, "bookable": 3, "opens_in_ms": 0});
    assert_eq!(first, want);
    let now: api::time::Time = serde_json::from_value(now).expect("a time");
    assert!(office.app.clock.wall_ms().abs_diff(now.as_ms()) < 60_000, "it is the clock's");

    let quiet = Instant::now();
    assert_eq!(one.next().await.as_deref(), Some(": quiet"));
    assert!((14..=16).contains(&quiet.elapsed().as_secs()));

    let path = format!("/v1/slots/{slot}/bookings");
    let book = async |key| {
        let booked = Client::new(&office.app).ask(&path, &office.customer, key, GOOD).await;
        assert!(booked.starts_with("HTTP/1.1 201 "), "{booked}");
    };
    let mut other = watch(&office.app, &slot, "*/*").await.expect("it begins");
    assert_eq!(other.state().await.expect("how it is")["seq"], 1);
    book(1).await;
    for watcher in [&mut one, &mut other] {
        let state = watcher.state().await.expect("it is told");
        assert_eq!((&state["seq"], &state["bookable"]), (&json!(2), &json!(2)));
    }
    // Who does not read meanwhile is told how it is by then, once.
    book(2).await;
    book(3).await;
    assert_eq!(other.state().await.expect("it is told")["bookable"], 0);
    let cancelled =
        Client::new(&office.app).ask(&format!("/v1/slots/{slot}/cancel"), &office.organizer, 4, "").await;
    assert!(cancelled.starts_with("HTTP/1.1 200 "), "{cancelled}");
    let mut last = Vec::new();
    while let Some(state) = one.state().await {
        last.push((state["seq"].as_u64().expect("a seq"), state["status"].clone()));
    }
    assert_eq!(last.last(), Some(&(5, json!("cancelled"))), "and nothing behind it");
    let mut late = watch(&office.app, &slot, EVENTS).await.expect("it begins");
    assert_eq!(late.state().await.expect("how it is")["status"], "cancelled");
    assert_eq!(late.state().await, None);
    drop((one, other, late));
    assert_eq!(office.app.router.in_flight(), 0, "every permit is given back");
}

#[tokio::test(start_paused = true)]
async fn what_time_alone_changes_is_told_when_it_does() {
    let clock = Arc::new(Later::default());
    let office = Office::quiet(&dev(), Arc::<Later>::clone(&clock)).await;
    let slot =
        slot(&office, r#""opens_at": "2089-06-01T00:00:00Z", "closes_at": "2089-07-01T00:00:00Z""#).await;
    let mut watcher = watch(&office.app, &slot, EVENTS).await.expect("it begins");
    let state = watcher.state().await.expect("how it is");
    assert_eq!((&state["status"], &state["bookable"]), (&json!("scheduled"), &json!(0)));
    assert!(0 < state["opens_in_ms"].as_u64().expect("milliseconds"));
    for (moment, status, bookable) in [
        ("2089-06-01T00:00:00Z", "on_sale", 3),
        ("2089-07-01T00:00:00Z", "closed", 0),
        ("2090-01-02T00:00:00Z", "finished", 0),
    ] {
        let moment: api::time::Time = serde_json::from_value(json!(moment)).expect("a time");
        clock.by_ms.fetch_add(moment.as_ms() - clock.wall_ms(), Ordering::Relaxed);
        let state = watcher.state().await.expect("it is told");
        let told = (&state["seq"], &state["status"], &state["bookable"], &state["opens_in_ms"]);
        assert_eq!(told, (&json!(1), &json!(status), &json!(bookable), &json!(0)), "{moment:?}");
    }
    assert_eq!(watcher.state().await, None, "it is over");
}

#[tokio::test(start_paused = true)]
async fn no_more_watch_than_may_and_a_node_that_stops_tells_nobody_anything() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let slot = slot(&office, "").await;
    let app = &office.app;
    let others: Vec<_> = std::iter::from_fn(|| app.router.permit(Lane::Crowd).ok()).collect();
    let (status, problem) = watch(app, &slot, EVENTS).await.err().expect("there are too many");
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("overloaded")), "{problem}");
    drop(others);
    for (id, accept, status) in [(&*slot, "application/json", 406), ("slot_x", EVENTS, 404)] {
        let refused = watch(app, id, accept).await.err().expect("it is refused");
        assert_eq!(refused.0.as_u16(), status, "{refused:?}");
    }
    let mut watcher = watch(app, &slot, EVENTS).await.expect("it begins");
    watcher.state().await.expect("how it is");
    app.stage.set_draining();
    app.end_watching();
    assert_eq!(watcher.state().await, None, "it is over");
    let (status, problem) = watch(app, &slot, EVENTS).await.err().expect("it is over");
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("draining")));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_told_in_turn_and_each_of_them() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let slot = slot(&office, "").await;
    let mut crowd = Vec::new();
    for _ in 0..100 {
        let mut watcher = watch(&office.app, &slot, EVENTS).await.expect("it begins");
        watcher.state().await.expect("how it is");
        crowd.push(watcher);
    }
    // After others were told so many bytes: how long it takes, at least, until all are told again.
    for (key, (bytes, at_least)) in [(0, 0), (64 << 20, 2_000)].into_iter().enumerate() {
        office.app.router.houses().pace().told(bytes);
        let began = Instant::now();
        let path = format!("/v1/slots/{slot}/bookings");
        assert!(Client::new(&office.app).ask(&path, &office.customer, key + 1, GOOD).await.contains(" 201 "));
        for watcher in &mut crowd {
            let state = watcher.state().await.expect("it is told");
            assert_eq!(state["bookable"], 2 - key);
        }
        let took = began.elapsed().as_millis();
        assert!((at_least..=at_least + 500).contains(&took), "{bytes}: {took}");
    }
}
