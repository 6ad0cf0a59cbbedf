//! What binds whoever asks something of a calendar, as its slot says it.

use api::calendar::Calendar;
use api::inventory::Inventory;
use api::problem::RangeReason;
use api::slot::Slot;
use api::time::Time;

use super::hours::openings;
use crate::span::Span;

/// The terms of a calendar that is on sale.
pub(super) struct Terms<'h> {
    calendar: &'h Calendar,
    all: Span,
    openings: Vec<Span>,
}

impl<'h> Terms<'h> {
    /// None where the slot is no calendar, or its hours cannot be read.
    pub(super) fn of(slot: &'h Slot) -> Option<Self> {
        let Inventory::Calendar(calendar) = &slot.inventory else { return None };
        let all = Span::new(slot.starts_at, slot.ends_at)?;
        Some(Self { calendar, all, openings: openings(calendar, all)? })
    }

    /// How many there are of each place: of a pool its number.
    pub(super) fn count(&self) -> u32 {
        self.calendar.count.unwrap_or(1)
    }

    /// How many there are in all.
    pub(super) fn capacity(&self) -> u64 {
        let named = self.calendar.resources.as_ref().map(|names| names.len() as u64);
        named.unwrap_or_else(|| u64::from(self.count()))
    }

    /// Where a wish for this resource, or for any, may be: in the pool, or on a resource that is there.
    pub(super) fn places(&self, wanted: Option<&str>) -> impl Iterator<Item = Option<&'h str>> {
        let pool = (self.calendar.count.is_some() && wanted.is_none()).then_some(None);
        let named = self.calendar.resources.iter().flatten().map(String::as_str);
        let named = named.filter(move |name| wanted.is_none_or(|wanted| wanted == *name));
        pool.into_iter().chain(named.map(Some))
    }

    /// What a booking keeps free around its range, before and after.
    pub(super) const fn buffers(&self) -> (u32, u32) {
        (self.calendar.before_seconds, self.calendar.after_seconds)
    }

    /// When nobody waits any more for what begins then.
    pub(super) fn waits_until(&self, from: Time) -> Time {
        Time::from_ms(from.as_ms().saturating_sub(seconds(self.calendar.lead_seconds)))
    }

    /// When it may become otherwise by time alone whether a range may be asked for, or waited for.
    pub(super) fn turns(&self, range: Span) -> [Time; 3] {
        let waits_until = self.waits_until(range.from);
        let before = seconds(self.calendar.horizon_seconds);
        let is_near = Time::from_ms(range.from.as_ms().saturating_sub(before));
        [is_near, waits_until, Time::from_ms(waits_until.as_ms() + 1)]
    }

    /// The shortest that a booking may be.
    pub(super) fn minimum_seconds(&self) -> u32 {
        self.calendar.minimum_seconds.unwrap_or(self.calendar.grid_seconds)
    }

    /// How far two moments of the grid are apart.
    pub(super) const fn grid_ms(&self) -> u64 {
        seconds(self.calendar.grid_seconds)
    }

    pub(super) fn is_on_grid(&self, opening: Span, at: Time) -> bool {
        (at.as_ms() - opening.from.as_ms()).is_multiple_of(self.grid_ms())
    }

    /// Whether a booking may last so long.
    pub(super) fn may_last(&self, milliseconds: u64) -> bool {
        let lengths = seconds(self.minimum_seconds())..=seconds(self.calendar.maximum_seconds);
        lengths.contains(&milliseconds) && milliseconds.is_multiple_of(self.grid_ms())
    }

    /// The opening that has all of a range, which is in the calendar's time.
    pub(super) fn opening_of(&self, range: Span) -> Option<Span> {
        let behind = self.openings.partition_point(|opening| opening.from <= range.from);
        let opening = behind.checked_sub(1).map(|last| self.openings[last]);
        opening.filter(|opening| opening.contains(range) && self.all.contains(range))
    }

    /// The openings that have some of a window, as far as they are in the calendar's time at their ends.
    pub(super) fn openings_in(&self, window: Span) -> impl Iterator<Item = Span> {
        self.openings.iter().copied().filter(move |opening| opening.overlaps(window))
    }

    /// Whether it is too late or too early for a range at whatever moment between two.
    pub(super) fn begins_amiss(&self, range: Span, (earliest, latest): (Time, Time)) -> bool {
        self.is_late(range, earliest) || self.is_beyond(range, latest)
    }

    /// Whether it is at one of them.
    pub(super) fn may_begin_amiss(&self, range: Span, (earliest, latest): (Time, Time)) -> bool {
        self.is_late(range, latest) || self.is_beyond(range, earliest)
    }

    fn is_late(&self, range: Span, at: Time) -> bool {
        range.from.as_ms() < at.as_ms() + seconds(self.calendar.lead_seconds)
    }

    /// Why a range may not be asked for at a moment: the first reason of the contract.
    pub(super) fn refuses(&self, range: Span, at: Time) -> Option<RangeReason> {
        let Some(opening) = self.opening_of(range) else { return Some(RangeReason::Hours) };
        if !self.is_on_grid(opening, range.from) || !self.is_on_grid(opening, range.to) {
            return Some(RangeReason::Grid);
        }
        if !self.may_last(range.milliseconds()) {
            return Some(RangeReason::Length);
        }
        if self.is_late(range, at) {
            return Some(RangeReason::Lead);
        }
        self.is_beyond(range, at).then_some(RangeReason::Horizon)
    }

    /// Whether a range lies beyond the horizon, of which hours are not known: then that alone may be told.
    pub(super) fn is_beyond(&self, range: Span, at: Time) -> bool {
        at.as_ms() + seconds(self.calendar.horizon_seconds) < range.from.as_ms()
    }
}

const fn seconds(seconds: u32) -> u64 {
    seconds as u64 * 1_000
}
