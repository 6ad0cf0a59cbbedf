//! What nodes say to each other of slots. On the wire for as long as two releases talk: only added to, at the end.

use serde::{Deserialize, Serialize};

use crate::permits::Lane;

/// What a node asks of the one that leads.
#[derive(Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) lane: Lane,
    /// As the log has it.
    pub(crate) command: Vec<u8>,
}

/// Why there is no answer of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unrouted {
    /// Too many wait already.
    Overloaded,
    /// This node does not lead the slot's group, and nothing was appended.
    NoLeader,
    /// Nobody knows whether it has an effect.
    Unknown,
    /// The slot's rules broke.
    Faulted,
    /// The disk of whoever leads has no room for it, and nothing was appended. A follower's own is not asked.
    StorageFull,
}

/// Whether a slot's rules work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Health {
    /// They do.
    Sound,
    /// They broke: the view is the last that was saved.
    Faulted,
}
