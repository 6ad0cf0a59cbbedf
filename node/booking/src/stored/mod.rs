//! What the rules look like on disk, in the log and between nodes, version by version.
//!
//! The types of the rules are free to change; the shapes in here are not. A record is an enum of its versions, which are only
//! added, so its first byte says which one follows: `V1` is the type of that name in [`v1`], frozen as it was released. `at` gives
//! the shape that is written while a level of the rules is in force: the oldest that can say it, so that during an upgrade every
//! node reads what another writes, and what needs nothing new keeps its bytes for ever. What the level does not have must not be
//! there to be written. From a shape back to the rules goes a conversion, for ever.
//!
//! A record that must grow gets the next version: a type of its own, a variant behind the others, a row in `at` with the level
//! from which on it is written, and rows in `tests/bytes`. Nothing else of what is here may change.

pub mod v1;
pub mod v2;

// The other kinds of entities.
pub mod organizer;

// Entities that are there for tests alone.
#[cfg(feature = "rehearsal")]
pub mod toy;

use serde::{Deserialize, Serialize};

use crate::{
    Answer, BookingRecord, Command, Decision, IntentRecord, Level, PairRecord, ReceiptRecord, ReplyRecord,
};

/// A request, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// From level 1 on.
    V1(v1::Request),
    /// From level 2 on, where the first cannot say it.
    V2(v2::Request),
}

/// The part of a slot that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// From level 1 on.
    V1(v1::Header),
}

/// A booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Booking {
    /// From level 1 on.
    V1(v1::Booking),
    /// From level 2 on, where the first cannot say it.
    V2(v2::Booking),
}

/// A receipt.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    /// From level 1 on.
    V1(v1::Receipt),
    /// From level 2 on, where the first cannot say it.
    V2(v2::Receipt),
}

/// A step of a feed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// From level 1 on.
    V1(v1::Record),
}

/// An answer, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// From level 1 on.
    V1(v1::Outcome),
}

/// A message of one entity to another, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// From level 1 on.
    V1(v1::Delivery),
}

/// What became of a message, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivered {
    /// From level 1 on.
    V1(v1::Delivered),
}

/// The reply to an intent, in the log.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// From level 1 on.
    V1(v1::Report),
}

/// An open intent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// From level 1 on.
    V1(v1::Intent),
}

/// How far two entities have come with each other.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pair {
    /// From level 1 on.
    V1(v1::Pair),
}

/// A reply that is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// From level 1 on.
    V1(v1::Reply),
}

impl Request {
    /// The shape that is written under this level.
    #[inline]
    pub fn at(level: Level, request: crate::Request) -> Self {
        level.assert_has(request.command.since());
        match request.command {
            Command::ChangeQuantity(_) => Self::V2(request.into()),
            Command::CreateSlot(_)
            | Command::CancelSlot
            | Command::Book(_)
            | Command::CancelBooking(_)
            | Command::ConfirmBooking(_)
            | Command::ExtendHold(_)
            | Command::AcceptOffer(_)
            | Command::DeclineOffer(_)
            | Command::ChangeSlot(_) => Self::V1(request.into()),
        }
    }
}

impl From<Request> for crate::Request {
    #[inline]
    fn from(stored: Request) -> Self {
        match stored {
            Request::V1(request) => request.into(),
            Request::V2(request) => request.into(),
        }
    }
}

impl Header {
    /// The shape that is written under this level.
    pub fn at(_level: Level, header: crate::Header) -> Self {
        Self::V1(header.into())
    }
}

impl From<Header> for crate::Header {
    fn from(stored: Header) -> Self {
        match stored {
            Header::V1(header) => header.into(),
        }
    }
}

impl Booking {
    /// The shape that is written under this level.
    #[inline]
    pub fn at(level: Level, booking: BookingRecord) -> Self {
        level.assert_has(booking.since());
        match booking.first_quantity {
            None => Self::V1(booking.into()),
            Some(_) => Self::V2(booking.into()),
        }
    }
}

