//! Dates, times and durations as iCalendar writes them (RFC 5545, 3.3.4 to 3.3.6).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

use crate::Fault;
use crate::line::Line;
use crate::written::{Written, day, written};
use crate::zone::Zones;

/// What a time looks like.
const WANTED: &str = "it must look like 20270501T090000, 20270501T090000Z or 20270501";

/// A point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The point, in the zone that it was written in.
    pub(crate) at: Zoned,
    /// The zone in whose days it is counted: of what is written in UTC, the calendar's.
    pub(crate) home: TimeZone,
    /// How it was written.
    pub(crate) form: Form,
    /// The point in basic form: in UTC where the file fixes the instant, else without a zone.
    pub(crate) written: String,
}

/// How a point in time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A day, which begins at midnight where it takes place.
    Date,
    /// A time on a day, of no zone in particular.
    Floating,
    /// A time in UTC or in a zone that is named.
    Fixed,
}

/// The point in time that a line gives.
pub(crate) fn moment(line: &Line, zones: &Zones) -> Result<Moment, Fault> {
    moment_of(line, &line.value, zones)
}

/// The points in time that a line gives, and of periods the ends.
pub(crate) fn moments(line: &Line, zones: &Zones) -> Result<Vec<(Moment, Option<Until>)>, Fault> {
    let read = |text: &str| match text.split_once('/') {
        None => Ok((moment_of(line, text, zones)?, None)),
        Some((start, end)) => {
            let end = match end.trim().strip_prefix(['P', '+']) {
                Some(_) => Until::After(duration_of(line, end)?),
                None => Until::At(moment_of(line, end, zones)?),
            };
            Ok((moment_of(line, start, zones)?, Some(end)))
        }
    };
    line.value.split(',').filter(|text| !text.trim().is_empty()).map(read).collect()
}

/// Where a period ends.
pub(crate) enum Until {
    At(Moment),
    After(Span),
}

fn moment_of(line: &Line, text: &str, zones: &Zones) -> Result<Moment, Fault> {
    let text = text.trim();
    let bad = || line.fault(format!("{text:?} is no {} that exists; {WANTED}", line.name));
    let Written { civil, is_date, is_utc } = written(text).ok_or_else(bad)?;
    let kind = line.parameter("VALUE").unwrap_or_default();
    if (kind.eq_ignore_ascii_case("DATE") && !is_date) || (kind.eq_ignore_ascii_case("DATE-TIME") && is_date)
    {
        return Err(line.fault(format!("VALUE says otherwise than {text:?}")));
    }
    let (form, zone) = match line.parameter("TZID") {
        _ if is_utc => (Form::Fixed, TimeZone::UTC),
        _ if is_date => (Form::Date, zones.floating.clone()),
        Some(name) => (Form::Fixed, zones.get(line, name)?),
        None => (Form::Floating, zones.floating.clone()),
    };
    // A time that the clocks skip is read with the offset before, one that they repeat is the first (RFC 5545, 3.3.5).
    let home = if is_utc { zones.floating.clone() } else { zone.clone() };
    let at = civil.to_zoned(zone).map_err(|_out_of_range| bad())?;
    let written = basic_form(form, civil, &at);
    Ok(Moment { at, home, form, written })
}

/// How long a line says that something lasts: weeks, days, hours, minutes, seconds, forwards.
pub(crate) fn duration(line: &Line) -> Result<Span, Fault> {
    duration_of(line, &line.value)
}

fn duration_of(line: &Line, text: &str) -> Result<Span, Fault> {
    let text = text.trim();
    let bad = || line.fault(format!("{text:?} is no DURATION; it must look like PT1H30M, P1D or P2W"));
    // jiff reads more than RFC 5545 has: years, months, fractions and words.
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if !unsigned.starts_with('P') || unsigned.contains(['.', ',']) {
        return Err(bad());
    }
    let span: Span = unsigned.parse().map_err(|_no_span| bad())?;
    if span.get_years() != 0 || span.get_months() != 0 { Err(bad()) } else { Ok(span) }
}

/// Basic form, in UTC where the instant is fixed.
fn basic_form(form: Form, civil: DateTime, at: &Zoned) -> String {
    match form {
        Form::Date => day(civil.date()),
        Form::Floating => civil.strftime("%Y%m%dT%H%M%S").to_string(),
        Form::Fixed => at.with_time_zone(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string(),
    }
}
