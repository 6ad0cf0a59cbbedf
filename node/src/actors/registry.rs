//! Which slots a group has, which of them are awake, and when time will change each.
//!
//! *Invariants.* An actor is only put to sleep under the write lock, and only when no pin keeps it awake and everything it knows
//! is saved; a pin is made under the lock. So nobody ever talks to an actor that has been put to sleep, and no two actors own one
//! slot.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeInclusive};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use booking::{Level, Partition, SlotId, Timestamp, View};
use parking_lot::{Mutex, RwLock};
use ractor::ActorRef;

use super::deadlines::Deadlines;
use super::message::Message;
use super::published::{Awake, Pin, Stage};
use super::waiters::Unanswered;
use crate::saved::Head;
use crate::views::listing::{Facts, Organizer, Owned, Wanted};

/// Rounds (one a second) in which nobody has pinned an actor, before it is put to sleep.
pub(super) const IDLE_ROUNDS: u8 = 30;

/// The slots of one group.
#[derive(Default)]
pub(crate) struct Registry {
    slots: RwLock<Slots>,
    deadlines: Mutex<Deadlines>,
    /// The last stamp that the group's slots were handed.
    stamp: AtomicU64,
    /// The level of the last entry that they were handed; 0 where there was none since the process began.
    level: AtomicU32,
}

/// Every slot is either awake or asleep, so that what is done again and again goes through those awake only.
#[derive(Default)]
struct Slots {
    /// Owned by an actor.
    awake: BTreeMap<SlotId, Awake>,
    /// In the store only.
    asleep: BTreeMap<SlotId, Sleeper>,
    /// The wrapping sum of the digests of those asleep.
    digest_asleep: u64,
    /// Of those awake, ids that were no slot yet when last asked for: one may be about to be made.
    unmade: BTreeSet<SlotId>,
    /// All slots, by organizer.
    owned: BTreeSet<Owned>,
    /// Nobody is woken: the state below is about to be replaced.
    closed: bool,
}

/// What is known of a slot that is in the store only. Packed, for there are millions.
#[derive(Clone, Copy)]
#[repr(Rust, packed)]
struct Sleeper {
    digest: u64,
    facts: Facts,
}

/// Eleven of them and their ids are a node of a tree, and just fit a size of the allocator's.
const _: () = assert!(size_of::<Sleeper>() == 21);

/// What is known of a slot without asking its actor.
pub(crate) enum Presence {
    /// Nothing: a snapshot is being installed.
    Closed,
    /// No such slot here.
    Nowhere,
    /// None yet, but an actor that may be about to make one.
    Unmade,
    /// In the store only, or still being read from there.
    Asleep,
    /// As its actor last showed it.
    Awake(View),
    /// Awake, but its rules broke.
    Faulted,
}

impl Registry {
    /// The group's slots are handed an entry with this stamp.
    pub(crate) fn advance(&self, stamp: Timestamp) {
        self.stamp.fetch_max(stamp.0, Ordering::AcqRel);
    }

    /// The last stamp that the group's slots were handed since the process began.
    pub(crate) fn stamp(&self) -> Timestamp {
        Timestamp(self.stamp.load(Ordering::Acquire))
    }

    /// The group's slots are handed an entry of this level.
    pub(crate) fn reach(&self, level: Level) {
        self.level.fetch_max(level.0, Ordering::Relaxed);
    }

    /// The level in whose shapes this node writes: that of the last entry that was handed or saved, which every node of the cluster
    /// applies. Before the first entry of all it is the oldest that this build writes, and every build reads that.
    pub(crate) fn level(&self) -> Level {
        Level(self.level.load(Ordering::Relaxed)).max(Level::OLDEST)
    }

