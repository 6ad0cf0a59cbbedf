//! The slots in which one customer has booked, wherever they are: a view of each group, which is read from the disk when somebody first
//! asks for it, and kept up to date from then on.

use std::sync::Arc;

use booking::SlotId;
use storage::{GroupId, Index};
use tokio::runtime::Handle;

use super::{Router, Unrouted};
use crate::apart::apart;
use crate::machine::{Shard, ShardMachine};
use crate::permits::Lane;
use crate::saved;
use crate::views::customers::{Answer, Generation};

/// Bookings that are read before others have a turn at the disk.
const READ_AT_ONCE: usize = 1_024;

impl Router {
    /// The slots of a group, or of all, in which a customer may have booked: none is missing of which a booking was acknowledged before
    /// this call.
    pub(crate) async fn slots_of(
        &self,
        customer: &str,
        group: Option<GroupId>,
    ) -> Result<Vec<SlotId>, Unrouted> {
        let _permit = self.permit(Lane::Reader)?;
        self.catch_up(group).await?;
        let mut slots = Vec::new();
        for open in self.shards.groups() {
            if group.is_none_or(|group| group == open.id()) {
                slots.extend(self.slots_of_group(&open, customer).await?);
            }
        }
        Ok(slots)
    }

    async fn slots_of_group(
        &self,
        group: &Arc<cluster::Group<ShardMachine>>,
        customer: &str,
    ) -> Result<Vec<SlotId>, Unrouted> {
        let shard = &group.machine().0;
        loop {
            let changed = shard.customers().changed();
            match shard.slots_of(customer) {
                Answer::In(slots) => return Ok(slots),
                Answer::TooMuch => return Err(Unrouted::Overloaded),
                Answer::Later => {}
                Answer::Read(generation) => {
                    // Whoever asks may be gone before it is read.
                    let (router, group) = (self.clone(), Arc::clone(group));
                    Handle::current().spawn(async move { router.read_customers(&group, generation).await });
                }
            }
            changed.await;
        }
    }

    /// Reads of whom all bookings of a group are that were made before.
    async fn read_customers(&self, group: &cluster::Group<ShardMachine>, generation: Generation) {
        let shard = &group.machine().0;
        let read = match group.checkpoint().await {
            Ok(Index(_)) => self.read_saved(shard, generation).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = &read {
            tracing::error!(group = %group.id(), error, "who has booked cannot be read");
        }
        shard.customers().end_reading(generation, read.is_ok());
    }

    async fn read_saved(&self, shard: &Shard, generation: Generation) -> Result<(), saved::Unreadable> {
        let customers = shard.customers();
        let mut last = None;
        loop {
            let note = |customer: &str, slot| customers.note_read(generation, customer, slot);
            let read = || apart(|| saved::customers(shard.state(), last.take(), READ_AT_ONCE, note));
            last = self.read_apart(read).await?;
            if last.is_none() {
                return Ok(());
            }
        }
    }
}
