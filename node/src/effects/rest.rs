//! How long whoever was not heard rests before the next attempt.

use std::time::Duration;

use crate::chance::Chance;

/// After the first attempt, at most.
const FIRST: Duration = Duration::from_millis(100);
/// After many, at most.
const LONGEST: Duration = Duration::from_secs(5);

/// The rests between the attempts of one intent: each up to twice as long as the one before.
pub(super) struct Rests {
    most: Duration,
}

impl Rests {
    pub(super) fn new() -> Self {
        Self { most: FIRST }
    }

    /// The next rest: half of what it may be at least, so that those who failed together do not come back together.
    pub(super) fn next(&mut self, chance: &dyn Chance) -> Duration {
        let half = self.most / 2;
        self.most = (2 * self.most).min(LONGEST);
        half + half * u32::from(u16::from_le_bytes(chance.bytes())) / u32::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always the same byte.
    struct Loaded(u8);

    impl Chance for Loaded {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn rests_grow_from_fifty_milliseconds_to_five_seconds() {
        let rests = |byte| {
            let mut rests = Rests::new();
            (0..9).map(|_attempt| rests.next(&Loaded(byte)).as_millis()).collect::<Vec<_>>()
        };
        assert_eq!(rests(0), [50, 100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500]);
        assert_eq!(rests(0xFF), [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    }
}