    /// Begins with every slot of the store, asleep.
    pub(crate) fn open(&self, saved_slots: SavedSlots) {
        let SavedSlots { asleep, owned, deadlines, stamp } = saved_slots;
        if let Some(stamp) = stamp {
            self.advance(stamp);
        }
        let mut all = self.deadlines.lock();
        all.clear();
        for (slot, at) in deadlines {
            all.change(slot, None, Some(at));
        }
        drop(all);
        let digest_asleep = asleep.iter().fold(0_u64, |sum, (_id, sleeper)| sum.wrapping_add(sleeper.digest));
        // Trees that are built at once are full, and take half of what they take that grow in order.
        let (asleep, owned) = (asleep.into_iter().collect(), owned.into_iter().collect());
        let slots = Slots { asleep, digest_asleep, owned, ..Slots::default() };
        *self.slots.write() = slots;
    }

    /// There is a slot that was not there before, and its actor publishes it.
    pub(crate) fn register(&self, slot: SlotId, organizer: &str) {
        let mut slots = self.slots.write();
        slots.unmade.remove(&slot);
        slots.owned.insert(Owned { organizer: Organizer::named(organizer), slot });
    }

    /// Pins the actors of ids that were no slot yet when last asked for: behind what is in its mailbox, each can tell whether it
    /// has a slot now.
    pub(crate) fn pin_unmade(&self) -> Vec<Pin> {
        let slots = self.slots.read();
        let awake = slots.unmade.iter().filter_map(|id| slots.awake.get(id));
        awake.map(Pin::in_passing).collect()
    }

    /// Pins a slot's actor, waking it with `wake` if it sleeps or never was. None while the registry is closed.
    pub(crate) fn pin(&self, slot: SlotId, wake: impl FnOnce() -> Awake) -> Option<Pin> {
        if let Some(awake) = self.slots.read().awake.get(&slot) {
            return Some(Pin::new(awake));
        }
        let mut slots = self.slots.write();
        if slots.closed {
            return None;
        }
        if let Some(awake) = slots.awake.get(&slot) {
            return Some(Pin::new(awake));
        }
        let awake = wake();
        let pin = Pin::new(&awake);
        if let Some(Sleeper { digest, .. }) = slots.asleep.remove(&slot) {
            slots.digest_asleep = slots.digest_asleep.wrapping_sub(digest);
            awake.published.wakes_from_sleep();
        } else {
            slots.unmade.insert(slot);
        }
        slots.awake.insert(slot, awake);
        Some(pin)
    }

    /// What is known of a slot without asking its actor.
    pub(crate) fn presence(&self, slot: SlotId) -> Presence {
        let slots = self.slots.read();
        let Some(awake) = slots.awake.get(&slot) else {
            return if slots.closed {
                Presence::Closed
            } else if slots.asleep.contains_key(&slot) {
                Presence::Asleep
            } else {
                Presence::Nowhere
            };
        };
        if awake.published.is(Stage::Faulted) {
            return Presence::Faulted;
        }
        if awake.published.is_waking() {
            return Presence::Asleep;
        }
        awake.published.view.read().clone().map_or(Presence::Unmade, Presence::Awake)
    }

    /// Scans a part of the slots, without waking or reading any. None while a snapshot is installed.
    pub(crate) fn scan(&self, wanted: &Wanted, range: &ScanRange) -> Option<Scanned> {
        let slots = self.slots.read();
        if slots.closed {
            return None;
        }
        let mut scanned = Scanned { found: Vec::new(), looks: 0, upto: None };
        for (slot, may_be) in slots.rows(wanted, range) {
            if may_be {
                scanned.found.push(slot);
            }
            scanned.looks += 1;
            if scanned.looks == range.looks || scanned.found.len() == range.most {
                scanned.upto = Some(slot);
                break;
            }
        }
        Some(scanned)
    }

    /// Slots whose rules broke: they never sleep.
    pub(crate) fn faulted(&self) -> Vec<SlotId> {
        let slots = self.slots.read();
        let faulted = slots.awake.iter().filter(|(_id, awake)| awake.published.is(Stage::Faulted));
        faulted.map(|(id, _awake)| *id).collect()
    }

