//! A booking as it is saved that claims seats.

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
    seats: SeatsClaim,
}

impl From<crate::Booking> for Booking {
    fn from(booking: crate::Booking) -> Self {
        let crate::Booking { mut record, seats, range, purchase, credits, order } = booking;
        assert!(credits.is_none() && order.is_none(), "the sixth version has what was promised");
        assert!(range.is_none() && purchase.is_none(), "the versions behind have the others");
        let first_quantity = record.first_quantity.take();
        let seats = seats.expect("the versions before have the bookings of units");
        Self { record: record.into(), first_quantity, seats: (*seats).into() }
    }
}

impl From<Booking> for crate::Booking {
    fn from(booking: Booking) -> Self {
        let Booking { record, first_quantity, seats } = booking;
        let record = BookingRecord { first_quantity, ..record.into() };
        Self {
            record,
            seats: Some(Box::new(seats.into())),
            range: None,
            purchase: None,
            credits: None,
            order: None,
        }
    }
}
