//! The only users of openraft: everything that a new version of it would change is in here.
//!
//! ```text
//!   type_config which types openraft is made of here
//!   record    the bytes of an entry, a vote and a mark: ours, never openraft's own encoding
//!   tail      the recent end of a log in memory
//!   log       RaftLogStorage over the store and the tail
//!   state     RaftStateMachine over a Machine; marks and what may be purged
//!   network   peers: none yet, a group has one voter
//!   raft      one group's consensus: start, write, read, status
//! ```

mod log;
mod network;
mod raft;
mod record;
mod state;
mod tail;
mod type_config;

pub(crate) use raft::{Consensus, Snapshot as ConsensusStatus};

#[cfg(test)]
mod suite;
