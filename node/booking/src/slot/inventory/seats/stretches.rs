//! How many stretches there are of each length, so that what cannot be found is not looked for.

use super::bits::{BLOCK_MAX, bit, places};

/// Stretches by their length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretches {
    /// How many there are of one seat, of two, and so on.
    of_length: [u32; BLOCK_MAX as usize],
    /// Of which lengths there are any: the first bit is for one seat.
    lengths: u128,
}

impl Stretches {
    /// None.
    pub(super) const fn new() -> Self {
        Self { of_length: [0; BLOCK_MAX as usize], lengths: 0 }
    }

    /// Adds one.
    pub(super) fn add(&mut self, length: u32) {
        self.of_length[length as usize - 1] += 1;
        self.lengths |= bit(length - 1);
    }

    /// Takes one away.
    pub(super) fn remove(&mut self, length: u32) {
        let count = &mut self.of_length[length as usize - 1];
        *count = count.checked_sub(1).expect("a stretch that goes was there");
        if *count == 0 {
            self.lengths &= !bit(length - 1);
        }
    }

    /// How long the longest is.
    pub(super) fn longest(&self) -> u32 {
        BLOCK_MAX - self.lengths.leading_zeros()
    }

    /// How many blocks of so many seats, one at least, there are room for at once.
    pub(super) fn room_for(&self, size: u32) -> u32 {
        let long_enough = places(self.lengths >> (size - 1) << (size - 1));
        long_enough.map(|length| self.of_length[length as usize] * ((length + 1) / size)).sum()
    }
}
