//! From a file to what it says of entries.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Unit};

use crate::component::{Component, Tree};
use crate::event;
use crate::fault::Fault;
use crate::line;
use crate::series::{Group, Window};
use crate::shift;
use crate::time::Form;
use crate::timetable::{Entry, Timetable};
use crate::zone::{self, Zones};

/// A timetable has no more entries than these.
const ENTRIES_MAX: usize = 20_000;
/// All its series together have no more dates than these, those that are over too.
const DATES_MAX: usize = 1_000_000;

/// How a file is to be read.
pub struct Reading {
    /// What begins by then is over.
    pub now: Timestamp,
    /// The zone of times that name none, whatever the file says.
    pub floating: Option<TimeZone>,
    /// The day to which the first is shifted.
    pub starting: Option<Date>,
    /// The last day, as it is after the shift.
    pub until: Option<Date>,
}

impl Timetable {
    /// Reads a file. What is wrong with an entry costs that entry; what is no calendar is refused.
    pub fn read(bytes: &[u8], reading: &Reading) -> Result<Self, Fault> {
        Self::of_tree(Tree::read(line::lines(bytes))?, reading)
    }

    /// What a file says that was taken apart.
    pub(crate) fn of_tree(tree: Tree, reading: &Reading) -> Result<Self, Fault> {
        let mut timetable = Self { problems: tree.faults, ..Self::default() };
        let mut groups = BTreeMap::new();
        for calendar in &tree.calendars {
            timetable.gather(calendar, reading, &mut groups);
        }
        let days = match reading.starting.zip(first_day(&groups)) {
            Some((first, old)) => {
                first.since((Unit::Day, old)).expect("days between two dates are always a span")
            }
            None => Span::new(),
        };
        timetable.shift_days = days.get_days();
        let shift = SignedDuration::from_hours(24 * i64::from(timetable.shift_days));
        // What is asked for, as it was before the shift.
        let window = Window {
            now: reading.now.checked_sub(shift).unwrap_or(reading.now),
            until: reading.until.map(|until| until.saturating_sub(days)),
        };
        for (uid, group) in groups {
            group.tell(&uid, window, &mut timetable);
            if timetable.entries.len() > ENTRIES_MAX {
                let problem = format!("the timetable has more than {ENTRIES_MAX} entries; give --until DATE");
                return Err(Fault::new(1, problem));
            }
            if timetable.dates > DATES_MAX {
                return Err(Fault::new(
                    1,
                    format!("the series of the file have more than {DATES_MAX} dates"),
                ));
            }
        }
        for series in timetable.series.values_mut() {
            series.end = series.end.and_then(|end| end.checked_add(shift).ok());
        }
        for entry in std::mem::take(&mut timetable.entries) {
            match shift::shifted(entry, days) {
                Ok(entry) => timetable.entries.push(entry),
                Err(fault) => timetable.problems.push(fault),
            }
        }
        let start = |entry: &Entry| entry.time.as_ref().map(|(start, _)| start.timestamp());
        timetable.entries.sort_by_key(|entry| (entry.line, start(entry)));
        timetable.problems.sort_unstable();
        timetable.warnings.sort_unstable();
        Ok(timetable)
    }

    /// Reads the events of a calendar, each into the group of its UID.
    fn gather(&mut self, calendar: &Component, reading: &Reading, groups: &mut BTreeMap<String, Group>) {
        self.problems.extend(calendar.broken.clone());
        let named = calendar.all("X-WR-TIMEZONE").next();
        let known = named.and_then(|line| zone::known(line.value.trim()));
        if let (Some(line), None, None) = (named, &known, &reading.floating) {
            let problem = format!("the time zone {:?} is not known; give --timezone ZONE", line.value.trim());
            self.warnings.push(line.fault(problem));
        }
        let is_utc_assumed = reading.floating.is_none() && known.is_none();
        let zones = Zones::of(calendar, reading.floating.as_ref());
        let method = calendar.all("METHOD").next();
        let called_off = method.is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCEL"));
        self.warnings.extend(calendar.slips.iter().map(|slip| slip.fault.clone()));
        for event in calendar.inner.iter().filter(|inner| inner.name == "VEVENT") {
            self.warnings.extend(event::warnings(event));
            match event::read(event, &zones, called_off) {
                Ok(event) => {
                    let form = event.time.as_ref().map(|(start, _)| start.form);
                    self.is_utc_assumed |=
                        is_utc_assumed && matches!(form, Some(Form::Floating | Form::Date));
                    groups.entry(event.name.uid.clone()).or_default().events.push(event);
                }
                Err(broken) => match broken.uid.clone() {
                    Some(uid) => groups.entry(uid).or_default().broken.push(*broken),
                    None => self.problems.push(broken.fault),
                },
            }
        }
    }
}

/// The first day on which anything takes place.
fn first_day(groups: &BTreeMap<String, Group>) -> Option<Date> {
    let events = groups.values().flat_map(|group| &group.events).filter(|event| !event.is_cancelled);
    events.filter_map(|event| Some(event.time.as_ref()?.0.at.date())).min()
}
