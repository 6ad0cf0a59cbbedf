//! What a file says, as whoever imports it wants it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use crate::Fault;

/// What a file says.
#[derive(Debug, Default)]
pub struct Timetable {
    /// In the order of the file; no two have the same identity.
    pub entries: Vec<Entry>,
    /// By UID.
    pub series: BTreeMap<String, Series>,
    /// What cannot be read; nothing is known of these entries.
    pub problems: Vec<Fault>,
    /// Slips that do not matter.
    pub warnings: Vec<Fault>,
    /// How many dates of series are over.
    pub past: usize,
    /// The days by which it is shifted.
    pub shift_days: i32,
    /// Whether times without a zone are taken as UTC because nobody said otherwise.
    pub is_utc_assumed: bool,
    /// How many dates of series were looked at.
    pub(crate) dates: usize,
}

/// One entry of a timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line on which it begins in the file.
    pub line: usize,
    /// What makes it this entry and no other, wherever it is moved.
    pub identity: Identity,
    /// What it may have been before: imported by an older build, or not yet a series.
    pub also: Vec<Identity>,
    /// 1 to 1,000 characters on one line.
    pub title: String,
    /// From when to when, in the zone of its own. Only what is cancelled may do without.
    pub time: Option<(Zoned, Zoned)>,
    pub is_cancelled: bool,
    /// When it was to begin, if the file says of it alone what it is now.
    pub original: Option<Zoned>,
    /// Whether it takes place after the last day wanted, where it takes place.
    pub is_later: bool,
}

/// What makes an entry this one and no other, wherever it is moved or shifted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The UID: of a series, many entries have the same.
    pub uid: String,
    /// Which of a series: the day on which it was to begin, and from the second of a day on its place (`20300615.2`). Nothing
    /// for an entry alone. Builds up to 0.1 had the start instead, in UTC where the file fixes the instant.
    pub which: String,
}

/// What is known of a UID beside its entries.
#[derive(Debug)]
pub struct Series {
    /// The line on which it begins in the file.
    pub line: usize,
    /// Whether the file has it, and not only words about some of its dates.
    pub is_told: bool,
    /// Whether a rule says which dates it has, so that it does not have any others.
    pub is_recurring: bool,
    /// From then on it was not looked at, or not all that it had.
    pub end: Option<Timestamp>,
    /// Days of which the file says what cannot be read.
    pub held: BTreeSet<Date>,
    /// The most dates of one day.
    pub places: usize,
}

impl Entry {
    /// From when to when it takes place, if it does.
    pub fn takes_place(&self) -> Option<&(Zoned, Zoned)> {
        self.time.as_ref().filter(|_| !self.is_cancelled)
    }
}
