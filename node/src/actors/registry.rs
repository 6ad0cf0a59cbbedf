//! Which entities a group has, which of them are awake, and when time will change each.
//!
//! *Invariants.* An actor is only put to sleep under the write lock, and only when no pin keeps it awake and everything it knows
//! is saved; a pin is made under the lock. So nobody ever talks to an actor that has been put to sleep, and no two actors own one
//! entity.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeInclusive};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use booking::limits::PARTITIONS;
use booking::{EntityId, EntityKind, IntentCounts, Level, Partition, SlotId, Timestamp, View};
use parking_lot::{Mutex, RwLock};
use ractor::ActorRef;

use super::deadlines::Deadlines;
use super::extensions::Extensions;
use super::message::Message;
use super::open_intents::OpenIntents;
use super::published::{Awake, Pin, Stage};
use super::waiters::Unanswered;
use crate::openings::next_extension;
use crate::saved::{Head, Header};
use crate::views::listing::{Facts, Organizer, Owned, Wanted};

/// Rounds (one a second) in which nobody has pinned an actor, before it is put to sleep.
pub(super) const IDLE_ROUNDS: u8 = 30;

/// The entities of one group.
#[derive(Default)]
pub(crate) struct Registry {
    entities: RwLock<Entities>,
    deadlines: Mutex<Deadlines>,
    open_intents: OpenIntents,
    extensions: Extensions,
    /// The last stamp that the group's entities were handed.
    stamp: AtomicU64,
    /// The level of the last entry that they were handed; 0 where there was none since the process began.
    level: AtomicU32,
}

/// Every entity is either awake or asleep, so that what is done again and again goes through those awake only.
#[derive(Default)]
struct Entities {
    /// Owned by an actor.
    awake: BTreeMap<EntityId, Awake>,
    /// In the store only.
    asleep: BTreeMap<EntityId, Sleeper>,
    /// How many of those asleep are slots.
    slots_asleep: usize,
    /// The wrapping sum of the digests of those asleep.
    digest_asleep: u64,
    /// Of those awake, ids that were no entity yet when last asked for: one may be about to be made.
    unmade: BTreeSet<EntityId>,
    /// Where the slots of each organizer stand.
    owned: BTreeSet<Owned>,
    /// Nobody is woken: the state below is about to be replaced.
    closed: bool,
}

/// What is known of an entity that is in the store only. Packed, for there are millions.
#[derive(Clone, Copy)]
#[repr(Rust, packed)]
struct Sleeper {
    digest: u64,
    facts: Facts,
}

/// Eleven of them and their ids are a node of a tree, and just fit a size of the allocator's.
const _: () = assert!(size_of::<Sleeper>() == 21);

/// What is known of an entity without asking its actor.
pub(crate) enum Presence {
    /// Nothing: a snapshot is being installed.
    Closed,
    /// No such entity here.
    Nowhere,
    /// There is an actor that shows no slot: it may be about to make one, or its entity is of another kind.
    Unseen,
    /// In the store only, or still being read from there.
    Asleep,
    /// A slot, as its actor last showed it.
    Awake(View),
    /// Awake, but its rules broke.
    Faulted,
}

impl Registry {
    /// The group's entities are handed an entry with this stamp.
    pub(crate) fn advance(&self, stamp: Timestamp) {
        self.stamp.fetch_max(stamp.0, Ordering::AcqRel);
    }

    /// The last stamp that the group's entities were handed since the process began.
    pub(crate) fn stamp(&self) -> Timestamp {
        Timestamp(self.stamp.load(Ordering::Acquire))
    }

    /// The group's entities are handed an entry of this level.
    pub(crate) fn reach(&self, level: Level) {
        self.level.fetch_max(level.0, Ordering::Relaxed);
    }

    /// The level in whose shapes this node writes: that of the last entry that was handed or saved, which every node of the cluster
    /// applies. Before the first entry of all it is the oldest that this build writes, and every build reads that.
    pub(crate) fn level(&self) -> Level {
        Level(self.level.load(Ordering::Relaxed)).max(Level::OLDEST)
    }

