//! Slots with numbered seats: what they say of them, and whether that is so.
//!
//! Everything that a slot of units is judged by holds for these, too. Beside it every seat is followed through the feed: who
//! has it, whether it is closed, who waits. Which seats are the best is found again by trying everything. That is slow, so in
//! a large house a sample of the searches is judged, which follows from the bookings' ids; what was judged is told.

mod counts;
mod decide;
mod floor;
mod hall;
mod judged;
mod picks;
mod plan;
mod replay;
mod sample;
mod search;
mod singles;
mod views;
pub mod words;

use std::collections::BTreeMap;

use crate::case::SlotCase;
use crate::finding::{Check, Finding};

pub use self::plan::{Area, Kind, Plan, Row, Seat};
use self::replay::Replay;
pub use self::views::Look;
use self::words::{BookingSeats, RecordSeats, SlotSeats};

/// What one slot says of its seats.
#[derive(Clone, Debug)]
pub struct House {
    /// Its map when it was made.
    pub plan: Plan,
    /// Maps that took its place, by id.
    pub later: BTreeMap<String, Plan>,
    /// The slot as it was before the first request.
    pub before: SlotSeats,
    /// The slot when all was over; none where it could not be read.
    pub after: Option<SlotSeats>,
    /// The records of its feed, as many as the feed has.
    pub records: Vec<RecordSeats>,
    /// Bookings read one by one when all was over: the id, the seq at which it is true, and the seats.
    pub bookings: Vec<(String, u64, BookingSeats)>,
    /// Looks at the map while others asked.
    pub looks: Vec<Look>,
}

impl House {
    /// A slot of which nothing is known but what it said before anybody came.
    pub fn new(plan: Plan, before: SlotSeats) -> Self {
        let (records, bookings, looks) = (Vec::new(), Vec::new(), Vec::new());
        Self { plan, later: BTreeMap::new(), before, after: None, records, bookings, looks }
    }
}

/// Findings by their checks.
pub(crate) struct Report<'f> {
    findings: &'f mut [Finding],
}

impl Report<'_> {
    fn finding(&mut self, check: Check) -> &mut Finding {
        let found = self.findings.iter_mut().find(|finding| finding.check() == check);
        found.expect("where there are seats, every check is made")
    }

    fn examine(&mut self, check: Check) {
        self.finding(check).examine();
    }

    fn fail(&mut self, check: Check, why: String) {
        self.finding(check).fail(why);
    }
}

/// Judges a slot's seats, and says what else is to be known of how.
pub(crate) fn judge<'h>(slot: &SlotCase<'h>, house: &'h House, findings: &mut [Finding]) -> Vec<String> {
    Replay::new(slot, house, Report { findings }).go()
}
