//! Which parts of a seatmap there are.

use serde::{Deserialize, Serialize};

use crate::limits::{SEATMAP_LEN_MAX, SEATMAP_PART_LEN, SEATMAP_PARTS_MAX};

/// Some of a seatmap's parts, which are numbered from 0: one bit each.
///
/// Packed, so that what holds one is not aligned to 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(Rust, packed(8))]
pub struct Parts(u128);

impl Parts {
    /// All parts of a seatmap of so many bytes; none where there can be no such map.
    pub fn of(len: u32) -> Option<Self> {
        if len == 0 || SEATMAP_LEN_MAX < len {
            return None;
        }
        Some(Self(u128::MAX >> (SEATMAP_PARTS_MAX - len.div_ceil(SEATMAP_PART_LEN))))
    }

    /// How long a part of a seatmap of so many bytes is; none where the map has no such part.
    pub fn part_len(len: u32, number: u8) -> Option<usize> {
        let before = u32::from(number) * SEATMAP_PART_LEN;
        let is_one = Self::of(len)?.contains(number);
        is_one.then(|| (len - before).min(SEATMAP_PART_LEN) as usize)
    }

    /// Whether this part is among them.
    pub fn contains(self, number: u8) -> bool {
        u32::from(number) < SEATMAP_PARTS_MAX && self.0 >> number & 1 == 1
    }

    /// These, and one more, which must be one that a map can have.
    #[must_use]
    pub(crate) fn with(self, number: u8) -> Self {
        assert!(u32::from(number) < SEATMAP_PARTS_MAX, "a part's number was looked at before");
        Self(self.0 | 1 << number)
    }

    /// These, without those.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The bits, for a digest.
    pub(crate) fn bits(self) -> u128 {
        self.0
    }

    /// Their numbers, in order.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |number| self.contains(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_cut_into_whole_parts_and_a_rest() {
        // How long a map is, how many parts it has, and how long the last one is.
        let (whole, max) = (SEATMAP_PART_LEN, SEATMAP_LEN_MAX);
        for (len, count, rest) in [
            (1, 1, 1),
            (whole - 1, 1, whole - 1),
            (whole, 1, whole),
            (whole + 1, 2, 1),
            (max - whole, 127, whole),
            (max - whole + 1, 128, 1),
            (max, 128, whole),
        ] {
            let all = Parts::of(len).expect("within the bounds");
            assert!(all.numbers().eq(0..count), "{len}");
            let mut lens = (0..count).map(|number| Parts::part_len(len, number).expect("it is one"));
            assert_eq!(lens.clone().sum::<usize>(), len as usize);
            assert_eq!(lens.next_back(), Some(rest as usize), "{len}");
            assert_eq!((Parts::part_len(len, count), Parts::part_len(len, u8::MAX)), (None, None));
        }
        assert_eq!((Parts::of(0), Parts::of(max + 1)), (None, None));
        assert_eq!(Parts::part_len(0, 0), None);
    }

    #[test]
    fn parts_are_a_set() {
        let some = Parts::default().with(0).with(127);
        assert!(some.numbers().eq([0, 127]) && !some.is_empty() && !some.contains(128));
        assert!(some.without(Parts::default().with(0)).numbers().eq([127]));
        assert!(some.without(some).is_empty());
    }
}
