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
    /// The one that the request is about.
    requested: Option<Number>,
    /// The others, in the order in which the rules changed them; one can be changed twice.
    others: Vec<Number>,
}

impl Changed {
    /// Marks the booking that the request is about as changed.
    pub(crate) fn mark_requested(&mut self, number: Number) {
        self.requested = Some(number);
    }

    /// Marks another booking as changed.
    pub(crate) fn mark_changed(&mut self, number: Number) {
        self.others.push(number);
    }

    /// Each booking once, as it is now.
    pub(crate) fn shown(&self, slot: &Slot) -> Vec<BookingView> {
        match (self.requested, self.others.as_slice()) {
            // Nearly every step changes the booking that was asked for and no other.
            (Some(requested), []) => vec![slot.booking_numbered(requested)],
            (requested, others) => {
                let mut shown = BTreeSet::new();
                let each = requested.iter().chain(others).filter(|&&number| shown.insert(number));
                each.map(|&number| slot.booking_numbered(number)).collect()
            }
        }
    }
}
