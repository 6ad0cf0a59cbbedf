//! How nodes become a cluster.
//!
//! ```text
//!   new node ── Join(address) ──► whoever it knows ──► leader of group 0: a number that nobody ever had
//!   new node: writes down who it is, opens its groups, empty
//!   any node ── Announce(number, address) ──► leader of group 0: a member of group 0 from now on, without a vote
//!   leader of any group (caretaker.rs): whoever is in group 0 comes into this group too, and votes once it has caught up
//! ```
//!
//! So group 0's membership is the list of the cluster's nodes, and nothing else keeps one. Every step may be repeated.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use storage::GroupId;
use tokio::time::sleep;

use crate::codec;
use crate::error::{self, Error};
use crate::group::Group;
use crate::identity::Identity;
use crate::machine::Machine;
use crate::options::NodeId;
use crate::transport::{CallError, Kind, Link, Peers};

/// How long one node may take to answer.
const WITHIN: Duration = Duration::from_secs(5);
/// Between two rounds over everyone who is known.
const AGAIN: Duration = Duration::from_millis(300);

/// What is asked of group 0's leader: a number for a node that has none, to note where a node can be reached, to send one
/// away.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Join {
        address: String,
    },
    /// `was_member` says that the node has applied a membership with itself in it: then it is a member, or was removed.
    Announce {
        node: NodeId,
        address: String,
        was_member: bool,
    },
    Remove {
        node: NodeId,
    },
}

/// What group 0's leader says, or another node in its place.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Welcome(Identity),
    Done,
    /// Whoever leads is here.
    Elsewhere(String),
    /// Not now, and why.
    Later(String),
    /// Not like this, and what to do.
    Never(String),
}

/// Asks for this node's number until someone gives one.
pub(crate) async fn join(peers: &Peers, seeds: &[String], address: &str) -> Result<Identity, Error> {
    let request = Request::Join { address: address.to_owned() };
    let mut said = String::new();
    loop {
        match ask_around(peers, seeds, &request).await {
            Reply::Welcome(identity) => return Ok(identity),
            Reply::Never(why) => return Err(Error::NotWelcome { why }),
            Reply::Later(why) if why != said => {
                tracing::warn!(?seeds, why, "cannot join the cluster yet; trying on");
                said = why;
            }
            Reply::Later(_) | Reply::Done | Reply::Elsewhere(_) => {}
        }
        sleep(AGAIN).await;
    }
}

/// Says where this node can be reached until group 0's leader has heard it. Resolves to the reason where the cluster does not
/// take it.
pub(crate) async fn announce<M: Machine>(
    registry: &Group<M>,
    peers: &Peers,
    seeds: &[String],
    identity: Identity,
    address: String,
) -> Result<(), String> {
    let mut said = String::new();
    loop {
        let was_member = registry.consensus().was_member();
        let request = Request::Announce { node: identity.node, address: address.clone(), was_member };
        // Those whom the operator names come first: they know if this node's data are another cluster's.
        let mut reply = ask_around(peers, seeds, &request).await;
        if matches!(reply, Reply::Later(_)) {
            reply = match registry.leader() {
                Some((leader, _)) if leader == identity.node => decide(registry, identity, &request).await,
                Some((_, address)) => ask_around(peers, &[address], &request).await,
                None => reply,
            };
        }
        match reply {
            Reply::Done => return Ok(()),
            Reply::Never(why) => return Err(why),
            Reply::Later(why) if why != said => {
                tracing::info!(why, "the cluster does not know yet where this node is; trying on");
                said = why;
            }
            Reply::Later(_) | Reply::Welcome(_) | Reply::Elsewhere(_) => {}
        }
        sleep(AGAIN).await;
    }
}

/// Asks one after the other, and whoever they point to, until someone decides.
pub(crate) async fn ask_around(peers: &Peers, addresses: &[String], request: &Request) -> Reply {
    let mut last = Reply::Later("nobody to ask is known".to_owned());
    for address in addresses {
        last = ask(&peers.link_to_anyone(address), request).await;
        if let Reply::Elsewhere(leader) = &last {
            last = ask(&peers.link_to_anyone(leader), request).await;
        }
        if matches!(last, Reply::Welcome(_) | Reply::Done | Reply::Never(_)) {
            return last;
        }
    }
    last
}

async fn ask(link: &Link, request: &Request) -> Reply {
    let question = Bytes::from(codec::encode(request));
    match link.call(Kind::Forming, GroupId(0), question, WITHIN).await {
        Ok(answer) => codec::decode(&answer).unwrap_or_else(|error| Reply::Later(error.to_string())),
        Err(CallError::Stranger(why)) => Reply::Never(why),
        Err(error) => Reply::Later(error.to_string()),
    }
}

/// Answers a node, as bytes.
pub(crate) async fn answer<M: Machine>(
    registry: Arc<Group<M>>,
    identity: Identity,
    request: Bytes,
) -> Result<Bytes, String> {
    let request: Request = codec::decode(&request).map_err(error::said)?;
    Ok(Bytes::from(codec::encode(&decide(&registry, identity, &request).await)))
}

/// What group 0's leader makes of a request.
pub(crate) async fn decide<M: Machine>(registry: &Group<M>, identity: Identity, request: &Request) -> Reply {
    if !registry.leads() {
        return match registry.leader() {
            Some((leader, address)) if leader != identity.node => Reply::Elsewhere(address),
            _ => Reply::Later("group 0 has no leader now".to_owned()),
        };
    }
    let members = registry.members();
    let owner = |address: &str| {
        let mut nodes = members.nodes.iter();
        nodes.find(|(_node, known)| *known == address).map(|(node, _address)| *node)
    };
    let taken = |address: &str, node: NodeId| {
        Reply::Never(format!(
            "{address} is the address of node {node}, which has other data; give this node an address of its own, or, if the \
             data of node {node} is gone for good, remove it first: boxctl remove {node}"
        ))
    };
    let done = match request {
        Request::Join { address } => match owner(address) {
            Some(node) => return taken(address, node),
            None => match registry.consensus().new_number().await {
                Ok(node) => return Reply::Welcome(Identity { node, ..identity }),
                Err(why) => Err(why),
            },
        },
        Request::Announce { node, address, was_member } => match owner(address) {
            Some(owner) if owner == *node => Ok(()),
            _ if *was_member && !members.nodes.contains_key(node) => {
                // Whoever was deposed and does not know it yet has an old list.
                if let Err(error) = registry.read_index().await {
                    return Reply::Later(error::said(error));
                }
                if registry.members().nodes.contains_key(node) {
                    return Reply::Later("the list of members has just changed".to_owned());
                }
                return Reply::Never(format!(
                    "node {node} was removed from this cluster, and its number is not used again; with an empty data \
                     directory it can join as a new node"
                ));
            }
            Some(owner) => return taken(address, owner),
            None => registry.consensus().admit(*node, address).await,
        },
        Request::Remove { node } if !members.nodes.contains_key(node) => Ok(()),
        Request::Remove { node } if members.voters.len() < 2 && members.voters.contains(node) => {
            return Reply::Never(format!("node {node} is the only one that votes: nothing would be left"));
        }
        Request::Remove { node } => registry.consensus().dismiss(*node).await,
    };
    done.map_or_else(Reply::Later, |()| Reply::Done)
}
