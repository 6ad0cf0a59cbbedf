//! Work that would keep a worker from everyone else.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Reads much while others are served: a slot of a million bookings takes a second. A simulation has one thread, and everything
/// happens on it.
pub(crate) fn apart<T>(read: impl FnOnce() -> T) -> T {
    let has_other_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if has_other_threads { block_in_place(read) } else { read() }
}
