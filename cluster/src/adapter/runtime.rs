//! tokio as openraft runs on it, with nothing left to chance: election timeouts follow from a seed, and whoever waits for the
//! same value is woken in the order in which they came. tokio's own watch wakes them in an order that it throws dice for, and
//! only what is compiled with `tokio_unstable` may say what falls. That flag makes every channel and task of tokio larger,
//! an actor by 1.3 kB, so it is not set.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use openraft::rt::deterministic_rng::DeterministicRng;
use openraft::rt::watch::{self, RecvError, SendError, WatchReceiver, WatchSender};
use openraft::rt::{AsyncRuntime, OptionalSend, OptionalSync};
use openraft_rt_tokio::TokioRuntime;
use tokio::sync::Notify;
use tokio::sync::watch as tokio_watch;
use tokio::task::coop::unconstrained;

/// Whoever starts a group brings the seed in by `Runtime::scope`.
pub(crate) type Runtime = DeterministicRng<Ordered>;

/// tokio, but for its watch.
#[derive(Debug)]
pub(crate) struct Ordered(TokioRuntime);

impl AsyncRuntime for Ordered {
    type JoinError = <TokioRuntime as AsyncRuntime>::JoinError;
    type JoinHandle<T: OptionalSend + 'static> = <TokioRuntime as AsyncRuntime>::JoinHandle<T>;
    type Sleep = <TokioRuntime as AsyncRuntime>::Sleep;
    type Instant = <TokioRuntime as AsyncRuntime>::Instant;
    type TimeoutError = <TokioRuntime as AsyncRuntime>::TimeoutError;
    type Timeout<R, F: Future<Output = R> + OptionalSend> = <TokioRuntime as AsyncRuntime>::Timeout<R, F>;
    type ThreadLocalRng = <TokioRuntime as AsyncRuntime>::ThreadLocalRng;
    type Mpsc = <TokioRuntime as AsyncRuntime>::Mpsc;
    type Watch = Watch;
    type Oneshot = <TokioRuntime as AsyncRuntime>::Oneshot;
    type Mutex<T: OptionalSend + 'static> = <TokioRuntime as AsyncRuntime>::Mutex<T>;

    fn spawn<F>(future: F) -> Self::JoinHandle<F::Output>
    where
        F: Future + OptionalSend + 'static,
        F::Output: OptionalSend + 'static,
    {
        TokioRuntime::spawn(future)
    }

    fn sleep(duration: Duration) -> Self::Sleep {
        TokioRuntime::sleep(duration)
    }

    fn sleep_until(deadline: Self::Instant) -> Self::Sleep {
        TokioRuntime::sleep_until(deadline)
    }

    fn timeout<R, F>(duration: Duration, future: F) -> Self::Timeout<R, F>
    where
        F: Future<Output = R> + OptionalSend,
    {
        TokioRuntime::timeout(duration, future)
    }

    fn timeout_at<R, F>(deadline: Self::Instant, future: F) -> Self::Timeout<R, F>
    where
        F: Future<Output = R> + OptionalSend,
    {
        TokioRuntime::timeout_at(deadline, future)
    }

    fn is_panic(error: &Self::JoinError) -> bool {
        TokioRuntime::is_panic(error)
    }

    fn thread_rng() -> Self::ThreadLocalRng {
        TokioRuntime::thread_rng()
    }

    fn new(threads: usize) -> Self {
        Self(TokioRuntime::new(threads))
    }

    fn block_on<F, T>(&mut self, future: F) -> T
    where
        F: Future<Output = T>,
    {
        self.0.block_on(future)
    }
}

/// A value that can be waited for. It lies in tokio's watch; who waits, waits at a bell.
pub(crate) struct Watch;

/// Rings when a value was sent, and when a sender is gone.
struct Bell(Arc<Notify>);

impl Bell {
    fn ring(&self) {
        self.0.notify_waiters();
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.ring();
    }
}

