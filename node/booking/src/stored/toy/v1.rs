//! The first version of what there is of a toy.

use serde::{Deserialize, Serialize};

use crate::stored::v1::header::Origin;
use crate::stored::v1::intents::IntentCounts;
use crate::toy::{self, Kind, Refusal};
use crate::{EntityId, Fingerprint, IntentNumber, RequestKey, Seq, Timestamp};

/// One request to one toy.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    toy: EntityId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    Make { amount: u32, room: u64 },
    Give { to: EntityId, amount: u64 },
    Reclaim { from: EntityId, amount: u64 },
    Acknowledge { to: EntityId },
    Take { amount: u64 },
}

/// The part of a toy that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    id: EntityId,
    origin: Origin,
    seq: Seq,
    stamp: Timestamp,
    made_with: u64,
    room: u64,
    amount: u64,
    taken: u64,
    receipts_made: u64,
    intents: IntentCounts,
    digest: u64,
}

/// What was answered to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    serial: u64,
    request: RequestKey,
    fingerprint: Fingerprint,
    seq: Seq,
    at: Timestamp,
    answer: Answer,
}

/// An answer, as short as it can be kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    Refused(Refusal),
    Toy { amount: u64, taken: u64 },
    Left(IntentNumber),
}

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    amount: u64,
}

/// The answer to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    seq: Seq,
    at: Timestamp,
    replayed: bool,
    decision: Decision,
}

/// What was decided.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Decision {
    Toy(View),
    Left(IntentNumber),
    Refused(Refusal),
    Overloaded,
    KeyReused,
    NotFound,
}

/// A toy as everyone may see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct View {
    id: EntityId,
    seq: Seq,
    stamp: Timestamp,
    amount: u64,
    taken: u64,
}

impl From<toy::Request> for Request {
    fn from(request: toy::Request) -> Self {
        let toy::Request { toy, key, fingerprint, command } = request;
        Self { toy, key, fingerprint, command: command.into() }
    }
}

impl From<Request> for toy::Request {
    fn from(request: Request) -> Self {
        let Request { toy, key, fingerprint, command } = request;
        Self { toy, key, fingerprint, command: command.into() }
    }
}

impl From<toy::Command> for Command {
    fn from(command: toy::Command) -> Self {
        use toy::Command;
        match command {
            Command::Make { amount, room } => Self::Make { amount, room },
            Command::Give { to, amount } => Self::Give { to, amount },
            Command::Reclaim { from, amount } => Self::Reclaim { from, amount },
            Command::Acknowledge { to } => Self::Acknowledge { to },
            Command::Take { amount } => Self::Take { amount },
        }
    }
}

impl From<Command> for toy::Command {
    fn from(command: Command) -> Self {
        match command {
            Command::Make { amount, room } => Self::Make { amount, room },
            Command::Give { to, amount } => Self::Give { to, amount },
            Command::Reclaim { from, amount } => Self::Reclaim { from, amount },
            Command::Acknowledge { to } => Self::Acknowledge { to },
            Command::Take { amount } => Self::Take { amount },
        }
    }
}

impl From<toy::Header> for Header {
    fn from(header: toy::Header) -> Self {
        Self {
            id: header.id,
            origin: header.origin.into(),
            seq: header.seq,
            stamp: header.stamp,
            made_with: header.made_with,
            room: header.room,
            amount: header.amount,
            taken: header.taken,
            receipts_made: header.receipts_made,
            intents: header.intents.into(),
            digest: header.digest,
        }
    }
}

impl From<Header> for toy::Header {
    fn from(header: Header) -> Self {
        Self {
            id: header.id,
            origin: header.origin.into(),
            seq: header.seq,
            stamp: header.stamp,
            made_with: header.made_with,
            room: header.room,
            amount: header.amount,
            taken: header.taken,
            receipts_made: header.receipts_made,
            intents: header.intents.into(),
            digest: header.digest,
        }
    }
}

impl From<toy::ReceiptRecord> for Receipt {
    fn from(receipt: toy::ReceiptRecord) -> Self {
        let toy::ReceiptRecord { serial, request, fingerprint, seq, at, answer } = receipt;
        let answer = match answer {
            toy::Answer::Refused(refusal) => Answer::Refused(refusal),
            toy::Answer::Toy { amount, taken } => Answer::Toy { amount, taken },
            toy::Answer::Left(intent) => Answer::Left(intent),
        };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<Receipt> for toy::ReceiptRecord {
    fn from(receipt: Receipt) -> Self {
        let Receipt { serial, request, fingerprint, seq, at, answer } = receipt;
        let answer = match answer {
            Answer::Refused(refusal) => toy::Answer::Refused(refusal),
            Answer::Toy { amount, taken } => toy::Answer::Toy { amount, taken },
            Answer::Left(intent) => toy::Answer::Left(intent),
        };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<toy::Record> for Record {
    fn from(record: toy::Record) -> Self {
        let toy::Record { seq, at, kind, amount } = record;
        Self { seq, at, kind, amount }
    }
}

impl From<Record> for toy::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, amount } = record;
        Self { seq, at, kind, amount }
    }
}

impl From<toy::Outcome> for Outcome {
    fn from(outcome: toy::Outcome) -> Self {
        let toy::Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<Outcome> for toy::Outcome {
    fn from(outcome: Outcome) -> Self {
        let Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<toy::Decision> for Decision {
    fn from(decision: toy::Decision) -> Self {
        use toy::Decision;
        match decision {
            Decision::Toy(view) => Self::Toy(view.into()),
            Decision::Left(intent) => Self::Left(intent),
            Decision::Refused(refusal) => Self::Refused(refusal),
            Decision::Overloaded => Self::Overloaded,
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
        }
    }
}

impl From<Decision> for toy::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Toy(view) => Self::Toy(view.into()),
            Decision::Left(intent) => Self::Left(intent),
            Decision::Refused(refusal) => Self::Refused(refusal),
            Decision::Overloaded => Self::Overloaded,
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
        }
    }
}

impl From<toy::View> for View {
    fn from(view: toy::View) -> Self {
        let toy::View { id, seq, stamp, amount, taken } = view;
        Self { id, seq, stamp, amount, taken }
    }
}

impl From<View> for toy::View {
    fn from(view: View) -> Self {
        let View { id, seq, stamp, amount, taken } = view;
        Self { id, seq, stamp, amount, taken }
    }
}