    /// Pins everyone who is awake now, in passing: taking digests again and again keeps nobody awake. And the digest of those who
    /// are not awake.
    pub(crate) fn pin_awake(&self) -> (Vec<Pin>, u64) {
        let slots = self.slots.read();
        (slots.awake.values().map(Pin::in_passing).collect(), slots.digest_asleep)
    }

    /// The first awake actor behind this one, pinned in passing.
    pub(crate) fn next_awake(&self, after: Option<SlotId>) -> Option<(SlotId, Pin)> {
        let slots = self.slots.read();
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let (slot, awake) = slots.awake.range(behind).next()?;
        Some((*slot, Pin::in_passing(awake)))
    }

    /// Changes the stamp at which time alone will change a slot.
    pub(crate) fn set_deadline(&self, slot: SlotId, before: Option<Timestamp>, after: Option<Timestamp>) {
        self.deadlines.lock().change(slot, before, after);
    }

    /// At most `limit` slots whose deadline is not after `now`, earliest first.
    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<SlotId> {
        self.deadlines.lock().due(now, limit)
    }

    /// Slots in all, and those awake.
    pub(crate) fn count(&self) -> (usize, usize) {
        let slots = self.slots.read();
        let made = slots.awake.values().filter(|awake| awake.published.exists()).count();
        (slots.asleep.len() + made, slots.awake.len())
    }

    /// Which actors may be put to sleep, the longest unused first: those that nobody has pinned for long, and where more than
    /// `awake_max` are awake, as many more as are too many.
    pub(crate) fn idle(&self, awake_max: usize) -> Vec<SlotId> {
        let slots = self.slots.read();
        let too_many = slots.awake.len().saturating_sub(awake_max);
        let mut idle: Vec<(u8, SlotId)> =
            slots.awake.iter().map(|(id, awake)| (awake.published.count_idle_round(), *id)).collect();
        drop(slots);
        idle.sort_unstable_by_key(|(rounds, _id)| Reverse(*rounds));
        let long = idle.partition_point(|(rounds, _id)| IDLE_ROUNDS <= *rounds);
        idle.into_iter().take(long.max(too_many)).map(|(_rounds, id)| id).collect()
    }

    /// Puts these actors to sleep, but for those that are pinned or `dirty`.
    pub(crate) fn put_to_sleep(&self, idle: &[SlotId], dirty: impl Fn(SlotId) -> bool) {
        for slot in idle {
            let mut slots = self.slots.write();
            let Some(Awake { actor, published }) = slots.awake.get(slot) else { continue };
            // An actor that is still loading shows no slot yet, and must not be taken for one that has none.
            let busy = !published.is(Stage::Sound) || published.is_pinned();
            if busy || dirty(*slot) {
                continue;
            }
            actor.stop(None);
            let digest = published.digest.load(Ordering::Acquire);
            let left = published.view.read().as_ref().map(|view| Sleeper { digest, facts: Facts::of(view) });
            slots.awake.remove(slot);
            slots.unmade.remove(slot);
            // An id that was asked for and never made leaves nothing.
            if let Some(sleeper) = left {
                slots.put_down(*slot, sleeper);
            }
        }
    }

    /// Pins nobody any more until the registry is opened again; whoever waits is told that the outcome is unknown. Gives the
    /// actors that are awake, to be stopped.
    pub(crate) fn close(&self) -> Vec<ActorRef<Message>> {
        let slots = std::mem::replace(&mut *self.slots.write(), Slots { closed: true, ..Slots::default() });
        let stop = |Awake { actor, published }: Awake| {
            published.waiters.close(Unanswered::Unknown);
            actor
        };
        slots.awake.into_values().map(stop).collect()
    }
}

