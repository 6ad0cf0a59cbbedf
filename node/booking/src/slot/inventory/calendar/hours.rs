//! When a calendar is open: moments, which the door has made of hours, closed days, extra hours and a time zone.

use alloc::vec::Vec;

use super::range::{Range, append};
use crate::Timestamp;
use crate::limits::OPENINGS_MAX;

/// More openings than a calendar can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyOpenings;

/// When a calendar is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hours {
    /// In order, with time between any two: those that touch are one.
    openings: Vec<Range>,
}

impl Hours {
    /// Open in each of these, in whatever order they come.
    pub(crate) fn new(mut each: Vec<Range>) -> Result<Self, TooManyOpenings> {
        each.sort_unstable();
        let mut openings = Vec::with_capacity(each.len());
        for opening in each {
            append(&mut openings, opening);
        }
        if OPENINGS_MAX < openings.len() { Err(TooManyOpenings) } else { Ok(Self { openings }) }
    }

    /// The same and more, without the openings that have ended by now. One that goes on keeps its own beginning, and so its grid.
    pub(crate) fn extended(&self, more: &[Range], at: Timestamp) -> Result<Self, TooManyOpenings> {
        let all = self.openings.iter().chain(more).copied();
        Self::new(all.filter(|opening| at < opening.to()).collect())
    }

    /// Each opening, in order.
    pub(crate) fn openings(&self) -> &[Range] {
        &self.openings
    }

    /// The opening that has all of this range.
    pub(crate) fn opening_of(&self, range: Range) -> Option<Range> {
        let behind = self.openings.partition_point(|opening| opening.from() <= range.from());
        let last = *self.openings.get(behind.checked_sub(1)?)?;
        last.contains(range).then_some(last)
    }

    /// The openings that have some of this range, in order.
    pub(crate) fn during(&self, range: Range) -> impl Iterator<Item = Range> {
        let first = self.openings.partition_point(|opening| opening.to() <= range.from());
        self.openings[first..].iter().copied().take_while(move |opening| opening.from() < range.to())
    }
}
