//! What operators have done to the cluster: nodes that leave, leaders that move.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use storage::GroupId;

use super::Cluster;
use crate::error::OperatorError;
use crate::forming;
use crate::group::Group;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::placement::{self, LeaderMove, Led, Site, Standing, World};
use crate::requests::{HandOver, Reply, Request};
use crate::roll::Sighting;

/// A leader was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// The term in which the group is led now.
    pub term: u64,
    /// For how long nobody led, as far as the node knows that led before.
    pub unanswered: Duration,
}

impl<M: Machine> Cluster<M> {
    /// Removes a node from the cluster, wherever group 0 is led. Of a node that is no member any more nothing is asked.
    ///
    /// # Errors
    ///
    /// Why it was not, in words for an operator.
    pub async fn remove(&self, node: NodeId) -> Result<(), OperatorError> {
        let reply = self.decided(&Request::Remove { node }).await;
        if reply == Reply::Done { Ok(()) } else { Err(refusal(reply)) }
    }

    /// Lets another node lead a group, wherever it is led: only if it is led as whoever asks believes. Of a group that the other leads
    /// already nothing is asked.
    ///
    /// # Errors
    ///
    /// Why it does not, in words for an operator.
    pub async fn hand_over(&self, wanted: HandOver) -> Result<HandedOver, OperatorError> {
        let reply = self.decided(&Request::HandOver(wanted)).await;
        let Reply::HandedOver { term, unanswered_ms } = reply else { return Err(refusal(reply)) };
        Ok(HandedOver { term, unanswered: Duration::from_millis(unanswered_ms) })
    }

    /// What becomes of a request, here or at the node to which this one points.
    pub(super) async fn decided(&self, request: &Request) -> Reply {
        let reply = forming::decide(&self.serving.gate, request).await;
        let Reply::Elsewhere(address) = reply else { return reply };
        forming::ask_around(&self.peers, &[address], request).await.unwrap_or_else(Reply::Later)
    }

    /// The moves after which leaders are spread evenly over the nodes that can be reached, as far as this node knows.
    pub fn leader_moves(&self) -> Vec<LeaderMove> {
        let sightings = self.sightings();
        let is_heard = |node: &NodeId| sightings.get(node).is_some_and(|seen| seen.silent.is_none());
        let led = |group: &Arc<Group<M>>| {
            let status = group.status();
            let fit = group.members().voters.into_iter().filter(is_heard).collect();
            Some(Led { group: group.id(), leader: status.leader?, term: status.term, fit })
        };
        placement::balance(&self.groups().iter().filter_map(led).collect::<Vec<_>>())
    }

    /// Where replicas are, and where they may be, as far as this node knows: so many of each group, and none on these nodes.
    pub fn world(&self, replicas: usize, without: &BTreeSet<NodeId>) -> World {
        let mut sightings = self.sightings();
        let site = |node: NodeId| {
            let Sighting { silent, zone, .. } = sightings.remove(&node).unwrap_or_default();
            let standing = match silent {
                _ if without.contains(&node) => Standing::Drains,
                Some(_long) => Standing::Silent,
                None => Standing::Takes,
            };
            (node, Site { zone: zone.unwrap_or_default(), standing })
        };
        let nodes = self.members().nodes.into_keys().map(site).collect();
        let groups = self.table().numbers().map(|group| self.replicas_of(group));
        World { nodes, groups: groups.collect(), replicas }
    }

    /// Who votes in a group, as far as this node knows.
    pub fn voters(&self, group: GroupId) -> BTreeSet<NodeId> {
        match self.table().get(group) {
            Some(open) => open.members().voters,
            None => self.roll.leading().of(group).map(|known| known.voters).unwrap_or_default(),
        }
    }

    /// Who does not vote wherever they are to, as far as this node knows: in each group where the record of placement names them, or in
    /// all where there is no record.
    pub fn not_voting(&self) -> BTreeSet<NodeId> {
        let placement = self.placement();
        let all: BTreeSet<NodeId> = self.members().nodes.into_keys().collect();
        let named = |group| placement.as_deref().map_or(Some(&all), |placement| placement.of(group));
        let groups = self.table().numbers().filter_map(|group| Some((group, named(group)?)));
        groups.flat_map(|(group, named)| named - &self.voters(group)).collect()
    }

    /// Who has a replica of a group, as far as this node knows; of group 0, which every node follows, who votes.
    fn replicas_of(&self, group: GroupId) -> BTreeSet<NodeId> {
        match self.table().get(group) {
            Some(_open) if group == GroupId(0) => self.voters(group),
            Some(open) => open.members().nodes.into_keys().collect(),
            None => match self.roll.leading().of(group) {
                Some(known) => known.members,
                None => self.serving.gate.placed(group).unwrap_or_default(),
            },
        }
    }
}

/// Why what was asked for was not done.
pub(super) fn refusal(reply: Reply) -> OperatorError {
    match reply {
        Reply::Changed(why) => OperatorError::Changed(why),
        Reply::Never(why) => OperatorError::Never(why),
        Reply::Later(why) => OperatorError::Later(why),
        Reply::Welcome(_)
        | Reply::Done
        | Reply::Elsewhere(_)
        | Reply::Report(_)
        | Reply::Zone(_)
        | Reply::Leading(_)
        | Reply::HandedOver { .. } => {
            OperatorError::Later("who decides this has changed meanwhile; ask again".to_owned())
        }
    }
}
