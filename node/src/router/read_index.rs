//! Whether this node has everything that was committed before, in every group: for reads over all of them. However many readers
//! there are, the groups are asked in rounds, one at a time and not too often; a reader who came before a round began shares its
//! answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::wire::Unrouted;

/// After a round there is a rest, so many times as long as the round: readers take a fifth of the groups' time at most.
const REST: u32 = 4;
/// And a rest lasts no longer than this.
const REST_MAX: Duration = Duration::from_millis(20);

/// The rounds.
#[derive(Default)]
pub(crate) struct ReadIndexRounds {
    /// How many have begun.
    begun: AtomicU64,
    last: Mutex<Option<Round>>,
}

/// The last round that has ended.
struct Round {
    number: u64,
    rest_until: Instant,
    answer: Result<(), Unrouted>,
}

impl ReadIndexRounds {
    /// The answer of a round that begins after this call; `ask` asks all groups, if nobody else has done so by then.
    pub(crate) async fn round<Asked>(&self, ask: impl FnOnce() -> Asked) -> Result<(), Unrouted>
    where
        Asked: Future<Output = Result<(), Unrouted>>,
    {
        let before = self.begun.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        if let Some(round) = last.as_ref() {
            if before < round.number {
                return round.answer;
            }
            sleep_until(round.rest_until).await;
        }
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let began = Instant::now();
        let answer = ask().await;
        let rest = (REST * began.elapsed()).min(REST_MAX);
        *last = Some(Round { number, rest_until: Instant::now() + rest, answer });
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_before_a_round_begins_has_its_answer_and_nobody_has_an_earlier_one() {
        let (shared, rounds) = (&ReadIndexRounds::default(), &Cell::new(0));
        // Says which round answered whoever came then, and whether that went well.
        let come = |after_ms| async move {
            sleep(Duration::from_millis(after_ms)).await;
            let ask = || async move {
                rounds.set(rounds.get() + 1);
                let answer = if rounds.get() == 2 { Err(Unrouted::NoLeader) } else { Ok(()) };
                sleep(Duration::from_millis(30)).await;
                answer
            };
            (shared.round(ask).await, rounds.get())
        };
        // The first begins one at once. Those who come while it lasts, and in the rest behind it, share the second, with its
        // failure; those who come behind its beginning share the third.
        let answers = join_all([0, 1, 2, 29, 49, 51, 79].map(come)).await;
        let failed = (Err(Unrouted::NoLeader), 2);
        assert_eq!(answers, [(Ok(()), 1), failed, failed, failed, failed, (Ok(()), 3), (Ok(()), 3)]);
        let began = Instant::now();
        assert_eq!(come(0).await, (Ok(()), 4));
        assert!(began.elapsed() < 2 * REST_MAX + Duration::from_millis(30));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_goes_away_in_the_middle_of_a_round_keeps_nobody_waiting() {
        let shared = ReadIndexRounds::default();
        let never = shared.round(std::future::pending);
        assert!(tokio::time::timeout(REST_MAX, never).await.is_err());
        assert_eq!(shared.round(|| std::future::ready(Ok(()))).await, Ok(()));
    }
}
