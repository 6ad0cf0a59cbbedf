//! What a voucher is to a slot: which of its merchant's it is, for which products, and how much less they cost with it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Which of a merchant's vouchers it is: 1, 2, 3, in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VoucherNumber(pub u64);

/// What a place costs with a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// So much, in minor units, if it costs more without.
    Set(u64),
    /// So much less, and never less than nothing.
    Subtract(u64),
    /// So many hundredths less; what is left is rounded down.
    Percent(u8),
}

/// What a merchant says to a slot of the voucher with which something is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherTerms {
    /// Which it is.
    pub number: VoucherNumber,
    /// How much less its places cost; none where it only lets in.
    pub off: Option<Off>,
    /// The keys of the products that it is for; of all, where there are none.
    pub products: Vec<Box<str>>,
}

/// What becomes of the uses of a voucher. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Uses {
    /// They come back: nothing was confirmed.
    Back,
    /// They stay used.
    Kept,
}

impl Off {
    /// What a place costs that costs this without.
    pub fn of(self, price: u64) -> u64 {
        match self {
            Self::Set(amount) => price.min(amount),
            Self::Subtract(amount) => price.saturating_sub(amount),
            Self::Percent(percent) => {
                let left = u128::from(100_u8.saturating_sub(percent));
                u64::try_from(u128::from(price) * left / 100).expect("a part of a price is no more than it")
            }
        }
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        match self {
            Self::Set(amount) => digest.word(0_u32).word(amount),
            Self::Subtract(amount) => digest.word(1_u32).word(amount),
            Self::Percent(percent) => digest.word(2_u32).word(percent),
        }
    }
}

impl VoucherTerms {
    /// Whether it is for places of this product, or of none in particular.
    pub(crate) fn fits(&self, product: Option<&str>) -> bool {
        self.products.is_empty()
            || product.is_some_and(|product| self.products.iter().any(|other| **other == *product))
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.word(self.number.0).option(self.off, |digest, off| off.digest(digest));
        let digest = digest.word(self.products.len() as u64);
        self.products.iter().fold(digest, |digest, product| digest.text(product))
    }
}

#[cfg(test)]
mod tests {
    use super::Off;

    #[test]
    fn a_place_costs_less_and_never_less_than_nothing() {
        let rows = [
            (Off::Set(500), 1_200, 500),
            (Off::Set(500), 300, 300),
            (Off::Subtract(500), 1_200, 700),
            (Off::Subtract(500), 300, 0),
            (Off::Percent(10), 999, 899),
            (Off::Percent(33), 100, 67),
            (Off::Percent(100), 1_200, 0),
            (Off::Percent(0), 1_200, 1_200),
            (Off::Percent(50), u64::MAX, u64::MAX / 2),
        ];
        for (off, price, expected) in rows {
            assert_eq!(off.of(price), expected, "{off:?} of {price}");
        }
    }
}
