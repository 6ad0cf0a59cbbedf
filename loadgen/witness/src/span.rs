//! Spans of time: half-open, and never empty.

use api::time::Time;

/// From a moment on, up to another that is no more a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from: Time,
    pub(crate) to: Time,
}

impl Span {
    /// None, where it would be empty.
    pub(crate) fn new(from: Time, to: Time) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    pub(crate) fn contains(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// What they have in common.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// What is left of it from a moment on.
    pub(crate) fn since(self, at: Time) -> Option<Self> {
        Self::new(self.from.max(at), self.to)
    }

    /// So many seconds longer at either end.
    pub(crate) fn widened(self, (before, after): (u32, u32)) -> Self {
        let ms = |seconds: u32| u64::from(seconds) * 1_000;
        let from = Time::from_ms(self.from.as_ms().saturating_sub(ms(before)));
        Self { from, to: Time::from_ms(self.to.as_ms().saturating_add(ms(after))) }
    }

    pub(crate) const fn milliseconds(self) -> u64 {
        self.to.as_ms() - self.from.as_ms()
    }
}

/// The same time in order, with time between any two.
pub(crate) fn merged(mut all: Vec<Span>) -> Vec<Span> {
    all.sort_unstable();
    let mut merged = Vec::<Span>::with_capacity(all.len());
    for span in all {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            Some(_) | None => merged.push(span),
        }
    }
    merged
}

/// What is left of some time without other time, which is in order.
pub(crate) fn without(all: Vec<Span>, others: &[Span]) -> Vec<Span> {
    let mut left = all;
    for other in others {
        let cut = |span: Span| {
            let before = Span::new(span.from, span.to.min(other.from));
            before.into_iter().chain(Span::new(span.from.max(other.to), span.to))
        };
        left = left.into_iter().flat_map(cut).collect();
    }
    left
}

/// The time that is in all of some lists, each in order.
pub(crate) fn common(one: &[Span], other: &[Span]) -> Vec<Span> {
    one.iter().flat_map(|span| other.iter().filter_map(|other| span.and(*other))).collect()
}
