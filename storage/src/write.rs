//! What is written: a [`Write`] is a list of changes to one group that a crash cannot tear apart.

use bytes::Bytes;

use crate::{Error, GroupId, Index, Register};

/// Changes to one group, made at once and in order: after a crash all of them are there, or none.
#[derive(Clone, Debug)]
pub struct Write {
    /// The group that is changed.
    pub group: GroupId,
    /// The changes, each of which sees those before it. None at all is allowed: an empty synced write is how
    /// to wait for what was queued before it.
    pub changes: Vec<Change>,
    /// When `done` may be called.
    pub durability: Durability,
}

/// One change to a group.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds an entry to the log. It must follow the last one; an empty log may begin anywhere.
    Append {
        /// Where the entry stands.
        index: Index,
        /// What it says. At most about 3 GiB, and in practice much less: a write is never split.
        entry: Bytes,
    },
    /// Drops the end of the log: all entries above this one, or with `None` every entry.
    TruncateAfter(Option<Index>),
    /// Drops the beginning of the log: all entries up to and including this one. Costs one tombstone, which
    /// readers pay for, so purge in coarse steps.
    PurgeUpTo(Index),
    /// Gives a register a value.
    Set {
        /// Which register.
        register: Register,
        /// Its value, meant to be small.
        value: Vec<u8>,
    },
    /// Gives a key of the group's state, the one that readers see, a value.
    Put {
        /// The key, ordered as bytes.
        key: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// Removes a key of the state that readers see. One that does not exist is no error.
    Remove {
        /// The key.
        key: Vec<u8>,
    },
    /// Gives a key of the group's *staged* state a value. No reader sees it before a [`Change::Flip`]; what
    /// was staged stays, beside the state, until then or until a [`Change::Unstage`], across restarts too.
    Stage {
        /// The key, ordered as bytes.
        key: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// Forgets everything that is staged, perhaps nothing. Costs one tombstone, however much it was. Who
    /// stages begins with this: something may be left of an attempt that a crash cut short.
    Unstage,
    /// What is staged, perhaps nothing, becomes the group's state, and the state before is gone. Nothing is
    /// staged then. A [`Change::Put`] before it goes with the old state, one after it lands in the new. Costs
    /// one tombstone, however much is dropped, and nothing for what was staged.
    Flip,
}

/// When a write is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// After an fsync that covers it.
    Synced,
    /// Once it is written. It becomes durable with the next sync, and never causes one itself.
    Queued,
}

/// Called exactly once with what became of a write, in queue order over all groups. It runs on the writer's
/// thread (or, in a store without one, in [`crate::Store::submit`]), so it must be short, must not wait for
/// the store, must not panic, and must not own it.
pub type Done = Box<dyn FnOnce(Result<(), Error>) + Send>;

impl Write {
    /// A write that is confirmed when it is on disk.
    pub fn synced(group: GroupId, changes: Vec<Change>) -> Write {
        Write { group, changes, durability: Durability::Synced }
    }

    /// A write that is confirmed when it is written, and on disk with the next sync.
    pub fn queued(group: GroupId, changes: Vec<Change>) -> Write {
        Write { group, changes, durability: Durability::Queued }
    }

    /// About how many bytes this write brings to the disk: payload and keys, without the store's own
    /// overhead.
    pub(crate) fn bytes(&self) -> usize {
        self.changes.iter().map(Change::bytes).sum()
    }
}

impl Change {
    fn bytes(&self) -> usize {
        match self {
            Change::Append { entry, .. } => entry.len(),
            Change::TruncateAfter(_) | Change::PurgeUpTo(_) | Change::Unstage | Change::Flip => 0,
            Change::Set { value, .. } => value.len(),
            Change::Put { key, value } | Change::Stage { key, value } => key.len() + value.len(),
            Change::Remove { key } => key.len(),
        }
    }
}
