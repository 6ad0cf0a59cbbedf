//! Changes of who is in a group and who leads it, and why one cannot be made, in words for an operator.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use openraft::ChangeMembers;
use openraft::errors::{ChangeMembershipError, ClientWriteError, RaftError};
use tokio::time::Instant;

use super::raft::Consensus;
use super::type_config::Types;
use crate::machine::Machine;
use crate::members::{NodeId, Peer};

/// How long a change of members may take: it waits for a quorum, old or new.
const CHANGE: Duration = Duration::from_secs(10);
/// How long another node may take to lead in this one's place, and how often that is looked for.
const HAND_OVER: Duration = Duration::from_secs(1);
const HANDED_LOOK: Duration = Duration::from_millis(5);
/// Entries that a node may lack when it is asked to lead: it takes over once it has synced them.
const ON_THE_WAY_MAX: u64 = 8;

impl<M: Machine> Consensus<M> {
    /// A number that no node ever had: the index of an entry that says nothing else.
    pub(crate) async fn new_number(&self) -> Result<NodeId, String> {
        let written = tokio::time::timeout(CHANGE, self.raft.write_blank()).await.map_err(|_late| late())?;
        written.map(|written| written.log_id.index).map_err(|error| self.objection(&error))
    }

    /// Takes a node in, without a vote, or notes what is new of it.
    pub(crate) async fn admit(&self, node: NodeId, peer: &Peer) -> Result<(), String> {
        let known = BTreeMap::from([(node, peer.clone())]);
        let change = if self.members().nodes.contains_key(&node) {
            ChangeMembers::SetNodes(known)
        } else {
            ChangeMembers::AddNodes(known)
        };
        self.change(change).await
    }

    /// Gives a node a vote.
    pub(crate) async fn promote(&self, node: NodeId) -> Result<(), String> {
        self.change(ChangeMembers::AddVoterIds(BTreeSet::from([node]))).await
    }

    /// Gives a node the vote of another, in one joint change; the other goes on following for as long as nobody sends it away.
    pub(crate) async fn replace(&self, old: NodeId, new: NodeId) -> Result<(), String> {
        let mut voters = self.members().voters;
        voters.remove(&old);
        voters.insert(new);
        self.change(ChangeMembers::ReplaceAllVoters(voters)).await
    }

    /// Takes a node's vote away: it goes on following.
    pub(crate) async fn unseat(&self, node: NodeId) -> Result<(), String> {
        self.change(ChangeMembers::RemoveVoters(BTreeSet::from([node]))).await
    }

    /// Sends a node away: its vote first, then its place.
    pub(crate) async fn dismiss(&self, node: NodeId) -> Result<(), String> {
        if self.members().voters.contains(&node) {
            self.unseat(node).await?;
        }
        self.change(ChangeMembers::RemoveNodes(BTreeSet::from([node]))).await
    }

    async fn change(&self, change: ChangeMembers<NodeId, Peer>) -> Result<(), String> {
        // Without a vote it stays for as long as nobody sends it away.
        const STAYS_WITHOUT_VOTE: bool = true;
        let changing = self.raft.change_membership(change, STAYS_WITHOUT_VOTE);
        let changed = tokio::time::timeout(CHANGE, changing).await.map_err(|_late| late())?;
        changed.map(drop).map_err(|error| self.objection(&error))
    }

    /// Why the core does not do what it was asked for; its own words are for the log.
    fn objection(&self, error: &RaftError<Types, ClientWriteError<Types>>) -> String {
        tracing::debug!(group = %self.group, %error, "the core refuses");
        match error {
            RaftError::APIError(ClientWriteError::ForwardToLeader(_)) => {
                format!("group {} has another leader, or none with a quorum; ask again", self.group)
            }
            RaftError::APIError(ClientWriteError::ChangeMembershipError(
                ChangeMembershipError::InProgress(_),
            )) => format!(
                "another change of the members of group {} is under way, which waits for a quorum; ask again",
                self.group
            ),
            RaftError::APIError(_) => {
                format!("group {} could not make this change of its members; ask again", self.group)
            }
            RaftError::Fatal(_) => format!("group {} has stopped here; see the node's log", self.group),
        }
    }

    /// Asks the node of these that has most of the log to lead in this node's place, and waits a moment until that node leads.
    /// From the moment that is given back on this node proposes nothing in its term; none where there is nobody to be asked.
    pub(crate) async fn hand_over(&self, to: BTreeSet<NodeId>) -> Option<Instant> {
        let own = *self.raft.node_id();
        let others = to.into_iter().filter(|node| *node != own);
        let behind = others.filter_map(|node| Some((self.behind(node)?, node)));
        let (_entries, next) = behind.min()?;
        self.wait_for(next).await;
        let since = Instant::now();
        if self.raft.trigger().transfer_leader(next).await.is_ok() {
            let handed = async {
                while self.lead().is_some() {
                    tokio::time::sleep(HANDED_LOOK).await;
                }
            };
            // The node that was asked may be gone too: then the others elect one.
            drop(tokio::time::timeout(HAND_OVER, handed).await);
        }
        Some(since)
    }

    /// Waits for another node to lead, for so long at most: which, and in which term.
    pub(crate) async fn another_leads(&self, within: Duration) -> Option<(NodeId, u64)> {
        let led = async {
            loop {
                if let Some(led) = self.led_by_another() {
                    return led;
                }
                tokio::time::sleep(HANDED_LOOK).await;
            }
        };
        tokio::time::timeout(within, led).await.ok()
    }

    /// Waits until a node lacks no more than what is on its way, but not for long.
    async fn wait_for(&self, node: NodeId) {
        let caught_up = async {
            while self.behind(node).is_some_and(|entries| ON_THE_WAY_MAX < entries) {
                tokio::time::sleep(HANDED_LOOK).await;
            }
        };
        // The sale goes on meanwhile. Who is asked all the same catches up first.
        drop(tokio::time::timeout(HAND_OVER, caught_up).await);
    }
}

fn late() -> String {
    format!("no quorum has agreed within {} s; ask again once more nodes can be reached", CHANGE.as_secs())
}
