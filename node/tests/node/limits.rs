//! Who asks too often, who asks behind a proxy, and pages of other origins: as one configures a real node, over real HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Instant;

use api::token::Role;

use crate::dev_node::{Answer, DevNode, PATIENCE, ask, get};
use crate::machine::Machine;
use crate::test_cluster::{Member, wait_until};

/// What is configured here, and the share of it by which a node may be off.
const REQUESTS_PER_SECOND: f64 = 200.0;
const BURST: f64 = 100.0;
const TOLERANCE: f64 = 0.05;
const PAGE: &str = "https://shop.example";

/// A node with these variables over its configuration, and whoever makes tokens that it takes.
fn configure(folder: &Path, variables: &[&str]) -> (DevNode, Member) {
    let issuer = DevNode::open(&folder.join("issuer"));
    let mut machine = Machine::here(folder.join("node"));
    machine.prefix = ["env"].iter().chain(variables).map(|word| (*word).to_owned()).collect();
    let node = Member::new(machine);
    node.configure(&issuer.key(), None);
    (issuer, node)
}

/// A connection that stays.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Self(BufReader::new(stream))
    }

    fn ask(&mut self, request: &str) -> Answer {
        self.0.get_mut().write_all(request.as_bytes()).expect("it listens");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(0 < self.0.read_line(&mut head).expect("text"), "it goes on: {head}");
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut answer = Answer { status, head, body: String::new() };
        let len = answer.header("content-length").and_then(|len| len.parse().ok()).expect("a length");
        let mut body = vec![0; len];
        self.0.read_exact(&mut body).expect("as long as it said");
        answer.body = String::from_utf8(body).expect("text");
        answer
    }
}

/// What one caller may have used up: each request has come to the node between when it was sent and when it was answered.
struct Account {
    began: Instant,
    granted: f64,
    /// When all may be given back, at the earliest and at the latest, in seconds from the beginning.
    full_at: (f64, f64),
}

impl Account {
    #[expect(clippy::disallowed_methods, reason = "what comes back by the second is measured by the wall")]
    fn open() -> Self {
        Self { began: Instant::now(), granted: 0.0, full_at: (0.0, 0.0) }
    }

    /// Asks on and on until so many requests are granted. No request is refused, and none is granted,
    /// that could not have been.
    fn draw(mut self, granted: f64, mut ask: impl FnMut() -> Answer) {
        let (each, whole) = (1.0 / REQUESTS_PER_SECOND, BURST / REQUESTS_PER_SECOND);
        while self.granted < granted {
            let sent = self.began.elapsed().as_secs_f64();
            let answer = ask();
            let heard = self.began.elapsed().as_secs_f64();
            let (earliest, latest) = self.full_at;
            let used = (earliest + each - heard, latest + each - sent);
            if answer.status == 429 {
                assert!(
                    whole * (1.0 - TOLERANCE) < used.1,
                    "refused with {used:?} of {whole} s in use: {answer:?}"
                );
                assert_eq!(answer.text("code"), "rate_limited");
                assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"), "{answer:?}");
                assert!(answer.header("retry-after").is_some(), "{answer:?}");
            } else {
                assert!(answer.status < 300, "{answer:?}");
                assert!(
                    used.0 <= whole * (1.0 + TOLERANCE),
                    "granted with {used:?} of {whole} s in use: {answer:?}"
                );
                self.full_at = (earliest.max(sent) + each, latest.max(heard) + each);
                self.granted += 1.0;
            }
        }
        let least = (granted - BURST) / REQUESTS_PER_SECOND;
        let took = self.began.elapsed().as_secs_f64();
        assert!(least * (1.0 - TOLERANCE) < took, "{granted} requests in {took} s");
    }
}

#[test]
fn a_caller_is_given_what_is_configured_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let (issuer, mut node) = configure(
        folder.path(),
        &[
            "BOXOFFICE_RATE_LIMIT__ENABLED=true",
            "BOXOFFICE_RATE_LIMIT__REQUESTS_PER_SECOND=200",
            "BOXOFFICE_RATE_LIMIT__BURST=100",
            "BOXOFFICE_LISTEN__TRUSTED_PROXIES=[\"127.0.0.0/8\"]",
        ],
    );
    node.start();
    let slot = {
        let bearer = format!("Bearer {}", issuer.token("organizer"));
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let body = r#"{"title":"a","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":9}}}"#;
        ask(node.client(), "POST", "/v1/slots", &headers, body).expect("an answer").text("id")
    };
    let booking = |subject: &str, query: &str| {
        let token = issuer.token_for(Role::Customer, subject, 1_000);
        let body = r#"{"quantity":1}"#;
        let len = body.len();
        format!(
            "POST /v1/slots/{slot}/bookings{query} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: {len}\r\n\r\n{body}"
        )
    };
    let look =
        |caller: &str| format!("GET /v1/slots HTTP/1.1\r\nHost: node\r\nX-Forwarded-For: {caller}\r\n\r\n");
    // A booking with a query is hyper's; one without is the booth's. The last is known by what the proxy says.
    for request in [booking("ada", ""), booking("bob", "?x"), look("192.0.2.66, 198.51.100.1")] {
        let mut connection = Connection::open(node.client());
        Account::open().draw(300.0, || connection.ask(&request));
    }
    // Others are not concerned: another address behind the same proxy, and operators at their own door.
    let mut connection = Connection::open(node.client());
    let other = connection.ask(&look("198.51.100.1, 192.0.2.66"));
    assert_eq!((other.status, other.header("x-ratelimit-remaining")), (200, Some("99")), "{other:?}");
    for _ in 0..300 {
        let live = get(node.admin(), "/livez").expect("an answer");
        assert_eq!((live.status, live.header("ratelimit")), (200, None), "{live:?}");
    }
}

