//! Where each customer has booked: the slots of a group in which somebody of this name has asked for something. It is kept in memory,
//! from when somebody first asks for it: until then no booking pays for it. Whoever is found there is looked at: a name is a hash here,
//! and not every request became a booking.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};

use booking::{Partition, SlotId};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many pairs of a customer and a slot are kept, at most: some 200 MB. Where there are more, none are.
const PAIRS_MAX: usize = 4 << 20;

/// The slots of one group, by customer.
#[derive(Default)]
pub(crate) struct Customers {
    /// Whether anything is kept: looked at for every batch.
    is_kept: AtomicBool,
    known: Mutex<Known>,
    changed: Notify,
}

#[derive(Default)]
struct Known {
    pairs: BTreeSet<(u64, SlotId)>,
    stage: Stage,
    /// Counts how often all was forgotten.
    generation: u64,
}

/// How much is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing, and nothing is kept.
    #[default]
    Nothing,
    /// What came since it was first asked for, and some of what was before.
    Some,
    /// Everything.
    All,
    /// There is more than may be kept.
    TooMuch,
}

/// What somebody who asks is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// In these slots.
    In(Vec<SlotId>),
    /// Somebody reads what was before; it is known once that has ended.
    Later,
    /// Nobody does yet: whoever asked is to, and says so with this.
    Read(Generation),
    /// There is more than may be kept.
    TooMuch,
}

/// For whoever reads what was before: all may be forgotten meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl Customers {
    /// Whether what is handed to slots is to be noted.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept.load(Ordering::Acquire)
    }

    /// A customer asks for something of a slot.
    pub(crate) fn note(&self, customer: &str, slot: SlotId) {
        self.put(&mut self.known.lock(), customer, slot);
    }

    /// The same of what was before; no longer where all was forgotten.
    pub(crate) fn note_read(&self, generation: Generation, customer: &str, slot: SlotId) {
        let mut known = self.known.lock();
        if known.generation == generation.0 {
            self.put(&mut known, customer, slot);
        }
    }

    /// All that was before has been read, or could not be.
    pub(crate) fn end_reading(&self, generation: Generation, is_whole: bool) {
        let mut known = self.known.lock();
        if known.generation == generation.0 && known.stage == Stage::Some {
            if is_whole {
                known.stage = Stage::All;
            } else {
                self.empty(&mut known, Stage::Nothing);
            }
        }
        drop(known);
        self.changed.notify_waiters();
    }

    /// Another state takes the place of the group's.
    pub(crate) fn forget(&self) {
        self.empty(&mut self.known.lock(), Stage::Nothing);
        self.changed.notify_waiters();
    }

    /// Where this customer may have booked.
    pub(crate) fn ask(&self, customer: &str) -> Answer {
        let mut known = self.known.lock();
        match known.stage {
            Stage::Nothing => {
                known.stage = Stage::Some;
                self.is_kept.store(true, Ordering::Release);
                Answer::Read(Generation(known.generation))
            }
            Stage::Some => Answer::Later,
            Stage::TooMuch => Answer::TooMuch,
            Stage::All => {
                let name = hash(customer);
                Answer::In(known.pairs.range((name, FIRST)..=(name, LAST)).map(|(_, slot)| *slot).collect())
            }
        }
    }

    /// Done once more is known after this call.
    pub(crate) fn changed(&self) -> std::pin::Pin<Box<tokio::sync::futures::Notified<'_>>> {
        let mut changed = Box::pin(self.changed.notified());
        changed.as_mut().enable();
        changed
    }

    fn put(&self, known: &mut Known, customer: &str, slot: SlotId) {
        if matches!(known.stage, Stage::Some | Stage::All) {
            known.pairs.insert((hash(customer), slot));
            if PAIRS_MAX < known.pairs.len() {
                self.empty(known, Stage::TooMuch);
            }
        }
    }

    fn empty(&self, known: &mut Known, stage: Stage) {
        self.is_kept.store(false, Ordering::Release);
        *known = Known { stage, generation: known.generation + 1, ..Known::default() };
    }
}

/// No id of a slot is lower, and none is higher.
const FIRST: SlotId = SlotId { partition: Partition::new(0).expect("the first"), hash: 0 };
const LAST: SlotId =
    SlotId { partition: Partition::new(booking::limits::PARTITIONS - 1).expect("the last"), hash: u128::MAX };

fn hash(customer: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    customer.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(hash: u128) -> SlotId {
        SlotId { hash, ..FIRST }
    }

    #[test]
    fn where_somebody_booked_is_known_once_what_was_before_was_read() {
        let customers = Customers::default();
        customers.note("ada", slot(1));
        assert!(!customers.is_kept(), "nobody has asked");
        let Answer::Read(generation) = customers.ask("ada") else { panic!("whoever asks first reads") };
        assert!(customers.is_kept());
        assert_eq!(customers.ask("bob"), Answer::Later);
        customers.note("ada", slot(3));
        customers.note_read(generation, "ada", slot(2));
        customers.note_read(generation, "bob", slot(2));
        customers.note_read(generation, "ada", slot(3));
        customers.end_reading(generation, true);
        customers.note("bob", LAST);
        for (name, want) in [("ada", vec![slot(2), slot(3)]), ("bob", vec![slot(2), LAST]), ("eve", vec![])] {
            assert_eq!(customers.ask(name), Answer::In(want), "{name}");
        }
        customers.forget();
        assert!(!customers.is_kept());
        let Answer::Read(next) = customers.ask("ada") else { panic!("nothing is known") };
        customers.note_read(generation, "ada", slot(9));
        customers.end_reading(generation, true);
        assert_eq!(customers.ask("ada"), Answer::Later, "that was of another state");
        customers.end_reading(next, false);
        assert!(matches!(customers.ask("ada"), Answer::Read(_)), "it could not be read");
    }
}