/// Every slot of the store, for a registry to begin with.
#[derive(Default)]
pub(crate) struct SavedSlots {
    asleep: Vec<(SlotId, Sleeper)>,
    owned: Vec<Owned>,
    deadlines: Vec<(SlotId, Timestamp)>,
    /// The latest that any of them has seen.
    stamp: Option<Timestamp>,
}

impl SavedSlots {
    pub(crate) fn add(&mut self, slot: SlotId, head: &Head) {
        let Head { deadline, header, .. } = head;
        let facts = Facts::new(&header.definition, header.cancelled);
        self.asleep.push((slot, Sleeper { digest: header.digest, facts }));
        self.owned.push(Owned { organizer: Organizer::named(&header.definition.organizer), slot });
        self.deadlines.extend(deadline.map(|at| (slot, at)));
        self.stamp = self.stamp.max(Some(header.stamp));
    }
}

/// A part of the slots, in the order of their ids.
pub(crate) struct ScanRange {
    /// Behind this slot.
    pub(crate) after: Option<SlotId>,
    /// Up to and with this slot.
    pub(crate) last: SlotId,
    /// The moments at one of which a slot is to have the wanted status.
    pub(crate) span: RangeInclusive<Timestamp>,
    /// How many slots are looked at, at most.
    pub(crate) looks: usize,
    /// How many slots are found, at most.
    pub(crate) most: usize,
}

/// How far a scan came.
pub(crate) struct Scanned {
    /// Slots that may be wanted: no other that was looked at is.
    pub(crate) found: Vec<SlotId>,
    /// How many slots were looked at.
    pub(crate) looks: usize,
    /// Up to which slot; none where the scan came to the end of its range.
    pub(crate) upto: Option<SlotId>,
}

impl Slots {
    fn put_down(&mut self, slot: SlotId, sleeper: Sleeper) {
        self.asleep.insert(slot, sleeper);
        self.digest_asleep = self.digest_asleep.wrapping_add(sleeper.digest);
    }

    /// The slots of a range in order, each with whether it may be wanted.
    fn rows<'all>(
        &'all self,
        wanted: &'all Wanted,
        range: &'all ScanRange,
    ) -> Box<dyn Iterator<Item = (SlotId, bool)> + 'all> {
        let ScanRange { after, last, span, .. } = range;
        if let Some(organizer) = &wanted.organizer {
            let organizer = Organizer::named(organizer);
            let owned = move |slot| Owned { organizer, slot };
            let first = after.map_or(Bound::Included(owned(FIRST)), |after| Bound::Excluded(owned(after)));
            let theirs = self.owned.range((first, Bound::Included(owned(*last))));
            return Box::new(theirs.map(move |&Owned { slot, .. }| (slot, self.may_be(slot, wanted, span))));
        }
        let ids = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Included(*last));
        let awake = self.awake.range(ids).map(move |(id, awake)| (*id, awake.published.may_be(wanted, span)));
        let asleep =
            self.asleep.range(ids).map(move |(id, sleeper)| (*id, wanted.may_take(sleeper.facts, span)));
        let (mut awake, mut asleep) = (awake.peekable(), asleep.peekable());
        Box::new(std::iter::from_fn(move || match (awake.peek(), asleep.peek()) {
            (Some((up, _)), Some((down, _))) if down < up => asleep.next(),
            (Some(_), _) => awake.next(),
            (None, _) => asleep.next(),
        }))
    }

    fn may_be(&self, slot: SlotId, wanted: &Wanted, span: &RangeInclusive<Timestamp>) -> bool {
        match (self.awake.get(&slot), self.asleep.get(&slot)) {
            (Some(awake), _) => awake.published.may_be(wanted, span),
            (None, Some(sleeper)) => wanted.may_take(sleeper.facts, span),
            // A slot that has an organizer is in one of the two.
            (None, None) => true,
        }
    }
}

/// No id is lower.
const FIRST: SlotId = SlotId { partition: Partition::new(0).expect("the first"), hash: 0 };
