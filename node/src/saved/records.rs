//! An entity on disk: one header, one record a booking of a slot, one a receipt, one an open intent, a pair and a reply that is
//! kept; of a slot of seats the parts of its house, too. All that is written at once is one piece.

use booking::entity::{Changes, Entity, Saved};
use booking::stored::{self, Intent, Pair, Receipt, Reply};
use booking::{
    Booking, EntityId, IntentCounts, Level, ReceiptRecord, SavedHouse, SavedIntents, SavedSlot, Seq, SlotId,
    Stock, Timestamp,
};
use cluster::State;
use cluster::codec;
use serde::de::DeserializeOwned;
use storage::{Change, Index};

use super::archive;
use super::base::{intent_pieces, receipt_pieces};
use super::head::{Head, Header, head};
use super::houses;
use super::keys::{
    BOOKING, HEADER, INTENT, PAIR, PAST, RECEIPT, REPLY, SEATMAP, booking_key, entity_of, key,
};
use super::pages::feed_pieces;
use super::rows::scan;
use super::seatmaps;
use super::stored::{decode_booking, encode_booking};
use super::unreadable::Unreadable;
use crate::log::no_merchants;

/// What `changes` and `steps` of the feed are on disk under this level, to be written as one piece.
pub(crate) fn pieces<'feed>(
    level: Level,
    index: Index,
    deadline: Option<Timestamp>,
    changes: Changes,
    steps: impl Iterator<Item = (Seq, &'feed [u8])>,
) -> Vec<Change> {
    match changes {
        Changes::Slot(changes) => {
            let (id, slot) = (EntityId::from(changes.header.id), changes.header.id);
            let booking::Changes { header, bookings, leaving, receipts, forgotten, intents, house } = changes;
            let past: Vec<_> = archive::leave(level, slot, leaving).collect();
            let head = Head { index: index.0, level, deadline, header: Header::Slot(Box::new(header)) };
            let mut pieces = Vec::with_capacity(2 + bookings.len() + receipts.len() + past.len());
            pieces.push(Change::Put { key: key(HEADER, id, &[]), value: head.encode() });
            for booking in bookings {
                let key = booking_key(slot, booking.record.number);
                pieces.push(Change::Put { key, value: encode_booking(level, booking) });
            }
            let shape = |receipt: ReceiptRecord| (receipt.request, Receipt::at(level, receipt));
            receipt_pieces(id, receipts.into_iter().map(shape), forgotten, &mut pieces);
            pieces.extend(past);
            houses::pieces(level, slot, house, &mut pieces);
            intent_pieces(level, id, intents, &mut pieces);
            pieces.extend(feed_pieces(id, steps));
            pieces
        }
        Changes::Organizer(changes) => seatmaps::pieces(level, index, deadline, changes, steps),
        Changes::Merchant(_) => no_merchants(),
        #[cfg(feature = "rehearsal")]
        Changes::Toy(changes) => {
            let id = changes.header.id;
            let booking::toy::Changes { header, receipts, forgotten, intents } = changes;
            let head = Head { index: index.0, level, deadline, header: Header::Toy(header) };
            let mut pieces = vec![Change::Put { key: key(HEADER, id, &[]), value: head.encode() }];
            let shape = |receipt: booking::toy::ReceiptRecord| {
                (receipt.request, stored::toy::Receipt::at(level, receipt))
            };
            receipt_pieces(id, receipts.into_iter().map(shape), forgotten, &mut pieces);
            intent_pieces(level, id, intents, &mut pieces);
            pieces.extend(feed_pieces(id, steps));
            pieces
        }
    }
}

/// Of whom each booking is, as it was saved: of so many behind this key, or from the first on; and the key of the last of them, if there
/// may be more.
pub(crate) fn customers(
    state: &State,
    behind: Option<Vec<u8>>,
    at_once: usize,
    mut each: impl FnMut(&str, SlotId),
) -> Result<Option<Vec<u8>>, Unreadable> {
    let from = behind.map_or_else(|| vec![BOOKING], |last| [last.as_slice(), &[0]].concat());
    // What has left memory lies behind everything else that there may be.
    let kinds = [BOOKING, PAST].into_iter().filter(|kind| [*kind].as_slice() >= &from[..1]);
    for kind in kinds {
        let from = from.clone().max(vec![kind]);
        let rows = state.scan(&from, &[kind + 1], at_once)?;
        for (key, value) in &rows {
            let slot = SlotId::of(entity_of(key)?);
            let slot = slot.ok_or_else(|| Unreadable::Broken("a booking of what is no slot".to_owned()))?;
            each(&decode_booking(value)?.record.customer, slot);
        }
        if let Some((last, _)) = rows.into_iter().last() {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

/// The whole entity, and the index it stands at.
pub(crate) fn entity(state: &State, id: EntityId) -> Result<Option<(Entity, Index)>, Unreadable> {
    let Some(Head { index, header, .. }) = head(state, id)? else { return Ok(None) };
    let intents = if header.intents() == IntentCounts::default() {
        // As of most: nothing is looked for that is not there.
        SavedIntents::default()
    } else {
        SavedIntents {
            open: all::<Intent, _>(state, INTENT, id)?,
            pairs: all::<Pair, _>(state, PAIR, id)?,
            replies: all::<Reply, _>(state, REPLY, id)?,
        }
    };
    let saved = match header {
        Header::Slot(header) => {
            let bookings = all::<stored::Booking, Booking>(state, BOOKING, id)?;
            let receipts = all::<Receipt, ReceiptRecord>(state, RECEIPT, id)?;
            let house = match &header.definition.stock {
                Stock::Units { .. } => SavedHouse::default(),
                Stock::Seats(_) => houses::house(state, header.id)?,
                Stock::Calendar(_) => houses::hours(state, header.id)?,
            };
            Saved::Slot(Box::new(SavedSlot { header: *header, bookings, receipts, intents, house }))
        }
        Header::Organizer(header) => {
            let seatmaps = all::<stored::organizer::Seatmap, _>(state, SEATMAP, id)?;
            let receipts = all::<stored::organizer::Receipt, _>(state, RECEIPT, id)?;
            Saved::Organizer(header, seatmaps, receipts, intents)
        }
        #[cfg(feature = "rehearsal")]
        Header::Toy(header) => {
            let receipts = all::<stored::toy::Receipt, _>(state, RECEIPT, id)?;
            Saved::Toy(header, receipts, intents)
        }
    };
    let entity = Entity::restore(saved).map_err(|broken| Unreadable::Broken(broken.to_string()))?;
    Ok(Some((entity, Index(index))))
}

/// All records of a kind that an entity has, in the order of their keys.
fn all<Shape, Record>(state: &State, kind: u8, id: EntityId) -> Result<Vec<Record>, Unreadable>
where
    Shape: DeserializeOwned + Into<Record>,
{
    let mut records = Vec::new();
    // Behind the id comes less than 27 bytes that are all the highest.
    scan(state, key(kind, id, &[]), &key(kind, id, &[0xFF; 27]), |_key, value| {
        records.push(codec::decode::<Shape>(&value).map(Shape::into)?);
        Ok(())
    })?;
    Ok(records)
}
