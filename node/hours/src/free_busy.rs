//! Free and busy times as iCalendar has them (RFC 5545, 3.6.4): `VFREEBUSY`, which calendars of all makers read.

use std::fmt::Write as _;

use api::time::Time;
use jiff::Timestamp;

use crate::interval::Interval;

/// The longest line, in octets, its end aside.
const LINE_OCTETS_MAX: usize = 75;

/// A second.
const SECOND_MS: u64 = 1_000;

/// How somebody is during an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It can be booked.
    Free,
    /// It is booked.
    Busy,
    /// It is held, or offered to someone.
    Tentative,
    /// It is closed.
    Unavailable,
}

/// What is told of a window.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What makes it this report and no other.
    pub id: &'a str,
    /// When it was so.
    pub at: Time,
    /// The window of which it tells; none, where nothing is known.
    pub window: Option<Interval>,
    /// In the order of their beginnings.
    pub intervals: &'a [(Kind, Interval)],
}

impl Report<'_> {
    /// As `text/calendar`: in UTC, in whole seconds. What is free is rounded to its inside, all else to its outside, so that
    /// nobody is told that a moment is free that is not.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |content: &str| fold(&mut text, content);
        line("BEGIN:VCALENDAR");
        line("VERSION:2.0");
        line("PRODID:-//Boxoffice//Boxoffice//EN");
        line("BEGIN:VFREEBUSY");
        line(&format!("UID:{}", escaped(self.id)));
        line(&format!("DTSTAMP:{}", basic(self.at.as_ms() / SECOND_MS)));
        if let Some((from, to)) = self.window.map(outside) {
            line(&format!("DTSTART:{}", basic(from)));
            line(&format!("DTEND:{}", basic(to)));
        }
        for (kind, interval) in self.intervals {
            let (from, to) = if *kind == Kind::Free { inside(*interval) } else { outside(*interval) };
            if from < to {
                line(&format!("FREEBUSY;FBTYPE={}:{}/{}", kind.word(), basic(from), basic(to)));
            }
        }
        line("END:VFREEBUSY");
        line("END:VCALENDAR");
        text
    }
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Busy => "BUSY",
            Self::Tentative => "BUSY-TENTATIVE",
            Self::Unavailable => "BUSY-UNAVAILABLE",
        }
    }
}

/// The whole seconds that an interval has.
fn inside(interval: Interval) -> (u64, u64) {
    (interval.from().as_ms().div_ceil(SECOND_MS), interval.to().as_ms() / SECOND_MS)
}

/// The whole seconds of which an interval has any part.
fn outside(interval: Interval) -> (u64, u64) {
    (interval.from().as_ms() / SECOND_MS, interval.to().as_ms().div_ceil(SECOND_MS))
}

/// `20270101T120000Z`.
fn basic(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).expect("no time is beyond the maximum");
    let at = Timestamp::from_second(seconds).expect("jiff knows the maximum");
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as a value (RFC 5545, 3.3.11). Other controls than a line feed cannot be said, and are left out.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | ';' | ',' => write!(value, "\\{char}").expect("a string takes what is written"),
            '\n' => value.push_str("\\n"),
            char if char.is_control() => {}
            char => value.push(char),
        }
    }
    value
}

/// Adds a line, in several where it is too long (RFC 5545, 3.1); no character is split.
fn fold(text: &mut String, content: &str) {
    let mut octets = 0;
    for char in content.chars() {
        if octets + char.len_utf8() > LINE_OCTETS_MAX {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(char);
        octets += char.len_utf8();
    }
    text.push_str("\r\n");
}
