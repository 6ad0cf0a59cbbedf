//! One event becomes one entry, or none where it is called off.

use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _, Zoned};

use crate::calendar::component::Component;
use crate::calendar::line::Line;
use crate::calendar::time::{self, Form, Moment};
use crate::calendar::{Entry, Fault, Identity};

/// The longest title that a slot may have, in characters; a longer one is cut.
const TITLE_CHARS_MAX: usize = 1_000;
/// The title of an entry that has none: `SUMMARY` is optional.
const UNTITLED: &str = "Untitled";

/// The entry that an event is; none if it is cancelled. Times that name no zone are taken to be in `floating`.
pub(super) fn entry(event: &Component, floating: &TimeZone) -> Result<Option<Entry>, Fault> {
    let status = event.single("STATUS")?;
    if status.is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED")) {
        return Ok(None);
    }
    if let Some(line) = ["RRULE", "RDATE"].iter().find_map(|name| event.all(name).next()) {
        return Err(line.fault("recurring entries are not supported yet; give each date an entry of its own"));
    }
    let required = |name| {
        let missing = || Fault::new(event.line, format!("the entry that begins here has no {name}"));
        event.single(name)?.ok_or_else(missing)
    };
    let uid = required("UID")?;
    if uid.value.trim().is_empty() {
        return Err(uid.fault("the UID is empty"));
    }
    let start = time::moment(required("DTSTART")?, floating)?;
    let end = end(event, &start, floating)?;
    Ok(Some(Entry {
        line: event.line,
        identity: Identity { uid: uid.value.trim().to_owned(), start: start.written },
        title: event.single("SUMMARY")?.map_or_else(|| UNTITLED.to_owned(), title),
        start: start.at,
        end,
    }))
}

/// When an entry ends: as it says, or after the time that it says to last, or after an hour (a day, where it starts
/// with a date alone).
fn end(event: &Component, start: &Moment, floating: &TimeZone) -> Result<Zoned, Fault> {
    match (event.single("DTEND")?, event.single("DURATION")?) {
        (Some(_), Some(line)) => Err(line.fault("an entry has DTEND or DURATION, not both")),
        (Some(line), None) => {
            let end = time::moment(line, floating)?;
            if (end.form == Form::Date) != (start.form == Form::Date) {
                return Err(line.fault("DTEND and DTSTART must both be dates or both be times"));
            }
            if end.at <= start.at {
                return Err(line.fault("DTEND must be after DTSTART"));
            }
            Ok(end.at)
        }
        (None, Some(line)) => {
            let lasting = time::duration(line)?;
            let end = after(start, lasting).map_err(|problem| line.fault(problem))?;
            if end <= start.at {
                return Err(line.fault("DURATION must be more than nothing"));
            }
            Ok(end)
        }
        (None, None) => {
            let lasting = if start.form == Form::Date { 1.day() } else { 1.hour() };
            after(start, lasting).map_err(|problem| Fault::new(event.line, problem))
        }
    }
}

fn after(start: &Moment, lasting: Span) -> Result<Zoned, &'static str> {
    start.at.checked_add(lasting).map_err(|_out_of_range| "the entry ends after the year 9999")
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
