//! When a calendar is open, by the plainest reading of the contract: what the clocks on the wall show, minute by minute where they
//! change.

use api::calendar::Calendar;
use api::time::Time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::span::{Span, merged, without};

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;
/// How far clocks on the wall are from UTC at most, and a little more.
const SHIFT_MINUTES: i64 = 27 * 60;
/// How long before a calendar begins the start of what is open then is looked for.
const OWN_START_DAYS: i64 = 8;
const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// When a calendar is open that begins and ends like this, in order and with time between any two; none where it cannot be read.
pub(super) fn openings(calendar: &Calendar, all: Span) -> Option<Vec<Span>> {
    let wall = Wall { zone: TimeZone::get(&calendar.time_zone).ok()? };
    let (first, last) = (minute(all.from), minute(all.to));
    let open = match &calendar.hours {
        None => vec![all],
        Some(hours) => {
            let mut open = Vec::new();
            // A day before and after: an opening may begin on one and end on the next.
            let earliest = first - (OWN_START_DAYS + 3) * DAY_MINUTES;
            for day in (earliest / DAY_MINUTES)..=(last / DAY_MINUTES + 2) {
                let name = DAYS[usize::try_from((day + 3).rem_euclid(7)).ok()?];
                for row in hours.iter().filter(|row| row.days.iter().any(|day| day == name)) {
                    let (from, to) = (of_day(&row.from)?, of_day(&row.to)?);
                    let to = if to <= from { to + DAY_MINUTES } else { to };
                    let (from, to) =
                        (wall.opens(day * DAY_MINUTES + from), wall.closes(day * DAY_MINUTES + to));
                    open.extend(span(from, to));
                }
            }
            merged(open)
        }
    };
    let closed = calendar.closed.iter().map(|days| {
        let midnight = |date: &str| Some(wall.opens(day_of(date)? * DAY_MINUTES));
        Some(span(midnight(&days.from)?, midnight(&days.to)?))
    });
    let closed = closed.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    let extra = calendar.extra.iter().filter_map(|extra| Span::new(extra.from, extra.to));
    let open = without(open, &merged(closed));
    let open = merged(open.into_iter().chain(extra).collect());
    Some(open.into_iter().filter_map(|opening| own_start(opening, all, calendar.hours.is_some())).collect())
}

/// An opening of which some is in the calendar's time: from its own start, where that is not too long before.
fn own_start(opening: Span, all: Span, has_hours: bool) -> Option<Span> {
    opening.and(all)?;
    let earliest = all.from.as_ms().saturating_sub(OWN_START_DAYS.unsigned_abs() * 86_400_000);
    let keeps_start = has_hours && earliest < opening.from.as_ms();
    let from = if keeps_start { opening.from } else { opening.from.max(all.from) };
    Span::new(from, opening.to.min(all.to))
}

/// The clocks of a zone. Minutes count from 1970: of moments in UTC, of what the clocks show as if there were no zones.
struct Wall {
    zone: TimeZone,
}

impl Wall {
    /// How far the clocks are from UTC at a minute.
    fn offset(&self, minute: i64) -> i64 {
        let at = Timestamp::from_second(minute * 60).expect("a calendar ends in this millennium or the next");
        i64::from(self.zone.to_offset(at).seconds()) / 60
    }

    fn shown(&self, minute: i64) -> i64 {
        minute + self.offset(minute)
    }

    /// Which minute it is, where the clocks do not change around it.
    fn plain(&self, late: i64) -> Option<i64> {
        let (before, after) = (self.offset(late - SHIFT_MINUTES), self.offset(late + SHIFT_MINUTES));
        (before == after).then_some(late - before)
    }

    /// The first minute at which it is so late, or later.
    fn opens(&self, late: i64) -> i64 {
        let mut near = late - SHIFT_MINUTES..=late + SHIFT_MINUTES;
        let looked_for = || near.find(|minute| late <= self.shown(*minute)).expect("it gets so late");
        self.plain(late).unwrap_or_else(looked_for)
    }

    /// The minute behind the last before which it is not so late yet; or the last at which it is just so late.
    fn closes(&self, late: i64) -> i64 {
        let near = || (late - SHIFT_MINUTES..=late + SHIFT_MINUTES).rev();
        let looked_for = || {
            let early = near().find(|minute| self.shown(*minute) < late).map_or(i64::MIN, |last| last + 1);
            near().find(|minute| self.shown(*minute) == late).unwrap_or(early).max(early)
        };
        self.plain(late).unwrap_or_else(looked_for)
    }
}

fn minute(at: Time) -> i64 {
    i64::try_from(at.as_ms() / MINUTE_MS).expect("a moment of the contract")
}

fn span(from: i64, to: i64) -> Option<Span> {
    let moment = |minute: i64| Time::from_ms(u64::try_from(minute).unwrap_or_default() * MINUTE_MS);
    Span::new(moment(from), moment(to))
}

/// The minute of the day of a time such as `08:00`.
fn of_day(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    Some(hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?)
}

/// How many days after 1970 a date is.
fn day_of(date: &str) -> Option<i64> {
    let midnight = date.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second() / 86_400)
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Span, Time, openings};

    /// Opening hours in words, and when that is.
    #[test]
    fn hours_are_open_as_the_clocks_show() {
        type Texts = &'static [(&'static str, &'static str)];
        let rows: [(&str, &str, Texts); 6] = [
            (
                "always open, from when the calendar begins",
                "{}",
                &[("2027-03-27T12:00:00Z", "2027-03-30T12:00:00Z")],
            ),
            (
                "the night in which clocks go forward is an hour shorter",
                r#"{"time_zone":"Europe/Berlin","hours":[{"days":["sa"],"from":"22:00","to":"06:00"}]}"#,
                &[("2027-03-27T21:00:00Z", "2027-03-28T04:00:00Z")],
            ),
            (
                "who opens in the gap opens at its end",
                r#"{"time_zone":"Europe/Berlin","hours":[{"days":["su"],"from":"02:30","to":"04:00"}]}"#,
                &[("2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z")],
            ),
            (
                "what touches is one, from its own start",
                r#"{"hours":[{"days":["fr"],"from":"20:00","to":"24:00"},{"days":["sa"],"from":"00:00","to":"24:00"}]}"#,
                &[("2027-03-26T20:00:00Z", "2027-03-28T00:00:00Z")],
            ),
            (
                "closed days are cut out, and extra hours are open all the same",
                r#"{"closed":[{"from":"2027-03-28","to":"2027-03-29"}],"extra":[{"from":"2027-03-28T08:00:00Z","to":"2027-03-28T09:00:00Z"}]}"#,
                &[
                    ("2027-03-27T12:00:00Z", "2027-03-28T00:00:00Z"),
                    ("2027-03-28T08:00:00Z", "2027-03-28T09:00:00Z"),
                    ("2027-03-29T00:00:00Z", "2027-03-30T12:00:00Z"),
                ],
            ),
            ("no hours at all", r#"{"hours":[]}"#, &[]),
        ];
        let time = |text: &str| text.parse::<Time>().expect("a time");
        let span = |(from, to): &(&str, &str)| Span::new(time(from), time(to)).expect("some time");
        let all = span(&("2027-03-27T12:00:00Z", "2027-03-30T12:00:00Z"));
        for (what, said, want) in rows {
            let calendar: Calendar = serde_json::from_str(said).expect("a calendar");
            assert_eq!(openings(&calendar, all), Some(want.iter().map(span).collect()), "{what}");
        }
    }
}
