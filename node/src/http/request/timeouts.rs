//! How long things on a connection may take, by one timer for each connection. Waits there follow one another: for the next
//! request's headers, then for its body, then for the answer. So one entry in the runtime's wheel serves them all, and is only
//! moved to an earlier moment: where the entry rings too early for the wait of then, it is set again. A timer for each wait would
//! cost a booking more than its rules.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Sleep as HyperSleep, Timer};
use parking_lot::Mutex;
use tokio::time::{Instant, Sleep};

/// How long a client may take to send its headers.
pub(crate) const HEADER_TIME: Duration = Duration::from_secs(10);
/// Longer than anything on a connection may take.
const NEVER: Duration = Duration::from_hours(24);

/// The timer of one connection. Clones share it.
#[derive(Clone)]
pub(crate) struct ConnectionTimer {
    sleep: Arc<Mutex<Pin<Box<Sleep>>>>,
}

/// How long something on a connection may take.
pub(crate) struct Limit {
    timer: ConnectionTimer,
    at_most: Duration,
}

impl Limit {
    pub(crate) fn new(timer: &ConnectionTimer, at_most: Duration) -> Self {
        Self { timer: timer.clone(), at_most }
    }

    /// What `future` gives, unless that takes longer.
    pub(crate) fn within<T>(&self, future: impl Future<Output = T>) -> impl Future<Output = Result<T, Late>> {
        self.timer.within(self.at_most, future)
    }
}

/// Something took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late;

impl ConnectionTimer {
    pub(crate) fn new() -> Self {
        // Later than any wait: the first one sets it.
        Self { sleep: Arc::new(Mutex::new(Box::pin(tokio::time::sleep(NEVER)))) }
    }

    /// What `future` gives, unless that takes longer than `at_most`.
    pub(crate) async fn within<T>(
        &self,
        at_most: Duration,
        future: impl Future<Output = T>,
    ) -> Result<T, Late> {
        let mut future = std::pin::pin!(future);
        let mut wait = None;
        std::future::poll_fn(|cx| {
            if let Poll::Ready(done) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            // What is there at once asks for no time at all.
            let wait = wait.get_or_insert_with(|| self.until(Instant::now() + at_most));
            wait.poll_passed(cx).map(|()| Err(Late))
        })
        .await
    }

    fn until(&self, deadline: Instant) -> Wait {
        Wait { timer: self.clone(), deadline }
    }
}

/// One wait for a deadline.
struct Wait {
    timer: ConnectionTimer,
    deadline: Instant,
}

impl Wait {
    fn poll_passed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut sleep = self.timer.sleep.lock();
        loop {
            let rang = sleep.is_elapsed();
            if rang && self.deadline <= sleep.deadline() {
                return Poll::Ready(());
            }
            if rang || self.deadline < sleep.deadline() {
                sleep.as_mut().reset(self.deadline);
            }
            ready!(sleep.as_mut().poll(cx));
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_passed(cx)
    }
}

impl HyperSleep for Wait {}

/// For hyper, which waits for headers.
impl Timer for ConnectionTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn HyperSleep>> {
        Box::pin(self.until(Instant::now() + duration))
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn HyperSleep>> {
        Box::pin(self.until(Instant::from_std(deadline)))
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into_std()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_waits_after_another_has_a_deadline_of_their_own() {
        let timer = ConnectionTimer::new();
        // A later deadline, an earlier one, one that is kept, a later one again, and one that is far earlier than what is kept.
        let rows =
            [(10, 20, false), (1, 5, false), (7, 6, true), (30, 60, false), (30, 5, true), (1, 5, false)];
        for (at_most, takes, in_time) in rows {
            let began = Instant::now();
            let done = timer.within(at_most * SECOND, tokio::time::sleep(takes * SECOND)).await;
            assert_eq!(done.is_ok(), in_time, "{at_most} s for what takes {takes}");
            let took = began.elapsed();
            let want = at_most.min(takes) * SECOND;
            assert!(want <= took && took < want + SECOND, "{took:?} for {want:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_has_passed_before_is_not_this_ones() {
        let timer = ConnectionTimer::new();
        timer.sleep(SECOND).await;
        assert_eq!(timer.within(SECOND, std::future::ready(7)).await, Ok(7));
        let began = Instant::now();
        assert_eq!(timer.within(SECOND, std::future::pending::<()>()).await, Err(Late));
        assert!(SECOND <= began.elapsed());
    }
}