impl From<Booking> for BookingRecord {
    #[inline]
    fn from(stored: Booking) -> Self {
        match stored {
            Booking::V1(booking) => booking.into(),
            Booking::V2(booking) => booking.into(),
        }
    }
}

impl Receipt {
    /// The shape that is written under this level.
    pub fn at(level: Level, receipt: ReceiptRecord) -> Self {
        level.assert_has(receipt.answer.since());
        match &receipt.answer {
            Answer::Booking { fewer: None, position: None, .. }
            | Answer::Refused(_)
            | Answer::SlotCancelled
            | Answer::SlotChanged(_) => Self::V1(receipt.into()),
            Answer::Booking { .. } => Self::V2(receipt.into()),
        }
    }
}

impl From<Receipt> for ReceiptRecord {
    fn from(stored: Receipt) -> Self {
        match stored {
            Receipt::V1(receipt) => receipt.into(),
            Receipt::V2(receipt) => receipt.into(),
        }
    }
}

impl Record {
    /// The shape that is written under this level.
    #[inline]
    pub fn at(level: Level, record: crate::Record) -> Self {
        level.assert_has(record.kind.since());
        Self::V1(record.into())
    }
}

impl From<Record> for crate::Record {
    #[inline]
    fn from(stored: Record) -> Self {
        match stored {
            Record::V1(record) => record.into(),
        }
    }
}

impl Outcome {
    /// The shape that is written under this level.
    pub fn at(level: Level, outcome: crate::Outcome) -> Self {
        let since = match outcome.decision {
            Decision::Refused(refusal) => refusal.since(),
            Decision::Slot(_)
            | Decision::Booking(_)
            | Decision::KeyReused
            | Decision::NotFound
            | Decision::Forbidden => Level::OLDEST,
        };
        level.assert_has(since);
        Self::V1(outcome.into())
    }
}

impl From<Outcome> for crate::Outcome {
    fn from(stored: Outcome) -> Self {
        match stored {
            Outcome::V1(outcome) => outcome.into(),
        }
    }
}

impl Delivery {
    /// The shape that is written under this level.
    pub fn at(_level: Level, delivery: crate::Delivery) -> Self {
        Self::V1(delivery.into())
    }
}

impl From<Delivery> for crate::Delivery {
    fn from(stored: Delivery) -> Self {
        match stored {
            Delivery::V1(delivery) => delivery.into(),
        }
    }
}

impl Delivered {
    /// The shape that is written under this level.
    pub fn at(_level: Level, delivered: crate::Delivered) -> Self {
        Self::V1(delivered.into())
    }
}

impl From<Delivered> for crate::Delivered {
    fn from(stored: Delivered) -> Self {
        match stored {
            Delivered::V1(delivered) => delivered.into(),
        }
    }
}

impl Report {
    /// The shape that is written under this level.
    pub fn at(_level: Level, report: crate::Report) -> Self {
        Self::V1(report.into())
    }
}

impl From<Report> for crate::Report {
    fn from(stored: Report) -> Self {
        match stored {
            Report::V1(report) => report.into(),
        }
    }
}

impl Intent {
    /// The shape that is written under this level.
    pub fn at(_level: Level, intent: IntentRecord) -> Self {
        Self::V1(intent.into())
    }
}

impl From<Intent> for IntentRecord {
    fn from(stored: Intent) -> Self {
        match stored {
            Intent::V1(intent) => intent.into(),
        }
    }
}

impl Pair {
    /// The shape that is written under this level.
    pub fn at(_level: Level, pair: PairRecord) -> Self {
        Self::V1(pair.into())
    }
}

impl From<Pair> for PairRecord {
    fn from(stored: Pair) -> Self {
        match stored {
            Pair::V1(pair) => pair.into(),
        }
    }
}

impl Reply {
    /// The shape that is written under this level.
    pub fn at(_level: Level, reply: ReplyRecord) -> Self {
        Self::V1(reply.into())
    }
}

impl From<Reply> for ReplyRecord {
    fn from(stored: Reply) -> Self {
        match stored {
            Reply::V1(reply) => reply.into(),
        }
    }
}
