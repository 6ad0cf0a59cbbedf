//! A step of a feed as it is saved that tells of bookings of something in particular.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::view::BookingView;
use crate::stored::each::each;
use crate::stored::v1::header::Counts;
use crate::stored::v3::house::HouseView;
use crate::stored::v3::record::Told;
use crate::{Kind, Seq, Timestamp};

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    bookings: Vec<BookingView>,
    counts: Counts,
    house: Option<HouseView>,
    told: Option<Told>,
}

impl From<crate::Record> for Record {
    fn from(record: crate::Record) -> Self {
        let crate::Record { seq, at, kind, bookings, counts, house, calendar, told } = record;
        assert!(calendar.is_none(), "the fifth version has the feeds of calendars");
        let (counts, house) = (counts.into(), house.map(|house| (&*house).into()));
        Self { seq, at, kind, bookings: each(bookings), counts, house, told: told.map(|told| (*told).into()) }
    }
}

impl From<Record> for crate::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, bookings, counts, house, told } = record;
        let (counts, house) = (counts.into(), house.map(HouseView::into));
        let told = told.map(|told| Box::new(told.into()));
        Self { seq, at, kind, bookings: each(bookings), counts, house, calendar: None, told }
    }
}
