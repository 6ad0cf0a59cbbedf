//! Documents and windows that a seed draws; windows that touch are one, wherever they are cut.

use std::ops::Range;

use api::time::Time;
use hours::{Calendar, ClosedDays, Document, ExtraHours, Interval, OpeningHours};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// A document, in numbers.
pub(crate) struct Drawn {
    zone: String,
    /// Days from Monday on, and minutes of the day; `to` not after `from` is on the next.
    pub(crate) hours: Option<Vec<(Vec<usize>, i64, i64)>>,
    /// Days since 1970.
    pub(crate) closed: Vec<(i64, i64)>,
    /// Minutes since 1970.
    pub(crate) extra: Vec<(i64, i64)>,
}

impl Drawn {
    /// A document that says something of the days around this one.
    pub(crate) fn draw(rng: &mut SmallRng, zone: &str, around: Date) -> Self {
        let middle = around.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second() / 60;
        let count = rng.random_range(0..6);
        let hours = (0..count).map(|_| {
            let days = (0..7).filter(|_| rng.random_range(0..2) == 0).collect::<Vec<_>>();
            let from = minute(rng, 0..1_440);
            (if days.is_empty() { vec![6] } else { days }, from, minute(rng, 0..1_441))
        });
        let hours = hours.collect();
        let mut runs = |most: i64, unit: i64| {
            let count = rng.random_range(0..3);
            let each = (0..count).map(|_| {
                let from = middle / unit + rng.random_range(-4 * 1_440 / unit..4 * 1_440 / unit);
                (from, from + rng.random_range(1..=most))
            });
            each.collect::<Vec<_>>()
        };
        let (closed, extra) = (runs(3, 1_440), runs(700, 1));
        Self { zone: zone.to_owned(), hours: (rng.random_range(0..6) != 0).then_some(hours), closed, extra }
    }

    pub(crate) fn document(&self) -> Document {
        const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
        let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let row = |(days, from, to): &(Vec<usize>, i64, i64)| OpeningHours {
            days: days.iter().map(|day| DAYS[*day].to_owned()).collect(),
            from: clock(*from),
            to: clock(*to),
        };
        let date = |days: i64| Date::new(1970, 1, 1).unwrap().checked_add(days.days()).unwrap().to_string();
        let time = |minutes: i64| Time::from_ms(u64::try_from(minutes * 60_000).unwrap());
        Document {
            hours: self.hours.as_ref().map(|hours| hours.iter().map(row).collect()),
            closed: self
                .closed
                .iter()
                .map(|(from, to)| ClosedDays { from: date(*from), to: date(*to) })
                .collect(),
            extra: self
                .extra
                .iter()
                .map(|(from, to)| ExtraHours { from: time(*from), to: time(*to) })
                .collect(),
            time_zone: Some(self.zone.clone()),
        }
    }
}

/// A minute of the day: any, or one at which clocks change and days end.
fn minute(rng: &mut SmallRng, all: Range<i64>) -> i64 {
    let edges = [0, 30, 60, 90, 120, 135, 150, 180, 1_380, 1_410, all.end - 1];
    if rng.random_range(0..3) == 0 { rng.random_range(all) } else { edges[rng.random_range(0..edges.len())] }
}

/// Two numbers of a range, the smaller first.
pub(crate) fn two(rng: &mut SmallRng, all: Range<usize>) -> (usize, usize) {
    let one = rng.random_range(all.clone());
    let other = rng.random_range(all);
    (one.min(other), one.max(other) + 1)
}

/// What several windows have, joined where they touch.
fn joined(parts: impl IntoIterator<Item = Vec<Interval>>) -> Vec<Interval> {
    let mut all: Vec<Interval> = Vec::new();
    for part in parts.into_iter().flatten() {
        match all.last_mut() {
            Some(last) if last.to() == part.from() => *last = Interval::new(last.from(), part.to()).unwrap(),
            _ => all.push(part),
        }
    }
    all
}

#[test]
fn windows_that_touch_are_one() {
    let places = [
        ("Europe/Berlin", 2027, 10, 31),
        ("Australia/Lord_Howe", 2027, 4, 4),
        ("Pacific/Apia", 2011, 12, 30),
    ];
    for (zone, year, month, day) in places {
        let around = Date::new(year, month, day).unwrap();
        let middle = around.to_zoned(TimeZone::UTC).unwrap().timestamp().as_millisecond();
        for seed in 0..100 {
            let rng = &mut SmallRng::seed_from_u64(seed);
            let calendar = Calendar::read(&Drawn::draw(rng, zone, around).document(), "").unwrap();
            let mut cuts: Vec<i64> =
                (0..12).map(|_| middle + rng.random_range(-5 * 86_400_000..5 * 86_400_000)).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let cuts: Vec<Time> =
                cuts.iter().map(|cut| Time::from_ms(u64::try_from(*cut).unwrap())).collect();
            let windows = cuts.windows(2).map(|cut| Interval::new(cut[0], cut[1]).unwrap());
            let parts = joined(windows.map(|window| calendar.expand(window)));
            let whole = Interval::new(cuts[0], cuts[cuts.len() - 1]).unwrap();
            assert_eq!(parts, calendar.expand(whole), "{zone}, seed {seed}: {}", calendar.canonical());
            // A calendar that begins and goes on is the one that began with all of it.
            let openings = calendar.openings(cuts[0], cuts[1]);
            let goes_on = Interval::new(cuts[1], cuts[cuts.len() - 1]).unwrap();
            let on = joined([openings, calendar.expand(goes_on)]);
            assert_eq!(on, calendar.openings(whole.from(), whole.to()), "{zone}, seed {seed}");
        }
    }
}
