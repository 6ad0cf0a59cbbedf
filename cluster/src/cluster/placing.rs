//! Where replicas are to be, as group 0 remembers it.

use std::sync::Arc;

use storage::GroupId;

use super::Cluster;
use super::operator::refusal;
use crate::error::OperatorError;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::mover;
use crate::placement::Placement;
use crate::requests::{Reply, Request};

impl<M: Machine> Cluster<M> {
    /// The record of placement, as far as this node knows; none where every node has every group.
    pub fn placement(&self) -> Option<Arc<Placement>> {
        self.group_zero().placement().borrow().clone()
    }

    /// Writes a record of placement, if this node leads group 0, the level in force has such records, and it follows the one that there
    /// is.
    ///
    /// # Errors
    ///
    /// Why it was not written, or that nobody knows.
    pub async fn write_placement(&self, placement: Placement) -> Result<(), OperatorError> {
        self.group_zero().write_placement(placement).await
    }

    /// How many replicas each group is to have where there are more nodes, as this node is told.
    pub fn replicas(&self) -> usize {
        self.serving.gate.replicas.each
    }

    /// Has a node be emptied of replicas, or take some again, wherever group 0 is led. Of one of which that was said before nothing is
    /// asked.
    ///
    /// # Errors
    ///
    /// Why not, in words for an operator.
    pub async fn drain(&self, node: NodeId, drains: bool) -> Result<(), OperatorError> {
        let reply = self.decided(&Request::Drain { node, drains }).await;
        if reply == Reply::Done { Ok(()) } else { Err(refusal(reply)) }
    }

    /// Of how many groups beside group 0 a node has a replica, as their leaders say; one of which none says anything counts too.
    pub async fn replicas_on(&self, node: NodeId) -> usize {
        let seats = mover::seats(&self.serving.gate).await;
        let others = self.table().numbers().filter(|group| *group != GroupId(0));
        others.filter(|group| seats.get(group).is_none_or(|seated| seated.members.contains(&node))).count()
    }
}
