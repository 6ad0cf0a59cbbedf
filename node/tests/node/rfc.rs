//! HTTP as the RFCs have it, over real sockets: bytes in; statuses, codes and headers out; and whether the connection goes on. On both
//! ways in: a booking that is written plainly is read at the booth, everything else by hyper.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::dev_node::{Answer, DevNode, PATIENCE};

const BOOKING: &str = r#"{"quantity":1}"#;
const CHUNKED: &str = "e\r\n{\"quantity\":1}\r\n0\r\n\r\n";

/// A connection on which answers are read one after the other.
struct Wire(BufReader<TcpStream>);

impl Wire {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Self(BufReader::new(stream))
    }

    /// Sends what the node may not want to read any more.
    fn send(&mut self, bytes: &str) -> bool {
        self.0.get_mut().write_all(bytes.as_bytes()).is_ok()
    }

    /// The next answer; none once the node has hung up.
    fn hear(&mut self, method: &str) -> Option<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).unwrap_or(0) == 0 {
                assert!(head.is_empty(), "half an answer: {head}");
                return None;
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect(&head);
        let mut answer = Answer { status, head: head.trim_end().to_owned(), body: String::new() };
        let len = answer.header("content-length").map_or(0, |len| len.parse().expect("a length"));
        if method != "HEAD" {
            let mut body = vec![0; len];
            self.0.read_exact(&mut body).expect("a whole body");
            answer.body = String::from_utf8(body).expect("text");
        }
        Some(answer)
    }

    /// Whether another request is answered.
    fn goes_on(&mut self) -> bool {
        self.send("GET /openapi.json HTTP/1.1\r\nHost: node\r\n\r\n")
            && self.hear("GET").is_some_and(|answer| answer.body.starts_with(r#"{"openapi""#))
    }
}

/// A node with a slot on sale, and its customer.
struct Counter {
    node: DevNode,
    slot: String,
    _folder: tempfile::TempDir,
}

impl Counter {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let node = DevNode::open(folder.path());
        let slot = node.slot("yoga", 10_000);
        Self { node, slot, _folder: folder }
    }

    /// A booking with these lines in its head, and this behind it.
    fn booking(&self, lines: &str, rest: &str) -> String {
        let (slot, token) = (&self.slot, self.node.token("customer"));
        format!(
            "POST /v1/slots/{slot}/bookings HTTP/1.1\r\n{lines}Authorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n\r\n{rest}"
        )
    }

    /// A look at the slot with these lines in its head.
    fn look(&self, lines: &str) -> String {
        format!("GET /v1/slots/{} HTTP/1.1\r\n{lines}\r\n", self.slot)
    }

    /// A request as an organizer.
    fn organizers(&self, method: &str, path: &str, lines: &str) -> String {
        let token = self.node.token("organizer");
        format!("{method} {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n{lines}\r\n")
    }

    /// The one answer to these bytes.
    fn ask(&self, bytes: &str) -> Answer {
        let mut wire = Wire::to(self.node.client);
        assert!(wire.send(bytes), "{bytes}");
        let method = bytes.split(' ').next().expect("a method");
        wire.hear(method).unwrap_or_else(|| panic!("no answer to {bytes}"))
    }

    /// The statuses of all answers to these bytes, the code of the last if it is a problem, and whether the connection goes on.
    #[track_caller]
    fn assert_answers(&self, bytes: &str, statuses: &[u16], code: &str, goes_on: bool) {
        let mut wire = Wire::to(self.node.client);
        assert!(wire.send(bytes), "{bytes}");
        let mut last = None;
        for status in statuses {
            let answer = wire.hear("GET").unwrap_or_else(|| panic!("{status} is missing: {bytes}"));
            assert_eq!(answer.status, *status, "{bytes}: {answer:?}");
            last = Some(answer);
        }
        if let Some(last) = last.filter(|last| 400 <= last.status) {
            assert_eq!(last.text("code"), code, "{bytes}: {last:?}");
            assert_eq!(last.header("content-type"), Some("application/problem+json"), "{bytes}");
        }
        assert_eq!(wire.goes_on(), goes_on, "{bytes}");
    }
}

