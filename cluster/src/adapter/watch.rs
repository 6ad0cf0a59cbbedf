//! A value that openraft's tasks wait for. Tasks that wait for the same value are woken in the order in which they came: tokio's own
//! watch wakes them in an order that it throws dice for, and only what is compiled with `tokio_unstable` may say what falls. It
//! also keeps eight lists of who waits, of which every value sent visits each; the core sends a dozen values an entry, for most of
//! which nobody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openraft::rt::watch::{self, RecvError, SendError, WatchReceiver, WatchSender};
use openraft::rt::{OptionalSend, OptionalSync};
use parking_lot::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
use tokio::sync::Notify;

/// The kind of watch.
pub(crate) struct Watch;

/// What senders and receivers share.
struct Shared<T> {
    latest: RwLock<Latest<T>>,
    /// Rings when a value was sent, and when the last sender is gone.
    bell: Notify,
    senders: AtomicUsize,
    receivers: AtomicUsize,
}

struct Latest<T> {
    value: T,
    /// How many values were sent before this one.
    version: u64,
}

impl<T> Shared<T> {
    fn borrow(&self) -> MappedRwLockReadGuard<'_, T> {
        RwLockReadGuard::map(self.latest.read(), |latest| &latest.value)
    }
}

/// Sends values.
pub(crate) struct Sender<T>(Arc<Shared<T>>);

/// Waits for values.
pub(crate) struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// The version that was seen last.
    seen: u64,
}

impl<T> Receiver<T> {
    fn new(shared: &Arc<Shared<T>>, seen: u64) -> Self {
        shared.receivers.fetch_add(1, Ordering::Relaxed);
        Self { shared: Arc::clone(shared), seen }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.senders.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.0.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.bell.notify_waiters();
        }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self::new(&self.shared, self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.receivers.fetch_sub(1, Ordering::Relaxed);
    }
}

impl watch::Watch for Watch {
    type Sender<T: OptionalSend + OptionalSync> = Sender<T>;
    type Receiver<T: OptionalSend + OptionalSync> = Receiver<T>;
    type Ref<'a, T: OptionalSend + 'a> = MappedRwLockReadGuard<'a, T>;

    fn channel<T: OptionalSend + OptionalSync>(init: T) -> (Sender<T>, Receiver<T>) {
        let shared = Arc::new(Shared {
            latest: RwLock::new(Latest { value: init, version: 0 }),
            bell: Notify::new(),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(0),
        });
        let receiver = Receiver::new(&shared, 0);
        (Sender(shared), receiver)
    }
}

impl<T: OptionalSend + OptionalSync> WatchSender<Watch, T> for Sender<T> {
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.0.receivers.load(Ordering::Relaxed) == 0 {
            return Err(SendError(value));
        }
        self.send_if_modified(|latest| {
            *latest = value;
            true
        });
        Ok(())
    }

    fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let mut latest = self.0.latest.write();
        let modified = modify(&mut latest.value);
        latest.version += u64::from(modified);
        drop(latest);
        if modified {
            self.0.bell.notify_waiters();
        }
        modified
    }

    fn borrow_watched(&self) -> MappedRwLockReadGuard<'_, T> {
        self.0.borrow()
    }

    fn subscribe(&self) -> Receiver<T> {
        let seen = self.0.latest.read().version;
        Receiver::new(&self.0, seen)
    }
}

impl<T: OptionalSend + OptionalSync> WatchReceiver<Watch, T> for Receiver<T> {
    async fn changed(&mut self) -> Result<(), RecvError> {
        loop {
            // Before the look, so that no bell in between is missed.
            let rung = self.shared.bell.notified();
            // Before the look too: what the last sender sent is seen, and only then that it is gone.
            let gone = self.shared.senders.load(Ordering::Acquire) == 0;
            let version = self.shared.latest.read().version;
            if version != self.seen {
                self.seen = version;
                return Ok(());
            }
            if gone {
                return Err(RecvError(()));
            }
            rung.await;
        }
    }

    fn borrow_watched(&self) -> MappedRwLockReadGuard<'_, T> {
        self.shared.borrow()
    }

    fn borrow_and_update(&mut self) -> MappedRwLockReadGuard<'_, T> {
        let latest = self.shared.latest.read();
        self.seen = latest.version;
        RwLockReadGuard::map(latest, |latest| &latest.value)
    }
}

#[cfg(test)]
mod tests {
    use openraft::rt::watch::Watch as _;

    use super::*;

    #[tokio::test]
    async fn who_waits_is_woken_in_order() {
        const WAITING: usize = 50;
        let (sender, receiver) = Watch::channel(0);
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        for place in 0..WAITING {
            let (mut receiver, told) = (receiver.clone(), told.clone());
            tokio::runtime::Handle::current().spawn(async move {
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
        let waiting = tokio::runtime::Handle::current().spawn(async move { receiver.changed().await });
        tokio::task::yield_now().await;
        drop(other);
        assert!(waiting.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn nothing_is_sent_to_nobody() {
        let (sender, receiver) = Watch::channel(0);
        let other = receiver.clone();
        drop(receiver);
        sender.send(1).unwrap();
        drop(other);
        assert_eq!(sender.send(2).unwrap_err().0, 2);
        let mut late = sender.subscribe();
        assert_eq!(*late.borrow_watched(), 1);
        sender.send(3).unwrap();
        late.changed().await.unwrap();
        assert_eq!(*late.borrow_and_update(), 3);
    }
}
