//! A step of the feed of a slot of seats as it is saved.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::house::HouseView;
use super::seats::SaleRun;
use super::view::BookingView;
use crate::stored::each::each;
use crate::stored::v1::header::Counts;
use crate::{Content, Kind, Seq, Timestamp};

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    bookings: Vec<BookingView>,
    counts: Counts,
    house: HouseView,
    told: Option<Told>,
}

/// What else is told.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Told {
    Sale { map: Content, runs: Vec<SaleRun> },
    Map(Content),
}

impl From<crate::Record> for Record {
    fn from(record: crate::Record) -> Self {
        let crate::Record { seq, at, kind, bookings, counts, house, calendar, told } = record;
        assert!(calendar.is_none(), "the fifth version has the feeds of calendars");
        let house = house.expect("the first version has the feeds of units");
        let (counts, house) = (counts.into(), (&*house).into());
        Self { seq, at, kind, bookings: each(bookings), counts, house, told: told.map(|told| (*told).into()) }
    }
}

impl From<Record> for crate::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, bookings, counts, house, told } = record;
        let (counts, house) = (counts.into(), Some(house.into()));
        let told = told.map(|told| Box::new(told.into()));
        Self { seq, at, kind, bookings: each(bookings), counts, house, calendar: None, told }
    }
}

impl From<crate::Told> for Told {
    fn from(told: crate::Told) -> Self {
        match told {
            crate::Told::Sale { map, runs } => Self::Sale { map, runs: each(runs) },
            crate::Told::Map(map) => Self::Map(map),
        }
    }
}

impl From<Told> for crate::Told {
    fn from(told: Told) -> Self {
        match told {
            Told::Sale { map, runs } => Self::Sale { map, runs: each(runs) },
            Told::Map(map) => Self::Map(map),
        }
    }
}
