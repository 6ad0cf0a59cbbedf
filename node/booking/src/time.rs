//! Time as the rules know it: the stamp that a leader wrote into an entry. There is no `now`.

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970 began, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// So many seconds later, or the last moment that can be written.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(milliseconds(seconds)))
    }

    /// So many seconds earlier, or the first moment that can be written.
    #[must_use]
    pub const fn minus_seconds(self, seconds: u32) -> Self {
        Self(self.0.saturating_sub(milliseconds(seconds)))
    }
}

/// Seconds as milliseconds. The widening cannot lose anything; `From` is not const.
const fn milliseconds(seconds: u32) -> u64 {
    seconds as u64 * 1_000
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn time_ends_at_both_ends_instead_of_wrapping() {
        assert_eq!(Timestamp(1_500).plus_seconds(2), Timestamp(3_500));
        assert_eq!(Timestamp(1_500).minus_seconds(1), Timestamp(500));
        assert_eq!(Timestamp(1_500).minus_seconds(2), Timestamp(0));
        assert_eq!(Timestamp(u64::MAX - 1).plus_seconds(u32::MAX), Timestamp(u64::MAX));
    }
}
