//! Where writes wait for the writer. While it syncs one batch, the next one fills itself: no timer, no
//! linger.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

use super::stats::Counters;
use crate::{Done, Durability, Error, Write};

/// A write that waits, and whom to tell.
pub(super) struct Item {
    /// What to write.
    pub(super) write: Write,
    /// Whom to tell.
    pub(super) done: Done,
}

/// What the writer finds.
pub(super) enum Taken {
    /// At least one item, in order.
    Batch(Vec<Item>),
    /// The store has failed: these are to be told so, and no more will come.
    Failed(Error, Vec<Item>),
    /// The queue is closed, and empty.
    Closed,
}

/// Many may push, one takes.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

struct Waiting {
    items: VecDeque<Item>,
    end: Option<Error>,
}

impl Queue {
    /// An empty one.
    pub(super) fn new() -> Queue {
        let waiting = Waiting { items: VecDeque::new(), end: None };
        Queue { waiting: Mutex::new(waiting), filled: Condvar::new() }
    }

    /// Adds an item at the end, or gives it back with the reason why nothing is taken any more.
    pub(super) fn push(&self, item: Item, counters: &Counters) -> Result<(), (Item, Error)> {
        let mut waiting = self.waiting.lock();
        if let Some(end) = &waiting.end {
            return Err((item, end.clone()));
        }
        waiting.items.push_back(item);
        let depth = waiting.items.len();
        // Before the writer is woken: a lock that is handed to a sleeper stays taken until that has a core, and the next push
        // would wait for it.
        drop(waiting);
        counters.queued(depth);
        // The writer only ever sleeps in front of an empty queue, so the push that fills it wakes it: once a batch.
        if depth == 1 {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits for items and takes the oldest, until their bytes reach `bytes_max`; what waits for a sync does not wait for what
    /// comes behind it and asks for none, such as a piece of state with a thousand changes.
    pub(super) fn take(&self, bytes_max: usize) -> Taken {
        let mut waiting = self.waiting.lock();
        self.filled.wait_while(&mut waiting, |waiting| waiting.items.is_empty() && waiting.end.is_none());
        match &waiting.end {
            Some(Error::Closed) if waiting.items.is_empty() => return Taken::Closed,
            Some(Error::Closed) | None => {}
            Some(failure) => return Taken::Failed(failure.clone(), waiting.items.drain(..).collect()),
        }
        let (mut bytes, mut count, mut synced) = (0, 0, false);
        for Item { write, .. } in &waiting.items {
            if bytes_max <= bytes || (synced && write.durability == Durability::Queued) {
                break;
            }
            bytes += write.bytes();
            count += 1;
            synced |= write.durability == Durability::Synced;
        }
        Taken::Batch(waiting.items.drain(..count).collect())
    }

    /// Takes nothing more; what waits is still written.
    pub(super) fn close(&self) {
        self.waiting.lock().end.get_or_insert(Error::Closed);
        self.filled.notify_one();
    }

    /// Takes nothing more, and what waits fails with `error`. Says whether this was the first failure.
    pub(super) fn fail(&self, error: Error) -> bool {
        let mut waiting = self.waiting.lock();
        if !matches!(waiting.end, None | Some(Error::Closed)) {
            return false;
        }
        waiting.end = Some(error);
        drop(waiting);
        self.filled.notify_one();
        true
    }

    /// Tells everyone who waits of the failure, in place of a writer that cannot any more.
    pub(super) fn refuse_all(&self) {
        if let Taken::Failed(error, items) = self.take(0) {
            refuse(items, &error);
        }
    }
}

/// Tells these of a failure, in order.
pub(super) fn refuse(items: Vec<Item>, error: &Error) {
    for item in items {
        (item.done)(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GroupId;

    #[test]
    fn what_waits_for_a_sync_waits_for_nothing_else() {
        // What is submitted, with a sync or queued, and the batches in which it is written.
        let rows = [
            ("", ""),
            ("s", "s"),
            ("ss", "ss"),
            ("q", "q"),
            ("qqs", "qqs"),
            ("sq", "s q"),
            ("sqs", "s qs"),
            ("qssqqsq", "qss qqs q"),
        ];
        for (submitted, expected) in rows {
            let (queue, counters) = (Queue::new(), Counters::default());
            for letter in submitted.chars() {
                let durability = if letter == 's' { Durability::Synced } else { Durability::Queued };
                let write = Write { group: GroupId(1), changes: Vec::new(), durability };
                assert!(queue.push(Item { write, done: Box::new(|_said| {}) }, &counters).is_ok());
            }
            queue.close();
            let mut batches = Vec::new();
            while let Taken::Batch(items) = queue.take(usize::MAX) {
                let letter =
                    |item: &Item| if item.write.durability == Durability::Synced { 's' } else { 'q' };
                batches.push(items.iter().map(letter).collect::<String>());
            }
            assert_eq!(batches.join(" "), expected, "of {submitted:?}");
        }
    }
}
