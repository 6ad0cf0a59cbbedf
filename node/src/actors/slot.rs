//! One slot's actor: it owns the slot, applies what is committed, and answers who waits at its counter.

use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use booking::{Number, Seq, Slot, SlotId, Timestamp};
use cluster::State;
use futures::future::Either;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use storage::{Change, Index};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::block_in_place;

use super::fault::{Fault, Mended, bring_back, decide};
use super::feed::Feed;
use super::registry::{Directory, Stage, Window};
use super::waiters::Unanswered;
use crate::log::CommittedStep;
use crate::saved::archive::{self, Wanted};
use crate::saved::{self, Unreadable};

/// A slot writes a piece of its own accord once this much of its feed waits, as it finds behind each message: an entry that comes
/// behind a piece waits for it, so pieces are small, but for what a large entry or catching up brings at once.
const PIECE_BYTES: usize = 64 << 10;

/// Everything that can wake a slot's actor.
pub(crate) enum Message {
    /// Committed commands and pulses, in log order.
    Apply(Vec<CommittedStep>),
    /// The log says that a slot whose rules broke is to be tried again.
    Retry,
    /// Someone looks, behind everything that was applied before.
    Read(Wanted, Box<dyn FnOnce(Sight<'_>) + Send>),
    /// Save what has changed; told once it can be read back.
    Save(oneshot::Sender<()>),
    /// A piece can be read back: up to this step of the feed, and these bookings, which leave memory.
    Written(Seq, Vec<Number>),
}

/// What a reader sees.
pub(crate) struct Sight<'slot> {
    pub(crate) slot: Option<&'slot Slot>,
    pub(crate) feed: &'slot Feed,
    /// The last step that was applied.
    pub(crate) index: Index,
    /// Where its rules broke, and how many steps wait since.
    pub(crate) broke: Option<(Index, usize)>,
}

/// Called when something on disk cannot be what it should be: the node must not go on.
pub(crate) type OnBroken = Arc<dyn Fn(SlotId, &Unreadable) + Send + Sync>;

/// What the actors of a group share.
pub(crate) struct Surroundings {
    pub(crate) state: State,
    pub(crate) directory: Directory,
    pub(crate) on_broken: OnBroken,
}

/// The actor's behaviour; all that it knows is in [`Desk`].
pub(crate) struct SlotActor;

/// What an actor owns. In a box, since ractor's futures have room for it several times over.
pub(crate) struct Desk {
    id: SlotId,
    window: Arc<Window>,
    around: Arc<Surroundings>,
    slot: Option<Slot>,
    feed: Feed,
    /// Steps at or below were in the slot when it was loaded.
    loaded: Option<Index>,
    /// The last step that was applied.
    index: Index,
    deadline: Option<Timestamp>,
    /// Steps that are in no piece yet: with these a slot whose rules break is tried again.
    recent: Vec<CommittedStep>,
    fault: Option<Box<Fault>>,
    /// The directory knows that there is a slot, and whose it is.
    is_enrolled: bool,
}

// One size of the allocator's. An awake slot takes 8 kB, nearly all of it its actor's task and channels.
const _: () = assert!(size_of::<Desk>() <= 512);

impl Actor for SlotActor {
    type Msg = Message;
    type State = Box<Desk>;
    type Arguments = (SlotId, Arc<Window>, Arc<Surroundings>);

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        (id, window, around): Self::Arguments,
    ) -> Result<Box<Desk>, ActorProcessingErr> {
        let loaded = apart(|| Desk::load(id, window, &around));
        loaded.map(Box::new).map_err(|unreadable| {
            (around.on_broken)(id, &unreadable);
            unreadable.into()
        })
    }

    /// Nothing but the rare retry waits for anything: every actor's task has room for this future as long as it lives.
    fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        desk: &mut Box<Desk>,
    ) -> impl Future<Output = Result<(), ActorProcessingErr>> + Send {
        let handled = match message {
            Message::Apply(steps) => desk.apply(steps),
            Message::Retry => {
                return Either::Right(Box::pin(async move {
                    let handled = desk.retry(&myself).await;
                    desk.end(handled, &myself)
                }));
            }
            Message::Read(wanted, read) => desk.show_to(&wanted, read),
            Message::Save(saved) => {
                desk.save(&myself, Some(saved));
                Ok(())
            }
            Message::Written(seq, left) => {
                desk.feed.saved(seq);
                desk.let_go(&left);
                Ok(())
            }
        };
        Either::Left(ready(desk.end(handled, &myself)))
    }

    /// A slot's actor watches over no other. Ractor's own answer is a larger future, for which every task would have room.
    fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<Message>,
        _event: SupervisionEvent,
        _desk: &mut Box<Desk>,
    ) -> impl Future<Output = Result<(), ActorProcessingErr>> + Send {
        ready(Ok(()))
    }
}

