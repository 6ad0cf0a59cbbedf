//! Which types openraft is made of here.

use openraft::impls::BasicNode;

use crate::batch::Batch;
use crate::options::NodeId;

openraft::declare_raft_types!(
    /// Entries carry batches; nobody waits for an answer inside Raft, the slots answer themselves.
    pub(crate) Types:
        D = Batch,
        R = (),
        NodeId = NodeId,
        Node = BasicNode,
);

pub(crate) type LogId = openraft::alias::LogIdOf<Types>;
pub(crate) type Vote = openraft::alias::VoteOf<Types>;
pub(crate) type Entry = openraft::Entry<LeaderId, Payload>;
pub(crate) type Payload = openraft::EntryPayload<Batch, NodeId, BasicNode>;
pub(crate) type LeaderId = openraft::alias::LeaderIdOf<Types>;
pub(crate) type Membership = openraft::Membership<NodeId, BasicNode>;
pub(crate) type StoredMembership = openraft::alias::StoredMembershipOf<Types>;
pub(crate) type SnapshotMeta = openraft::alias::SnapshotMetaOf<Types>;

/// A log id from its parts.
pub(crate) fn log_id(term: u64, node: NodeId, index: u64) -> LogId {
    LogId::new(LeaderId { term, node_id: node }, index)
}
