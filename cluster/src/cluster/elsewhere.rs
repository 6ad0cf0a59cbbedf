//! What is asked about groups of which this node has no replica.

use std::time::Duration;

use bytes::Bytes;
use storage::GroupId;
use tokio::time::{MissedTickBehavior, interval};

use super::Cluster;
use crate::error::AskError;
use crate::leading::{link_to, link_to_node};
use crate::machine::Machine;
use crate::members::NodeId;
use crate::transport::Kind;

/// How often it is looked whether another leads by now than who was asked.
const LOOK: Duration = Duration::from_millis(200);

impl<M: Machine> Cluster<M> {
    /// Asks whoever leads a group of which this node has no replica, or, at a later attempt, another who has one, what
    /// [`Cluster::answer_with`] has set there, and says who it was. They are waited for until another leads.
    ///
    /// # Errors
    ///
    /// As [`Group::ask_leader`](crate::Group::ask_leader).
    pub async fn ask_elsewhere(
        &self,
        (group, attempt): (GroupId, usize),
        question: Bytes,
        within: Duration,
    ) -> Result<(NodeId, Bytes), AskError> {
        let leading = self.roll.leading();
        let unknown = || AskError::NotAsked("nobody is known to have a replica".to_owned());
        let (node, link) = link_to(&self.serving.gate, leading, group, attempt).ok_or_else(unknown)?;
        let asked = leading.of(group).map(|known| (known.leader, known.term));
        let moved = async {
            let mut looks = interval(LOOK);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while leading.of(group).map(|known| (known.leader, known.term)) == asked {
                looks.tick().await;
            }
        };
        tokio::select! {
            biased;
            answer = link.call(Kind::Question, group, question, within) => Ok((node, answer?)),
            () = moved => Err(AskError::Deposed),
        }
    }

    /// Asks another node what [`Cluster::answer_with`] has set there.
    ///
    /// # Errors
    ///
    /// As [`Group::ask_leader`](crate::Group::ask_leader).
    pub async fn ask_node(&self, node: NodeId, question: Bytes, within: Duration) -> Result<Bytes, AskError> {
        let unknown = || AskError::NotAsked(format!("node {node} is not known"));
        let link = link_to_node(&self.serving.gate, node).ok_or_else(unknown)?;
        Ok(link.call(Kind::Question, GroupId(0), question, within).await?)
    }

    /// Asks every node what it leads: who was asked before does not lead any more.
    pub async fn look_for_leaders(&self) {
        self.roll.leading().look(&self.serving.gate).await;
    }
}
