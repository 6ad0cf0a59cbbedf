//! Why a node does not start or does not go on, and the exit status that says so.

use std::io;
use std::net::SocketAddr;

use api::backup::Unusable;
use cluster::codec::CodecError;

use crate::saved::Unreadable;
use crate::telemetry;

/// The process's exit status, as the contract numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Drained: what was taken was answered.
    Drained = 0,
    /// The configuration or the arguments are not right.
    Configuration = 2,
    /// Data on disk are damaged.
    Damaged = 70,
    /// The data directory is in use, not ours, or newer than this program.
    Directory = 73,
    /// The disk or the network refused.
    Io = 74,
}

/// Why a node does not start or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration.
    #[error(transparent)]
    Configuration(#[from] config::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// A group.
    #[error(transparent)]
    Cluster(#[from] cluster::Error),
    /// The node was to stand for a build of another level, whose rules this one does not have.
    #[error("this build does not have the rules of level {level}; leave --level out")]
    Level {
        /// The level.
        level: u32,
    },
    /// A backup is not whole, or is not what it was.
    #[error("{0}; nothing was kept")]
    Backup(#[from] Unusable),
    /// A backup is not to be restored here.
    #[error("{why}; nothing was changed")]
    Restore {
        /// What is in the way, and what to do.
        why: String,
    },
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}; is another node running? --client, --admin and listen.peer choose other addresses: {source}"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Something with the process itself.
    #[error("{what}: {source}")]
    Process {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Failure {
    /// The exit status that says what kind of failure this is.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Configuration(_) | Self::Level { .. } => Exit::Configuration,
            Self::Store(error) => Exit::of_store(error),
            Self::Cluster(error) => Exit::of_cluster(error),
            Self::Backup(_) => Exit::Damaged,
            Self::Restore { .. } => Exit::Directory,
            Self::Listen { .. } | Self::Process { .. } => Exit::Io,
        }
    }

    /// Everything that is known about it, in one line.
    #[must_use]
    pub fn told(&self) -> String {
        let behind = match self {
            Self::Store(error) => causes(error),
            Self::Cluster(error) => causes(error),
            // These say their cause themselves.
            Self::Configuration(_)
            | Self::Level { .. }
            | Self::Backup(_)
            | Self::Restore { .. }
            | Self::Listen { .. }
            | Self::Process { .. } => String::new(),
        };
        if behind.is_empty() { self.to_string() } else { format!("{self}: {behind}") }
    }

    pub(crate) fn process(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Process { what, source: source.into() }
    }
}

/// What is behind an error, from the nearest cause to the farthest.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.join(": ")
}

impl Exit {
    /// The status for a store that failed.
    pub(crate) fn of_store(error: &storage::Error) -> Self {
        match error {
            storage::Error::NotOurs { .. }
            | storage::Error::NewerFormat { .. }
            | storage::Error::InUse { .. } => Self::Directory,
            storage::Error::Damaged(_) => Self::Damaged,
            storage::Error::Misplaced { .. } | storage::Error::Disk { .. } | storage::Error::Closed => {
                Self::Io
            }
        }
    }

    /// The status for a group that failed.
    pub(crate) fn of_cluster(error: &cluster::Error) -> Self {
        match error {
            cluster::Error::Storage { source, .. } => Self::of_store(source),
            cluster::Error::Groups { .. } | cluster::Error::NoAddress => Self::Configuration,
            // Nothing is damaged: it is another cluster's or build's, as a directory of a newer format is.
            cluster::Error::NotWelcome { .. }
            | cluster::Error::NotFounder { .. }
            | cluster::Error::CannotRecover { .. }
            | cluster::Error::CannotRestore { .. }
            | cluster::Error::Level { .. } => Self::Directory,
            cluster::Error::Machine { source, .. } => {
                source.downcast_ref().map_or(Self::Damaged, Self::of_unreadable)
            }
            cluster::Error::Register { source, .. } | cluster::Error::Entry { source, .. } => {
                Self::of_record(source)
            }
            cluster::Error::Stopped { .. } => Self::Io,
        }
    }

    /// The status for saved state that cannot be read.
    pub(crate) fn of_unreadable(unreadable: &Unreadable) -> Self {
        match unreadable {
            Unreadable::Storage(error) => Self::of_store(error),
            Unreadable::Record(error) => Self::of_record(error),
            Unreadable::Broken(_) => Self::Damaged,
        }
    }

    /// The status for a record that cannot be read: where a later build wrote it, nothing is damaged.
    fn of_record(error: &CodecError) -> Self {
        if error.is_newer() { Self::Directory } else { Self::Damaged }
    }

    /// Ends the process here and now: nothing more is acknowledged, but why is told.
    pub(crate) fn now(self) -> ! {
        telemetry::end();
        std::process::exit(self as i32)
    }
}

#[cfg(test)]
mod tests {
    use storage::{GroupId, Index};

    use super::*;
    use crate::saved::decode_record;

    #[test]
    fn what_a_later_build_has_written_is_not_damaged() {
        for (bytes, want) in [
            (&[2, 0][..], Exit::Directory),
            (&[1, 99], Exit::Directory),
            (&[1, 0], Exit::Damaged),
            (&[], Exit::Damaged),
        ] {
            let error = || decode_record(bytes).expect_err("no record");
            let (group, index) = (GroupId(0), Index(1));
            assert_eq!(Exit::of_unreadable(&Unreadable::Record(error())), want, "{bytes:?}");
            for error in [
                cluster::Error::Register { group, source: error() },
                cluster::Error::Entry { group, index, source: error() },
                cluster::Error::Machine { group, source: Unreadable::Record(error()).into() },
            ] {
                assert_eq!(Exit::of_cluster(&error), want, "{bytes:?}: {error}");
            }
        }
    }
}
