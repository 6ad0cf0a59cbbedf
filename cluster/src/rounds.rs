//! A node's groups propose in rounds, so that the entries of all of them share a sync: each group has one entry under way, and
//! without this their entries would reach the disk at as many moments as there are groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The rounds of one node. A round is over once this node's disk has all its entries, whatever its peers do: so no group waits
/// for another's quorum.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// Entries that this node's disk does not have yet.
    under_way: AtomicUsize,
    over: Notify,
}

/// One entry's part in a round, until it is dropped.
#[derive(Debug)]
pub(crate) struct Part(Arc<Rounds>);

impl Rounds {
    /// An entry that is under way from now on.
    pub(crate) fn begin(self: &Arc<Self>) -> Part {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        Part(Arc::clone(self))
    }

    /// Waits until the round is over that is under way, if one is.
    pub(crate) async fn over(&self) {
        loop {
            let over = self.over.notified();
            if self.under_way.load(Ordering::Acquire) == 0 {
                return;
            }
            over.await;
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.0.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.over.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_round_is_over_with_its_last_entry() {
        let rounds = Arc::<Rounds>::default();
        rounds.over().await;
        let (first, second) = (rounds.begin(), rounds.begin());
        let mut over = std::pin::pin!(rounds.over());
        assert!(over.as_mut().now_or_never().is_none());
        drop(first);
        assert!(over.as_mut().now_or_never().is_none());
        drop(second);
        over.await;
    }
}
