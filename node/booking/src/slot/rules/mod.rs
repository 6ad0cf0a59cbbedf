//! What may happen: a file for each command, or for two that belong together. A rule reads the slot, decides, and only then changes anything.
//!
//! Rules hold no state. What a step has in common with every other is in [`crate::base::step`].

pub(crate) mod accept;
mod act;
pub(crate) mod book;
pub(crate) mod cancel;
pub(crate) mod cancel_slot;
pub(crate) mod change_quantity;
pub(crate) mod change_sale;
pub(crate) mod change_slot;
pub(crate) mod confirm;
pub(crate) mod create;
pub(crate) mod credits;
pub(crate) mod extend;
pub(crate) mod extend_hours;
mod grant;
pub(crate) mod in_order;
pub(crate) mod lapse;
mod merge;
pub(crate) mod move_booking;
pub(crate) mod orders;
pub(crate) mod promote;
pub(crate) mod swap_seats;
pub(crate) mod vouchers;

use crate::base;
use crate::slot::shown::outcome::Refused;
use crate::{Kind, Number};

/// Why a rule does nothing.
pub(crate) type Denied = base::outcome::Denied<Refused>;

/// What a rule decided.
pub(crate) type RuleResult = Result<Effect, Denied>;

/// What a rule did.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// It changed what the slot is.
    SlotChanged,
    /// It sells seats otherwise.
    SaleChanged,
    /// The slot is already what it was to become: nothing changed.
    SlotUnchanged,
    /// It ended the slot.
    SlotCancelled,
    /// It made this booking.
    Booked(Number),
    /// It did this to this booking.
    Acted(Number, Kind),
    /// This booking stands already as it was to: nothing changed.
    BookingUnchanged(Number),
}

impl Effect {
    /// How the feed calls it, if it changed anything.
    pub(crate) const fn kind(self) -> Option<Kind> {
        match self {
            Self::SlotChanged => Some(Kind::SlotChanged),
            Self::SaleChanged => Some(Kind::SeatsChanged),
            Self::SlotCancelled => Some(Kind::SlotCancelled),
            Self::Booked(_) => Some(Kind::Booked),
            Self::Acted(_, kind) => Some(kind),
            Self::SlotUnchanged | Self::BookingUnchanged(_) => None,
        }
    }
}
