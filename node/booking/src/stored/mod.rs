//! What the rules look like on disk, in the log and between nodes, version by version.
//!
//! The types of the rules are free to change; the shapes in here are not. A record is an enum of its versions, which are only
//! added, so its first byte says which one follows: `V1` is the type of that name in [`v1`], frozen as it was released. `at` gives
//! the shape that is written while a level of the rules is in force: the oldest that can say it, so that during an upgrade every
//! node reads what another writes, and what needs nothing new keeps its bytes for ever. What the level does not have must not be
//! there to be written. From a shape back to the rules goes a conversion, for ever.
//!
//! What is of seats and is large, and what is of products, stands in a box, which is nothing in bytes: where units are written and
//! read, nobody carries room for it.
//!
//! A record that must grow gets the next version: a type of its own, a variant behind the others, a row in `at` with the level
//! from which on it is written, and rows in `tests/bytes`. Nothing else of what is here may change.

/// A shape that has the fields of what it is the shape of: conversions in both directions.
macro_rules! mirror {
    ($name:ident { $($field:ident),+ }) => {
        impl From<crate::$name> for $name {
            fn from(value: crate::$name) -> Self {
                let crate::$name { $($field),+ } = value;
                Self { $($field: $field.into()),+ }
            }
        }

        impl From<$name> for crate::$name {
            fn from(value: $name) -> Self {
                let $name { $($field),+ } = value;
                Self { $($field: $field.into()),+ }
            }
        }
    };
}

mod each;
mod messages;

pub mod v1;
pub mod v2;
pub mod v3;
pub mod v4;
pub mod v5;
pub mod v6;

// The other kinds of entities.
pub mod merchant;
pub mod organizer;

// Entities that are there for tests alone.
#[cfg(feature = "rehearsal")]
pub mod toy;

use alloc::boxed::Box;

pub use messages::{Delivered, Delivery, Intent, Pair, Reply, Report};
use serde::{Deserialize, Serialize};

use crate::slot::levels::{ACCOUNTS, CALENDARS, FEWER, FIRST, PRICES, SEATS};
use crate::{Answer, BookingRecord, BookingView, Decision, Details, Level, ReceiptRecord};

/// A request, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// From level 1 on.
    V1(v1::Request),
    /// From level 2 on, where the first cannot say it.
    V2(v2::Request),
    /// From level 3 on, of seats.
    V3(Box<v3::Request>),
    /// From level 4 on, of products and prices.
    V4(Box<v4::Request>),
    /// From level 5 on, of calendars.
    V5(Box<v5::Request>),
    /// From level 7 on, of what is sold on account.
    V6(Box<v6::Request<Request>>),
}

/// The part of a slot that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// From level 1 on.
    V1(v1::Header),
    /// From level 3 on, of seats.
    V3(v3::Header),
    /// From level 4 on, of products and prices.
    V4(Box<v4::Header>),
    /// From level 5 on, of calendars.
    V5(Box<v5::Header>),
    /// From level 7 on, of what is sold on account.
    V6(Box<v6::Header<Header>>),
}

/// A booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Booking {
    /// From level 1 on.
    V1(v1::Booking),
    /// From level 2 on, where the first cannot say it.
    V2(v2::Booking),
    /// From level 3 on, of seats.
    V3(Box<v3::Booking>),
    /// From level 4 on, of products and prices.
    V4(Box<v4::Booking>),
    /// From level 5 on, of calendars.
    V5(Box<v5::Booking>),
    /// From level 7 on, of what is sold on account.
    V6(Box<v6::Booking<Booking>>),
}

/// A receipt.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    /// From level 1 on.
    V1(v1::Receipt),
    /// From level 2 on, where the first cannot say it.
    V2(v2::Receipt),
    /// From level 3 on, of seats.
    V3(Box<v3::Receipt>),
    /// From level 4 on, of products and prices.
    V4(Box<v4::Receipt>),
    /// From level 5 on, of calendars.
    V5(Box<v5::Receipt>),
    /// From level 7 on, of what is sold on account.
    V6(Box<v6::Receipt<Receipt>>),
}

/// A step of a feed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// From level 1 on.
    V1(v1::Record),
    /// From level 3 on, of seats.
    V3(Box<v3::Record>),
    /// From level 4 on, of products and prices.
    V4(Box<v4::Record>),
    /// From level 5 on, of calendars.
    V5(Box<v5::Record>),
    /// From level 7 on, of what is sold on account.
    V6(Box<v6::Record<Record>>),
}

/// An answer, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// From level 1 on.
    V1(v1::Outcome),
    /// From level 3 on, of seats.
    V3(Box<v3::Outcome>),
    /// From level 4 on, of products and prices.
    V4(Box<v4::Outcome>),
    /// From level 5 on, of calendars.
    V5(Box<v5::Outcome>),
    /// From level 7 on, of what is sold on account.
    V6(Box<v6::Outcome<Outcome>>),
}

