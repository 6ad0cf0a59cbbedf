//! Who waits for an entity's answers. Waiters stand here and not in the actor's mailbox: a request is proposed where it is asked,
//! and the actor is woken once for all that is committed together, not once for each request.

use std::collections::BTreeMap;

use booking::entity::Outcome;
use booking::{Fingerprint, RequestKey};
use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::oneshot;

/// What those have in common who share an answer: the same key and the same content.
pub(crate) type Asked = (RequestKey, Fingerprint);

/// Everyone who waits for one entity's answers. `Held` is what each keeps until the answer is given.
pub(crate) struct Waiters<Held> {
    queue: Mutex<Queue<Held>>,
}

struct Queue<Held> {
    waiting: BTreeMap<Asked, SmallVec<[Reply<Held>; 1]>>,
    /// Why nobody is answered any more.
    closed: Option<Unanswered>,
}

/// Where one answer goes, and what is held until it is given.
pub(crate) struct Reply<Held> {
    pub(crate) to: oneshot::Sender<Result<Outcome, Unanswered>>,
    pub(crate) _held: Held,
}

/// Why an ask has no answer of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It never entered the log.
    NotAppended,
    /// Nobody knows whether it has an effect.
    Unknown,
    /// The entity's rules broke.
    Faulted,
}

impl<Held> Reply<Held> {
    /// Answers one waiter. Whoever has gone, because the connection broke or the deadline passed, misses it.
    fn tell(self, answer: Result<Outcome, Unanswered>) {
        drop(self.to.send(answer));
    }
}

impl<Held> Queue<Held> {
    /// A tree keeps its root's kilobyte when it is empty, and most entities that are awake have nobody who waits.
    fn rest(&mut self) {
        if self.waiting.is_empty() {
            self.waiting = BTreeMap::new();
        }
    }
}

impl<Held> Default for Waiters<Held> {
    fn default() -> Self {
        Self { queue: Mutex::new(Queue { waiting: BTreeMap::new(), closed: None }) }
    }
}

impl<Held> Waiters<Held> {
    /// Takes a waiter in. For the first who asks this, `propose` is called before anyone can be answered; the others share the
    /// answer.
    pub(crate) fn ask(&self, asked: Asked, reply: Reply<Held>, propose: impl FnOnce()) {
        let mut queue = self.queue.lock();
        if let Some(why) = queue.closed {
            drop(queue);
            return reply.tell(Err(why));
        }
        let replies = queue.waiting.entry(asked).or_default();
        let first = replies.is_empty();
        replies.push(reply);
        if first {
            propose();
        }
    }

    /// Answers everyone who waits for these outcomes: the first with the outcome, those who joined with a replay of it.
    pub(crate) fn answer(&self, outcomes: Vec<(Asked, Outcome)>) {
        let mut queue = self.queue.lock();
        let served: Vec<_> = outcomes
            .into_iter()
            .filter_map(|(asked, outcome)| Some((queue.waiting.remove(&asked)?, outcome)))
            .collect();
        queue.rest();
        drop(queue);
        for (mut replies, outcome) in served {
            for joined in replies.drain(1..) {
                joined.tell(Ok(outcome.replay()));
            }
            if let Some(first) = replies.pop() {
                first.tell(Ok(outcome));
            }
        }
    }

    /// Tells everyone who waits for this why there will be no answer.
    pub(crate) fn fail(&self, asked: Asked, why: Unanswered) {
        let mut queue = self.queue.lock();
        let replies = queue.waiting.remove(&asked);
        queue.rest();
        drop(queue);
        replies.into_iter().flatten().for_each(|reply| reply.tell(Err(why)));
    }

    /// New waiters are taken in again.
    pub(crate) fn open(&self) {
        self.queue.lock().closed = None;
    }

    /// Nobody is taken in any more: who comes is told why. What the waiters have asked may be in the log already, so their
    /// outcome is unknown.
    pub(crate) fn close(&self, why: Unanswered) {
        let waiting = {
            let mut queue = self.queue.lock();
            queue.closed = Some(why);
            std::mem::take(&mut queue.waiting)
        };
        waiting.into_values().flatten().for_each(|reply| reply.tell(Err(Unanswered::Unknown)));
    }
}
