//! What a file says, as whoever imports it wants it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use crate::calendar::Fault;

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Timetable {
    /// In the order of the file; no two have the same identity.
    pub(crate) entries: Vec<Entry>,
    /// By UID.
    pub(crate) series: BTreeMap<String, Series>,
    /// What cannot be read; nothing is known of these entries.
    pub(crate) problems: Vec<Fault>,
    /// Slips that do not matter.
    pub(crate) warnings: Vec<Fault>,
    /// How many dates of series are over.
    pub(crate) past: usize,
    /// The days by which it is shifted.
    pub(crate) shift_days: i32,
    /// Whether times without a zone are taken as UTC because nobody said otherwise.
    pub(crate) is_utc_assumed: bool,
}

/// One entry of a timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The line on which it begins in the file.
    pub(crate) line: usize,
    /// What makes it this entry and no other, wherever it is moved.
    pub(crate) identity: Identity,
    /// What it may have been before: imported by an older build, or not yet a series.
    pub(crate) also: Vec<Identity>,
    /// 1 to 1,000 characters on one line.
    pub(crate) title: String,
    /// From when to when, in the zone of its own. Only what is cancelled may do without.
    pub(crate) time: Option<(Zoned, Zoned)>,
    pub(crate) is_cancelled: bool,
    /// When it was to begin, if the file says of it alone what it is now.
    pub(crate) original: Option<Zoned>,
    /// Whether it takes place after the last day wanted, where it takes place.
    pub(crate) is_later: bool,
}

/// What makes an entry this one and no other, wherever it is moved or shifted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    /// The UID: of a series, many entries have the same.
    pub(crate) uid: String,
    /// Which of a series: the day on which it was to begin, and from the second of a day on its place (`20300615.2`). Nothing
    /// for an entry alone. Builds up to 0.1 had the start instead, in UTC where the file fixes the instant.
    pub(crate) which: String,
}

/// What is known of a UID beside its entries.
#[derive(Debug)]
pub(crate) struct Series {
    /// The line on which it begins in the file.
    pub(crate) line: usize,
    /// Whether the file has it, and not only words about some of its dates.
    pub(crate) is_told: bool,
    /// Whether a rule says which dates it has, so that it does not have any others.
    pub(crate) is_recurring: bool,
    /// From then on it was not looked at, or not all that it had.
    pub(crate) end: Option<Timestamp>,
    /// Days of which the file says what cannot be read.
    pub(crate) held: BTreeSet<Date>,
    /// The most dates of one day.
    pub(crate) places: usize,
}

impl Entry {
    /// From when to when it takes place, if it does.
    pub(crate) fn takes_place(&self) -> Option<&(Zoned, Zoned)> {
        self.time.as_ref().filter(|_| !self.is_cancelled)
    }
}
