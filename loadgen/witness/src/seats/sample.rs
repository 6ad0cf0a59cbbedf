//! How much is judged: all of it in a small house, and of a large one a part that follows from the evidence.

/// How many looks at a seat a slot's searches may cost, about. Counting them costs as many again.
const LOOKS_MAX: u64 = 1_000_000_000;
/// About how often a search looks at every seat, and a count does.
const LOOKS_SEARCH: u64 = 8;
const LOOKS_COUNT: u64 = 4;

/// One in so many.
pub(super) struct Sample {
    every: u64,
    taken: u64,
    seen: u64,
}

impl Sample {
    pub(super) fn of_searches(seats: usize, records: usize) -> Self {
        Self::within(seats as u64 * records as u64 * LOOKS_SEARCH)
    }

    pub(super) fn of_counts(seats: usize, records: usize) -> Self {
        Self::within(seats as u64 * records as u64 * LOOKS_COUNT)
    }

    fn within(looks: u64) -> Self {
        Self { every: looks.div_ceil(LOOKS_MAX).max(1), taken: 0, seen: 0 }
    }

    /// Whether this one is judged.
    pub(super) fn takes(&mut self, number: u64) -> bool {
        let is_taken = number.is_multiple_of(self.every);
        self.seen += 1;
        self.taken += u64::from(is_taken);
        is_taken
    }

    /// The same, of something that has a name (FNV-1a).
    pub(super) fn takes_named(&mut self, name: &str) -> bool {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.takes(name.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }

    /// What is to be known of it.
    pub(super) fn note(&self, slot: &str) -> Option<String> {
        let Self { every, taken, seen } = self;
        (*every > 1).then(|| {
            format!("{slot}: of {seen} searches for the best seats {taken} were made again, one in {every}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOKS_COUNT, LOOKS_MAX, LOOKS_SEARCH, Sample};

    #[test]
    fn a_small_house_is_judged_whole() {
        let seats = usize::try_from(LOOKS_MAX / LOOKS_SEARCH / 1_000).unwrap();
        for (seats, records, every) in [(0, 0, 1), (seats, 1_000, 1), (seats, 1_001, 2), (seats, 10_000, 10)]
        {
            assert_eq!(Sample::of_searches(seats, records).every, every, "{seats} {records}");
        }
        assert_eq!(Sample::of_counts(seats, 2_000).every, (2 * LOOKS_COUNT).div_ceil(LOOKS_SEARCH));
        let mut sample = Sample::of_searches(seats, 2_000);
        let taken = (0..1_000).filter(|name| sample.takes_named(&format!("bkg_{name}"))).count();
        assert!((400..600).contains(&taken), "{taken}");
        assert!(sample.note("slot").is_some_and(|note| note.contains("of 1000")));
    }
}
