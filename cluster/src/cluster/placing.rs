//! Where replicas are to be, as group 0 remembers it.

use std::sync::Arc;

use super::Cluster;
use crate::error::OperatorError;
use crate::machine::Machine;
use crate::placement::Placement;

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
}
