//! Which entities of a group have open intents, awake or asleep: whoever leads the group carries those intents out.

use std::collections::BTreeMap;
use std::ops::Bound;

use booking::EntityId;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// The entities of a group that have open intents, and how many each has. Most entities never stand here.
#[derive(Default)]
pub(crate) struct OpenIntents {
    open: Mutex<BTreeMap<EntityId, u32>>,
    /// Told that there may be more than before.
    left: Notify,
}

impl OpenIntents {
    /// An entity has so many.
    pub(super) fn set(&self, entity: EntityId, open: u32) {
        if open == 0 {
            self.open.lock().remove(&entity);
        } else {
            self.open.lock().insert(entity, open);
            self.left.notify_one();
        }
    }

    /// Begins with these entities, and no others.
    pub(super) fn begin(&self, open: BTreeMap<EntityId, u32>) {
        *self.open.lock() = open;
        self.left.notify_one();
    }

    /// How many intents are open in all.
    pub(crate) fn total(&self) -> u64 {
        self.open.lock().values().map(|open| u64::from(*open)).sum()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.lock().is_empty()
    }

    /// At most `limit` entities, in the order of their ids from the one behind `after` on, and then from the first.
    pub(crate) fn behind(&self, after: Option<EntityId>, limit: usize) -> Vec<EntityId> {
        let open = self.open.lock();
        let behind = open.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let first = after.into_iter().flat_map(|after| open.range(..=after));
        behind.chain(first).take(limit).map(|(entity, _open)| *entity).collect()
    }

    /// Waits until there may be more than when this was last called.
    pub(crate) async fn left(&self) {
        self.left.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use booking::{EntityKind, Partition};

    use super::*;

    #[test]
    fn everyone_has_a_turn() {
        let entity = |hash| EntityId::new(EntityKind::Slot, Partition::new(0).expect("the first"), hash);
        let all = OpenIntents::default();
        all.begin(BTreeMap::from([(entity(9), 1)]));
        assert_eq!(all.total(), 1);
        for (hash, open) in [(9, 0), (1, 2), (2, 3), (3, 4), (2, 5)] {
            all.set(entity(hash), open);
        }
        assert_eq!((all.total(), all.is_empty()), (11, false));
        let behind = |after: Option<u128>, limit| {
            all.behind(after.map(entity), limit).into_iter().map(EntityId::hash).collect::<Vec<_>>()
        };
        assert_eq!(behind(None, 2), [1, 2]);
        assert_eq!(behind(Some(2), 9), [3, 1, 2]);
        assert_eq!(behind(Some(3), 1), [1]);
    }
}
