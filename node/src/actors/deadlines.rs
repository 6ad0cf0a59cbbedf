//! When time alone will change each entity of a group, awake or asleep.

use std::collections::BTreeSet;

use booking::{EntityId, Timestamp};

/// When time alone will change an entity. Packed, for a million sleepers have one each: 26 bytes instead of 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(Rust, packed(2))]
struct Due {
    at: Timestamp,
    entity: EntityId,
}

/// The deadlines of a group's entities, earliest first.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    all: BTreeSet<Due>,
}

impl Deadlines {
    /// The entity had the deadline `before` and has `after` now.
    pub(super) fn change(&mut self, entity: EntityId, before: Option<Timestamp>, after: Option<Timestamp>) {
        if let Some(before) = before {
            self.all.remove(&Due { at: before, entity });
        }
        self.all.extend(after.map(|at| Due { at, entity }));
    }

    /// At most `limit` entities whose deadline is not after `now`, earliest first.
    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<EntityId> {
        self.all.iter().take_while(|&&Due { at, .. }| at <= now).take(limit).map(|due| due.entity).collect()
    }

    /// Begins with these, and no others.
    pub(super) fn begin(&mut self, all: impl Iterator<Item = (EntityId, Timestamp)>) {
        self.all = all.map(|(entity, at)| Due { at, entity }).collect();
    }
}

#[cfg(test)]
mod tests {
    use booking::{EntityKind, Partition};

    use super::*;

    #[test]
    fn what_is_due_is_given_earliest_first_and_up_to_the_very_millisecond() {
        let last = Partition::new(1_023).expect("the last");
        let slot = |hash| EntityId::new(EntityKind::Slot, last, hash);
        let mut deadlines = Deadlines::default();
        for (hash, at) in [(1, 300), (u128::MAX, 200), (3, 100), (4, 65_536)] {
            deadlines.change(slot(hash), None, Some(Timestamp(at)));
        }
        let due = |deadlines: &Deadlines, now, limit| {
            deadlines.due(Timestamp(now), limit).into_iter().map(EntityId::hash).collect::<Vec<_>>()
        };
        assert_eq!(due(&deadlines, 99, 9), []);
        assert_eq!(due(&deadlines, 200, 9), [3, u128::MAX]);
        assert_eq!(due(&deadlines, u64::MAX, 9), [3, u128::MAX, 1, 4]);
        assert_eq!(due(&deadlines, u64::MAX, 1), [3]);

        deadlines.change(slot(3), Some(Timestamp(100)), Some(Timestamp(400)));
        deadlines.change(slot(1), Some(Timestamp(300)), None);
        assert_eq!(due(&deadlines, 400, 9), [u128::MAX, 3]);
        deadlines.begin([(slot(5), Timestamp(7))].into_iter());
        assert_eq!(due(&deadlines, u64::MAX, 9), [5]);
    }
}
