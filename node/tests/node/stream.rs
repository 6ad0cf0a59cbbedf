//! The feed as a stream of events, as a browser or `curl -N` reads it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use api::token::Role;
use serde_json::Value;

use crate::house::{House, PATIENCE};

/// Someone who listens.
struct Listener {
    lines: std::io::Lines<BufReader<TcpStream>>,
}

impl Listener {
    fn to(house: &House, token: &str, path: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(house.client).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n{more}\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut listener = Self { lines: BufReader::new(stream).lines() };
        let head: Vec<String> =
            listener.lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        assert!(head[0].contains(" 200 "), "{head:?}");
        assert!(
            head.iter().any(|line| line.eq_ignore_ascii_case("content-type: text/event-stream")),
            "{head:?}"
        );
        listener
    }

    /// The next event: its id, and the record; none if the stream is over.
    fn next(&mut self) -> Option<(u64, Value)> {
        let id = self.line("id: ")?.parse().expect("a seq");
        Some((id, serde_json::from_str(&self.line("data: ")?).expect("a record")))
    }

    fn line(&mut self, begins: &str) -> Option<String> {
        let mut lines = self.lines.by_ref().map(|line| line.expect("not longer than anyone's patience"));
        lines.find_map(|line| line.strip_prefix(begins).map(str::to_owned))
    }
}

#[test]
fn whoever_listens_hears_everything_once_and_goes_on_where_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path());
    let slot = house.slot("yoga", 1_000);
    let feed = format!("/v1/slots/{slot}/feed");
    let organizer = house.token("organizer").to_owned();
    let bookings = format!("/v1/slots/{slot}/bookings");
    let book = |key: usize| {
        let answer = house.ask_as("customer", "POST", &bookings, &key.to_string(), r#"{"quantity":1}"#);
        assert_eq!(answer.expect("an answer").status, 201);
    };
    // More than the actor keeps and more than a stream reads at once.
    (0..200).for_each(book);
    let mut listener = Listener::to(&house, &organizer, &feed, "");
    for want in 1..=201 {
        let (id, record) = listener.next().expect("an event");
        assert_eq!((id, &record["seq"]), (want, &Value::from(want)));
    }
    for want in 202..=210 {
        book(usize::try_from(want).expect("small"));
        let (id, record) = listener.next().expect("an event");
        assert_eq!((id, record["kind"].as_str()), (want, Some("booked")));
    }
    let mut back = Listener::to(&house, &organizer, &format!("{feed}?after=3"), "Last-Event-ID: 207\r\n");
    assert_eq!(back.next().map(|(id, _record)| id), Some(208), "the last that was heard wins");

    let mut ahead = Listener::to(&house, &organizer, &format!("{feed}?after=211"), "");
    (300..303).for_each(book);
    assert_eq!(
        ahead.next().map(|(id, _record)| id),
        Some(212),
        "nothing that is not after what was asked for"
    );

    let wrong = house.ask(
        "GET",
        &feed,
        &[("Authorization", &format!("Bearer {organizer}")), ("Last-Event-ID", "x")],
        "",
    );
    assert_eq!(wrong.expect("an answer").status, 422);
    let stranger = house.token_for(Role::Organizer, "other", 60);
    assert_eq!(house.tell(&stranger, &format!("GET {feed}"), "", "").status, 403);
}

#[test]
fn a_stream_ends_with_its_token_and_with_its_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut house = House::open(folder.path());
    let slot = house.slot("yoga", 10);
    let feed = format!("/v1/slots/{slot}/feed");
    let brief = house.token_for(Role::Organizer, "organizer", 1);
    let mut listener = Listener::to(&house, &brief, &feed, "Connection: close\r\n");
    assert_eq!(listener.next().map(|(id, _record)| id), Some(1));
    assert_eq!(listener.next(), None, "the token is good no longer");

    let organizer = house.token("organizer").to_owned();
    let mut listener = Listener::to(&house, &organizer, &feed, "Connection: close\r\n");
    assert_eq!(listener.next().map(|(id, _record)| id), Some(1));
    assert!(house.stop().success(), "a listener does not keep a node from ending");
    assert_eq!(listener.next(), None);
}
