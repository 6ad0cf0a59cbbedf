//! Waiting for the store, which answers by calling back.

use storage::{Error, Store, Write};
use tokio::sync::oneshot;

/// Submits a write, and resolves once it is confirmed: durable if it is a synced one, readable otherwise.
///
/// # Errors
///
/// Why the store did not, or that it was closed meanwhile.
pub async fn written(store: &dyn Store, write: Write) -> Result<(), Error> {
    let (told, done) = oneshot::channel();
    // The receiver lives in this very future; where that is dropped, nobody asks any more.
    store.submit(write, Box::new(move |result| drop(told.send(result))));
    done.await.unwrap_or(Err(Error::Closed))
}