    /// Begins with every entity of the store, asleep.
    pub(crate) fn open(&self, saved: SavedEntities) {
        let SavedEntities { asleep, owned, deadlines, extensions, stamp, open_intents } = saved;
        if let Some(stamp) = stamp {
            self.advance(stamp);
        }
        self.open_intents.begin(open_intents);
        self.extensions.begin(extensions.into_iter());
        self.deadlines.lock().begin(deadlines.into_iter());
        let digest_asleep = asleep.iter().fold(0_u64, |sum, (_id, sleeper)| sum.wrapping_add(sleeper.digest));
        // Trees that are built at once are full, and take half of what they take that grow in order.
        // Each slot has one, though two may stand at one place.
        let slots_asleep = owned.len();
        let (asleep, owned) = (asleep.into_iter().collect(), owned.into_iter().collect());
        let entities = Entities { asleep, slots_asleep, digest_asleep, owned, ..Entities::default() };
        *self.entities.write() = entities;
    }

    /// There is an entity that was not there before, and its actor publishes it; a slot has an organizer.
    pub(crate) fn register(&self, entity: EntityId, organizer: Option<&str>) {
        let mut entities = self.entities.write();
        entities.unmade.remove(&entity);
        if let (Some(slot), Some(organizer)) = (SlotId::of(entity), organizer) {
            entities.owned.insert(Owned::new(Organizer::named(organizer), slot));
        }
    }

    /// Pins the actors of ids that were no entity yet when last asked for: behind what is in its mailbox, each can tell whether it
    /// has an entity now.
    pub(crate) fn pin_unmade(&self) -> Vec<Pin> {
        let entities = self.entities.read();
        let awake = entities.unmade.iter().filter_map(|id| entities.awake.get(id));
        awake.map(Pin::in_passing).collect()
    }

    /// Pins an entity's actor, waking it with `wake` if it sleeps or never was. None while the registry is closed.
    pub(crate) fn pin(&self, entity: EntityId, wake: impl FnOnce() -> Awake) -> Option<Pin> {
        if let Some(awake) = self.entities.read().awake.get(&entity) {
            return Some(Pin::new(awake));
        }
        let mut entities = self.entities.write();
        if entities.closed {
            return None;
        }
        if let Some(awake) = entities.awake.get(&entity) {
            return Some(Pin::new(awake));
        }
        let awake = wake();
        let pin = Pin::new(&awake);
        if entities.take_up(entity) {
            awake.published.wakes_from_sleep();
        } else {
            entities.unmade.insert(entity);
        }
        entities.awake.insert(entity, awake);
        Some(pin)
    }

