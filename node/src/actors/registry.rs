//! Which slots a group has, which of them are awake, and when time will change each.
//!
//! *Invariants.* An actor is only put to sleep under the write lock, and only when nobody visits it and everything it
//! knows is saved; a visit begins under the lock. So nobody ever talks to an actor that has been put to sleep, and no two
//! actors own one slot.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use booking::{Level, Partition, SlotId, Timestamp, View};
use parking_lot::{Mutex, RwLock};
use ractor::ActorRef;
use tokio::sync::Notify;

use super::deadlines::Deadlines;
use super::slot::Message;
use super::waiters::{Counter, Unanswered};
use crate::saved::Head;
use crate::views::listing::{Facts, Organizer, Owned, Wanted};

/// Looks (one a second) at which nobody had used an actor, before it is put to sleep.
pub(super) const IDLE_LOOKS: u8 = 30;

/// The slots of one group.
#[derive(Default)]
pub(crate) struct Directory {
    places: RwLock<Places>,
    deadlines: Mutex<Deadlines>,
    /// The last stamp that the group's slots were handed.
    stamp: AtomicU64,
    /// The level of the last entry that they were handed; 0 where there was none since the process began.
    level: AtomicU32,
}

/// Every slot is in one of the two, so that what is done again and again looks at those awake only.
#[derive(Default)]
struct Places {
    /// Owned by an actor.
    awake: BTreeMap<SlotId, Awake>,
    /// In the store only.
    asleep: BTreeMap<SlotId, Sleeper>,
    /// The wrapping sum of the digests of those asleep.
    digest_asleep: u64,
    /// Of those awake, whoever was no slot yet when it was last asked: one may be about to be made.
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

    /// Whether a slot may be wanted that its actor shows like this: of one whose rules broke, or that is being read, only a look
    /// can tell more.
    fn may_be(&self, wanted: &Wanted, span: &RangeInclusive<Timestamp>) -> bool {
        if self.is(Stage::Faulted) || self.is_waking() {
            return true;
        }
        self.view.read().as_ref().is_some_and(|view| wanted.may_take(Facts::of(view), span))
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
        awake.window.idle_looks.store(0, Ordering::Relaxed);
        Self::pass_by(awake)
    }

