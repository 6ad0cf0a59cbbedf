//! Seatmaps as tables: what is read, what is refused and where, what becomes of it.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod bounds;
mod canonical;
mod csv;
mod drawn;
mod houses;
mod names;
mod ours;
mod plans;
mod pretix;
mod ranks;

use seatmap::{Error, Fault, Seatmap};

/// What is read, or the faults as `pointer: detail`.
fn told(read: Result<Seatmap, Error>) -> Result<Seatmap, Vec<String>> {
    read.map_err(|error| match error {
        Error::Malformed(detail) => vec![format!("malformed: {detail}")],
        Error::Invalid(faults) => {
            faults.into_iter().map(|Fault { pointer, detail }| format!("{pointer}: {detail}")).collect()
        }
    })
}

/// Whether what is read is good, or its only fault is at this place and says this.
fn check(what: &str, read: Result<Seatmap, Error>, want: Option<(&str, &str)>) {
    match (told(read), want) {
        (Ok(_), None) => {}
        (Err(faults), Some((pointer, detail))) => {
            let [fault] = &faults[..] else { panic!("{what}: {faults:?} instead of one at {pointer}") };
            assert!(
                fault.starts_with(&format!("{pointer}: ")),
                "{what}: {fault} instead of one at {pointer}"
            );
            assert!(fault.contains(detail), "{what}: {fault} instead of {detail}");
        }
        (Ok(_), Some((pointer, detail))) => panic!("{what}: is read, instead of {pointer}: {detail}"),
        (Err(faults), None) => panic!("{what}: {faults:?}"),
    }
}

/// A map with categories a and b and these sections, and whatever else it has.
fn map(sections: &str, more: &str) -> String {
    format!(r#"{{"categories":[{{"key":"a"}},{{"key":"b"}}],"sections":[{sections}]{more}}}"#)
}

/// A section of these rows.
fn section(key: &str, rows: &str) -> String {
    format!(r#"{{"key":"{key}","rows":[{rows}]}}"#)
}

/// A row of category a with these seats, and whatever else it has.
fn row(key: &str, seats: &str, more: &str) -> String {
    format!(r#"{{"key":"{key}","seats":{seats},"category":"a"{more}}}"#)
}

/// A map of one section with one row of one seat, and whatever else the map and the row have.
fn small(more_of_row: &str, more_of_map: &str) -> String {
    map(&section("s", &row("A", r#"["1-4"]"#, more_of_row)), more_of_map)
}

/// Many of the same kind, with commas between.
fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(",")
}
