//! A step of the feed of a calendar as it is saved.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::range::CalendarView;
use super::view::BookingView;
use crate::stored::each::each;
use crate::stored::v1::header::Counts;
use crate::{Kind, Seq, Timestamp};

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    bookings: Vec<BookingView>,
    counts: Counts,
    calendar: CalendarView,
}

impl From<crate::Record> for Record {
    fn from(record: crate::Record) -> Self {
        let crate::Record { seq, at, kind, bookings, counts, house, calendar, told } = record;
        assert!(house.is_none() && told.is_none(), "a calendar is nothing else");
        let calendar = calendar.expect("the versions before have the others");
        let (counts, calendar) = (counts.into(), (&*calendar).into());
        Self { seq, at, kind, bookings: each(bookings), counts, calendar }
    }
}

impl From<Record> for crate::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, bookings, counts, calendar } = record;
        let (counts, calendar) = (counts.into(), Some(calendar.into()));
        Self { seq, at, kind, bookings: each(bookings), counts, house: None, calendar, told: None }
    }
}
