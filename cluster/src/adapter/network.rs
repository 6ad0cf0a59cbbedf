//! Peers: none yet. A group has one voter, so whoever is asked is unreachable.

use std::future::Future;
use std::io;

use openraft::errors::{RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::impls::BasicNode;
use openraft::network::{RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{OptionalSend, Snapshot};

use super::state::Saved;
use super::type_config::{LeaderId, Types, Vote};
use crate::options::NodeId;

/// Makes connections to peers.
pub(crate) struct Peers;

/// A peer that cannot be reached.
pub(crate) struct Nobody {
    target: NodeId,
}

impl Nobody {
    fn unreachable(&self) -> Unreachable<Types> {
        Unreachable::new(&io::Error::new(
            io::ErrorKind::NotConnected,
            format!("node {} has no connection: this build runs groups of one voter", self.target),
        ))
    }
}

impl RaftNetworkFactory<Types> for Peers {
    type Network = Nobody;

    async fn new_client(&mut self, target: NodeId, _node: &BasicNode) -> Nobody {
        Nobody { target }
    }
}

impl RaftNetworkV2<Types> for Nobody {
    type SnapshotData = Saved;

    async fn append_entries(
        &mut self,
        _request: AppendEntriesRequest<Types>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<Types>, RPCError<Types>> {
        Err(self.unreachable().into())
    }

    async fn vote(
        &mut self,
        _request: VoteRequest<Types>,
        _option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        Err(self.unreachable().into())
    }

    async fn full_snapshot(
        &mut self,
        _vote: Vote,
        _snapshot: Snapshot<LeaderId, NodeId, BasicNode, Saved>,
        _cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<Types>, StreamingError<Types>> {
        Err(self.unreachable().into())
    }
}
