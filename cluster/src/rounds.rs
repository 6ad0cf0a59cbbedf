//! A node's groups propose in rounds, so that the entries of all of them share a sync: each group has one entry under way, and
//! without this their entries would reach the disk at as many moments as there are groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How often others run before a round begins. Without, a proposer takes the first request alone and appends tens of thousands of
/// entries a second; with eight it finds what is being asked at the same moment, and what those ask again who were answered in the
/// last round.
const YIELDS: usize = 8;

/// The rounds of one node. A round is over once this node's disk has all its entries, whatever its peers do: so no group waits
/// for another's quorum.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// Entries that this node's disk does not have yet.
    under_way: AtomicUsize,
    over: Notify,
    /// Whether anyone waits for the next round.
    wanted: AtomicBool,
    asked: Notify,
    begins: Notify,
}

/// Keeps a round open for one entry, until the guard is dropped.
#[derive(Debug)]
pub(crate) struct RoundGuard(Arc<Rounds>);

impl Rounds {
    /// Starts a round whenever one is wanted and the last one is over, for ever. One task does so for all groups: if each group
    /// started its own, the rounds would begin at as many moments as there are groups.
    pub(crate) async fn start_all(&self) {
        loop {
            self.asked.notified().await;
            self.over().await;
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
            }
            // Before any proposer is woken: each must ask anew for the round after this one.
            self.wanted.store(false, Ordering::Release);
            self.begins.notify_waiters();
        }
    }

    /// Waits for the next round to begin.
    pub(crate) async fn next(&self) {
        let begins = self.begins.notified();
        if !self.wanted.swap(true, Ordering::AcqRel) {
            self.asked.notify_one();
        }
        begins.await;
    }

    /// An entry that is under way from now on.
    pub(crate) fn join(self: &Arc<Self>) -> RoundGuard {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        RoundGuard(Arc::clone(self))
    }

    /// Waits until the round is over that is under way, if one is.
    async fn over(&self) {
        loop {
            let over = self.over.notified();
            if self.under_way.load(Ordering::Acquire) == 0 {
                return;
            }
            over.await;
        }
    }
}

impl Drop for RoundGuard {
    fn drop(&mut self) {
        if self.0.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.over.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::join;
    use tokio::task::coop::unconstrained;
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn a_round_begins_for_all_who_want_one_when_the_last_is_over() {
        let rounds = Arc::<Rounds>::default();
        let mut starter = std::pin::pin!(rounds.start_all());
        let mut start = || {
            for _ in 0..2 * YIELDS {
                assert!(unconstrained(starter.as_mut()).now_or_never().is_none());
            }
        };
        for entries in [0, 1, 3] {
            let mut parts = (0..entries).map(|_| rounds.join()).collect::<Vec<_>>();
            // One that does not wait to the end keeps nobody.
            assert!(rounds.next().now_or_never().is_none());
            let mut both = std::pin::pin!(join(rounds.next(), rounds.next()));
            assert!(both.as_mut().now_or_never().is_none());
            while !parts.is_empty() {
                start();
                assert!(both.as_mut().now_or_never().is_none(), "{} of {entries} are under way", parts.len());
                parts.pop();
            }
            start();
            assert!(both.as_mut().now_or_never().is_some(), "of {entries} none is under way");
        }
    }

    #[tokio::test]
    async fn others_run_before_a_round_begins() {
        let rounds = Arc::<Rounds>::default();
        let starter = tokio::runtime::Handle::current().spawn({
            let rounds = Arc::clone(&rounds);
            async move { rounds.start_all().await }
        });
        let mut turns = 0;
        let others = async {
            loop {
                turns += 1;
                yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = rounds.next() => {}
            () = others => {}
        }
        starter.abort();
        assert!(YIELDS <= turns, "{turns}");
    }
}
