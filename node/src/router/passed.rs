//! Who answers what other nodes pass on, and how many streams of theirs may be followed.

use futures::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;

use super::wire::{Passed, PassedAnswer, Unrouted};

/// How many streams of other nodes a node follows at once: each has a question waiting there, beside all who book.
pub(super) const UPSTREAMS_MAX: usize = 512;

/// The right to follow one stream of another node.
pub(crate) type Upstream = OwnedSemaphorePermit;

/// Answers what other nodes pass on.
pub(crate) trait PassedService: Send + Sync {
    /// Answers a request.
    fn answer(&self, request: Passed) -> BoxFuture<'static, Result<PassedAnswer, Unrouted>>;

    /// Waits for what comes next of a stream that was begun here; none where it is over.
    fn more(&self, stream: u64) -> BoxFuture<'static, Option<Vec<u8>>>;
}
