//! The first version of what there is of an organizer.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use crate::organizer::{self, Kind, Parts, Refusal};
use crate::stored::v1::header::Origin;
use crate::stored::v1::intents::IntentCounts;
use crate::{Content, EntityId, Fingerprint, RequestKey, Seq, Timestamp};

/// One request to one organizer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    organizer: EntityId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    Make(Box<str>),
    PutPart { content: Content, len: u32, number: u8, bytes: Bytes },
    Keep { content: Content, len: u32, counts: Counts },
}

/// What is in a seatmap.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    seats: u32,
    rows: u32,
    areas: u32,
    categories: u32,
}

/// The part of an organizer that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    id: EntityId,
    name: Box<str>,
    origin: Origin,
    seq: Seq,
    stamp: Timestamp,
    seatmaps: u32,
    drafts: Vec<Draft>,
    receipts_made: u64,
    intents: IntentCounts,
    digest: u64,
}

/// A seatmap that is unfinished.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    content: Content,
    len: u32,
    parts: Parts,
    until: Timestamp,
    parts_digest: u64,
}

/// A seatmap that is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seatmap {
    content: Content,
    len: u32,
    counts: Counts,
    at: Timestamp,
    parts_digest: u64,
}

/// A part of a seatmap's text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartText(Bytes);

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
    Kept(Content),
    Found(Content),
}

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    content: Option<Content>,
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
    Made,
    PartTaken,
    Kept(View),
    Found(View),
    Missing(Parts),
    Refused(Refusal),
    Overloaded,
    KeyReused,
    NotFound,
}

/// A seatmap as it is answered with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct View {
    content: Content,
    counts: Counts,
}

impl From<organizer::Request> for Request {
    fn from(request: organizer::Request) -> Self {
        let organizer::Request { organizer, key, fingerprint, command } = request;
        Self { organizer, key, fingerprint, command: command.into() }
    }
}

impl From<Request> for organizer::Request {
    fn from(request: Request) -> Self {
        let Request { organizer, key, fingerprint, command } = request;
        Self { organizer, key, fingerprint, command: command.into() }
    }
}

impl From<organizer::Command> for Command {
    fn from(command: organizer::Command) -> Self {
        use organizer::{Command, Part, Wish};
        match command {
            Command::Make(name) => Self::Make(name),
            Command::PutPart(part) => {
                let Part { content, len, number, bytes } = *part;
                Self::PutPart { content, len, number, bytes: Bytes(bytes) }
            }
            Command::Keep(wish) => {
                let Wish { content, len, counts } = *wish;
                Self::Keep { content, len, counts: counts.into() }
            }
        }
    }
}

impl From<Command> for organizer::Command {
    fn from(command: Command) -> Self {
        use organizer::{Part, Wish};
        match command {
            Command::Make(name) => Self::Make(name),
            Command::PutPart { content, len, number, bytes: Bytes(bytes) } => {
                Self::PutPart(Box::new(Part { content, len, number, bytes }))
            }
            Command::Keep { content, len, counts } => {
                Self::Keep(Box::new(Wish { content, len, counts: counts.into() }))
            }
        }
    }
}

impl From<organizer::Counts> for Counts {
    fn from(counts: organizer::Counts) -> Self {
        let organizer::Counts { seats, rows, areas, categories } = counts;
        Self { seats, rows, areas, categories }
    }
}

impl From<Counts> for organizer::Counts {
    fn from(counts: Counts) -> Self {
        let Counts { seats, rows, areas, categories } = counts;
        Self { seats, rows, areas, categories }
    }
}

impl From<organizer::Header> for Header {
    fn from(header: organizer::Header) -> Self {
        Self {
            id: header.id,
            name: header.name,
            origin: header.origin.into(),
            seq: header.seq,
            stamp: header.stamp,
            seatmaps: header.seatmaps,
            drafts: header.drafts.into_iter().map(Draft::from).collect(),
            receipts_made: header.receipts_made,
            intents: header.intents.into(),
            digest: header.digest,
        }
    }
}

impl From<Header> for organizer::Header {
    fn from(header: Header) -> Self {
        Self {
            id: header.id,
            name: header.name,
            origin: header.origin.into(),
            seq: header.seq,
            stamp: header.stamp,
            seatmaps: header.seatmaps,
            drafts: header.drafts.into_iter().map(organizer::Draft::from).collect(),
            receipts_made: header.receipts_made,
            intents: header.intents.into(),
            digest: header.digest,
        }
    }
}

