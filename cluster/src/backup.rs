//! A group as of one index, to be kept elsewhere: its saved state as it stands at a mark, and the entries behind the mark. Pieces of
//! the state may be ahead of the mark, so the state alone is of no one index; with the entries up to one that all pieces are below, it
//! is of that one.

use bytes::Bytes;
use storage::{GroupId, Index, Row, View};

use crate::adapter::SavedGroup;
use crate::batch::Level;
use crate::error::Error;
use crate::group::Group;
use crate::machine::Machine;

/// Bytes of the log that are read at once.
const READ_BYTES_MAX: usize = 1 << 20;

/// A group as it was when this was made. While it lives, what is overwritten stays on the disk.
pub struct Backup {
    group: GroupId,
    saved: SavedGroup,
    /// The entry that is read next.
    next: Index,
}

impl Backup {
    /// Saves what has changed, and takes the group as it stands then.
    ///
    /// # Errors
    ///
    /// When the group or its store fails, or nothing was ever applied to it.
    pub async fn begin<M: Machine>(group: &Group<M>) -> Result<Self, Error> {
        group.checkpoint().await?;
        let saved = group.consensus().saved_group()?;
        let next = Index(saved.index().0 + 1);
        Ok(Self { group: group.id(), saved, next })
    }

    /// The index at or below which the state has everything.
    pub fn saved(&self) -> Index {
        self.saved.index()
    }

    /// The level of the rules at that index.
    pub fn level(&self) -> Level {
        self.saved.level()
    }

    /// What stands for the state in the group's registers, as [`Restoration::group`](crate::Restoration::group) takes it.
    pub fn mark(&self) -> Vec<u8> {
        self.saved.encode_mark()
    }

    /// At most `limit` pairs of the state with `from` ≤ key < `until`, in order of key; an empty `until` is the end.
    ///
    /// # Errors
    ///
    /// When the disk fails or what it gives back is damaged.
    pub fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let view: &dyn View = self.saved.view();
        view.scan(from, until, limit).map_err(|source| Error::Storage { group: self.group, source })
    }

    /// The next entries up to `until`, as the log keeps them; none behind the last.
    ///
    /// # Errors
    ///
    /// When the log cannot be read, or what is wanted of it was purged meanwhile.
    pub fn entries(&mut self, until: Index) -> Result<Vec<Bytes>, Error> {
        if until < self.next {
            return Ok(Vec::new());
        }
        let entries = self.saved.read(self.next.0, until.0 + 1, READ_BYTES_MAX)?;
        self.next = Index(self.next.0 + entries.len() as u64);
        Ok(entries)
    }
}
