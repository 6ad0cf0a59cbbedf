//! What the writer counts, to be published by the store's owner.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the store was opened. They only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Batches handed to RocksDB. `writes / batches` is what group commit saves.
    pub batches: u64,
    /// Syncs of the write-ahead log.
    pub syncs: u64,
    /// Writes taken from the queue.
    pub writes: u64,
    /// Their payload and keys, in bytes.
    pub bytes: u64,
    /// The most writes that ever waited at once.
    pub queue_depth_max: u64,
    /// Times that the watermark was written and synced.
    pub watermarks: u64,
}

/// The same, while it is counted. The numbers guard nothing, so their order among each other does not matter.
#[derive(Default)]
pub(super) struct Counters {
    batches: AtomicU64,
    syncs: AtomicU64,
    writes: AtomicU64,
    bytes: AtomicU64,
    queue_depth_max: AtomicU64,
    watermarks: AtomicU64,
}

impl Counters {
    /// This many writes wait now.
    pub(super) fn queued(&self, depth: usize) {
        self.queue_depth_max.fetch_max(depth as u64, Ordering::Relaxed);
    }

    /// A batch of writes was handed to RocksDB.
    pub(super) fn batch(&self, writes: usize, bytes: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The write-ahead log was synced.
    pub(super) fn sync(&self) {
        self.syncs.fetch_add(1, Ordering::Relaxed);
    }

    /// The watermark was written and synced.
    pub(super) fn watermark(&self) {
        self.watermarks.fetch_add(1, Ordering::Relaxed);
    }

    /// The numbers as they are now.
    pub(super) fn read(&self) -> Stats {
        Stats {
            batches: self.batches.load(Ordering::Relaxed),
            syncs: self.syncs.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            queue_depth_max: self.queue_depth_max.load(Ordering::Relaxed),
            watermarks: self.watermarks.load(Ordering::Relaxed),
        }
    }
}
