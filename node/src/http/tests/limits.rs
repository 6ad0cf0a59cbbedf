//! Who asks too often, and pages of other origins: the fast path and hyper answer the same, and in the order of the contract.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::*;

/// Times that pass when they are told to.
struct Told {
    clock: SystemClock,
    monotonic_ms: AtomicU64,
}

impl Told {
    fn new() -> Arc<Self> {
        Arc::new(Self { clock: SystemClock::new(), monotonic_ms: AtomicU64::new(0) })
    }

    fn pass_ms(&self, ms: u64) {
        self.monotonic_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Told {
    fn wall_ms(&self) -> u64 {
        self.clock.wall_ms()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic_ms.load(Ordering::Relaxed))
    }
}

/// Two requests a second, and so many at once.
fn limited(burst: u32) -> Config {
    let number = |number| NonZeroU32::new(number).expect("not zero");
    Config {
        rate_limit: RateLimit { enabled: true, requests_per_second: number(2), burst: number(burst) },
        ..dev()
    }
}

impl Office {
    /// A token for anyone.
    pub(super) fn token(&self, subject: &str, role: Role) -> String {
        let now = self.app.clock.wall_ms() / 1_000;
        key::signed(&self.key, subject, role, now..now + 1_000, subject.to_owned()).expect("signed")
    }

    /// The whole answer to one request from this address.
    async fn answer(&self, peer: &str, request: &str) -> Answer {
        let peer = SocketAddr::new(peer.parse().expect("an address"), 1);
        let mut client = Client::from(&self.app, peer);
        client.send(request).await;
        client.pipe.shutdown().await.expect("nothing more to say");
        Answer(client.rest().await)
    }
}

/// An answer as it came.
#[derive(Debug)]
struct Answer(String);

impl Answer {
    fn status(&self) -> u16 {
        self.0.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers =
            self.0.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
        headers.find(|(found, _value)| *found == name).map(|(_name, value)| value)
    }

    fn body(&self) -> Value {
        let (_head, body) = self.0.split_once("\r\n\r\n").expect("a head");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {}", self.0))
    }

