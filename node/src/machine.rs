//! What a group of this node replicates: the entities of its partitions. Here the cluster's entries become the steps of entities.

use std::collections::BTreeMap;
use std::sync::Arc;

use booking::entity::{Entity, Request};
use booking::{Delivery, EntityId, EntityKind, Level, Partition, Report, Timestamp, stored};
use bytes::Bytes;
use cluster::codec::{self, CodecError};
use cluster::{Committed, Fate, Machine, Parts, Stamp};
use futures::future::{BoxFuture, FutureExt as _, join_all};
use parking_lot::Mutex;
use ractor::ActorRuntime;
use storage::{GroupId, Index};
use tokio::sync::oneshot;

use crate::actors::context::{Context, ShardOptions};
use crate::actors::entity::EntityActor;
use crate::actors::message::Message;
use crate::actors::published::{Awake, Pin, Published};
use crate::actors::registry::{Presence, Registry, SavedEntities};
use crate::actors::waiters::Unanswered;
use crate::apart::apart;
use crate::log::{Command, CommittedStep, What};
use crate::observer::Observer;
use crate::openings;
use crate::saved::archive::Wanted;
use crate::saved::retention::Sweep;
use crate::saved::{self, Unreadable};
use crate::views::customers::{Answer, Customers};

/// Checkpoints from one round, in which idle actors and old records go, to the next: about a second.
const CHECKPOINTS_PER_ROUND: u32 = 10;
/// Actors that are put to sleep between two turns of others. Tens of thousands at once would keep everyone who asks waiting
/// for a second.
const SLEEPERS_A_TURN: usize = 16;
/// Entities that one pulse names at most.
const PULSE_ENTITIES_MAX: usize = 1_024;

/// The entities of one group, on this node.
pub(crate) struct Shard {
    group: GroupId,
    context: Arc<Context>,
    progress: Mutex<Progress>,
    sweep: Mutex<Sweep>,
}

/// How far the entities have been handed commands, and how far they are saved.
#[derive(Debug)]
struct Progress {
    handed: Option<Index>,
    /// The last index at which an entity stood when the saved state was entered. At an earlier one the entities' digests are not known
    /// any more.
    entered: Index,
    /// For each entity that is not saved, the first index that is missing in its pieces.
    dirty: BTreeMap<EntityId, Index>,
    /// The same for the entities that the checkpoint under way is saving.
    saving: BTreeMap<EntityId, Index>,
    /// Checkpoints since the process was started.
    checkpoints: u32,
    pulse: PulseState,
}

/// Whether a pulse is on its way through the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PulseState {
    #[default]
    None,
    UnderWay,
}

impl Progress {
    /// Nothing was handed yet to entities of which the last stood at `entered`.
    fn of_entered(entered: Index) -> Self {
        Self {
            handed: None,
            entered,
            dirty: BTreeMap::new(),
            saving: BTreeMap::new(),
            checkpoints: 0,
            pulse: PulseState::None,
        }
    }

    /// The highest index at or below which every entity is saved.
    fn mark(&self) -> Option<Index> {
        let missing = self.dirty.values().chain(self.saving.values()).min();
        missing.map_or(self.handed, |first| first.0.checked_sub(1).map(Index))
    }

    /// The checkpoint under way is over, without these entities: up to where everything is saved now, and whether it is time for a
    /// round.
    fn checkpointed(&mut self, failed: impl Iterator<Item = EntityId>) -> (Option<Index>, bool) {
        let saving = std::mem::take(&mut self.saving);
        // A faulted entity does not save, so nothing above it is promised. Where the store or an actor has failed, the process
        // ends.
        for entity in failed {
            self.dirty.extend(saving.get(&entity).map(|first| (entity, *first)));
        }
        self.checkpoints = self.checkpoints.wrapping_add(1);
        (self.mark(), self.checkpoints.is_multiple_of(CHECKPOINTS_PER_ROUND))
    }
}

impl Shard {
    /// The entities that the group's state says there are, all asleep.
    pub(crate) fn open(parts: Parts, options: ShardOptions) -> Result<Arc<Self>, Unreadable> {
        let context = Context {
            state: parts.state,
            registry: Registry::default(),
            customers: Customers::default(),
            options,
        };
        let shard = Self {
            group: parts.group,
            context: Arc::new(context),
            progress: Mutex::new(Progress::of_entered(Index(0))),
            sweep: Mutex::default(),
        };
        shard.registry().reach(Level(parts.level.0));
        shard.enter_saved()?;
        Ok(Arc::new(shard))
    }

