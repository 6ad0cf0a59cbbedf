//! When time alone will change each slot of a group, awake or asleep.

use std::collections::BTreeSet;

use booking::{SlotId, Timestamp};

const STAMP_LEN: usize = 8;

/// A stamp and a slot, both big-endian, so that bytes sort as times do.
type Due = [u8; STAMP_LEN + SlotId::LEN];

/// The deadlines of a group's slots, earliest first. A million sleepers have one each, so they are kept in the 26 bytes that
/// they need, where numbers would be aligned to 48.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    all: BTreeSet<Due>,
}

impl Deadlines {
    /// The slot had the deadline `before` and has `after` now.
    pub(super) fn change(&mut self, slot: SlotId, before: Option<Timestamp>, after: Option<Timestamp>) {
        if let Some(before) = before {
            self.all.remove(&packed(before, slot));
        }
        self.all.extend(after.map(|after| packed(after, slot)));
    }

    /// At most `limit` slots whose deadline is not after `now`, earliest first.
    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<SlotId> {
        self.all.iter().take_while(|due| stamp_of(due) <= now).take(limit).map(slot_of).collect()
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }
}

fn packed(at: Timestamp, slot: SlotId) -> Due {
    let mut bytes = [0; STAMP_LEN + SlotId::LEN];
    let (stamp, id) = bytes.split_at_mut(STAMP_LEN);
    stamp.copy_from_slice(&at.0.to_be_bytes());
    id.copy_from_slice(&slot.to_bytes());
    bytes
}

fn stamp_of(due: &Due) -> Timestamp {
    Timestamp(u64::from_be_bytes(*due.first_chunk().expect("longer than a stamp")))
}

fn slot_of(due: &Due) -> SlotId {
    due.last_chunk().copied().and_then(SlotId::from_bytes).expect("packed from an id")
}

#[cfg(test)]
mod tests {
    use booking::Partition;

    use super::*;

    #[test]
    fn what_is_due_is_given_earliest_first_and_up_to_the_very_millisecond() {
        let slot = |hash| SlotId { partition: Partition::new(1_023).expect("the last"), hash };
        let mut deadlines = Deadlines::default();
        for (hash, at) in [(1, 300), (u128::MAX, 200), (3, 100), (4, 65_536)] {
            deadlines.change(slot(hash), None, Some(Timestamp(at)));
        }
        let due = |deadlines: &Deadlines, now, limit| {
            deadlines.due(Timestamp(now), limit).into_iter().map(|id| id.hash).collect::<Vec<_>>()
        };
        assert_eq!(due(&deadlines, 99, 9), []);
        assert_eq!(due(&deadlines, 200, 9), [3, u128::MAX]);
        assert_eq!(due(&deadlines, u64::MAX, 9), [3, u128::MAX, 1, 4]);
        assert_eq!(due(&deadlines, u64::MAX, 1), [3]);

        deadlines.change(slot(3), Some(Timestamp(100)), Some(Timestamp(400)));
        deadlines.change(slot(1), Some(Timestamp(300)), None);
        assert_eq!(due(&deadlines, 400, 9), [u128::MAX, 3]);
        deadlines.clear();
        assert_eq!(due(&deadlines, u64::MAX, 9), []);
    }
}
