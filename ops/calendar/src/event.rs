//! One `VEVENT`, read: which one it is, when it takes place, and how often.

use jiff::{SignedDuration, Span, ToSpan as _, Zoned};

use crate::Fault;
use crate::component::Component;
use crate::line::Line;
use crate::rule::Rule;
use crate::time::{self, Form, Moment, Until};
use crate::zone::Zones;

/// The longest title that a slot may have, in characters; a longer one is cut.
const TITLE_CHARS_MAX: usize = 1_000;
/// More rules than an entry needs: each may have as many dates as a series.
const RULES_MAX: usize = 16;
/// The title of an entry that has none: `SUMMARY` is optional.
const UNTITLED: &str = "Untitled";
/// The properties that are read: a slip in one of these costs the entry, in any other it is passed over.
const READ: [&str; 12] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "SUMMARY",
    "STATUS",
    "SEQUENCE",
    "RECURRENCE-ID",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
];

/// One event as the file has it: an entry, a series of them, or a word about one of a series.
pub(crate) struct Event {
    /// The line on which it begins.
    pub(crate) line: usize,
    pub(crate) name: Name,
    /// The newest wins: its `SEQUENCE`, then its `DTSTAMP`.
    pub(crate) version: (u64, String),
    /// Whether it does not take place.
    pub(crate) is_cancelled: bool,
    /// 1 to 1,000 characters on one line.
    pub(crate) title: String,
    /// When it begins, and how long it lasts. Only what is cancelled may do without.
    pub(crate) time: Option<(Moment, Length)>,
    pub(crate) recurrence: Recurrence,
}

/// Which event it is.
pub(crate) struct Name {
    /// Of a series, many events have the same. Where the file does not say, the content does.
    pub(crate) uid: String,
    /// When it was to begin, if it speaks of one of a series (`RECURRENCE-ID`).
    pub(crate) original: Option<Moment>,
    /// Whether it speaks of all that follow too (`RANGE=THISANDFUTURE`).
    pub(crate) is_for_the_future: bool,
}

/// An event that cannot be read, with what of its name could be.
pub(crate) struct Broken {
    pub(crate) fault: Fault,
    pub(crate) uid: Option<String>,
    /// Whether it speaks of one of a series, and of which.
    pub(crate) is_of_series: bool,
    pub(crate) original: Option<Moment>,
}

/// When else an event takes place.
#[derive(Default)]
pub(crate) struct Recurrence {
    pub(crate) rules: Vec<Rule>,
    pub(crate) rules_against: Vec<Rule>,
    pub(crate) dates: Vec<(Moment, Option<Until>)>,
    pub(crate) dates_against: Vec<Moment>,
}

/// How long an entry lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// The same everywhere.
    Exact(SignedDuration),
    /// A day is a day on the calendar.
    Nominal(Span),
}

impl Length {
    /// The end of what begins at `start`; none beyond the year 9999.
    pub(crate) fn after(self, start: &Zoned) -> Option<Zoned> {
        match self {
            Self::Exact(duration) => start.checked_add(duration).ok(),
            Self::Nominal(span) => start.checked_add(span).ok(),
        }
    }
}

impl Recurrence {
    pub(crate) const fn is_none(&self) -> bool {
        self.rules.is_empty() && self.dates.is_empty()
    }
}

/// Reads an event. In a calendar that is `called_off` nothing takes place.
pub(crate) fn read(event: &Component, zones: &Zones, called_off: bool) -> Result<Event, Box<Broken>> {
    attempt(event, zones, called_off).map_err(|fault| {
        let uid = event.all("UID").next().map(|line| line.value.trim().to_owned());
        let original = event.all("RECURRENCE-ID").next();
        Box::new(Broken {
            fault,
            uid: uid.filter(|uid| !uid.is_empty()),
            is_of_series: original.is_some(),
            original: original.and_then(|line| time::moment(line, zones).ok()),
        })
    })
}

/// The slips of an event that do not matter, as warnings.
pub(crate) fn warnings(event: &Component) -> impl Iterator<Item = Fault> {
    let passed_over = event.slips.iter().filter(|slip| !READ.contains(&slip.name.as_str()));
    passed_over.map(|slip| slip.fault.clone())
}

fn attempt(event: &Component, zones: &Zones, called_off: bool) -> Result<Event, Fault> {
    if let Some(fault) = event.is_broken() {
        return Err(fault.clone());
    }
    if let Some(slip) = event.slips.iter().find(|slip| READ.contains(&slip.name.as_str())) {
        return Err(slip.fault.clone());
    }
    let status = event.single("STATUS")?;
    let is_cancelled =
        called_off || status.is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED"));
    let title = event.single("SUMMARY")?.map_or_else(|| UNTITLED.to_owned(), title);
    let time = match event.single("DTSTART")? {
        None if is_cancelled => None,
        None => return Err(Fault::new(event.line, "the entry that begins here has no DTSTART")),
        Some(line) => {
            let start = time::moment(line, zones)?;
            let length = length(event, &start, zones)?;
            Some((start, length))
        }
    };
    let recurrence = match &time {
        Some((start, _)) => recurrence(event, start, zones)?,
        None => Recurrence::default(),
    };
    Ok(Event {
        line: event.line,
        name: name(event, &title, time.as_ref(), zones)?,
        version: version(event)?,
        is_cancelled,
        title,
        time,
        recurrence,
    })
}

