//! Those who look at a slot through its actor, behind what this node has applied: once, or again and again.

use std::pin::Pin;
use std::sync::atomic::Ordering;

use storage::Index;
use tokio::sync::futures::Notified;
use tokio::sync::oneshot;

use super::Unrouted;
use crate::actors::feed::Feed;
use crate::actors::registry::Visit;
use crate::actors::slot::{Message, Sight};
use crate::permits::Permit;
use crate::saved::archive::Wanted;

/// Someone's stay with a slot, to look at it more than once.
pub(crate) struct Stay {
    pub(super) visit: Visit,
}

impl Stay {
    /// Looks at the slot behind what this node has applied, with what is wanted of the past.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        wanted: Wanted,
        look: impl FnOnce(Sight<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        let (told, seen) = oneshot::channel();
        // A reader that has gone is told nothing.
        let read = Message::Read(wanted, Box::new(move |sight| drop(told.send(look(sight)))));
        self.visit.actor.cast(read).map_err(|_gone| Unrouted::NoLeader)?;
        seen.await.map_err(|_gone| Unrouted::NoLeader)
    }

    /// How often the slot was tried again after its rules broke.
    pub(super) fn tried(&self) -> u32 {
        self.visit.window.tried.load(Ordering::Acquire)
    }

    /// Done once something is applied after this call.
    pub(crate) fn changed(&self) -> Pin<Box<Notified<'_>>> {
        let mut changed = Box::pin(self.visit.window.changed.notified());
        changed.as_mut().enable();
        changed
    }
}

/// Someone who reads a slot, behind everything that was committed before they began; more than once if need be.
pub(crate) struct Reading {
    /// None where there never was such a slot.
    pub(super) stay: Option<Stay>,
    pub(super) _permit: Permit,
}

impl Reading {
    /// Looks at the slot, with what is wanted of the past.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        wanted: Wanted,
        look: impl FnOnce(Sight<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        let Some(stay) = &self.stay else {
            let nothing = Feed::default();
            return Ok(look(Sight { slot: None, feed: &nothing, index: Index(0), broke: None }));
        };
        // Its rules may have broken before the look's turn came.
        let look = move |sight: Sight<'_>| {
            if sight.broke.is_some() { Err(Unrouted::Faulted) } else { Ok(look(sight)) }
        };
        stay.look(wanted, look).await?
    }
}
