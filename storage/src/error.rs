//! What can go wrong with a disk, and what its owner should do about it.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::sync::Arc;

use crate::{GroupId, Index, Place};

/// Why the store did not do what it was asked. Cheap to clone, since one failure is told to many.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The directory holds something else: a typing mistake must not turn a home directory into a store.
    #[error("{path} is not empty and not a boxoffice store: choose a directory of its own")]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
    /// A later release wrote the directory. Use that release, or a later one.
    #[error("the store in {path} has format {found}, and this release knows up to {known}")]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// The format that was found.
        found: u32,
        /// The newest format that this release reads.
        known: u32,
    },
    /// Another process has the directory open.
    #[error("the store in {path} is in use by another process")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// What is on the disk is not what was written there.
    #[error("the store is damaged: {0}")]
    Damaged(Damage),
    /// An entry was appended where it would leave a hole or cover another. Nothing of its write was done; the
    /// store goes on.
    #[error("entry {index} of group {group} was appended where entry {expected} was expected")]
    Misplaced {
        /// The group.
        group: GroupId,
        /// The entry that was to be appended.
        index: Index,
        /// The only index at which one could be.
        expected: Index,
    },
    /// The operating system or RocksDB refused. If this was a write or a sync, the store has ended.
    #[error("the disk failed: {operation}")]
    Disk {
        /// What was attempted.
        operation: &'static str,
        /// What was answered.
        #[source]
        cause: Arc<dyn StdError + Send + Sync>,
    },
    /// The store was closing when the write was submitted.
    #[error("the store is closed")]
    Closed,
}

/// How the store is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A value does not have the checksum it was written with.
    #[error("the value of {0:?} is not what was written")]
    Value(Place),
    /// An entry between the first and the last of a log is gone.
    #[error("entry {index} of group {group} is missing")]
    Gap {
        /// The group.
        group: GroupId,
        /// The first entry that is missing.
        index: Index,
    },
    /// The store has forgotten what it had confirmed. Its node must not vote again with this data.
    #[error(
        "{durable} changes were synced and {found} are left, so acknowledged data is gone; \
         do not start this node with this data again: set it aside and restore from the other nodes or a backup"
    )]
    Lost {
        /// How many changes were known to be durable.
        durable: u64,
        /// How many were found.
        found: u64,
    },
    /// Neither copy of the watermark can be read, so nobody can tell whether data is gone.
    #[error("the watermark cannot be read; set this data aside and restore from the other nodes or a backup")]
    Watermark,
    /// RocksDB found its files inconsistent.
    #[error("{detail}")]
    Files {
        /// What RocksDB said.
        detail: String,
    },
}

impl Error {
    /// The disk refused `operation`.
    pub(crate) fn disk(operation: &'static str, cause: impl StdError + Send + Sync + 'static) -> Error {
        Error::Disk { operation, cause: Arc::new(cause) }
    }
}
