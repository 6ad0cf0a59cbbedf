//! What a step has changed of a slot so far, and the record that it becomes.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::slot::state::slot::Slot;
use crate::{BookingView, Number};

/// A step of a slot.
pub(crate) type Step = crate::base::step::Step<Slot>;

/// The bookings that a step has changed so far.
#[derive(Default)]
pub(crate) struct Changed {
    /// The one that was asked for.
    asked: Option<Number>,
    /// In the order in which the rules changed them; one can be changed twice.
    all: Vec<Number>,
}

impl Changed {
    /// Notes that the booking which was asked for has changed.
    pub(crate) fn note_asked(&mut self, number: Number) {
        self.asked = Some(number);
        self.all.push(number);
    }

    /// Notes that a booking has changed with it.
    pub(crate) fn note(&mut self, number: Number) {
        self.all.push(number);
    }

    /// Each booking once, as it is now.
    pub(crate) fn shown(&self, slot: &Slot) -> Vec<BookingView> {
        match (self.asked, self.all.as_slice()) {
            // Nearly every step changes the booking that was asked for and no other.
            (Some(asked), [_]) => vec![slot.booking_numbered(asked)],
            (asked, changed) => {
                let mut seen = BTreeSet::new();
                let each = asked.iter().chain(changed).filter(|&&number| seen.insert(number));
                each.map(|&number| slot.booking_numbered(number)).collect()
            }
        }
    }
}
