//! Which slots a group has, which of them are awake, and when time will change each.
//!
//! *Invariants.* An actor is only put to sleep under the write lock, and only when nobody visits it and everything it
//! knows is saved; a visit begins under the lock. So nobody ever talks to an actor that has been put to sleep, and no two
//! actors own one slot.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use booking::{SlotId, Timestamp, View};
use parking_lot::{Mutex, RwLock};
use ractor::ActorRef;
use tokio::sync::Notify;

use super::counter::{Counter, Unanswered};
use super::deadlines::Deadlines;
use super::slot::Message;

/// Looks (one a second) at which nobody had used an actor, before it is put to sleep.
pub(super) const IDLE_LOOKS: u8 = 30;

/// The slots of one group.
#[derive(Default)]
pub(crate) struct Directory {
    places: RwLock<Places>,
    deadlines: Mutex<Deadlines>,
    /// The last stamp that the group's slots were handed.
    stamp: AtomicU64,
}

/// Every slot is in one of the two, so that what is done again and again looks at those awake only.
#[derive(Default)]
struct Places {
    /// Owned by an actor.
    awake: BTreeMap<SlotId, Awake>,
    /// In the store only, with its digest.
    asleep: BTreeMap<SlotId, u64>,
    /// The wrapping sum of the digests of those asleep.
    digest_asleep: u64,
    /// Nobody is woken: the state below is about to be replaced.
    closed: bool,
}

/// An actor, and the window through which others see its slot.
#[derive(Clone)]
pub(crate) struct Awake {
    pub(crate) actor: ActorRef<Message>,
    pub(crate) window: Arc<Window>,
}

/// What an actor shows without being asked, and where one asks.
#[derive(Default)]
pub(crate) struct Window {
    /// The slot as everyone may see it, as of the last batch; none while there is no slot.
    pub(crate) view: RwLock<Option<View>>,
    /// Who waits for the slot's answers.
    pub(crate) counter: Counter,
    /// How often a slot whose rules broke was tried again.
    pub(crate) tried: AtomicU32,
    /// Told after every batch, for those who follow the feed.
    pub(crate) changed: Notify,
    /// The slot's digest as of its last piece.
    pub(crate) digest: AtomicU64,
    /// How far its actor has come; 0 while it has not read its slot from the store yet.
    stage: AtomicU8,
    /// The slot was asleep before, and is to everyone until it is loaded.
    slept: AtomicBool,
    visits: AtomicUsize,
    idle_looks: AtomicU8,
}

/// How far an actor has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Stage {
    /// It knows its slot, or that there is none.
    Sound = 1,
    /// The rules broke.
    Faulted = 2,
}

impl Window {
    /// The actor has come this far.
    pub(crate) fn reach(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Release);
    }

    /// Looks at which nobody had visited, this one included.
    fn look(&self) -> u8 {
        let looks = self.idle_looks.load(Ordering::Relaxed).saturating_add(1);
        self.idle_looks.store(looks, Ordering::Relaxed);
        looks
    }

    fn is(&self, stage: Stage) -> bool {
        self.stage.load(Ordering::Acquire) == stage as u8
    }

    /// Whether its actor is still reading a slot that everyone else can read too.
    fn is_waking(&self) -> bool {
        self.stage.load(Ordering::Acquire) == 0 && self.slept.load(Ordering::Relaxed)
    }

    /// Whether there is a slot: one that was asked for and never made has an actor all the same, for a while.
    fn exists(&self) -> bool {
        self.view.read().is_some() || self.is(Stage::Faulted) || self.is_waking()
    }
}

/// Someone's stay with an awake actor, who is not put to sleep meanwhile.
pub(crate) struct Visit {
    pub(crate) actor: ActorRef<Message>,
    pub(crate) window: Arc<Window>,
}

