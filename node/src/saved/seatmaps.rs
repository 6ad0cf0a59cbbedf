//! An organizer's seatmaps on disk: a record each, and their texts in parts, each a record that is written once. A start reads none
//! of these, and an actor that is woken no text.

use std::sync::Arc;

use booking::organizer::{Changes, PartRecord, ReceiptRecord};
use booking::stored::organizer::{PartText, Receipt, Seatmap};
use booking::{Level, SeatmapId, Seq, Timestamp};
use cluster::{State, VALUE_LEN_MAX, codec};
use storage::{Change, Index};

use super::base::{intent_pieces, receipt_pieces};
use super::head::{Head, Header};
use super::keys::{HEADER, key, part_key, seatmap_key};
use super::pages::feed_pieces;
use super::unreadable::Unreadable;

// A part is one value, with what says how long it is.
const _: () = assert!(booking::limits::SEATMAP_PART_LEN as usize + 16 <= VALUE_LEN_MAX);

/// What `changes` and `steps` of an organizer's feed are on disk under this level, to be written as one piece.
pub(super) fn pieces<'feed>(
    level: Level,
    index: Index,
    deadline: Option<Timestamp>,
    changes: Changes,
    steps: impl Iterator<Item = (Seq, &'feed [u8])>,
) -> Vec<Change> {
    let Changes { header, seatmaps, lapsed, parts, receipts, forgotten, intents } = changes;
    let id = header.id;
    let head = Head { index: index.0, level, deadline, header: Header::Organizer(header) };
    let mut pieces = vec![Change::Put { key: key(HEADER, id, &[]), value: head.encode() }];
    // Before the parts: a map that was forgotten may have been begun again since.
    for (content, parts) in lapsed {
        pieces.extend(parts.numbers().map(|number| Change::Remove { key: part_key(id, content, number) }));
    }
    pieces.extend(parts.into_iter().map(|PartRecord { content, number, bytes }| Change::Put {
        key: part_key(id, content, number),
        value: codec::encode(&PartText::at(level, bytes)),
    }));
    pieces.extend(seatmaps.into_iter().map(|seatmap| Change::Put {
        key: seatmap_key(id, seatmap.content),
        value: codec::encode(&Seatmap::at(level, seatmap)),
    }));
    let shape = |receipt: ReceiptRecord| (receipt.request, Receipt::at(level, receipt));
    receipt_pieces(id, receipts.into_iter().map(shape), forgotten, &mut pieces);
    intent_pieces(level, id, intents, &mut pieces);
    pieces.extend(feed_pieces(id, steps));
    pieces
}

/// A part of a seatmap's text, if it is saved.
pub(crate) fn part(state: &State, map: SeatmapId, number: u8) -> Result<Option<Arc<[u8]>>, Unreadable> {
    let value = state.get(&part_key(map.organizer, map.content, number))?;
    Ok(value.map(|text| codec::decode::<PartText>(&text).map(PartText::into)).transpose()?)
}