    fn enter_saved(&self) -> Result<(), Unreadable> {
        let mut saved_entities = SavedEntities::default();
        let mut entered = 0;
        saved::heads(self.state(), |entity, head| {
            entered = entered.max(head.index);
            // A piece may be ahead of the mark, also of the mark's level: what it has must not be written in less.
            self.registry().reach(head.level);
            saved_entities.add(entity, &head);
        })?;
        self.registry().open(saved_entities);
        self.context.customers.forget();
        // Entities whose rules broke do not sleep: each replica's last piece of such a one is another.
        for entity in saved::faulted(self.state())? {
            let last = saved::backlog(self.state(), entity)?.last().map(|step| step.index);
            entered = entered.max(last.map_or(0, |index| index.0));
            drop(self.pin(entity));
        }
        *self.progress.lock() = Progress::of_entered(Index(entered));
        Ok(())
    }

    /// Who looks on.
    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.context.options.observer
    }

    /// Which entities there are.
    pub(crate) fn registry(&self) -> &Registry {
        &self.context.registry
    }

    /// The group's saved state.
    pub(crate) fn state(&self) -> &cluster::State {
        &self.context.state
    }

    /// Pins an entity's actor, waking it if need be. None while a snapshot is installed.
    pub(crate) fn pin(&self, entity: EntityId) -> Option<Pin> {
        self.registry().pin(entity, || self.wake(entity))
    }

    fn wake(&self, id: EntityId) -> Awake {
        let published = Arc::new(Published::default());
        let arguments = (id, Arc::clone(&published), Arc::clone(&self.context));
        // Without a name nothing can be taken; a load that fails calls `on_broken` itself.
        let (actor, _loading) =
            ActorRuntime::spawn_instant(None, EntityActor, arguments).expect("an actor without a name");
        Awake { actor, published }
    }

    /// Hands a message to an entity's actor, which must be there: a slot that lost its actor lost its places.
    fn tell(&self, entity: EntityId, pin: &Pin, message: Message) {
        if pin.actor.cast(message).is_err() {
            self.context.broken(entity, &Unreadable::Broken("its actor is gone".to_owned()));
        }
    }

    /// Hands what is committed for an entity, from this index on, to its actor.
    fn hand(&self, progress: &mut Progress, (entity, first): (EntityId, Index), message: Message) {
        progress.dirty.entry(entity).or_insert(first);
        let pin = self.pin(entity).expect("nothing is applied while a snapshot is installed");
        self.tell(entity, &pin, message);
    }

    /// The digest of every entity, and the index at which it is true; `found` is that at which the entities stand to which nothing was
    /// handed yet. None where nobody knows it, since a part was saved beyond that index before this process began, or an actor ended
    /// before it answered.
    pub(crate) async fn digest(&self, found: Index) -> (Option<u64>, Index) {
        let (digest, index) = {
            let progress = self.progress.lock();
            let index = progress.handed.unwrap_or(found);
            ((progress.entered <= index).then(|| self.ask_digests()), index)
        };
        match digest {
            Some(digest) => (digest.await, index),
            None => (None, index),
        }
    }

    /// The sum of all entities' digests behind what each was handed before this call: the awake ones are asked now, the sum of the
    /// others is known.
    fn ask_digests(&self) -> impl Future<Output = Option<u64>> + Send + use<> {
        let (pins, asleep) = self.registry().pin_awake();
        let ask = |pin: Pin| {
            let digest = pin.read(Wanted::Nothing, |view| view.entity.map_or(0, Entity::digest));
            // The pin lasts until the actor has answered.
            async move { (digest.await, pin) }
        };
        let answers: Vec<_> = pins.into_iter().map(ask).collect();
        async move {
            let mut awake = join_all(answers).await.into_iter();
            awake.try_fold(asleep, |sum, (digest, _pin)| Some(sum.wrapping_add(digest?)))
        }
    }

    /// In which slots each customer may have booked.
    pub(crate) fn customers(&self) -> &Customers {
        &self.context.customers
    }

    /// Where a customer may have booked; from when somebody first asks for that, it is kept.
    pub(crate) fn slots_of(&self, customer: &str) -> Answer {
        // Nothing is handed meanwhile: what was before is behind the next checkpoint, and what comes is noted.
        let _progress = self.progress.lock();
        self.context.customers.ask(customer)
    }

    /// Waits until every entity has applied what it was handed: a node that has not caught up answers no reads.
    pub(crate) async fn settle(&self) {
        let digests = self.ask_digests();
        digests.await;
    }

    async fn save(self: Arc<Self>) -> Option<Index> {
        let asked: Vec<_> = {
            let mut progress = self.progress.lock();
            progress.saving = std::mem::take(&mut progress.dirty);
            let entities = progress.saving.keys().copied().collect::<Vec<_>>();
            entities.into_iter().map(|entity| self.ask_to_save(entity)).collect()
        };
        // A pin lives until the actor has saved, so that the actor is not put to sleep meanwhile.
        let wait = |(entity, saved, pin): (EntityId, oneshot::Receiver<()>, Pin)| async move {
            let saved = saved.await;
            drop(pin);
            (entity, saved)
        };
        let answers = join_all(asked.into_iter().map(wait)).await;
        let failed = answers.into_iter().filter_map(|(entity, saved)| saved.is_err().then_some(entity));
        let (mark, is_round) = self.progress.lock().checkpointed(failed);
        if is_round {
            self.sweep();
            self.put_to_sleep().await;
        }
        mark
    }

    /// Removes old records from the disk, a few at a time.
    fn sweep(&self) {
        match self.sweep.lock().step(self.state(), self.registry().stamp()) {
            Ok(gone) if gone.is_empty() => {}
            // If the store fails, it ends the process.
            Ok(gone) => self.state().save(gone, Box::new(drop)),
            Err(unreadable) => self.context.broken(nowhere(), &unreadable),
        }
    }

    /// Puts actors to sleep that nobody has pinned lately.
    async fn put_to_sleep(&self) {
        for few in self.registry().idle(self.context.options.awake_max).chunks(SLEEPERS_A_TURN) {
            {
                let progress = self.progress.lock();
                self.registry().put_to_sleep(few, |entity| progress.dirty.contains_key(&entity));
            }
            tokio::task::yield_now().await;
        }
    }

    /// What goes on with a calendar's openings, if it is some calendar's turn: one at a time.
    fn extension(&self, now: Timestamp) -> Option<Bytes> {
        let slot = self.registry().extensions().take(now)?;
        let (definition, calendar) = match self.registry().presence(slot) {
            Presence::Awake(view) => (view.definition, view.calendar),
            Presence::Asleep => {
                let header = apart(|| saved::slot_header(self.state(), slot));
                let header = header.inspect_err(|unreadable| self.context.broken(slot.into(), unreadable));
                let header = header.ok().flatten()?;
                (Arc::new(header.definition), header.calendar)
            }
            Presence::Closed | Presence::Nowhere | Presence::Unseen | Presence::Faulted => return None,
        };
        let request = openings::extension(slot, &definition, calendar?.hours_until, now)?;
        let request = stored::Request::at(self.registry().level(), request);
        Some(Bytes::from(codec::encode(&Command::Request(request))))
    }

    fn ask_to_save(&self, entity: EntityId) -> (EntityId, oneshot::Receiver<()>, Pin) {
        let pin = self.pin(entity).expect("nothing is saved while a snapshot is installed");
        let (told, saved) = oneshot::channel();
        self.tell(entity, &pin, Message::Save(told));
        (entity, saved, pin)
    }
}

