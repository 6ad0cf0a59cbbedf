//! From many asks to one entry: the queue of proposed commands, and the proposer that empties it.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::rounds::Rounds;

/// The most commands that one entry carries.
const ENTRY_COMMANDS_MAX: usize = 4_096;
/// An entry takes no further command once its commands have this many bytes.
const ENTRY_BYTES_MAX: usize = 1 << 20;

/// Where a group's commands wait to be proposed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Proposals {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Vec<Bytes>>,
    filled: Notify,
}

impl Proposals {
    /// Proposes `command`. What becomes of it is told by [`Machine::apply`](crate::Machine::apply) or
    /// [`Machine::lost`](crate::Machine::lost). The bound on how many wait is the caller's: a permit in each.
    pub fn propose(&self, command: Bytes) {
        let mut waiting = self.queue.waiting.lock();
        waiting.push(command);
        if waiting.len() == 1 {
            drop(waiting);
            self.queue.filled.notify_one();
        }
    }

    /// Waits until something is proposed and the next round begins, and takes it: at most what one entry carries, in order.
    pub(crate) async fn take(&self, rounds: &Rounds) -> Vec<Bytes> {
        loop {
            if self.queue.waiting.lock().is_empty() {
                self.queue.filled.notified().await;
            }
            rounds.next().await;
            let taken = self.take_now();
            if !taken.is_empty() {
                return taken;
            }
        }
    }

    fn take_now(&self) -> Vec<Bytes> {
        let mut waiting = self.queue.waiting.lock();
        let mut bytes = 0;
        let fits = |command: &&Bytes| {
            let room = bytes < ENTRY_BYTES_MAX;
            bytes += command.len();
            room
        };
        let count = waiting.iter().take(ENTRY_COMMANDS_MAX).take_while(fits).count();
        if count == waiting.len() {
            return std::mem::take(&mut waiting);
        }
        let rest = waiting.split_off(count);
        std::mem::replace(&mut waiting, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds() -> Arc<Rounds> {
        let rounds = Arc::<Rounds>::default();
        let started = Arc::clone(&rounds);
        tokio::runtime::Handle::current().spawn(async move { started.start_all().await });
        rounds
    }

    #[tokio::test]
    async fn what_waits_is_taken_in_order_and_within_the_limits() {
        let (proposals, rounds) = (Proposals::default(), rounds());
        for number in 0..ENTRY_COMMANDS_MAX + 10 {
            proposals.propose(Bytes::from(number.to_string()));
        }
        let first = proposals.take(&rounds).await;
        assert_eq!(first.len(), ENTRY_COMMANDS_MAX);
        assert_eq!(first.first(), Some(&Bytes::from("0")));
        assert_eq!(proposals.take(&rounds).await.len(), 10);

        let large = Bytes::from(vec![0; ENTRY_BYTES_MAX / 2]);
        for _ in 0..5 {
            proposals.propose(large.clone());
        }
        assert_eq!(proposals.take(&rounds).await.len(), 2);
        assert_eq!(proposals.take(&rounds).await.len(), 2);
        assert_eq!(proposals.take(&rounds).await.len(), 1);
    }

    #[tokio::test]
    async fn nothing_is_taken_before_the_round_is_over() {
        let (proposals, rounds) = (Proposals::default(), rounds());
        proposals.propose(Bytes::from_static(b"one"));
        let part = rounds.join();
        let taken = async {
            let taken = proposals.take(&rounds).await;
            assert_eq!(taken, ["one", "two"], "what came meanwhile is in the same entry");
        };
        let others = async {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            proposals.propose(Bytes::from_static(b"two"));
            drop(part);
        };
        tokio::join!(taken, others);
    }

    #[tokio::test]
    async fn a_proposal_wakes_who_waits() {
        let proposals = Proposals::default();
        let taker = tokio::runtime::Handle::current().spawn({
            let proposals = proposals.clone();
            async move { proposals.take(&rounds()).await }
        });
        tokio::task::yield_now().await;
        proposals.propose(Bytes::from_static(b"one"));
        assert_eq!(taker.await.expect("the taker lives"), [Bytes::from_static(b"one")]);
    }
}
