//! A group's saved state at a mark, as a snapshot: what a follower gets that is too far behind for entries.

use openraft::Snapshot;
use storage::{Change, View};

use super::record::Mark;
use super::type_config::{SnapshotMeta, Term};
use crate::machine::Pair;
use crate::members::{NodeId, Peer};

/// Pairs in one part: a few dozen bytes each, mostly.
pub(super) const PART_PAIRS: usize = 512;

/// A group's saved state at a mark: never a copy in memory.
pub(crate) enum Saved {
    /// In this node's store, or another's, as it was when it was asked for; there may be no mark yet.
    Here { view: Box<dyn View>, mark: Option<Mark> },
    /// Beside the state in this node's store, waiting to take its place.
    Staged { mark: Mark },
}

impl Saved {
    /// As openraft hands it about.
    pub(super) fn into_snapshot(self) -> RaftSnapshot {
        let meta = match &self {
            Self::Here { mark: None, .. } => SnapshotMeta::default(),
            Self::Here { mark: Some(mark), .. } | Self::Staged { mark } => {
                SnapshotMeta { last_log_id: Some(mark.log_id), last_membership: mark.membership.clone() }
            }
        };
        Snapshot { meta, snapshot: self }
    }
}

/// A snapshot, as openraft hands it about.
pub(super) type RaftSnapshot = Snapshot<Term, NodeId, Peer, Saved>;

/// All pairs of a view in order of key, a part at a time.
pub(super) fn parts(view: &dyn View) -> impl Iterator<Item = Result<Vec<Pair>, storage::Error>> {
    let mut from = Vec::new();
    std::iter::from_fn(move || {
        let pairs = view.scan(&from, &[], PART_PAIRS);
        if let Ok(pairs) = &pairs {
            let (last, _value) = pairs.last()?;
            from = [last.as_slice(), &[0]].concat();
        }
        Some(pairs)
    })
}

/// What puts pairs beside the state.
pub(super) fn staging(pairs: Vec<Pair>) -> Vec<Change> {
    pairs.into_iter().map(|(key, value)| Change::Stage { key, value }).collect()
}
