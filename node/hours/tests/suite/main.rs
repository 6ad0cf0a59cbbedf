//! Hours as tables: what is read, what is refused and where, and what is open when; an oracle looks at every minute.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod clocks;
mod document;
mod free_busy;
mod oracle;
mod windows;

use api::time::Time;
use hours::{Calendar, Document, Interval};

/// The calendar of a document in JSON.
fn calendar(text: &str) -> Calendar {
    let document: Document = serde_json::from_str(text).unwrap();
    Calendar::read(&document, "").unwrap()
}

/// `from/to`, as instants.
fn interval(text: &str) -> Interval {
    let (from, to) = text.split_once('/').unwrap();
    Interval::new(time(from), time(to)).unwrap()
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// Intervals as `from/to`, to the second where they are whole.
fn told(intervals: &[Interval]) -> Vec<String> {
    let whole = |time: Time| time.to_string().replace(":00.000Z", "Z");
    intervals.iter().map(|each| format!("{}/{}", whole(each.from()), whole(each.to()))).collect()
}
