//! Who may found a cluster. The worst that an operator can do by accident: a founder's disk is lost, and the node starts with its own
//! configuration. Were it to found again, there would be two clusters at one address, which make the same ids and sell the same places.
//!
//! ```text
//!   founder, new data ── who are you? ──► the peers that it can name ── of a cluster ──► it joins that one, as any other node
//!                     ◄─ you are node 1 ─ those that call it ──────────────────────────► it ends, and says what to do
//!                     nobody has spoken of a cluster for a while ──────────────────────► it founds one
//!   founder, alone, for a day ◄─ you are node 1 of another cluster ── a node that was cut off before ──► it ends too
//! ```
//!
//! What it founded gives way for as long as it is young and has no other member. After that a stranger's word is no longer enough: it
//! is refused, and stands in the log.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, select_all};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::error::Error;
use crate::network::Listener;
use crate::options::{Options, Start};
use crate::transport::{CallError, DIAL, Greeting, Handler, Incoming, Peers, REDIAL, Server, Us};

/// For how long a node that is to found a cluster asks the peers that it can name, and listens for those that call it.
pub const LISTENS: Duration = Duration::from_secs(2);
/// For how long a cluster without another member gives way to one that knows its founder.
pub(crate) const PROBATION: Duration = Duration::from_hours(24);
/// Between two attempts to ask a peer.
const AGAIN: Duration = Duration::from_millis(200);

/// A peer that calls in vain, or is asked in vain, has time for a second attempt.
const _: () = assert!(DIAL.as_millis() + REDIAL.as_millis() + AGAIN.as_millis() < LISTENS.as_millis());

/// Listens for a node that belongs to no cluster yet, or to one that may not be the right one.
pub(crate) struct FoundingListener {
    claims: Arc<Claims>,
    server: Option<Server>,
}

/// Refuses every call, and remembers the caller who claims this node for its cluster.
struct Claims {
    us: Us,
    caller: watch::Sender<Option<Greeting>>,
}

impl FoundingListener {
    /// Answers at `listener`, if there is one, until this is [closed](Self::close).
    pub(crate) fn open(runtime: &Handle, listener: Option<&Arc<dyn Listener>>, us: &Us) -> Self {
        let claims = Arc::new(Claims { us: us.clone(), caller: watch::Sender::default() });
        let server = listener.map(|listener| {
            let handler: Arc<dyn Handler> = Arc::<Claims>::clone(&claims);
            Server::begin(runtime, Arc::clone(listener), us.clone(), handler)
        });
        Self { claims, server }
    }

    /// Answers nobody any more.
    pub(crate) async fn close(self) {
        if let Some(server) = self.server {
            server.end().await;
        }
    }

    /// Who has claimed this node.
    fn caller(&self) -> Option<Greeting> {
        self.claims.caller.borrow().clone()
    }

    /// Waits for someone who claims this node.
    async fn called(&self) -> Greeting {
        let mut caller = self.claims.caller.subscribe();
        let call = caller.wait_for(Option::is_some).await.expect("its sender is held");
        call.clone().expect("it was waited for")
    }
}

impl Handler for Claims {
    fn heard(&self, greeting: &Greeting) {
        if greeting.claims(&self.us) {
            self.caller.send_replace(Some(greeting.clone()));
        }
    }

    fn answer(&self, _call: Incoming) -> BoxFuture<'static, Result<Bytes, String>> {
        async { Err("whoever is there belongs to no cluster yet".to_owned()) }.boxed()
    }
}

/// Asks the `named` peers and listens to who calls, for a while; the address of one that belongs to another cluster than this node,
/// if there is one.
///
/// # Errors
///
/// When somebody takes this node for one of their cluster.
pub(crate) async fn inquire(
    peers: &Peers,
    named: &[String],
    founding_listener: &FoundingListener,
    us: &Us,
    within: Duration,
) -> Result<Option<String>, Error> {
    if named.is_empty() && founding_listener.server.is_none() {
        return Ok(None);
    }
    let silent = Silent::default();
    // A peer that is named says more than one that calls: through it this node can join.
    let heard = tokio::select! {
        biased;
        known = one_knows(peers, named, us, &silent) => return Ok(Some(known)),
        greeting = founding_listener.called(), if named.is_empty() => Some(greeting),
        () = sleep(within) => founding_listener.caller(),
    };
    if let Some(greeting) = heard {
        return Err(given_up(&greeting));
    }
    let silent = silent.into_inner();
    if !silent.is_empty() {
        tracing::warn!(?silent, "nobody can say whether these peers have a cluster already");
    }
    Ok(None)
}

/// Inquires once more, since this node's cluster is young and has no other member.
///
/// # Errors
///
/// When there is another cluster that knows this node, or that a peer belongs to.
pub(crate) async fn ask_again(
    options: &Options,
    peers: &Peers,
    listener: Option<&Arc<dyn Listener>>,
    us: &Us,
) -> Result<(), Error> {
    let Start::Found { peers: named, listens, .. } = &options.start else { return Ok(()) };
    let founding_listener = FoundingListener::open(&options.runtime, listener, us);
    if let Some(peer) = inquire(peers, named, &founding_listener, us, *listens).await? {
        let why = format!(
            "{peer} belongs to another cluster, and the one that this node has founded has no other member: with an empty data \
             directory it joins that of {peer}"
        );
        return Err(Error::NotFounder { why });
    }
    founding_listener.close().await;
    Ok(())
}

/// Peers that have not answered yet, and why.
type Silent = Mutex<BTreeMap<String, String>>;

/// Asks all of them again and again, until one belongs to another cluster than this node. Its address.
async fn one_knows(peers: &Peers, named: &[String], us: &Us, silent: &Silent) -> String {
    let ask = |address: &String| {
        let address = address.clone();
        async move {
            loop {
                match peers.who(&address).await {
                    Ok(greeting) if us.cluster().is_none() && greeting.cluster.is_some() => return address,
                    Err(CallError::Stranger(_)) => return address,
                    Ok(_no_other) => drop(silent.lock().remove(&address)),
                    Err(error) => drop(silent.lock().insert(address.clone(), error.to_string())),
                }
                sleep(AGAIN).await;
            }
        }
        .boxed()
    };
    if named.is_empty() {
        return pending().await;
    }
    select_all(named.iter().map(ask)).map(|(known, _place, _others)| known).await
}

/// Why a node does not found a cluster, or ends although it has, and what to do.
pub(crate) fn given_up(greeting: &Greeting) -> Error {
    let Greeting { cluster, node, to, purpose: _ } = greeting;
    let (cluster, node) = (cluster.unwrap_or_default(), node.unwrap_or_default());
    let why = match to {
        Some(number) => format!(
            "node {node} of cluster {cluster:032x} knows it as node {number}. Its data directory was lost or is another's: bring \
             back the right one; or, if that is gone for good, remove node {number} from that cluster (boxctl remove \
             {number}, at another node), and start this one with an empty data directory and cluster.join in place of \
             cluster.bootstrap"
        ),
        None => format!(
            "node {node} of cluster {cluster:032x} looks for its cluster here: start this one with cluster.join in place of \
             cluster.bootstrap, or take its address from what node {node} is told to join"
        ),
    };
    Error::NotFounder { why }
}
