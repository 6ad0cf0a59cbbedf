//! Calls over a wire in memory, on paused time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use storage::GroupId;
use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::*;
use crate::network::{Listener, Network, Stream};

const SOON: Duration = Duration::from_millis(500);

/// A network without a machine: whoever connects is handed to the one listener.
#[derive(Clone)]
struct Wire {
    callers: mpsc::UnboundedSender<DuplexStream>,
}

struct Ear(tokio::sync::Mutex<mpsc::UnboundedReceiver<DuplexStream>>);

impl Wire {
    fn pair() -> (Arc<dyn Network>, Arc<dyn Listener>) {
        let (callers, called) = mpsc::unbounded_channel();
        (Arc::new(Self { callers }), Arc::new(Ear(tokio::sync::Mutex::new(called))))
    }
}

impl Network for Wire {
    fn listen(&self, _address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>> {
        async { Err(io::ErrorKind::Unsupported.into()) }.boxed()
    }

    fn connect(&self, _address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>> {
        let (ours, theirs) = duplex(1 << 16);
        let taken = self.callers.send(theirs).map_err(|_gone| io::ErrorKind::ConnectionRefused.into());
        async move { taken.map(|()| Box::new(ours) as Box<dyn Stream>) }.boxed()
    }
}

impl Listener for Ear {
    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 1))
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        async {
            match self.0.lock().await.recv().await {
                Some(stream) => Ok((Box::new(stream) as Box<dyn Stream>, self.address())),
                None => std::future::pending().await,
            }
        }
        .boxed()
    }
}

/// Answers a question with itself, refuses a vote, and never answers anything else.
#[derive(Default)]
struct Echo {
    heard: Mutex<Vec<Bytes>>,
}

impl Handler for Echo {
    fn heard(&self, _greeting: &Greeting) {}

    fn answer(&self, call: Incoming) -> BoxFuture<'static, Result<Bytes, String>> {
        self.heard.lock().push(call.payload.clone());
        async move {
            if call.kind == Kind::Question {
                Ok(call.payload)
            } else if call.kind == Kind::Vote {
                Err(format!("group {} does not vote", call.group))
            } else {
                std::future::pending().await
            }
        }
        .boxed()
    }
}

fn member(node: u64) -> Us {
    let us = Us::default();
    us.become_member(Member { cluster: 7, node });
    us
}

fn link(network: Arc<dyn Network>, us: Us, node: u64) -> Link {
    Peers::new(Handle::current(), network, us).link(node, "peer:1", Purpose::Question)
}

#[tokio::test(start_paused = true)]
async fn calls_are_answered_refused_or_late_each_for_itself() {
    let (network, listener) = Wire::pair();
    let _server = Server::begin(&Handle::current(), listener, member(2), Arc::new(Echo::default()));
    let link = link(network, member(1), 2);
    let ask =
        |kind, text: &'static str| link.call(kind, GroupId(3), Bytes::from_static(text.as_bytes()), SOON);
    let (first, refused, late, second) = tokio::join!(
        ask(Kind::Question, "a"),
        ask(Kind::Vote, "b"),
        ask(Kind::Append, "c"),
        ask(Kind::Question, "d")
    );
    assert_eq!((first, second), (Ok(Bytes::from_static(b"a")), Ok(Bytes::from_static(b"d"))));
    assert_eq!(refused, Err(CallError::Refused("group 3 does not vote".to_owned())));
    assert_eq!(late, Err(CallError::Lost("the time was up")));
}

#[tokio::test(start_paused = true)]
async fn a_call_to_the_wrong_node_is_never_written() {
    let (network, listener) = Wire::pair();
    let echo = Arc::new(Echo::default());
    let _server = Server::begin(&Handle::current(), listener, member(2), Arc::<Echo>::clone(&echo));
    let call = link(network, member(1), 3).call(Kind::Question, GroupId(0), Bytes::new(), SOON).await;
    assert!(matches!(&call, Err(CallError::Stranger(why)) if why.contains("this is node 2")), "{call:?}");
    assert!(echo.heard.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_is_not_where_they_should_be_is_known_until_they_are() {
    let (network, listener) = Wire::pair();
    let begin = |us| Server::begin(&Handle::current(), Arc::clone(&listener), us, Arc::new(Echo::default()));
    let peers = Peers::new(Handle::current(), network, member(1));
    let link = peers.link(2, "peer:1", Purpose::Question);
    let ask = || link.call(Kind::Question, GroupId(0), Bytes::new(), SOON);
    let server = begin(member(3));
    assert!(matches!(ask().await, Err(CallError::Stranger(_))), "node 3 is there");
    assert!(peers.misplaced()[&2].contains("this is node 3"), "{:?}", peers.misplaced());
    server.end().await;
    let server = begin(Us::default());
    assert_eq!(peers.who("peer:1").await.map(|greeting| greeting.node), Ok(None), "a newcomer is there");
    server.end().await;
    let _server = begin(member(2));
    tokio::time::sleep(SOON).await;
    assert_eq!(ask().await, Ok(Bytes::new()));
    assert_eq!(peers.misplaced().len(), 0, "it is there again");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_comes_back_is_found_again() {
    let (network, listener) = Wire::pair();
    let link = link(network, member(1), 2);
    let ask = || link.call(Kind::Question, GroupId(0), Bytes::from_static(b"x"), SOON);
    let server = Server::begin(&Handle::current(), listener, member(2), Arc::new(Echo::default()));
    assert_eq!(ask().await, Ok(Bytes::from_static(b"x")));
    drop(server);
    tokio::time::sleep(SOON).await;
    assert!(matches!(ask().await, Err(CallError::Unreachable(_))), "its listener is gone with it");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_hears_and_says_nothing_is_given_up() {
    let (network, listener) = Wire::pair();
    let _server = Server::begin(&Handle::current(), listener, member(2), Arc::new(Echo::default()));
    let link = link(network, member(1), 2);
    let hour = Duration::from_hours(1);
    let call = link.call(Kind::Append, GroupId(0), Bytes::new(), hour).await;
    assert_eq!(call, Err(CallError::Lost("the other side says nothing")));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_greeting_is_not_answered() {
    let (network, listener) = Wire::pair();
    let _server = Server::begin(&Handle::current(), listener, member(2), Arc::new(Echo::default()));
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0, 0, 0, 2, 9, 9], &[]] {
        let mut stream = network.connect("peer:1").await.expect("there is a listener");
        tokio::io::AsyncWriteExt::write_all(&mut stream, garbage).await.expect("room for it");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an end");
        assert_eq!(answer, [], "{garbage:?}");
    }
}