    /// A visit that keeps nobody awake for longer than it lasts.
    fn pass_by(awake: &Awake) -> Self {
        awake.window.visits.fetch_add(1, Ordering::AcqRel);
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

impl Directory {
    /// The group's slots are handed an entry with this stamp.
    pub(crate) fn pass(&self, stamp: Timestamp) {
        self.stamp.fetch_max(stamp.0, Ordering::AcqRel);
    }

    /// The last stamp that they were handed, since the process began.
    pub(crate) fn stamp(&self) -> Timestamp {
        Timestamp(self.stamp.load(Ordering::Acquire))
    }

    /// The group's slots are handed an entry of this level.
    pub(crate) fn reach(&self, level: Level) {
        self.level.fetch_max(level.0, Ordering::Relaxed);
    }

    /// The level for which is written: the last that was handed, which every node applies. Before the first entry the oldest that
    /// this build writes: it is not above the one in force, and every build of the cluster reads it.
    pub(crate) fn level(&self) -> Level {
        Level(self.level.load(Ordering::Relaxed)).max(Level::OLDEST)
    }

    /// Begins with everyone whom the store has, asleep.
    pub(crate) fn open(&self, entrance: Entrance) {
        let Entrance { asleep, owned, deadlines, stamp } = entrance;
        if let Some(stamp) = stamp {
            self.pass(stamp);
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
        let places = Places { asleep, digest_asleep, owned, ..Places::default() };
        *self.places.write() = places;
    }

    /// There is a slot that was not there before, and its actor shows it.
    pub(crate) fn enroll(&self, slot: SlotId, organizer: &str) {
        let mut places = self.places.write();
        places.unmade.remove(&slot);
        places.owned.insert(Owned { organizer: Organizer::named(organizer), slot });
    }

    /// Visits those who were no slot yet when they were last asked: behind what is in their mailboxes it can be told whether one
    /// is.
    pub(crate) fn visit_unmade(&self) -> Vec<Visit> {
        let places = self.places.read();
        let awake = places.unmade.iter().filter_map(|id| places.awake.get(id));
        awake.map(Visit::pass_by).collect()
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
        if let Some(Sleeper { digest, .. }) = places.asleep.remove(&slot) {
            places.digest_asleep = places.digest_asleep.wrapping_sub(digest);
            awake.window.slept.store(true, Ordering::Relaxed);
        } else {
            places.unmade.insert(slot);
        }
        places.awake.insert(slot, awake);
        Some(visit)
    }

    /// What is known of a slot without asking its actor.
    pub(crate) fn look(&self, slot: SlotId) -> Seen {
        let places = self.places.read();
        let Some(awake) = places.awake.get(&slot) else {
            return if places.closed {
                Seen::Closed
            } else if places.asleep.contains_key(&slot) {
                Seen::Asleep
            } else {
                Seen::Nowhere
            };
        };
        if awake.window.is(Stage::Faulted) {
            return Seen::Faulted;
        }
        if awake.window.is_waking() {
            return Seen::Asleep;
        }
        awake.window.view.read().clone().map_or(Seen::Unmade, Seen::Awake)
    }

    /// Goes on with a walk, without waking or reading anyone. None while a snapshot is installed.
    pub(crate) fn walk(&self, wanted: &Wanted, stretch: &Stretch) -> Option<Walked> {
        let places = self.places.read();
        if places.closed {
            return None;
        }
        let mut walked = Walked { found: Vec::new(), looks: 0, upto: None };
        for (slot, may_be) in places.rows(wanted, stretch) {
            if may_be {
                walked.found.push(slot);
            }
            walked.looks += 1;
            if walked.looks == stretch.looks || walked.found.len() == stretch.most {
                walked.upto = Some(slot);
                break;
            }
        }
        Some(walked)
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
            let digest = window.digest.load(Ordering::Acquire);
            let left = window.view.read().as_ref().map(|view| Sleeper { digest, facts: Facts::of(view) });
            places.awake.remove(slot);
            places.unmade.remove(slot);
            // One that was asked for and never made leaves nothing.
            if let Some(sleeper) = left {
                places.lay_down(*slot, sleeper);
            }
        }
    }

    /// Lets nobody in any more until it is opened again; whoever waits is told that nobody knows. Gives those who are awake, to
    /// be stopped.
    pub(crate) fn close(&self) -> Vec<ActorRef<Message>> {
        let places =
            std::mem::replace(&mut *self.places.write(), Places { closed: true, ..Places::default() });
        let stop = |Awake { actor, window }: Awake| {
            window.counter.close(Unanswered::Unknown);
            actor
        };
        places.awake.into_values().map(stop).collect()
    }
}

/// Everyone whom the store has, to be let in at once.
#[derive(Default)]
pub(crate) struct Entrance {
    asleep: Vec<(SlotId, Sleeper)>,
    owned: Vec<Owned>,
    deadlines: Vec<(SlotId, Timestamp)>,
    /// The latest that any of them has seen.
    stamp: Option<Timestamp>,
}

impl Entrance {
    pub(crate) fn add(&mut self, slot: SlotId, head: &Head) {
        let Head { deadline, header, .. } = head;
        let facts = Facts::new(&header.definition, header.cancelled);
        self.asleep.push((slot, Sleeper { digest: header.digest, facts }));
        self.owned.push(Owned { organizer: Organizer::named(&header.definition.organizer), slot });
        self.deadlines.extend(deadline.map(|at| (slot, at)));
        self.stamp = self.stamp.max(Some(header.stamp));
    }
}

/// A part of a walk over the slots, in the order of their ids.
pub(crate) struct Stretch {
    /// Behind this one.
    pub(crate) after: Option<SlotId>,
    /// Up to and with this one.
    pub(crate) last: SlotId,
    /// The moments at one of which a slot is to stand as it is wanted.
    pub(crate) span: RangeInclusive<Timestamp>,
    /// How many are looked at, at most.
    pub(crate) looks: usize,
    /// How many are found, at most.
    pub(crate) most: usize,
}

/// How far a part of a walk came.
pub(crate) struct Walked {
    /// Who may be wanted: nobody else that was looked at is.
    pub(crate) found: Vec<SlotId>,
    /// How many were looked at.
    pub(crate) looks: usize,
    /// Up to whom; none where it came to the end of the stretch.
    pub(crate) upto: Option<SlotId>,
}

impl Places {
    fn lay_down(&mut self, slot: SlotId, sleeper: Sleeper) {
        self.asleep.insert(slot, sleeper);
        self.digest_asleep = self.digest_asleep.wrapping_add(sleeper.digest);
    }

    /// Those of a stretch in order, each with whether it may be wanted.
    fn rows<'all>(
        &'all self,
        wanted: &'all Wanted,
        stretch: &'all Stretch,
    ) -> Box<dyn Iterator<Item = (SlotId, bool)> + 'all> {
        let Stretch { after, last, span, .. } = stretch;
        if let Some(organizer) = &wanted.organizer {
            let organizer = Organizer::named(organizer);
            let owned = move |slot| Owned { organizer, slot };
            let first = after.map_or(Bound::Included(owned(FIRST)), |after| Bound::Excluded(owned(after)));
            let theirs = self.owned.range((first, Bound::Included(owned(*last))));
            return Box::new(theirs.map(move |&Owned { slot, .. }| (slot, self.may_be(slot, wanted, span))));
        }
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Included(*last));
        let awake = self.awake.range(range).map(move |(id, awake)| (*id, awake.window.may_be(wanted, span)));
        let asleep =
            self.asleep.range(range).map(move |(id, sleeper)| (*id, wanted.may_take(sleeper.facts, span)));
        let (mut awake, mut asleep) = (awake.peekable(), asleep.peekable());
        Box::new(std::iter::from_fn(move || match (awake.peek(), asleep.peek()) {
            (Some((up, _)), Some((down, _))) if down < up => asleep.next(),
            (Some(_), _) => awake.next(),
            (None, _) => asleep.next(),
        }))
    }

    fn may_be(&self, slot: SlotId, wanted: &Wanted, span: &RangeInclusive<Timestamp>) -> bool {
        match (self.awake.get(&slot), self.asleep.get(&slot)) {
            (Some(awake), _) => awake.window.may_be(wanted, span),
            (None, Some(sleeper)) => wanted.may_take(sleeper.facts, span),
            // Whoever has an organizer is in one of the two.
            (None, None) => true,
        }
    }
}

/// No id is lower.
const FIRST: SlotId = SlotId { partition: Partition::new(0).expect("the first"), hash: 0 };
