//! An oracle that looks at every minute: it knows of a zone only how far its clocks are from UTC at a moment.

use api::time::Time;
use hours::{Calendar, Interval};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::windows::{self, Drawn};

const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 24 * 60;

/// Zones, and a day near which something happens there.
const PLACES: [(&str, i16, i8, i8); 23] = [
    ("UTC", 2027, 3, 1),
    ("Europe/Berlin", 2027, 3, 28),
    ("Europe/Berlin", 2027, 10, 31),
    ("Europe/Dublin", 2027, 10, 31),
    ("America/New_York", 2027, 3, 14),
    ("America/New_York", 2027, 11, 7),
    ("America/St_Johns", 2027, 3, 14),
    ("America/Havana", 2027, 3, 14),
    ("America/Havana", 2027, 11, 7),
    ("America/Sao_Paulo", 2018, 11, 4),
    ("America/Sao_Paulo", 2019, 2, 17),
    ("Africa/Casablanca", 2025, 2, 23),
    ("Africa/Casablanca", 2025, 4, 6),
    ("Asia/Beirut", 2027, 3, 28),
    ("Asia/Beirut", 2027, 10, 31),
    ("Asia/Kathmandu", 1986, 1, 1),
    ("Asia/Kathmandu", 2027, 1, 1),
    ("Australia/Lord_Howe", 2027, 4, 4),
    ("Australia/Lord_Howe", 2027, 10, 3),
    ("Antarctica/Troll", 2027, 3, 28),
    ("Pacific/Apia", 2011, 12, 30),
    ("Pacific/Kwajalein", 1993, 8, 21),
    ("Asia/Pyongyang", 2018, 5, 5),
];

/// What the clocks on the wall show, minute by minute, in minutes since 1970 as if there were no zones.
struct Wall {
    first: i64,
    shown: Vec<i64>,
}

impl Wall {
    fn around(zone: &TimeZone, day: Date, days: i64) -> Self {
        let middle = day.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second() / 60;
        let (first, last) = (middle - days * DAY, middle + days * DAY);
        let shown = (first..last).map(|minute| {
            let at = Timestamp::from_second(minute * 60).unwrap();
            minute + i64::from(zone.to_offset(at).seconds()) / 60
        });
        Self { first, shown: shown.collect() }
    }

    /// The first minute at which it is so late.
    fn opens(&self, late: i64) -> usize {
        self.shown.iter().position(|shown| late <= *shown).unwrap_or(self.shown.len())
    }

    /// The minute behind the last before which it is not so late yet; or the last at which it is just so late.
    fn closes(&self, late: i64) -> usize {
        let early = self.shown.iter().rposition(|shown| *shown < late).map_or(0, |last| last + 1);
        early.max(self.shown.iter().rposition(|shown| *shown == late).unwrap_or(0))
    }

    /// Whether each minute is open.
    fn open(&self, drawn: &Drawn) -> Vec<bool> {
        let mut open = vec![drawn.hours.is_none(); self.shown.len()];
        let (first, last) = (self.shown[0] / DAY - 2, self.shown[self.shown.len() - 1] / DAY + 2);
        for (days, from, to) in drawn.hours.iter().flatten() {
            // The first of January 1970 was a Thursday.
            for day in (first..=last).filter(|day| days.contains(&usize::try_from((day + 3) % 7).unwrap())) {
                let to = if to <= from { to + DAY } else { *to };
                let (opens, closes) = (self.opens(day * DAY + from), self.closes(day * DAY + to));
                open.iter_mut().take(closes).skip(opens).for_each(|minute| *minute = true);
            }
        }
        for (index, minute) in open.iter_mut().enumerate() {
            let day = self.shown[index] / DAY;
            *minute &= !drawn.closed.iter().any(|(from, to)| (*from..*to).contains(&day));
            let at = self.first + i64::try_from(index).unwrap();
            *minute |= drawn.extra.iter().any(|(from, to)| (*from..*to).contains(&at));
        }
        open
    }

    fn time(&self, index: usize) -> Time {
        let minute = self.first + i64::try_from(index).unwrap();
        Time::from_ms(u64::try_from(minute * MINUTE_MS).unwrap())
    }

    /// The runs of open minutes from one to another.
    fn runs(&self, open: &[bool], from: usize, to: usize) -> Vec<Interval> {
        let mut runs = Vec::new();
        let mut begun = None;
        for (index, is_open) in
            open.iter().enumerate().take(to).skip(from).map(|(index, open)| (index, *open))
        {
            match (is_open, begun) {
                (true, None) => begun = Some(index),
                (false, Some(first)) => {
                    runs.extend(Interval::new(self.time(first), self.time(index)));
                    begun = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        runs.extend(begun.and_then(|first| Interval::new(self.time(first), self.time(to))));
        runs
    }
}

#[test]
fn every_minute_is_as_the_clock_on_the_wall_says() {
    for (zone, year, month, day) in PLACES {
        let (day, clocks) =
            (Date::new(year, month, day).unwrap(), TimeZoneDatabase::bundled().get(zone).unwrap());
        let wall = Wall::around(&clocks, day, 16);
        for seed in 0..40 {
            let rng = &mut SmallRng::seed_from_u64(seed);
            let drawn = Drawn::draw(rng, zone, day);
            let calendar = Calendar::read(&drawn.document(), "").unwrap();
            let open = wall.open(&drawn);
            let (from, to) = windows::two(rng, 12 * 1_440..20 * 1_440);
            let what = format!("{zone} {day}, seed {seed}: {}", calendar.canonical());
            let window = Interval::new(wall.time(from), wall.time(to)).unwrap();
            let want = wall.runs(&open, from, to);
            assert_eq!(calendar.expand(window), want, "{what}");
            // And from its own start, which is not looked for behind eight days.
            let longest = 8 * 1_440;
            let before = open[from - longest..from].iter().rev().take_while(|open| **open).count();
            let mut openings = want;
            if before < longest && drawn.hours.is_some() && open[from] {
                openings[0] = Interval::new(wall.time(from - before), openings[0].to()).unwrap();
            }
            assert_eq!(calendar.openings(window.from(), window.to()), openings, "{what}");
        }
    }
}
