//! What somebody waits for, and of what those who wait are short.

use super::seats::Shortage;
use super::shop::{Cart, QuotaSet};
use crate::Best;

/// What somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Need {
    pub(crate) wanted: Wanted,
    pub(crate) cart: Cart,
}

impl Need {
    /// Whether spaces for wheelchairs are among what it wants.
    pub(crate) fn wants_spaces(&self) -> bool {
        matches!(&self.wanted, Wanted::Seats(best) if 0 < best.accessible)
    }
}

/// Which places somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// So many that are all alike.
    Units(u32),
    /// The best of a house.
    Seats(Best),
}

/// Counters of which somebody who waits is short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Short {
    pub(crate) house: Shortage,
    pub(crate) units: bool,
    pub(crate) quotas: QuotaSet,
}

impl Short {
    /// Nobody is short of anything.
    pub(crate) const NONE: Self = Self { house: Shortage::NONE, units: false, quotas: QuotaSet::NONE };

    /// Adds what somebody else is short of.
    pub(crate) fn add(&mut self, other: Self) {
        self.house.add(other.house);
        self.units |= other.units;
        self.quotas.add(other.quotas);
    }
}
