//! Calendars for tests, written out: times of a day as people say them.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::super::{Buffers, Calendar, Claim, Hours, Place, Places, Range, Resource, Terms, Wish};
use crate::{Status, Timestamp};

/// When the day of the tests begins, in minutes.
pub(super) const DAY: u64 = 1_000_000;

/// Numbers from a seed (`SplitMix64`, G. L. Steele and others, 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap()
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of these, of which there is one at least.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(u32::try_from(all.len()).unwrap()) as usize]
    }
}

/// A moment of the day: `9`, `9:30`, `9:30:05`; also before it, as `-1:30`, and after it, as `24:20`.
pub(super) fn at(text: &str) -> Timestamp {
    let (is_before, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let parts = digits.split(':').map(|part| part.parse::<u64>().unwrap());
    let seconds = parts.zip([3_600, 60, 1]).map(|(part, unit)| part * unit).sum::<u64>() * 1_000;
    let day = DAY * 60_000;
    Timestamp(if is_before { day - seconds } else { day + seconds })
}

/// A range, as `9..10:30`.
pub(super) fn range(text: &str) -> Range {
    let (from, to) = text.split_once("..").unwrap();
    Range::new(at(from), at(to)).unwrap()
}

/// Ranges, as `9..10 11..12`.
pub(super) fn ranges(text: &str) -> Vec<Range> {
    text.split_whitespace().map(range).collect()
}

/// Terms under which next to everything may be asked.
pub(super) fn lenient() -> Terms {
    Terms {
        span: range("-240..240"),
        grid_seconds: NonZeroU32::new(60).unwrap(),
        minimum_seconds: 60,
        maximum_seconds: 86_400,
        buffers: Buffers::default(),
        lead_seconds: 0,
        horizon_seconds: 864_000,
    }
}

/// The same with buffers, in minutes.
pub(super) fn buffered(before: u32, after: u32) -> Terms {
    Terms { buffers: Buffers { before_seconds: before * 60, after_seconds: after * 60 }, ..lenient() }
}

/// A calendar that is always open, at midnight.
pub(super) fn calendar(places: Places, terms: Terms) -> Calendar {
    calendar_open(places, terms, "-240..240")
}

/// A calendar that is open like this, at midnight.
pub(super) fn calendar_open(places: Places, terms: Terms, openings: &str) -> Calendar {
    let mut calendar = Calendar::new(places, terms, Hours::new(ranges(openings)).unwrap());
    calendar.pass(at("0"));
    calendar
}

/// Any resource.
pub(super) const ANY: Option<Resource> = None;
/// One of the resources.
pub(super) const FIRST: Option<Resource> = Some(Resource(0));
pub(super) const SECOND: Option<Resource> = Some(Resource(1));
pub(super) const FOURTH: Option<Resource> = Some(Resource(3));

/// A wish for one place by the terms of a calendar, as `9..10`.
pub(super) fn wish(calendar: &Calendar, text: &str) -> Wish {
    wish_for(calendar, text, ANY, 1)
}

pub(super) fn wish_for(calendar: &Calendar, text: &str, resource: Option<Resource>, quantity: u32) -> Wish {
    Wish::new(range(text), calendar.terms().buffers, resource, quantity)
}

/// Books it, if something is free.
pub(super) fn book(calendar: &mut Calendar, wish: &Wish) -> Option<Claim> {
    let place = calendar.find(wish, None)?;
    let claim = wish.claim(place);
    calendar.take(&claim, Status::Confirmed);
    Some(claim)
}

/// Which resource it is.
pub(super) fn resource_of(place: Place) -> u16 {
    match place {
        Place::Resource(Resource(index)) => index,
        Place::Pool => unreachable!("it is in a pool"),
    }
}
