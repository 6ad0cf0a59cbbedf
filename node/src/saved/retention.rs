//! What nobody may read any more leaves the disk: the records of a feed, 90 days after their slot has ended.
//!
//! Each node does so for itself, by the stamps of committed entries, one feed a second within a checkpoint: so it holds nobody
//! up, and never meets a snapshot that is being installed. Whoever asks for what is gone is told so, whether it has left already or not.

use booking::{Definition, SlotId, Timestamp};
use cluster::State;
use storage::Change;

use super::head;
use super::pages::{behind_feed, feed_keys, next_feed};
use super::unreadable::Unreadable;

/// How long the records of a feed are kept after the end of their slot, in seconds.
const FEED_KEPT_SECONDS: u32 = 90 * 24 * 60 * 60;
/// Pages of a feed, or parts of one, that leave at once.
const PAGES_AT_ONCE: usize = 64;

/// From when on the feed of a slot is gone.
pub(crate) fn feed_kept_until(definition: &Definition) -> Timestamp {
    definition.ends_at.plus_seconds(FEED_KEPT_SECONDS)
}

/// A walk over all feeds of a group, again and again.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// Where it goes on.
    from: Vec<u8>,
}

impl Sweep {
    /// Looks at the next feed: what is to be removed of it, if it is gone by now.
    pub(crate) fn step(&mut self, state: &State, now: Timestamp) -> Result<Vec<Change>, Unreadable> {
        let Some(entity) = next_feed(state, &self.from)? else {
            self.from.clear();
            return Ok(Vec::new());
        };
        // The feed of another kind of entity stays.
        let header = SlotId::of(entity).map(|slot| head::slot_header(state, slot)).transpose()?.flatten();
        let is_gone = header.is_some_and(|header| feed_kept_until(&header.definition) <= now);
        let gone = if is_gone { feed_keys(state, entity, &self.from, PAGES_AT_ONCE)? } else { Vec::new() };
        self.from = match gone.last() {
            Some(last) => [last.as_slice(), &[0]].concat(),
            None => behind_feed(entity),
        };
        Ok(gone.into_iter().map(|key| Change::Remove { key }).collect())
    }
}
