//! The seam between those who keep something and the disk that keeps it.

use bytes::Bytes;

use crate::{Done, Error, GroupId, Index, Register, Room, Space, Write};

/// A key of a group's state, and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Keeps logs, registers and state of many groups. Used as `Arc<dyn Store>`.
///
/// To ensure correctness, a store
///
/// - writes in the order of [`Store::submit`], whatever the groups, and confirms in that order;
/// - confirms a synced write only after an fsync that covers it and, with it, everything submitted before;
/// - keeps every write whole: no call of a reader, no [`View`] and no crash sees half of one;
/// - refuses a write that would leave a hole in a log with [`Error::Misplaced`], whole, and goes on;
/// - after the first failure of the disk confirms nothing any more, for ever;
/// - shows a write to readers at the latest when its `done` is called. It may show it before, and so before
///   it is durable.
pub trait Store: Send + Sync + 'static {
    /// Takes a write, to be confirmed through `done`. Never waits for the disk. `done` may be called before
    /// this returns: hold no lock that it takes.
    fn submit(&self, write: Write, done: Done);

    /// The entries of a group's log from `from` until before `until`, without a gap, as far as there are any:
    /// what lies below the log's beginning or beyond its end is left out. Stops before the entry that would
    /// exceed `bytes_max` of payload, but never before the first.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] if one of them is missing or not what was written.
    fn entries(
        &self,
        group: GroupId,
        from: Index,
        until: Index,
        bytes_max: usize,
    ) -> Result<Vec<(Index, Bytes)>, Error>;

    /// The first and the last index of a group's log, or `None` if it is empty.
    fn log_bounds(&self, group: GroupId) -> Result<Option<(Index, Index)>, Error>;

    /// The value of a register, or `None` if it was never set.
    fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error>;

    /// The value of a key of a group's state.
    fn state(&self, group: GroupId, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// At most `limit` keys and values of a group's state, in order of keys, from `from` until before
    /// `until`. An empty `until` means to the end.
    fn scan(&self, group: GroupId, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error>;

    /// The group as it is now, to be read for as long as it takes: every write that was confirmed before the
    /// call is in it whole, none that is submitted after it, and registers and state agree with each other.
    ///
    /// While it is open, what is overwritten stays on the disk, and a store that was closed meanwhile cannot
    /// be opened again ([`Error::InUse`]). Dropping the last one may close the database, which blocks.
    fn view(&self, group: GroupId) -> Result<Box<dyn View>, Error>;

    /// What the disk has room for, as of half a second ago at most. Cheap enough to be asked for every request; the store itself
    /// refuses nothing.
    fn room(&self) -> Room;

    /// The disk, as it was when its room was found out.
    fn space(&self) -> Space;

    /// Waits until everything submitted before is durable. Not to be called from a `done`.
    fn flush(&self) -> Result<(), Error>;
}

/// One group at one moment; see [`Store::view`]. It outlives the store that it was taken from.
pub trait View: Send + Sync {
    /// The value that a register had, or `None` if it was never set.
    fn register(&self, register: Register) -> Result<Option<Vec<u8>>, Error>;

    /// At most `limit` keys and values of the state that was seen by readers, as in [`Store::scan`].
    fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error>;
}
