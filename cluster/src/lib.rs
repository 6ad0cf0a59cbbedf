//! Many Raft groups on one node, each replicating a [`Machine`].
//!
//! ```text
//!   propose ──► Proposals ──► proposer: all that waits, one stamp ──► one entry
//!                                                                       │
//!                    storage: one writer thread, one fsync ◄── log ◄── raft (adapter/)
//!                                                                       │ committed
//!   Machine::apply ◄── entries, in log order ◄──────────────────────────┘
//!   Machine::lost  ◄── what will not be applied, or nobody knows
//! ```
//!
//! Between nodes, `transport/` carries calls; `founding` says who may found a cluster, `forming` how a node comes in, `keeper` opens groups and closes them as this node comes to have replicas of them, `reconciler`
//! keeps every group's members those of group 0 and `quorum` sees to it that enough stay, `roll` knows who can be reached, `leading` who leads what this node has no replica of, `handing` lets another lead on purpose and `yielding` does so when a disk is nearly full, `placement` plans who has and who leads what, and knows the record of that, which `mover` writes step by step and `placing` changes for operators, and `comparison` looks
//! whether all replicas of a group are equal.
//!
//! *Invariants.* This crate knows no booking, no HTTP and no configuration file: commands are opaque bytes, and what a
//! machine makes of them is its own affair. `adapter/` is the only user of openraft, `codec` the only user of bincode.
//! RG-1: a command reaches [`Machine::apply`] only after a quorum has it on disk. RG-3: applied ≤ committed. RG-4: the
//! stamps of a group's entries never go back. RG-6: a log is purged only up to a mark that is in the store's queue before
//! the purge. RG-7: the levels of a group's entries never go back, and none is higher than what every node applies. RG-8: of those who vote in a group a quorum is
//! named by the record of placement, and whoever is named votes, but for one newcomer, at every step of every move. RG-5, that
//! replicas are equal at equal indexes, is the machine's to keep; `comparison` looks whether it does.

mod adapter;
mod backup;
mod batch;
mod clock;
mod cluster;
pub mod codec;
mod comparison;
mod content;
mod digests;
mod error;
mod forming;
mod founding;
mod group;
mod handing;
mod identity;
mod keeper;
mod leading;
mod machine;
mod members;
mod mover;
mod network;
mod options;
pub mod placement;
mod placing;
mod proposals;
mod quorum;
mod reconciler;
mod recovery;
mod requests;
mod restoration;
mod roll;
mod room;
mod rounds;
mod skew;
mod status;
mod table;
mod transport;
mod written;
mod yielding;

pub use backup::Backup;
pub use batch::{Batch, Level, Malformed};
pub use clock::{Clock, Stamp, Stamper, SystemClock};
pub use cluster::{Cluster, HandedOver, Questions};
pub use digests::{Comparisons, DIGEST_INTERVAL, Mismatch};
pub use error::{AskError, Error, OperatorError, ReadError};
pub use founding::LISTENS;
pub use group::Group;
pub use machine::{Committed, Fate, Machine, MakeError, Pair, Parts, State, VALUE_LEN_MAX};
pub use members::{KeyHash, Members, NodeId, Peer, Voters};
pub use network::{Listener, Network, Proof, Stream, SystemNetwork};
pub use options::{MoveBug, Options, Replicas, Start};
pub use proposals::Proposals;
pub use recovery::{Remains, Survivor};
pub use requests::HandOver;
pub use restoration::{Restoration, RestoredGroup};
pub use roll::Sighting;
pub use status::{Role, Status};
pub use written::written;
