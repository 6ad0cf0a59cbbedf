//! Prints how long hours take to become moments.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example shows, and a stopwatch is a clock"
)]

use std::hint::black_box;
use std::time::Instant;

use api::time::Time;
use hours::{Calendar, ClosedDays, Document, Interval, OpeningHours};

const ROUNDS: u32 = 20;

fn main() {
    let days = ["mo", "tu", "we", "th", "fr", "sa", "su"];
    let row = |row: u32| OpeningHours {
        days: days.iter().map(ToString::to_string).collect(),
        from: format!("{:02}:{:02}", row * 20 / 60, row * 20 % 60),
        to: format!("{:02}:{:02}", (row * 20 + 10) / 60, (row * 20 + 10) % 60),
    };
    let closed = (0..512).map(|week| {
        let first = jiff::civil::date(2027, 1, 4).saturating_add(jiff::Span::new().weeks(week));
        ClosedDays {
            from: first.to_string(),
            to: first.tomorrow().expect("it is far from the end").to_string(),
        }
    });
    let document = Document {
        hours: Some((0..64).map(row).collect()),
        closed: closed.collect(),
        extra: Vec::new(),
        time_zone: Some("America/New_York".to_owned()),
    };
    let calendar = Calendar::read(&document, "").expect("the document is good");
    for days in [1, 31, 365, 1_111] {
        let from = Time::from_ms(1_800_000_000_000);
        let window =
            Interval::new(from, Time::from_ms(from.as_ms() + days * 86_400_000)).expect("it is not empty");
        let begun = Instant::now();
        let openings = (0..ROUNDS).map(|_| black_box(calendar.expand(window)).len()).max();
        let took = begun.elapsed() / ROUNDS;
        println!(
            "{days:5} days of 64 rows, 512 closed days: {took:?}, {} openings",
            openings.unwrap_or_default()
        );
    }
}
