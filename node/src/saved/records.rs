//! A slot on disk: one header, one record a booking, one a receipt; and where its rules broke, what waits to be tried again.

use booking::{BookingRecord, Changes, Header, ReceiptRecord, Seq, Slot, SlotId, Timestamp};
use cluster::State;
use cluster::codec;
use serde::{Deserialize, Serialize};
use storage::{Change, Index};

use super::archive;
use super::keys::{
    BACKLOG, BOOKING, FAULT, HEADER, RECEIPT, backlog_key, booking_key, key, receipt_key, slot_of,
};
use super::pages::feed_pieces;
use super::rows::scan;
use super::unreadable::Unreadable;
use crate::log::CommittedStep;

#[cfg(test)]
thread_local! {
    /// How many heads were read on this thread, one by one.
    pub(crate) static HEADS_READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

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

/// What `changes` and `steps` of the feed are on disk, to be written as one piece.
pub(crate) fn pieces<'feed>(
    index: Index,
    deadline: Option<Timestamp>,
    changes: Changes,
    steps: impl Iterator<Item = (Seq, &'feed [u8])>,
) -> Vec<Change> {
    let slot = changes.header.id;
    let past: Vec<_> = archive::leave(&changes).collect();
    let head = Head { index: index.0, deadline, header: changes.header };
    let mut pieces = Vec::with_capacity(2 + changes.bookings.len() + changes.receipts.len() + past.len());
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
    pieces.extend(past);
    pieces.extend(feed_pieces(slot, steps));
    pieces
}

/// The head of one slot.
pub(crate) fn head(state: &State, slot: SlotId) -> Result<Option<Head>, Unreadable> {
    #[cfg(test)]
    HEADS_READ.set(HEADS_READ.get() + 1);
    Ok(state.get(&key(HEADER, slot, &[]))?.map(|bytes| codec::decode(&bytes)).transpose()?)
}

/// Calls `each` with every slot's head, in order of id.
pub(crate) fn heads(state: &State, mut each: impl FnMut(SlotId, Head)) -> Result<(), Unreadable> {
    scan(state, vec![HEADER], &[HEADER + 1], |key, value| {
        each(slot_of(key)?, codec::decode(&value)?);
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

/// Remembers that the rules broke on this slot, so that it stays as its last piece says, also after a restart.
pub(crate) fn fault_piece(slot: SlotId, index: Index) -> Change {
    Change::Put { key: key(FAULT, slot, &[]), value: codec::encode(&index.0) }
}

/// The index at which the rules broke on this slot.
pub(crate) fn fault(state: &State, slot: SlotId) -> Result<Option<Index>, Unreadable> {
    Ok(state.get(&key(FAULT, slot, &[]))?.map(|bytes| codec::decode(&bytes).map(Index)).transpose()?)
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
    let value = codec::encode(&(step.index.0, step.at, &step.what, step.level));
    Change::Put { key: backlog_key(slot, place), value }
}

/// What takes one of those away.
pub(crate) fn no_backlog_piece(slot: SlotId, place: usize) -> Change {
    Change::Remove { key: backlog_key(slot, place) }
}

/// All of those, in order.
pub(crate) fn backlog(state: &State, slot: SlotId) -> Result<Vec<CommittedStep>, Unreadable> {
    let mut steps = Vec::new();
    scan(state, key(BACKLOG, slot, &[]), &key(BACKLOG, slot, &[0xFF; 17]), |_key, value| {
        let (index, at, what, level) = codec::decode(&value)?;
        steps.push(CommittedStep { index: Index(index), level, at, what });
        Ok(())
    })?;
    Ok(steps)
}
