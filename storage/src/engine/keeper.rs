//! The second thread: it raises the watermark, beside the hot path. The writer only tells it how far it has
//! synced, under a lock that is almost never contended; the watermark's own fsync delays nobody.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::alarm::Alarm;
use super::stats::Counters;
use super::watermark::Watermark;

/// How far the watermark may trail the syncs of a busy store.
const REST: Duration = Duration::from_millis(100);

/// How far the writer has synced.
pub(super) struct Progress {
    reached: Mutex<Reached>,
    /// Only wakes a keeper that has nothing to do, so that the syncs of a busy store wake nobody.
    moved: Condvar,
    closed: Condvar,
}

struct Reached {
    synced: u64,
    closed: bool,
}

impl Progress {
    /// Nothing is known to be synced beyond `synced`.
    pub(super) fn new(synced: u64) -> Progress {
        let reached = Mutex::new(Reached { synced, closed: false });
        Progress { reached, moved: Condvar::new(), closed: Condvar::new() }
    }

    /// A sync has completed that covers all changes up to this one.
    pub(super) fn synced(&self, sequence: u64) {
        let mut reached = self.reached.lock();
        assert!(reached.synced <= sequence, "what is synced stays so");
        reached.synced = sequence;
        drop(reached);
        self.moved.notify_one();
    }

    /// There will be no more syncs.
    pub(super) fn close(&self) {
        self.reached.lock().closed = true;
        self.moved.notify_one();
        self.closed.notify_one();
    }

    /// Waits, for ever if need be, until more than `written` is synced: an idle store does not wake its disk.
    /// `None` if that will not happen any more.
    fn wait_beyond(&self, written: u64) -> Option<u64> {
        let mut reached = self.reached.lock();
        self.moved.wait_while(&mut reached, |reached| reached.synced <= written && !reached.closed);
        (reached.synced > written).then_some(reached.synced)
    }

    /// Waits for a while, or until there is no more to wait for.
    fn rest(&self) {
        self.closed.wait_while_for(&mut self.reached.lock(), |reached| !reached.closed, REST);
    }
}

/// Raises the watermark until the store is closed and all of it is covered, or the disk fails.
pub(super) fn keep(mut watermark: Watermark, progress: &Progress, alarm: &Arc<Alarm>, counters: &Counters) {
    let _watch = alarm.watch();
    while let Some(sequence) = progress.wait_beyond(watermark.sequence()) {
        if let Err(error) = watermark.raise(sequence) {
            return alarm.ring(&error);
        }
        counters.watermark();
        progress.rest();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::alarm::Alarm;
    use super::super::queue::Queue;
    use super::super::stats::Counters;
    use super::super::watermark::Watermark;
    use super::{Progress, keep};

    #[test]
    fn the_disk_is_woken_only_for_something_new() {
        // Where the watermark stood, how far the store was synced when it closed, how often the disk was
        // asked.
        let rows = [(0, 0, 0), (0, 7, 1), (7, 7, 0), (7, 8, 1)];
        for (before, synced, writes) in rows {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("watermark");
            Watermark::create(&path).unwrap();
            let mut watermark = Watermark::open(&path).unwrap();
            if before > 0 {
                watermark.raise(before).unwrap();
            }

            let progress = Progress::new(before);
            let alarm = Arc::new(Alarm::new(Arc::new(Queue::new()), Box::new(|error| panic!("{error}"))));
            let counters = Counters::default();
            progress.synced(synced);
            progress.close();
            keep(watermark, &progress, &alarm, &counters);

            assert_eq!(counters.read().watermarks, writes, "from {before} to {synced}");
            assert_eq!(Watermark::open(&path).unwrap().sequence(), synced);
        }
    }
}
