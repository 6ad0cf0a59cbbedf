//! A slot's house on disk: its plan, and how it is sold, in parts that are written when they change, each a record; and when a calendar
//! is open, likewise. A start reads none of them.

use booking::{HouseChanges, Level, SavedHouse, SlotId, stored};
use cluster::{State, codec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::Change;

use super::keys::{HOURS, PLAN, SALE, house_key, key};
use super::rows::scan;
use super::stored::HousePart;
use super::unreadable::Unreadable;

/// What changed of a house; nothing of most.
pub(super) fn pieces(level: Level, slot: SlotId, changes: HouseChanges, pieces: &mut Vec<Change>) {
    let HouseChanges { plan, sale, hours } = changes;
    let shape = |part| stored::PlanPart::at(level, part);
    pieces.extend(plan.into_iter().flat_map(|parts| put(PLAN, slot, parts.into_iter().map(shape))));
    let shape = |part| stored::SalePart::at(level, part);
    pieces.extend(sale.into_iter().flat_map(|parts| put(SALE, slot, parts.into_iter().map(shape))));
    let shape = |part| stored::HoursPart::at(level, part);
    pieces.extend(hours.into_iter().flat_map(|parts| put(HOURS, slot, parts.into_iter().map(shape))));
}

/// Parts that take the place of all that were saved before. Where there were more, the last of those stay, and count no more: each
/// part says of how many it is.
fn put<Part: Serialize>(
    kind: u8,
    slot: SlotId,
    parts: impl ExactSizeIterator<Item = Part>,
) -> impl Iterator<Item = Change> {
    let of = u32::try_from(parts.len()).expect("a house has some hundred parts");
    (0..).zip(parts).map(move |(number, part)| Change::Put {
        key: house_key(kind, slot, number),
        value: codec::encode(&HousePart::V1 { of, part }),
    })
}

/// The house of a slot of seats.
pub(super) fn house(state: &State, slot: SlotId) -> Result<SavedHouse, Unreadable> {
    Ok(SavedHouse {
        plan: all::<stored::PlanPart, _>(state, PLAN, slot)?,
        sale: all::<stored::SalePart, _>(state, SALE, slot)?,
        ..SavedHouse::default()
    })
}

/// When a calendar is open.
pub(super) fn hours(state: &State, slot: SlotId) -> Result<SavedHouse, Unreadable> {
    Ok(SavedHouse { hours: all::<stored::HoursPart, _>(state, HOURS, slot)?, ..SavedHouse::default() })
}

/// The parts that count, in order.
fn all<Shape, Part>(state: &State, kind: u8, slot: SlotId) -> Result<Vec<Part>, Unreadable>
where
    Shape: DeserializeOwned + Into<Part>,
{
    let mut parts = Vec::new();
    let mut counting = None;
    let until = [key(kind, slot, &[0xFF; 4]), vec![0]].concat();
    scan(state, key(kind, slot, &[]), &until, |_key, value| {
        let HousePart::V1 { of, part } = codec::decode::<HousePart<Shape>>(&value)?;
        if parts.len() < *counting.get_or_insert(of as usize) {
            parts.push(part.into());
        }
        Ok(())
    })?;
    Ok(parts)
}
