//! The only users of openraft: everything that a new version of it would change is in here.
//!
//! ```text
//!   type_config which types openraft is made of here
//!   runtime   tokio, with nothing left to chance
//!   watch     a value that openraft's tasks wait for
//!   record    the bytes of an entry, a vote and a mark: ours, never openraft's own encoding
//!   tail      the recent end of a log in memory
//!   log       RaftLogStorage over the store and the tail
//!   saved     a group's saved state at a mark, as a snapshot
//!   state     RaftStateMachine over a Machine; marks and what may be purged
//!   network   openraft's calls to peers, over the transport
//!   pipeline  several of them under way at once, and whose answer is whose
//!   wire      the bytes of those calls
//!   snapshot  a snapshot's way from a leader to a follower
//!   stragglers who is catching up, so that the log keeps what they need
//!   raft      one group's consensus: start, write, read; what peers ask of it
//!   leaders   what was seen of its leaders
//!   standing  how the group stands: members, who leads, for how long nobody has
//!   changes   changes of who is in the group and who leads it
//!   elsewhere a group of which this node has no replica
//!   recovery  one replica goes on alone, as a last resort
//!   backup    what is kept elsewhere of one group
//!   restoring one group of a node that gets what a backup has
//! ```

mod backup;
mod changes;
mod elsewhere;
mod leaders;
mod log;
mod network;
mod pipeline;
mod raft;
mod record;
mod recovery;
mod restoring;
mod runtime;
mod saved;
mod snapshot;
mod standing;
mod state;
mod stragglers;
mod tail;
mod type_config;
mod watch;
mod wire;

pub(crate) use backup::SavedGroup;
pub(crate) use elsewhere::{come_here, is_elsewhere};
pub(crate) use raft::{Consensus, looks};
pub(crate) use recovery::Replica;
pub(crate) use restoring::{Restored, rehearse};

#[cfg(test)]
mod suite;
