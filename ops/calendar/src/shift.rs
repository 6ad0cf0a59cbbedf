//! A timetable of another year, brought to a day to come.

use jiff::{Span, Zoned};

use crate::{Entry, Fault};

/// An entry, shifted by whole days.
///
/// A day is counted on the calendar of the entry's own zone, so that what began at nine begins at nine, summer or winter.
/// Identities stay what they were: shifted elsewhere, an entry is still itself.
pub(crate) fn shifted(entry: Entry, days: Span) -> Result<Entry, Fault> {
    let Some((old_start, old_end)) = &entry.time else { return Ok(entry) };
    let move_by = |at: &Zoned, span: Span| {
        let line = entry.line;
        at.checked_add(span)
            .map_err(|_out_of_range| Fault::new(line, "the entry would leave the calendar's years"))
    };
    let original = entry.original.as_ref().map(|at| move_by(at, days)).transpose()?;
    let start = move_by(old_start, days)?;
    let mut end = move_by(old_end, days)?;
    if end <= start {
        // Clocks that skip an hour have swallowed the entry on its new day: it keeps its length instead.
        end = start
            .checked_add(old_start.duration_until(old_end))
            .map_err(|_out_of_range| Fault::new(entry.line, "the entry would leave the calendar's years"))?;
    }
    Ok(Entry { time: Some((start, end)), original, ..entry })
}
