//! A slot on disk: one header, one record a booking, one a receipt, one a step of its feed.
//!
//! Keys begin with one byte for the kind, so that all headers lie together and a start reads nothing else. The bytes are
//! for ever: kinds and fields are only added.

use booking::{
    BookingRecord, Changes, Header, Number, ReceiptRecord, Record, RequestKey, Seq, Slot, SlotId, Timestamp,
};
use cluster::State;
use cluster::codec::{self, CodecError};
use serde::{Deserialize, Serialize};
use storage::{Change, Index};

const HEADER: u8 = b'h';
const BOOKING: u8 = b'b';
const RECEIPT: u8 = b'r';
const FEED: u8 = b'f';
const FAULT: u8 = b'x';

/// How many pairs are read at once.
const SCAN_PAIRS: usize = 4_096;

/// What stands at the head of a saved slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The log's index at or below which this slot has seen everything.
    pub(crate) index: u64,
    /// The stamp at which time alone will change it.
    pub(crate) deadline: Option<Timestamp>,
    /// The slot's own.
    pub(crate) header: Header,
}

/// Why a saved slot could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The store failed or says that its bytes are damaged.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A record is damaged or newer than this program.
    #[error("a record of a slot cannot be read")]
    Record(#[from] CodecError),
    /// The records do not make a slot.
    #[error("the records of a slot contradict each other: {0}")]
    Broken(String),
}

/// What `changes` and `records` are on disk, to be written as one piece.
pub(crate) fn pieces(
    index: Index,
    deadline: Option<Timestamp>,
    changes: Changes,
    records: Vec<(Seq, Vec<u8>)>,
) -> Vec<Change> {
    let slot = changes.header.id;
    let head = Head { index: index.0, deadline, header: changes.header };
    let mut pieces = Vec::with_capacity(1 + changes.bookings.len() + changes.receipts.len() + records.len());
    pieces.push(Change::Put { key: key(HEADER, slot, &[]), value: codec::encode(&head) });
    for booking in &changes.bookings {
        pieces.push(Change::Put { key: booking_key(slot, booking.number), value: codec::encode(booking) });
    }
    for receipt in &changes.receipts {
        pieces.push(Change::Put { key: receipt_key(slot, receipt.request), value: codec::encode(receipt) });
    }
    for forgotten in &changes.forgotten {
        pieces.push(Change::Remove { key: receipt_key(slot, *forgotten) });
    }
    for (seq, record) in records {
        pieces.push(Change::Put { key: feed_key(slot, seq), value: record });
    }
    pieces
}

/// The bytes of one step of the feed.
pub(crate) fn encode_record(record: &Record) -> Vec<u8> {
    codec::encode(record)
}

/// Reads one step of the feed back.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, CodecError> {
    codec::decode(bytes)
}

/// The head of one slot.
pub(crate) fn head(state: &State, slot: SlotId) -> Result<Option<Head>, Unreadable> {
    Ok(state.get(&key(HEADER, slot, &[]))?.map(|bytes| codec::decode(&bytes)).transpose()?)
}

/// Calls `each` with every slot's head, in order of id.
pub(crate) fn heads(state: &State, mut each: impl FnMut(SlotId, Head)) -> Result<(), Unreadable> {
    scan(state, vec![HEADER], &[HEADER + 1], |key, value| {
        let id = key.get(1..).and_then(|id| id.try_into().ok()).and_then(SlotId::from_bytes);
        let id = id.ok_or_else(|| Unreadable::Broken("a key is not a slot's".to_owned()))?;
        each(id, codec::decode(&value)?);
        Ok(())
    })
}

/// The whole slot, and the index it stands at.
pub(crate) fn slot(state: &State, id: SlotId) -> Result<Option<(Slot, Index)>, Unreadable> {
    let Some(head) = head(state, id)? else { return Ok(None) };
    let mut bookings: Vec<BookingRecord> = Vec::new();
    let mut receipts: Vec<ReceiptRecord> = Vec::new();
    let all = |kind| (key(kind, id, &[]), key(kind, id, &[0xFF; 17]));
    let (from, until) = all(BOOKING);
    scan(state, from, &until, |_key, value| {
        bookings.push(codec::decode(&value)?);
        Ok(())
    })?;
    let (from, until) = all(RECEIPT);
    scan(state, from, &until, |_key, value| {
        receipts.push(codec::decode(&value)?);
        Ok(())
    })?;
    let slot = Slot::restore(head.header, bookings.into_iter(), receipts.into_iter())
        .map_err(|broken| Unreadable::Broken(broken.to_string()))?;
    Ok(Some((slot, Index(head.index))))
}

/// Steps of the feed after `after` and before `until`, in order, at most `limit`.
pub(crate) fn feed(
    state: &State,
    slot: SlotId,
    after: Seq,
    until: Seq,
    limit: usize,
) -> Result<Vec<Record>, Unreadable> {
    let pairs = state.scan(&feed_key(slot, after.next()), &feed_key(slot, until), limit)?;
    pairs.iter().map(|(_key, value)| Ok(decode_record(value)?)).collect()
}

/// Remembers that the rules broke on this slot, so that it stays as its last piece says, also after a restart.
pub(crate) fn fault_piece(slot: SlotId, index: Index) -> Change {
    Change::Put { key: key(FAULT, slot, &[]), value: codec::encode(&index.0) }
}

/// The index at which the rules broke on this slot.
pub(crate) fn fault(state: &State, slot: SlotId) -> Result<Option<Index>, Unreadable> {
    Ok(state.get(&key(FAULT, slot, &[]))?.map(|bytes| codec::decode(&bytes).map(Index)).transpose()?)
}

fn scan(
    state: &State,
    mut from: Vec<u8>,
    until: &[u8],
    mut each: impl FnMut(&[u8], Vec<u8>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    loop {
        let pairs = state.scan(&from, until, SCAN_PAIRS)?;
        let Some((last, _value)) = pairs.last() else { return Ok(()) };
        from = [last.as_slice(), &[0]].concat();
        for (key, value) in pairs {
            each(&key, value)?;
        }
    }
}

fn key(kind: u8, slot: SlotId, rest: &[u8]) -> Vec<u8> {
    [&[kind], slot.to_bytes().as_slice(), rest].concat()
}

fn booking_key(slot: SlotId, number: Number) -> Vec<u8> {
    key(BOOKING, slot, &number.0.to_be_bytes())
}

fn receipt_key(slot: SlotId, request: RequestKey) -> Vec<u8> {
    key(RECEIPT, slot, &request.0.to_be_bytes())
}

fn feed_key(slot: SlotId, seq: Seq) -> Vec<u8> {
    key(FEED, slot, &seq.0.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use booking::Partition;

    use super::*;

    #[test]
    fn keys_are_for_ever_and_sort_as_what_they_name() {
        let slot = SlotId { partition: Partition::new(0x0102).expect("below 1,024"), hash: 3 };
        let head = [&b"h\x01\x02"[..], &[0; 15], &[3]].concat();
        assert_eq!(key(HEADER, slot, &[]), head);
        let behind = |kind: &[u8], rest: &[u8]| [kind, &head[1..], rest].concat();
        assert_eq!(booking_key(slot, Number(258)), behind(b"b", &[0, 0, 1, 2]));
        assert_eq!(feed_key(slot, Seq(258)), behind(b"f", &[0, 0, 0, 0, 0, 0, 1, 2]));
        assert_eq!(receipt_key(slot, RequestKey(5)), behind(b"r", &[[0; 15].as_slice(), &[5]].concat()));
        assert!(feed_key(slot, Seq(255)) < feed_key(slot, Seq(256)));
    }
}
