//! The rules of calendars by other means: every minute by itself, every booking by itself, and everything that could be asked is tried.
//!
//! Minutes are counted from the day of the tests. What is asked in whole minutes is all that it knows.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::super::{Claim, Place, Places, Range, RangeRefused, Resource, Terms, Wish};
use super::stage::DAY;
use crate::{Number, Timestamp};

/// How many minutes there are in its world, from one day before its day on.
const MINUTES: i64 = 5 * 1_440;

/// A calendar, minute by minute.
#[derive(Clone)]
pub(super) struct Oracle {
    pub(super) places: Places,
    pub(super) terms: Terms,
    /// As they were drawn: some may touch or overlap.
    pub(super) openings: Vec<Range>,
    pub(super) claims: Vec<Claim>,
    pub(super) waiters: BTreeMap<Number, Wish>,
    /// The moment of the step.
    pub(super) now: i64,
}

/// A stretch that is free: from, to, how many.
pub(super) type Stretch = (i64, i64, u32);

pub(super) fn minute(moment: Timestamp) -> i64 {
    assert!(moment.0.is_multiple_of(60_000), "the oracle knows whole minutes");
    i64::try_from(moment.0 / 60_000).unwrap() - i64::try_from(DAY).unwrap()
}

pub(super) fn moment(minute: i64) -> Timestamp {
    Timestamp(u64::try_from(minute + i64::try_from(DAY).unwrap()).unwrap() * 60_000)
}

pub(super) fn minutes(range: Range) -> core::ops::Range<i64> {
    minute(range.from())..minute(range.to())
}

impl Oracle {
    fn all_places(&self) -> Vec<Place> {
        match self.places {
            Places::Count(_) => vec![Place::Pool],
            Places::Resources(count) => (0..count).map(|index| Place::Resource(Resource(index))).collect(),
        }
    }

    fn places_for(&self, resource: Option<Resource>) -> Vec<Place> {
        let fits = |place: &Place| resource.is_none_or(|wanted| *place == Place::Resource(wanted));
        self.all_places().into_iter().filter(fits).collect()
    }

    fn count(&self) -> u32 {
        match self.places {
            Places::Count(count) => count,
            Places::Resources(_) => 1,
        }
    }

    /// How many are taken in a minute, beside one claim.
    fn taken(&self, place: Place, minute: i64, own: Option<&Claim>) -> u32 {
        let mut own = own;
        let mut taken = 0;
        for claim in &self.claims {
            if own == Some(claim) {
                own = None;
                continue;
            }
            if claim.place == place && minutes(claim.effective).contains(&minute) {
                taken += claim.quantity;
            }
        }
        taken
    }

    fn has_free(&self, place: Place, minute: i64, own: Option<&Claim>, quantity: u32) -> bool {
        self.taken(place, minute, own) + quantity <= self.count()
    }

    fn is_open(&self, minute: i64) -> bool {
        self.openings.iter().any(|opening| minutes(*opening).contains(&minute))
    }

    /// When the opening of this minute begins and ends.
    fn opening(&self, minute: i64) -> (i64, i64) {
        let (mut from, mut to) = (minute, minute + 1);
        while self.is_open(from - 1) {
            from -= 1;
        }
        while self.is_open(to) {
            to += 1;
        }
        (from, to)
    }

    pub(super) fn check(&self, range: core::ops::Range<i64>) -> Result<(), RangeRefused> {
        let in_minutes = |seconds: u32| i64::from(seconds / 60);
        let span = minutes(self.terms.span);
        if !range.clone().all(|minute| self.is_open(minute) && span.contains(&minute)) {
            let is_in_span = span.start <= range.start && range.end <= span.end;
            let is_past = range.start < self.now && is_in_span;
            return Err(if is_past { RangeRefused::Lead } else { RangeRefused::Hours });
        }
        let grid = in_minutes(self.terms.grid_seconds.get());
        let (opening, _) = self.opening(range.start);
        if (range.start - opening) % grid != 0 || (range.end - opening) % grid != 0 {
            return Err(RangeRefused::Grid);
        }
        let length = range.end - range.start;
        if length < in_minutes(self.terms.minimum_seconds) || length > in_minutes(self.terms.maximum_seconds)
        {
            return Err(RangeRefused::Length);
        }
        if range.start - self.now < in_minutes(self.terms.lead_seconds) {
            return Err(RangeRefused::Lead);
        }
        if range.start - self.now > in_minutes(self.terms.horizon_seconds) {
            return Err(RangeRefused::Horizon);
        }
        Ok(())
    }

    /// The minutes of a wish that count: with buffers, and not past.
    fn left_of(&self, wish: &Wish) -> Vec<i64> {
        minutes(wish.effective()).filter(|&minute| minute >= self.now).collect()
    }

    pub(super) fn find(&self, wish: &Wish, own: Option<&Claim>) -> Option<Place> {
        // More than there are is never had, not even of what is past.
        if self.count() < wish.quantity() {
            return None;
        }
        let left = self.left_of(wish);
        let fits =
            |place: &Place| left.iter().all(|&minute| self.has_free(*place, minute, own, wish.quantity()));
        let places = self.places_for(wish.resource()).into_iter().filter(fits);
        // `min_by_key` gives the first of those that are equal.
        places.min_by_key(|&place| self.idle(wish, place, own, &left))
    }

