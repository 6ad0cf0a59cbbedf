//! From which level of the rules on there is what was not there from the beginning.
//!
//! Whatever is new can be asked for, and is written, under its level and later ones only: a build of the level before could
//! neither decide nor read it. What needs nothing new is written as it ever was, under every level.

use crate::{Command, Kind, Level, Refusal};

/// All that was there from the beginning.
pub(crate) const FIRST: Level = Level(1);
/// From here on a booking can be for fewer than were asked for.
pub(crate) const FEWER: Level = Level(2);

// What is new is known.
const _: () = assert!(FEWER.0 <= Level::NEWEST.0);

impl Command {
    /// The first level under which this can be asked.
    pub const fn since(&self) -> Level {
        match self {
            Self::CreateSlot(_)
            | Self::CancelSlot
            | Self::Book(_)
            | Self::CancelBooking(_)
            | Self::ConfirmBooking(_)
            | Self::ExtendHold(_)
            | Self::AcceptOffer(_)
            | Self::DeclineOffer(_)
            | Self::ChangeSlot(_) => FIRST,
            Self::ChangeQuantity(_) => FEWER,
        }
    }
}

impl Refusal {
    /// The first level under which this can be answered.
    pub(crate) const fn since(self) -> Level {
        match self {
            Self::SlotCancelled
            | Self::NotOnSale
            | Self::QuantityTooLarge
            | Self::CustomerLimit
            | Self::SoldOut
            | Self::WaitlistFull
            | Self::NotHeld
            | Self::HoldExpired
            | Self::NotOffered
            | Self::OfferExpired
            | Self::TooLate
            | Self::AlreadyOver
            | Self::CapacityInUse
            | Self::StartsInPast
            | Self::EndsTooEarly
            | Self::ClosesTooLate
            | Self::OpensTooLate => FIRST,
            Self::MoreThanBooked => FEWER,
        }
    }
}

impl Kind {
    /// The first level under which this can happen.
    pub(crate) const fn since(self) -> Level {
        match self {
            Self::SlotCreated
            | Self::SlotChanged
            | Self::SlotCancelled
            | Self::Booked
            | Self::Confirmed
            | Self::Extended
            | Self::Accepted
            | Self::Declined
            | Self::Cancelled
            | Self::Lapsed
            | Self::Finished => FIRST,
            Self::QuantityChanged => FEWER,
        }
    }
}
