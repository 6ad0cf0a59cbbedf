//! HTTP as the RFCs have it, over real sockets: bytes in; statuses, codes and headers out; and whether the connection goes on. On both
//! ways in: a booking that is written plainly is read by the fast path, everything else by hyper.

mod framing;
mod meaning;

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
struct OnSale {
    node: DevNode,
    slot: String,
    _folder: tempfile::TempDir,
}

impl OnSale {
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
