//! A group as this node sees it: who leads, and how far it has come.

use storage::Index;

use crate::batch::Level;
use crate::members::NodeId;

/// This node's part in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Proposes.
    Leader,
    /// Votes and follows.
    Follower,
    /// Asks for votes.
    Candidate,
    /// Follows without a vote.
    Learner,
    /// Stopped, by a failure or on purpose.
    Stopped,
}

/// A group as this node sees it at one moment.
#[derive(Clone, Debug)]
pub struct Status {
    /// This node's part in it.
    pub role: Role,
    /// Who leads, as far as is known.
    pub leader: Option<NodeId>,
    /// Raft's term.
    pub term: u64,
    /// The last entry in this node's log.
    pub last: Index,
    /// Known to be on a quorum.
    pub committed: Index,
    /// Handed to the machine.
    pub applied: Index,
    /// Everything at or below is saved.
    pub checkpointed: Index,
    /// No longer in the log.
    pub purged: Index,
    /// The level of the last entry that was handed to the machine; 0 where there is none yet.
    pub level: Level,
}

/// This node leads, in a term; leading again is another term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) term: u64,
}
