//! A slot on disk: one header, one record a booking, one a receipt, and its feed in pages of a few dozen steps. Bookings that
//! have left memory are in [`past`].
//!
//! Keys begin with one byte for the kind, so that all headers lie together and a start reads nothing else. Kinds are only
//! added, and every record says its version ([`stored`], [`booking::stored`]): written is what the level in force says, read is all.

use booking::stored::{Booking, Receipt};
use booking::{
    BookingRecord, Changes, Header, Level, Number, ReceiptRecord, Record, RequestKey, Seq, Slot, SlotId,
    Timestamp,
};
use cluster::codec::{self, CodecError};
use cluster::{State, VALUE_LEN_MAX};
use storage::{Change, Index, Row};

use crate::actors::slot::{Step, What};
use crate::{past, stored};

const HEADER: u8 = b'h';
const BOOKING: u8 = b'b';
pub(crate) const RECEIPT: u8 = b'r';
const FEED: u8 = b'f';
const FAULT: u8 = b'x';
const BACKLOG: u8 = b'q';

#[cfg(test)]
thread_local! {
    /// How many heads were read on this thread, one by one.
    pub(crate) static HEADS_READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many pairs are read at once.
const SCAN_PAIRS: usize = 4_096;
/// The most steps of a feed that one page has. For ever: readers look that far back for the page that has a step.
const PAGE_STEPS: usize = 64;
/// A page takes no further step once it has this many bytes.
const PAGE_BYTES: usize = 32 << 10;
/// How many pages of a feed are read at once.
const SCAN_PAGES: usize = 8;
/// Bytes of a page's key: the kind, the slot, the seq. The parts of a long page have longer ones.
const FEED_KEY_LEN: usize = 1 + SlotId::LEN + 8;
/// The first byte of a page. What follows is each step behind its length, which is a `u32`, little-endian.
const PAGE_VERSION: u8 = 1;

/// What stands at the head of a saved slot.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Head {
    fn encode(self, level: Level) -> Vec<u8> {
        let Self { index, deadline, header } = self;
        codec::encode(&stored::Head::V1 {
            index,
            deadline,
            header: booking::stored::Header::at(level, header),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let stored::Head::V1 { index, deadline, header } = codec::decode(bytes)?;
        Ok(Self { index, deadline, header: header.into() })
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
    let Changes { header, bookings, leaving, receipts, forgotten } = changes;
    let past: Vec<_> = past::leave(level, slot, leaving).collect();
    let head = Head { index: index.0, deadline, header };
    let mut pieces = Vec::with_capacity(2 + bookings.len() + receipts.len() + past.len());
    pieces.push(Change::Put { key: key(HEADER, slot, &[]), value: head.encode(level) });
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

/// What steps of a feed, in order, are on disk.
pub(crate) fn feed_pieces<'feed>(
    slot: SlotId,
    steps: impl Iterator<Item = (Seq, &'feed [u8])>,
) -> impl Iterator<Item = Change> {
    let put = move |first| move |(leaf, value)| Change::Put { key: leaf_key(slot, first, leaf), value };
    pages(steps).into_iter().flat_map(move |(first, page)| (0..).zip(leaves(page)).map(put(first)))
}

/// The parts of a page, none longer than a value may be. Nearly every page is one, and is not copied.
fn leaves(page: Vec<u8>) -> Vec<Vec<u8>> {
    if page.len() <= VALUE_LEN_MAX {
        vec![page]
    } else {
        page.chunks(VALUE_LEN_MAX).map(<[u8]>::to_vec).collect()
    }
}

/// Steps in order, on pages: each under the seq of its first step. One step can be far longer than a page usually is.
fn pages<'feed>(steps: impl Iterator<Item = (Seq, &'feed [u8])>) -> Vec<(Seq, Vec<u8>)> {
    let mut pages: Vec<(Seq, Vec<u8>)> = Vec::new();
    let mut room = 0;
    for (seq, step) in steps {
        if room == 0 || pages.last().is_some_and(|(_first, page)| PAGE_BYTES <= page.len()) {
            pages.push((seq, vec![PAGE_VERSION]));
            room = PAGE_STEPS;
        }
        let (_first, page) = pages.last_mut().expect("one was just begun");
        page.extend(u32::try_from(step.len()).expect("a step is far below 4 GiB").to_le_bytes());
        page.extend(step);
        room -= 1;
    }
    pages
}

/// The steps of a page, in order.
fn steps(page: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let broken =
        || Unreadable::Broken("a page of the feed is cut off, or newer than this program".to_owned());
    let Some((&PAGE_VERSION, mut rest)) = page.split_first() else { return Err(broken()) };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (len, after) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
        let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_overflow| broken())?;
        let (step, after) = after.split_at_checked(len).ok_or_else(broken)?;
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

/// The bytes of one step of the feed under this level.
pub(crate) fn encode_record(level: Level, record: Record) -> Vec<u8> {
    codec::encode(&booking::stored::Record::at(level, record))
}

/// Reads one step of the feed back.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, CodecError> {
    codec::decode(bytes).map(booking::stored::Record::into)
}

/// The bytes of one booking under this level.
pub(crate) fn encode_booking(level: Level, booking: BookingRecord) -> Vec<u8> {
    codec::encode(&Booking::at(level, booking))
}

/// Reads one booking back.
pub(crate) fn decode_booking(bytes: &[u8]) -> Result<BookingRecord, CodecError> {
    codec::decode(bytes).map(Booking::into)
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
    let mut found = Vec::new();
    // The page that has the first step wanted begins at most a page before it.
    let from = feed_key(slot, Seq(after.next().0.saturating_sub(PAGE_STEPS as u64 - 1)));
    let mut leaves = rows(state, from, feed_key(slot, until), SCAN_PAGES).peekable();
    while let Some(leaf) = leaves.next() {
        let (key, mut page) = leaf?;
        if FEED_KEY_LEN < key.len() {
            // The page's beginning has left the disk already.
            continue;
        }
        let first = key.last_chunk().copied().map(u64::from_be_bytes);
        let first = first.ok_or_else(|| Unreadable::Broken("a key is not a page's".to_owned()))?;
        let goes_on = |next: &Result<Row, _>| next.as_ref().is_ok_and(|(next, _leaf)| next.starts_with(&key));
        while let Some(next) = leaves.next_if(goes_on) {
            page.extend(next?.1);
        }
        for (seq, step) in (first..).map(Seq).zip(steps(&page)?) {
            if found.len() == limit || until <= seq {
                return Ok(found);
            }
            if after < seq {
                found.push(decode_record(step)?);
            }
        }
    }
    Ok(found)
}

/// The slot of the first feed that has anything from this key on.
pub(crate) fn next_feed(state: &State, from: &[u8]) -> Result<Option<SlotId>, Unreadable> {
    let first = state.scan(from.max(&[FEED]), &[FEED + 1], 1)?;
    first.first().map(|(key, _page)| slot_of(key)).transpose()
}

/// The keys of what a feed has from this key on, at most `limit`.
pub(crate) fn feed_keys(
    state: &State,
    slot: SlotId,
    from: &[u8],
    limit: usize,
) -> Result<Vec<Vec<u8>>, Unreadable> {
    let first = feed_key(slot, Seq(0));
    let pages = state.scan(from.max(&first), &behind_feed(slot), limit)?;
    Ok(pages.into_iter().map(|(key, _page)| key).collect())
}

/// Behind the last key of a slot's feed.
pub(crate) fn behind_feed(slot: SlotId) -> Vec<u8> {
    feed_key(slot, Seq(u64::MAX))
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
pub(crate) fn backlog_piece(slot: SlotId, place: usize, step: &Step) -> Change {
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
pub(crate) fn backlog(state: &State, slot: SlotId) -> Result<Vec<Step>, Unreadable> {
    let mut steps = Vec::new();
    scan(state, key(BACKLOG, slot, &[]), &key(BACKLOG, slot, &[0xFF; 17]), |_key, value| {
        let stored::Step::V1 { index, at, level, what } = codec::decode(&value)?;
        let what = match what {
            stored::What::Request(request) => What::Request(request.into()),
            stored::What::Pulse => What::Pulse,
        };
        steps.push(Step { index: Index(index), level, at, what });
        Ok(())
    })?;
    Ok(steps)
}

fn backlog_key(slot: SlotId, place: usize) -> Vec<u8> {
    key(BACKLOG, slot, &u32::try_from(place).expect("a backlog is short").to_be_bytes())
}

/// The slot that a key belongs to, whatever of it is under the key.
fn slot_of(key: &[u8]) -> Result<SlotId, Unreadable> {
    let id = key.get(1..=SlotId::LEN).and_then(|id| id.try_into().ok()).and_then(SlotId::from_bytes);
    id.ok_or_else(|| Unreadable::Broken("a key is not a slot's".to_owned()))
}

fn scan(
    state: &State,
    from: Vec<u8>,
    until: &[u8],
    mut each: impl FnMut(&[u8], Vec<u8>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    for row in rows(state, from, until.to_vec(), SCAN_PAIRS) {
        let (key, value) = row?;
        each(&key, value)?;
    }
    Ok(())
}

/// Keys and values in order of key, so many read at once.
fn rows(
    state: &State,
    mut from: Vec<u8>,
    until: Vec<u8>,
    at_once: usize,
) -> impl Iterator<Item = Result<Row, storage::Error>> {
    let mut read = Vec::new().into_iter();
    std::iter::from_fn(move || {
        if read.len() == 0 {
            match state.scan(&from, &until, at_once) {
                Ok(rows) => {
                    let (last, _value) = rows.last()?;
                    from = [last.as_slice(), &[0]].concat();
                    read = rows.into_iter();
                }
                Err(error) => return Some(Err(error)),
            }
        }
        read.next().map(Ok)
    })
}

pub(crate) fn key(kind: u8, slot: SlotId, rest: &[u8]) -> Vec<u8> {
    [&[kind], slot.to_bytes().as_slice(), rest].concat()
}

pub(crate) fn booking_key(slot: SlotId, number: Number) -> Vec<u8> {
    key(BOOKING, slot, &number.0.to_be_bytes())
}

fn receipt_key(slot: SlotId, request: RequestKey) -> Vec<u8> {
    key(RECEIPT, slot, &request.0.to_be_bytes())
}

fn feed_key(slot: SlotId, seq: Seq) -> Vec<u8> {
    key(FEED, slot, &seq.0.to_be_bytes())
}

/// Where a part of a page is: the first under the page's own key, the others behind it.
fn leaf_key(slot: SlotId, first: Seq, leaf: u32) -> Vec<u8> {
    let mut key = feed_key(slot, first);
    if leaf > 0 {
        key.extend(leaf.to_be_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use booking::Partition;

    use super::*;

    #[test]
    fn a_page_is_for_ever_and_read_back_as_it_was_written() {
        let written = [&b"ab"[..], b"", b"c"];
        let pages = pages((7..).map(Seq).zip(written));
        let want = [&[1, 2, 0, 0, 0][..], b"ab", &[0, 0, 0, 0, 1, 0, 0, 0], b"c"].concat();
        assert_eq!(pages, [(Seq(7), want.clone())]);
        assert_eq!(steps(&want).expect("just written"), written);
        for len in [0, 3, want.len() - 1] {
            assert!(steps(&want[..len]).is_err(), "cut to {len}");
        }
        assert!(steps(&[2]).is_err(), "newer");
    }

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
        assert_eq!(leaf_key(slot, Seq(258), 0), feed_key(slot, Seq(258)));
        assert_eq!(leaf_key(slot, Seq(258), 259), behind(b"f", &[0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 1, 3]));
    }
}
