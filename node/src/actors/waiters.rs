//! Who waits at a slot. They stand here and not in the actor's mailbox: what is asked is proposed where it is asked, and
//! the actor is woken once for all that is committed together, not once for each who asks.

use std::collections::BTreeMap;

use booking::{Fingerprint, Outcome, RequestKey};
use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::registry::Visit;
use crate::permits::Permit;

/// A request as those see it who wait for its answer: the same key and the same content.
pub(crate) type Asked = (RequestKey, Fingerprint);

/// A slot's counter.
#[derive(Default)]
pub(crate) struct Counter {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: BTreeMap<Asked, SmallVec<[Reply; 1]>>,
    /// Why nobody is served any more.
    closed: Option<Unanswered>,
}

/// Where one answer goes. Permit and visit last until it is given.
pub(crate) struct Reply {
    pub(crate) to: oneshot::Sender<Result<Outcome, Unanswered>>,
    pub(crate) _permit: Permit,
    pub(crate) _visit: Visit,
}

/// Why an ask has no answer of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It never entered the log.
    NotAppended,
    /// Nobody knows whether it has an effect.
    Unknown,
    /// The slot's rules broke.
    Faulted,
}

impl Reply {
    /// Tells one who waited. One who has gone, because the connection broke or the deadline passed, is told nothing.
    fn tell(self, answer: Result<Outcome, Unanswered>) {
        drop(self.to.send(answer));
    }
}

impl Queue {
    /// A tree keeps its root's kilobyte when it is empty, and most slots that are awake have nobody who waits.
    fn rest(&mut self) {
        if self.waiting.is_empty() {
            self.waiting = BTreeMap::new();
        }
    }
}

impl Counter {
    /// Takes note of who asks. For whoever is the first to ask this, `propose` is called before anyone can be answered;
    /// the others share the answer.
    pub(crate) fn ask(&self, asked: Asked, reply: Reply, propose: impl FnOnce()) {
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

    /// Answers everyone who waits for these outcomes: the first with the outcome, those who joined that it is a replay.
    pub(crate) fn serve(&self, outcomes: Vec<(Asked, Outcome)>) {
        let mut queue = self.queue.lock();
        let served: Vec<_> = outcomes
            .into_iter()
            .filter_map(|(asked, outcome)| Some((queue.waiting.remove(&asked)?, outcome)))
            .collect();
        queue.rest();
        drop(queue);
        for (mut replies, outcome) in served {
            for joined in replies.drain(1..) {
                joined.tell(Ok(Outcome { replayed: true, ..outcome.clone() }));
            }
            if let Some(first) = replies.pop() {
                first.tell(Ok(outcome));
            }
        }
    }

    /// Tells everyone who waits for this that there will be no answer.
    pub(crate) fn disappoint(&self, asked: Asked, why: Unanswered) {
        let mut queue = self.queue.lock();
        let replies = queue.waiting.remove(&asked);
        queue.rest();
        drop(queue);
        replies.into_iter().flatten().for_each(|reply| reply.tell(Err(why)));
    }

    /// People are served again.
    pub(crate) fn open(&self) {
        self.queue.lock().closed = None;
    }

    /// Nobody is served any more. Who will come is told why; what those who wait have asked may be in the log already, and
    /// nobody knows what becomes of it.
    pub(crate) fn close(&self, why: Unanswered) {
        let waiting = {
            let mut queue = self.queue.lock();
            queue.closed = Some(why);
            std::mem::take(&mut queue.waiting)
        };
        waiting.into_values().flatten().for_each(|reply| reply.tell(Err(Unanswered::Unknown)));
    }
}
