//! What a step has changed of a slot so far, and the record that it becomes.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::slot::state::slot::Slot;
use crate::{BookingView, Number, Told};

/// A step of a slot.
pub(crate) type Step = crate::base::step::Step<Slot>;

/// The bookings that a step has changed so far.
#[derive(Default)]
pub(crate) struct Changed {
    /// The one that the request is about.
    requested: Option<Number>,
    /// The others, in the order in which the rules changed them; one can be changed twice.
    others: Vec<Number>,
    /// What else the record tells.
    told: Option<Box<Told>>,
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

    /// Tells something beside what changed of bookings.
    pub(crate) fn tell(&mut self, told: Told) {
        self.told = Some(Box::new(told));
    }

    /// What is told beside what changed of bookings.
    pub(crate) fn take_told(&mut self) -> Option<Box<Told>> {
        self.told.take()
    }

    /// Each booking once, as it is now; with a position only where it was made in this step.
    pub(crate) fn shown(&self, slot: &Slot) -> Vec<BookingView> {
        match (self.requested, self.others.as_slice()) {
            // Nearly every step changes the booking that was asked for and no other.
            (Some(requested), []) => vec![recorded(slot, requested)],
            (requested, others) => {
                let mut shown = BTreeSet::new();
                let each = requested.iter().chain(others).filter(|&&number| shown.insert(number));
                each.map(|&number| recorded(slot, number)).collect()
            }
        }
    }
}

/// A booking as the record of the latest change shows it.
fn recorded(slot: &Slot, number: Number) -> BookingView {
    let booking = slot.ledger.bookings().get(number);
    let mut view = slot.booking_now(booking);
    if booking.first.seq != slot.base.seq {
        // Where one stands who waited before is told with all who wait, and not here.
        view.position = None;
    }
    view
}
