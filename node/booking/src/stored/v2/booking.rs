//! A booking as it is saved that is for another number than it was made for, or claims seats.

use alloc::boxed::Box;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::seats::SeatsClaim;
use crate::BookingRecord;
use crate::stored::v1;

/// One booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    record: v1::Booking,
    first_quantity: Option<NonZeroU32>,
    /// In a box, which says nothing in bytes: most bookings have none.
    seats: Option<Box<SeatsClaim>>,
}

impl From<crate::Booking> for Booking {
    fn from(booking: crate::Booking) -> Self {
        let crate::Booking { mut record, seats } = booking;
        let first_quantity = record.first_quantity.take();
        Self { record: record.into(), first_quantity, seats: seats.map(|seats| Box::new((*seats).into())) }
    }
}

impl From<Booking> for crate::Booking {
    fn from(booking: Booking) -> Self {
        let Booking { record, first_quantity, seats } = booking;
        let record = BookingRecord { first_quantity, ..record.into() };
        Self { record, seats: seats.map(|seats| Box::new((*seats).into())) }
    }
}
