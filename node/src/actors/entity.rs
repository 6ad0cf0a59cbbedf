//! One entity's actor: it owns the entity, applies what is committed, and answers the entity's waiters.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use booking::entity::Entity;
use booking::{EntityId, Number, Seq, Slot, SlotId, Timestamp};
use futures::future::Either;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use storage::{Change, Index};
use tokio::sync::oneshot;

use super::context::Context;
use super::decide::{bring_back, decide};
use super::fault::{Fault, Mended};
use super::feed::Feed;
use super::message::{Message, ReadView};
use super::published::{Published, Stage};
use super::waiters::Unanswered;
use crate::apart::apart;
use crate::log::CommittedStep;
use crate::openings::next_extension;
use crate::saved::archive::{self, Wanted};
use crate::saved::{self, Unreadable};

/// An entity writes a piece of its own accord once this much of its feed, or of a seatmap, waits, as it finds behind each message: an entry that comes
/// behind a piece waits for it, so pieces are small, but for what a large entry or catching up brings at once.
const PIECE_BYTES: usize = 64 << 10;

/// The actor's behaviour; all that the actor knows is in [`EntityState`].
pub(crate) struct EntityActor;

/// What an actor owns. In a box, since ractor's futures have room for the state several times over.
pub(crate) struct EntityState {
    id: EntityId,
    published: Arc<Published>,
    context: Arc<Context>,
    entity: Option<Entity>,
    feed: Feed,
    /// Steps at or below were in the entity when it was loaded.
    loaded: Option<Index>,
    /// The last step that was applied.
    index: Index,
    deadline: Option<Timestamp>,
    /// When more is to be made known of when it is open, if it is a calendar that goes on.
    extension: Option<Timestamp>,
    /// How many intents are open.
    open_intents: u32,
    /// Steps that are in no piece yet: with these an entity whose rules break is tried again.
    recent: Vec<CommittedStep>,
    fault: Option<Box<Fault>>,
    /// The registry knows that there is an entity; of a slot also whose.
    is_registered: bool,
}

// One size of the allocator's. An awake entity takes 8 kB, nearly all of that its actor's task and channels.
const _: () = assert!(size_of::<EntityState>() <= 640);

impl Actor for EntityActor {
    type Msg = Message;
    type State = Box<EntityState>;
    type Arguments = (EntityId, Arc<Published>, Arc<Context>);

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        (id, published, context): Self::Arguments,
    ) -> Result<Box<EntityState>, ActorProcessingErr> {
        let loaded = apart(|| EntityState::load(id, published, &context));
        loaded.map(Box::new).map_err(|unreadable| {
            context.broken(id, &unreadable);
            unreadable.into()
        })
    }

    /// Nothing but the rare retry waits for anything: every actor's task has room for this future as long as it lives.
    fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut Box<EntityState>,
    ) -> impl Future<Output = Result<(), ActorProcessingErr>> + Send {
        let handled = match message {
            Message::Apply(steps) => state.apply(steps),
            Message::Retry => {
                return Either::Right(Box::pin(async move {
                    let handled = state.retry(&myself).await;
                    state.end(handled, &myself)
                }));
            }
            Message::Read(wanted, read) => state.read(&wanted, read),
            Message::Save(saved) => {
                state.save(&myself, Some(saved));
                Ok(())
            }
            Message::Written(seq, left) => {
                state.feed.saved(seq);
                state.entity.iter_mut().for_each(|entity| entity.let_go(seq));
                state.let_go(&left);
                Ok(())
            }
        };
        Either::Left(ready(state.end(handled, &myself)))
    }

    /// An entity's actor supervises no other. Ractor's own answer is a larger future, for which every task would have room.
    fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<Message>,
        _event: SupervisionEvent,
        _state: &mut Box<EntityState>,
    ) -> impl Future<Output = Result<(), ActorProcessingErr>> + Send {
        ready(Ok(()))
    }
}

