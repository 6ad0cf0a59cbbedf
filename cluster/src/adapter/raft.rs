//! One group's consensus: start, write, read, status.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openraft::alias::WatchReceiverOf;
use openraft::async_runtime::watch::WatchReceiver as _;
use openraft::errors::{ClientWriteError, Fatal, InitializeError, LinearizableReadError, RaftError};
use openraft::impls::ProgressResponder;
use openraft::raft::{AppendEntriesResponse, ClientWriteResult};
use openraft::{Config, Raft, RaftMetrics, ReadPolicy, SnapshotPolicy};
use storage::{GroupId, Index, Store};
use tokio::sync::{Mutex, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::elsewhere;
use super::leaders::Leaders;
use super::log::Log;
use super::network::Connector;
use super::runtime::Runtime;
use super::snapshot::IncomingSnapshot;
use super::state::Replica;
use super::stragglers::Stragglers;
use super::type_config::{Term, Types};
use super::wire;
use crate::batch::{Heading, Level};
use crate::content::Content;
use crate::digests::Digests;
use crate::error::{AskError, Error, ReadError, said};
use crate::machine::{Fate, Machine};
use crate::members::{Members, NodeId, Peer, Voters};
use crate::options::Options;
use crate::placement::Placement;
use crate::room;
use crate::rounds::RoundGuard;
use crate::status::Lead;
use crate::transport::{Kind, Link, Peers, Purpose};

const HEARTBEAT_MS: u64 = 100;
const ELECTION_MIN_MS: u64 = 250;
/// An election's time, and for how long the word of a quorum makes a leader.
pub(super) const ELECTION_MAX_MS: u64 = 550;
/// How often a group is looked at: whether its core has failed (what is asked of it meanwhile fails by itself), and who leads.
const WATCH_EVERY: Duration = Duration::from_millis(100);
/// How long the leader may take to say what a read must wait for, and this replica to apply it.
const READ: Duration = Duration::from_secs(5);
/// The log is purged for followers that are catching up too once it has as many times the entries that stay anyway.
const HELD_MAX: u64 = 50;
/// How long a restarted replica may take to apply what it had applied before.
const RECOVERY: Duration = Duration::from_mins(10);

/// The consensus of one group on this node.
pub(crate) struct Consensus<M: Machine> {
    pub(super) raft: Raft<Types, Replica<M>>,
    pub(super) replica: Replica<M>,
    log: Log,
    digests: Arc<Digests>,
    pub(super) group: GroupId,
    pub(super) peers: Arc<Peers>,
    incoming: IncomingSnapshot,
    stragglers: Stragglers,
    entries_kept: u64,
    /// The newest level that this build applies.
    newest: Level,
    /// Held while a node is admitted or the level is raised: whether one may be done depends on the other.
    admission: Mutex<()>,
    pub(super) leaders: Leaders,
    /// The core's figures as they are: to look at them costs no handle.
    pub(super) figures: WatchReceiverOf<Types, RaftMetrics<Types>>,
}

impl<M: Machine> Consensus<M> {
    /// Starts a group from what the store says of its log and its state. The machine is made once it is known that the build applies
    /// the level at which they stand: it could not read what another has written.
    pub(crate) async fn open(
        node: NodeId,
        store: Arc<dyn Store>,
        group: GroupId,
        make: impl FnOnce(Level) -> Result<Arc<M>, Error>,
        peers: Arc<Peers>,
        options: &Options,
    ) -> Result<Self, Error> {
        let (log, mark) = Log::open(store, group)?;
        let newest = options.level;
        let level = log.heading().level;
        if level != Level::default() && !newest.applied().contains(&level) {
            let index = log.last_index();
            return Err(Error::Level { group, index, level, newest });
        }
        let saved = mark.as_ref().map_or_else(Level::default, |mark| mark.heading.level);
        let digests = Arc::new(Digests::new(group, options.digest_interval));
        let replica = Replica::new(make(saved)?, log.clone(), mark, newest.applied(), Arc::clone(&digests));
        let stopped = |reason: String| Error::Stopped { group, reason };
        let entries_kept = options.entries_kept;
        let config =
            configuration(group, entries_kept).validate().map_err(|error| stopped(error.to_string()))?;
        let stragglers = Stragglers::default();
        let connector = Connector::new(group, Arc::clone(&peers), stragglers.clone());
        let raft = Raft::new(node, Arc::new(config), connector, log.clone(), replica.clone());
        let seed = options.seed.wrapping_add(u64::from(group.0));
        let raft = Runtime::scope(seed, raft).await.map_err(|error| stopped(error.to_string()))?;
        let (incoming, admission, figures) = (IncomingSnapshot::default(), Mutex::default(), raft.metrics());
        Ok(Self {
            raft,
            replica,
            log,
            digests,
            group,
            peers,
            incoming,
            stragglers,
            entries_kept,
            newest,
            admission,
            leaders: Leaders::default(),
            figures,
        })
    }

    /// What the group replicates.
    pub(crate) fn machine(&self) -> &Arc<M> {
        self.replica.machine()
    }

    /// Whose consensus it is.
    pub(crate) fn group(&self) -> GroupId {
        self.group
    }

    /// Makes `node` the group's one voter, unless the group has members already.
    pub(crate) async fn bootstrap(&self, node: NodeId, peer: Peer) -> Result<(), Error> {
        match self.raft.initialize(BTreeMap::from([(node, peer)])).await {
            Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => Ok(()),
            Err(error) => Err(self.stopped(&error)),
        }
    }

    /// Waits until this replica has applied everything that it had before it was stopped.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        self.raft.wait_for_recovery(Some(RECOVERY)).await.map(drop).map_err(|error| self.stopped(&error))
    }

    /// What the last batch in the log says.
    pub(crate) fn heading(&self) -> Heading {
        self.log.heading().max(self.replica.heading())
    }

    /// The level of the next entry, unless it is raised: that of the last; in a log that says nothing yet, the oldest that this build
    /// applies.
    pub(crate) fn level(&self) -> Level {
        self.heading().level.max(*self.newest.applied().start())
    }

    /// The level of the last entry that was applied here: it is on a quorum, and no later one is lower. None where there is none yet.
    pub(crate) fn level_applied(&self) -> Option<Level> {
        Some(self.replica.heading().level).filter(|level| *level != Level::default())
    }

    /// The record of placement that was applied last, and whatever takes its place.
    pub(crate) fn placement(&self) -> watch::Receiver<Option<Arc<Placement>>> {
        self.replica.placement()
    }

    /// Who votes by the membership that was applied last.
    pub(crate) fn voters(&self) -> Voters {
        self.replica.voters()
    }

    /// The highest level that this group may go to now: one further, if every member applies that.
    pub(crate) fn level_supported(&self) -> Level {
        let (level, members) = (self.level(), self.members());
        let applies_next = |peer: &Peer| peer.level.applied().contains(&level.next());
        if members.nodes.values().all(applies_next) { level.next() } else { level }
    }

    /// While this is held, no node is admitted and the level is not raised.
    pub(crate) fn admission(&self) -> &Mutex<()> {
        &self.admission
    }

    /// Writes one entry and waits until it is applied here, or nobody may hope for that any more, at which `looks` looks; `lead` must
    /// still hold. The entry keeps `round` open until this node's disk has it.
    pub(crate) async fn write(
        &self,
        lead: Lead,
        content: Content,
        round: RoundGuard,
        looks: &mut Interval,
    ) -> Result<(), Fate> {
        self.log.set_round(Some(round));
        let written = tokio::select! {
            biased;
            written = self.propose(lead, content) => written,
            () = self.given_up(lead, looks) => Err(Fate::Unknown),
        };
        // It may never have been appended.
        self.log.set_round(None);
        written
    }

    async fn propose(&self, lead: Lead, content: Content) -> Result<(), Fate> {
        let (responder, completed) = ProgressResponder::<Types, ClientWriteResult<Types>>::complete_only();
        let asked = self.raft.write(content).with_leader(Term { term: lead.term }).responder(responder).await;
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

    /// Waits until everything that was committed when this was called is applied here (ReadIndex): as the leader, or behind
    /// the index that the leader gives.
    pub(crate) async fn read_index(&self) -> Result<(), ReadError> {
        let stopped = |_stopped| ReadError::Stopped;
        match self.raft.ensure_linearizable(ReadPolicy::ReadIndex).await {
            Ok(_index) => return Ok(()),
            Err(RaftError::APIError(
                LinearizableReadError::ForwardToLeader(_) | LinearizableReadError::QuorumNotEnough(_),
            )) => {}
            Err(RaftError::Fatal(_)) => return Err(ReadError::Stopped),
        }
        let link = self.link_to_leader().ok_or(ReadError::NotLeader)?;
        let answer = link.call(Kind::ReadIndex, self.group, Bytes::new(), READ).await;
        let index = answer.ok().and_then(|bytes| Some(u64::from_le_bytes(bytes.as_ref().try_into().ok()?)));
        let index = index.ok_or(ReadError::NotLeader)?;
        self.raft.wait(Some(READ)).applied_index_at_least(Some(index), "a read").await.map_err(stopped)?;
        Ok(())
    }

    /// The index that a read of another node must wait for.
    async fn index_to_read(&self) -> Result<u64, String> {
        let log_id = self.raft.ensure_linearizable(ReadPolicy::ReadIndex).await;
        log_id.map(|log_id| log_id.index()).map_err(said)
    }

    /// Who leads, if it is another node that this one can reach.
    fn link_to_leader(&self) -> Option<Link> {
        let (leader, address) = self.leader()?;
        (leader != *self.raft.node_id()).then(|| self.peers.link(leader, &address, Purpose::Question))
    }

    /// Asks the leader, which is another node. It is waited for until another leads.
    pub(crate) async fn ask_leader(&self, question: Bytes, within: Duration) -> Result<Bytes, AskError> {
        let moved = self.leaders.moved();
        let link = self.link_to_leader().ok_or_else(|| AskError::NotAsked("none is known".to_owned()))?;
        let answer = tokio::select! {
            biased;
            answer = link.call(Kind::Question, self.group, question, within) => answer,
            () = moved => return Err(AskError::Deposed),
        };
        Ok(answer?)
    }

    /// Answers a call of a peer; the reason in words where there is no answer.
    pub(crate) async fn answer(&self, kind: Kind, payload: Bytes) -> Result<Bytes, String> {
        match kind {
            Kind::Append => {
                let request = wire::decode_append(payload)?;
                let objection = room::objection_to_entries(self.replica.room());
                // What carries none is a heartbeat.
                if let Some(why) = objection.filter(|_why| !request.entries.is_empty()) {
                    return Err(why.to_owned());
                }
                let answer = self.raft.append_entries(request).await.map_err(said)?;
                if !matches!(answer, AppendEntriesResponse::HigherVote(_)) {
                    self.leaders.hear();
                }
                Ok(wire::encode_append_answer(&answer))
            }
            Kind::Vote => {
                let answer = self.raft.vote(wire::decode_vote_request(&payload)?).await;
                answer.map(|answer| wire::encode_vote_answer(&answer)).map_err(said)
            }
            Kind::PreVote => {
                let answer = self.raft.pre_vote(wire::decode_vote_request(&payload)?).await;
                answer.map(|answer| wire::encode_vote_answer(&answer)).map_err(said)
            }
            Kind::TransferLeader => {
                let taken = self.raft.handle_transfer_leader(wire::decode_transfer(&payload)?).await;
                taken.map_err(said)?.map(|()| Bytes::new()).map_err(said)
            }
            Kind::SnapshotBegin => self.incoming.begin(&self.replica, &payload).await.map(|()| Bytes::new()),
            Kind::SnapshotPart => self.incoming.part(&self.replica, payload).await.map(|()| Bytes::new()),
            Kind::SnapshotEnd => {
                let install = async |vote, whole| self.raft.install_full_snapshot(vote, whole).await;
                let answer = self.incoming.end(install).await?.map_err(said)?;
                Ok(wire::encode_vote(&answer.vote))
            }
            Kind::ReadIndex => {
                self.index_to_read().await.map(|index| Bytes::copy_from_slice(&index.to_le_bytes()))
            }
            Kind::Digest => self.digests.answer(&payload),
            Kind::Hello
            | Kind::Question
            | Kind::Forming
            | Kind::Clock
            | Kind::Room
            | Kind::Answer
            | Kind::Refusal
            | Kind::Unproved => Err(format!("{kind:?} is nothing that a group answers")),
        }
    }

    /// The other voters, and the ways that votes take to them.
    pub(crate) fn other_voters(&self) -> Vec<(NodeId, Link)> {
        let (own, Members { voters, nodes }) = (*self.raft.node_id(), self.members());
        let others = nodes.into_iter().filter(|(node, _peer)| *node != own && voters.contains(node));
        others.map(|(node, peer)| (node, self.peers.link(node, &peer.address, Purpose::Vote))).collect()
    }

    /// The other members, and the ways that questions take to them.
    pub(crate) fn other_members(&self) -> Vec<(NodeId, Link)> {
        let own = *self.raft.node_id();
        let others = self.members().nodes.into_iter().filter(|(node, _peer)| *node != own);
        others.map(|(node, peer)| (node, self.peers.link(node, &peer.address, Purpose::Question))).collect()
    }

    /// The digests that this replica has taken.
    pub(crate) fn digests(&self) -> &Digests {
        &self.digests
    }

    /// Whether this node is a member of the group, or was as long as this process has known.
    pub(crate) fn was_member(&self) -> bool {
        self.leaders.was_member(self.replica.knows(*self.raft.node_id()))
    }

    /// Whether the group has no other member in this node's log. Of the core itself: its figures come a moment later.
    pub(crate) async fn is_alone(&self) -> Result<bool, Error> {
        let members = self
            .raft
            .with_raft_state(|state| state.membership_state.effective().membership().nodes().count());
        members.await.map(|members| members < 2).map_err(|error| self.stopped(&error))
    }

    /// Whether a node is in the group, as of the last change in this node's log, and of the core itself.
    pub(crate) async fn has_member(&self, node: NodeId) -> Result<bool, Error> {
        let found = self.raft.with_raft_state(move |state| {
            state.membership_state.effective().membership().get_node(&node).is_some()
        });
        found.await.map_err(|error| self.stopped(&error))
    }

    /// Whether a node with this number answers there.
    pub(crate) async fn is_at(&self, node: NodeId, address: &str) -> bool {
        self.peers.who(address).await.is_ok_and(|greeting| greeting.node == Some(node))
    }

    /// Saves the state, and purges the log below it where that is worth it.
    pub(crate) async fn checkpoint(&self) -> Result<Index, Error> {
        let mark = self.replica.checkpoint().await.map_err(|error| self.stopped(&error))?;
        let marked = mark.map_or(0, |mark| mark.log_id.index);
        let purged = self.status().purged.0;
        let (worth_it, at_last) = (2 * self.entries_kept, HELD_MAX * self.entries_kept);
        if purged + worth_it < marked && (purged + at_last < marked || !self.is_awaited(marked)) {
            // "Snapshot" is openraft's word for a mark: with a newer one it purges what lies below, less those kept.
            self.raft.trigger().snapshot().await.map_err(|error| self.stopped(&error))?;
        }
        Ok(Index(marked))
    }

    /// Whether a follower is catching up that needs what a purge behind `marked` would take.
    fn is_awaited(&self, marked: u64) -> bool {
        let replication = self.figures.borrow_watched().replication.clone().unwrap_or_default();
        let logs = replication.into_iter().map(|(node, has)| (node, has.map_or(0, |log_id| log_id.index)));
        self.stragglers.need(marked.saturating_sub(self.entries_kept), logs)
    }

    /// Resolves once the core has stopped by a failure; never after [`Consensus::shutdown`]. It looks now and then, and at who leads
    /// too: the core's figures change several times an entry, and a task that waits for a change is woken by each.
    pub(crate) async fn failed(&self) -> Error {
        let mut every = looks();
        loop {
            every.tick().await;
            self.look_for_leader();
            match &self.figures.borrow_watched().running_state {
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

    /// Stops the core for good, and deletes what this replica has: this node is no member of the group any more.
    pub(crate) async fn close(&self) -> Result<(), Error> {
        self.shutdown().await;
        self.replica.end().await;
        elsewhere::forget(self.log.store().as_ref(), self.group).await
    }

    pub(super) fn stopped(&self, error: &dyn std::fmt::Display) -> Error {
        let (group, newest) = (self.group, self.newest);
        match self.replica.unsupported() {
            Some((index, level)) => Error::Level { group, index, level, newest },
            None => Error::Stopped { group, reason: error.to_string() },
        }
    }
}

/// Looks at a group, now and then.
pub(crate) fn looks() -> Interval {
    let mut looks = interval(WATCH_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

/// openraft's defaults are for examples; these are for a node that takes tens of thousands of commands a second.
fn configuration(group: GroupId, entries_kept: u64) -> Config {
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
        max_in_snapshot_log_to_keep: entries_kept,
        ..Config::default()
    }
}
