//! Ranges of time: half-open, and never empty. What ends when a range begins.

use crate::Timestamp;

/// From a moment on, up to another that is no more a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    from: Timestamp,
    to: Timestamp,
}

/// What a booking keeps free around its range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Before it.
    pub before_seconds: u32,
    /// After it.
    pub after_seconds: u32,
}

impl Range {
    /// All time.
    pub(crate) const ALWAYS: Self = Self { from: Timestamp(0), to: Timestamp(u64::MAX) };

    /// None, where it would be empty.
    pub fn new(from: Timestamp, to: Timestamp) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// When it begins.
    pub const fn from(self) -> Timestamp {
        self.from
    }

    /// When it has ended.
    pub const fn to(self) -> Timestamp {
        self.to
    }

    /// How long it is.
    pub const fn milliseconds(self) -> u64 {
        self.to.0 - self.from.0
    }

    /// Whether all of the other is a part of this one.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Whether a moment is a part of it.
    pub(crate) fn has(self, moment: Timestamp) -> bool {
        self.from <= moment && moment < self.to
    }

    /// Whether they have a moment in common. Touching is not overlapping.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// What they have in common.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// What is left of it from a moment on.
    pub(crate) fn since(self, from: Timestamp) -> Option<Self> {
        Self::new(self.from.max(from), self.to)
    }

    /// What is left of it up to a moment.
    pub(crate) fn until(self, to: Timestamp) -> Option<Self> {
        Self::new(self.from, self.to.min(to))
    }

    /// With what is kept free around it: what a booking occupies.
    pub(crate) fn with(self, buffers: Buffers) -> Self {
        let from = self.from.minus_seconds(buffers.before_seconds);
        Self { from, to: self.to.plus_seconds(buffers.after_seconds) }
    }

    /// When nobody waits for it any more: a newcomer could not ask for it later either, but in that very millisecond.
    pub(crate) const fn waited_for_until(self, lead_seconds: u32) -> Timestamp {
        self.from.minus_seconds(lead_seconds)
    }
}

/// Adds a range behind others, as one with the last where they touch.
pub(super) fn append(all: &mut alloc::vec::Vec<Range>, range: Range) {
    match all.last_mut() {
        Some(last) if range.from <= last.to => last.to = last.to.max(range.to),
        _ => all.push(range),
    }
}