#[test]
fn a_request_names_one_host() {
    let counter = Counter::open();
    let length = format!("Content-Length: {}\r\n", BOOKING.len());
    for (lines, is_good, goes_on) in [
        ("Host: node\r\n", true, true),
        ("host:node:8080\r\n", true, true),
        ("Host: [::1]:80\r\n", true, true),
        // Empty where there is none to name.
        ("Host:\r\n", true, true),
        ("Host: \t \r\n", true, true),
        ("", false, true),
        ("Host: node\r\nHost: node\r\n", false, true),
        ("Host: node\r\nX: y\r\nhost: other\r\n", false, true),
        ("Host: one two\r\n", false, true),
        ("Host: one, two\r\n", false, true),
        ("Host: user@node\r\n", false, true),
        ("Host: node:port\r\n", false, true),
        ("Host: [::1\r\n", false, true),
        ("Host: http://node\r\n", false, true),
        ("Host: n\u{f6}de\r\n", false, true),
        // Written as no line of a head may be: nobody can say where the request ends.
        ("Host : node\r\n", false, false),
        ("Host: node\r\n folded\r\n", false, false),
        (" Host: node\r\n", false, false),
        ("Host: node\r\n: nameless\r\n", false, false),
        ("Host: node\r\nX: a\0b\r\n", false, false),
        ("Host: node\r\nX: a\rb\r\n", false, false),
        ("Host: node\r\nX: a\u{b}b\r\n", false, false),
        ("Host: node\r\nno colon\r\n", false, false),
        // Line feeds alone are lines too, and an end that is asked for is given.
        ("Host: node\n", true, true),
        ("Host: node\r\nConnection: close\r\n", true, false),
        ("Host: node\r\nConnection: x, Close\r\n", true, false),
    ] {
        let code = if is_good { "" } else { "malformed" };
        let status = |good| if is_good { good } else { 400 };
        counter.assert_answers(&counter.look(lines), &[status(200)], code, goes_on);
        let booking = counter.booking(&[lines, &length].concat(), BOOKING);
        counter.assert_answers(&booking, &[status(201)], code, goes_on);
        let head = counter.look(lines).replace("GET", "HEAD");
        assert_eq!(counter.ask(&head).status, status(200), "{head}");
    }
    // Older clients name none; if they do, it is one.
    for (lines, status) in
        [("", 200), ("Host: node\r\n", 200), ("Host: a b\r\n", 400), ("Host: a\r\nHost: a\r\n", 400)]
    {
        let old = counter.look(lines).replace("HTTP/1.1", "HTTP/1.0");
        counter.assert_answers(&old, &[status], "malformed", false);
    }
    // Operators are asked the same.
    for (lines, status) in [("Host: node\r\n", 200), ("", 400)] {
        let mut wire = Wire::to(counter.node.admin);
        assert!(wire.send(&format!("GET /livez HTTP/1.1\r\n{lines}\r\n")));
        assert_eq!(wire.hear("GET").map(|answer| answer.status), Some(status), "{lines}");
    }
}

#[test]
fn what_is_asked_for_is_a_path_in_one_of_four_forms() {
    let counter = Counter::open();
    for (line, status, code) in [
        ("GET /v1/slots/SLOT HTTP/1.1", 200, ""),
        ("GET http://node/v1/slots/SLOT HTTP/1.1", 200, ""),
        ("GET HTTPS://Node:443/v1/slots/SLOT HTTP/1.1", 200, ""),
        ("GET http://other/v1/slots/SLOT HTTP/1.1", 200, ""),
        ("OPTIONS * HTTP/1.1", 204, ""),
        ("OPTIONS http://node HTTP/1.1", 204, ""),
        ("GET http://user@node/v1/slots/SLOT HTTP/1.1", 400, "malformed"),
        ("GET ftp://node/v1/slots/SLOT HTTP/1.1", 400, "malformed"),
        ("GET * HTTP/1.1", 400, "malformed"),
        ("CONNECT node:80 HTTP/1.1", 404, "not_found"),
        ("GET //v1/slots/SLOT HTTP/1.1", 404, "not_found"),
        ("GET /v1/slots/SLOT/ HTTP/1.1", 404, "not_found"),
        ("BREW /v1/slots/SLOT HTTP/1.1", 405, "method_not_allowed"),
        ("TRACE /v1/slots/SLOT HTTP/1.1", 405, "method_not_allowed"),
        ("get /v1/slots/SLOT HTTP/1.1", 405, "method_not_allowed"),
        ("\r\nGET /v1/slots/SLOT HTTP/1.1", 200, ""),
    ] {
        let bytes = format!("{line}\r\nHost: node\r\n\r\n").replace("SLOT", &counter.slot);
        counter.assert_answers(&bytes, &[status], code, true);
    }
    for line in [
        "GET v1/slots HTTP/1.1",
        "GET  /v1/slots HTTP/1.1",
        "GET /v1/slots two HTTP/1.1",
        "GET /v1/slots",
        "GET /v1/slots HTTP/2.0",
        "GET /v1/slots HTTP/1.9",
        "GET /v1/slots http/1.1",
        "G@T /v1/slots HTTP/1.1",
        "GET /v1/\u{1}slots HTTP/1.1",
    ] {
        counter.assert_answers(&format!("{line}\r\nHost: node\r\n\r\n"), &[400], "malformed", false);
    }
}