impl From<organizer::Draft> for Draft {
    fn from(draft: organizer::Draft) -> Self {
        let organizer::Draft { content, len, parts, until, parts_digest } = draft;
        Self { content, len, parts, until, parts_digest }
    }
}

impl From<Draft> for organizer::Draft {
    fn from(draft: Draft) -> Self {
        let Draft { content, len, parts, until, parts_digest } = draft;
        Self { content, len, parts, until, parts_digest }
    }
}

impl From<organizer::Seatmap> for Seatmap {
    fn from(seatmap: organizer::Seatmap) -> Self {
        let organizer::Seatmap { content, len, counts, at, parts_digest } = seatmap;
        Self { content, len, counts: counts.into(), at, parts_digest }
    }
}

impl From<Seatmap> for organizer::Seatmap {
    fn from(seatmap: Seatmap) -> Self {
        let Seatmap { content, len, counts, at, parts_digest } = seatmap;
        Self { content, len, counts: counts.into(), at, parts_digest }
    }
}

impl From<Arc<[u8]>> for PartText {
    fn from(text: Arc<[u8]>) -> Self {
        Self(Bytes(text))
    }
}

impl From<PartText> for Arc<[u8]> {
    fn from(text: PartText) -> Self {
        text.0.0
    }
}

impl From<organizer::ReceiptRecord> for Receipt {
    fn from(receipt: organizer::ReceiptRecord) -> Self {
        let organizer::ReceiptRecord { serial, request, fingerprint, seq, at, answer } = receipt;
        let answer = match answer {
            organizer::Answer::Refused(refusal) => Answer::Refused(refusal),
            organizer::Answer::Kept(content) => Answer::Kept(content),
            organizer::Answer::Found(content) => Answer::Found(content),
        };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<Receipt> for organizer::ReceiptRecord {
    fn from(receipt: Receipt) -> Self {
        let Receipt { serial, request, fingerprint, seq, at, answer } = receipt;
        let answer = match answer {
            Answer::Refused(refusal) => organizer::Answer::Refused(refusal),
            Answer::Kept(content) => organizer::Answer::Kept(content),
            Answer::Found(content) => organizer::Answer::Found(content),
        };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<organizer::Record> for Record {
    fn from(record: organizer::Record) -> Self {
        let organizer::Record { seq, at, kind, content } = record;
        Self { seq, at, kind, content }
    }
}

impl From<Record> for organizer::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, content } = record;
        Self { seq, at, kind, content }
    }
}

impl From<organizer::Outcome> for Outcome {
    fn from(outcome: organizer::Outcome) -> Self {
        let organizer::Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<Outcome> for organizer::Outcome {
    fn from(outcome: Outcome) -> Self {
        let Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<organizer::Decision> for Decision {
    fn from(decision: organizer::Decision) -> Self {
        use organizer::Decision;
        match decision {
            Decision::Made => Self::Made,
            Decision::PartTaken => Self::PartTaken,
            Decision::Kept(view) => Self::Kept(view.into()),
            Decision::Found(view) => Self::Found(view.into()),
            Decision::Missing(parts) => Self::Missing(parts),
            Decision::Refused(refusal) => Self::Refused(refusal),
            Decision::Overloaded => Self::Overloaded,
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
        }
    }
}

impl From<Decision> for organizer::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Made => Self::Made,
            Decision::PartTaken => Self::PartTaken,
            Decision::Kept(view) => Self::Kept(view.into()),
            Decision::Found(view) => Self::Found(view.into()),
            Decision::Missing(parts) => Self::Missing(parts),
            Decision::Refused(refusal) => Self::Refused(refusal),
            Decision::Overloaded => Self::Overloaded,
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
        }
    }
}

impl From<organizer::View> for View {
    fn from(view: organizer::View) -> Self {
        let organizer::View { content, counts } = view;
        Self { content, counts: counts.into() }
    }
}

impl From<View> for organizer::View {
    fn from(view: View) -> Self {
        let View { content, counts } = view;
        Self { content, counts: counts.into() }
    }
}