/// A part of a house.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanPart {
    /// From level 3 on.
    V3(v3::PlanPart),
}

/// A part of how a house is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SalePart {
    /// From level 3 on.
    V3(v3::SalePart),
}

/// A part of when a calendar is open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoursPart {
    /// From level 5 on.
    V5(v5::HoursPart),
}

impl Request {
    /// The shape that is written under this level.
    #[inline]
    pub fn at(level: Level, request: crate::Request) -> Self {
        let since = request.command.since();
        level.assert_has(since);
        match since {
            FIRST => Self::V1(request.into()),
            FEWER => Self::V2(request.into()),
            SEATS => Self::V3(Box::new(request.into())),
            PRICES => Self::V4(Box::new(request.into())),
            CALENDARS => Self::V5(Box::new(request.into())),
            _accounts => Self::V6(Box::new(v6::Request::new(request, |older| Self::at(level, older)))),
        }
    }
}

impl From<Request> for crate::Request {
    #[inline]
    fn from(stored: Request) -> Self {
        match stored {
            Request::V1(request) => request.into(),
            Request::V2(request) => request.into(),
            Request::V3(request) => (*request).into(),
            Request::V4(request) => (*request).into(),
            Request::V5(request) => (*request).into(),
            Request::V6(request) => request.read(Self::from),
        }
    }
}

impl Header {
    /// The shape that is written under this level.
    pub fn at(level: Level, header: crate::Header) -> Self {
        let made_since = header.made_as.as_ref().map_or(FIRST, |made_as| made_as.since());
        let promised = if header.account.is_some() { ACCOUNTS } else { FIRST };
        let since = header.definition.since().max(made_since).max(promised);
        level.assert_has(since);
        match since {
            FIRST => Self::V1(header.into()),
            SEATS => Self::V3(header.into()),
            PRICES => Self::V4(Box::new(header.into())),
            CALENDARS => Self::V5(Box::new(header.into())),
            _accounts => Self::V6(Box::new(v6::Header::new(header, |older| Self::at(level, older)))),
        }
    }
}

impl From<Header> for crate::Header {
    fn from(stored: Header) -> Self {
        match stored {
            Header::V1(header) => header.into(),
            Header::V3(header) => header.into(),
            Header::V4(header) => (*header).into(),
            Header::V5(header) => (*header).into(),
            Header::V6(header) => header.read(Self::from),
        }
    }
}

impl Booking {
    /// The shape that is written under this level.
    #[inline]
    pub fn at(level: Level, booking: crate::Booking) -> Self {
        let since = booking.since();
        level.assert_has(since);
        match since {
            FIRST => Self::V1(booking.record.into()),
            FEWER => Self::V2(booking.record.into()),
            SEATS => Self::V3(Box::new(booking.into())),
            PRICES => Self::V4(Box::new(booking.into())),
            CALENDARS => Self::V5(Box::new(booking.into())),
            _accounts => Self::V6(Box::new(v6::Booking::new(booking, |older| Self::at(level, older)))),
        }
    }
}

impl From<Booking> for crate::Booking {
    #[inline]
    fn from(stored: Booking) -> Self {
        match stored {
            Booking::V1(booking) => BookingRecord::from(booking).into(),
            Booking::V2(booking) => BookingRecord::from(booking).into(),
            Booking::V3(booking) => (*booking).into(),
            Booking::V4(booking) => (*booking).into(),
            Booking::V5(booking) => (*booking).into(),
            Booking::V6(booking) => booking.read(Self::from),
        }
    }
}

impl Receipt {
    /// The shape that is written under this level.
    pub fn at(level: Level, receipt: ReceiptRecord) -> Self {
        level.assert_has(receipt.answer.since());
        match &receipt.answer {
            // A word that is new needs no new shape.
            Answer::Refused(_) => Self::V1(receipt.into()),
            answer @ (Answer::Booking { .. } | Answer::SlotCancelled | Answer::SlotChanged(_)) => {
                match answer.since() {
                    FIRST => Self::V1(receipt.into()),
                    FEWER => Self::V2(receipt.into()),
                    SEATS => Self::V3(Box::new(receipt.into())),
                    PRICES => Self::V4(Box::new(receipt.into())),
                    CALENDARS => Self::V5(Box::new(receipt.into())),
                    _accounts => {
                        Self::V6(Box::new(v6::Receipt::new(receipt, |older| Self::at(level, older))))
                    }
                }
            }
        }
    }
}

impl From<Receipt> for ReceiptRecord {
    fn from(stored: Receipt) -> Self {
        match stored {
            Receipt::V1(receipt) => receipt.into(),
            Receipt::V2(receipt) => receipt.into(),
            Receipt::V3(receipt) => (*receipt).into(),
            Receipt::V4(receipt) => (*receipt).into(),
            Receipt::V5(receipt) => (*receipt).into(),
            Receipt::V6(receipt) => receipt.read(Self::from),
        }
    }
}

