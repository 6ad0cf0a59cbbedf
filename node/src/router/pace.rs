//! How fast those who watch are told: what all of them cost together is bounded, however many they are, of whatever slot, and however
//! much there is to tell. So the more watch and the faster a slot sells, the longer it takes until each is told again, and the more
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
    pub(crate) async fn rest(&self) {
        sleep(STEP).await;
        sleep_until(self.began + Duration::from_micros(self.until_us.load(Ordering::Relaxed))).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_more_is_told_the_longer_it_takes_until_more_may_be() {
        let pace = Pace::default();
        // How many events of how many bytes; and after how many milliseconds the next may come. What was not told before is not made up
        // for afterwards.
        for (events, bytes, rest_ms) in [
            (0, 0, 1),
            (1, 0, 1),
            (1, 256 << 10, 8),
            (400, 0, 97),
            (4_096, 0, 1_000),
            (1, (32 << 20) - (8 << 10), 1_000),
            (2_000, 40_000, 2_872),
            (0, 0, 1),
        ] {
            (0..events).for_each(|_| pace.told(bytes));
            let began = Instant::now();
            pace.rest().await;
            let rested = began.elapsed().as_millis();
            assert!((rest_ms..=rest_ms + 1).contains(&rested), "{events} of {bytes}: {rested}");
            advance(Duration::from_secs(10)).await;
        }
    }
}
