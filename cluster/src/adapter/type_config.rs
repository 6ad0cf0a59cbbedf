//! Which types openraft is made of here.

use openraft::impls::leader_id_std;

use super::runtime::Runtime;
use crate::content::Content;
use crate::members::{NodeId, Peer};

openraft::declare_raft_types!(
    /// Entries carry batches of commands, and the frame's own words; nobody waits for an answer inside Raft, the slots answer themselves.
    pub(crate) Types:
        D = Content,
        R = (),
        NodeId = NodeId,
        Node = Peer,
        // One leader a term (RG-2): openraft's own choice lets a second one with a higher number follow within it.
        LeaderId = LeaderId,
        AsyncRuntime = Runtime,
);

pub(crate) type LogId = openraft::alias::LogIdOf<Types>;
pub(crate) type Vote = openraft::alias::VoteOf<Types>;
pub(crate) type Entry = openraft::Entry<Term, Payload>;
pub(crate) type Payload = openraft::EntryPayload<Content, NodeId, Peer>;
/// A term and whom a node votes for in it.
pub(crate) type LeaderId = leader_id_std::LeaderId<u64, NodeId>;
/// A term in which somebody leads.
pub(crate) type Term = openraft::alias::CommittedLeaderIdOf<Types>;
pub(crate) type Membership = openraft::Membership<NodeId, Peer>;
pub(crate) type StoredMembership = openraft::alias::StoredMembershipOf<Types>;
pub(crate) type SnapshotMeta = openraft::alias::SnapshotMetaOf<Types>;

/// A log id from its parts.
pub(crate) fn log_id(term: u64, index: u64) -> LogId {
    LogId::new(Term { term }, index)
}