impl Record {
    /// The shape that is written under this level.
    #[inline]
    pub fn at(level: Level, record: crate::Record) -> Self {
        let is_of_something = record.bookings.iter().any(|booking| booking.bill.is_some());
        let shows_credits =
            record.bookings.iter().any(|booking| booking.credits.is_some() || booking.order.is_some());
        let since = match (&record.calendar, is_of_something, &record.house) {
            _promised if shows_credits => ACCOUNTS,
            (Some(_), ..) => CALENDARS,
            (None, true, _) => PRICES,
            (None, false, Some(_)) => SEATS,
            (None, false, None) => FIRST,
        };
        level.assert_has(record.kind.since().max(since));
        // A word that is new needs no new shape.
        match since {
            FIRST => Self::V1(record.into()),
            SEATS => Self::V3(Box::new(record.into())),
            PRICES => Self::V4(Box::new(record.into())),
            CALENDARS => Self::V5(Box::new(record.into())),
            _accounts => Self::V6(Box::new(v6::Record::new(record, |older| Self::at(level, older)))),
        }
    }
}

impl From<Record> for crate::Record {
    #[inline]
    fn from(stored: Record) -> Self {
        match stored {
            Record::V1(record) => record.into(),
            Record::V3(record) => (*record).into(),
            Record::V4(record) => (*record).into(),
            Record::V5(record) => (*record).into(),
            Record::V6(record) => record.read(Self::from),
        }
    }
}

impl Outcome {
    /// The shape that is written under this level.
    pub fn at(level: Level, outcome: crate::Outcome) -> Self {
        let (since, shape) = match &outcome.decision {
            // A word that is new needs no new shape.
            Decision::Refused(refusal) => (refusal.since(), FIRST),
            Decision::Slot(view) => (view.definition.since(), view.definition.since()),
            Decision::Booking(BookingView { credits: Some(_), .. } | BookingView { order: Some(_), .. }) => {
                (ACCOUNTS, ACCOUNTS)
            }
            Decision::Booking(BookingView { range: Some(_), .. }) => (CALENDARS, CALENDARS),
            Decision::Booking(BookingView { bill: Some(_), .. }) => (PRICES, PRICES),
            Decision::Explained(_, details) => match **details {
                Details::Range(_) | Details::RangesTaken(_) | Details::InUseFrom(_) => (CALENDARS, CALENDARS),
                Details::Quotas(_) | Details::Line(_) => (PRICES, PRICES),
                Details::Conflicts(_)
                | Details::Singles(_)
                | Details::LargestBlock(_)
                | Details::InUse { .. } => (SEATS, SEATS),
            },
            Decision::Booking(BookingView { seating: Some(_), .. }) | Decision::AnotherMap => (SEATS, SEATS),
            Decision::Booking(_) | Decision::KeyReused | Decision::NotFound | Decision::Forbidden => {
                (FIRST, FIRST)
            }
        };
        level.assert_has(since);
        match shape {
            FIRST => Self::V1(outcome.into()),
            SEATS => Self::V3(Box::new(outcome.into())),
            PRICES => Self::V4(Box::new(outcome.into())),
            CALENDARS => Self::V5(Box::new(outcome.into())),
            _accounts => Self::V6(Box::new(v6::Outcome::new(outcome, |older| Self::at(level, older)))),
        }
    }
}

impl From<Outcome> for crate::Outcome {
    fn from(stored: Outcome) -> Self {
        match stored {
            Outcome::V1(outcome) => outcome.into(),
            Outcome::V3(outcome) => (*outcome).into(),
            Outcome::V4(outcome) => (*outcome).into(),
            Outcome::V5(outcome) => (*outcome).into(),
            Outcome::V6(outcome) => outcome.read(Self::from),
        }
    }
}

impl PlanPart {
    /// The shape that is written under this level.
    pub fn at(level: Level, part: crate::PlanPart) -> Self {
        level.assert_has(SEATS);
        Self::V3(part.into())
    }
}

impl From<PlanPart> for crate::PlanPart {
    fn from(stored: PlanPart) -> Self {
        match stored {
            PlanPart::V3(part) => part.into(),
        }
    }
}

impl SalePart {
    /// The shape that is written under this level.
    pub fn at(level: Level, part: crate::SalePart) -> Self {
        level.assert_has(SEATS);
        Self::V3(part.into())
    }
}

impl From<SalePart> for crate::SalePart {
    fn from(stored: SalePart) -> Self {
        match stored {
            SalePart::V3(part) => part.into(),
        }
    }
}

impl HoursPart {
    /// The shape that is written under this level.
    pub fn at(level: Level, part: crate::HoursPart) -> Self {
        level.assert_has(CALENDARS);
        Self::V5(part.into())
    }
}

impl From<HoursPart> for crate::HoursPart {
    fn from(stored: HoursPart) -> Self {
        match stored {
            HoursPart::V5(part) => part.into(),
        }
    }
}
