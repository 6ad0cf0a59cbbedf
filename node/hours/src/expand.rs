//! From hours of the week to moments.

use api::time::Time;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::bounds::{DAY_MS, WINDOW_DAYS_MAX};
use crate::calendar::Calendar;
use crate::interval::{Interval, append, less, union, within};
use crate::week;

/// How long before a calendar begins the start of what is open then is looked for, by the hours of a week: longer than any opening of
/// theirs that ever ends.
const OWN_START_DAYS: u64 = 8;

impl Calendar {
    /// What is open from when a calendar begins, up to a moment. The grid counts from an opening's own start, so what is open
    /// already keeps the start that it had before; what is always open is open from `begins` on.
    pub fn openings(&self, begins: Time, until: Time) -> Vec<Interval> {
        let Some(window) = Interval::new(begins, until) else { return Vec::new() };
        let mut openings = self.expand(window);
        if self.hours.is_some()
            && let Some(first) = openings.first_mut().filter(|first| first.from() == begins)
        {
            let own_start = self.own_start(begins).unwrap_or(begins);
            *first = Interval::new(own_start, first.to()).expect("it begins no later than it did");
        }
        openings
    }

    /// What is open in a window, in order, with time between any two. Windows that touch, joined, are the window as a whole: what
    /// goes on at the end of one window is in both.
    pub fn expand(&self, window: Interval) -> Vec<Interval> {
        assert!(window.milliseconds() <= WINDOW_DAYS_MAX * DAY_MS, "a window is no longer than its bound");
        let open = less(&self.by_hours(window), &self.closed(window));
        // Few of the extra openings are in a window, and those touch what is open by the hours as they like.
        let extra = within(&self.extra, window);
        if extra.is_empty() { open } else { union([open, extra].concat()) }
    }

    /// When what is open just before a moment opened, where that is not too long ago.
    fn own_start(&self, moment: Time) -> Option<Time> {
        let well_before = |time: Time| Time::from_ms(time.as_ms().saturating_sub(OWN_START_DAYS * DAY_MS));
        let mut earliest = well_before(moment);
        loop {
            let window = Interval::new(earliest, moment)?;
            if WINDOW_DAYS_MAX * DAY_MS < window.milliseconds() {
                return None;
            }
            let before = self.expand(window);
            let start = before.last().filter(|last| last.to() == moment)?.from();
            if start != earliest {
                return Some(start);
            }
            // By the hours of the week it was never closed; what is opened beside them began some day, however long it lasts.
            let extra = self.extra.iter().find(|extra| extra.from() < start && start <= extra.to())?;
            earliest = well_before(extra.from());
        }
    }

    /// What is open by the hours of the week.
    fn by_hours(&self, window: Interval) -> Vec<Interval> {
        let Some(hours) = &self.hours else { return vec![window] };
        let by_day = week::by_day(hours);
        let mut open = Vec::new();
        for date in self.dates(window) {
            let day = date.weekday().to_monday_zero_offset();
            for (from, to) in &by_day[usize::try_from(day).expect("a day of the week has a number")] {
                let (from, to) = (self.clocks.first(date, *from), self.clocks.last(date, *to));
                if let Some(opening) = Interval::new(from, to).and_then(|opening| opening.and(window)) {
                    append(&mut open, opening);
                }
            }
        }
        open
    }

    /// The days whose hours may reach into a window. What begins on a day ends on the next at the latest, and a whole day may be
    /// skipped between them; or repeated.
    fn dates(&self, window: Interval) -> impl Iterator<Item = Date> + use<> {
        let first = self.clocks.date(window.from()).saturating_sub(3.days());
        let last = self.clocks.date(window.to()).saturating_add(1.day());
        first.series(1.day()).take_while(move |date| *date <= last)
    }

    /// When it is closed, as far as that is in a window.
    fn closed(&self, window: Interval) -> Vec<Interval> {
        let moments = self.closed.iter().filter_map(|(from, to)| {
            let closed = Interval::new(self.clocks.first(*from, 0), self.clocks.first(*to, 0))?;
            closed.and(window)
        });
        union(moments.collect())
    }
}
