//! A step of a slot's feed as it is saved.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::header::Counts;
use super::view::BookingView;
use crate::{Kind, Seq, Timestamp};

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    bookings: Vec<BookingView>,
    counts: Counts,
}

impl From<crate::Record> for Record {
    #[inline]
    fn from(record: crate::Record) -> Self {
        let crate::Record { seq, at, kind, bookings, counts, house, calendar, told } = record;
        let is_of_units = house.is_none() && calendar.is_none() && told.is_none();
        assert!(is_of_units, "the first version knows units alone");
        // Into memory of its own: what is smaller by a word and is written in place gives the rest back, which is dearer.
        let mut shown = Vec::with_capacity(bookings.len());
        shown.extend(bookings.into_iter().map(BookingView::from));
        Self { seq, at, kind, bookings: shown, counts: counts.into() }
    }
}

impl From<Record> for crate::Record {
    #[inline]
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, bookings, counts } = record;
        let bookings = bookings.into_iter().map(crate::BookingView::from).collect();
        Self { seq, at, kind, bookings, counts: counts.into(), house: None, calendar: None, told: None }
    }
}
