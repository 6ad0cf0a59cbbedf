//! Recurrence rules (RFC 5545, 3.3.10), as times on a wall clock.
//!
//! `rrule` knows which times a rule has; where clocks change is for whoever puts them into a zone. So it is told that
//! they are in UTC, and `UNTIL`, which is an instant, is brought onto the same wall clock first.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use rrule::RRuleSet;

use crate::Fault;
use crate::line::Line;
use crate::written;

/// The days of a week, from Monday on.
const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// A rule of this line, from `start` on, which is a time itself, whether the rule has it or not.
pub(crate) struct Rule {
    parts: String,
    /// How many times there are, if the rule says so.
    count: Option<usize>,
    has_until: bool,
    start: DateTime,
}

impl Rule {
    /// Reads `line`, whose `UNTIL` may be an instant: `zone` knows which wall clock it stands for.
    pub(crate) fn read(line: &Line, start: DateTime, zone: &TimeZone) -> Result<Self, Fault> {
        let mut rule = Self { parts: String::new(), count: None, has_until: false, start };
        let text = line.value.to_ascii_uppercase().replace(' ', "");
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let bad = || line.fault(format!("{part:?} is no part of a rule that can be read"));
            let (name, value) = part.split_once('=').ok_or_else(bad)?;
            let separator = if rule.parts.is_empty() { "" } else { ";" };
            let written = match name {
                "UNTIL" => {
                    rule.has_until = true;
                    let until = until(value, zone).ok_or_else(bad)?;
                    write!(rule.parts, "{separator}UNTIL={}", utc(until))
                }
                // Counted here, since the first is a time whether the rule has it or not.
                "COUNT" => {
                    rule.count = Some(value.parse().ok().filter(|count| *count > 0).ok_or_else(bad)?);
                    continue;
                }
                "INTERVAL" if value.parse::<u32>().is_ok_and(|interval| interval == 0) => return Err(bad()),
                // What programs add of their own is theirs.
                _ if name.starts_with("X-") => continue,
                _ => write!(rule.parts, "{separator}{part}"),
            };
            written.expect("a string takes what is written");
        }
        rule.set().map_err(|error| line.fault(format!("the rule cannot be read: {error}")))?;
        Ok(rule)
    }

    /// Whether it goes on for ever.
    pub(crate) const fn is_endless(&self) -> bool {
        self.count.is_none() && !self.has_until
    }

    /// The days on which it comes, if it comes every week for ever, or every day: `mo`, `tu` and so on.
    pub(crate) fn days_of_every_week(&self) -> Option<Vec<String>> {
        let mut days = None;
        for part in self.parts.split(';') {
            match part.split_once('=')? {
                ("FREQ", "DAILY") => {
                    days.get_or_insert_with(|| DAYS.map(str::to_owned).to_vec());
                }
                ("FREQ", "WEEKLY") => {
                    let weekday = self.start.weekday().to_monday_zero_offset();
                    let own = DAYS[usize::try_from(weekday).expect("a day of the week has a number")];
                    days.get_or_insert_with(|| vec![own.to_owned()]);
                }
                ("BYDAY", named) => {
                    let named: Vec<String> = named.split(',').map(str::to_ascii_lowercase).collect();
                    // The second Monday of a month is no day of every week.
                    days = Some(named).filter(|named| named.iter().all(|day| DAYS.contains(&&**day)));
                    days.as_ref()?;
                }
                ("INTERVAL", "1") | ("WKST", _) => {}
                _ => return None,
            }
        }
        let mut days = days.filter(|_| self.is_endless())?;
        days.sort_unstable();
        days.dedup();
        Some(days)
    }

    /// Its times, in order.
    pub(crate) fn times(&self) -> impl Iterator<Item = DateTime> {
        let set = self.set().expect("it was read");
        // With the library's limits: a rule that never comes true does not search for ever.
        let others = set.limit().into_iter().filter_map(|time| {
            let at = Timestamp::from_second(time.timestamp()).ok()?;
            Some(TimeZone::UTC.to_datetime(at))
        });
        let start = self.start;
        let count = self.count.unwrap_or(usize::MAX);
        std::iter::once(start).chain(others.filter(move |time| *time != start)).take(count)
    }

    fn set(&self) -> Result<RRuleSet, rrule::RRuleError> {
        format!("DTSTART:{}\nRRULE:{}", utc(self.start), self.parts).parse()
    }
}

/// The last time that a rule may have. A day is the whole day.
fn until(text: &str, zone: &TimeZone) -> Option<DateTime> {
    let written::Written { civil, is_date, is_utc } = written::written(text)?;
    if is_utc {
        let at = civil.to_zoned(TimeZone::UTC).ok()?;
        return Some(zone.to_datetime(at.timestamp()));
    }
    Some(if is_date { civil.date().to_datetime(Time::constant(23, 59, 59, 0)) } else { civil })
}

fn utc(wall_clock: DateTime) -> String {
    wall_clock.strftime("%Y%m%dT%H%M%SZ").to_string()
}
