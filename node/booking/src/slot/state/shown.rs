//! What may be seen of a slot and its bookings.

use alloc::sync::Arc;

use crate::slot::inventory::claim::SeatsClaim;
use crate::slot::state::booking::{BookingRecord, Standing};
use crate::slot::state::slot::Slot;
use crate::{BookingId, BookingView, HouseView, Number, Reference, Seating, View};

/// What changes of a booking, at one moment.
pub(crate) struct Then {
    pub(crate) standing: Standing,
    pub(crate) quantity: u32,
    /// Its place among those who wait, from 1.
    pub(crate) position: Option<u32>,
    /// What it has of a house.
    pub(crate) seating: Option<Arc<Seating>>,
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
            house: self.house_view(),
        }
    }

    /// Where everything of its house is, if it is a slot of seats.
    pub(crate) fn house_view(&self) -> Option<Arc<HouseView>> {
        Some(Arc::new(self.ledger.tally().inventory().house()?.view(self.order())))
    }

    /// The booking with this number, which exists, as it is now.
    pub(crate) fn booking_numbered(&self, number: Number) -> BookingView {
        self.booking_now(self.ledger.bookings().get(number))
    }

    /// A booking as it was then.
    pub(crate) fn booking_as(&self, booking: &BookingRecord, then: Then) -> BookingView {
        let Then { standing, quantity, position, seating } = then;
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
            seating,
        }
    }

    /// A booking as it is now.
    pub(crate) fn booking_now(&self, booking: &BookingRecord) -> BookingView {
        let whole = self.ledger.bookings().whole(booking);
        let waits = booking.standing == Standing::Waitlisted;
        let position = if waits { self.ledger.tally().position(whole) } else { None };
        let seating = whole.seats.map(|claim| Arc::clone(&claim.seating));
        let BookingRecord { standing, quantity, .. } = *booking;
        self.booking_as(booking, Then { standing, quantity, position, seating })
    }

    /// What a booking had of a house when it was made.
    pub(crate) fn first_seating(&self, booking: &BookingRecord) -> Option<Arc<Seating>> {
        self.ledger.bookings().whole(booking).seats.map(SeatsClaim::first).map(Arc::clone)
    }
}
