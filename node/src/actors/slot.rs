//! One slot's actor: it owns the slot, applies what is committed, and answers who waits at its counter.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use booking::{Outcome, Record, Request, Seq, Slot, SlotId, Timestamp};
use cluster::State;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use storage::Index;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::block_in_place;

use super::counter::{Asked, Unanswered};
use super::directory::{Directory, Stage, Window};
use super::feed::Feed;
use crate::saved::{self, Unreadable};

/// A slot writes a piece of its own accord once this much of its feed waits: pieces stay far below 1 MiB.
const PIECE_BYTES: usize = 256 << 10;

/// Everything that can wake a slot's actor.
pub(crate) enum Message {
    /// Committed commands and pulses, in log order.
    Apply(Vec<Step>),
    /// Someone looks, behind everything that was applied before.
    Read(Box<dyn FnOnce(Sight<'_>) + Send>),
    /// Save what has changed; told once it can be read back.
    Save(oneshot::Sender<()>),
    /// A piece can be read back, up to this step of the feed.
    Written(Seq),
}

/// One committed change of one slot.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) index: Index,
    pub(crate) at: Timestamp,
    pub(crate) what: What,
}

/// What changes a slot.
#[derive(Debug)]
pub(crate) enum What {
    /// A request.
    Request(Request),
    /// Time alone.
    Pulse,
}

/// What a reader sees.
pub(crate) struct Sight<'slot> {
    pub(crate) slot: Option<&'slot Slot>,
    pub(crate) feed: &'slot Feed,
}

/// Called when something on disk cannot be what it should be: the node must not go on.
pub(crate) type OnBroken = Arc<dyn Fn(SlotId, &Unreadable) + Send + Sync>;

/// What an actor is made of.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) id: SlotId,
    pub(crate) state: State,
    pub(crate) directory: Arc<Directory>,
    pub(crate) window: Arc<Window>,
    pub(crate) on_broken: OnBroken,
}

/// The actor's behaviour; all that it knows is in [`Desk`].
pub(crate) struct SlotActor;

/// What an actor owns. In a box, since ractor's futures have room for it several times over.
pub(crate) struct Desk {
    around: Surroundings,
    slot: Option<Slot>,
    feed: Feed,
    /// Steps at or below were in the slot when it was loaded.
    loaded: Option<Index>,
    /// The last step that was applied.
    index: Index,
    deadline: Option<Timestamp>,
    faulted: bool,
}

impl Actor for SlotActor {
    type Msg = Message;
    type State = Box<Desk>;
    type Arguments = Surroundings;

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        around: Surroundings,
    ) -> Result<Box<Desk>, ActorProcessingErr> {
        let (id, on_broken) = (around.id, Arc::clone(&around.on_broken));
        // A slot of a million bookings takes a second to read: others are served meanwhile. A simulation has one thread, and
        // everything happens on it.
        let has_other_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
        let loaded =
            if has_other_threads { block_in_place(|| Desk::load(around)) } else { Desk::load(around) };
        loaded.map(Box::new).map_err(|unreadable| {
            on_broken(id, &unreadable);
            unreadable.into()
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        desk: &mut Box<Desk>,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Apply(steps) => {
                desk.apply(steps);
                if PIECE_BYTES < desk.feed.bytes_unsaved() {
                    desk.save(&myself, None);
                }
            }
            Message::Read(read) => read(Sight { slot: desk.slot.as_ref(), feed: &desk.feed }),
            Message::Save(saved) => desk.save(&myself, Some(saved)),
            Message::Written(seq) => desk.feed.saved(seq),
        }
        Ok(())
    }
}

impl Desk {
    fn load(around: Surroundings) -> Result<Self, Unreadable> {
        let (slot, loaded) = saved::slot(&around.state, around.id)?.unzip();
        let faulted = saved::fault(&around.state, around.id)?;
        let deadline = slot.as_ref().and_then(Slot::deadline);
        let mut desk = Self {
            around,
            slot,
            feed: Feed::default(),
            loaded,
            index: loaded.unwrap_or(Index(0)),
            deadline,
            faulted: false,
        };
        if faulted.is_some() {
            desk.stop_the_sale();
            desk.follow_deadline();
        }
        let digest = desk.slot.as_ref().map_or(0, Slot::digest);
        desk.around.window.digest.store(digest, Ordering::Release);
        desk.show();
        desk.around.window.reach(Stage::Sound);
        Ok(desk)
    }

