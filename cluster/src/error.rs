//! What can go wrong with a group.

use storage::{GroupId, Index};

use crate::batch::Level;
use crate::codec::CodecError;

/// An error in its own words, for those who only pass it on.
pub(crate) fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What a build applies whose newest level is this one, in words.
pub(crate) fn applied(newest: Level) -> String {
    let levels = newest.applied();
    if levels.start() == levels.end() {
        format!("level {newest} alone")
    } else {
        format!("levels {} and {newest}", levels.start())
    }
}

/// A failure that ends a group, and with it the node.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed, or what it gave back is damaged.
    #[error("the store of group {group} failed")]
    Storage {
        /// Whose.
        group: GroupId,
        /// Why.
        #[source]
        source: storage::Error,
    },
    /// A register cannot be read.
    #[error("a register of group {group} cannot be read")]
    Register {
        /// Whose.
        group: GroupId,
        /// Why.
        #[source]
        source: CodecError,
    },
    /// An entry of the log cannot be read.
    #[error("entry {index} of group {group} cannot be read")]
    Entry {
        /// Whose log.
        group: GroupId,
        /// Where.
        index: Index,
        /// What is wrong with it.
        #[source]
        source: CodecError,
    },
    /// The log, or the state that it goes on from, was written under rules that this build does not have.
    #[error(
        "group {group} is at level {level} of the rules at entry {index}, and this build applies {}: start one that applies \
         level {level}",
        applied(*newest)
    )]
    Level {
        /// Whose log.
        group: GroupId,
        /// Where.
        index: Index,
        /// Its level.
        level: Level,
        /// The newest level that this build applies.
        newest: Level,
    },
    /// The machine cannot be built from its saved state.
    #[error("the saved state of group {group} cannot be read")]
    Machine {
        /// Whose.
        group: GroupId,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The number of groups was fixed when the cluster was founded, since it says which group owns what.
    #[error(
        "this cluster was founded with {founded} groups and cannot run with {configured}; set groups = {founded}"
    )]
    Groups {
        /// What it was founded with.
        founded: u32,
        /// What is asked for now.
        configured: u32,
    },
    /// The cluster does not take this node.
    #[error("this node cannot join the cluster: {why}")]
    NotWelcome {
        /// The reason, and what to do.
        why: String,
    },
    /// A cluster is there already that knows this node: it founds no other, and what it has just founded ends.
    #[error("this node founds no cluster: {why}")]
    NotFounder {
        /// Who knows it, and what to do.
        why: String,
    },
    /// This node cannot go on alone.
    #[error("this node cannot go on without the others: {why}")]
    CannotRecover {
        /// What is missing.
        why: String,
    },
    /// A backup cannot be restored here, or was not to its end.
    #[error("this node's data are not whole: {why}")]
    CannotRestore {
        /// What is wrong, and what to do.
        why: String,
    },
    /// A node that joins must be reached by the others.
    #[error("a node that joins a cluster needs an address for its peers; set listen.peer")]
    NoAddress,
    /// The consensus core stopped.
    #[error("group {group} stopped: {reason}")]
    Stopped {
        /// Which.
        group: GroupId,
        /// What the core said.
        reason: String,
    },
}

/// Why the cluster does not do what an operator asked for, in words for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperatorError {
    /// The world is not as whoever asked believed: it is to be looked at again.
    #[error("{0}")]
    Changed(String),
    /// It cannot be done, as things are, and what to do first.
    #[error("{0}")]
    Never(String),
    /// It could not be done now.
    #[error("{0}")]
    Later(String),
}

/// Why a linearizable read could not be made here and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// This node does not lead the group, or lost the quorum.
    #[error("this node does not lead the group")]
    NotLeader,
    /// The group has stopped.
    #[error("the group has stopped")]
    Stopped,
}

/// Why a question to a group's leader has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Nobody is known to lead, or the leader was not reached: it heard nothing.
    #[error("no leader was asked: {0}")]
    NotAsked(String),
    /// It may have heard the question, and another leads by now, who can be asked the same.
    #[error("another leads by now")]
    Deposed,
    /// It may have heard the question.
    #[error("nobody knows: {0}")]
    Unknown(String),
}
