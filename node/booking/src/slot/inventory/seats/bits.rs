//! What lies between two aisles as the bits of one number: bit *i* is the seat *i* places from its beginning.
//!
//! A *stretch* is a maximal run of bits that are set.

use core::ops::Range;

/// The longest that a block can be, in seats.
pub(super) const BLOCK_MAX: u32 = u128::BITS;

/// The first so many bits, all of them at most.
pub(super) const fn ones(count: u32) -> u128 {
    match count {
        0 => 0,
        _ => u128::MAX >> BLOCK_MAX.saturating_sub(count),
    }
}

/// One bit.
pub(super) const fn bit(place: u32) -> u128 {
    1 << place
}

/// Every place from which on so many bits are set, one at least, found by doubling what is known to be set.
pub(super) const fn run_starts(mask: u128, count: u32) -> u128 {
    if BLOCK_MAX < count {
        return 0;
    }
    let mut starts = mask;
    let mut known = 1;
    while known < count {
        let step = if known < count - known { known } else { count - known };
        starts &= starts >> step;
        known += step;
    }
    starts
}

/// The stretches that are one bit long.
pub(super) const fn singles(mask: u128) -> u128 {
    mask & !(mask << 1) & !(mask >> 1)
}

/// Where stretches begin.
pub(super) const fn firsts(mask: u128) -> u128 {
    mask & !(mask << 1)
}

/// Where stretches end.
pub(super) const fn lasts(mask: u128) -> u128 {
    mask & !(mask >> 1)
}

/// The bits that are set, in order.
pub(super) fn places(mut mask: u128) -> impl Iterator<Item = u32> {
    core::iter::from_fn(move || {
        let place = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(place)
    })
}

/// The stretches, in order.
pub(super) fn stretches(mut mask: u128) -> impl Iterator<Item = Range<u32>> {
    core::iter::from_fn(move || {
        let first = (mask != 0).then(|| mask.trailing_zeros())?;
        let end = first + (mask >> first).trailing_ones();
        mask &= !ones(end);
        Some(first..end)
    })
}

/// How long the longest stretch is.
pub(super) fn longest(mask: u128) -> u32 {
    stretches(mask).map(|stretch| stretch.end - stretch.start).max().unwrap_or(0)
}

/// The bits of a range.
pub(super) const fn span(range: &Range<u32>) -> u128 {
    ones(range.end) & !ones(range.start)
}
