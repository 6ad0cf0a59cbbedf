//! Reading a document: every bound, and what would be right where it does not hold.

use jiff::civil::Date;

use crate::bounds::{CLOSED_MAX, DAY_MINUTES, EXTRA_MAX, HOURS_MAX};
use crate::calendar::Calendar;
use crate::clocks::Clocks;
use crate::document::{ClosedDays, Document, ExtraHours, OpeningHours};
use crate::fault::{Error, Faults, excerpt};
use crate::interval::Interval;
use crate::week::{DAYS, Days, Hours};

/// The zone of a document that names none.
const ZONE_DEFAULT: &str = "UTC";

impl Calendar {
    /// Reads a document that stands at a pointer of what was sent: `/inventory/calendar`.
    pub fn read(document: &Document, at: &str) -> Result<Self, Error> {
        let mut faults = Faults::new(at);
        let calendar = read(document, &mut faults);
        faults.clear(calendar)
    }
}

fn read(document: &Document, faults: &mut Faults<'_>) -> Option<Calendar> {
    // Each is looked at, whatever is wrong with the one before.
    let hours = document.hours.as_ref().map(|hours| {
        let mut hours = list("hours", hours, HOURS_MAX, read_hours, faults);
        hours.sort_unstable_by_key(|hours| hours.order());
        hours
    });
    let closed = list("closed", &document.closed, CLOSED_MAX, read_closed, faults);
    let extra = list("extra", &document.extra, EXTRA_MAX, read_extra, faults);
    let clocks = read_zone(document.time_zone.as_deref().unwrap_or(ZONE_DEFAULT), faults)?;
    Some(Calendar { hours, closed, extra, clocks })
}

/// Reads each entry of a list: sorted, and none twice.
fn list<T, R: Ord>(
    name: &str,
    items: &[T],
    most: usize,
    read: fn(&T, &str, &mut Faults<'_>) -> Option<R>,
    faults: &mut Faults<'_>,
) -> Vec<R> {
    if items.len() > most {
        faults.add(format_args!("/{name}"), format_args!("must have at most {most} entries"));
        return Vec::new();
    }
    let places = items.iter().enumerate();
    let mut all: Vec<R> =
        places.filter_map(|(index, item)| read(item, &format!("/{name}/{index}"), faults)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn read_hours(hours: &OpeningHours, place: &str, faults: &mut Faults<'_>) -> Option<Hours> {
    let days = read_days(&hours.days, place, faults);
    let from = minutes(&hours.from).filter(|from| *from < DAY_MINUTES);
    if from.is_none() {
        let shown = excerpt(&hours.from);
        faults.add(
            format_args!("{place}/from"),
            format_args!("must be a time from 00:00 to 23:59, not {shown:?}"),
        );
    }
    let to = minutes(&hours.to);
    if to.is_none() {
        let shown = excerpt(&hours.to);
        faults.add(
            format_args!("{place}/to"),
            format_args!("must be a time from 00:00 to 24:00, not {shown:?}"),
        );
    }
    let (from, to) = (from?, to?);
    Some(Hours { days: days?, from, to: if to <= from { to + DAY_MINUTES } else { to } })
}

fn read_days(names: &[String], place: &str, faults: &mut Faults<'_>) -> Option<Days> {
    if names.is_empty() {
        faults.add(format_args!("{place}/days"), "must have at least one day");
    }
    // More than there are: one comes twice, and the rest need not be looked at.
    let mut days = Days::default();
    for (index, name) in names.iter().enumerate().take(DAYS.len() + 1) {
        let detail = match DAYS.iter().position(|day| day == name) {
            Some(number) if days.add(number) => continue,
            Some(_) => "must not come twice".to_owned(),
            None => format!("must be one of {}, not {:?}", DAYS.join(", "), excerpt(name)),
        };
        faults.add(format_args!("{place}/days/{index}"), detail);
    }
    (!days.is_none()).then_some(days)
}

/// `HH:MM`, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let &[tens, ones, b':', six, last] = text.as_bytes() else { return None };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    let (hour, minute) = (digit(tens)? * 10 + digit(ones)?, digit(six)? * 10 + digit(last)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

fn read_closed(days: &ClosedDays, place: &str, faults: &mut Faults<'_>) -> Option<(Date, Date)> {
    let mut read = |name: &str, text: &str| {
        let date = date(text);
        if date.is_none() {
            let shown = excerpt(text);
            let wanted = "must be a date from 1970-01-01 on that exists, such as 2027-12-24";
            faults.add(format_args!("{place}/{name}"), format_args!("{wanted}, not {shown:?}"));
        }
        date
    };
    let (from, to) = (read("from", &days.from), read("to", &days.to));
    let (from, to) = (from?, to?);
    if to <= from {
        faults.add(format_args!("{place}/to"), "must be after from: it is the first day that is not closed");
        return None;
    }
    Some((from, to))
}

/// `YYYY-MM-DD`, from 1970 on. jiff reads more than that: the shape is looked at here.
fn date(text: &str) -> Option<Date> {
    let is_date = |(byte, at)| if at == 4 || at == 7 { byte == b'-' } else { u8::is_ascii_digit(&byte) };
    if text.len() != 10 || !text.bytes().zip(0..).all(is_date) {
        return None;
    }
    text.parse().ok().filter(|date: &Date| date.year() >= 1970)
}

fn read_extra(extra: &ExtraHours, place: &str, faults: &mut Faults<'_>) -> Option<Interval> {
    let &ExtraHours { from, to } = extra;
    let interval = Interval::new(from, to);
    if interval.is_none() {
        faults.add(format_args!("{place}/to"), "must be after from");
    }
    interval
}

fn read_zone(name: &str, faults: &mut Faults<'_>) -> Option<Clocks> {
    let clocks = Clocks::of(name);
    if clocks.is_none() {
        let shown = excerpt(name);
        let wanted = "must be the IANA name of a time zone, such as Europe/Berlin";
        faults.add("/time_zone", format_args!("{wanted}, not {shown:?}"));
    }
    clocks
}
