//! How much there is of what a slot sells, beside what [`Counts`](crate::Counts) say.

use alloc::vec::Vec;

use crate::digest::Digest;

/// How much there is of what a slot sells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoodsView {
    /// The most places that one newcomer could get of one product while the sale is open.
    pub bookable: u32,
    /// How many places of each quota are taken, in the tariff's order.
    pub taken: Vec<u64>,
}

impl GoodsView {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.text("goods").word(self.bookable).word(self.taken.len() as u64);
        self.taken.iter().fold(digest, |digest, &taken| digest.word(taken))
    }
}
