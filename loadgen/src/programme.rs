//! What the slots of a drop are called, and when they begin: what somebody sees who opens the shop.

use api::time::Time;

use crate::options::Venue;

const MINUTE_MS: u64 = 60 * 1_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// How far off the first day is: nothing of a drop depends on the hour while it is sold.
const FIRST_DAY: u64 = 31;
/// On so many days something begins.
const DAYS: u64 = 28;

/// Something that is on: what, at which minute of a day it begins, and how many minutes it lasts.
type Bill = (&'static str, u64, u64);

const CLASSES: &[Bill] = &[
    ("Morning yoga in the winter garden", 7 * 60, 60),
    ("Pottery for beginners", 18 * 60, 120),
    ("Guided tour of the observatory", 21 * 60, 90),
    ("Life drawing", 19 * 60, 120),
    ("Bread at home", 10 * 60, 180),
    ("A choir for everyone", 20 * 60, 90),
    ("Bees: a first look", 14 * 60, 120),
];
const CINEMA: &[Bill] = &[
    ("Metropolis, with live piano · Lantern Cinema", 20 * 60, 155),
    ("The long night of short films · Lantern Cinema", 21 * 60, 240),
];
const THEATRE: &[Bill] = &[
    ("Hamlet · Old Theatre", 19 * 60, 180),
    ("A Midsummer Night’s Dream · Old Theatre", 19 * 60 + 30, 150),
    ("The Magic Flute · Old Theatre", 18 * 60, 170),
];
const ARENA: &[Bill] = &[
    ("Northern Lights on tour · Harbour Arena", 20 * 60, 150),
    ("Ice gala · Harbour Arena", 15 * 60, 120),
    ("The great orchestra night · Harbour Arena", 19 * 60, 180),
];
const STADIUM: &[Bill] =
    &[("The cup final · Park Stadium", 17 * 60, 120), ("Summer open air · Park Stadium", 18 * 60, 240)];
/// Of courts and of things that are all alike, in turns.
const CALENDARS: &[Bill] =
    &[("Tennis courts at the river", 8 * 60, 60), ("Rowing boats on the lake", 8 * 60, 60)];

/// What a slot is called, and when it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Billed {
    pub(crate) title: String,
    pub(crate) starts_at: Time,
    pub(crate) ends_at: Time,
}

/// What is on in the slot of this number, from 1 on, of a drop that is made at `now`, in milliseconds.
pub(crate) fn billed(venue: Option<Venue>, number: u32, now: u64) -> Billed {
    let bills = match venue {
        None => CLASSES,
        Some(Venue::Cinema) => CINEMA,
        Some(Venue::Theatre) => THEATRE,
        Some(Venue::Arena) => ARENA,
        Some(Venue::Stadium) => STADIUM,
        Some(Venue::Calendar) => CALENDARS,
    };
    let index = number.saturating_sub(1);
    let (title, begins, lasts) = bills[index as usize % bills.len()];
    let day = now / DAY_MS + FIRST_DAY + u64::from(index) % DAYS;
    let starts_at = day * DAY_MS + begins * MINUTE_MS;
    Billed {
        title: title.to_owned(),
        starts_at: Time::from_ms(starts_at),
        ends_at: Time::from_ms(starts_at + lasts * MINUTE_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 20_000 * DAY_MS + DAY_MS / 2;

    #[test]
    fn what_is_on_begins_at_a_time_that_people_know_and_never_soon() {
        for (venue, number, title, begins, lasts) in [
            (None, 1, "Morning yoga in the winter garden", 31 * DAY_MS + 7 * 60 * MINUTE_MS, 60),
            (None, 8, "Morning yoga in the winter garden", 38 * DAY_MS + 7 * 60 * MINUTE_MS, 60),
            (None, 29, "Morning yoga in the winter garden", 31 * DAY_MS + 7 * 60 * MINUTE_MS, 60),
            (
                Some(Venue::Arena),
                1,
                "Northern Lights on tour · Harbour Arena",
                31 * DAY_MS + 20 * 60 * MINUTE_MS,
                150,
            ),
            (Some(Venue::Calendar), 2, "Rowing boats on the lake", 32 * DAY_MS + 8 * 60 * MINUTE_MS, 60),
        ] {
            let starts_at = 20_000 * DAY_MS + begins;
            let want = Billed {
                title: title.to_owned(),
                starts_at: Time::from_ms(starts_at),
                ends_at: Time::from_ms(starts_at + lasts * MINUTE_MS),
            };
            assert_eq!(billed(venue, number, NOON), want);
        }
    }
}
