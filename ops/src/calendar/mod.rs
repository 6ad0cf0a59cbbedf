//! Timetables: what of an iCalendar file (RFC 5545) becomes slots.
//!
//! ```text
//! bytes → line (unfolded, with its number) → component (BEGIN and END) → event ┐
//!                                            zone (VTIMEZONE)  rule (RRULE) ───┴→ series (a UID) → Timetable
//! ```
//!
//! Lines are read here because what is wrong is told with its line, and costs only the entry in which it stands; the
//! arithmetic of rules, zones and dates is `rrule`'s and jiff's. `Cargo.toml` says what else was weighed.

mod component;
mod event;
mod fault;
mod line;
mod rule;
mod series;
mod shift;
mod time;
mod timetable;
mod written;
mod zone;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Unit};

pub(crate) use self::fault::Fault;
pub(crate) use self::timetable::{Entry, Identity, Series, Timetable};

use crate::calendar::component::{Component, Tree};
use crate::calendar::series::{Group, Window};
use crate::calendar::time::Form;
use crate::calendar::zone::Zones;

/// A timetable has no more entries than these.
const ENTRIES_MAX: usize = 20_000;

/// How a file is to be read.
pub(crate) struct Reading {
    pub(crate) now: Timestamp,
    /// The zone of times that name none, whatever the file says.
    pub(crate) floating: Option<TimeZone>,
    /// The day to which the first is shifted.
    pub(crate) starting: Option<Date>,
    /// The last day, as it is after the shift.
    pub(crate) until: Option<Date>,
}

impl Timetable {
    /// Reads a file. What is wrong with an entry costs that entry; what is no calendar is refused.
    pub(crate) fn read(bytes: &[u8], reading: &Reading) -> Result<Self, Fault> {
        let tree = Tree::read(line::lines(bytes))?;
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
        let floating = reading.floating.clone().or(known);
        let is_utc_assumed = floating.is_none();
        let zones = Zones::read(calendar, floating.unwrap_or(TimeZone::UTC));
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