/// An event without a UID is known by its content, which has line feeds: no UID can have any.
fn name(
    event: &Component,
    title: &str,
    time: Option<&(Moment, Length)>,
    zones: &Zones,
) -> Result<Name, Fault> {
    let uid = event.single("UID")?.map(|line| line.value.trim().to_owned());
    let content = || {
        let start = time.map(|(start, _)| start.written.as_str()).unwrap_or_default();
        let end = time.and_then(|(start, length)| length.after(&start.at));
        let end = end.map(|end| end.timestamp().to_string()).unwrap_or_default();
        format!("\n{title}\n{start}\n{end}")
    };
    let original = event.single("RECURRENCE-ID")?;
    let range = original.and_then(|line| line.parameter("RANGE"));
    Ok(Name {
        uid: uid.filter(|uid| !uid.is_empty()).unwrap_or_else(content),
        original: original.map(|line| time::moment(line, zones)).transpose()?,
        is_for_the_future: range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE")),
    })
}

/// `SEQUENCE`, which is 0 where it is not given, then `DTSTAMP`, which sorts as a text.
fn version(event: &Component) -> Result<(u64, String), Fault> {
    let sequence = event.single("SEQUENCE")?.map_or(Ok(0), |line| {
        line.value.trim().parse().map_err(|_no_number| line.fault("SEQUENCE must be a whole number"))
    });
    let stamp = event.all("DTSTAMP").next().map(|line| line.value.trim().to_owned());
    Ok((sequence?, stamp.unwrap_or_default()))
}

fn recurrence(event: &Component, start: &Moment, zones: &Zones) -> Result<Recurrence, Fault> {
    if let Some(line) = event.all("RRULE").chain(event.all("EXRULE")).nth(RULES_MAX) {
        return Err(line.fault(format!("an entry has at most {RULES_MAX} rules")));
    }
    let rules = |name| {
        let lines = event.all(name);
        lines
            .map(|line| Rule::read(line, start.at.datetime(), start.at.time_zone()))
            .collect::<Result<_, _>>()
    };
    let dates = |name| {
        let mut dates = Vec::new();
        for line in event.all(name) {
            dates.extend(time::moments(line, zones)?);
        }
        Ok(dates)
    };
    Ok(Recurrence {
        rules: rules("RRULE")?,
        rules_against: rules("EXRULE")?,
        dates: dates("RDATE")?,
        dates_against: dates("EXDATE")?.into_iter().map(|(moment, _)| moment).collect(),
    })
}

/// How long an entry lasts: to its end, or the time that it says, or an hour (a day, where it starts with a date alone).
fn length(event: &Component, start: &Moment, zones: &Zones) -> Result<Length, Fault> {
    let (line, length) = match (event.single("DTEND")?, event.single("DURATION")?) {
        (Some(_), Some(line)) => return Err(line.fault("an entry has DTEND or DURATION, not both")),
        (Some(line), None) => {
            let end = time::moment(line, zones)?;
            if (end.form == Form::Date) != (start.form == Form::Date) {
                return Err(line.fault("DTEND and DTSTART must both be dates or both be times"));
            }
            if end.at <= start.at {
                return Err(line.fault("DTEND must be after DTSTART"));
            }
            (line.number, between(start, &end))
        }
        (None, Some(line)) => (line.number, Length::Nominal(time::duration(line)?)),
        (None, None) if start.form == Form::Date => (event.line, Length::Nominal(1.day())),
        (None, None) => (event.line, Length::Nominal(1.hour())),
    };
    match length.after(&start.at) {
        None => Err(Fault::new(line, "the entry ends after the year 9999")),
        Some(end) if end <= start.at => Err(Fault::new(line, "DURATION must be more than nothing")),
        Some(_) => Ok(length),
    }
}

/// From one moment to the next, in days where both are days.
pub(crate) fn between(start: &Moment, end: &Moment) -> Length {
    match start.form {
        Form::Date => Length::Nominal(
            start.at.date().until(end.at.date()).expect("days between two dates are always a span"),
        ),
        Form::Floating | Form::Fixed => Length::Exact(start.at.duration_until(&end.at)),
    }
}

/// `SUMMARY` without its escapes, on one line, not too long.
fn title(line: &Line) -> String {
    let mut text = String::with_capacity(line.value.len());
    let mut escaped = false;
    for char in line.value.chars() {
        match (escaped, char) {
            (false, '\\') => escaped = true,
            (true, 'n' | 'N') => (text.push(' '), escaped = false).0,
            (_, char) => (text.push(char), escaped = false).0,
        }
    }
    let one_line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.is_empty() { UNTITLED.to_owned() } else { one_line.chars().take(TITLE_CHARS_MAX).collect() }
}
