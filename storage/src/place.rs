//! Where something is kept: a group, an index of its log, a register.

use std::fmt;

/// A Raft group's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// A place in a group's log. A log may begin at any index; `u64::MAX` itself is never one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub u64);

/// The name of a small value that a group keeps: a vote, a mark. One byte, never reused; its owner says which
/// byte means what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register(pub u8);

/// Where a value is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An entry of a log.
    Entry(GroupId, Index),
    /// The mark at which a log begins.
    LogFirst(GroupId),
    /// A register.
    Register(GroupId, Register),
    /// A key of a group's state.
    State(GroupId, Vec<u8>),
    /// The mark that says which of a group's states is the one that readers see.
    Generation(GroupId),
}

impl fmt::Display for GroupId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Register {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
