//! When more is to be made known of when each calendar of a group is open, awake or asleep: whoever leads the group sees to it.

use std::collections::{BTreeMap, BTreeSet};

use booking::{SlotId, Timestamp};
use parking_lot::Mutex;

use crate::openings::DAY_MS;

/// The calendars of a group that go on, by when their turn comes. Other slots never stand here.
#[derive(Default)]
pub(crate) struct Extensions {
    turns: Mutex<Turns>,
}

#[derive(Default)]
struct Turns {
    by_slot: BTreeMap<SlotId, Timestamp>,
    in_order: BTreeSet<(Timestamp, SlotId)>,
}

impl Turns {
    fn set(&mut self, slot: SlotId, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.by_slot.insert(slot, at),
            None => self.by_slot.remove(&slot),
        };
        if let Some(before) = before {
            self.in_order.remove(&(before, slot));
        }
        self.in_order.extend(at.map(|at| (at, slot)));
    }
}

impl Extensions {
    /// A calendar's turn comes then, or never.
    pub(super) fn set(&self, slot: SlotId, at: Option<Timestamp>) {
        self.turns.lock().set(slot, at);
    }

    /// Begins with these calendars, and no others.
    pub(super) fn begin(&self, all: impl Iterator<Item = (SlotId, Timestamp)>) {
        let mut turns = Turns::default();
        all.for_each(|(slot, at)| turns.set(slot, Some(at)));
        *self.turns.lock() = turns;
    }

    /// A calendar whose turn has come: the first that waits. If nothing comes of it, its next turn is a day later.
    pub(crate) fn take(&self, now: Timestamp) -> Option<SlotId> {
        let mut turns = self.turns.lock();
        let &(_at, slot) = turns.in_order.first().filter(|(at, _slot)| *at <= now)?;
        turns.set(slot, Some(Timestamp(now.0.saturating_add(DAY_MS))));
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use booking::Partition;

    use super::*;

    #[test]
    fn each_has_one_turn_a_day_and_whoever_waits_longest_is_first() {
        let slot = |hash| SlotId { partition: Partition::new(0).expect("the first"), hash };
        let all = Extensions::default();
        all.begin([(slot(9), Timestamp(1))].into_iter());
        all.begin([(slot(1), Timestamp(300)), (slot(2), Timestamp(200))].into_iter());
        all.set(slot(3), Some(Timestamp(100)));
        let take = |now| all.take(Timestamp(now)).map(|slot| slot.hash);
        assert_eq!(take(99), None);
        assert_eq!([take(300), take(300), take(300), take(300)], [Some(3), Some(2), Some(1), None]);

        all.set(slot(2), Some(Timestamp(400)));
        all.set(slot(1), None);
        assert_eq!([take(399), take(400), take(400)], [None, Some(2), None]);
        assert_eq!(
            [take(299 + DAY_MS), take(300 + DAY_MS), take(400 + DAY_MS), take(400 + DAY_MS)],
            [None, Some(3), Some(2), None]
        );
    }
}