impl EntityState {
    fn load(id: EntityId, published: Arc<Published>, context: &Arc<Context>) -> Result<Self, Unreadable> {
        let (entity, loaded) = saved::entity(&context.state, id)?.unzip();
        let fault = Fault::load(&context.state, id)?.map(Box::new);
        let loaded = fault.as_ref().map(|fault| fault.index()).or(loaded);
        let deadline = entity.as_ref().and_then(Entity::deadline);
        let extension = extension(id, entity.as_ref());
        let open_intents = open_intents(entity.as_ref());
        let mut state = Self {
            id,
            published,
            context: Arc::clone(context),
            is_registered: entity.is_some(),
            entity,
            feed: Feed::default(),
            loaded,
            index: loaded.unwrap_or(Index(0)),
            deadline,
            extension,
            open_intents,
            recent: Vec::new(),
            fault,
        };
        if state.fault.is_some() {
            state.stop();
            state.follow_deadline();
            state.follow_intents();
        }
        let digest = state.entity.as_ref().map_or(0, Entity::digest);
        state.published.digest.store(digest, Ordering::Release);
        state.publish();
        let reached = if state.fault.is_some() { Stage::Faulted } else { Stage::Sound };
        state.published.reach(reached);
        Ok(state)
    }

    /// What follows every message.
    fn end(
        &mut self,
        handled: Result<(), Unreadable>,
        myself: &ActorRef<Message>,
    ) -> Result<(), ActorProcessingErr> {
        // An actor that cannot read what it needs of the past must decide nothing.
        handled.inspect_err(|unreadable| self.context.broken(self.id, unreadable))?;
        if PIECE_BYTES < self.bytes_unsaved() || self.some_booking_leaves() {
            self.save(myself, None);
        }
        Ok(())
    }

    /// Applies what is committed, publishes the entity as it is afterwards, and answers the waiters.
    fn apply(&mut self, steps: Vec<CommittedStep>) -> Result<(), Unreadable> {
        let mut records = Vec::new();
        let mut brought = Vec::new();
        let mut outcomes = Vec::with_capacity(steps.len());
        for step in steps {
            if self.loaded.is_some_and(|loaded| step.index <= loaded) {
                continue;
            }
            self.index = step.index;
            if let Some(fault) = &mut self.fault {
                fault.keep(step);
                continue;
            }
            brought.extend(bring_back(&self.context.state, &mut self.entity, &step)?);
            let level = step.level;
            let observer = &*self.context.options.observer;
            let decided = decide(observer, &mut self.entity, &step, &mut records);
            self.recent.push(step);
            if let Ok(outcome) = decided {
                outcomes.extend(outcome);
            } else {
                // What was decided before stands.
                self.published.waiters.answer(std::mem::take(&mut outcomes));
                self.break_off();
                continue;
            }
            records.drain(..).for_each(|record| self.feed.push(level, record));
        }
        // Saved behind the whole message, which has all that an entry has for the entity: a backlog with half an entry would lose
        // the rest.
        if let Some(fault) = self.fault.as_mut().filter(|fault| !fault.is_saved()) {
            self.context.state.save(fault.pieces(self.id), saved_or_ended());
        }
        if let Some(entity) = &self.entity {
            self.context.options.observer.applied(entity, self.index);
        }
        // Published before anyone is answered: whoever has an answer and reads the slot again sees at least that.
        self.publish();
        self.follow_deadline();
        self.follow_intents();
        self.published.waiters.answer(outcomes);
        self.published.changed.notify_waiters();
        self.let_go(&brought);
        Ok(())
    }

