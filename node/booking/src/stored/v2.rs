//! A second version, in rehearsal: a definition, a booking's view and an outcome with one thing more, and all that contains them.
//! No node writes it; an upgrade under load is tried with it before there is anything real to upgrade to.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::v1;
use super::v1::booking::Standing;
use super::v1::header::{Away, Counts, Origin};
use super::v1::intents::IntentCounts;
use crate::{Fingerprint, Kind, Number, ReceiptRecord, Refusal, RequestKey, Seq, SlotId, Timestamp};

/// What the thing more says: where it is found, something of this version is.
pub const REHEARSED: u32 = 0x5EC0_2DED;

/// The thing more: always the same number, so that bytes which are read at the wrong place are not taken for it.
#[derive(Debug, PartialEq, Eq)]
struct Rehearsed;

impl Serialize for Rehearsed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        REHEARSED.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Rehearsed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match u32::deserialize(from)? {
            REHEARSED => Ok(Self),
            other => Err(de::Error::custom(format_args!("{other} is not what was rehearsed"))),
        }
    }
}

/// One request to one slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    slot: SlotId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    CreateSlot(Box<Definition>),
    Other(v1::request::Command),
}

/// A slot as its organizer defined it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Definition {
    first: v1::definition::Definition,
    more: Rehearsed,
}

/// The part of a slot that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    id: SlotId,
    definition: Definition,
    origin: Origin,
    seq: Seq,
    stamp: Timestamp,
    cancelled: bool,
    bookings: u32,
    receipts_made: u64,
    counts: Counts,
    digest: u64,
    made_as: Option<Definition>,
    loosest_limit: Option<u32>,
    away: Away,
    intents: IntentCounts,
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
    Booking { number: Number, standing: Standing },
    SlotCancelled,
    SlotChanged { definition: Box<Definition>, counts: Counts },
}

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    bookings: Vec<BookingView>,
    counts: Counts,
}

/// A booking as its customer and the slot's organizer may see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct BookingView {
    first: v1::view::BookingView,
    more: Rehearsed,
}

/// The answer to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    seq: Seq,
    at: Timestamp,
    replayed: bool,
    decision: Decision,
    more: Rehearsed,
}

/// What was decided.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Decision {
    Slot(Box<View>),
    Booking(BookingView),
    Other(v1::outcome::Decision),
}

/// A slot as everyone may see it, at one `seq`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct View {
    id: SlotId,
    definition: Definition,
    seq: Seq,
    stamp: Timestamp,
    counts: Counts,
    cancelled: bool,
}

impl From<crate::Request> for Request {
    fn from(request: crate::Request) -> Self {
        let crate::Request { slot, key, fingerprint, command } = request;
        let command = if let crate::Command::CreateSlot(definition) = command {
            Command::CreateSlot(Box::new((*definition).into()))
        } else {
            Command::Other(command.into())
        };
        Self { slot, key, fingerprint, command }
    }
}

impl From<Request> for crate::Request {
    fn from(request: Request) -> Self {
        let Request { slot, key, fingerprint, command } = request;
        let command = match command {
            Command::CreateSlot(definition) => crate::Command::CreateSlot(Box::new((*definition).into())),
            Command::Other(other) => other.into(),
        };
        Self { slot, key, fingerprint, command }
    }
}

impl From<crate::Definition> for Definition {
    fn from(definition: crate::Definition) -> Self {
        Self { first: definition.into(), more: Rehearsed }
    }
}

impl From<Definition> for crate::Definition {
    fn from(definition: Definition) -> Self {
        let Definition { first, more: Rehearsed } = definition;
        first.into()
    }
}

impl From<crate::Header> for Header {
    fn from(header: crate::Header) -> Self {
        let made_as = header.made_as.map(|made_as| Arc::unwrap_or_clone(made_as).into());
        Self {
            id: header.id,
            definition: header.definition.into(),
            origin: header.origin.into(),
            seq: header.seq,
            stamp: header.stamp,
            cancelled: header.cancelled,
            bookings: header.bookings,
            receipts_made: header.receipts_made,
            counts: header.counts.into(),
            digest: header.digest,
            made_as,
            loosest_limit: header.loosest_limit,
            away: header.away.into(),
            intents: header.intents.into(),
        }
    }
}

