//! The hours of a week, on a clock on the wall.

use crate::bounds::DAY_MINUTES;

/// The names of days, from Monday on.
pub(crate) const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// Days of the week: a bit for each, the lowest is Monday's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Days(u8);

/// An opening on each of some days, in minutes from midnight on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hours {
    /// On which days it begins, one at least.
    pub(crate) days: Days,
    /// Before the day ends.
    pub(crate) from: u16,
    /// Behind `from`, by a day at most.
    pub(crate) to: u16,
}

impl Days {
    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Adds the day of this number, Monday being 0. Whether it was not there.
    pub(crate) fn add(&mut self, number: usize) -> bool {
        let before = self.0;
        self.0 |= 1 << number;
        self.0 != before
    }

    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        (0..).zip(DAYS).filter(move |(number, _)| self.0 >> number & 1 == 1).map(|(_, name)| name)
    }
}

impl Hours {
    /// By the first day, then by the time: as people write them.
    pub(crate) fn order(self) -> impl Ord {
        (self.days.0.trailing_zeros(), self.from, self.to, self.days)
    }
}

/// What begins on each day of the week, from Monday on: in order, those that touch as one. The clocks may change as they will:
/// the first time that something opens and the last that it closes are in the order of the times on the wall.
pub(crate) fn by_day(hours: &[Hours]) -> [Vec<(u16, u16)>; 7] {
    std::array::from_fn(|number| {
        let of_day = hours.iter().filter(|hours| hours.days.0 >> number & 1 == 1);
        let mut each: Vec<(u16, u16)> = of_day.map(|hours| (hours.from, hours.to)).collect();
        each.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::with_capacity(each.len());
        for (from, to) in each {
            assert!(from < DAY_MINUTES && from < to && to - from <= DAY_MINUTES, "hours are valid");
            match merged.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => merged.push((from, to)),
            }
        }
        merged
    })
}
