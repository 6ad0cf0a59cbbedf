//! Followers that are catching up: while they do, the log keeps what they will need next. Otherwise a follower that got a
//! snapshot would find the log purged behind it, and get another one, for ever.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::members::NodeId;

/// Who has not moved for so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// The followers of one group, as its leader sees them. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Stragglers {
    /// Snapshots on their way.
    sending: Arc<AtomicUsize>,
    /// How far each one's log went when it last moved, and when that was.
    moved: Arc<Mutex<BTreeMap<NodeId, (u64, Instant)>>>,
}

/// A snapshot on its way, until this is dropped.
pub(super) struct Sending(Arc<AtomicUsize>);

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Stragglers {
    /// A snapshot sets out.
    pub(super) fn send(&self) -> Sending {
        self.sending.fetch_add(1, Ordering::Relaxed);
        Sending(Arc::clone(&self.sending))
    }

    /// Whether somebody is catching up who needs entries from before `first`. `logs` says how far everybody's log goes now.
    pub(super) fn need(&self, first: u64, logs: impl Iterator<Item = (NodeId, u64)>) -> bool {
        let now = Instant::now();
        let mut moved = self.moved.lock();
        let mut needed = 0 < self.sending.load(Ordering::Relaxed);
        for (node, end) in logs {
            let (known, at) = moved.entry(node).or_insert((end, now));
            if *known != end {
                (*known, *at) = (end, now);
            }
            needed |= end < first && at.elapsed() < PATIENCE;
        }
        needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_who_moves_is_waited_for() {
        let stragglers = Stragglers::default();
        let need = |end| stragglers.need(100, [(1, 500), (2, end)].into_iter());
        assert!(!need(100), "it has what stays");
        assert!(need(99), "it has just fallen behind");
        for end in 10..15 {
            tokio::time::advance(PATIENCE / 2).await;
            assert!(need(end), "it moves");
        }
        tokio::time::advance(PATIENCE).await;
        assert!(!need(14), "it does not");
        let sending = stragglers.send();
        assert!(need(14), "a snapshot is on its way");
        drop(sending);
        assert!(!need(14));
    }
}
