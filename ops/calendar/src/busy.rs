//! The times that a file says are taken: of its entries, and of its `VFREEBUSY`.

use api::time::Time;
use hours::Interval;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};

use crate::component::{Component, Tree};
use crate::event::Length;
use crate::fault::Fault;
use crate::line::{self, Line};
use crate::read::Reading;
use crate::time::{self, Until};
use crate::timetable::{Entry, Timetable};
use crate::zone::Zones;

/// How long before a window entries are looked for that go on into it. A longer one that comes again is not seen; one alone is.
const BEFORE: SignedDuration = SignedDuration::from_hours(31 * 24);
/// A file has no more periods than these.
const PERIODS_MAX: usize = 100_000;

/// What is asked of a file.
pub struct Asked {
    /// The window that is asked about.
    pub window: Interval,
    /// The zone of times that name none, whatever the file says.
    pub floating: Option<TimeZone>,
}

/// When somebody is taken.
#[derive(Debug)]
pub struct Busy {
    /// In a window, in order; they may overlap.
    pub intervals: Vec<Interval>,
    /// What cannot be read: there may be more.
    pub problems: Vec<Fault>,
    /// Slips that do not matter.
    pub warnings: Vec<Fault>,
}

impl Busy {
    /// Reads a file. What is wrong with an entry costs that entry; what is no calendar is refused.
    pub fn read(bytes: &[u8], asked: &Asked) -> Result<Self, Fault> {
        let tree = Tree::read(line::lines(bytes))?;
        let mut busy = Self { intervals: Vec::new(), problems: Vec::new(), warnings: Vec::new() };
        for calendar in &tree.calendars {
            busy.periods(calendar, asked)?;
        }
        let timetable = Timetable::of_tree(without_what_is_transparent(tree), &asked.reading())?;
        busy.intervals.extend(asked.intervals(&timetable));
        busy.intervals.sort_unstable();
        busy.problems.extend(timetable.problems);
        busy.problems.sort_unstable();
        busy.warnings = timetable.warnings;
        Ok(busy)
    }

    /// Adds what `VFREEBUSY` says.
    fn periods(&mut self, calendar: &Component, asked: &Asked) -> Result<(), Fault> {
        let zones = Zones::of(calendar, asked.floating.as_ref());
        for told in calendar.inner.iter().filter(|inner| inner.name == "VFREEBUSY") {
            self.problems.extend(told.is_broken().cloned());
            self.problems.extend(told.slips.iter().map(|slip| slip.fault.clone()));
            for line in told.all("FREEBUSY").filter(|line| !is_free(line)) {
                match time::moments(line, &zones) {
                    Ok(periods) => self.add(line, periods, asked),
                    Err(fault) => self.problems.push(fault),
                }
                if self.intervals.len() > PERIODS_MAX {
                    return Err(line.fault(format!("the file has more than {PERIODS_MAX} periods")));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, line: &Line, periods: Vec<(time::Moment, Option<Until>)>, asked: &Asked) {
        for (start, until) in periods {
            let end = match until {
                Some(Until::At(end)) => Some(end.at),
                Some(Until::After(span)) => Length::Nominal(span).after(&start.at),
                None => None,
            };
            match end.filter(|end| start.at < *end) {
                Some(end) => self.intervals.extend(asked.within(&start.at, &end)),
                None => self.problems.push(line.fault("a period must end after it starts")),
            }
        }
    }
}

impl Asked {
    /// When the window begins.
    pub(crate) fn from(&self) -> Timestamp {
        timestamp(self.window.from())
    }

    /// How entries are read for what is asked.
    pub(crate) fn reading(&self) -> Reading {
        let from = self.from();
        // A day on which it is still the last there is, wherever that may be.
        let until = TimeZone::UTC.to_datetime(timestamp(self.window.to())).date().saturating_add(1.day());
        Reading {
            now: from.saturating_sub(BEFORE).expect("hours can be subtracted from any time"),
            floating: self.floating.clone(),
            starting: None,
            until: Some(until),
        }
    }

    /// When entries take place, in the window.
    pub(crate) fn intervals(&self, timetable: &Timetable) -> Vec<Interval> {
        let taken = timetable.entries.iter().filter_map(Entry::takes_place);
        taken.filter_map(|(start, end)| self.within(start, end)).collect()
    }

    /// When entries take place of which some is in the window, from their own beginnings on: a grid is counted from there.
    pub(crate) fn openings(&self, timetable: &Timetable) -> Vec<Interval> {
        let all = timetable.entries.iter().filter_map(Entry::takes_place);
        all.filter_map(|(start, end)| {
            let within = self.within(start, end)?;
            Interval::new(moment(start.timestamp()), within.to())
        })
        .collect()
    }

    /// As much as is in the window; what is less than a millisecond is not there.
    fn within(&self, start: &Zoned, end: &Zoned) -> Option<Interval> {
        let from = moment(start.timestamp()).max(self.window.from());
        Interval::new(from, moment(end.timestamp()).min(self.window.to()))
    }
}

/// Entries that say that they take nobody's time (`TRANSP:TRANSPARENT`), as if they did not take place: so one of a series may be
/// transparent alone.
fn without_what_is_transparent(mut tree: Tree) -> Tree {
    for event in tree.calendars.iter_mut().flat_map(|calendar| &mut calendar.inner) {
        let transparent = |line: &&Line| line.value.trim().eq_ignore_ascii_case("TRANSPARENT");
        let number = event.all("TRANSP").find(transparent).map(|line| line.number);
        if let Some(number) = number {
            let (name, value) = ("STATUS".to_owned(), "CANCELLED".to_owned());
            event.properties.retain(|line| line.name != name);
            event.properties.push(Line { number, name, parameters: Vec::new(), value });
        }
    }
    tree
}

fn is_free(line: &Line) -> bool {
    line.parameter("FBTYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("FREE"))
}

fn timestamp(time: Time) -> Timestamp {
    let ms = i64::try_from(time.as_ms()).expect("no time is beyond the maximum");
    Timestamp::from_millisecond(ms).expect("jiff knows the maximum")
}

/// A moment of the contract: nothing is before 1970, or after its last.
fn moment(timestamp: Timestamp) -> Time {
    Time::from_ms(u64::try_from(timestamp.as_millisecond()).unwrap_or(0))
}
