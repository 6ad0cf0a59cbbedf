//! Nodes, and who of them is in a group.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::batch::Level;

/// A node's number in its cluster: never reused.
pub type NodeId = u64;

/// Who is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Those who vote.
    pub voters: BTreeSet<NodeId>,
    /// Everyone, those too who only follow.
    pub nodes: BTreeMap<NodeId, Peer>,
}

/// What a cluster knows of one of its nodes. On disk and on the wire for ever: only added to, at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Where its peers reach it; empty where they do not.
    pub address: String,
    /// The newest level that it applies.
    pub level: Level,
}