#[test]
fn nobody_hides_a_request_in_anothers_body() {
    let counter = Counter::open();
    // What is behind the booking is answered only where there is no doubt of where the booking ends.
    for (lines, body, status, goes_on) in [
        ("Content-Length: 14\r\n", BOOKING, 201, true),
        ("Content-Length: 014\r\n", BOOKING, 201, true),
        ("Content-Length: 14\r\nContent-Length: 14\r\n", BOOKING, 201, true),
        ("Content-Length: 14\r\nContent-Length: 15\r\n", BOOKING, 400, false),
        ("Content-Length: 14, 14\r\n", BOOKING, 400, false),
        ("Content-Length: +14\r\n", BOOKING, 400, false),
        ("Content-Length: -14\r\n", BOOKING, 400, false),
        ("Content-Length: 0xe\r\n", BOOKING, 400, false),
        ("Content-Length: 1 4\r\n", BOOKING, 400, false),
        ("Content-Length:\r\n", BOOKING, 400, false),
        ("Content-Length : 14\r\n", BOOKING, 400, false),
        ("Content-Length: 99999999999999999999\r\n", BOOKING, 400, false),
        ("Transfer-Encoding: chunked\r\n", CHUNKED, 201, true),
        ("Transfer-Encoding: Chunked\r\n", CHUNKED, 201, true),
        ("Transfer-Encoding: chunked\r\n", "e;a=b\r\n{\"quantity\":1}\r\n0\r\nTrailer: x\r\n\r\n", 201, true),
        (
            "Transfer-Encoding: chunked\r\nTrailer: Host\r\n",
            "e\r\n{\"quantity\":1}\r\n0\r\nHost: x\r\n\r\n",
            201,
            true,
        ),
        // Both: the chunks say where it ends, and nothing that follows is believed (RFC 9112 6.3).
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", CHUNKED, 201, false),
        ("Transfer-Encoding: chunked\r\nContent-Length: 24\r\n", CHUNKED, 201, false),
        ("Transfer-Encoding: gzip, chunked\r\n", CHUNKED, 400, true),
        ("Transfer-Encoding: chunked, chunked\r\n", CHUNKED, 400, true),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", CHUNKED, 400, true),
        ("Transfer-Encoding: chunked, identity\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: identity\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: xchunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: \u{b}chunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding : chunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding:\r\n chunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: chunked\r\n", "zz\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
        ("Transfer-Encoding: chunked\r\n", "-e\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
        ("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
        ("Transfer-Encoding: chunked\r\n", "d\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
    ] {
        let hidden = counter.look("Host: node\r\n");
        let booking = counter.booking(&["Host: node\r\n", lines].concat(), &[body, &hidden].concat());
        let statuses = if goes_on { &[status, 200][..] } else { &[status] };
        let code = if goes_on { "" } else { "malformed" };
        counter.assert_answers(&booking, statuses, code, goes_on);
    }
    // A body of which nobody says how long it is is none, and what was meant as one is no request.
    counter.assert_answers(&counter.booking("Host: node\r\n", BOOKING), &[400, 400], "malformed", false);
    let old = counter.booking("Host: node\r\nTransfer-Encoding: chunked\r\n", CHUNKED);
    counter.assert_answers(&old.replace("HTTP/1.1", "HTTP/1.0"), &[400], "malformed", false);
}

#[test]
fn requests_in_a_row_are_answered_in_a_row() {
    let counter = Counter::open();
    let length = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
    let (book, look) = (counter.booking(&length, BOOKING), counter.look("Host: node\r\n"));
    let lost = look.replace("slot_", "nothing_");
    let row = [&book, &look, &book, &book, &lost, &book, &look].map(String::as_str).concat();
    counter.assert_answers(&row, &[201, 200, 201, 201, 404, 201, 200], "", true);
}

#[test]
fn a_client_that_asks_whether_to_go_on_is_told_so() {
    let counter = Counter::open();
    let lines = format!("Host: node\r\nExpect: 100-Continue\r\nContent-Length: {}\r\n", BOOKING.len());
    let mut wire = Wire::to(counter.node.client);
    assert!(wire.send(&counter.booking(&lines, "")));
    assert_eq!(wire.hear("POST").map(|answer| answer.status), Some(100));
    assert!(wire.send(BOOKING));
    assert_eq!(wire.hear("POST").map(|answer| answer.status), Some(201));
    assert!(wire.goes_on());
    // Who does not wait for it is answered once, and what else is expected is not heard.
    for expectation in ["100-continue", "200-ok"] {
        let lines = lines.replace("100-Continue", expectation);
        let mut wire = Wire::to(counter.node.client);
        assert!(wire.send(&counter.booking(&lines, BOOKING)));
        let answer = wire.hear("POST").filter(|answer| answer.status != 100).or_else(|| wire.hear("POST"));
        assert_eq!(answer.map(|answer| answer.status), Some(201), "{expectation}");
    }
}

#[test]
fn a_body_comes_as_it_is() {
    let counter = Counter::open();
    // Packed by gzip: no JSON, which nobody finds out, since nobody unpacks it.
    let packed = "\u{1f}\u{1}\u{8}\0\0\0";
    let cancel = |lines: &str| {
        let path = format!("/v1/slots/{}/cancel", counter.slot.replace("slot_", "slot_A"));
        counter.organizers("POST", &path, lines)
    };
    assert_eq!(
        counter.ask(&cancel("Content-Encoding: gzip\r\nContent-Length: 0\r\n")).status,
        404,
        "404 comes before 415"
    );
    for (coding, is_good) in [
        ("identity", true),
        ("Identity", true),
        ("", true),
        (" , identity", true),
        ("gzip", false),
        ("identity, gzip", false),
        ("identity\r\nContent-Encoding: br", false),
        ("none", false),
    ] {
        for body in [BOOKING, packed] {
            let lines =
                format!("Host: node\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n", body.len());
            let answer = counter.ask(&counter.booking(&lines, body));
            let want = match (is_good, body == BOOKING) {
                (true, true) => (201, None),
                (true, false) => (400, None),
                (false, _) => (415, Some("identity")),
            };
            assert_eq!((answer.status, answer.header("accept-encoding")), want, "{coding}: {answer:?}");
        }
        // Whoever reads no body is asked the same.
        let look = counter.ask(&counter.look(&format!("Host: node\r\nContent-Encoding: {coding}\r\n")));
        assert_eq!(look.status, if is_good { 200 } else { 415 }, "{coding}");
    }
}

#[test]
fn a_body_says_once_that_it_is_json() {
    let counter = Counter::open();
    for (content_type, status) in [
        ("Content-Type: application/json\r\n", 201),
        ("Content-Type: Application/JSON; charset=utf-8\r\n", 201),
        ("Content-Type: application/json;charset=\"UTF-8\"\r\n", 201),
        ("Content-Type: application/vnd.boxoffice+json\r\n", 201),
        ("", 415),
        ("Content-Type:\r\n", 415),
        ("Content-Type: text/json\r\n", 415),
        ("Content-Type: application/jsonl\r\n", 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type: application/json\r\nContent-Type: application/json\r\n", 415),
    ] {
        let lines = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
        let booking =
            counter.booking(&lines, BOOKING).replace("Content-Type: application/json\r\n", content_type);
        let answer = counter.ask(&booking);
        assert_eq!(answer.status, status, "{content_type}: {answer:?}");
        assert_eq!(answer.header("accept-encoding"), None, "it is not how it was packed");

        let change = r#"{"title":"Yoga"}"#;
        let lines = format!("{content_type}Content-Length: {}\r\n", change.len());
        let path = format!("/v1/slots/{}", counter.slot);
        let changed = counter.ask(&(counter.organizers("PATCH", &path, &lines) + change));
        assert_eq!(changed.status == 200, status == 201, "{content_type}: {changed:?}");
    }
}

#[test]
fn a_verb_takes_no_body_or_an_empty_one_whatever_it_is_called() {
    let counter = Counter::open();
    let lines = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
    let booking = counter.ask(&counter.booking(&lines, BOOKING)).text("id");
    let token = counter.node.token("customer");
    // What is well said is for the slot to decide: the booking is not held.
    for (lines, body, code) in [
        ("", "", "not_held"),
        ("Content-Length: 0\r\n", "", "not_held"),
        ("Content-Type: text/plain\r\nContent-Length: 0\r\n", "", "not_held"),
        ("Content-Length: 2\r\n", "{}", "not_held"),
        ("Content-Type: text/plain\r\nContent-Length: 5\r\n", " { } ", "not_held"),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "not_held"),
        ("Content-Length: 7\r\n", r#"{"x":1}"#, "invalid_request"),
        ("Content-Length: 2\r\n", "[]", "invalid_request"),
        ("Content-Length: 4\r\n", "null", "invalid_request"),
        ("Content-Length: 1\r\n", "{", "malformed"),
        ("Content-Length: 1\r\n", " ", "malformed"),
        ("Content-Encoding: gzip\r\nContent-Length: 0\r\n", "", "unsupported_media_type"),
        ("Idempotency-Key:\r\n", "", "invalid_request"),
        ("Idempotency-Key: a b\r\n", "", "invalid_request"),
        ("Idempotency-Key: a\r\nIdempotency-Key: a\r\n", "", "invalid_request"),
    ] {
        let request = format!(
            "POST /v1/bookings/{booking}/confirm HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n{lines}\r\n{body}"
        );
        let answer = counter.ask(&request);
        assert_eq!(answer.text("code"), code, "{lines}{body}: {answer:?}");
    }
}

#[test]
fn a_slot_that_is_known_already_is_not_sent_again() {
    let counter = Counter::open();
    let look = |lines: &str| counter.ask(&counter.look(&format!("Host: node\r\n{lines}")));
    let first = look("");
    let etag = first.header("etag").expect("a tag").to_owned();
    assert!(etag.starts_with("W/\"1-on_sale-"), "{etag}");
    for (lines, status) in [
        (format!("If-None-Match: {etag}\r\n"), 304),
        (format!("If-None-Match: {}\r\n", etag.trim_start_matches("W/")), 304),
        (format!("If-None-Match: \"a\", {etag}\r\n"), 304),
        (format!("If-None-Match: \"a\"\r\nIf-None-Match: {etag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        ("If-None-Match: \"a\"\r\n".to_owned(), 200),
        ("If-None-Match:\r\n".to_owned(), 200),
        // What would not have been 200 is what it was.
        (format!("If-None-Match: {etag}\r\nAccept: text/html\r\n"), 406),
    ] {
        let answer = look(&lines);
        assert_eq!(answer.status, status, "{lines}: {answer:?}");
        if status == 304 {
            // All that 200 has, but for what it says of the body.
            let of_body = ["content-type", "content-length"];
            assert_eq!(
                headers(&answer),
                headers(&first)
                    .into_iter()
                    .filter(|(name, _)| !of_body.contains(&name.as_str()))
                    .collect::<Vec<_>>()
            );
            let head = counter.look(&format!("Host: node\r\n{lines}")).replace("GET", "HEAD");
            assert_eq!(headers(&counter.ask(&head)), headers(&answer), "{lines}");
        }
    }
    let lines = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
    assert_eq!(counter.ask(&counter.booking(&lines, BOOKING)).status, 201);
    let changed = look(&format!("If-None-Match: {etag}\r\n"));
    assert_eq!((changed.status, changed.json()["seq"].as_u64()), (200, Some(2)));
    let cancel =
        counter.organizers("POST", &format!("/v1/slots/{}/cancel", counter.slot), "Content-Length: 0\r\n");
    assert_eq!(counter.ask(&cancel).status, 200);
    assert!(look("").header("etag").is_some_and(|etag| etag.starts_with("W/\"3-cancelled-")));
}

/// The headers of an answer, in some order; when it was given aside.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let lines = answer.head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let mut headers: Vec<_> = lines
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .filter(|(name, _value)| name != "date")
        .collect();
    headers.sort();
    headers
}

#[test]
fn every_path_says_its_methods_and_answers_head_as_get() {
    let counter = Counter::open();
    let lines = format!("Host: node\r\nIdempotency-Key: k\r\nContent-Length: {}\r\n", BOOKING.len());
    let booking = counter.ask(&counter.booking(&lines, BOOKING)).text("id");
    let document = counter.ask("GET /openapi.json HTTP/1.1\r\nHost: node\r\n\r\n").json();
    let paths = document["paths"].as_object().expect("paths").iter().map(|(template, methods)| {
        let path =
            template.replace("{slot}", &counter.slot).replace("{booking}", &booking).replace("{key}", "slot");
        let methods: Vec<_> =
            methods.as_object().expect("methods").keys().map(|method| method.to_uppercase()).collect();
        (path, methods)
    });
    let undocumented = ["/", "/favicon.ico", "/openapi.json", "/docs", "/docs/", "/docs/swagger-ui.css"];
    let undocumented = undocumented.map(|path| (path.to_owned(), vec!["GET".to_owned()]));
    for (path, mut methods) in paths.chain(undocumented) {
        methods.retain(|method| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()));
        let reads = methods.contains(&"GET".to_owned());
        methods.extend(reads.then(|| "HEAD".to_owned()));
        methods.push("OPTIONS".to_owned());
        methods.sort();

        let options = counter.ask(&counter.organizers("OPTIONS", &path, ""));
        assert_eq!((options.status, options.body.as_str()), (204, ""), "{path}: {options:?}");
        assert_eq!(allowed(&options), methods, "{path}");
        let wrong = counter.ask(&counter.organizers("DELETE", &path, ""));
        assert_eq!((wrong.status, wrong.text("code").as_str()), (405, "method_not_allowed"), "{path}");
        assert_eq!(allowed(&wrong), methods, "{path}");

        for lines in ["", "Accept: text/html\r\n", "If-None-Match: *\r\n", "X-Request-Timeout-Ms: x\r\n"] {
            let head = counter.ask(&counter.organizers("HEAD", &path, lines));
            if reads {
                let get = counter.ask(&counter.organizers("GET", &path, lines));
                assert_eq!((head.status, headers(&head)), (get.status, headers(&get)), "{path} {lines}");
            } else {
                assert_eq!((head.status, allowed(&head)), (405, methods.clone()), "{path}");
            }
        }
    }
    for (line, status) in
        [("OPTIONS /v2", 404), ("OPTIONS /v1/slots/none/none", 404), ("HEAD /v2", 404), ("OPTIONS *", 204)]
    {
        let answer = counter.ask(&format!("{line} HTTP/1.1\r\nHost: node\r\n\r\n"));
        assert_eq!(answer.status, status, "{line}");
    }
    let all = counter.ask("OPTIONS * HTTP/1.1\r\nHost: node\r\n\r\n");
    assert_eq!(allowed(&all), ["GET", "HEAD", "OPTIONS", "PATCH", "POST"]);
    let bad = counter.ask("OPTIONS /v1/slots HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer x\r\n\r\n");
    assert_eq!(bad.status, 401, "a bad token is told anywhere");
}

/// The methods that an answer allows.
fn allowed(answer: &Answer) -> Vec<String> {
    let said = answer.header("allow").unwrap_or_else(|| panic!("no Allow: {answer:?}"));
    let mut methods: Vec<_> = said.split(',').map(|method| method.trim().to_owned()).collect();
    methods.sort();
    methods
}

#[test]
fn operators_too_are_told_methods_and_heads() {
    let counter = Counter::open();
    let bearer = counter.node.token("operator");
    let ask = |method: &str, path: &str| {
        let mut wire = Wire::to(counter.node.admin);
        assert!(wire.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {bearer}\r\n\r\n"
        )));
        wire.hear(method).expect("an answer")
    };
    for path in ["/livez", "/readyz", "/startupz", "/metrics", "/admin/v1/status", "/admin/v1/groups"] {
        assert_eq!(allowed(&ask("OPTIONS", path)), ["GET", "HEAD", "OPTIONS"], "{path}");
        let (head, get) = (ask("HEAD", path), ask("GET", path));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert!(head.header("content-length").is_some(), "{path}: {head:?}");
    }
    let checkpoint = "/admin/v1/groups/0/checkpoint";
    assert_eq!(allowed(&ask("OPTIONS", checkpoint)), ["OPTIONS", "POST"]);
    assert_eq!(ask("HEAD", checkpoint).status, 405);
}

#[test]
fn a_head_of_a_stream_ends_at_once() {
    let counter = Counter::open();
    let feed = format!("/v1/slots/{}/feed", counter.slot);
    let mut wire = Wire::to(counter.node.client);
    assert!(wire.send(&counter.organizers("HEAD", &feed, "Accept: text/event-stream\r\n")));
    let head = wire.hear("HEAD").expect("an answer");
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(head.header("content-length"), None, "nobody knows how long it would be");
    assert!(wire.goes_on());
}

#[test]
fn what_a_query_says_is_said_once() {
    let counter = Counter::open();
    for (query, status) in [
        ("limit=1", 200),
        // What nobody knows is nobody's: a later build's, or a proxy's.
        ("limit=1&colour=red", 200),
        ("limit=1&limit=1", 422),
        ("organizer=a&organizer=b", 422),
        ("limit=", 422),
        ("limit=1.0", 422),
        ("after=", 422),
        ("limit=%31", 200),
    ] {
        let answer = counter.ask(&format!("GET /v1/slots?{query} HTTP/1.1\r\nHost: node\r\n\r\n"));
        assert_eq!(answer.status, status, "{query}: {answer:?}");
        if status == 422 {
            let name = query.split('=').next().expect("a name");
            assert_eq!(answer.json()["errors"][0]["pointer"], format!("#{name}"), "{query}");
        }
    }
}

#[test]
fn a_person_is_told_where_they_are() {
    let counter = Counter::open();
    for accept in ["*/*", "text/html,application/xhtml+xml", "application/json"] {
        let page = counter.ask(&format!("GET / HTTP/1.1\r\nHost: node\r\nAccept: {accept}\r\n\r\n"));
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{accept}"
        );
        assert_eq!(page.header("ratelimit"), None, "it is not of the contract's calls");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        for text in ["<strong>ready</strong>", "href=\"/docs/\"", "href=\"/openapi.json\"", "boxctl token"] {
            assert!(page.body.contains(text), "{text}: {}", page.body);
        }
        for foreign in ["<script", "src=", "url(", "{stage}", "{style}", "{means}", "style=\""] {
            assert!(!page.body.contains(foreign), "{foreign}");
        }
        for link in page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let answer = counter.ask(&format!("GET {link} HTTP/1.1\r\nHost: node\r\n\r\n"));
            assert_eq!(answer.status, 200, "{link} leads nowhere");
        }
    }
    let docs = counter.ask("GET /docs/ HTTP/1.1\r\nHost: node\r\n\r\n");
    let policy = docs.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'self'; "), "{policy}");
    let icon = counter.ask("GET /favicon.ico HTTP/1.1\r\nHost: node\r\n\r\n");
    assert_eq!((icon.status, icon.header("content-length")), (204, None));
}

