//! What nobody may read any more leaves the disk: the records of a feed, 90 days after their slot has ended.
//!
//! Each node does so for itself, by the time of its groups' logs. Nothing depends on when: from that day on the feed is refused.

use std::sync::Weak;
use std::time::Duration;

use booking::{Definition, SlotId, Timestamp};
use cluster::{Cluster, State};
use storage::Change;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::machine::Replicated;
use crate::saved::{self, Unreadable};

/// How long the records of a feed are kept after the end of their slot, in seconds.
const FEED_KEPT_SECONDS: u32 = 90 * 24 * 60 * 60;
/// Between two rounds over all slots.
const EVERY: Duration = Duration::from_hours(6);
/// Pages of a feed, or parts of one, that leave in one write.
const PAGES_AT_ONCE: usize = 64;

/// From when on the feed of a slot is gone.
pub(crate) fn feed_kept_until(definition: &Definition) -> Timestamp {
    definition.ends_at.plus_seconds(FEED_KEPT_SECONDS)
}

/// Looks after all groups, for as long as there is a cluster.
pub(crate) async fn tend(cluster: Weak<Cluster<Replicated>>) {
    let mut rounds = interval_at(Instant::now() + EVERY, EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(cluster) = cluster.upgrade() else { return };
        for group in cluster.groups() {
            match forget_feeds(group.machine().0.state(), Timestamp(group.stamp().0)).await {
                Ok(0) => {}
                Ok(pages) => {
                    tracing::info!(group = %group.id(), pages, "feeds of slots long over have left the disk");
                }
                // Whoever reads the same is told so, and the node ends if it cannot do without.
                Err(unreadable) => {
                    tracing::error!(group = %group.id(), %unreadable, "old feeds stay on the disk");
                }
            }
        }
    }
}

/// Removes the feeds that are gone by now; how many pages that were.
pub(crate) async fn forget_feeds(state: &State, now: Timestamp) -> Result<usize, Unreadable> {
    let mut gone: Vec<SlotId> = Vec::new();
    saved::heads(state, |slot, head| {
        if feed_kept_until(&head.header.definition) <= now {
            gone.push(slot);
        }
    })?;
    let mut removed = 0;
    for slot in gone {
        let mut pages = saved::feed_pages(state, slot, PAGES_AT_ONCE)?;
        while !pages.is_empty() {
            removed += pages.len();
            let removals = pages.into_iter().map(|key| Change::Remove { key }).collect();
            let (done, written) = oneshot::channel();
            state.save(removals, Box::new(|result| drop(done.send(result))));
            // A store that has gone takes the process with it.
            written.await.unwrap_or(Ok(()))?;
            pages = saved::feed_pages(state, slot, PAGES_AT_ONCE)?;
        }
    }
    Ok(removed)
}