impl Desk {
    fn load(id: SlotId, window: Arc<Window>, around: &Arc<Surroundings>) -> Result<Self, Unreadable> {
        let (slot, loaded) = saved::slot(&around.state, id)?.unzip();
        let fault = Fault::load(&around.state, id)?.map(Box::new);
        let loaded = fault.as_ref().map(|fault| fault.index()).or(loaded);
        let deadline = slot.as_ref().and_then(Slot::deadline);
        let mut desk = Self {
            id,
            window,
            around: Arc::clone(around),
            is_enrolled: slot.is_some(),
            slot,
            feed: Feed::default(),
            loaded,
            index: loaded.unwrap_or(Index(0)),
            deadline,
            recent: Vec::new(),
            fault,
        };
        if desk.fault.is_some() {
            desk.stop_the_sale();
            desk.follow_deadline();
        }
        let digest = desk.slot.as_ref().map_or(0, Slot::digest);
        desk.window.digest.store(digest, Ordering::Release);
        desk.show();
        let stage = if desk.fault.is_some() { Stage::Faulted } else { Stage::Sound };
        desk.window.reach(stage);
        Ok(desk)
    }

    /// What follows every message.
    fn end(
        &mut self,
        handled: Result<(), Unreadable>,
        myself: &ActorRef<Message>,
    ) -> Result<(), ActorProcessingErr> {
        // Without what it needs of the past it must decide nothing.
        handled.inspect_err(|unreadable| (self.around.on_broken)(self.id, unreadable))?;
        if PIECE_BYTES < self.feed.bytes_unsaved() || self.someone_leaves() {
            self.save(myself, None);
        }
        Ok(())
    }

