//! Which generation of each group's state is live, remembered, so that a read need not ask the database
//! first: that would cost it a third more.
//!
//! ```text
//!  reader    snapshot, numbered s ─▶ known(s)? ─ yes ─▶ read under the generation that is remembered
//!                                       └────── no ──▶ ask the snapshot itself, and remember
//!  writer    unsettle ─▶ write the batch with the flip ─▶ settle, with the number that RocksDB has reached
//! ```
//!
//! A generation is remembered with the number of a snapshot in which it was live, and is believed by
//! snapshots with that number or a later one. That is right, because a flip between the two would be one that
//! the later snapshot sees; what it sees was written before it was taken; and before that the generation was
//! unsettled, which nobody believes until it is settled with a number behind the flip. It takes readers that
//! look here only when they have their snapshot, and a writer that unsettles before it writes.

use std::collections::BTreeMap;

use parking_lot::RwLock;

use super::keys::Generation;
use crate::GroupId;

/// The groups that were read or flipped since the store was opened.
#[derive(Default)]
pub(super) struct Generations {
    groups: RwLock<BTreeMap<GroupId, Remembered>>,
}

#[derive(Clone, Copy)]
enum Remembered {
    /// This one is live, since this sequence number at the latest.
    Settled(Generation, u64),
    /// A flip is being written.
    Unsettled,
}

/// The groups that a batch flips, and which generation is live in each when it is written.
pub(super) type Flips = BTreeMap<GroupId, Generation>;

impl Generations {
    /// The generation that is live in a snapshot with this number, if that can be said without asking it.
    pub(super) fn known(&self, group: GroupId, snapshot: u64) -> Option<Generation> {
        match self.groups.read().get(&group) {
            Some(Remembered::Settled(generation, since)) if *since <= snapshot => Some(*generation),
            Some(Remembered::Settled(..) | Remembered::Unsettled) | None => None,
        }
    }

    /// Remembers what was found in a snapshot with this number, if nothing is remembered: all else is as new,
    /// or newer.
    pub(super) fn found(&self, group: GroupId, generation: Generation, snapshot: u64) {
        self.groups.write().entry(group).or_insert(Remembered::Settled(generation, snapshot));
    }

    /// These flips are about to be written.
    pub(super) fn unsettle(&self, flips: &Flips) {
        self.remember(flips, |_| Remembered::Unsettled);
    }

    /// These flips were written, and RocksDB has reached this number.
    pub(super) fn settle(&self, flips: &Flips, sequence: u64) {
        self.remember(flips, |generation| Remembered::Settled(generation, sequence));
    }

    fn remember(&self, flips: &Flips, what: impl Fn(Generation) -> Remembered) {
        // Almost no batch flips anything; then no reader need wait.
        if flips.is_empty() {
            return;
        }
        let mut groups = self.groups.write();
        for (group, generation) in flips {
            let before = groups.insert(*group, what(*generation));
            if let Some(Remembered::Settled(before, _since)) = before {
                assert!(before < *generation, "a generation never comes back");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flips, Generations};
    use crate::GroupId;
    use crate::engine::keys::Generation;

    const GROUP: GroupId = GroupId(1);

    #[test]
    fn what_is_remembered_holds_for_later_snapshots_until_a_flip_begins() {
        let generations = Generations::default();
        let first = Generation::default();
        let flips = Flips::from([(GROUP, first.next())]);
        let known = || [4, 5, 6, 8, 9].map(|snapshot| generations.known(GROUP, snapshot));
        assert_eq!(known(), [None; 5], "nothing was asked yet");

        generations.found(GROUP, first, 5);
        assert_eq!(known(), [None, Some(first), Some(first), Some(first), Some(first)]);
        assert_eq!(generations.known(GroupId(2), 9), None, "of another group");

        generations.unsettle(&flips);
        assert_eq!(known(), [None; 5], "it is being written");
        generations.found(GROUP, first, 6);
        assert_eq!(known(), [None; 5], "what a reader found meanwhile may be old");

        generations.settle(&flips, 8);
        assert_eq!(known(), [None, None, None, Some(first.next()), Some(first.next())]);
        generations.found(GROUP, first, 6);
        assert_eq!(known(), [None, None, None, Some(first.next()), Some(first.next())]);
    }
}
