//! Seats: whether what slots say of theirs is so.
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
mod replay;
mod sample;
mod search;
mod singles;
mod views;

#[cfg(test)]
mod tests;

use self::replay::Replay;
use crate::case::SlotCase;
use crate::finding::Finding;
use crate::house::House;
use crate::report::Report;

/// Judges a slot's seats, and says what else is to be known of how.
pub(crate) fn judge<'h>(slot: &SlotCase<'h>, house: &'h House, findings: &mut [Finding]) -> Vec<String> {
    Replay::new(slot, house, Report { findings }).go()
}
