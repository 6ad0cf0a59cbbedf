//! Ranges of time, and what a booking has of a calendar.

use alloc::boxed::Box;
use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Resource, Timestamp};

/// A range: from a moment on, for so many milliseconds. What does not last is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Timestamp, u64)", into = "(Timestamp, u64)")]
pub(in crate::stored) struct Range(crate::Range);

/// A range, and where.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct RangeHad {
    range: Range,
    resource: Option<Resource>,
}

/// What a booking claims of a calendar.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct RangeClaim {
    had: RangeHad,
    before_seconds: u32,
    after_seconds: u32,
    lead_seconds: u32,
    first: Option<RangeHad>,
}

/// What a booking has of a calendar, or waits for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct RangeView {
    range: Range,
    resource: Option<Box<str>>,
}

/// Where everything of a calendar is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct CalendarView {
    held: u64,
    offered: u64,
    confirmed: u64,
    hours_until: Timestamp,
    outside: u32,
}

impl TryFrom<(Timestamp, u64)> for Range {
    type Error = &'static str;

    fn try_from((from, milliseconds): (Timestamp, u64)) -> Result<Self, Self::Error> {
        let to = from.0.checked_add(milliseconds).map(Timestamp);
        let range = to.and_then(|to| crate::Range::new(from, to));
        range.map(Self).ok_or("a range that does not last")
    }
}

impl From<Range> for (Timestamp, u64) {
    fn from(Range(range): Range) -> Self {
        (range.from(), range.milliseconds())
    }
}

impl From<crate::Range> for Range {
    fn from(range: crate::Range) -> Self {
        Self(range)
    }
}

impl From<Range> for crate::Range {
    fn from(Range(range): Range) -> Self {
        range
    }
}

impl From<crate::RangeHad> for RangeHad {
    fn from(had: crate::RangeHad) -> Self {
        Self { range: had.range.into(), resource: had.resource }
    }
}

impl From<RangeHad> for crate::RangeHad {
    fn from(had: RangeHad) -> Self {
        Self { range: had.range.into(), resource: had.resource }
    }
}

impl From<crate::RangeClaim> for RangeClaim {
    fn from(claim: crate::RangeClaim) -> Self {
        let crate::RangeClaim { had, buffers, lead_seconds, first } = claim;
        let crate::Buffers { before_seconds, after_seconds } = buffers;
        Self {
            had: had.into(),
            before_seconds,
            after_seconds,
            lead_seconds,
            first: first.map(RangeHad::from),
        }
    }
}

impl From<RangeClaim> for crate::RangeClaim {
    fn from(claim: RangeClaim) -> Self {
        let RangeClaim { had, before_seconds, after_seconds, lead_seconds, first } = claim;
        let buffers = crate::Buffers { before_seconds, after_seconds };
        Self { had: had.into(), buffers, lead_seconds, first: first.map(RangeHad::into) }
    }
}

impl From<&crate::RangeView> for RangeView {
    fn from(view: &crate::RangeView) -> Self {
        Self { range: view.range.into(), resource: view.resource.as_deref().map(Box::from) }
    }
}

impl From<RangeView> for Arc<crate::RangeView> {
    fn from(view: RangeView) -> Self {
        Self::new(crate::RangeView { range: view.range.into(), resource: view.resource.map(Arc::from) })
    }
}

impl From<&crate::CalendarView> for CalendarView {
    fn from(view: &crate::CalendarView) -> Self {
        let crate::CalendarView { held, offered, confirmed, hours_until, outside } = *view;
        Self { held, offered, confirmed, hours_until, outside }
    }
}

impl From<CalendarView> for Arc<crate::CalendarView> {
    fn from(view: CalendarView) -> Self {
        let CalendarView { held, offered, confirmed, hours_until, outside } = view;
        Self::new(crate::CalendarView { held, offered, confirmed, hours_until, outside })
    }
}
