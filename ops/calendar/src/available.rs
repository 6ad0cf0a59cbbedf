//! Opening hours, as a file says them: `VAVAILABILITY` (RFC 7953), and nothing else. An event is a time that is taken, whatever it
//! is called.
//!
//! What comes every week, has done so before the window, and goes on for ever, is a row of hours. All else (a season, one Saturday, the first of a month) has no
//! word in our documents, and becomes extra openings of the window that is asked about.

use std::collections::BTreeSet;

use hours::bounds::{EXTRA_MAX, HOURS_MAX};
use hours::{Document, ExtraHours, OpeningHours};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::busy::Asked;
use crate::component::{Component, Tree};
use crate::event::{self, Event};
use crate::fault::Fault;
use crate::line;
use crate::time::Form;
use crate::timetable::Timetable;
use crate::zone::{Zones, known};

const DAY_MINUTES: i64 = 24 * 60;
/// How many days are looked at to know that two zones are the same.
const DAYS_COMPARED: i64 = 2 * 366;

/// When something is open.
#[derive(Debug)]
pub struct Opening {
    /// As our documents say it; none if the file says nothing of it.
    pub document: Option<Document>,
    /// What cannot be read, or not be said in our words.
    pub problems: Vec<Fault>,
}

/// A row of hours, and where it is.
struct Row {
    zone: String,
    hours: OpeningHours,
}

impl Opening {
    /// Reads a file. What is wrong with an opening costs that opening; what is no calendar is refused.
    pub fn read(bytes: &[u8], asked: &Asked) -> Result<Self, Fault> {
        let mut tree = Tree::read(line::lines(bytes))?;
        let mut rows: Vec<Row> = Vec::new();
        let mut problems = Vec::new();
        let mut first: Option<usize> = None;
        for calendar in &mut tree.calendars {
            let zones = Zones::of(calendar, asked.floating.as_ref());
            let mut others = Vec::new();
            for availability in calendar.inner.extract_if(.., |inner| inner.name == "VAVAILABILITY") {
                if let Some(first) = first {
                    let problem = format!("one VAVAILABILITY is read, and the first is on line {first}");
                    problems.push(Fault::new(availability.line, problem));
                    continue;
                }
                first = Some(availability.line);
                problems.extend(read(availability, (&zones, asked), &mut rows, &mut others).err());
            }
            // Zones are kept; events are none of ours.
            calendar.inner.retain(|inner| inner.name == "VTIMEZONE");
            calendar.inner.extend(others);
        }
        let Some(line) = first else { return Ok(Self { document: None, problems }) };
        let timetable = Timetable::of_tree(tree, &asked.reading())?;
        let extra = asked.openings(&timetable);
        problems.extend(timetable.problems);
        problems.sort_unstable();
        if rows.len() > HOURS_MAX || extra.len() > EXTRA_MAX {
            let problem =
                format!("there are more than {HOURS_MAX} hours of the week, or {EXTRA_MAX} other openings");
            return Err(Fault::new(line, problem));
        }
        let time_zone = rows.first().map(|row| row.zone.clone());
        let hours = Some(rows.into_iter().map(|row| row.hours).collect());
        let extra = extra.iter().map(|extra| ExtraHours { from: extra.from(), to: extra.to() }).collect();
        Ok(Self { document: Some(Document { hours, closed: Vec::new(), extra, time_zone }), problems })
    }
}

/// Makes rows of what comes every week, and events of the others.
fn read(
    availability: Component,
    (zones, asked): (&Zones, &Asked),
    rows: &mut Vec<Row>,
    others: &mut Vec<Component>,
) -> Result<(), Fault> {
    if let Some(fault) = availability.is_broken() {
        return Err(fault.clone());
    }
    if let Some(line) = ["DTSTART", "DTEND", "DURATION"].iter().find_map(|name| availability.all(name).next())
    {
        let problem =
            "a VAVAILABILITY that does not hold always is not read: give its openings bounds instead";
        return Err(line.fault(problem));
    }
    let available: Vec<Component> =
        availability.inner.into_iter().filter(|inner| inner.name == "AVAILABLE").collect();
    // One of a series that is said anew is no row, nor is its series.
    let uid = |one: &Component| one.all("UID").next().map(|line| line.value.trim().to_owned());
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<_> =
        available.iter().filter_map(uid).filter(|uid| !seen.insert(uid.clone())).collect();
    for one in available {
        let is_alone = uid(&one).is_none_or(|uid| !twice.contains(&uid));
        let event = event::read(&one, zones, false).ok().filter(|_| is_alone);
        let row = event.as_ref().and_then(|event| row(event, asked.from()));
        // All rows of a document are of one zone.
        match row.filter(|row| rows.first().is_none_or(|first| first.zone == row.zone)) {
            Some(row) => rows.push(row),
            None => others.push(Component { name: "VEVENT".to_owned(), ..one }),
        }
    }
    Ok(())
}

/// The row of hours that an opening is, if it comes every week, has begun by then, and does for ever, in a zone that has a name.
fn row(event: &Event, by: Timestamp) -> Option<Row> {
    let (start, length) = event.time.as_ref().filter(|(start, _)| start.form != Form::Date)?;
    let recurrence = &event.recurrence;
    let [rule] = &recurrence.rules[..] else { return None };
    if !(recurrence.dates.is_empty()
        && recurrence.dates_against.is_empty()
        && recurrence.rules_against.is_empty())
    {
        return None;
    }
    let days = rule.days_of_every_week()?;
    let zone = name(start.at.time_zone(), by).filter(|_| start.at.timestamp() <= by)?;
    // On a wall whose clocks never change.
    let from = start.at.datetime().to_zoned(TimeZone::UTC).ok()?;
    let to = length.after(&from)?;
    let minutes = from.duration_until(&to);
    let is_whole = |length: SignedDuration| length.subsec_nanos() == 0 && length.as_secs() % 60 == 0;
    if from.second() != 0 || !is_whole(minutes) || !(1..=DAY_MINUTES).contains(&minutes.as_mins()) {
        return None;
    }
    let clock = |at: &Zoned| at.strftime("%H:%M").to_string();
    Some(Row { zone, hours: OpeningHours { days, from: clock(&from), to: clock(&to) } })
}

/// The name of a zone that is as the tz database has it: a file may call anything `GMT`.
fn name(zone: &TimeZone, from: Timestamp) -> Option<String> {
    let known = known(zone.iana_name()?)?;
    let mut days =
        (0..DAYS_COMPARED).map_while(|day| from.checked_add(SignedDuration::from_hours(24 * day)).ok());
    let is_same = days.all(|at| zone.to_offset(at) == known.to_offset(at));
    known.iana_name().filter(|_| is_same).map(str::to_owned)
}
