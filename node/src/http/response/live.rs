//! What everyone may know of a slot that somebody watches: written once for all who do, as an event of their streams. Only how it is now
//! is kept, so nothing queues for whoever reads slowly.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::live::LiveSlot;
use api::slot::Status;
use booking::SlotId;
use bytes::Bytes;
use parking_lot::Mutex;

use super::events;
use crate::permits::Permit;
use crate::router::bells::{Bell, Bells};

/// The slots that somebody watches.
#[derive(Default)]
pub(crate) struct LiveSlots(Mutex<Known>);

#[derive(Default)]
struct Known {
    slots: BTreeMap<SlotId, Arc<WatchedSlot>>,
    /// Nobody is told anything any more.
    ended: bool,
}

/// A slot that somebody watches, and how it was seen last.
pub(crate) struct WatchedSlot {
    pub(crate) slot: SlotId,
    pub(crate) bells: Arc<Bells>,
    latest: Mutex<Option<(LiveSlot, Frame)>>,
}

/// Somebody who watches a slot.
pub(crate) struct Watcher {
    pub(crate) watched: Arc<WatchedSlot>,
    pub(crate) bell: Bell,
}

/// How a slot is, as an event.
#[derive(Clone)]
pub(crate) struct Frame {
    /// Counts what was otherwise than before.
    pub(crate) number: u64,
    pub(crate) event: Bytes,
    /// Nothing more will become of the slot.
    pub(crate) is_last: bool,
}

impl LiveSlots {
    /// Somebody watches a slot, which is followed from now on if nobody did before; none where nobody is told anything any more.
    pub(crate) fn watch(
        &self,
        slot: SlotId,
        permit: Permit,
        follow: impl FnOnce(Arc<WatchedSlot>),
    ) -> Option<Watcher> {
        let mut known = self.0.lock();
        if known.ended {
            return None;
        }
        let (watched, is_new) = match known.slots.get(&slot) {
            Some(watched) => (Arc::clone(watched), false),
            None => (Arc::new(WatchedSlot::new(slot)), true),
        };
        let bell = watched.bells.add(permit)?;
        if is_new {
            known.slots.insert(slot, Arc::clone(&watched));
            follow(Arc::clone(&watched));
        }
        Some(Watcher { watched, bell })
    }

    /// Forgets a slot that nobody watches any more, and says whether it did.
    pub(crate) fn forget_unwatched(&self, watched: &WatchedSlot) -> bool {
        let mut known = self.0.lock();
        // Under the lock, under which somebody begins to watch.
        let is_unwatched = !watched.bells.is_watched();
        if is_unwatched {
            known.slots.remove(&watched.slot);
        }
        is_unwatched
    }

    /// Forgets a slot that cannot be seen any more, whoever watches it.
    pub(crate) fn forget(&self, watched: &WatchedSlot) {
        let mut known = self.0.lock();
        known.slots.remove(&watched.slot);
        watched.bells.end();
    }

    /// Nobody is told anything any more.
    pub(crate) fn end(&self) {
        let mut known = self.0.lock();
        known.ended = true;
        for watched in std::mem::take(&mut known.slots).values() {
            watched.bells.end();
        }
    }
}

impl WatchedSlot {
    fn new(slot: SlotId) -> Self {
        Self { slot, bells: Arc::default(), latest: Mutex::default() }
    }

    /// How it was seen last.
    pub(crate) fn latest(&self) -> Option<Frame> {
        self.latest.lock().as_ref().map(|(_, frame)| frame.clone())
    }

    /// It was seen like this. Written anew each time, since time is told with it; but it is another only where more is.
    pub(crate) fn see(&self, seen: LiveSlot) -> Frame {
        let mut latest = self.latest.lock();
        let number = match &*latest {
            // Whoever looked before has been slower.
            Some((known, frame)) if seen.seq < known.seq => return frame.clone(),
            Some((known, frame)) if is_alike(known, &seen) => frame.number,
            Some((_, frame)) => frame.number + 1,
            None => 0,
        };
        let frame = Frame {
            number,
            event: event(&seen),
            is_last: matches!(seen.status, Status::Cancelled | Status::Finished),
        };
        *latest = Some((seen, frame.clone()));
        frame
    }
}

/// Whether two are alike but for the moments at which they were seen.
fn is_alike(one: &LiveSlot, other: &LiveSlot) -> bool {
    let untimed = |live: &LiveSlot| (live.seq, live.status, live.bookable);
    untimed(one) == untimed(other) && one.counts == other.counts
}

fn event(seen: &LiveSlot) -> Bytes {
    let data = serde_json::to_string(seen).expect("an answer is JSON");
    events::event(seen.seq, &data).into()
}
