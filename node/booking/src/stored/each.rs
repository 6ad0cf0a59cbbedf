//! Many at once.

use alloc::vec::Vec;

/// Each of these as what it is the shape of, or the other way round.
pub(super) fn each<From, To: core::convert::From<From>>(all: Vec<From>) -> Vec<To> {
    all.into_iter().map(To::from).collect()
}