/// Where something is broken that is no one entity's.
fn nowhere() -> EntityId {
    EntityId::new(EntityKind::Slot, Partition::new(0).expect("the first"), 0)
}

/// A shard as the cluster holds it.
pub(crate) struct ShardMachine(pub(crate) Arc<Shard>);

/// What a batch of committed entries has for the entities of a group.
#[derive(Default)]
struct Dispatch {
    steps: BTreeMap<EntityId, Vec<CommittedStep>>,
    tried_again: Vec<(EntityId, Index)>,
    pulsed: bool,
}

impl Dispatch {
    /// Adds what one command of an entry has.
    fn add(&mut self, (index, level, at): (Index, Level, Timestamp), command: Command) {
        let mut step = |entity, what| {
            self.steps.entry(entity).or_default().push(CommittedStep { index, level, at, what });
        };
        match command {
            Command::Request(request) => {
                let request = booking::Request::from(request);
                step(request.slot.into(), What::Request(Request::Slot(request)));
            }
            Command::Pulse(entities) => {
                self.pulsed = true;
                for entity in entities {
                    step(entity, What::Pulse);
                }
            }
            Command::Retry(entity) => self.tried_again.push((entity, index)),
            Command::Deliver(delivery) => {
                let delivery = Box::new(Delivery::from(delivery));
                step(delivery.to, What::Deliver(delivery));
            }
            Command::Report(report) => {
                let report = Box::new(Report::from(report));
                step(report.to, What::Report(report));
            }
            Command::Organizer(request) => {
                let request = booking::organizer::Request::from(request);
                step(request.organizer, What::Request(Request::Organizer(request)));
            }
            #[cfg(feature = "rehearsal")]
            Command::Toy(request) => {
                let request = booking::toy::Request::from(request);
                step(request.toy, What::Request(Request::Toy(request)));
            }
        }
    }
}

