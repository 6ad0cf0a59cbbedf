//! What is kept elsewhere of one group: its saved state at a mark, and the log behind that.

use bytes::Bytes;
use storage::{Index, View};

use super::log::Log;
use super::raft::Consensus;
use super::record::{self, Mark};
use super::saved::Saved;
use crate::batch::Level;
use crate::error::Error;
use crate::machine::Machine;

/// A group's saved state at a mark, and the log behind it.
pub(crate) struct SavedGroup {
    view: Box<dyn View>,
    mark: Mark,
    log: Log,
}

impl<M: Machine> Consensus<M> {
    /// The group as it is saved now.
    pub(crate) fn saved_group(&self) -> Result<SavedGroup, Error> {
        let stopped = |reason: String| Error::Stopped { group: self.group, reason };
        match self.replica.saved().map_err(|error| stopped(error.to_string()))? {
            Saved::Here { view, mark: Some(mark) } => {
                Ok(SavedGroup { view, mark, log: self.replica.log().clone() })
            }
            Saved::Here { mark: None, .. } | Saved::Staged { .. } => {
                Err(stopped("nothing of it is saved yet".to_owned()))
            }
        }
    }
}

impl SavedGroup {
    /// The index at or below which the state has everything.
    pub(crate) fn index(&self) -> Index {
        Index(self.mark.log_id.index)
    }

    /// The level at that index.
    pub(crate) fn level(&self) -> Level {
        self.mark.heading.level
    }

    pub(crate) fn encode_mark(&self) -> Vec<u8> {
        record::encode_mark(&self.mark)
    }

    pub(crate) fn view(&self) -> &dyn View {
        self.view.as_ref()
    }

    /// Entries of `from..until`, as the log keeps them, so many bytes of them, but at least one.
    pub(crate) fn read(&self, from: u64, until: u64, bytes_max: usize) -> Result<Vec<Bytes>, Error> {
        let entries = self.log.read(from, until, bytes_max)?;
        match entries.first() {
            Some(first) if first.log_id.index == from => {
                Ok(entries.iter().map(record::encode_entry).collect())
            }
            _ => Err(Error::Stopped {
                group: self.log.group(),
                reason: format!("entry {from} was purged while it was read: begin again"),
            }),
        }
    }
}
