//! All that there is of an entity, wherever in the store it is; and which entities have changed since an index. What a backup keeps.

use booking::EntityId;
use cluster::State;
use storage::Row;

use super::head::Head;
use super::keys::{
    BACKLOG, BOOKING, BY_CUSTOMER, BY_REQUEST, BY_STATUS, FAULT, FEED, HEADER, HOURS, INTENT, PAIR, PART,
    PAST, PLAN, RECEIPT, REPLY, SALE, SEATMAP, entity_of, key,
};
use super::records;
use super::rows::rows;
use super::unreadable::Unreadable;

/// How many heads are read at once.
const HEADS: usize = 1_024;

/// Every kind of key that an entity may have.
const KINDS: [u8; 18] = [
    HEADER,
    BOOKING,
    RECEIPT,
    FEED,
    FAULT,
    BACKLOG,
    PAST,
    BY_REQUEST,
    BY_CUSTOMER,
    BY_STATUS,
    INTENT,
    PAIR,
    REPLY,
    SEATMAP,
    PART,
    PLAN,
    SALE,
    HOURS,
];

/// The keys from the first to before the second.
pub(crate) type Range = (Vec<u8>, Vec<u8>);

/// Everything that there is of a group.
pub(crate) fn everything() -> Range {
    (Vec::new(), Vec::new())
}

/// The heads of all entities, and the faults of those that have one.
pub(crate) fn heads_and_faults() -> [Range; 2] {
    [HEADER, FAULT].map(|kind| (vec![kind], vec![kind + 1]))
}

/// Whose head or fault this is, if anything of that entity may have changed behind `since`. A piece that was written behind an index
/// says so in its head; what is kept of an entity whose rules broke does not.
pub(crate) fn changed_since((key, value): &Row, since: u64) -> Result<Option<EntityId>, Unreadable> {
    let entity = entity_of(key)?;
    if key.first() == Some(&FAULT) {
        return Ok(Some(entity));
    }
    Ok((since < Head::decode(entity, value)?.index).then_some(entity))
}

/// All of an entity.
pub(crate) fn of_entity(entity: EntityId) -> [Range; KINDS.len()] {
    KINDS.map(|kind| {
        let from = key(kind, entity, &[]);
        let until = behind(&from);
        (from, until)
    })
}

/// Reads every entity of a group: what its records make up must be what its head says.
pub(crate) fn check(state: &State) -> Result<(), Unreadable> {
    for head in rows(state, vec![HEADER], vec![HEADER + 1], HEADS) {
        let (key, _value) = head?;
        records::entity(state, entity_of(&key)?)?;
    }
    Ok(())
}

/// The first key that does not begin like this one.
fn behind(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use booking::{EntityKind, Partition};

    use super::*;

    #[test]
    fn an_entity_ends_where_the_next_begins() {
        for (prefix, want) in
            [(&[1, 2][..], &[1, 3][..]), (&[1, 0xFF], &[2]), (&[1, 0xFF, 0xFF], &[2]), (&[0xFF, 0xFF], &[])]
        {
            assert_eq!(behind(prefix), want, "{prefix:?}");
        }
        let partition = |number| Partition::new(number).expect("it exists");
        let highest = EntityId::new(EntityKind::Slot, partition(7), u128::MAX);
        for ((kind, _), (from, until)) in KINDS.iter().zip(0..).zip(of_entity(highest)) {
            let inside = key(*kind, highest, &[0xFF; 200]);
            assert!(from.as_slice() <= inside.as_slice() && inside < until);
            assert!(until <= key(*kind, EntityId::new(EntityKind::Slot, partition(8), 0), &[]));
        }
    }

    #[test]
    fn every_kind_is_there_once() {
        let mut kinds = KINDS.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), KINDS.len());
        let source = include_str!("keys.rs");
        let declared = source.matches(": u8 = b'").count();
        assert_eq!(declared, KINDS.len(), "a backup has what every kind of key is for");
    }
}
