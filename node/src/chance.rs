//! Where everything random comes from: the system's own source, or a simulation's seed. Nothing that is replicated asks for
//! it: what chance decides is decided here, and travels in the command.

use rand::Rng as _;

/// A source of random bytes.
pub(crate) trait Chance: Send + Sync {
    /// Fills `bytes`, so that nobody can guess them.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Chance + '_ {
    /// So many random bytes.
    pub(crate) fn bytes<const LEN: usize>(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        self.fill(&mut bytes);
        bytes
    }

    /// A random number of 128 bits.
    pub(crate) fn number(&self) -> u128 {
        u128::from_be_bytes(self.bytes())
    }
}

/// The system's own source.
pub(crate) struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// What tests draw: from a seed, so that they draw the same again.
#[cfg(test)]
pub(crate) mod dice {
    pub(crate) use rand::rngs::SmallRng;
    pub(crate) use rand::seq::IndexedRandom;
    pub(crate) use rand::{RngExt, SeedableRng};
}
