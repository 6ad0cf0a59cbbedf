//! How a group stands, as the figures of its core say: who is in it, who leads, and for how long nobody has.
//!
//! openraft lets a leader call itself one for as long as it hears of no other. Here it does only while a quorum has lately taken
//! it for one: without, nothing that it takes is committed, and whoever asks had better hear so at once. In the same way a
//! follower believes in a leader for as long as it hears of it.

use std::sync::Arc;
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver as _;
use openraft::metrics::SerdeInstant;
use openraft::{Instant as _, RaftMetrics, ServerState};
use storage::Index;
use tokio::time::{Instant, Interval};

use super::raft::{Consensus, ELECTION_MAX_MS};
use super::type_config::{LogId, Types, Vote};
use crate::machine::Machine;
use crate::members::{Members, NodeId};
use crate::status::{Lead, Role, Status};

/// For how long the word of a quorum makes a leader: as long as openraft takes entries of one.
const LEASE: Duration = Duration::from_millis(ELECTION_MAX_MS);
/// For how long a leader may say nothing before its followers do not count on it any more: by then another is elected, if one can be.
const SILENCE_MAX: Duration = Duration::from_secs(2);
/// For how long an entry is waited for once its leader does not lead any more. All in all that is an election's time too.
const HOPE: Duration = Duration::from_secs(1);

impl<M: Machine> Consensus<M> {
    /// Whether this node leads now, and a quorum takes it for the leader.
    pub(crate) fn lead(&self) -> Option<Lead> {
        let term = own_term(&self.figures.borrow_watched())?;
        (term != self.leaders.unfollowed()).then_some(Lead { term })
    }

    /// Who leads, as far as this node knows, and where: whom to ask, even if it is not sure that they live.
    pub(crate) fn leader(&self) -> Option<(NodeId, String)> {
        // Asked for every request that is passed on, so of the core's figures only these two are taken.
        let (leader, membership) = {
            let figures = self.figures.borrow_watched();
            (figures.current_leader?, Arc::clone(&figures.membership_config))
        };
        Some((leader, membership.membership().get_node(&leader)?.address.clone()))
    }

    /// Which other node leads, and in which term, as far as this node knows.
    pub(super) fn led_by_another(&self) -> Option<(NodeId, u64)> {
        let figures = self.figures.borrow_watched();
        let other = figures.current_leader.filter(|leader| *leader != figures.id);
        other.map(|leader| (leader, figures.current_term))
    }

    /// For how long nobody has led, as far as this node knows.
    pub(crate) fn leaderless_for(&self) -> Duration {
        self.leaders.missing_for()
    }

    /// Looks who leads, and tells those who wait for another.
    pub(super) fn look_for_leader(&self) {
        self.was_member();
        let figures = self.figures.borrow_watched().clone();
        if let Some(term) = own_term(&figures) {
            self.leaders.see_own(term, is_followed(&figures), LEASE);
        }
        self.leaders.listen(SILENCE_MAX);
        self.leaders.see(self.trusted_leader(&figures).map(|leader| (figures.current_term, leader)));
    }

    /// Who leads, as far as this node can tell that they still do.
    fn trusted_leader(&self, figures: &RaftMetrics<Types>) -> Option<NodeId> {
        let is_own = own_term(figures).is_some_and(|term| term != self.leaders.unfollowed());
        let other = figures.current_leader.filter(|leader| *leader != figures.id);
        if is_own { Some(figures.id) } else { other.filter(|_leader| !self.leaders.is_silent()) }
    }

    /// Resolves once nobody may hope any more to hear soon what becomes of an entry that this node proposed as the leader: for a while
    /// it has not led in that term, since another leads, or no quorum answers.
    pub(super) async fn given_up(&self, lead: Lead, looks: &mut Interval) {
        let mut last = Instant::now();
        loop {
            looks.tick().await;
            if self.lead() == Some(lead) {
                last = Instant::now();
            } else if HOPE <= last.elapsed() {
                return;
            }
        }
    }

    /// Who is in the group, as of the last change in this node's log.
    pub(crate) fn members(&self) -> Members {
        let membership = Arc::clone(&self.figures.borrow_watched().membership_config);
        let membership = membership.membership();
        Members {
            voters: membership.voter_ids().collect(),
            nodes: membership.nodes().map(|(node, peer)| (*node, peer.clone())).collect(),
        }
    }

    /// How many entries a node lacks; none where that is not known, or this node does not lead.
    pub(crate) fn behind(&self, node: NodeId) -> Option<u64> {
        let metrics = self.figures.borrow_watched().clone();
        let has = metrics.replication?.get(&node).copied()?;
        let has = has.map_or(0, |log_id| log_id.index + 1);
        Some((metrics.last_log_index? + 1).saturating_sub(has))
    }

    /// Whether a node is known to have anything of the log; not where this node does not lead.
    pub(crate) fn has_begun(&self, node: NodeId) -> bool {
        let replication = self.figures.borrow_watched().replication.clone();
        replication.is_some_and(|logs| logs.get(&node).is_some_and(Option::is_some))
    }

    /// The group as it stands.
    pub(crate) fn status(&self) -> Status {
        let figures = self.figures.borrow_watched().clone();
        let role = match figures.state {
            ServerState::Leader if self.lead().is_some() => Role::Leader,
            // One without a quorum would like to lead, and does not.
            ServerState::Leader | ServerState::Candidate => Role::Candidate,
            ServerState::Follower => Role::Follower,
            ServerState::Learner => Role::Learner,
            ServerState::Shutdown => Role::Stopped,
        };
        let index = |log_id: Option<LogId>| Index(log_id.map_or(0, |log_id| log_id.index));
        Status {
            role: if figures.running_state.is_ok() { role } else { Role::Stopped },
            leader: self.trusted_leader(&figures),
            term: figures.current_term,
            last: Index(figures.last_log_index.unwrap_or(0)),
            committed: index(figures.cluster_committed),
            applied: index(figures.last_applied),
            checkpointed: self.replica.marked().unwrap_or(Index(0)),
            purged: index(figures.purged),
            level: self.level_applied().unwrap_or_default(),
        }
    }
}

/// The term in which this node leads, as its core sees it.
fn own_term(figures: &RaftMetrics<Types>) -> Option<u64> {
    let Vote { leader_id, committed } = &figures.vote;
    let is_own = *committed && leader_id.voted_for == figures.id && figures.state == ServerState::Leader;
    is_own.then_some(leader_id.term)
}

/// Whether a quorum has lately taken this node for the leader; its own word may be one.
fn is_followed(figures: &RaftMetrics<Types>) -> bool {
    let acked = figures.last_quorum_acked.map(SerdeInstant::into_inner);
    let voters = figures.membership_config.membership().get_joint_config();
    acked.is_some_and(|acked| acked.elapsed() < LEASE)
        || voters.iter().all(|voters| voters.len() == 1 && voters.contains(&figures.id))
}