    /// How many minutes around a wish would be idle, of those that can be sold in its opening, with buffers.
    fn idle(&self, wish: &Wish, place: Place, own: Option<&Claim>, left: &[i64]) -> usize {
        let (Some(&first), Some(&last)) = (left.first(), left.last()) else { return 0 };
        let range = minutes(wish.range());
        let span = minutes(self.terms.span);
        let is_in_span = span.start <= range.start && range.end <= span.end;
        let is_open = range.clone().all(|minute| self.is_open(minute));
        if !is_in_span || !is_open {
            return 0;
        }
        let (from, to) = self.opening(range.start);
        let from = from.max(span.start) - i64::from(self.terms.buffers.before_seconds / 60);
        let to = to.min(span.end) + i64::from(self.terms.buffers.after_seconds / 60);
        let is_idle = |minute: &i64| {
            from <= *minute && *minute < to && *minute >= self.now && self.taken(place, *minute, own) == 0
        };
        let before = (0..first).rev().chain((-MINUTES..0).rev()).filter(|&minute| minute < first);
        let before = before.take_while(is_idle).count();
        before + (last + 1..MINUTES).take_while(is_idle).count()
    }

    pub(super) fn conflicts(&self, wish: &Wish, own: Option<&Claim>) -> Vec<(i64, i64)> {
        let places = self.places_for(wish.resource());
        let mut conflicts: Vec<(i64, i64)> = Vec::new();
        for minute in self.left_of(wish) {
            if places.iter().any(|&place| self.has_free(place, minute, own, wish.quantity())) {
                continue;
            }
            match conflicts.last_mut() {
                Some(last) if last.1 == minute => last.1 = minute + 1,
                _ => conflicts.push((minute, minute + 1)),
            }
        }
        conflicts
    }

    /// Whether exactly this could be booked at this place, were it asked for.
    fn could_book(&self, range: core::ops::Range<i64>, place: Place, quantity: u32) -> bool {
        self.check(range.clone()).is_ok() && {
            let before = i64::from(self.terms.buffers.before_seconds / 60);
            let after = i64::from(self.terms.buffers.after_seconds / 60);
            let with_buffers = range.start - before..range.end + after;
            let mut left = with_buffers.filter(|&minute| minute >= self.now);
            left.all(|minute| self.has_free(place, minute, None, quantity))
        }
    }

    /// What is free at a place: every start is tried, and those that follow each other on the grid are one stretch.
    pub(super) fn free(
        &self,
        window: &core::ops::Range<i64>,
        length: i64,
        quantity: u32,
        place: Place,
    ) -> Vec<Stretch> {
        let grid = i64::from(self.terms.grid_seconds.get() / 60);
        let mut found: Vec<Stretch> = Vec::new();
        for start in window.clone() {
            let range = start..start + length;
            if range.end > window.end || !self.could_book(range, place, quantity) {
                continue;
            }
            match found.last_mut() {
                Some(last)
                    if last.1 == start + length - grid && self.opening(last.0) == self.opening(start) =>
                {
                    last.1 = start + length;
                }
                _ => found.push((start, start + length, 0)),
            }
        }
        for stretch in &mut found {
            let from = stretch.0 - i64::from(self.terms.buffers.before_seconds / 60);
            let to = stretch.1 + i64::from(self.terms.buffers.after_seconds / 60);
            let taken = (from..to).filter(|&minute| minute >= self.now);
            stretch.2 = self.count() - taken.map(|minute| self.taken(place, minute, None)).max().unwrap();
        }
        found
    }

    /// Who is served now, and where: the first whom something fits, again and again.
    pub(super) fn serve(&mut self) -> Vec<(Number, Place)> {
        let mut served = Vec::new();
        while let Some((number, place)) =
            self.waiters.iter().find_map(|(&number, wish)| Some((number, self.find(wish, None)?)))
        {
            let wish = self.waiters.remove(&number).unwrap();
            self.claims.push(wish.claim(place));
            served.push((number, place));
        }
        served
    }

    /// How many wait with a lower number for some minute of the same.
    pub(super) fn ahead_of(&self, number: Number, wish: &Wish) -> usize {
        let shares = |other: &Wish| {
            let places = self.places_for(other.resource());
            self.places_for(wish.resource()).iter().any(|place| places.contains(place))
                && minutes(other.effective()).any(|minute| minutes(wish.effective()).contains(&minute))
        };
        self.waiters.iter().filter(|&(&other, waiter)| other < number && shares(waiter)).count()
    }

    /// The first minute from now on at which more is taken than there are to be.
    pub(super) fn first_too_much_for(&self, places: Places) -> Option<i64> {
        let too_much = |minute: &i64| {
            self.all_places().into_iter().any(|place| {
                let to_be = match (places, place) {
                    (Places::Count(count), _) => count,
                    (Places::Resources(count), Place::Resource(Resource(index))) => u32::from(index < count),
                    (Places::Resources(_), Place::Pool) => unreachable!("a pool stays a pool"),
                };
                self.taken(place, *minute, None) > to_be
            })
        };
        (self.now..MINUTES).find(too_much)
    }
}
