//! One group's consensus: start, write, read, status.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver as _;
use openraft::errors::{ClientWriteError, Fatal, InitializeError, LinearizableReadError, RaftError};
use openraft::impls::{BasicNode, ProgressResponder};
use openraft::raft::ClientWriteResult;
use openraft::{Config, Raft, ReadPolicy, ServerState, SnapshotPolicy};
use storage::{GroupId, Index, Store};

use super::log::Log;
use super::network::Peers;
use super::state::Replica;
use super::type_config::{LeaderId, Types};
use crate::batch::Batch;
use crate::clock::Stamp;
use crate::error::{Error, ReadError};
use crate::group::Role;
use crate::machine::{Fate, Machine};
use crate::options::NodeId;

const HEARTBEAT_MS: u64 = 100;
const ELECTION_MIN_MS: u64 = 500;
const ELECTION_MAX_MS: u64 = 1_000;
/// Entries that stay in the log below the mark, so that a follower that is a little behind needs no snapshot.
const ENTRIES_KEPT: u64 = 2_000;
/// How often a failed core is looked for; what is asked of it meanwhile fails by itself.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// How long a restarted replica may take to apply what it had applied before.
const RECOVERY: Duration = Duration::from_mins(10);

/// The consensus of one group on this node.
pub(crate) struct Consensus<M: Machine> {
    raft: Raft<Types, Replica<M>>,
    replica: Replica<M>,
    log: Log,
    group: GroupId,
}

/// A group as the consensus core sees it at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) role: Role,
    pub(crate) leader: Option<NodeId>,
    pub(crate) term: u64,
    pub(crate) last: Index,
    pub(crate) committed: Index,
    pub(crate) applied: Index,
    pub(crate) checkpointed: Index,
    pub(crate) purged: Index,
}

/// This node leads, in a term; another leader of the same node is another term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) term: u64,
    node: NodeId,
}

impl<M: Machine> Consensus<M> {
    /// Starts a group from what the store says of its log and its state.
    pub(crate) async fn open(
        node: NodeId,
        store: Arc<dyn Store>,
        group: GroupId,
        machine: Arc<M>,
    ) -> Result<Self, Error> {
        let (log, mark) = Log::open(store, group)?;
        let replica = Replica::new(machine, log.clone(), mark);
        let stopped = |reason: String| Error::Stopped { group, reason };
        let config = configuration(group).validate().map_err(|error| stopped(error.to_string()))?;
        let raft = Raft::new(node, Arc::new(config), Peers, log.clone(), replica.clone())
            .await
            .map_err(|error| stopped(error.to_string()))?;
        Ok(Self { raft, replica, log, group })
    }

    /// Makes `node` the group's one voter, unless the group has members already.
    pub(crate) async fn bootstrap(&self, node: NodeId) -> Result<(), Error> {
        let members = BTreeMap::from([(node, BasicNode::default())]);
        match self.raft.initialize(members).await {
            Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => Ok(()),
            Err(error) => Err(self.stopped(&error)),
        }
    }

