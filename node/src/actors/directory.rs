//! Which slots a group has, which of them are awake, and when time will change each.
//!
//! *Invariants.* An actor is only put to sleep under the write lock, and only when nobody visits it and everything it
//! knows is saved; a visit begins under the lock. So nobody ever talks to an actor that has been put to sleep, and no two
//! actors own one slot.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwapOption;
use booking::{SlotId, Timestamp, View};
use parking_lot::{Mutex, RwLock};
use ractor::ActorRef;

use super::slot::Message;

/// Actors that may stay awake although nobody has asked for them lately.
const AWAKE_IDLE_MAX: usize = 50_000;
/// Looks (one a checkpoint) at which nobody had used an actor, before it is put to sleep.
const IDLE_LOOKS: u8 = 30;

/// The slots of one group.
#[derive(Default)]
pub(crate) struct Directory {
    places: RwLock<Places>,
    deadlines: Mutex<BTreeSet<(Timestamp, SlotId)>>,
}

#[derive(Default)]
struct Places {
    slots: BTreeMap<SlotId, Place>,
    awake: usize,
    /// The wrapping sum of the digests of those asleep.
    digest_asleep: u64,
}

enum Place {
    /// In the store only.
    Asleep { digest: u64 },
    /// Owned by an actor.
    Awake(Awake),
}

/// An actor, and the window through which others see its slot.
#[derive(Clone)]
pub(crate) struct Awake {
    pub(crate) actor: ActorRef<Message>,
    pub(crate) window: Arc<Window>,
}

/// What an actor shows without being asked.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// The slot as everyone may see it, as of the last batch; none while there is no slot.
    pub(crate) view: ArcSwapOption<View>,
    /// The slot's digest as of its last piece.
    pub(crate) digest: AtomicU64,
    /// The index at which the rules broke, plus one; zero while they have not.
    pub(crate) faulted: AtomicU64,
    /// The actor has read its slot from the store, or found that there is none.
    pub(crate) loaded: AtomicBool,
    visits: AtomicUsize,
    idle_looks: AtomicU8,
}

impl Window {
    /// Whether there is a slot: one that was asked for and never made has an actor all the same, for a while.
    fn exists(&self) -> bool {
        self.view.load().is_some() || self.faulted.load(Ordering::Acquire) != 0
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
    /// In the store only.
    Asleep,
    /// As its actor last showed it.
    Awake(Arc<View>),
    /// Awake, but its rules broke.
    Faulted,
}

impl Directory {
    /// Enters a slot that the store has.
    pub(crate) fn enter(&self, slot: SlotId, deadline: Option<Timestamp>, digest: u64) {
        let mut places = self.places.write();
        places.digest_asleep = places.digest_asleep.wrapping_add(digest);
        places.slots.insert(slot, Place::Asleep { digest });
        drop(places);
        self.deadlines.lock().extend(deadline.map(|deadline| (deadline, slot)));
    }

    /// Begins a visit, waking the slot's actor with `wake` if it sleeps or never was.
    pub(crate) fn visit(&self, slot: SlotId, wake: impl FnOnce() -> Awake) -> Visit {
        if let Some(Place::Awake(awake)) = self.places.read().slots.get(&slot) {
            return Visit::begin(awake);
        }
        let mut places = self.places.write();
        if let Some(Place::Awake(awake)) = places.slots.get(&slot) {
            return Visit::begin(awake);
        }
        let awake = wake();
        let visit = Visit::begin(&awake);
        if let Some(Place::Asleep { digest }) = places.slots.insert(slot, Place::Awake(awake)) {
            places.digest_asleep = places.digest_asleep.wrapping_sub(digest);
        }
        places.awake += 1;
        visit
    }

    /// What is known of a slot without asking its actor.
    pub(crate) fn look(&self, slot: SlotId) -> Seen {
        match self.places.read().slots.get(&slot) {
            None => Seen::Nowhere,
            Some(Place::Asleep { .. }) => Seen::Asleep,
            Some(Place::Awake(awake)) => match awake.window.view.load_full() {
                _ if awake.window.faulted.load(Ordering::Acquire) != 0 => Seen::Faulted,
                Some(view) => Seen::Awake(view),
                None => Seen::Nowhere,
            },
        }
    }

