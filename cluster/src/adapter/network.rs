//! openraft's network, over the links to the peers.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use openraft::OptionalSend;
use openraft::errors::{NetworkError, RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, TransferLeaderRequest,
    TransferLeaderResponse, VoteRequest, VoteResponse,
};
use storage::GroupId;

use super::pipeline::{Answered, Span, pipeline};
use super::saved::{RaftSnapshot, Saved};
use super::stragglers::Stragglers;
use super::type_config::{Types, Vote};
use super::{snapshot, wire};
use crate::members::{NodeId, Peer};
use crate::transport::{CallError, Kind, Link, Peers, Purpose};

/// How long entries may take to a follower's disk and back. openraft allows a heartbeat, and would send the same entries again
/// and again to a follower whose disk is slow.
const APPEND: Duration = Duration::from_secs(5);

/// Makes clients of one group.
pub(crate) struct Connector {
    group: GroupId,
    peers: Arc<Peers>,
    stragglers: Stragglers,
}

impl Connector {
    pub(super) fn new(group: GroupId, peers: Arc<Peers>, stragglers: Stragglers) -> Self {
        Self { group, peers, stragglers }
    }

    fn client(&self, target: NodeId, address: &str, entries: Purpose) -> Client {
        let link = |purpose| self.peers.link(target, address, purpose);
        Client {
            group: self.group,
            entries: link(entries),
            votes: link(Purpose::Vote),
            snapshots: link(Purpose::Snapshot),
            stragglers: self.stragglers.clone(),
        }
    }
}

impl RaftNetworkFactory<Types> for Connector {
    type Network = Client;

    async fn new_client(&mut self, target: NodeId, node: &Peer) -> Client {
        self.client(target, &node.address, Purpose::Append)
    }

    async fn new_heartbeat_client(&mut self, target: NodeId, node: &Peer) -> Client {
        self.client(target, &node.address, Purpose::Vote)
    }
}

/// One group's way to one peer.
pub(crate) struct Client {
    group: GroupId,
    entries: Link,
    votes: Link,
    snapshots: Link,
    stragglers: Stragglers,
}

impl Client {
    async fn ask(&self, kind: Kind, payload: Bytes, option: &RPCOption) -> Result<Bytes, RPCError<Types>> {
        self.votes.call(kind, self.group, payload, option.hard_ttl()).await.map_err(|error| failed(&error))
    }
}

/// A peer that cannot be reached is left alone for a while; after any other error openraft may try again at once.
fn failed(error: &CallError) -> RPCError<Types> {
    match error {
        CallError::Unreachable(_) | CallError::Stranger(_) | CallError::Unproved(_) => {
            Unreachable::new(error).into()
        }
        CallError::Lost(_) | CallError::Refused(_) => NetworkError::new(error).into(),
    }
}

fn unreadable(why: String) -> RPCError<Types> {
    NetworkError::new(&io::Error::new(io::ErrorKind::InvalidData, why)).into()
}

async fn append(
    link: Link,
    group: GroupId,
    request: AppendEntriesRequest<Types>,
    within: Duration,
) -> Result<AppendEntriesResponse<Types>, RPCError<Types>> {
    let answer = link.call(Kind::Append, group, wire::encode_append(&request), within).await;
    wire::decode_append_answer(&answer.map_err(|error| failed(&error))?).map_err(unreadable)
}

impl RaftNetworkV2<Types> for Client {
    type SnapshotData = Saved;

    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<Types>, RPCError<Types>> {
        append(self.entries.clone(), self.group, request, option.hard_ttl()).await
    }

    /// Several at once: calls are written in the order in which they are asked here, and taken in that order there.
    fn stream_append<S>(
        &mut self,
        requests: S,
        _option: RPCOption,
    ) -> BoxFuture<'_, Result<BoxStream<'_, Answered>, RPCError<Types>>>
    where
        S: Stream<Item = AppendEntriesRequest<Types>> + OptionalSend + Unpin + 'static,
    {
        let (link, group) = (self.entries.clone(), self.group);
        let answers = pipeline(requests, move |request, Span { previous, last }| {
            let answer = append(link.clone(), group, request, APPEND);
            async move {
                let answer = answer.await?;
                if answer.is_conflict() && previous.is_none() {
                    return Err(unreadable("a conflict before the first entry".to_owned()));
                }
                Ok(answer.into_stream_result(previous, last))
            }
        });
        Box::pin(async move { Ok(answers.boxed()) })
    }

    async fn vote(
        &mut self,
        request: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        let answer = self.ask(Kind::Vote, wire::encode_vote_request(&request), &option).await?;
        wire::decode_vote_answer(&answer).map_err(unreadable)
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        let answer = self.ask(Kind::PreVote, wire::encode_vote_request(&request), &option).await?;
        wire::decode_vote_answer(&answer).map_err(unreadable)
    }

    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<Types>,
        option: RPCOption,
    ) -> Result<TransferLeaderResponse<Types>, RPCError<Types>> {
        // Refused with a reason, or taken: openraft only wants to know that it arrived.
        self.ask(Kind::TransferLeader, wire::encode_transfer(&request), &option).await.map(|_taken| Ok(()))
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: RaftSnapshot,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<Types>, StreamingError<Types>> {
        let _sending = self.stragglers.send();
        let sent = snapshot::send(&self.snapshots, self.group, &vote, snapshot.snapshot);
        tokio::select! {
            biased;
            closed = cancel => Err(StreamingError::Closed(closed)),
            answered = sent => Ok(SnapshotResponse::new(answered.map_err(|error| failed(&error))?)),
        }
    }
}
