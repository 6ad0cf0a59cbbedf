//! What toys look like on disk, in the log and between nodes. A second version of them is not rehearsed.

pub mod v1;

use serde::{Deserialize, Serialize};

use crate::{Level, toy};

/// A request to a toy, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// From level 1 on.
    V1(v1::Request),
}

/// The part of a toy that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// From level 1 on.
    V1(v1::Header),
}

/// A receipt of a toy.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    /// From level 1 on.
    V1(v1::Receipt),
}

/// A step of a toy's feed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// From level 1 on.
    V1(v1::Record),
}

/// A toy's answer, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// From level 1 on.
    V1(v1::Outcome),
}

impl Request {
    /// The shape that is written under this level.
    pub fn at(_level: Level, request: toy::Request) -> Self {
        Self::V1(request.into())
    }
}

impl From<Request> for toy::Request {
    fn from(stored: Request) -> Self {
        match stored {
            Request::V1(request) => request.into(),
        }
    }
}

impl Header {
    /// The shape that is written under this level.
    pub fn at(_level: Level, header: toy::Header) -> Self {
        Self::V1(header.into())
    }
}

impl From<Header> for toy::Header {
    fn from(stored: Header) -> Self {
        match stored {
            Header::V1(header) => header.into(),
        }
    }
}

impl Receipt {
    /// The shape that is written under this level.
    pub fn at(_level: Level, receipt: toy::ReceiptRecord) -> Self {
        Self::V1(receipt.into())
    }
}

impl From<Receipt> for toy::ReceiptRecord {
    fn from(stored: Receipt) -> Self {
        match stored {
            Receipt::V1(receipt) => receipt.into(),
        }
    }
}

impl Record {
    /// The shape that is written under this level.
    pub fn at(_level: Level, record: toy::Record) -> Self {
        Self::V1(record.into())
    }
}

impl From<Record> for toy::Record {
    fn from(stored: Record) -> Self {
        match stored {
            Record::V1(record) => record.into(),
        }
    }
}

impl Outcome {
    /// The shape that is written under this level.
    pub fn at(_level: Level, outcome: toy::Outcome) -> Self {
        Self::V1(outcome.into())
    }
}

impl From<Outcome> for toy::Outcome {
    fn from(stored: Outcome) -> Self {
        match stored {
            Outcome::V1(outcome) => outcome.into(),
        }
    }
}
