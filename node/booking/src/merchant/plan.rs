//! A plan's terms, as they are frozen in each package that is granted of it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Currency;
use crate::digest::Digest;

/// A plan's terms when a package of it was granted: a change of the plan binds new packages only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Which plan it is; what it is called now is said elsewhere.
    pub id: u128,
    /// How many credits a package has.
    pub credits: u32,
    /// What a package costs, in minor units.
    pub price: u64,
    /// In which currency, if it costs anything.
    pub currency: Option<Currency>,
    /// How long a package is good for. Moments are made of it at the door, which knows time zones.
    pub validity: Validity,
    /// The zone of those days, as the tz database spells it.
    pub time_zone: Box<str>,
    /// When that begins.
    pub activation: Activation,
    /// Which packages pay first: 0 before all others.
    pub priority: u8,
    /// For which slots it pays: those that have one of these tags; all, where there are none.
    pub tags: Vec<Box<str>>,
    /// Whether, and for how long, its customer may freeze it.
    pub freeze: Option<FreezeTerms>,
    /// Whether it pays for a booking together with others.
    pub split: Split,
}

/// How long a package is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// So many days.
    Days(u32),
    /// So many months.
    Months(u32),
}

/// When a package begins to be good. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// When it is granted.
    Purchase,
    /// With the first of what is booked with it.
    FirstUse,
}

/// Whether a package pays for a booking together with others. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Split {
    /// It may pay for a part.
    Allowed,
    /// It pays for all or for nothing.
    Forbidden,
}

/// How a package may be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreezeTerms {
    /// For how many days at once.
    pub days_max: u32,
    /// How many times.
    pub times_max: u32,
}

impl Plan {
    /// Mixes this into a digest.
    pub(super) fn digest(&self, digest: Digest) -> Digest {
        let (unit, count) = match self.validity {
            Validity::Days(days) => (0_u32, days),
            Validity::Months(months) => (1_u32, months),
        };
        let digest = digest
            .wide(self.id)
            .word(self.credits)
            .word(self.price)
            .option(self.currency, |digest, currency| digest.bytes(&currency.0))
            .word(unit)
            .word(count)
            .text(&self.time_zone)
            .word(self.activation as u32)
            .word(self.priority)
            .word(self.tags.len() as u64);
        let digest = self.tags.iter().fold(digest, |digest, tag| digest.text(tag));
        let freeze = |digest: Digest, terms: FreezeTerms| digest.word(terms.days_max).word(terms.times_max);
        digest.option(self.freeze, freeze).word(self.split as u32)
    }

    /// Whether it pays for a slot with these tags.
    pub(super) fn fits(&self, tags: &[Box<str>]) -> bool {
        self.tags.is_empty() || self.tags.iter().any(|tag| tags.contains(tag))
    }
}
