//! A booking as it is saved that claims a range.

use alloc::boxed::Box;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::range::RangeClaim;
use crate::BookingRecord;
use crate::stored::v1;

/// One booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    record: v1::Booking,
    first_quantity: Option<NonZeroU32>,
    range: RangeClaim,
}

impl From<crate::Booking> for Booking {
    fn from(booking: crate::Booking) -> Self {
        let crate::Booking { mut record, seats, range, purchase, credits, order } = booking;
        assert!(credits.is_none() && order.is_none(), "the sixth version has what was promised");
        assert!(seats.is_none() && purchase.is_none(), "a booking of a range is of nothing else");
        let first_quantity = record.first_quantity.take();
        let range = range.expect("the versions before have the others");
        Self { record: record.into(), first_quantity, range: (*range).into() }
    }
}

impl From<Booking> for crate::Booking {
    fn from(booking: Booking) -> Self {
        let Booking { record, first_quantity, range } = booking;
        let record = BookingRecord { first_quantity, ..record.into() };
        Self {
            record,
            seats: None,
            range: Some(Box::new(range.into())),
            purchase: None,
            credits: None,
            order: None,
        }
    }
}
