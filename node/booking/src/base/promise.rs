//! What a merchant promises to a slot, and what a slot tells of it: numbers, legs and ends. Neither needs to know the other's kind.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::base::voucher::Uses;
use crate::digest::Digest;

/// Which of a merchant's packages it is: 1, 2, 3, in the order in which they were granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageNumber(pub u64);

/// Which of a merchant's promises it is: 1, 2, 3, in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PromiseNumber(pub u64);

/// Which of a merchant's orders it is: 1, 2, 3, in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderNumber(pub u64);

/// So many credits of one package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which package pays.
    pub package: PackageNumber,
    /// How many of its credits.
    pub count: u32,
}

/// What has become of what was promised for one booking, as its slot tells the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Which promise it is about.
    pub promise: PromiseNumber,
    /// Whose it is: the account is found by that.
    pub customer: Box<str>,
    /// What has become of it.
    pub fate: Fate,
}

/// What becomes of what was promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The booking is for fewer: so many credits come back, in reverse order of use, and so many units of the limit and uses of a
    /// voucher.
    Fewer {
        /// How many credits.
        credits: u32,
        /// How many units of the limit.
        units: u32,
        /// How many uses of a voucher.
        uses: u32,
    },
    /// The booking is over, and what is still reserved comes back.
    Released {
        /// How long what comes back is good for at least, in seconds from when it does.
        grace_seconds: u32,
        /// What becomes of the uses of a voucher.
        uses: Uses,
    },
    /// What was booked has begun: the credits are spent. The booking lives on.
    Spent,
    /// The booking is over, and the credits are spent all the same.
    Forfeited,
    /// The booking is over after its credits were spent, and not by its customer: as many are granted anew.
    GivenBack {
        /// What was spent for it.
        legs: Vec<Leg>,
        /// How long that is good for at least, in seconds from when it is granted.
        grace_seconds: u32,
    },
}

impl Leg {
    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        digest.word(self.package.0).word(self.count)
    }

    /// Mixes these into a digest.
    pub(crate) fn digest_all(legs: &[Self], digest: Digest) -> Digest {
        legs.iter().fold(digest.word(legs.len() as u64), |digest, leg| leg.digest(digest))
    }
}

impl Fate {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Fewer { credits, units, uses } => {
                digest.word(0_u32).word(*credits).word(*units).word(*uses)
            }
            Self::Released { grace_seconds, uses } => {
                digest.word(1_u32).word(*grace_seconds).word(*uses as u32)
            }
            Self::Spent => digest.word(2_u32),
            Self::Forfeited => digest.word(3_u32),
            Self::GivenBack { legs, grace_seconds } => {
                Leg::digest_all(legs, digest.word(4_u32)).word(*grace_seconds)
            }
        }
    }
}

impl End {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        self.fate.digest(digest.word(self.promise.0).text(&self.customer))
    }
}
