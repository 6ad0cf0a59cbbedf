//! What can still be booked: the longest stretches of time in which every start on the grid is one that a booking would get.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::claim::{Place, Resource};
use super::hours::Hours;
use super::occupancy::Occupancy;
use super::range::{Buffers, Range};
use super::terms::Terms;
use super::timeline::{Side, Timeline};
use crate::Timestamp;

/// Asks what is free.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreeAsk {
    /// Bookings are to lie in it, buffers aside.
    pub(crate) window: Range,
    /// How long a booking is to last. What nobody may ask for is never free.
    pub(crate) seconds: u32,
    /// For how many.
    pub(crate) quantity: u32,
    /// On this resource; on each, where none is named.
    pub(crate) resource: Option<Resource>,
}

/// A stretch of time. Whatever begins in it on its opening's grid, and lasts as long as was asked and no longer than the stretch, can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FreeStretch {
    pub(crate) range: Range,
    pub(crate) place: Place,
    /// How many are free throughout, and with the buffers around it.
    pub(crate) free: u32,
}

impl FreeStretch {
    /// Where it stands in the list: by time, then by resource.
    pub(crate) const fn key(&self) -> (Timestamp, Place) {
        (self.range.from(), self.place)
    }
}

/// What is asked, of which calendar.
#[derive(Clone, Copy)]
pub(super) struct Asked<'all> {
    /// From when on.
    pub(super) at: Timestamp,
    pub(super) ask: FreeAsk,
    /// What is behind this place in the list.
    pub(super) after: Option<(Timestamp, Place)>,
    pub(super) terms: &'all Terms,
    pub(super) hours: &'all Hours,
    pub(super) occupancy: &'all Occupancy,
}

impl<'all> Asked<'all> {
    /// What is free, by time and then by resource: so many at most.
    pub(super) fn free(self, limit: usize) -> Vec<FreeStretch> {
        let mut found = Vec::new();
        let (ask, after) = (self.ask, self.after);
        if self.occupancy.count() < ask.quantity || !self.may_last(ask.seconds) {
            return found;
        }
        let mut timelines = self
            .occupancy
            .asked(ask.resource)
            .map(|(place, timeline)| self.stretches(place, timeline))
            .map(|all| all.skip_while(move |stretch| after.is_some_and(|after| stretch.key() <= after)))
            .collect::<Vec<_>>();
        // The next of each timeline.
        let mut next = BTreeMap::new();
        for (index, timeline) in timelines.iter_mut().enumerate() {
            next.extend(timeline.next().map(|stretch| (stretch.key(), (index, stretch))));
        }
        while found.len() < limit
            && let Some((_, (index, stretch))) = next.pop_first()
        {
            found.push(stretch);
            next.extend(timelines[index].next().map(|stretch| (stretch.key(), (index, stretch))));
        }
        found
    }

    fn may_last(self, seconds: u32) -> bool {
        self.terms.may_last(u64::from(seconds) * 1_000)
            && seconds.is_multiple_of(self.terms.grid_seconds.get())
    }

    /// What is free on a timeline, in order.
    fn stretches(self, place: Place, timeline: &'all Timeline) -> impl Iterator<Item = FreeStretch> {
        let window = self.after.map_or(Some(self.ask.window), |(from, _)| self.ask.window.since(from));
        let openings = window.into_iter().flat_map(|window| self.hours.during(window));
        openings.flat_map(move |opening| {
            let allowed = self.allowed(opening).into_iter();
            allowed.flat_map(move |allowed| self.within(opening, allowed, place, timeline))
        })
    }

    /// Where in an opening a booking may lie.
    fn allowed(self, opening: Range) -> Option<Range> {
        let terms = self.terms;
        let allowed = opening.and(terms.span)?.and(self.ask.window)?.since(terms.first_start(self.at))?;
        let last_start = terms.last_start(self.at);
        if last_start < allowed.from() {
            return None;
        }
        allowed.until(terms.grid_before(opening, last_start).plus_seconds(self.ask.seconds))
    }

    /// What is free on a timeline where a booking may lie, without most of what lies before the list goes on.
    fn within(
        self,
        opening: Range,
        allowed: Range,
        place: Place,
        timeline: &'all Timeline,
    ) -> impl Iterator<Item = FreeStretch> {
        let spare = i64::from(self.occupancy.count()) - i64::from(self.ask.quantity);
        let effective = allowed.with(self.terms.buffers).since(self.at);
        let effective = effective.expect("what may be asked for begins now at the earliest");
        // A stretch that begins a step of the grid earlier than the list goes on was told.
        let grid = self.terms.grid_seconds.get();
        let told = self.after.map_or(Timestamp(0), |(from, _)| {
            from.minus_seconds(self.terms.buffers.before_seconds).minus_seconds(grid)
        });
        let untold = effective.since(told).into_iter();
        let parts = untold.flat_map(move |untold| timeline.parts(untold, Side::AtMost(spare)));
        let is_told = move |part: &Range| effective.from() < told && part.from() == told;
        parts.filter(move |part| !is_told(part)).filter_map(move |part| {
            // Where nothing is in the way, buffers may stick out.
            let Buffers { before_seconds, after_seconds } = self.terms.buffers;
            let is_first = part.from() == effective.from();
            let is_last = part.to() == effective.to();
            let from = if is_first { allowed.from() } else { part.from().plus_seconds(before_seconds) };
            let to = if is_last { allowed.to() } else { part.to().minus_seconds(after_seconds) };
            self.stretch(opening, Range::new(from, to)?, place, timeline)
        })
    }

    /// As much of a range as lies on the grid, if it is long enough.
    fn stretch(self, opening: Range, range: Range, place: Place, timeline: &Timeline) -> Option<FreeStretch> {
        let (terms, count) = (self.terms, self.occupancy.count());
        let from = terms.grid_after(opening, range.from());
        let range = Range::new(from, terms.grid_before(opening, range.to()))?;
        if range.milliseconds() < u64::from(self.ask.seconds) * 1_000 {
            return None;
        }
        // Where all are to be free nothing is taken.
        let free = if self.ask.quantity == count {
            count
        } else {
            let around = range.with(terms.buffers).since(self.at)?;
            let free = i64::from(count) - timeline.peak(around);
            u32::try_from(free).expect("no more is taken than there is")
        };
        Some(FreeStretch { range, place, free })
    }
}