#[test]
fn a_page_of_a_named_origin_may_ask_and_listen() {
    let folder = tempfile::tempdir().expect("a folder");
    let (issuer, mut node) =
        configure(folder.path(), &[&format!("BOXOFFICE_LISTEN__CORS_ORIGINS=[\"{PAGE}\"]")]);
    node.start();
    let asks = [
        ("Origin", PAGE),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    let may = ask(node.client(), "OPTIONS", "/v1/slots", &asks, "").expect("an answer");
    assert_eq!((may.status, may.body.as_str()), (204, ""), "{may:?}");
    let header = |answer: &Answer, name: &str| answer.header(name).map(str::to_owned);
    let allowed = header(&may, "access-control-allow-headers").expect("they are named").to_ascii_lowercase();
    for name in [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-none-match",
        "last-event-id",
        "x-request-timeout-ms",
    ] {
        assert!(allowed.split(", ").any(|allowed| allowed == name), "{name} in {allowed}");
    }
    assert_eq!(header(&may, "access-control-allow-credentials"), None);

    let bearer = format!("Bearer {}", issuer.token("organizer"));
    let headers =
        [("Origin", PAGE), ("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let body = r#"{"title":"a","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":9}}}"#;
    let made = ask(node.client(), "POST", "/v1/slots", &headers, body).expect("an answer");
    let feed = format!("/v1/slots/{}/feed", made.text("id"));
    let lost = ask(node.client(), "GET", "/v1/slots/lost", &headers, "").expect("an answer");
    let stream = format!(
        "GET {feed} HTTP/1.1\r\nHost: node\r\nOrigin: {PAGE}\r\nAuthorization: {bearer}\r\nAccept: text/event-stream\r\n\r\n"
    );
    let mut listener = Connection::open(node.client()).0;
    listener.get_mut().write_all(stream.as_bytes()).expect("it listens");
    let lines = listener.lines().map(|line| line.expect("text")).take_while(|line| !line.is_empty());
    let head = lines.collect::<Vec<_>>().join("\r\n");
    let listening = Answer { status: 200, head, body: String::new() };
    assert_eq!(header(&listening, "content-type").as_deref(), Some("text/event-stream"), "{listening:?}");
    for (answer, status) in [(&may, 204), (&made, 201), (&lost, 404), (&listening, 200)] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(header(answer, "access-control-allow-origin").as_deref(), Some(PAGE), "{answer:?}");
        assert!(header(answer, "vary").is_some_and(|vary| vary.eq_ignore_ascii_case("origin")), "{answer:?}");
    }
    let elsewhere = ask(node.admin(), "GET", "/livez", &headers, "").expect("an answer");
    assert_eq!(header(&elsewhere, "access-control-allow-origin"), None, "{elsewhere:?}");
}

#[test]
fn a_node_does_not_start_on_what_it_would_not_obey() {
    for (variable, says) in [
        ("BOXOFFICE_LISTEN__TRUSTED_PROXIES=[\"10.0.0.0/33\"]", "listen.trusted_proxies.0"),
        ("BOXOFFICE_LISTEN__TRUSTED_PROXIES=[\"proxy.example\"]", "is not an address or a net"),
        ("BOXOFFICE_LISTEN__CORS_ORIGINS=[\"https://shop.example/\"]", "listen.cors_origins"),
        ("BOXOFFICE_LISTEN__CORS_ORIGINS=[\"https://shop.example:443\"]", "browsers leave out"),
        ("BOXOFFICE_LISTEN__CORS_ORIGINS=[\"*\",\"https://shop.example\"]", "name it alone"),
        ("BOXOFFICE_RATE_LIMIT__BURST=0", "rate_limit.burst"),
        ("BOXOFFICE_RATE_LIMIT__REQUESTS_PER_SECOND=1000001", "must be 1 to 1000000"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut machine = Machine::here(folder.path().join("node"));
        machine.prefix = vec!["env".to_owned(), variable.to_owned()];
        let mut node = Member::new(machine);
        node.configure(&folder.path().join("token.key"), None);
        node.launch();
        wait_until("it ends", || node.has_ended());
        let (code, said) = node.ended();
        assert_eq!(code, Some(2), "{variable}: {said}");
        assert!(said.contains(says), "{variable}: {said}");
    }
}
