//! What of all that is taken may yet be given back: what is held for customers who have not confirmed, or offered.
//!
//! It is kept beside the occupancy, which has all of it, so that whoever asks how firmly time is taken need not look for those who
//! hold some of it. Of places that nobody holds there is nothing here: who confirms at once pays for nothing.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::claim::{Claim, Place};
use super::timeline::Timeline;
use crate::{Status, Timestamp};

/// What may yet be given back.
#[derive(Clone, Debug, Default)]
pub(super) struct Tentative {
    /// Of places of which anything is.
    timelines: BTreeMap<Place, Timeline>,
}

impl Tentative {
    /// Whether who has places and stands like this may yet give them back by doing nothing.
    pub(super) const fn is(status: Status) -> bool {
        match status {
            Status::Held | Status::Offered => true,
            Status::Confirmed
            | Status::Waitlisted
            | Status::Cancelled
            | Status::Declined
            | Status::Expired => false,
        }
    }

    pub(super) fn take(&mut self, claim: &Claim, passed: Timestamp) {
        let timeline = self.timelines.entry(claim.place).or_insert_with(Timeline::new);
        timeline.forget_before(passed);
        timeline.change(claim.effective, i64::from(claim.quantity));
    }

    /// Undoes [`Tentative::take`].
    pub(super) fn give_back(&mut self, claim: &Claim, passed: Timestamp) {
        let Some(timeline) = self.timelines.get_mut(&claim.place) else {
            assert!(claim.effective.since(passed).is_none(), "what is given back was taken");
            return;
        };
        timeline.forget_before(passed);
        timeline.change(claim.effective, -i64::from(claim.quantity));
        if timeline.is_clear() {
            self.timelines.remove(&claim.place);
        }
    }

    /// What of a place may yet be given back, if anything.
    pub(super) fn of(&self, place: Place) -> Option<&Timeline> {
        self.timelines.get(&place)
    }

    /// What of each place from a moment on, each time from when on how much; of places of which anything is.
    pub(super) fn steps(&self, from: Timestamp) -> BTreeMap<Place, Vec<(Timestamp, i64)>> {
        let each = self.timelines.iter().map(|(&place, timeline)| (place, timeline.steps_from(from)));
        each.filter(|(_, steps)| steps.len() != 1 || steps[0].1 != 0).collect()
    }
}
