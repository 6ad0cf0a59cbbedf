//! The record of placement: which nodes are to have a replica of each group, as group 0 remembers it. It is changed as a whole, and
//! only by who knows the one before: each says its number, one more than that of the one that it takes the place of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use storage::GroupId;

use crate::batch::Level;
use crate::members::NodeId;

/// From here on there is a record: a build that does not know this level would not know what to make of it.
pub(crate) const PLACED: Level = Level(6);

/// Where replicas are to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Its number: 1, 2, 3, with no gap.
    pub epoch: u64,
    /// How many replicas each group is to have.
    pub replicas: u32,
    /// Who is to have a replica of each group, by the group's number; of group 0, who is to vote: every node follows it.
    pub groups: Vec<BTreeSet<NodeId>>,
    /// Nodes that are to be emptied.
    pub draining: BTreeSet<NodeId>,
}

/// The record on disk, in the log and between nodes, version by version.
#[derive(Serialize, Deserialize)]
pub(crate) enum PlacementRecord {
    V1(PlacementV1),
}

/// The first version of the record: frozen.
#[derive(Serialize, Deserialize)]
pub(crate) struct PlacementV1 {
    epoch: u64,
    replicas: u32,
    groups: Vec<BTreeSet<NodeId>>,
    draining: BTreeSet<NodeId>,
}

impl Placement {
    /// Whether this may take the place of what there is.
    pub(crate) fn follows(&self, before: Option<&Self>) -> bool {
        self.epoch == before.map_or(0, |before| before.epoch) + 1
    }

    /// Who is to vote in group 0, or have a replica of another.
    #[must_use]
    pub fn of(&self, group: GroupId) -> Option<&BTreeSet<NodeId>> {
        self.groups.get(usize::try_from(group.0).ok()?)
    }

    /// RG-8 of a group in which these vote, one set or two while a change is under way: of each set a quorum is named, and whoever is
    /// named is in it, but for one newcomer.
    #[must_use]
    pub fn is_kept(&self, group: GroupId, sets: &[BTreeSet<NodeId>]) -> bool {
        self.of(group).is_none_or(|named| {
            sets.iter().all(|set| {
                let voting = set.intersection(named).count();
                set.len() / 2 < voting && named.len() <= voting + 1
            })
        })
    }
}

impl From<&Placement> for PlacementRecord {
    fn from(placement: &Placement) -> Self {
        let Placement { epoch, replicas, groups, draining } = placement.clone();
        Self::V1(PlacementV1 { epoch, replicas, groups, draining })
    }
}

impl From<PlacementRecord> for Placement {
    fn from(record: PlacementRecord) -> Self {
        let PlacementRecord::V1(PlacementV1 { epoch, replicas, groups, draining }) = record;
        Self { epoch, replicas, groups, draining }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;

    #[test]
    fn the_bytes_are_for_ever() {
        let placement = Placement {
            epoch: 3,
            replicas: 5,
            groups: vec![BTreeSet::from([1, 2]), BTreeSet::from([300])],
            draining: BTreeSet::from([4]),
        };
        let want = [1, 0, 3, 5, 2, 2, 1, 2, 1, 251, 44, 1, 1, 4];
        assert_eq!(codec::encode(&PlacementRecord::from(&placement)), want);
        let read: PlacementRecord = codec::decode(&want).expect("golden");
        assert_eq!(Placement::from(read), placement);
    }

    #[test]
    fn only_the_next_takes_the_place_of_one() {
        let of = |epoch| Placement { epoch, ..Placement::default() };
        let fits = |before: Option<u64>| (0..5).find(|epoch| of(*epoch).follows(before.map(of).as_ref()));
        assert_eq!((fits(None), fits(Some(1)), fits(Some(3))), (Some(1), Some(2), Some(4)));
        for before in [None, Some(of(2))] {
            let taken = (0..9).filter(|epoch| of(*epoch).follows(before.as_ref()));
            assert_eq!(taken.count(), 1, "{before:?}");
        }
    }
}