impl From<Header> for crate::Header {
    fn from(header: Header) -> Self {
        Self {
            id: header.id,
            definition: header.definition.into(),
            origin: header.origin.into(),
            seq: header.seq,
            stamp: header.stamp,
            cancelled: header.cancelled,
            bookings: header.bookings,
            receipts_made: header.receipts_made,
            counts: header.counts.into(),
            digest: header.digest,
            made_as: header.made_as.map(|made_as| Arc::new(made_as.into())),
            loosest_limit: header.loosest_limit,
            away: header.away.into(),
            intents: header.intents.into(),
        }
    }
}

impl From<ReceiptRecord> for Receipt {
    fn from(receipt: ReceiptRecord) -> Self {
        let ReceiptRecord { serial, request, fingerprint, seq, at, answer } = receipt;
        let answer = match answer {
            crate::Answer::Refused(refusal) => Answer::Refused(refusal),
            crate::Answer::Booking { number, standing } => {
                Answer::Booking { number, standing: standing.into() }
            }
            crate::Answer::SlotCancelled => Answer::SlotCancelled,
            crate::Answer::SlotChanged(changed) => {
                let crate::SlotChanged { definition, counts } = *changed;
                let definition = Box::new(Arc::unwrap_or_clone(definition).into());
                Answer::SlotChanged { definition, counts: counts.into() }
            }
        };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<Receipt> for ReceiptRecord {
    fn from(receipt: Receipt) -> Self {
        let Receipt { serial, request, fingerprint, seq, at, answer } = receipt;
        let answer = match answer {
            Answer::Refused(refusal) => crate::Answer::Refused(refusal),
            Answer::Booking { number, standing } => {
                crate::Answer::Booking { number, standing: standing.into() }
            }
            Answer::SlotCancelled => crate::Answer::SlotCancelled,
            Answer::SlotChanged { definition, counts } => {
                let definition = Arc::new((*definition).into());
                crate::Answer::SlotChanged(Box::new(crate::SlotChanged { definition, counts: counts.into() }))
            }
        };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<crate::Record> for Record {
    fn from(record: crate::Record) -> Self {
        let crate::Record { seq, at, kind, bookings, counts } = record;
        let bookings = bookings.into_iter().map(BookingView::from).collect();
        Self { seq, at, kind, bookings, counts: counts.into() }
    }
}

impl From<Record> for crate::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, bookings, counts } = record;
        let bookings = bookings.into_iter().map(crate::BookingView::from).collect();
        Self { seq, at, kind, bookings, counts: counts.into() }
    }
}

impl From<crate::BookingView> for BookingView {
    fn from(booking: crate::BookingView) -> Self {
        Self { first: booking.into(), more: Rehearsed }
    }
}

impl From<BookingView> for crate::BookingView {
    fn from(booking: BookingView) -> Self {
        let BookingView { first, more: Rehearsed } = booking;
        first.into()
    }
}

impl From<crate::Outcome> for Outcome {
    fn from(outcome: crate::Outcome) -> Self {
        let crate::Outcome { seq, at, replayed, decision } = outcome;
        let decision = match decision {
            crate::Decision::Slot(view) => Decision::Slot(Box::new(view.into())),
            crate::Decision::Booking(booking) => Decision::Booking(booking.into()),
            other @ (crate::Decision::Refused(_)
            | crate::Decision::KeyReused
            | crate::Decision::NotFound
            | crate::Decision::Forbidden) => Decision::Other(other.into()),
        };
        Self { seq, at, replayed, decision, more: Rehearsed }
    }
}

impl From<Outcome> for crate::Outcome {
    fn from(outcome: Outcome) -> Self {
        let Outcome { seq, at, replayed, decision, more: Rehearsed } = outcome;
        let decision = match decision {
            Decision::Slot(view) => crate::Decision::Slot((*view).into()),
            Decision::Booking(booking) => crate::Decision::Booking(booking.into()),
            Decision::Other(other) => other.into(),
        };
        Self { seq, at, replayed, decision }
    }
}

impl From<crate::View> for View {
    fn from(view: crate::View) -> Self {
        let crate::View { id, definition, seq, stamp, counts, cancelled } = view;
        let definition = Arc::unwrap_or_clone(definition).into();
        Self { id, definition, seq, stamp, counts: counts.into(), cancelled }
    }
}

impl From<View> for crate::View {
    fn from(view: View) -> Self {
        let View { id, definition, seq, stamp, counts, cancelled } = view;
        Self { id, definition: Arc::new(definition.into()), seq, stamp, counts: counts.into(), cancelled }
    }
}
