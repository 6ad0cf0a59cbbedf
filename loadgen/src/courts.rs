//! Calendars of a drop: courts that have names, and a pool of things that are alike, in turns; and who wants which of their hours.

use std::ops::RangeInclusive;

use api::booking::{Booking, Status};
use api::calendar::{Calendar, ClosedDays, OpeningHours};
use api::inventory::Inventory;
use api::patch::Patch;
use api::slot::CreateSlot;
use api::time::Time;
use rand::RngExt;
use rand::rngs::SmallRng;
use witness::history::{Ask, FreeAsk, Places, RangePick};

use crate::demand::{Demand, percent};
use crate::seating::SeatWish;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// For how many days each is sold, and on which of them courts are closed.
const DAYS: usize = 21;
const CLOSED_DAY: u64 = 5;
/// How many courts there are, and how many things are alike.
const COURTS: usize = 12;
const POOL: u32 = 25;
/// In steps of so many minutes courts are wanted, and the things.
const COURT_STEP: u64 = 30;
const POOL_STEP: u64 = 15;
/// When courts are open on the clocks of their zone, and about when that is in UTC.
const ZONE: &str = "Europe/Berlin";
const OPEN: (&str, &str) = ("08:00", "22:00");
const OPENS: u64 = 7;
const CLOSES: u64 = 21;
/// How much more wanted the first day is than the k-th: with weight 1/k^S.
const DAYS_ZIPF: f64 = 0.7;
/// How many of a hundred want the evening, name a court, and ask for what one may not: off the grid, for too long, or at night.
const EVENING_PERCENT: u32 = 50;
const NAMED_PERCENT: u32 = 40;
const AMISS_PERCENT: u32 = 4;
/// How many of a hundred who move take any court.
const ANY_COURT_PERCENT: u32 = 50;

/// Of how many minutes somebody wants to know what is free.
const LOOK_MINUTES: RangeInclusive<u64> = 90..=1_800;

/// The calendars of a drop.
#[derive(Clone)]
pub(crate) struct Courts {
    /// The midnight at which the first day begins.
    midnight: u64,
    days: Demand,
}

/// By how much somebody wants to begin later, or earlier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift {
    later: bool,
    by_ms: u64,
    is_any: bool,
}

impl Courts {
    /// Calendars whose first day begins at the midnight before, or at, a moment.
    pub(crate) fn new(starts_at: Time) -> Self {
        let midnight = starts_at.as_ms() / DAY_MS * DAY_MS;
        Self { midnight, days: Demand::new(DAYS, DAYS_ZIPF) }
    }

    /// The same slot, of the time of this calendar: the first is of courts, the second of a pool, and so on.
    pub(crate) fn sold_by(&self, slot: CreateSlot, number: usize) -> CreateSlot {
        let closed = self.midnight + CLOSED_DAY * DAY_MS;
        let day = |ms: u64| String::from_utf8_lossy(&Time::from_ms(ms).text()[..10]).into_owned();
        let hours = OpeningHours {
            days: ["mo", "tu", "we", "th", "fr", "sa", "su"].map(str::to_owned).into(),
            from: OPEN.0.to_owned(),
            to: OPEN.1.to_owned(),
        };
        let of_courts = Calendar {
            resources: Some((1..=COURTS).map(court).collect()),
            grid_seconds: seconds(COURT_STEP),
            maximum_seconds: seconds(4 * COURT_STEP),
            after_seconds: seconds(10),
            time_zone: ZONE.to_owned(),
            hours: Some(vec![hours]),
            closed: vec![ClosedDays { from: day(closed), to: day(closed + DAY_MS) }],
            ..plain()
        };
        let of_pool = Calendar {
            count: Some(POOL),
            grid_seconds: seconds(POOL_STEP),
            maximum_seconds: seconds(16 * POOL_STEP),
            before_seconds: seconds(5),
            lead_seconds: seconds(60),
            ..plain()
        };
        let calendar = if is_of_courts(number) { of_courts } else { of_pool };
        CreateSlot {
            starts_at: Time::from_ms(self.midnight),
            ends_at: Time::from_ms(self.midnight + DAYS as u64 * DAY_MS),
            inventory: Inventory::Calendar(Box::new(calendar)),
            ..slot
        }
    }

