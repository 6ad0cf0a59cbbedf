//! A timetable of another year, brought to a day to come.

use jiff::civil::Date;
use jiff::{Span, Unit, Zoned};

use crate::calendar::{Entry, Fault, Timetable};

impl Timetable {
    /// The same timetable, shifted by whole days so that its first day is `first`.
    ///
    /// A day is counted on the calendar of each entry's own zone, so that what began at nine begins at nine, summer or
    /// winter. Identities stay what they were: shifted elsewhere, an entry is still itself.
    pub(crate) fn starting(self, first: Date) -> Result<Self, Fault> {
        let Some(old) = self.entries.iter().map(|entry| entry.start.date()).min() else { return Ok(self) };
        let days = first.since((Unit::Day, old)).expect("days between two dates are always a span");
        let entries = self.entries.into_iter().map(|entry| shifted(entry, days)).collect::<Result<_, _>>()?;
        Ok(Self { entries, ..self })
    }
}

fn shifted(entry: Entry, days: Span) -> Result<Entry, Fault> {
    let move_by = |at: &Zoned, span: Span| {
        let line = entry.line;
        at.checked_add(span)
            .map_err(|_out_of_range| Fault::new(line, "the entry would leave the calendar's years"))
    };
    let start = move_by(&entry.start, days)?;
    let mut end = move_by(&entry.end, days)?;
    if end <= start {
        // Clocks that skip an hour have swallowed the entry on its new day: it keeps its length instead.
        end = start
            .checked_add(entry.start.duration_until(&entry.end))
            .map_err(|_out_of_range| Fault::new(entry.line, "the entry would leave the calendar's years"))?;
    }
    Ok(Entry { start, end, ..entry })
}