impl Visit {
    fn begin(awake: &Awake) -> Self {
        awake.window.visits.fetch_add(1, Ordering::AcqRel);
        awake.window.idle_looks.store(0, Ordering::Relaxed);
        Self { actor: awake.actor.clone(), window: Arc::clone(&awake.window) }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.window.visits.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What is known of a slot without asking its actor.
pub(crate) enum Seen {
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

impl Directory {
    /// The group's slots are handed an entry with this stamp.
    pub(crate) fn pass(&self, stamp: Timestamp) {
        self.stamp.fetch_max(stamp.0, Ordering::AcqRel);
    }

    /// The last stamp that they were handed, since the process began.
    pub(crate) fn stamp(&self) -> Timestamp {
        Timestamp(self.stamp.load(Ordering::Acquire))
    }

    /// Enters a slot that the store has.
    pub(crate) fn enter(&self, slot: SlotId, deadline: Option<Timestamp>, digest: u64) {
        let mut places = self.places.write();
        places.lay_down(slot, digest);
        drop(places);
        self.set_deadline(slot, None, deadline);
    }

    /// Begins a visit, waking the slot's actor with `wake` if it sleeps or never was. None while the directory is closed.
    pub(crate) fn visit(&self, slot: SlotId, wake: impl FnOnce() -> Awake) -> Option<Visit> {
        if let Some(awake) = self.places.read().awake.get(&slot) {
            return Some(Visit::begin(awake));
        }
        let mut places = self.places.write();
        if places.closed {
            return None;
        }
        if let Some(awake) = places.awake.get(&slot) {
            return Some(Visit::begin(awake));
        }
        let awake = wake();
        let visit = Visit::begin(&awake);
        if let Some(digest) = places.asleep.remove(&slot) {
            places.digest_asleep = places.digest_asleep.wrapping_sub(digest);
            awake.window.slept.store(true, Ordering::Relaxed);
        }
        places.awake.insert(slot, awake);
        Some(visit)
    }

    /// What is known of a slot without asking its actor.
    pub(crate) fn look(&self, slot: SlotId) -> Seen {
        let places = self.places.read();
        let Some(awake) = places.awake.get(&slot) else {
            return if places.asleep.contains_key(&slot) { Seen::Asleep } else { Seen::Nowhere };
        };
        if awake.window.is(Stage::Faulted) {
            return Seen::Faulted;
        }
        if awake.window.is_waking() {
            return Seen::Asleep;
        }
        awake.window.view.read().clone().map_or(Seen::Unmade, Seen::Awake)
    }

    /// At most `limit` ids after `after`, in order.
    pub(crate) fn ids_after(&self, after: Option<SlotId>, limit: usize) -> Vec<SlotId> {
        let places = self.places.read();
        let awake = places.awake.range(beyond(after)).map(|(id, _awake)| *id);
        let asleep = places.asleep.range(beyond(after)).map(|(id, _digest)| *id);
        let mut ids: Vec<SlotId> = awake.take(limit).chain(asleep.take(limit)).collect();
        drop(places);
        ids.sort_unstable();
        ids.truncate(limit);
        ids
    }

    /// Slots whose rules broke: they never sleep.
    pub(crate) fn faulted(&self) -> Vec<SlotId> {
        let places = self.places.read();
        let faulted = places.awake.iter().filter(|(_id, awake)| awake.window.is(Stage::Faulted));
        faulted.map(|(id, _awake)| *id).collect()
    }

    /// Visits everyone who is awake now, and the digest of those who are not.
    pub(crate) fn visit_awake(&self) -> (Vec<Visit>, u64) {
        let places = self.places.read();
        (places.awake.values().map(Visit::begin).collect(), places.digest_asleep)
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
        let places = self.places.read();
        let made = places.awake.values().filter(|awake| awake.window.exists()).count();
        (places.asleep.len() + made, places.awake.len())
    }

    /// Who may be put to sleep, the longest unused first: those whom nobody has used for long, and where more than
    /// `awake_max` are awake, as many more as are too many.
    pub(crate) fn tired(&self, awake_max: usize) -> Vec<SlotId> {
        let places = self.places.read();
        let too_many = places.awake.len().saturating_sub(awake_max);
        let mut idle: Vec<(u8, SlotId)> =
            places.awake.iter().map(|(id, awake)| (awake.window.look(), *id)).collect();
        drop(places);
        idle.sort_unstable_by_key(|(looks, _id)| Reverse(*looks));
        let long = idle.partition_point(|(looks, _id)| IDLE_LOOKS <= *looks);
        idle.into_iter().take(long.max(too_many)).map(|(_looks, id)| id).collect()
    }

    /// Puts these actors to sleep, but for those who are visited or `dirty`.
    pub(crate) fn put_to_sleep(&self, tired: &[SlotId], dirty: impl Fn(SlotId) -> bool) {
        for slot in tired {
            let mut places = self.places.write();
            let Some(Awake { actor, window }) = places.awake.get(slot) else { continue };
            // One that is still loading shows no slot yet, and must not be taken for one that has none.
            let busy = !window.is(Stage::Sound) || 0 < window.visits.load(Ordering::Acquire);
            if busy || dirty(*slot) {
                continue;
            }
            actor.stop(None);
            let left = window.exists().then(|| window.digest.load(Ordering::Acquire));
            places.awake.remove(slot);
            // One that was asked for and never made leaves nothing.
            if let Some(digest) = left {
                places.lay_down(*slot, digest);
            }
        }
    }

    /// Lets nobody in any more until everything is forgotten; whoever waits is told that nobody knows. Gives those who are
    /// awake, to be stopped.
    pub(crate) fn close(&self) -> Vec<ActorRef<Message>> {
        let awake = {
            let mut places = self.places.write();
            places.closed = true;
            std::mem::take(&mut places.awake)
        };
        let stop = |Awake { actor, window }: Awake| {
            window.counter.close(Unanswered::Unknown);
            actor
        };
        awake.into_values().map(stop).collect()
    }

    /// Forgets everyone, and lets people in again: the group begins again from the store.
    pub(crate) fn clear(&self) {
        *self.places.write() = Places::default();
        self.deadlines.lock().clear();
    }
}

/// All that come after `after` in a tree.
fn beyond(after: Option<SlotId>) -> (Bound<SlotId>, Bound<SlotId>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

impl Places {
    fn lay_down(&mut self, slot: SlotId, digest: u64) {
        self.asleep.insert(slot, digest);
        self.digest_asleep = self.digest_asleep.wrapping_add(digest);
    }
}
