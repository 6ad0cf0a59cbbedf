//! The shapes of what entities tell each other.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use super::v6::{answers_a_merchant, is_of_a_merchant};
use super::{v1, v6};
use crate::slot::levels::ACCOUNTS;
use crate::{IntentRecord, Level, PairRecord, ReplyRecord};

/// A message of one entity to another, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// From level 1 on.
    V1(v1::Delivery),
    /// From level 7 on, where the first cannot say it.
    V6(Box<v6::Delivery>),
}

/// What became of a message, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivered {
    /// From level 1 on.
    V1(v1::Delivered),
    /// From level 7 on, where the first cannot say it.
    V6(v6::Delivered),
}

/// The reply to an intent, in the log.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// From level 1 on.
    V1(v1::Report),
    /// From level 7 on, where the first cannot say it.
    V6(v6::Report),
}

/// An open intent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// From level 1 on.
    V1(v1::Intent),
    /// From level 7 on, where the first cannot say it.
    V6(Box<v6::Intent>),
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
    /// From level 7 on, where the first cannot say it.
    V6(v6::Reply),
}

impl Delivery {
    /// The shape that is written under this level.
    pub fn at(level: Level, delivery: crate::Delivery) -> Self {
        if is_of_a_merchant(&delivery.message) {
            level.assert_has(ACCOUNTS);
            return Self::V6(Box::new(v6::Delivery::at(level, delivery)));
        }
        Self::V1(delivery.into())
    }
}

impl From<Delivery> for crate::Delivery {
    fn from(stored: Delivery) -> Self {
        match stored {
            Delivery::V1(delivery) => delivery.into(),
            Delivery::V6(value) => (*value).into(),
        }
    }
}

impl Delivered {
    /// The shape that is written under this level.
    pub fn at(level: Level, delivered: crate::Delivered) -> Self {
        if let crate::Delivered::Replied(reply) = &delivered
            && answers_a_merchant(reply)
        {
            level.assert_has(ACCOUNTS);
            return Self::V6(reply.clone().into());
        }
        Self::V1(delivered.into())
    }
}

impl From<Delivered> for crate::Delivered {
    fn from(stored: Delivered) -> Self {
        match stored {
            Delivered::V1(delivered) => delivered.into(),
            Delivered::V6(value) => value.into(),
        }
    }
}

impl Report {
    /// The shape that is written under this level.
    pub fn at(level: Level, report: crate::Report) -> Self {
        if answers_a_merchant(&report.reply) {
            level.assert_has(ACCOUNTS);
            return Self::V6(report.into());
        }
        Self::V1(report.into())
    }
}

impl From<Report> for crate::Report {
    fn from(stored: Report) -> Self {
        match stored {
            Report::V1(report) => report.into(),
            Report::V6(value) => value.into(),
        }
    }
}

impl Intent {
    /// The shape that is written under this level.
    pub fn at(level: Level, intent: IntentRecord) -> Self {
        if is_of_a_merchant(&intent.message) {
            level.assert_has(ACCOUNTS);
            return Self::V6(Box::new(v6::Intent::at(level, intent)));
        }
        Self::V1(intent.into())
    }
}

impl From<Intent> for IntentRecord {
    fn from(stored: Intent) -> Self {
        match stored {
            Intent::V1(intent) => intent.into(),
            Intent::V6(value) => (*value).into(),
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
    pub fn at(level: Level, reply: ReplyRecord) -> Self {
        if answers_a_merchant(&reply.reply) {
            level.assert_has(ACCOUNTS);
            return Self::V6(reply.into());
        }
        Self::V1(reply.into())
    }
}

impl From<Reply> for ReplyRecord {
    fn from(stored: Reply) -> Self {
        match stored {
            Reply::V1(reply) => reply.into(),
            Reply::V6(value) => value.into(),
        }
    }
}