/// Sends values. The fields are dropped in this order: whoever hears the bell finds that the sender is gone.
pub(crate) struct Sender<T> {
    value: tokio_watch::Sender<T>,
    bell: Bell,
}

/// Waits for values.
pub(crate) struct Receiver<T> {
    value: tokio_watch::Receiver<T>,
    rung: Arc<Notify>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), bell: Bell(Arc::clone(&self.bell.0)) }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), rung: Arc::clone(&self.rung) }
    }
}

impl watch::Watch for Watch {
    type Sender<T: OptionalSend + OptionalSync> = Sender<T>;
    type Receiver<T: OptionalSend + OptionalSync> = Receiver<T>;
    type Ref<'a, T: OptionalSend + 'a> = tokio_watch::Ref<'a, T>;

    fn channel<T: OptionalSend + OptionalSync>(init: T) -> (Sender<T>, Receiver<T>) {
        let (sender, receiver) = tokio_watch::channel(init);
        let rung = Arc::<Notify>::default();
        (Sender { value: sender, bell: Bell(Arc::clone(&rung)) }, Receiver { value: receiver, rung })
    }
}

impl<T: OptionalSend + OptionalSync> WatchSender<Watch, T> for Sender<T> {
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.value.send(value).map_err(|unsent| SendError(unsent.0))?;
        self.bell.ring();
        Ok(())
    }

    fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let modified = self.value.send_if_modified(modify);
        if modified {
            self.bell.ring();
        }
        modified
    }

    fn borrow_watched(&self) -> tokio_watch::Ref<'_, T> {
        self.value.borrow()
    }

    fn subscribe(&self) -> Receiver<T> {
        Receiver { value: self.value.subscribe(), rung: Arc::clone(&self.bell.0) }
    }
}

impl<T: OptionalSend + OptionalSync> WatchReceiver<Watch, T> for Receiver<T> {
    async fn changed(&mut self) -> Result<(), RecvError> {
        loop {
            // Before the look, so that no bell in between is missed.
            let rung = self.rung.notified();
            // Out of its budget tokio would say that nothing has changed.
            if let Some(changed) = unconstrained(self.value.changed()).now_or_never() {
                return changed.map_err(|_gone| RecvError(()));
            }
            rung.await;
        }
    }

    fn borrow_watched(&self) -> tokio_watch::Ref<'_, T> {
        self.value.borrow()
    }

    fn borrow_and_update(&mut self) -> tokio_watch::Ref<'_, T> {
        self.value.borrow_and_update()
    }
}

#[cfg(test)]
mod tests {
    use openraft::rt::testing::Suite;
    use openraft::rt::watch::Watch as _;

    use super::*;

    #[test]
    fn it_is_a_runtime_as_openraft_wants_it() {
        Suite::<Ordered>::test_all();
    }

    #[tokio::test]
    async fn who_waits_is_woken_in_order() {
        const WAITING: usize = 50;
        let (sender, receiver) = Watch::channel(0);
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        for place in 0..WAITING {
            let (mut receiver, told) = (receiver.clone(), told.clone());
            Ordered::spawn(async move {
                receiver.changed().await.unwrap();
                told.send(place).unwrap();
            });
        }
        tokio::task::yield_now().await;
        sender.send(1).unwrap();
        for place in 0..WAITING {
            assert_eq!(heard.recv().await, Some(place));
        }
    }

    #[tokio::test]
    async fn the_last_value_is_seen_and_then_that_the_sender_is_gone() {
        let (sender, mut receiver) = Watch::channel(0);
        let other = sender.clone();
        sender.send(1).unwrap();
        drop(sender);
        receiver.changed().await.unwrap();
        assert_eq!(*receiver.borrow_watched(), 1);
        let waiting = Ordered::spawn(async move { receiver.changed().await });
        tokio::task::yield_now().await;
        drop(other);
        assert!(waiting.await.unwrap().is_err());
    }
}
