//! What the frame around the groups can be told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::batch::Level;
use crate::clock::Clock;
use crate::error::Error;
use crate::members::KeyHash;
use crate::network::{Listener, Network};

/// How a node with a new data directory begins. One that has been a member before stays what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// It founds a cluster, unless there is one: exactly one node does.
    Found {
        /// The cluster's number, of chance: so that no two clusters are taken for one.
        cluster: u128,
        /// Hosts and ports of other nodes. Where one of them belongs to a cluster already, this node joins that instead.
        peers: Vec<String>,
        /// For how long it asks them, and listens for nodes that know it: [`LISTENS`](crate::LISTENS), if not in a test.
        listens: Duration,
    },
    /// It joins one, by asking the nodes at these addresses.
    Join {
        /// Hosts and ports.
        seeds: Vec<String>,
    },
}

impl Start {
    /// The nodes that the operator names.
    pub(crate) fn named(&self) -> &[String] {
        match self {
            Self::Found { peers: named, .. } | Self::Join { seeds: named } => named,
        }
    }
}

/// How many replicas each group is to have where there are more nodes: 3 or 5, the same on every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicas {
    pub(crate) each: usize,
    moves: Moves,
}

/// Whether replicas are moved to where they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moves {
    /// Every node has every group.
    Never,
    /// They are.
    Rightly,
    /// They are, with a bug in it.
    Wrongly(MoveBug),
}

/// A bug in how replicas are moved, which a test plants to see that it is found. No node has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveBug {
    /// The replica that is to go goes before another votes in its place.
    OldGoesFirst,
    /// The next step of a group begins while one is under way.
    StepsOverlap,
    /// A replica is deleted once the record no longer names its node, whoever counts on it still.
    GivenUpEarly,
}

impl Replicas {
    /// So many are planned for, and every node has every group.
    #[must_use]
    pub const fn planned(each: usize) -> Self {
        Self { each, moves: Moves::Never }
    }

    /// So many are on the nodes where they should be.
    #[must_use]
    pub const fn moved(each: usize) -> Self {
        Self { each, moves: Moves::Rightly }
    }

    /// The same, with this bug.
    #[must_use]
    pub const fn moved_wrongly(each: usize, bug: MoveBug) -> Self {
        Self { each, moves: Moves::Wrongly(bug) }
    }

    /// Whether they are moved to where they should be.
    pub(crate) fn are_moved(self) -> bool {
        self.moves != Moves::Never
    }

    /// Whether a test has planted this bug.
    pub(crate) fn has(self, bug: MoveBug) -> bool {
        self.moves == Moves::Wrongly(bug)
    }
}

/// What [`Cluster::open`](crate::Cluster::open) needs to know.
pub struct Options {
    /// How a new node begins.
    pub start: Start,
    /// How many groups a cluster has that is founded now.
    pub groups: u32,
    /// Where peers reach this node; a node without is alone.
    pub peers: Option<Box<dyn Listener>>,
    /// The host and port that they are told, if not the listener's own.
    pub advertised: Option<String>,
    /// What fails together with this node has the same name.
    pub zone: String,
    /// How many replicas each group is to have, and whether any move.
    pub replicas: Replicas,
    /// Hashes of the secrets with which this node checks tokens. A node that has none in common with the cluster's is not let in.
    pub keys: BTreeSet<KeyHash>,
    /// Entries that stay in the log although their effects are saved: a peer that was away for less needs no snapshot.
    pub entries_kept: u64,
    /// Entries of a group's log from one comparison of the replicas' digests to the next:
    /// [`DIGEST_INTERVAL`](crate::DIGEST_INTERVAL), if not in a test. The same on every node.
    pub digest_interval: u64,
    /// The newest level of the rules that the machines apply; they apply the one before it too.
    pub level: Level,
    /// The machine's network, or a simulation's.
    pub network: Arc<dyn Network>,
    /// The machine's clocks, or a simulation's.
    pub clock: Arc<dyn Clock>,
    /// A number of chance, from which election timeouts follow: no two nodes that start at once should have the same.
    pub seed: u64,
    /// Where the groups' tasks run; [`Cluster::open`](crate::Cluster::open) is called on it.
    pub runtime: Handle,
    /// Called once when a group has failed for good: a replica that votes but does not apply must not live on.
    pub on_fatal: Arc<dyn Fn(&Error) + Send + Sync>,
}