impl Machine for ShardMachine {
    fn apply(&self, entries: Vec<Committed>, upto: Index) -> Result<(), CodecError> {
        let shard = &self.0;
        let mut dispatch = Dispatch::default();
        for entry in entries {
            shard.observer().handed(shard.group, &entry);
            let (level, at) = (Level(entry.batch.level().0), Timestamp(entry.batch.stamp().0));
            shard.registry().advance(at);
            shard.registry().reach(level);
            for command in entry.batch.commands() {
                dispatch.add((entry.index, level, at), codec::decode(&command)?);
            }
        }
        let Dispatch { steps, tried_again, pulsed } = dispatch;
        let mut progress = shard.progress.lock();
        let customers = shard.customers();
        // Under the lock, under which whoever reads what was before begins.
        let is_kept = customers.is_kept();
        for (entity, steps) in steps {
            if is_kept {
                steps
                    .iter()
                    .filter_map(CommittedStep::booked)
                    .for_each(|(customer, slot)| customers.note(customer, slot));
            }
            let first = steps.first().map_or(upto, |step| step.index);
            shard.hand(&mut progress, (entity, first), Message::Apply(steps));
        }
        for tried_again in tried_again {
            shard.hand(&mut progress, tried_again, Message::Retry);
        }
        if pulsed {
            progress.pulse = PulseState::None;
        }
        progress.handed = Some(upto);
        shard.observer().handed_upto(shard.group, upto);
        Ok(())
    }

    fn lost(&self, commands: &[Bytes], fate: Fate) {
        let why = match fate {
            Fate::NotAppended => Unanswered::NotAppended,
            Fate::Unknown => Unanswered::Unknown,
        };
        let fail = |request: Request| {
            // Where a snapshot is being installed, every waiter was told already.
            if let Some(pin) = self.0.pin(request.entity()) {
                pin.published.waiters.fail(request.asked(), why);
            }
        };
        for command in commands {
            match codec::decode(command) {
                Ok(Command::Request(request)) => fail(Request::Slot(request.into())),
                Ok(Command::Organizer(request)) => fail(Request::Organizer(request.into())),
                #[cfg(feature = "rehearsal")]
                Ok(Command::Toy(request)) => fail(Request::Toy(request.into())),
                Ok(Command::Pulse(_)) => self.0.progress.lock().pulse = PulseState::None,
                // The node that proposed it watches the entity until the time is up.
                Ok(Command::Retry(_) | Command::Deliver(_) | Command::Report(_)) => {}
                Err(error) => tracing::error!(%error, "a command of this very process cannot be read"),
            }
        }
    }

    fn digest_at(&self, index: Index) -> BoxFuture<'static, Option<u64>> {
        let progress = self.0.progress.lock();
        assert_eq!(progress.handed, Some(index), "the digest is asked for behind the entry");
        if index < progress.entered {
            return async { None }.boxed();
        }
        self.0.ask_digests().boxed()
    }

    fn checkpoint(&self) -> BoxFuture<'static, Option<Index>> {
        Arc::clone(&self.0).save().boxed()
    }

    fn pulse(&self, now: Stamp) -> Option<Bytes> {
        let mut progress = self.0.progress.lock();
        if progress.pulse == PulseState::UnderWay {
            return None;
        }
        let now = Timestamp(now.0);
        let due = self.0.registry().due(now, PULSE_ENTITIES_MAX);
        if due.is_empty() {
            return self.0.extension(now);
        }
        progress.pulse = PulseState::UnderWay;
        Some(Bytes::from(codec::encode(&Command::Pulse(due))))
    }

    fn halt(&self) -> BoxFuture<'static, ()> {
        let actors = self.0.registry().close();
        async move {
            for actor in actors {
                // One that had ended by itself is gone all the same.
                actor.stop_and_wait(None, None).await.ok();
            }
        }
        .boxed()
    }

    fn reset(&self, level: cluster::Level) {
        self.0.registry().reach(Level(level.0));
        if let Err(unreadable) = self.0.enter_saved() {
            self.0.context.broken(nowhere(), &unreadable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_below_everything_that_is_not_saved() {
        let slot = |hash| EntityId::new(EntityKind::Slot, Partition::new(0).expect("the first"), hash);
        let mut progress = Progress::of_entered(Index(0));
        assert_eq!(progress.mark(), None, "nothing was applied");
        progress.handed = Some(Index(9));
        assert_eq!(progress.mark(), Some(Index(9)), "nothing is missing");
        progress.dirty.insert(slot(1), Index(7));
        assert_eq!(progress.mark(), Some(Index(6)));
        progress.saving.insert(slot(2), Index(4));
        assert_eq!(progress.mark(), Some(Index(3)), "what is being saved is not saved");
    }
}
