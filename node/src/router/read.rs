//! Reads of an entity through its actor, behind what this node has applied: one, or one after the other.

use std::sync::atomic::Ordering;

use storage::Index;
use tokio::sync::futures::Notified;

use super::wire::Unrouted;
use crate::actors::feed::Feed;
use crate::actors::message::ReadView;
use crate::actors::published::Pin;
use crate::permits::Permit;
use crate::saved::archive::Wanted;

/// A handle on an entity, whose actor is kept awake meanwhile.
pub(crate) struct EntityHandle {
    pub(super) pin: Pin,
}

impl EntityHandle {
    /// Reads the entity behind what this node has applied, with what is wanted of the past.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        wanted: Wanted,
        read: impl FnOnce(ReadView<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        self.pin.read(wanted, read).await.ok_or(Unrouted::NoLeader)
    }

    /// How often the entity was tried again after its rules broke.
    pub(super) fn tried(&self) -> u32 {
        self.pin.published.tried.load(Ordering::Acquire)
    }

    /// Done once something is applied after this call.
    pub(crate) fn changed(&self) -> std::pin::Pin<Box<Notified<'_>>> {
        let mut changed = Box::pin(self.pin.published.changed.notified());
        changed.as_mut().enable();
        changed
    }
}

/// A read of a slot behind everything that was committed before the read began; more than one look if need be.
pub(crate) struct LinearizableRead {
    /// None where there never was such a slot.
    pub(super) handle: Option<EntityHandle>,
    pub(super) _permit: Permit,
}

impl LinearizableRead {
    /// Reads the slot, with what is wanted of the past.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        wanted: Wanted,
        read: impl FnOnce(ReadView<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        let Some(handle) = &self.handle else {
            let nothing = Feed::default();
            return Ok(read(ReadView { entity: None, feed: &nothing, index: Index(0), broke: None }));
        };
        // The slot's rules may have broken before the message's turn came.
        let read = move |view: ReadView<'_>| {
            if view.broke.is_some() { Err(Unrouted::Faulted) } else { Ok(read(view)) }
        };
        handle.read(wanted, read).await?
    }
}
