//! The shapes of what entities tell each other.

use serde::{Deserialize, Serialize};

use super::v1;
use crate::{IntentRecord, Level, PairRecord, ReplyRecord};

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
