//! What an actor publishes of its entity, so that nobody need ask it; and the pin that keeps an actor awake.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use booking::{Timestamp, View};
use parking_lot::RwLock;
use ractor::ActorRef;
use tokio::sync::{Notify, oneshot};

use super::message::{Message, ReadView};
use super::waiters::Waiters;
use crate::permits::Permit;
use crate::saved::archive;
use crate::views::listing::{Facts, Wanted};

/// An actor that is awake, and what it publishes.
#[derive(Clone)]
pub(crate) struct Awake {
    pub(crate) actor: ActorRef<Message>,
    pub(crate) published: Arc<Published>,
}

/// What an actor publishes, and who waits for its answers.
#[derive(Default)]
pub(crate) struct Published {
    /// The slot as everyone may see it, as of the last batch; none while there is no slot, and for every other kind of entity.
    pub(crate) view: RwLock<Option<View>>,
    /// Who waits for the entity's answers.
    pub(crate) waiters: Waiters<(Permit, Pin)>,
    /// How often an entity whose rules broke was tried again.
    pub(crate) tried: AtomicU32,
    /// Notified after every batch, for those who follow the feed.
    pub(crate) changed: Notify,
    /// The entity's digest as of its last piece.
    pub(crate) digest: AtomicU64,
    /// How far the actor has come; 0 while it has not read its entity from the store yet.
    stage: AtomicU8,
    /// The entity was asleep before, and is to everyone until it is loaded.
    slept: AtomicBool,
    /// There is an entity, and it is sound.
    is_there: AtomicBool,
    /// How many pins keep the actor awake.
    pins: AtomicUsize,
    /// Rounds in which nobody has pinned the actor.
    idle_rounds: AtomicU8,
}

/// How far an actor has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Stage {
    /// The actor knows its entity, or that there is none.
    Sound = 1,
    /// The rules broke.
    Faulted = 2,
}

impl Published {
    /// The actor has come this far.
    pub(crate) fn reach(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Release);
    }

    /// The actor reads an entity that was asleep.
    pub(crate) fn wakes_from_sleep(&self) {
        self.slept.store(true, Ordering::Relaxed);
    }

    /// Counts a round, and says in how many the actor was not pinned, this one included.
    pub(crate) fn count_idle_round(&self) -> u8 {
        let rounds = self.idle_rounds.load(Ordering::Relaxed).saturating_add(1);
        self.idle_rounds.store(rounds, Ordering::Relaxed);
        rounds
    }

    /// Whether someone keeps the actor awake.
    pub(crate) fn is_pinned(&self) -> bool {
        0 < self.pins.load(Ordering::Acquire)
    }

    pub(crate) fn is(&self, stage: Stage) -> bool {
        self.stage.load(Ordering::Acquire) == stage as u8
    }

    /// Whether the actor is still reading an entity that everyone else can read too.
    pub(crate) fn is_waking(&self) -> bool {
        self.stage.load(Ordering::Acquire) == 0 && self.slept.load(Ordering::Relaxed)
    }

    /// Whether the slot may be among those wanted. Of a slot whose rules broke, or that is being read, the saved head must tell.
    pub(crate) fn may_be(&self, wanted: &Wanted, span: &RangeInclusive<Timestamp>) -> bool {
        if self.is(Stage::Faulted) || self.is_waking() {
            return true;
        }
        self.view.read().as_ref().is_some_and(|view| wanted.may_take(Facts::of(view), span))
    }

    /// Whether there is a sound entity as of the last batch.
    pub(crate) fn set_there(&self, is_there: bool) {
        self.is_there.store(is_there, Ordering::Release);
    }

    /// Whether there is an entity: an id that was asked for and never made has an actor all the same, for a while.
    pub(crate) fn exists(&self) -> bool {
        self.is_there.load(Ordering::Acquire) || self.is(Stage::Faulted) || self.is_waking()
    }
}

/// Keeps an actor awake for as long as the pin lives.
pub(crate) struct Pin {
    pub(crate) actor: ActorRef<Message>,
    pub(crate) published: Arc<Published>,
}

impl Pin {
    /// A pin of someone who uses the actor: it stays awake for a while afterwards too.
    pub(crate) fn new(awake: &Awake) -> Self {
        awake.published.idle_rounds.store(0, Ordering::Relaxed);
        Self::in_passing(awake)
    }

    /// Reads the entity behind everything that its actor is told before this call, with what is wanted of the past; none where the
    /// actor is gone. The actor is told at once, also where the result is awaited later.
    pub(crate) fn read<T: Send + 'static, Read: FnOnce(ReadView<'_>) -> T + Send + 'static>(
        &self,
        wanted: archive::Wanted,
        read: Read,
    ) -> impl Future<Output = Option<T>> + Send + use<T, Read> {
        let (to, result) = oneshot::channel();
        // A reader that has gone misses the result.
        let message = Message::Read(wanted, Box::new(move |view| drop(to.send(read(view)))));
        let is_told = self.actor.cast(message).is_ok();
        async move { if is_told { result.await.ok() } else { None } }
    }

    /// A pin that keeps the actor awake for no longer than it lives.
    pub(crate) fn in_passing(awake: &Awake) -> Self {
        awake.published.pins.fetch_add(1, Ordering::AcqRel);
        Self { actor: awake.actor.clone(), published: Arc::clone(&awake.published) }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.published.pins.fetch_sub(1, Ordering::AcqRel);
    }
}
