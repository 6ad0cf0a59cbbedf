//! What the frame around the groups can be told.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::clock::Clock;
use crate::error::Error;

/// A node's number in its cluster: never reused.
pub type NodeId = u64;

/// What [`Cluster::open`](crate::Cluster::open) needs to know.
pub struct Options {
    /// This node.
    pub node: NodeId,
    /// How many groups there are: fixed when the cluster is bootstrapped.
    pub groups: u32,
    /// The machine's clocks, or a simulation's.
    pub clock: Arc<dyn Clock>,
    /// Where the groups' tasks run; [`Cluster::open`](crate::Cluster::open) is called on it.
    pub runtime: Handle,
    /// Called once when a group has failed for good: a replica that votes but does not apply must not live on.
    pub on_fatal: Arc<dyn Fn(&Error) + Send + Sync>,
}