    /// Shows the entity to a reader, with what the reader wants of the past.
    fn read(
        &mut self,
        wanted: &Wanted,
        reader: Box<dyn FnOnce(ReadView<'_>) + Send>,
    ) -> Result<(), Unreadable> {
        let state = &self.context.state;
        let brought = match (SlotId::of(self.id), self.entity.as_mut().and_then(Entity::slot_mut)) {
            (Some(id), Some(slot)) if wanted.is_past(slot) => {
                apart(|| archive::recall(state, id, slot, wanted))?
            }
            _ => Vec::new(),
        };
        let broke = self.fault.as_ref().map(|fault| (fault.broke, fault.pending()));
        reader(ReadView { entity: self.entity.as_ref(), feed: &self.feed, index: self.index, broke });
        self.let_go(&brought);
        Ok(())
    }

    /// The latest stamp that is known here.
    fn now(&self) -> Timestamp {
        let own = self.entity.as_ref().map(Entity::stamp);
        self.context.registry.stamp().max(own.unwrap_or(Timestamp(0)))
    }

    /// A booking that was over by this stamp leaves memory now.
    fn over_by(&self) -> Timestamp {
        Timestamp(self.now().0.saturating_sub(self.context.options.over_in_memory_ms))
    }

    /// How many bytes wait to be saved, of the feed and of what is as large.
    fn bytes_unsaved(&self) -> usize {
        self.feed.bytes_unsaved() + self.entity.as_ref().map_or(0, Entity::bytes_untaken)
    }

    /// Whether a booking has been over for so long that it leaves memory.
    fn some_booking_leaves(&self) -> bool {
        let first = self.entity.as_ref().and_then(Entity::first_over);
        first.is_some_and(|since| since <= self.over_by())
    }

    /// Forgets bookings that can be read in the store.
    fn let_go(&mut self, numbers: &[Number]) {
        if let Some(slot) = self.entity.as_mut().and_then(Entity::slot_mut) {
            slot.let_go(numbers);
        }
    }

    /// Tells the registry when time alone will change the entity.
    fn follow_deadline(&mut self) {
        let deadline = self.entity.as_ref().and_then(Entity::deadline);
        if deadline != self.deadline {
            self.context.registry.set_deadline(self.id, self.deadline, deadline);
            self.deadline = deadline;
        }
    }

    /// Tells the registry when more is to be made known of when the slot is open.
    fn follow_extension(&mut self) {
        let next = extension(self.id, self.entity.as_ref());
        if let Some(slot) = SlotId::of(self.id).filter(|_slot| next != self.extension) {
            self.context.registry.extensions().set(slot, next);
            self.extension = next;
        }
    }

    /// Tells the registry how many intents the entity has left to be carried out.
    fn follow_intents(&mut self) {
        let open = open_intents(self.entity.as_ref());
        if open != self.open_intents {
            self.context.registry.set_open_intents(self.id, open);
            self.open_intents = open;
        }
    }

    /// The rules broke on a committed command, on every replica alike. The entity stays as its last piece says, and every
    /// other one goes on.
    fn break_off(&mut self) {
        let (entity, index) = (crate::ids::entity_text(self.id), self.index);
        tracing::error!(%entity, %index, "the rules broke: the entity is faulted");
        self.fault = Some(Box::new(Fault::new(self.index, std::mem::take(&mut self.recent))));
        self.stop();
    }

    /// Tries an entity again whose rules broke, on every replica at the same place in the log.
    async fn retry(&mut self, myself: &ActorRef<Message>) -> Result<(), Unreadable> {
        if let Some(mut fault) = self.fault.take() {
            // The last piece may be on its way still.
            let (done, written) = oneshot::channel();
            self.context.state.save(Vec::new(), Box::new(move |_written| notify(Some(done))));
            written.await.ok();
            if let Some(mended) = apart(|| fault.retry(&self.context, self.id))? {
                self.go_on(mended, &fault, myself);
            } else {
                let (entity, index) = (crate::ids::entity_text(self.id), fault.broke);
                tracing::error!(%entity, %index, "the rules broke again: the entity stays faulted");
                self.fault = Some(fault);
            }
        }
        self.published.tried.fetch_add(1, Ordering::AcqRel);
        self.published.changed.notify_waiters();
        Ok(())
    }

    /// The entity is sound again.
    fn go_on(&mut self, mended: Mended, fault: &Fault, myself: &ActorRef<Message>) {
        tracing::warn!(entity = %crate::ids::entity_text(self.id), "the entity was tried again, and is sound");
        (self.entity, self.index) = (mended.entity, mended.index);
        let level = self.context.registry.level();
        mended.records.into_iter().for_each(|record| self.feed.push(level, record));
        self.publish();
        self.follow_deadline();
        self.follow_intents();
        self.published.waiters.open();
        self.published.reach(Stage::Sound);
        // In one piece, or a crash between two would leave an entity without its backlog.
        let mut piece = self.piece();
        piece.changes.splice(0..0, fault.removal(self.id));
        self.hand_over(piece, myself, None);
    }

    /// Nothing is decided any more.
    fn stop(&mut self) {
        self.entity = None;
        self.feed = Feed::default();
        self.published.reach(Stage::Faulted);
        self.published.waiters.close(Unanswered::Faulted);
    }

    /// Publishes the entity as it is now.
    fn publish(&mut self) {
        let is_there = self.entity.is_some();
        let view = self.entity.as_ref().and_then(Entity::slot).map(Slot::view);
        let is_new = is_there && !self.is_registered;
        self.follow_extension();
        let definition = view.as_ref().filter(|_view| is_new).map(|view| Arc::clone(&view.definition));
        *self.published.view.write() = view;
        self.published.set_there(is_there);
        if is_new {
            let organizer = definition.as_ref().map(|definition| &*definition.organizer);
            self.context.registry.register(self.id, organizer);
            self.is_registered = true;
        }
    }

    /// Hands what has changed to the store as one piece.
    fn save(&mut self, myself: &ActorRef<Message>, saved: Option<oneshot::Sender<()>>) {
        let piece = self.piece();
        if piece.changes.is_empty() {
            return notify(saved);
        }
        self.hand_over(piece, myself, saved);
    }

    /// What has changed since it was last saved; nothing where there is no entity.
    fn piece(&mut self) -> Piece {
        if let Some(fault) = &mut self.fault {
            return Piece { changes: fault.pieces(self.id), ..Piece::default() };
        }
        self.recent.clear();
        let (over_by, level) = (self.over_by(), self.context.registry.level());
        let Some(entity) = self.entity.as_mut() else { return Piece::default() };
        let changes = entity.take_changes(over_by);
        self.published.digest.store(changes.digest(), Ordering::Release);
        Piece {
            seq: changes.seq(),
            leaving: changes.leaving().iter().map(|booking| booking.record.number).collect(),
            changes: saved::pieces(level, self.index, self.deadline, changes, self.feed.take_unsaved()),
        }
    }

    fn hand_over(&self, piece: Piece, myself: &ActorRef<Message>, saved: Option<oneshot::Sender<()>>) {
        let Piece { changes, seq, leaving } = piece;
        let myself = myself.clone();
        let written = move |result: Result<(), storage::Error>| {
            if result.is_ok() {
                // An actor that is asleep by now has nothing in memory.
                drop(myself.cast(Message::Written(seq, leaving)));
                notify(saved);
            }
        };
        self.context.state.save(changes, Box::new(written));
    }
}

/// When more is to be made known of when a slot is open: of most, never.
fn extension(id: EntityId, entity: Option<&Entity>) -> Option<Timestamp> {
    let (definition, known) = entity?.slot()?.known_hours()?;
    next_extension(SlotId::of(id)?, definition, known)
}

/// How many intents of an entity are open.
fn open_intents(entity: Option<&Entity>) -> u32 {
    let open = entity.map_or(0, |entity| entity.intents().len());
    u32::try_from(open).expect("they are bounded")
}

/// What is saved of an entity at once.
struct Piece {
    changes: Vec<Change>,
    /// The last step of the feed in it.
    seq: Seq,
    /// Bookings that can be read where the past is, once it is written.
    leaving: Vec<Number>,
}

impl Default for Piece {
    fn default() -> Self {
        Self { changes: Vec::new(), seq: Seq(0), leaving: Vec::new() }
    }
}

/// Tells the checkpoint that waits, if one waits still.
fn notify(saved: Option<oneshot::Sender<()>>) {
    if let Some(saved) = saved {
        saved.send(()).ok();
    }
}

/// For a piece that nobody waits for: if it fails, the store ends the process.
fn saved_or_ended() -> storage::Done {
    Box::new(drop)
}
