//! What organizers look like on disk, in the log and between nodes. There are organizers from level 2 on, and so is each first version.

mod bytes;
pub mod v1;

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Level, organizer};

/// A request to an organizer, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// From level 2 on.
    V1(v1::Request),
}

/// The part of an organizer that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// From level 2 on.
    V1(v1::Header),
}

/// A seatmap, but for its text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seatmap {
    /// From level 2 on.
    V1(v1::Seatmap),
}

/// A part of a seatmap's text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartText {
    /// From level 2 on.
    V1(v1::PartText),
}

/// A receipt of an organizer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    /// From level 2 on.
    V1(v1::Receipt),
}

/// A step of an organizer's feed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// From level 2 on.
    V1(v1::Record),
}

/// An organizer's answer, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// From level 2 on.
    V1(v1::Outcome),
}

impl Request {
    /// The shape that is written under this level.
    pub fn at(level: Level, request: organizer::Request) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(request.into())
    }
}

impl From<Request> for organizer::Request {
    fn from(stored: Request) -> Self {
        match stored {
            Request::V1(request) => request.into(),
        }
    }
}

impl Header {
    /// The shape that is written under this level.
    pub fn at(level: Level, header: organizer::Header) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(header.into())
    }
}

impl From<Header> for organizer::Header {
    fn from(stored: Header) -> Self {
        match stored {
            Header::V1(header) => header.into(),
        }
    }
}

impl Seatmap {
    /// The shape that is written under this level.
    pub fn at(level: Level, seatmap: organizer::Seatmap) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(seatmap.into())
    }
}

impl From<Seatmap> for organizer::Seatmap {
    fn from(stored: Seatmap) -> Self {
        match stored {
            Seatmap::V1(seatmap) => seatmap.into(),
        }
    }
}

impl PartText {
    /// The shape that is written under this level.
    pub fn at(level: Level, text: Arc<[u8]>) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(text.into())
    }
}

impl From<PartText> for Arc<[u8]> {
    fn from(stored: PartText) -> Self {
        match stored {
            PartText::V1(text) => text.into(),
        }
    }
}

impl Receipt {
    /// The shape that is written under this level.
    pub fn at(level: Level, receipt: organizer::ReceiptRecord) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(receipt.into())
    }
}

impl From<Receipt> for organizer::ReceiptRecord {
    fn from(stored: Receipt) -> Self {
        match stored {
            Receipt::V1(receipt) => receipt.into(),
        }
    }
}

impl Record {
    /// The shape that is written under this level.
    pub fn at(level: Level, record: organizer::Record) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(record.into())
    }
}

impl From<Record> for organizer::Record {
    fn from(stored: Record) -> Self {
        match stored {
            Record::V1(record) => record.into(),
        }
    }
}

impl Outcome {
    /// The shape that is written under this level.
    pub fn at(level: Level, outcome: organizer::Outcome) -> Self {
        level.assert_has(organizer::LEVEL);
        Self::V1(outcome.into())
    }
}

impl From<Outcome> for organizer::Outcome {
    fn from(stored: Outcome) -> Self {
        match stored {
            Outcome::V1(outcome) => outcome.into(),
        }
    }
}
