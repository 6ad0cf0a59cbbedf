//! What is saved of intents.

use serde::{Deserialize, Serialize};

use super::message::{self, Message, Target};
use crate::{EntityId, IntentNumber, IntentRecord, Ordinal, PairRecord, ReplyRecord};

/// An open intent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    number: IntentNumber,
    to: Target,
    ordinal: Ordinal,
    message: Message,
}

/// How far two entities have come with each other.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    with: Target,
    sent: Ordinal,
    received: Ordinal,
    acknowledged: Ordinal,
}

/// A reply that was given, and may be asked for again.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    from: EntityId,
    ordinal: Ordinal,
    said: message::Reply,
}

/// What a header says of intents.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct IntentCounts {
    left: u64,
    ended: u64,
    pairs: u64,
    replies: u64,
}

impl From<IntentRecord> for Intent {
    fn from(intent: IntentRecord) -> Self {
        let IntentRecord { number, to, ordinal, message } = intent;
        Self { number, to: to.into(), ordinal, message: message.into() }
    }
}

impl From<Intent> for IntentRecord {
    fn from(intent: Intent) -> Self {
        let Intent { number, to, ordinal, message } = intent;
        Self { number, to: to.into(), ordinal, message: message.into() }
    }
}

impl From<PairRecord> for Pair {
    fn from(pair: PairRecord) -> Self {
        let PairRecord { with, sent, received, acknowledged } = pair;
        Self { with: with.into(), sent, received, acknowledged }
    }
}

impl From<Pair> for PairRecord {
    fn from(pair: Pair) -> Self {
        let Pair { with, sent, received, acknowledged } = pair;
        Self { with: with.into(), sent, received, acknowledged }
    }
}

impl From<ReplyRecord> for Reply {
    fn from(reply: ReplyRecord) -> Self {
        let ReplyRecord { from, ordinal, reply } = reply;
        Self { from, ordinal, said: reply.into() }
    }
}

impl From<Reply> for ReplyRecord {
    fn from(reply: Reply) -> Self {
        let Reply { from, ordinal, said } = reply;
        Self { from, ordinal, reply: said.into() }
    }
}

impl From<crate::IntentCounts> for IntentCounts {
    fn from(counts: crate::IntentCounts) -> Self {
        let crate::IntentCounts { left, ended, pairs, replies } = counts;
        Self { left, ended, pairs, replies }
    }
}

impl From<IntentCounts> for crate::IntentCounts {
    fn from(counts: IntentCounts) -> Self {
        let IntentCounts { left, ended, pairs, replies } = counts;
        Self { left, ended, pairs, replies }
    }
}