    /// Applies what is committed, answers who waits, and shows the slot as it is after it.
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
            brought.extend(bring_back(&self.around.state, &mut self.slot, &step)?);
            let level = step.level;
            let decided = catch_unwind(AssertUnwindSafe(|| decide(&mut self.slot, &step, &mut records)));
            self.recent.push(step);
            match decided {
                Ok(outcome) => outcomes.extend(outcome),
                Err(_panic) => {
                    // What was decided before stands.
                    self.window.counter.serve(std::mem::take(&mut outcomes));
                    self.break_off();
                    continue;
                }
            }
            records.drain(..).for_each(|record| self.feed.push(level, record));
        }
        // Behind the whole message, which has all that an entry has for the slot: a backlog with half an entry would lose the rest.
        if let Some(fault) = self.fault.as_mut().filter(|fault| !fault.is_saved()) {
            self.around.state.save(fault.pieces(self.id), saved_or_ended());
        }
        #[cfg(test)]
        crate::simulation::watch::applied(self.slot.as_ref(), self.index);
        // Shown before it is answered: who has an answer and looks again sees at least that.
        self.show();
        self.follow_deadline();
        self.window.counter.serve(outcomes);
        self.window.changed.notify_waiters();
        self.let_go(&brought);
        Ok(())
    }

    /// Shows the slot to someone, with what they want of the past.
    fn show_to(
        &mut self,
        wanted: &Wanted,
        reader: Box<dyn FnOnce(Sight<'_>) + Send>,
    ) -> Result<(), Unreadable> {
        let (state, id) = (&self.around.state, self.id);
        let brought = match &mut self.slot {
            Some(slot) if wanted.is_past(slot) => apart(|| archive::recall(state, id, slot, wanted))?,
            _ => Vec::new(),
        };
        let broke = self.fault.as_ref().map(|fault| (fault.broke, fault.pending()));
        reader(Sight { slot: self.slot.as_ref(), feed: &self.feed, index: self.index, broke });
        self.let_go(&brought);
        Ok(())
    }

    /// The latest stamp that is known here.
    fn now(&self) -> Timestamp {
        let own = self.slot.as_ref().map(|slot| slot.view().stamp);
        self.around.directory.stamp().max(own.unwrap_or(Timestamp(0)))
    }

    /// Whether a booking has been over for so long that it leaves memory.
    fn someone_leaves(&self) -> bool {
        let first = self.slot.as_ref().and_then(Slot::first_over);
        first.is_some_and(|since| since <= archive::over_by(self.now()))
    }

    /// Forgets bookings that can be read in the store.
    fn let_go(&mut self, numbers: &[Number]) {
        if let Some(slot) = &mut self.slot {
            slot.let_go(numbers);
        }
    }

    /// Tells the directory when time alone will change the slot.
    fn follow_deadline(&mut self) {
        let deadline = self.slot.as_ref().and_then(Slot::deadline);
        if deadline != self.deadline {
            self.around.directory.set_deadline(self.id, self.deadline, deadline);
            self.deadline = deadline;
        }
    }

    /// The rules broke on a committed command, on every replica alike. The slot stays as its last piece says, and every
    /// other slot goes on selling.
    fn break_off(&mut self) {
        let (slot, index) = (crate::ids::slot_text(self.id), self.index);
        tracing::error!(%slot, %index, "the rules broke: the slot is faulted");
        self.fault = Some(Box::new(Fault::new(self.index, std::mem::take(&mut self.recent))));
        self.stop_the_sale();
    }

    /// Tries a slot again whose rules broke, on every replica at the same place in the log.
    async fn retry(&mut self, myself: &ActorRef<Message>) -> Result<(), Unreadable> {
        if let Some(mut fault) = self.fault.take() {
            // The last piece may be on its way still.
            let (done, written) = oneshot::channel();
            self.around.state.save(Vec::new(), Box::new(move |_written| told(Some(done))));
            written.await.ok();
            if let Some(mended) = apart(|| fault.retry(&self.around.state, self.id))? {
                self.go_on(mended, &fault, myself);
            } else {
                let (slot, index) = (crate::ids::slot_text(self.id), fault.broke);
                tracing::error!(%slot, %index, "the rules broke again: the slot stays faulted");
                self.fault = Some(fault);
            }
        }
        self.window.tried.fetch_add(1, Ordering::AcqRel);
        self.window.changed.notify_waiters();
        Ok(())
    }

    /// The sale goes on.
    fn go_on(&mut self, mended: Mended, fault: &Fault, myself: &ActorRef<Message>) {
        tracing::warn!(slot = %crate::ids::slot_text(self.id), "the slot was tried again, and is sound");
        (self.slot, self.index) = (mended.slot, mended.index);
        let level = self.around.directory.level();
        mended.records.into_iter().for_each(|record| self.feed.push(level, record));
        self.show();
        self.follow_deadline();
        self.window.counter.open();
        self.window.reach(Stage::Sound);
        // In one piece, or a crash between two would leave a slot without its backlog.
        let mut piece = self.piece();
        piece.changes.splice(0..0, fault.removal(self.id));
        self.hand_over(piece, myself, None);
    }

    fn stop_the_sale(&mut self) {
        self.slot = None;
        self.feed = Feed::default();
        self.window.reach(Stage::Faulted);
        self.window.counter.close(Unanswered::Faulted);
    }

    /// Shows the slot to those who do not ask.
    fn show(&mut self) {
        let view = self.slot.as_ref().map(Slot::view);
        let organizer =
            view.as_ref().filter(|_view| !self.is_enrolled).map(|view| Arc::clone(&view.definition));
        *self.window.view.write() = view;
        if let Some(definition) = organizer {
            self.around.directory.enroll(self.id, &definition.organizer);
            self.is_enrolled = true;
        }
    }

    /// Hands what has changed to the store as one piece.
    fn save(&mut self, myself: &ActorRef<Message>, saved: Option<oneshot::Sender<()>>) {
        let piece = self.piece();
        if piece.changes.is_empty() {
            return told(saved);
        }
        self.hand_over(piece, myself, saved);
    }

    /// What has changed since it was last saved; nothing where there is no slot.
    fn piece(&mut self) -> Piece {
        if let Some(fault) = &mut self.fault {
            return Piece { changes: fault.pieces(self.id), ..Piece::default() };
        }
        self.recent.clear();
        let (over_by, level) = (archive::over_by(self.now()), self.around.directory.level());
        let Some(slot) = self.slot.as_mut() else { return Piece::default() };
        let changes = slot.take_changes(over_by);
        self.window.digest.store(changes.header.digest, Ordering::Release);
        Piece {
            seq: changes.header.seq,
            leaving: changes.leaving.iter().map(|booking| booking.number).collect(),
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
                told(saved);
            }
        };
        self.around.state.save(changes, Box::new(written));
    }
}

/// What is saved of a slot at once.
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

/// Reads much while others are served: a slot of a million bookings takes a second. A simulation has one thread, and everything
/// happens on it.
pub(crate) fn apart<T>(read: impl FnOnce() -> T) -> T {
    let has_other_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if has_other_threads { block_in_place(read) } else { read() }
}

/// Tells the checkpoint that waits, if one does and is still there.
fn told(saved: Option<oneshot::Sender<()>>) {
    if let Some(saved) = saved {
        saved.send(()).ok();
    }
}

/// For a piece that nobody waits for: if it fails, the store ends the process.
fn saved_or_ended() -> storage::Done {
    Box::new(drop)
}
