//! What may be seen of a slot and its bookings.

use alloc::sync::Arc;

use crate::slot::state::booking::{BookingRecord, Standing};
use crate::slot::state::slot::Slot;
use crate::{BookingId, BookingView, Number, Reference, View};

/// What changes of a booking, at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Then {
    pub(crate) standing: Standing,
    pub(crate) quantity: u32,
    /// Its place among those who wait, from 1.
    pub(crate) position: Option<u32>,
}

impl Slot {
    /// The slot as everyone may see it.
    pub fn view(&self) -> View {
        View {
            id: self.id(),
            definition: Arc::clone(&self.definition),
            seq: self.base.seq,
            stamp: self.base.stamp,
            counts: self.ledger.counts(),
            cancelled: self.cancelled,
        }
    }

    /// The booking with this number, which exists, as it is now.
    pub(crate) fn booking_numbered(&self, number: Number) -> BookingView {
        self.booking_now(self.ledger.bookings().get(number))
    }

    /// A booking as it was then.
    pub(crate) fn booking_as(&self, booking: &BookingRecord, then: Then) -> BookingView {
        let Then { standing, quantity, position } = then;
        BookingView {
            id: BookingId { slot: self.id(), request: booking.request },
            number: booking.number,
            customer: booking.customer.clone(),
            quantity,
            status: standing.status(),
            mode: booking.mode,
            reference: Reference::of(booking.number, self.definition.secret),
            position,
            expires_at: standing.until(),
            created_at: booking.created_at,
        }
    }

    /// A booking as it is now.
    pub(crate) fn booking_now(&self, booking: &BookingRecord) -> BookingView {
        let waits = booking.standing == Standing::Waitlisted;
        let position = if waits { self.ledger.tally().waitlist().position(booking.number) } else { None };
        self.booking_as(booking, Then { standing: booking.standing, quantity: booking.quantity, position })
    }
}
