//! One number that stands for many, the same on every machine: what replicas compare.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A digest being made: each part is mixed into what came before it.
///
/// Parts that can be missing say so, and texts are mixed with their length (the hash sees to it), so no two
/// different lists of parts are the same input.
#[derive(Clone, Copy)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Begins a digest of one kind of thing, so that equal fields of different things differ.
    pub(crate) fn new(kind: &str) -> Self {
        Self(0).text(kind)
    }

    /// Mixes in a number.
    pub(crate) fn word(self, word: impl Into<u64>) -> Self {
        self.bytes(&word.into().to_le_bytes())
    }

    /// Mixes in a number of 128 bits.
    pub(crate) fn wide(self, wide: u128) -> Self {
        self.bytes(&wide.to_le_bytes())
    }

    /// Mixes in a text.
    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Mixes in what may be missing.
    pub(crate) fn option<T>(self, part: Option<T>, mix: impl FnOnce(Self, T) -> Self) -> Self {
        match part {
            None => self.word(0_u64),
            Some(part) => mix(self.word(1_u64), part),
        }
    }

    /// Mixes in bytes.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        Self(xxh3_64_with_seed(bytes, self.0))
    }

    /// The number.
    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}