#[test]
fn a_whole_number_may_be_written_with_a_point() {
    let counter = Counter::open();
    for (quantity, want) in [
        ("1.0", Ok(1)),
        ("2e0", Ok(2)),
        ("30.0e-1", Ok(3)),
        ("1.5", Err("a whole number")),
        ("-1", Err("0 or more")),
        ("-1.0", Err("0 or more")),
        ("0.0", Err("1 to 1000")),
        ("1e3", Ok(1_000)),
        ("1001.0", Err("1 to 1000")),
        ("1e10", Err("a smaller number")),
        ("1e300", Err("a smaller number")),
        ("1e400", Err("out of range")),
        ("\"1\"", Err("a whole number")),
        ("true", Err("a whole number")),
    ] {
        let body = format!("{{\"quantity\":{quantity}}}");
        let lines = format!("Host: node\r\nContent-Length: {}\r\n", body.len());
        let answer = counter.ask(&counter.booking(&lines, &body));
        match want {
            Ok(units) => {
                assert_eq!(answer.status, 201, "{quantity}: {answer:?}");
                assert_eq!(answer.json()["quantity"], Value::from(units), "{quantity}");
            }
            Err(says) => {
                assert_eq!(answer.status, 422, "{quantity}: {answer:?}");
                let fault = &answer.json()["errors"][0];
                assert_eq!(fault["pointer"], "/quantity", "{quantity}: {answer:?}");
                assert!(fault["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{answer:?}");
            }
        }
    }
}
