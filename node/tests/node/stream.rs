//! The feed as a stream of events, as a browser or `curl -N` reads it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};

use api::token::Role;
use serde_json::Value;

use crate::dev_node::{DevNode, PATIENCE};

/// Someone who listens.
pub(crate) struct Listener {
    lines: std::io::Lines<BufReader<TcpStream>>,
}

impl Listener {
    fn to(node: &DevNode, token: &str, path: &str, more: &str) -> Self {
        Self::at(node.client, path, &format!("Authorization: Bearer {token}\r\n{more}"))
    }

    /// The same of whatever anyone may hear.
    pub(crate) fn at(client: SocketAddr, path: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(client).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let request = format!("GET {path} HTTP/1.1\r\nHost: node\r\nAccept: text/event-stream\r\n{more}\r\n");
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
    pub(crate) fn next(&mut self) -> Option<(u64, Value)> {
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
    let node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 1_000);
    let feed = format!("/v1/slots/{slot}/feed");
    let organizer = node.token("organizer").to_owned();
    let bookings = format!("/v1/slots/{slot}/bookings");
    let book = |key: usize| {
        let answer = node.ask_as("customer", "POST", &bookings, &key.to_string(), r#"{"quantity":1}"#);
        assert_eq!(answer.expect("an answer").status, 201);
    };
    // More than the actor keeps and more than a stream reads at once.
    (0..200).for_each(book);
    let mut listener = Listener::to(&node, &organizer, &feed, "");
    for want in 1..=201 {
        let (id, record) = listener.next().expect("an event");
        assert_eq!((id, &record["seq"]), (want, &Value::from(want)));
    }
    for want in 202..=210 {
        book(usize::try_from(want).expect("small"));
        let (id, record) = listener.next().expect("an event");
        assert_eq!((id, record["kind"].as_str()), (want, Some("booked")));
    }
    let mut back = Listener::to(&node, &organizer, &format!("{feed}?after=3"), "Last-Event-ID: 207\r\n");
    assert_eq!(back.next().map(|(id, _record)| id), Some(208), "the last that was heard wins");

    let mut last = Listener::to(&node, &organizer, &format!("{feed}?after=210"), "Last-Event-ID:\r\n");
    (300..303).for_each(book);
    assert_eq!(last.next().map(|(id, _record)| id), Some(211), "an empty one is none");

    let stranger = node.token_for(Role::Organizer, "other", 60);
    assert_eq!(node.tell(&stranger, &format!("GET {feed}"), "", "").status, 403);
}

#[test]
fn a_feed_goes_on_behind_what_the_slot_has_reached() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 10);
    let organizer = node.token("organizer").to_owned();
    let bookings = format!("/v1/slots/{slot}/bookings");
    for key in ["a", "b"] {
        let answer = node.ask_as("customer", "POST", &bookings, key, r#"{"quantity":1}"#);
        assert_eq!(answer.expect("an answer").status, 201);
    }
    let bearer = format!("Bearer {organizer}");
    // The first seq that is given, or what is at fault and how far the slot is, if it is that.
    for (query, heard, want) in [
        ("", None, Ok(Some(1))),
        ("?after=0", None, Ok(Some(1))),
        ("?after=2", None, Ok(Some(3))),
        ("?after=3", None, Ok(None)),
        ("?after=4", None, Err(("#after", Some(3)))),
        ("?after=18446744073709551615", None, Err(("#after", Some(3)))),
        ("?after=18446744073709551616", None, Err(("#after", None))),
        ("?after=", None, Err(("#after", None))),
        ("?after=-1", None, Err(("#after", None))),
        ("?after=1.0", None, Err(("#after", None))),
        ("", Some(""), Ok(Some(1))),
        ("?after=1", Some(""), Ok(Some(2))),
        ("?after=1", Some("2"), Ok(Some(3))),
        ("?after=2", Some("0"), Ok(Some(1))),
        ("?after=4", Some("2"), Ok(Some(3))),
        ("?after=x", Some("2"), Err(("#after", None))),
        ("", Some("3"), Ok(None)),
        ("?after=1", Some("4"), Err(("#Last-Event-ID", Some(3)))),
        ("", Some("x"), Err(("#Last-Event-ID", None))),
        ("", Some("1\r\nLast-Event-ID: 1"), Err(("#Last-Event-ID", None))),
    ] {
        let path = format!("/v1/slots/{slot}/feed{query}");
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(heard.map(|heard| ("Last-Event-ID", heard)));
        let page = node.ask("GET", &path, &headers, "").expect("an answer");
        let more = heard.map(|heard| format!("Last-Event-ID: {heard}\r\n")).unwrap_or_default();
        match want {
            Ok(first) => {
                let items = page.json()["items"].clone();
                assert_eq!(items[0]["seq"].as_u64(), first, "{query} {heard:?}: {page:?}");
                if first.is_some() {
                    let mut listener = Listener::to(&node, &organizer, &path, &more);
                    assert_eq!(listener.next().map(|(id, _record)| id), first, "{query} {heard:?}");
                }
            }
            Err((pointer, seq)) => {
                headers.push(("Accept", "text/event-stream"));
                let stream = node.ask("GET", &path, &headers, "").expect("an answer");
                for answer in [page, stream] {
                    assert_eq!(
                        (answer.status, answer.text("code").as_str()),
                        (422, "invalid_request"),
                        "{query} {heard:?}"
                    );
                    assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{query} {heard:?}");
                    assert_eq!(answer.json()["seq"].as_u64(), seq, "{query} {heard:?}");
                }
            }
        }
    }
}

#[test]
fn a_stream_ends_with_its_token_and_with_its_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = DevNode::open(folder.path());
    let slot = node.slot("yoga", 10);
    let feed = format!("/v1/slots/{slot}/feed");
    let brief = node.token_for(Role::Organizer, "organizer", 1);
    let mut listener = Listener::to(&node, &brief, &feed, "Connection: close\r\n");
    assert_eq!(listener.next().map(|(id, _record)| id), Some(1));
    assert_eq!(listener.next(), None, "the token is good no longer");

    let organizer = node.token("organizer").to_owned();
    let mut listener = Listener::to(&node, &organizer, &feed, "Connection: close\r\n");
    assert_eq!(listener.next().map(|(id, _record)| id), Some(1));
    assert!(node.stop().success(), "a listener does not keep a node from ending");
    assert_eq!(listener.next(), None);
}
