//! How fast those who watch are told: what all of them cost together is bounded, however many they are, of whatever house, and however
//! much there is to tell. So the more watch and the faster a house sells, the longer it takes until each is told again, and the more
//! each is told at once; and what is left of the node is for those who buy.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

/// How many bytes all who watch are told in a second, at most: a node's share of a network, and a few parts in a hundred of a core.
const BYTES_PER_SECOND: u64 = 32 << 20;
/// What an event costs besides, in bytes: a task is woken, and the kernel called. Of short ones 4,096 a second are told.
const EVENT_COST: u64 = 8 << 10;
/// Whoever is called tells meanwhile: only then is known what it costs.
const STEP: Duration = Duration::from_millis(1);

/// What those who watch were told.
pub(crate) struct Pace {
    began: Instant,
    /// Until when that takes at this pace, in microseconds from the beginning.
    until_us: AtomicU64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { began: Instant::now(), until_us: AtomicU64::new(0) }
    }
}

impl Pace {
    /// Somebody was told so many bytes.
    pub(crate) fn told(&self, bytes: usize) {
        let cost_us = (EVENT_COST + bytes as u64) * 1_000_000 / BYTES_PER_SECOND;
        let now_us = u64::try_from(self.began.elapsed().as_micros()).expect("so long no process lives");
        let later = |until_us: u64| Some(until_us.max(now_us) + cost_us);
        self.until_us.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).expect("it is always later");
    }

    /// Waits until more may be told.
    pub(super) async fn rest(&self) {
        sleep(STEP).await;
        sleep_until(self.began + Duration::from_micros(self.until_us.load(Ordering::Relaxed))).await;
    }
}