    /// Waits until this replica has applied everything that it had before it was stopped.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        self.raft.wait_for_recovery(Some(RECOVERY)).await.map(drop).map_err(|error| self.stopped(&error))
    }

    /// Whether this node leads now.
    pub(crate) fn lead(&self) -> Option<Lead> {
        let LeaderId { term, node_id } = *self.raft.as_leader().ok()?.leader_id();
        Some(Lead { term, node: node_id })
    }

    /// The last stamp in the log.
    pub(crate) fn stamp(&self) -> Stamp {
        self.log.stamp().max(self.replica.stamp())
    }

    /// Writes one entry and waits until it is applied here; `lead` must still hold.
    pub(crate) async fn write(&self, lead: Lead, batch: Batch) -> Result<(), Fate> {
        let (responder, completed) = ProgressResponder::<Types, ClientWriteResult<Types>>::complete_only();
        let leader = LeaderId { term: lead.term, node_id: lead.node };
        let asked = self.raft.write(batch).with_leader(leader).responder(responder).await;
        if asked.is_err() {
            return Err(Fate::Unknown);
        }
        match completed.await {
            Ok(Ok(_applied)) => Ok(()),
            Ok(Err(ClientWriteError::ForwardToLeader(_) | ClientWriteError::PreconditionFailed(_))) => {
                Err(Fate::NotAppended)
            }
            // Discarded, or the core stopped with the entry in its hands.
            Ok(Err(_)) | Err(_) => Err(Fate::Unknown),
        }
    }

    /// Waits until everything that was committed when this was called is applied here (ReadIndex).
    pub(crate) async fn read_index(&self) -> Result<(), ReadError> {
        match self.raft.ensure_linearizable(ReadPolicy::ReadIndex).await {
            Ok(_index) => Ok(()),
            Err(RaftError::APIError(
                LinearizableReadError::ForwardToLeader(_) | LinearizableReadError::QuorumNotEnough(_),
            )) => Err(ReadError::NotLeader),
            Err(RaftError::Fatal(_)) => Err(ReadError::Stopped),
        }
    }

    /// Saves the state, and purges the log below it where that is worth it.
    pub(crate) async fn checkpoint(&self) -> Result<Index, Error> {
        let mark = self.replica.checkpoint().await.map_err(|error| self.stopped(&error))?;
        let marked = mark.map_or(0, |mark| mark.log_id.index);
        let status = self.status();
        if status.purged.0 + 2 * ENTRIES_KEPT < marked {
            // "Snapshot" is openraft's word for a mark: with a newer one it purges what lies below, less ENTRIES_KEPT.
            self.raft.trigger().snapshot().await.map_err(|error| self.stopped(&error))?;
        }
        Ok(Index(marked))
    }

    /// The group as it stands.
    pub(crate) fn status(&self) -> Snapshot {
        let metrics = self.raft.metrics().borrow_watched().clone();
        let role = match metrics.state {
            ServerState::Leader => Role::Leader,
            ServerState::Candidate => Role::Candidate,
            ServerState::Follower => Role::Follower,
            ServerState::Learner => Role::Learner,
            ServerState::Shutdown => Role::Stopped,
        };
        let index =
            |log_id: Option<super::type_config::LogId>| Index(log_id.map_or(0, |log_id| log_id.index));
        Snapshot {
            role: if metrics.running_state.is_ok() { role } else { Role::Stopped },
            leader: metrics.current_leader,
            term: metrics.current_term,
            last: Index(metrics.last_log_index.unwrap_or(0)),
            committed: index(metrics.cluster_committed),
            applied: index(metrics.last_applied),
            checkpointed: self.replica.marked().unwrap_or(Index(0)),
            purged: index(metrics.purged),
        }
    }

    /// Resolves once the core has stopped by a failure; never after [`Consensus::shutdown`]. It looks now and then: the
    /// core's figures change several times an entry, and whoever waits for a change is woken by each.
    pub(crate) async fn failed(&self) -> Error {
        let mut every = tokio::time::interval(WATCH_EVERY);
        loop {
            every.tick().await;
            match &self.raft.metrics().borrow_watched().running_state {
                Err(Fatal::Stopped) => break,
                Err(fatal) => return self.stopped(fatal),
                Ok(()) => {}
            }
        }
        std::future::pending().await
    }

    /// Stops the core: nothing is proposed, applied or answered any more.
    pub(crate) async fn shutdown(&self) {
        if let Err(error) = self.raft.shutdown().await {
            tracing::warn!(group = %self.group, %error, "the consensus core did not stop cleanly");
        }
    }

    fn stopped(&self, error: &dyn std::fmt::Display) -> Error {
        Error::Stopped { group: self.group, reason: error.to_string() }
    }
}

/// openraft's defaults are for examples; these are for a node that takes tens of thousands of commands a second.
fn configuration(group: GroupId) -> Config {
    Config {
        cluster_name: format!("group-{}", group.0),
        heartbeat_interval: HEARTBEAT_MS,
        election_timeout_min: ELECTION_MIN_MS,
        election_timeout_max: ELECTION_MAX_MS,
        enable_pre_vote: Some(true),
        // A restarted leader asks for votes again: what it had applied in memory only may be ahead of its state.
        enable_leader_restore: Some(false),
        max_payload_entries: 4_096,
        // Marks are made by time, and purges follow marks; the core decides neither.
        snapshot_policy: SnapshotPolicy::Never,
        max_in_snapshot_log_to_keep: ENTRIES_KEPT,
        ..Config::default()
    }
}