    /// What a customer wants of a slot.
    pub(crate) fn draw(&self, number: usize, rng: &mut SmallRng) -> SeatWish {
        let is_amiss = percent(AMISS_PERCENT, rng);
        let kind = rng.random_range(0..4);
        let step = if is_of_courts(number) { COURT_STEP } else { POOL_STEP } * MINUTE_MS;
        let hour = match (percent(EVENING_PERCENT, rng), is_amiss && kind == 0) {
            (_, true) => rng.random_range(0..5),
            (true, _) => rng.random_range(CLOSES - 5..CLOSES),
            (false, _) => rng.random_range(OPENS..CLOSES),
        };
        let steps = rng.random_range(1..=4);
        let odd_ms = if is_amiss && kind == 1 { 7 * MINUTE_MS } else { 0 };
        let lasts = if is_amiss && kind == 2 { 24 * step } else { steps * step };
        let begins = rng.random_range(0..HOUR_MS / step) * step + odd_ms;
        let from = self.midnight + self.days.pick(rng) as u64 * DAY_MS + hour * HOUR_MS + begins;
        let (quantity, resource) = if is_of_courts(number) {
            (1, percent(NAMED_PERCENT, rng).then(|| court(rng.random_range(1..=COURTS))))
        } else {
            (if is_amiss && kind == 3 { POOL + 1 } else { rng.random_range(1..=4) }, None)
        };
        let (from, to) = (Time::from_ms(from), Time::from_ms(from + lasts));
        SeatWish { quantity, places: Places::Range(RangePick { from, to, resource }) }
    }

    /// What somebody wants to know who looks for free hours: now and then for longer than one may, or for more than there are.
    pub(crate) fn question(&self, number: usize, rng: &mut SmallRng) -> FreeAsk {
        let is_of_courts = is_of_courts(number);
        let step = if is_of_courts { COURT_STEP } else { POOL_STEP };
        let from =
            self.midnight + self.days.pick(rng) as u64 * DAY_MS + rng.random_range(0..24 * 60) * MINUTE_MS;
        let is_amiss = percent(AMISS_PERCENT, rng);
        let lasts =
            if is_amiss { 20 * step + rng.random_range(0..2) } else { rng.random_range(1..=4) * step };
        let named = is_of_courts && percent(NAMED_PERCENT, rng);
        FreeAsk {
            from: Time::from_ms(from),
            to: Time::from_ms(from + rng.random_range(LOOK_MINUTES) * MINUTE_MS),
            seconds: rng.random::<bool>().then(|| seconds(lasts)),
            quantity: if is_of_courts { 1 } else { rng.random_range(1..=POOL + 1) },
            resource: named.then(|| court(rng.random_range(1..=COURTS))),
        }
    }
}

impl Shift {
    pub(crate) fn draw(rng: &mut SmallRng) -> Self {
        let by_ms = rng.random_range(1..=4) * COURT_STEP * MINUTE_MS;
        Self { later: rng.random(), by_ms, is_any: percent(ANY_COURT_PERCENT, rng) }
    }

    /// The same booking for as long, at another time; none where it has none.
    pub(crate) fn ask(&self, booking: &Booking) -> Option<Ask> {
        let has_places = matches!(booking.status, Status::Held | Status::Confirmed);
        let (from, to) = booking.from.zip(booking.to).filter(|_range| has_places)?;
        let shifted = |at: Time| {
            let ms = at.as_ms();
            Time::from_ms(if self.later { ms + self.by_ms } else { ms.saturating_sub(self.by_ms) })
        };
        let resource = if self.is_any { Patch::Remove } else { Patch::Keep };
        Some(Ask::Move {
            booking: booking.id.clone(),
            from: Some(shifted(from)),
            to: Some(shifted(to)),
            resource,
        })
    }
}

/// Whether the slot of this place in the list is one of courts.
const fn is_of_courts(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn court(number: usize) -> String {
    format!("court-{number}")
}

fn seconds(minutes: u64) -> u32 {
    u32::try_from(minutes * 60).expect("minutes of a day")
}

/// A calendar that says as little as one may.
fn plain() -> Calendar {
    serde_json::from_str("{}").expect("everything of a calendar may be left out")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn wishes_are_for_hours_of_every_day() {
        let courts = Courts::new(Time::from_ms(100 * DAY_MS + 5));
        let mut rng = SmallRng::seed_from_u64(3);
        let (mut named, mut days) = (0, [0; DAYS]);
        for number in (0..2).cycle().take(2_000) {
            let wish = courts.draw(number, &mut rng);
            let Places::Range(RangePick { from, to, resource }) = wish.places else { panic!("a range") };
            assert!(from < to && 1 <= wish.quantity && (number == 1 || wish.quantity == 1));
            assert!(number == 0 || resource.is_none(), "a pool has no names");
            named += u32::from(resource.is_some());
            days[usize::try_from(from.as_ms() / DAY_MS - 100).expect("a day")] += 1;
        }
        assert!((300..=500).contains(&named), "{named}");
        assert!(days.iter().all(|day| *day > 0) && days[0] > 2 * days[DAYS - 1], "{days:?}");
    }
}
