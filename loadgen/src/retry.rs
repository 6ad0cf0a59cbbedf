//! When to ask again, and how long to wait first.
//!
//! A request is repeated, always with its key, until its answer is final. The waits grow, differ from one another so
//! that customers do not come back as one, and are never so long that a node which has come back stays idle.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;

/// The first wait.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
/// The longest wait of our own.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// The longest wait that a `Retry-After` is granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(2);

const _: () = assert!(PAUSE_FIRST.as_millis() < PAUSE_MAX.as_millis());
const _: () = assert!(PAUSE_MAX.as_millis() <= RETRY_AFTER_MAX.as_millis());

/// Whether an answer with this status settles a request. After 408, 429 and all of 5xx the same request is asked
/// again: it was not tried, or nobody knows.
pub(crate) const fn is_final(status: u16) -> bool {
    !matches!(status, 408 | 429 | 500..)
}

/// Waits that double.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait, between a half and the whole of what it has grown to.
    pub(crate) fn pause(&mut self, rng: &mut SmallRng) -> Duration {
        let whole = PAUSE_FIRST.saturating_mul(1 << self.failures.min(16)).min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        rng.random_range(whole / 2..=whole)
    }

    /// The next wait where the server may have named one.
    pub(crate) fn pause_asked(&mut self, retry_after: Option<Duration>, rng: &mut SmallRng) -> Duration {
        let pause = self.pause(rng);
        retry_after.map_or(pause, |asked| asked.min(RETRY_AFTER_MAX).max(pause))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::{Backoff, Duration, PAUSE_FIRST, PAUSE_MAX, RETRY_AFTER_MAX, SmallRng, is_final};

    #[test]
    fn only_answers_that_nobody_decided_are_asked_again() {
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert!(!is_final(status), "{status}");
        }
        for status in [200, 201, 202, 400, 401, 403, 404, 409, 410, 413, 422] {
            assert!(is_final(status), "{status}");
        }
    }

    #[test]
    fn waits_grow_to_a_bound() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut backoff = Backoff::default();
        assert!(backoff.pause(&mut rng) <= PAUSE_FIRST);
        for _failure in 0..100 {
            assert!(backoff.pause(&mut rng) <= PAUSE_MAX);
        }
        assert!(backoff.pause(&mut rng) >= PAUSE_MAX / 2);
        let asked = |ms| {
            Backoff::default().pause_asked(Some(Duration::from_millis(ms)), &mut SmallRng::seed_from_u64(1))
        };
        assert_eq!(asked(1_500), Duration::from_millis(1_500));
        assert_eq!(asked(60_000), RETRY_AFTER_MAX);
        assert!(asked(0) > Duration::ZERO);
    }
}
