//! A slot on disk: one header, one record a booking, one a receipt; and where its rules broke, what waits to be tried again.

use booking::stored::Receipt;
use booking::{
    BookingRecord, Changes, Header, IntentChanges, Level, ReceiptRecord, SavedIntents, Seq, Slot, SlotId,
    Timestamp,
};
use cluster::State;
use cluster::codec::{self, CodecError};
use storage::{Change, Index};

use super::archive;
use super::keys::{
    BACKLOG, BOOKING, FAULT, HEADER, RECEIPT, backlog_key, booking_key, key, receipt_key, slot_of,
};
use super::pages::feed_pieces;
use super::rows::scan;
use super::stored::{self, decode_booking, encode_booking};
use super::unreadable::Unreadable;
use crate::log::{CommittedStep, What};

#[cfg(test)]
thread_local! {
    /// How many heads were read on this thread, one by one.
    pub(crate) static HEADS_READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// What stands at the head of a saved slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The log's index at or below which this slot has seen everything.
    pub(crate) index: u64,
    /// The level in whose shapes the slot's last piece was written.
    pub(crate) level: Level,
    /// The stamp at which time alone will change it.
    pub(crate) deadline: Option<Timestamp>,
    /// The slot's own.
    pub(crate) header: Header,
}

impl Head {
    fn encode(self) -> Vec<u8> {
        let Self { index, level, deadline, header } = self;
        codec::encode(&stored::Head::V1 {
            index,
            level,
            deadline,
            header: booking::stored::Header::at(level, header),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let stored::Head::V1 { index, level, deadline, header } = codec::decode(bytes)?;
        Ok(Self { index, level, deadline, header: header.into() })
    }
}

/// What `changes` and `steps` of the feed are on disk under this level, to be written as one piece.
pub(crate) fn pieces<'feed>(
    level: Level,
    index: Index,
    deadline: Option<Timestamp>,
    changes: Changes,
    steps: impl Iterator<Item = (Seq, &'feed [u8])>,
) -> Vec<Change> {
    let slot = changes.header.id;
    let Changes { header, bookings, leaving, receipts, forgotten, intents } = changes;
    assert!(intents == IntentChanges::default(), "a slot leaves no intents yet");
    let past: Vec<_> = archive::leave(level, slot, leaving).collect();
    let head = Head { index: index.0, level, deadline, header };
    let mut pieces = Vec::with_capacity(2 + bookings.len() + receipts.len() + past.len());
    pieces.push(Change::Put { key: key(HEADER, slot, &[]), value: head.encode() });
    for booking in bookings {
        let key = booking_key(slot, booking.number);
        pieces.push(Change::Put { key, value: encode_booking(level, booking) });
    }
    for receipt in receipts {
        let key = receipt_key(slot, receipt.request);
        pieces.push(Change::Put { key, value: codec::encode(&Receipt::at(level, receipt)) });
    }
    for forgotten in forgotten {
        pieces.push(Change::Remove { key: receipt_key(slot, forgotten) });
    }
    pieces.extend(past);
    pieces.extend(feed_pieces(slot, steps));
    pieces
}

/// The head of one slot.
pub(crate) fn head(state: &State, slot: SlotId) -> Result<Option<Head>, Unreadable> {
    #[cfg(test)]
    HEADS_READ.set(HEADS_READ.get() + 1);
    Ok(state.get(&key(HEADER, slot, &[]))?.map(|bytes| Head::decode(&bytes)).transpose()?)
}

/// Calls `each` with every slot's head, in order of id.
pub(crate) fn heads(state: &State, mut each: impl FnMut(SlotId, Head)) -> Result<(), Unreadable> {
    scan(state, vec![HEADER], &[HEADER + 1], |key, value| {
        each(slot_of(key)?, Head::decode(&value)?);
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
        bookings.push(decode_booking(&value)?);
        Ok(())
    })?;
    let (from, until) = all(RECEIPT);
    scan(state, from, &until, |_key, value| {
        receipts.push(codec::decode(&value).map(Receipt::into)?);
        Ok(())
    })?;
    let slot =
        Slot::restore(head.header, bookings.into_iter(), receipts.into_iter(), SavedIntents::default())
            .map_err(|broken| Unreadable::Broken(broken.to_string()))?;
    Ok(Some((slot, Index(head.index))))
}

/// Remembers that the rules broke on this slot, so that it stays as its last piece says, also after a restart.
pub(crate) fn fault_piece(slot: SlotId, index: Index) -> Change {
    Change::Put { key: key(FAULT, slot, &[]), value: codec::encode(&stored::Fault::V1 { index: index.0 }) }
}

/// The index at which the rules broke on this slot.
pub(crate) fn fault(state: &State, slot: SlotId) -> Result<Option<Index>, Unreadable> {
    let Some(bytes) = state.get(&key(FAULT, slot, &[]))? else { return Ok(None) };
    let stored::Fault::V1 { index } = codec::decode(&bytes)?;
    Ok(Some(Index(index)))
}

/// What takes a fault away.
pub(crate) fn no_fault_piece(slot: SlotId) -> Change {
    Change::Remove { key: key(FAULT, slot, &[]) }
}

/// The slots whose rules broke.
pub(crate) fn faulted(state: &State) -> Result<Vec<SlotId>, Unreadable> {
    let mut slots = Vec::new();
    scan(state, vec![FAULT], &[FAULT + 1], |key, _index| {
        slots.push(slot_of(key)?);
        Ok(())
    })?;
    Ok(slots)
}

/// One step that was committed for a slot whose rules broke, to be tried again.
pub(crate) fn backlog_piece(slot: SlotId, place: usize, step: &CommittedStep) -> Change {
    let what = match &step.what {
        What::Request(request) => {
            stored::What::Request(booking::stored::Request::at(step.level, request.clone()))
        }
        What::Pulse => stored::What::Pulse,
    };
    let step = stored::Step::V1 { index: step.index.0, at: step.at, level: step.level, what };
    Change::Put { key: backlog_key(slot, place), value: codec::encode(&step) }
}

/// What takes one of those away.
pub(crate) fn no_backlog_piece(slot: SlotId, place: usize) -> Change {
    Change::Remove { key: backlog_key(slot, place) }
}

/// All of those, in order.
pub(crate) fn backlog(state: &State, slot: SlotId) -> Result<Vec<CommittedStep>, Unreadable> {
    let mut steps = Vec::new();
    scan(state, key(BACKLOG, slot, &[]), &key(BACKLOG, slot, &[0xFF; 17]), |_key, value| {
        let stored::Step::V1 { index, at, level, what } = codec::decode(&value)?;
        let what = match what {
            stored::What::Request(request) => What::Request(request.into()),
            stored::What::Pulse => What::Pulse,
        };
        steps.push(CommittedStep { index: Index(index), level, at, what });
        Ok(())
    })?;
    Ok(steps)
}
