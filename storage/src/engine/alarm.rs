//! The end of a store whose disk failed. A second attempt could be told that all is well when it is not:
//! after a failed fsync the kernel may have thrown the pages away and marked them clean. So there is none.

use std::sync::Arc;
use std::thread;

use super::options::OnFailure;
use super::queue::Queue;
use crate::Error;

/// Rung by the first thread that meets a failure.
pub(super) struct Alarm {
    queue: Arc<Queue>,
    on_failure: OnFailure,
}

impl Alarm {
    /// Ends `queue` and tells the owner of the store when it rings.
    pub(super) fn new(queue: Arc<Queue>, on_failure: OnFailure) -> Alarm {
        Alarm { queue, on_failure }
    }

    /// Ends the store. Only the first failure counts; the owner hears of it before anyone who waits.
    pub(super) fn ring(&self, error: &Error) {
        if self.queue.fail(error.clone()) {
            (self.on_failure)(error);
        }
    }

    /// Rings if the current thread ends by a panic: a queue that nobody empties would hang everyone in
    /// silence.
    pub(super) fn watch(&self) -> Watch<'_> {
        Watch { alarm: self }
    }
}

/// See [`Alarm::watch`].
pub(super) struct Watch<'alarm> {
    alarm: &'alarm Alarm,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let cause = std::io::Error::other("a thread of the store panicked");
            self.alarm.ring(&Error::disk("go on", cause));
            self.alarm.queue.refuse_all();
        }
    }
}
