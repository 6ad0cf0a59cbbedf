//! A booking as it is saved that is for fewer than it was made for.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::BookingRecord;
use crate::stored::v1;

/// One booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    booking: v1::Booking,
    first_quantity: NonZeroU32,
}

impl From<BookingRecord> for Booking {
    fn from(mut booking: BookingRecord) -> Self {
        let first_quantity = booking.first_quantity.take().expect("the first version has what never changed");
        Self { booking: booking.into(), first_quantity }
    }
}

impl From<Booking> for BookingRecord {
    fn from(booking: Booking) -> Self {
        let Booking { booking, first_quantity } = booking;
        Self { first_quantity: Some(first_quantity), ..booking.into() }
    }
}
