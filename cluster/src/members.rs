//! Nodes, and who of them is in a group.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use storage::Index;

use crate::batch::Level;

/// A node's number in its cluster: never reused.
pub type NodeId = u64;

/// A hash of a secret with which a node checks tokens, from which nobody finds the secret. Nodes of one cluster have one in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyHash(pub u128);

/// Who is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Those who vote.
    pub voters: BTreeSet<NodeId>,
    /// Everyone, those too who only follow.
    pub nodes: BTreeMap<NodeId, Peer>,
}

/// Who votes in a group by the membership that a replica has applied last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voters {
    /// Where it stands in the group's log.
    pub index: Index,
    /// A quorum of each set decides: one set, or two while a change is under way.
    pub sets: Vec<BTreeSet<NodeId>>,
}

/// What a cluster knows of one of its nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Where its peers reach it; empty where they do not.
    pub address: String,
    /// The newest level that it applies.
    pub level: Level,
}

/// A [`Peer`] in the first version of what has one, on disk and on the wire: frozen.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PeerV1 {
    address: String,
    level: Level,
}

impl From<Peer> for PeerV1 {
    fn from(peer: Peer) -> Self {
        let Peer { address, level } = peer;
        Self { address, level }
    }
}

impl From<PeerV1> for Peer {
    fn from(peer: PeerV1) -> Self {
        let PeerV1 { address, level } = peer;
        Self { address, level }
    }
}
