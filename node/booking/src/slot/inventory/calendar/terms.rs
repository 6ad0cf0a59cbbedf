//! Which ranges may be asked for at all.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::hours::Hours;
use super::range::{Buffers, Range};
use crate::Timestamp;

/// What binds whoever asks. What was booked or is waited for by other terms stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Where ranges may lie, beside the hours.
    pub(crate) span: Range,
    /// Ranges begin and end on it, counted from the beginning of their opening.
    pub(crate) grid_seconds: NonZeroU32,
    /// The shortest.
    pub(crate) minimum_seconds: u32,
    /// The longest.
    pub(crate) maximum_seconds: u32,
    /// What a new booking keeps free around itself.
    pub(crate) buffers: Buffers,
    /// How long before a range begins it is asked for at the latest.
    pub(crate) lead_seconds: u32,
    /// How long before a range begins it is asked for at the earliest.
    pub(crate) horizon_seconds: u32,
}

/// Why a range may not be asked for: the first that applies, in this order. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RangeRefused {
    /// It is not all in one opening, and not in the past, or not all in the span.
    Hours,
    /// It does not begin and end on the grid.
    Grid,
    /// It is too short or too long.
    Length,
    /// It begins too soon.
    Lead,
    /// It begins too late.
    Horizon,
}

impl Terms {
    /// Whether a range may be asked for at this moment.
    pub(crate) fn check(&self, hours: &Hours, range: Range, at: Timestamp) -> Result<(), RangeRefused> {
        let Some(opening) = self.opening_of(hours, range) else {
            // When it was open is forgotten by and by: what lies in the past is refused for that alone.
            let is_past = range.from() < at && self.span.contains(range);
            return Err(if is_past { RangeRefused::Lead } else { RangeRefused::Hours });
        };
        let is_on_grid = |moment| self.grid_before(opening, moment) == moment;
        if !is_on_grid(range.from()) || !is_on_grid(range.to()) {
            return Err(RangeRefused::Grid);
        }
        if !self.may_last(range.milliseconds()) {
            return Err(RangeRefused::Length);
        }
        if range.from() < self.first_start(at) {
            return Err(RangeRefused::Lead);
        }
        if self.last_start(at) < range.from() {
            return Err(RangeRefused::Horizon);
        }
        Ok(())
    }

    /// The opening in which a range lies that is in the span too.
    pub(super) fn opening_of(&self, hours: &Hours, range: Range) -> Option<Range> {
        hours.opening_of(range).filter(|_| self.span.contains(range))
    }

    /// Whether a range may last so long, the grid aside.
    pub(super) fn may_last(&self, milliseconds: u64) -> bool {
        let shortest = u64::from(self.minimum_seconds) * 1_000;
        let longest = u64::from(self.maximum_seconds) * 1_000;
        shortest <= milliseconds && milliseconds <= longest
    }

    /// The earliest moment at which a range may begin, the grid aside.
    pub(super) const fn first_start(&self, at: Timestamp) -> Timestamp {
        at.plus_seconds(self.lead_seconds)
    }

    /// The latest moment at which a range may begin, the grid aside.
    pub(crate) const fn last_start(&self, at: Timestamp) -> Timestamp {
        at.plus_seconds(self.horizon_seconds)
    }

    /// How far two moments of the grid are apart.
    pub(super) fn grid_milliseconds(&self) -> u64 {
        u64::from(self.grid_seconds.get()) * 1_000
    }

    /// The last moment of an opening's grid that is not after this one, which is not before the opening.
    pub(super) fn grid_before(&self, opening: Range, moment: Timestamp) -> Timestamp {
        let into = moment.0.checked_sub(opening.from().0).expect("a grid begins with its opening");
        Timestamp(moment.0 - into % self.grid_milliseconds())
    }

    /// The first moment of an opening's grid that is not before this one, which is not before the opening.
    pub(super) fn grid_after(&self, opening: Range, moment: Timestamp) -> Timestamp {
        let before = self.grid_before(opening, moment);
        if before == moment { moment } else { Timestamp(before.0.saturating_add(self.grid_milliseconds())) }
    }
}