    /// What is known of an entity without asking its actor.
    pub(crate) fn presence(&self, entity: impl Into<EntityId>) -> Presence {
        let entity = entity.into();
        let entities = self.entities.read();
        let Some(awake) = entities.awake.get(&entity) else {
            return if entities.closed {
                Presence::Closed
            } else if entities.asleep.contains_key(&entity) {
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
        awake.published.view.read().clone().map_or(Presence::Unseen, Presence::Awake)
    }

    /// Scans a part of the slots, without waking or reading any. None while a snapshot is installed.
    pub(crate) fn scan(&self, wanted: &Wanted, range: &ScanRange) -> Option<Scanned> {
        let entities = self.entities.read();
        if entities.closed {
            return None;
        }
        let mut scanned = Scanned { found: Vec::new(), looks: 0, upto: None };
        for (slot, may_be) in entities.rows(wanted, range) {
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

    /// Entities whose rules broke: they never sleep.
    pub(crate) fn faulted(&self) -> Vec<EntityId> {
        let entities = self.entities.read();
        let faulted = entities.awake.iter().filter(|(_id, awake)| awake.published.is(Stage::Faulted));
        faulted.map(|(id, _awake)| *id).collect()
    }

    /// Pins everyone who is awake now, in passing: taking digests again and again keeps nobody awake. And the digest of those who
    /// are not awake.
    pub(crate) fn pin_awake(&self) -> (Vec<Pin>, u64) {
        let entities = self.entities.read();
        (entities.awake.values().map(Pin::in_passing).collect(), entities.digest_asleep)
    }

    /// The first awake actor behind this one, pinned in passing.
    pub(crate) fn next_awake(&self, after: Option<EntityId>) -> Option<(EntityId, Pin)> {
        let entities = self.entities.read();
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let (entity, awake) = entities.awake.range(behind).next()?;
        Some((*entity, Pin::in_passing(awake)))
    }

    /// Changes the stamp at which time alone will change an entity.
    pub(crate) fn set_deadline(&self, entity: EntityId, before: Option<Timestamp>, after: Option<Timestamp>) {
        self.deadlines.lock().change(entity, before, after);
    }

    /// At most `limit` entities whose deadline is not after `now`, earliest first.
    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<EntityId> {
        self.deadlines.lock().due(now, limit)
    }

    /// An entity has so many open intents.
    pub(super) fn set_open_intents(&self, entity: EntityId, open: u32) {
        self.open_intents.set(entity, open);
    }

    /// Which entities have open intents, awake or asleep.
    pub(crate) fn open_intents(&self) -> &OpenIntents {
        &self.open_intents
    }

    /// When more is to be made known of when each calendar is open, awake or asleep.
    pub(crate) const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Slots in all, and those awake.
    pub(crate) fn count(&self) -> (usize, usize) {
        let entities = self.entities.read();
        let (mut made, mut awake) = (0, 0);
        for (_id, Awake { published, .. }) in entities.awake.range(..=EntityId::from(LAST)) {
            awake += 1;
            made += usize::from(published.exists());
        }
        (entities.slots_asleep + made, awake)
    }

    /// Which actors may be put to sleep, the longest unused first: those that nobody has pinned for long, and where more than
    /// `awake_max` are awake, as many more as are too many.
    pub(crate) fn idle(&self, awake_max: usize) -> Vec<EntityId> {
        let entities = self.entities.read();
        let too_many = entities.awake.len().saturating_sub(awake_max);
        let mut idle: Vec<(u8, EntityId)> =
            entities.awake.iter().map(|(id, awake)| (awake.published.count_idle_round(), *id)).collect();
        drop(entities);
        idle.sort_unstable_by_key(|(rounds, _id)| Reverse(*rounds));
        let long = idle.partition_point(|(rounds, _id)| IDLE_ROUNDS <= *rounds);
        idle.into_iter().take(long.max(too_many)).map(|(_rounds, id)| id).collect()
    }

    /// Puts these actors to sleep, but for those that are pinned or `dirty`.
    pub(crate) fn put_to_sleep(&self, idle: &[EntityId], dirty: impl Fn(EntityId) -> bool) {
        for entity in idle {
            let mut entities = self.entities.write();
            let Some(Awake { actor, published }) = entities.awake.get(entity) else { continue };
            // An actor that is still loading shows no entity yet, and must not be taken for one that has none.
            let busy = !published.is(Stage::Sound) || published.is_pinned();
            if busy || dirty(*entity) {
                continue;
            }
            actor.stop(None);
            let digest = published.digest.load(Ordering::Acquire);
            let facts = published.view.read().as_ref().map_or(Facts::NONE, Facts::of);
            let left = published.exists().then_some(Sleeper { digest, facts });
            entities.awake.remove(entity);
            entities.unmade.remove(entity);
            // An id that was asked for and never made leaves nothing.
            if let Some(sleeper) = left {
                entities.put_down(*entity, sleeper);
            }
        }
    }

    /// Pins nobody any more until the registry is opened again; whoever waits is told that the outcome is unknown. Gives the
    /// actors that are awake, to be stopped.
    pub(crate) fn close(&self) -> Vec<ActorRef<Message>> {
        let entities =
            std::mem::replace(&mut *self.entities.write(), Entities { closed: true, ..Entities::default() });
        let stop = |Awake { actor, published }: Awake| {
            published.waiters.close(Unanswered::Unknown);
            actor
        };
        entities.awake.into_values().map(stop).collect()
    }
}

/// Every entity of the store, for a registry to begin with.
#[derive(Default)]
pub(crate) struct SavedEntities {
    asleep: Vec<(EntityId, Sleeper)>,
    owned: Vec<Owned>,
    deadlines: Vec<(EntityId, Timestamp)>,
    extensions: Vec<(SlotId, Timestamp)>,
    open_intents: BTreeMap<EntityId, u32>,
    /// The latest that any of them has seen.
    stamp: Option<Timestamp>,
}

impl SavedEntities {
    pub(crate) fn add(&mut self, entity: EntityId, head: &Head) {
        let facts = match &head.header {
            Header::Slot(header) => {
                let organizer = Organizer::named(&header.definition.organizer);
                self.owned.push(Owned::new(organizer, header.id));
                let known = header.calendar.as_ref().filter(|_calendar| !header.cancelled);
                let known = known.map(|calendar| calendar.hours_until);
                let next = known.and_then(|known| next_extension(header.id, &header.definition, known));
                self.extensions.extend(next.map(|at| (header.id, at)));
                Facts::new(&header.definition, header.cancelled)
            }
            Header::Organizer(_) => Facts::NONE,
            #[cfg(feature = "rehearsal")]
            Header::Toy(_) => Facts::NONE,
        };
        self.asleep.push((entity, Sleeper { digest: head.header.digest(), facts }));
        self.deadlines.extend(head.deadline.map(|at| (entity, at)));
        let IntentCounts { left, ended, .. } = head.header.intents();
        let open = u32::try_from(left - ended).unwrap_or(u32::MAX);
        self.open_intents.extend((0 < open).then_some((entity, open)));
        self.stamp = self.stamp.max(Some(head.header.stamp()));
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

impl Entities {
    fn put_down(&mut self, entity: EntityId, sleeper: Sleeper) {
        self.asleep.insert(entity, sleeper);
        self.slots_asleep += usize::from(entity.kind() == EntityKind::Slot);
        self.digest_asleep = self.digest_asleep.wrapping_add(sleeper.digest);
    }

    /// An entity is not asleep any more; whether there was a sleeper.
    fn take_up(&mut self, entity: EntityId) -> bool {
        let Some(Sleeper { digest, .. }) = self.asleep.remove(&entity) else { return false };
        self.slots_asleep -= usize::from(entity.kind() == EntityKind::Slot);
        self.digest_asleep = self.digest_asleep.wrapping_sub(digest);
        true
    }

    /// The slots of a range in order, each with whether it may be wanted.
    fn rows<'all>(
        &'all self,
        wanted: &'all Wanted,
        range: &'all ScanRange,
    ) -> Box<dyn Iterator<Item = (SlotId, bool)> + 'all> {
        let ScanRange { after, last, span, .. } = range;
        let last = *last;
        let behind = after.map_or(Bound::Included(FIRST), Bound::Excluded);
        let Some(organizer) = &wanted.organizer else {
            return Box::new(self.between(behind, last, wanted, span));
        };
        let organizer = Organizer::named(organizer);
        let first = Owned::new(organizer, after.unwrap_or(FIRST));
        let stand = self.owned.range(first..=Owned::new(organizer, last)).map(|owned| owned.slots());
        Box::new(stand.flat_map(move |slots| {
            let (first, end) = slots.into_inner();
            let from =
                if after.is_some_and(|after| first <= after) { behind } else { Bound::Included(first) };
            self.between(from, end.min(last), wanted, span)
        }))
    }

    /// The slots between two ids in order, each with whether it may be wanted. The first is not behind the last.
    fn between<'all>(
        &'all self,
        first: Bound<SlotId>,
        last: SlotId,
        wanted: &'all Wanted,
        span: &'all RangeInclusive<Timestamp>,
    ) -> impl Iterator<Item = (SlotId, bool)> + 'all {
        // No other kind has ids below the last slot.
        let ids = (first.map(EntityId::from), Bound::Included(EntityId::from(last)));
        let awake =
            self.awake.range(ids).map(move |(id, awake)| (slot(id), awake.published.may_be(wanted, span)));
        let asleep =
            self.asleep.range(ids).map(move |(id, sleeper)| (slot(id), wanted.may_take(sleeper.facts, span)));
        let (mut awake, mut asleep) = (awake.peekable(), asleep.peekable());
        std::iter::from_fn(move || match (awake.peek(), asleep.peek()) {
            (Some((up, _)), Some((down, _))) if down < up => asleep.next(),
            (Some(_), _) => awake.next(),
            (None, _) => asleep.next(),
        })
    }
}

/// No id of a slot is lower.
const FIRST: SlotId = SlotId { partition: Partition::new(0).expect("the first"), hash: 0 };
/// No id of a slot is higher, and none of another kind is lower.
const LAST: SlotId = SlotId { partition: Partition::new(PARTITIONS - 1).expect("the last"), hash: u128::MAX };

/// The slot that has this id.
fn slot(entity: &EntityId) -> SlotId {
    SlotId::of(*entity).expect("no other kind has ids up to the last slot's")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_scan_finds_all_slots_of_an_organizer_once_and_in_order_though_ids_begin_alike() {
        let names = ["opera", "studio", "airline"];
        let hash = |first: u32, rest: u128| u128::from(first) << 96 | rest;
        let rows = [0, 1, 7, u32::MAX]
            .into_iter()
            .flat_map(|first| [0, 1, 2, u128::MAX >> 32].map(|rest| hash(first, rest)));
        let partitions = [0, 1, PARTITIONS - 1].map(|number| Partition::new(number).expect("it exists"));
        let ids = rows.flat_map(|hash| partitions.map(|partition| SlotId { partition, hash }));
        let slots = ids.zip(names.into_iter().cycle()).collect::<Vec<_>>();
        let sleeper = Sleeper { digest: 1, facts: Facts::NONE };
        let owned = |&(id, name): &(SlotId, &str)| Owned::new(Organizer::named(name), id);
        let saved = SavedEntities {
            asleep: slots.iter().map(|&(id, _)| (id.into(), sleeper)).collect(),
            owned: slots.iter().map(owned).collect(),
            ..SavedEntities::default()
        };
        let registry = Registry::default();
        registry.open(saved);
        assert_eq!(registry.count(), (slots.len(), 0));
        for (name, looks) in names.into_iter().flat_map(|name| [1, 2, 5, 100].map(|looks| (name, looks))) {
            let wanted = Wanted { organizer: Some(name.to_owned()), stand: None };
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let span = Timestamp(0)..=Timestamp(0);
                let range = ScanRange { after, last: LAST, span, looks, most: 100 };
                let scanned = registry.scan(&wanted, &range).expect("the registry is open");
                found.extend(scanned.found);
                let Some(upto) = scanned.upto else { break };
                after = Some(upto);
            }
            assert!(found.is_sorted_by(|one, next| one < next), "{name} by {looks}: in order, each once");
            let found = found.into_iter().collect::<BTreeSet<_>>();
            let theirs = slots.iter().filter(|slot| slot.1 == name).map(|slot| slot.0);
            assert!(theirs.clone().all(|slot| found.contains(&slot)), "{name} by {looks}: all of them");
            let near = |id: SlotId| {
                theirs.clone().any(|own| own.partition == id.partition && own.hash >> 96 == id.hash >> 96)
            };
            assert!(found.into_iter().all(near), "{name} by {looks}: nobody who does not begin alike");
        }
    }
}
