//! A booking as it is saved that is of something in particular, or costs something.

use alloc::boxed::Box;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::bill::Purchase;
use crate::BookingRecord;
use crate::stored::v1;
use crate::stored::v3::seats::SeatsClaim;

/// One booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    record: v1::Booking,
    first_quantity: Option<NonZeroU32>,
    seats: Option<SeatsClaim>,
    purchase: Purchase,
}

impl From<crate::Booking> for Booking {
    fn from(booking: crate::Booking) -> Self {
        let crate::Booking { mut record, seats, range, purchase, credits, order } = booking;
        assert!(credits.is_none() && order.is_none(), "the sixth version has what was promised");
        assert!(range.is_none(), "the fifth version has the bookings of ranges");
        let first_quantity = record.first_quantity.take();
        let purchase = purchase.expect("the versions before have the bookings of nothing in particular");
        let seats = seats.map(|seats| (*seats).into());
        Self { record: record.into(), first_quantity, seats, purchase: (*purchase).into() }
    }
}

impl From<Booking> for crate::Booking {
    fn from(booking: Booking) -> Self {
        let Booking { record, first_quantity, seats, purchase } = booking;
        let record = BookingRecord { first_quantity, ..record.into() };
        let seats = seats.map(|seats| Box::new(seats.into()));
        Self {
            record,
            seats,
            range: None,
            purchase: Some(Box::new(purchase.into())),
            credits: None,
            order: None,
        }
    }
}