    /// Whether a slot has an actor, although there may be no slot yet.
    pub(crate) fn is_awake(&self, slot: SlotId) -> bool {
        matches!(self.places.read().slots.get(&slot), Some(Place::Awake(_)))
    }

    /// At most `limit` ids after `after`, in order.
    pub(crate) fn ids_after(&self, after: Option<SlotId>, limit: usize) -> Vec<SlotId> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.places.read().slots.range((from, Bound::Unbounded)).take(limit).map(|(id, _place)| *id).collect()
    }

    /// Visits everyone who is awake now, and the digest of those who are not.
    pub(crate) fn visit_awake(&self) -> (Vec<Visit>, u64) {
        let places = self.places.read();
        let visits = places.slots.values().filter_map(|place| match place {
            Place::Awake(awake) => Some(Visit::begin(awake)),
            Place::Asleep { .. } => None,
        });
        (visits.collect(), places.digest_asleep)
    }

    /// Changes the stamp at which time alone will change a slot.
    pub(crate) fn set_deadline(&self, slot: SlotId, before: Option<Timestamp>, after: Option<Timestamp>) {
        let mut deadlines = self.deadlines.lock();
        if let Some(before) = before {
            deadlines.remove(&(before, slot));
        }
        deadlines.extend(after.map(|after| (after, slot)));
    }

    /// At most `limit` slots whose deadline is not after `now`, earliest first.
    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<SlotId> {
        let deadlines = self.deadlines.lock();
        deadlines
            .iter()
            .take_while(|(deadline, _slot)| *deadline <= now)
            .take(limit)
            .map(|(_at, slot)| *slot)
            .collect()
    }

    /// Slots in all, and those awake.
    pub(crate) fn count(&self) -> (usize, usize) {
        let places = self.places.read();
        let exists = |place: &&Place| match place {
            Place::Asleep { .. } => true,
            Place::Awake(awake) => awake.window.exists(),
        };
        (places.slots.values().filter(exists).count(), places.awake)
    }

    /// Puts actors to sleep that nobody has used lately and that are not `dirty`.
    pub(crate) fn put_to_sleep(&self, dirty: impl Fn(SlotId) -> bool) {
        let looks = if AWAKE_IDLE_MAX < self.places.read().awake { 1 } else { IDLE_LOOKS };
        let tired: Vec<SlotId> = {
            let places = self.places.read();
            let idle = places.slots.iter().filter(|(_id, place)| match place {
                Place::Awake(awake) => looks <= awake.window.idle_looks.fetch_add(1, Ordering::Relaxed),
                Place::Asleep { .. } => false,
            });
            idle.map(|(id, _place)| *id).collect()
        };
        for slot in tired {
            let mut places = self.places.write();
            let Some(Place::Awake(awake)) = places.slots.get(&slot) else { continue };
            let window = &awake.window;
            // One that is still loading shows no slot yet, and must not be taken for one that has none.
            let loading = !window.loaded.load(Ordering::Acquire);
            let visited = 0 < window.visits.load(Ordering::Acquire);
            let busy = loading || visited || window.faulted.load(Ordering::Acquire) != 0;
            if busy || dirty(slot) {
                continue;
            }
            awake.actor.stop(None);
            let digest = window.digest.load(Ordering::Acquire);
            let exists = window.exists();
            places.awake -= 1;
            if !exists {
                // A slot that was asked for and never made.
                places.slots.remove(&slot);
                continue;
            }
            places.digest_asleep = places.digest_asleep.wrapping_add(digest);
            places.slots.insert(slot, Place::Asleep { digest });
        }
    }

    /// Forgets everything: the group begins again from the store.
    pub(crate) fn clear(&self) {
        let mut places = self.places.write();
        for place in places.slots.values() {
            if let Place::Awake(awake) = place {
                awake.actor.stop(None);
            }
        }
        *places = Places::default();
        self.deadlines.lock().clear();
    }
}
