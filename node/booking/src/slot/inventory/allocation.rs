//! What is found for a claim.

use crate::{Places, Resource};

/// What was found for a claim, and is still free.
pub(crate) enum Allocation {
    /// As many units as are claimed: they are all alike.
    Units,
    /// These places of the house.
    Seats(Places),
    /// The range that is asked for, on this resource where resources have names.
    Range(Option<Resource>),
}

impl Allocation {
    /// The places of a house, if they are that.
    pub(crate) fn places(&self) -> Option<&Places> {
        match self {
            Self::Units | Self::Range(_) => None,
            Self::Seats(places) => Some(places),
        }
    }
}