    /// Remaining requests and seconds, if all headers that say them agree.
    fn left(&self) -> (u32, u32) {
        let number = |name| self.header(name).and_then(|value: &str| value.parse().ok());
        let left = number("x-ratelimit-remaining").zip(number("x-ratelimit-reset")).expect("both are told");
        let told = format!("\"requests\";r={};t={}", left.0, left.1);
        assert_eq!(self.header("ratelimit"), Some(&*told), "{}", self.0);
        left
    }
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: node\r\n{headers}\r\n")
}

#[tokio::test]
async fn the_booth_and_hyper_refuse_who_asks_too_often() {
    let clock = Told::new();
    let office = Office::quiet(&limited(3), Arc::<Told>::clone(&clock)).await;
    let (_id, path) = office.slot(100).await;
    for (subject, path, reader) in
        [("ada", path.clone(), By::FastPath), ("bob", format!("{path}?x"), By::Hyper)]
    {
        let token = office.token(subject, Role::Customer);
        let book = async |key: &str| {
            let answer = office.answer("192.0.2.1", &request(&path, &token, key, JSON, GOOD)).await;
            assert_eq!(by(&answer.0), reader, "{answer:?}");
            assert_eq!(answer.header("ratelimit-policy"), Some("\"requests\";q=3;w=2"), "{answer:?}");
            assert_eq!(answer.header("x-ratelimit-limit"), Some("3"), "{answer:?}");
            answer
        };
        // Milliseconds that pass, then the key, the status, and what is left.
        for (ms, key, status, left) in [
            (0, "a", 201, (2, 1)),
            (0, "b", 201, (1, 1)),
            (0, "c", 201, (0, 2)),
            (0, "d", 429, (0, 2)),
            (499, "d", 429, (0, 2)),
            (1, "d", 201, (0, 2)),
            (0, "e", 429, (0, 2)),
            (1_000, "a", 201, (1, 1)),
            (60_000, "f", 201, (2, 1)),
        ] {
            clock.pass_ms(ms);
            let answer = book(key).await;
            assert_eq!((answer.status(), answer.left()), (status, left), "{key} {answer:?}");
            // What was refused like this is not remembered; what was done is.
            assert_eq!(
                answer.header("idempotency-replayed").is_some(),
                key == "a" && ms == 1_000,
                "{answer:?}"
            );
            if status == 429 {
                assert_eq!(answer.body()["code"], "rate_limited");
                let retry_after = answer.header("retry-after").and_then(|value| value.parse().ok());
                assert!((1..=4_u64).contains(&retry_after.expect("seconds")), "{answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_caller_is_a_subject_or_an_address() {
    let mut config = limited(1);
    config.listen.trusted_proxies = vec!["10.0.0.0/8".to_owned().try_into().expect("a net")];
    let office = Office::quiet(&config, Told::new()).await;
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let (ada, bob) = (office.token("ada", Role::Customer), office.token("bob", Role::Organizer));
    let (ada_again, bad) = (office.token("ada", Role::Operator), "ey.ey.no");
    // Where from, with what headers; the status.
    for (number, (peer, headers, status)) in [
        ("192.0.2.1", String::new(), 200),
        ("192.0.2.1", String::new(), 429),
        // Who shows a good token does not pay for others at their address, and has one bucket whatever they are.
        ("192.0.2.1", bearer(&ada), 200),
        ("192.0.2.2", bearer(&ada_again), 429),
        ("192.0.2.1", bearer(&bob), 200),
        // A bad one counts for the address; 401 comes first.
        ("192.0.2.3", bearer(bad), 401),
        ("192.0.2.3", String::new(), 429),
        ("192.0.2.3", bearer(bad), 401),
        // Of IPv6 a /64 is one.
        ("2001:db8:0:1::1", String::new(), 200),
        ("2001:db8:0:1:ffff::2", String::new(), 429),
        ("2001:db8:0:2::1", String::new(), 200),
        ("::ffff:192.0.2.9", String::new(), 200),
        ("192.0.2.9", String::new(), 429),
        // Nobody else is believed for whom they ask.
        ("192.0.2.1", "X-Forwarded-For: 198.51.100.1\r\n".to_owned(), 429),
        ("10.0.0.1", "X-Forwarded-For: 198.51.100.1\r\n".to_owned(), 200),
        ("10.0.0.2", "X-Forwarded-For: 203.0.113.1\r\nX-Forwarded-For: 198.51.100.1\r\n".to_owned(), 429),
        ("10.0.0.2", "X-Forwarded-For: 198.51.100.1, 203.0.113.1\r\n".to_owned(), 200),
        ("10.0.0.2", String::new(), 200),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = office.answer(peer, &get("/v1/slots", &headers)).await;
        assert_eq!(answer.status(), status, "{number}: {peer} {headers} {answer:?}");
    }
    // The fast path counts for the same address; a booking without a token is told that first.
    let bare = |peer| format!("{peer}, 198.51.100.8");
    let booking =
        request("/v1/slots/none/bookings", "", "k", JSON, GOOD).replace("Authorization: Bearer \r\n", "");
    let booking =
        booking.replace("Host: node", &format!("Host: node\r\nX-Forwarded-For: {}", bare("203.0.113.7")));
    let refused = office.answer("10.0.0.1", &booking).await;
    assert_eq!((refused.status(), by(&refused.0)), (401, By::FastPath), "{refused:?}");
    let forwarded = format!("X-Forwarded-For: {}\r\n", bare("203.0.113.8"));
    assert_eq!(office.answer("10.0.0.1", &get("/v1/slots", &forwarded)).await.status(), 429);
}

#[tokio::test]
async fn what_was_found_before_is_told_before_that_someone_asks_too_often() {
    let office = Office::quiet(&limited(1), Told::new()).await;
    let document = office.answer("192.0.2.1", &get("/openapi.json", "")).await.body();
    let bearer = format!("Authorization: Bearer {}\r\n", office.token("ada", Role::Customer));
    for headers in ["", &bearer] {
        assert_eq!(office.answer("192.0.2.1", &get("/v1/slots", headers)).await.status(), 200);
    }
    let ask = async |verb: &str, path: &str, headers: &str| {
        let text = get(path, &format!("{headers}Content-Length: 2\r\n")).replacen("GET", verb, 1) + "{}";
        office.answer("192.0.2.1", &text).await.status()
    };
    let mut asked = 0;
    for (path, verbs) in document["paths"].as_object().expect("paths") {
        let place = path.replace(['{', '}'], "");
        for (verb, operation) in verbs.as_object().expect("verbs") {
            let verb = verb.to_uppercase();
            let needs_token = operation["security"].as_array().is_none_or(|ways| !ways.is_empty());
            asked += 1;
            assert_eq!(ask(&verb, &place, "").await, if needs_token { 401 } else { 429 }, "{verb} {path}");
            for (headers, status) in [
                (bearer.as_str(), 429),
                ("Authorization: Bearer ey.ey.no\r\n", 401),
                (&format!("{bearer}Accept: text/html\r\n"), 406),
            ] {
                assert_eq!(ask(&verb, &place, headers).await, status, "{verb} {path} {headers}");
            }
        }
    }
    assert!(14 < asked, "{asked} operations");
    for (verb, path, status) in
        [("GET", "/v1/lost", 404), ("DELETE", "/v1/slots", 405), ("GET", "/openapi.json", 200)]
    {
        assert_eq!(ask(verb, path, &bearer).await, status, "{verb} {path}");
    }
}

#[tokio::test]
async fn what_a_refused_caller_is_still_sending_is_taken_and_the_connection_goes_on() {
    let office = Office::quiet(&limited(1), Told::new()).await;
    let mut here = Client::new(&office.app);
    let request = request("/v1/slots", &office.customer, "k", JSON, &"x".repeat(60_000));
    for status in ["400", "429", "429"] {
        let (head, body) = request.split_at(20_000);
        here.send(head).await;
        tokio::task::yield_now().await;
        here.send(body).await;
        let answer = here.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn pages_of_named_origins_may_read_every_answer() {
    const SHOP: &str = "https://shop.example";
    let mut config = limited(10);
    config.listen.cors_origins = vec!["http://localhost:3000".to_owned(), SHOP.to_owned()];
    let office = Office::quiet(&config, Told::new()).await;
    let (_id, path) = office.slot(9).await;
    let origin = format!("Origin: {SHOP}\r\n");
    let from_page = |text: String| text.replacen("\r\n", &format!("\r\n{origin}"), 1);
    let book = |key| from_page(request(&path, &office.token("ada", Role::Customer), key, JSON, GOOD));
    for (text, status) in [
        (book("a"), 201),
        (book("a"), 201),
        (book("not one key"), 422),
        (book("b").replacen("/bookings", "/bookings?x", 1), 201),
        (book("b").replacen("/bookings", "/bookings?x", 1), 201),
        (book("c").replacen("/bookings", "/bookings?x", 1), 429),
        (book("c"), 429),
        (get("/v1/slots", &origin), 200),
        (get("/v1/lost", &origin), 404),
        (get("/v1/slots?limit=0", &origin), 422),
        (get("/v1/slots", &format!("{origin}Authorization: Bearer x\r\n")), 401),
        (get("/openapi.json", &origin), 200),
    ] {
        let answer = office.answer("192.0.2.1", &text).await;
        assert_eq!(answer.status(), status, "{text} {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP), "{text} {answer:?}");
        assert_eq!(answer.header("vary"), Some("origin"), "{text} {answer:?}");
        let exposed =
            answer.header("access-control-expose-headers").expect("it is told").to_ascii_lowercase();
        let own = [
            "location",
            "etag",
            "link",
            "retry-after",
            "idempotency-replayed",
            "ratelimit",
            "x-ratelimit-reset",
        ];
        for name in own {
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{name} in {exposed}");
        }
        // To another page the same is said as to nobody.
        let other = office.answer("192.0.2.2", &text.replace(SHOP, "https://evil.example")).await;
        assert_eq!(
            (other.header("access-control-allow-origin"), other.header("vary")),
            (None, Some("origin"))
        );
    }

    let preflight = |path: &str| {
        let asks = format!(
            "{origin}Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n"
        );
        get(path, &asks).replacen("GET", "OPTIONS", 1)
    };
    for path in ["/v1/slots", &path, "/v1/bookings/bkg_x/confirm"] {
        let before = office.answer("192.0.2.7", &preflight(path)).await;
        assert_eq!(
            (before.status(), before.left()),
            (204, (10, 0)),
            "asking whether costs nothing: {before:?}"
        );
        assert_eq!(before.header("access-control-allow-origin"), Some(SHOP));
        assert!(
            before.header("access-control-allow-methods").is_some_and(|methods| methods.contains("PATCH"))
        );
        assert!(before.header("access-control-max-age").is_some(), "{before:?}");
        let other = office.answer("192.0.2.7", &preflight(path).replace(SHOP, "https://evil.example")).await;
        assert_eq!(other.header("access-control-allow-methods"), None, "{other:?}");
    }
}