    /// Applies what is committed, answers who waits, and shows the slot as it is after it.
    fn apply(&mut self, steps: Vec<Step>) {
        let mut records = Vec::new();
        let mut outcomes = Vec::with_capacity(steps.len());
        for step in steps {
            if self.faulted || self.loaded.is_some_and(|loaded| step.index <= loaded) {
                continue;
            }
            self.index = step.index;
            match catch_unwind(AssertUnwindSafe(|| decide(&mut self.slot, &step, &mut records))) {
                Ok(outcome) => outcomes.extend(outcome),
                Err(_panic) => {
                    // What was decided before stands.
                    self.around.window.counter.serve(std::mem::take(&mut outcomes));
                    self.fault(step.index);
                }
            }
            records.drain(..).for_each(|record| self.feed.push(&record));
        }
        #[cfg(test)]
        crate::simulation::watch::applied(self.slot.as_ref(), self.index);
        // Shown before it is answered: who has an answer and looks again sees at least that.
        self.show();
        self.follow_deadline();
        self.around.window.counter.serve(outcomes);
    }

    /// Tells the directory when time alone will change the slot.
    fn follow_deadline(&mut self) {
        let deadline = self.slot.as_ref().and_then(Slot::deadline);
        if deadline != self.deadline {
            self.around.directory.set_deadline(self.around.id, self.deadline, deadline);
            self.deadline = deadline;
        }
    }

    /// The rules broke on a committed command, on every replica alike. The slot stays as its last piece says, and every
    /// other slot goes on selling.
    fn fault(&mut self, index: Index) {
        tracing::error!(slot = %crate::ids::slot_text(self.around.id), %index, "the rules broke: the slot is faulted");
        self.stop_the_sale();
        self.around.state.save(vec![saved::fault_piece(self.around.id, index)], saved_or_ended());
    }

    fn stop_the_sale(&mut self) {
        self.faulted = true;
        self.slot = None;
        self.feed = Feed::default();
        self.around.window.reach(Stage::Faulted);
        self.around.window.counter.close(Unanswered::Faulted);
    }

    /// Shows the slot to those who do not ask.
    fn show(&self) {
        self.around.window.view.store(self.slot.as_ref().map(|slot| Arc::new(slot.view())));
    }

    /// Hands what has changed to the store as one piece.
    fn save(&mut self, myself: &ActorRef<Message>, saved: Option<oneshot::Sender<()>>) {
        if self.faulted {
            // Never told that it is saved, so that the mark stays below: the log keeps what a mended build will need.
            return;
        }
        let Some(slot) = self.slot.as_mut() else {
            told(saved);
            return;
        };
        let changes = slot.take_changes();
        self.around.window.digest.store(changes.header.digest, Ordering::Release);
        let seq = changes.header.seq;
        let pieces = saved::pieces(self.index, self.deadline, changes, self.feed.take_unsaved());
        let myself = myself.clone();
        let written = move |result: Result<(), storage::Error>| {
            if result.is_ok() {
                // An actor that is asleep by now has no feed to trim.
                drop(myself.cast(Message::Written(seq)));
                told(saved);
            }
        };
        self.around.state.save(pieces, Box::new(written));
    }
}

/// The one call of the rules: the outcome, where someone asked.
fn decide(slot: &mut Option<Slot>, step: &Step, records: &mut Vec<Record>) -> Option<(Asked, Outcome)> {
    #[cfg(test)]
    super::tests::plant(&step.what);
    let answered = match &step.what {
        What::Request(request) => {
            let outcome = Slot::apply(slot, step.at, request, records);
            Some(((request.key, request.fingerprint), outcome))
        }
        What::Pulse => {
            if let Some(slot) = slot {
                slot.pulse(step.at, records);
            }
            None
        }
    };
    #[cfg(test)]
    crate::simulation::watch::stepped(slot.as_ref());
    answered
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
