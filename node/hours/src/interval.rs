//! Intervals of time: half-open, and never empty. Sets of them: in order, with time between any two.

use api::time::Time;

/// From a moment on, up to another that is no more a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    from: Time,
    to: Time,
}

impl Interval {
    /// None, where it would be empty.
    pub fn new(from: Time, to: Time) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// Its first moment.
    pub const fn from(self) -> Time {
        self.from
    }

    /// The first moment that is no more a part of it.
    pub const fn to(self) -> Time {
        self.to
    }

    /// How long it is.
    pub const fn milliseconds(self) -> u64 {
        self.to.as_ms() - self.from.as_ms()
    }

    /// What two have in common.
    pub fn and(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }
}

/// Adds an interval behind others, none of which begins after it: as one with the last, where they touch.
pub(crate) fn append(set: &mut Vec<Interval>, next: Interval) {
    match set.last_mut() {
        Some(last) if next.from <= last.to => {
            assert!(last.from <= next.from, "intervals are appended in order");
            last.to = last.to.max(next.to);
        }
        _ => set.push(next),
    }
}

/// The set of these, in whatever order they come.
pub(crate) fn union(mut each: Vec<Interval>) -> Vec<Interval> {
    each.sort_unstable();
    let mut set = Vec::with_capacity(each.len());
    for interval in each {
        append(&mut set, interval);
    }
    set
}

/// What is in the first set and not in the second.
pub fn less(open: &[Interval], closed: &[Interval]) -> Vec<Interval> {
    let mut left = Vec::with_capacity(open.len() + closed.len());
    let mut closed = closed.iter().copied().peekable();
    for interval in open {
        let mut from = interval.from;
        while closed.next_if(|cut| cut.to <= from).is_some() {}
        // One that goes on behind this interval may cut the next one too.
        while let Some(cut) = closed.peek().copied().filter(|cut| cut.from < interval.to) {
            left.extend(Interval::new(from, cut.from));
            from = cut.to;
            if interval.to <= from {
                break;
            }
            closed.next();
        }
        left.extend(Interval::new(from, interval.to));
    }
    left
}

/// What of a set is in a window.
pub(crate) fn within(set: &[Interval], window: Interval) -> Vec<Interval> {
    set.iter().filter_map(|interval| interval.and(window)).collect()
}

#[cfg(test)]
mod tests {
    use api::time::Time;

    use super::{Interval, less, union};

    /// A set of the first eight milliseconds, of which each bit is one.
    fn of_bits(bits: u8) -> Vec<Interval> {
        let moments = (0..8).filter(|moment| bits >> moment & 1 == 1);
        union(moments.filter_map(|at| Interval::new(Time::from_ms(at), Time::from_ms(at + 1))).collect())
    }

    #[test]
    fn sets_are_what_their_moments_are() {
        for one in 0..=u8::MAX {
            for other in 0..=u8::MAX {
                let (left, right) = (of_bits(one), of_bits(other));
                assert_eq!(less(&left, &right), of_bits(one & !other), "{one:08b} less {other:08b}");
                assert_eq!(union([right, left].concat()), of_bits(one | other), "{one:08b} or {other:08b}");
            }
        }
    }
}
