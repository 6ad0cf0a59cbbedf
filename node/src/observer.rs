//! Who looks on while a node works: nobody in production, a simulation that judges every step, a test that plants a bug.
//!
//! The observer is given where a node is built, as its clock and its disk are, so that what is looked at is what ships.

use booking::entity::Entity;
use cluster::{Committed, Replicas};
use storage::{GroupId, Index};

use crate::log::CommittedStep;

/// Looks on. Whatever is not of interest is passed over.
pub(crate) trait Observer: Send + Sync {
    /// A replica hands this entry of a group to the group's entities.
    fn handed(&self, _group: GroupId, _entry: &Committed) {}

    /// A replica has handed everything up to this index of a group.
    fn handed_upto(&self, _group: GroupId, _upto: Index) {}

    /// The rules are about to decide a step. A test that panics here has planted a bug in the rules.
    fn deciding(&self, _step: &CommittedStep) {}

    /// The rules have decided a step; this is the entity behind it, if there is one.
    fn stepped(&self, _entity: Option<&Entity>) {}

    /// An entity has applied everything that a replica handed to it up to this index.
    fn applied(&self, _entity: &Entity, _index: Index) {}

    /// A reader wants everything of a slot's group that was committed before. Whether the reader is let through without it: never,
    /// but where a test plants that bug.
    fn lets_readers_through(&self) -> bool {
        false
    }

    /// A reply to an intent is known, and is to be reported. Whether nobody ever reports it: never, but where a test plants that bug.
    fn forgets_reports(&self) -> bool {
        false
    }

    /// A node is about to be built, with so many replicas of each group. How they are moved: rightly, but where a test plants a bug.
    fn replicas(&self, each: usize) -> Replicas {
        Replicas::moved(each)
    }

    /// The rules have decided a step. What bug they have then: none, but where a test plants one.
    #[cfg(feature = "rehearsal")]
    fn rule_bug(&self) -> Option<booking::RuleBug> {
        None
    }
}

/// Nobody looks on.
pub(crate) struct Unobserved;

impl Observer for Unobserved {}
