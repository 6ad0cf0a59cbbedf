//! Timetables: what of an iCalendar file (RFC 5545) becomes slots.
//!
//! ```text
//! bytes → line (unfolded, with its number) → component (BEGIN and END) → event (one entry) → Timetable → shift
//! ```
//!
//! The parser is our own because a file is refused with the line at fault, and no crate that reads iCalendar tells it:
//! `ical` numbers only some of its errors, `calcard` none, and the lines that `icalendar` gives are those of the
//! unfolded text. What is needed here is small: of a calendar only its `VEVENT`s, of these eight properties.

mod component;
mod event;
mod line;
mod shift;
mod time;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Zoned;
use jiff::tz::TimeZone;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1; of a folded line its first.
    pub(crate) line: usize,
    /// What is wrong there, and what would be right.
    pub(crate) problem: String,
}

/// The entries of a file that take place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timetable {
    /// In the order of the file; no two have the same identity.
    pub(crate) entries: Vec<Entry>,
    /// How many entries the file calls off (`STATUS:CANCELLED`).
    pub(crate) cancelled: usize,
}

/// One entry of a timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The line on which it begins in the file.
    pub(crate) line: usize,
    /// What makes it this entry and no other: its UID and its start as the file has it.
    pub(crate) identity: Identity,
    /// 1 to 1,000 characters on one line.
    pub(crate) title: String,
    /// When it begins, in the zone of its own.
    pub(crate) start: Zoned,
    /// When it ends: after `start`.
    pub(crate) end: Zoned,
}

/// What makes an entry this one and no other, wherever it is shifted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    /// The UID: of a series, many entries have the same.
    pub(crate) uid: String,
    /// The start in iCalendar's basic form: in UTC where the file fixes the instant, else without a zone.
    pub(crate) start: String,
}

impl Fault {
    fn new(line: usize, problem: impl Into<String>) -> Self {
        Self { line, problem: problem.into() }
    }
}

impl Timetable {
    /// Reads a whole file; the first fault refuses it. Times that name no zone are taken to be in `floating`.
    pub(crate) fn read(bytes: &[u8], floating: &TimeZone) -> Result<Self, Fault> {
        let mut timetable = Self { entries: Vec::new(), cancelled: 0 };
        let mut seen = BTreeMap::new();
        for component in component::events(line::lines(bytes))? {
            let Some(entry) = event::entry(&component, floating)? else {
                timetable.cancelled += 1;
                continue;
            };
            if let Some(earlier) = seen.insert(entry.identity.clone(), entry.line) {
                let problem = format!("this entry has the UID and the start of the one on line {earlier}");
                return Err(Fault::new(entry.line, problem));
            }
            timetable.entries.push(entry);
        }
        Ok(timetable)
    }
}
