//! What may happen. One command, one file; a rule reads the slot, decides, and only then changes anything.
//!
//! Rules hold no state. What a step has in common with every other is in [`crate::slot`].

pub(crate) mod book;
pub(crate) mod cancel;
pub(crate) mod cancel_slot;
pub(crate) mod create;
mod grant;
pub(crate) mod lapse;
pub(crate) mod promote;
pub(crate) mod replay;

use crate::{Kind, Number, Refusal};

/// What a rule decided.
pub(crate) type Verdict = Result<Done, Denied>;

/// What a rule did.
#[derive(Clone, Copy)]
pub(crate) enum Done {
    /// It ended the slot.
    SlotCancelled,
    /// It made this booking.
    Booked(Number),
    /// It ended this booking.
    Cancelled(Number),
}

impl Done {
    /// How the feed calls it.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::SlotCancelled => Kind::SlotCancelled,
            Self::Booked(_) => Kind::Booked,
            Self::Cancelled(_) => Kind::Cancelled,
        }
    }
}

/// Why a rule did nothing.
#[derive(Clone, Copy)]
pub(crate) enum Denied {
    /// The slot says no.
    Refused(Refusal),
    /// There is nothing of the caller's to do it to.
    NotFound,
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
