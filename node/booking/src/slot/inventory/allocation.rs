//! What is found for a claim.

use crate::Places;

/// What was found for a claim, and is still free.
pub(crate) enum Allocation {
    /// As many units as are claimed: they are all alike.
    Units,
    /// These places of the house.
    Seats(Places),
}

impl Allocation {
    /// The places of a house.
    pub(crate) fn places(&self) -> Option<&Places> {
        match self {
            Self::Units => None,
            Self::Seats(places) => Some(places),
        }
    }
}
