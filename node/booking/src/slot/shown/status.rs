//! Where a booking stands, in a word.

use serde::{Deserialize, Serialize};

/// Where a booking stands. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// It has its places until a deadline.
    Held,
    /// Places are set aside for it until a deadline.
    Offered,
    /// It waits for places.
    Waitlisted,
    /// It has its places.
    Confirmed,
    /// It was given back, or its slot was cancelled.
    Cancelled,
    /// Its customer did not want what was offered.
    Declined,
    /// Its deadline has passed, or its slot has ended.
    Expired,
}

impl Status {
    /// Whether it has its places, or they are set aside for it.
    pub const fn has_places(self) -> bool {
        match self {
            Self::Held | Self::Offered | Self::Confirmed => true,
            Self::Waitlisted | Self::Cancelled | Self::Declined | Self::Expired => false,
        }
    }

    /// Whether nothing can happen to it any more.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Held | Self::Offered | Self::Waitlisted | Self::Confirmed => false,
            Self::Cancelled | Self::Declined | Self::Expired => true,
        }
    }
}
