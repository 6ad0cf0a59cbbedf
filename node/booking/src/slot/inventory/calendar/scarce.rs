//! When too little is free: on one timeline, or on each of several, where any of them would do.
//!
//! Of several, the stretches in which enough is free are taken one after the other, the longest of those that begin at once first; what
//! none of them covers is scarce. So where one of them is free all the time, the others are not looked through.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::range::Range;
use super::timeline::{Seen, Side, Timeline, Walk};
use crate::Timestamp;

/// What is taken, as it would be if something were given back.
#[derive(Clone, Copy)]
pub(super) struct Source<'all> {
    pub(super) taken: &'all Timeline,
    pub(super) given_back: Option<&'all Timeline>,
}

/// Whether more is taken than so much beside what is given back, and until when that is certain: for whole blocks, where it can be.
fn beside(our: &Seen, their: &Seen, taken: i64) -> (bool, Timestamp) {
    let bounded_until = our.bounded_until.min(their.bounded_until);
    if taken < our.bounds.0 - their.bounds.1 {
        (true, bounded_until)
    } else if our.bounds.1 - their.bounds.0 <= taken {
        (false, bounded_until)
    } else {
        (taken < our.taken - their.taken, our.until.min(their.until))
    }
}

/// The parts of a range in which more is taken than so much of each of these; all of it, where there are none.
pub(super) fn scarce(sources: &[Source<'_>], range: Range, taken: i64) -> Vec<Range> {
    if let [only] = sources {
        return only.above(range, taken).collect();
    }
    let next = |from, index: usize| {
        let gap = sources[index].first_gap(range.since(from)?, taken)?;
        Some((gap.from(), Reverse(gap.to()), index))
    };
    let mut gaps = (0..sources.len()).filter_map(|index| next(range.from(), index)).collect::<BTreeSet<_>>();
    let mut scarce = Vec::new();
    let mut covered = range.from();
    while let Some((from, Reverse(to), index)) = gaps.pop_first() {
        scarce.extend(Range::new(covered, from));
        covered = covered.max(to);
        gaps.extend(next(covered, index));
    }
    scarce.extend(Range::new(covered, range.to()));
    scarce
}

impl<'all> Source<'all> {
    /// The parts of a range in which more is taken than so much, each as long as can be.
    fn above(self, range: Range, taken: i64) -> impl Iterator<Item = Range> {
        let mut parts = self.taken.parts(range, Side::Above(taken));
        let walk = |timeline: &'all Timeline| Walk::from(timeline, range.from());
        let mut walks = self.given_back.map(|given_back| (walk(self.taken), walk(given_back)));
        let mut rest = None;
        core::iter::from_fn(move || {
            let Some((ours, theirs)) = &mut walks else { return parts.next() };
            let mut found: Option<Range> = None;
            loop {
                let Some(ahead) = rest.take().or_else(|| if found.is_none() { parts.next() } else { None })
                else {
                    return found;
                };
                let (our, their) = (ours.look(ahead.from()), theirs.look(ahead.from()));
                let (is_above, until) = beside(&our, &their, taken);
                let piece = ahead.until(until).expect("it stays so for a while");
                rest = ahead.since(until);
                if is_above {
                    let from = found.unwrap_or(piece).from();
                    found = Range::new(from, piece.to());
                } else if found.is_some() {
                    return found;
                }
            }
        })
    }

    /// The first part of a range in which no more is taken than so much.
    fn first_gap(self, range: Range, taken: i64) -> Option<Range> {
        let mut above = self.above(range, taken);
        let first = above.next();
        match first {
            Some(first) if first.from() == range.from() => {
                let behind = range.since(first.to())?;
                above.next().map_or(Some(behind), |next| behind.until(next.from()))
            }
            Some(first) => range.until(first.from()),
            None => Some(range),
        }
    }
}
