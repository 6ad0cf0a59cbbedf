//! What a calendar shows as free: every start that it offers could be booked at that seq, and no other could. Each start of the window is
//! looked at by itself, on each place.
//!
//! What the server's clock showed is not told. It stood at the stamp of that seq or later, and no later than when something changed that was
//! asked for only when the answer was there. What is so at one end of this time and not at the other is not judged.

use std::collections::{BTreeMap, BTreeSet};

use api::calendar::{FreeStretch, Page};
use api::time::Time;

use super::decide::Ground;
use super::sheet::Claim;
use crate::case::SlotCase;
use crate::contract::closes_at;
use crate::history::{FreeAsk, FreeLook, Reading};
use crate::span::Span;

/// By how much the clocks of two nodes differ at most, and a little more.
const SKEW_MS: u64 = 10_000;
/// How long it may have been if nothing changed afterwards.
const DAY_MS: u64 = 86_400_000;

/// A start on a place.
type Start<'p> = (Option<&'p str>, Time);

/// What is known of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Free {
    Yes,
    No,
    /// It depends on what the clock showed.
    Either,
}

/// A calendar at a seq, about which somebody asks.
pub(super) struct Question<'a, 'h> {
    pub(super) ground: Ground<'a, 'h>,
    pub(super) asked: &'a FreeAsk,
    pub(super) clock: Clock,
}

/// When the server may have been asked, by its own clock.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    earliest: Time,
    latest: Time,
}

/// The looks at a slot by what they say to be true at, each with when that may have been.
pub(super) fn by_seq<'h>(slot: &SlotCase<'h>) -> BTreeMap<u64, Vec<(&'h FreeLook, Clock)>> {
    let sent: BTreeMap<u64, _> =
        slot.cases.iter().filter_map(|case| Some((slot.record_of(case)?.seq, case.request.sent?))).collect();
    let mut looks = BTreeMap::<u64, Vec<_>>::new();
    for look in &slot.evidence.free {
        let seq = look.page.got().map_or(1, |page| page.seq);
        let stamp = |seq: &u64| slot.by_seq().get(seq).map(|record| record.at);
        let Some(earliest) = stamp(&seq) else { continue };
        let later = sent.range(seq + 1..).find(|(_seq, sent)| look.received <= **sent);
        let latest = later.and_then(|(later, _sent)| stamp(later)).map(|at| at.as_ms() + SKEW_MS);
        let latest = Time::from_ms(latest.unwrap_or_else(|| earliest.as_ms() + DAY_MS));
        looks.entry(seq).or_default().push((look, Clock { earliest, latest }));
    }
    looks
}

impl<'a> Question<'a, '_> {
    /// What is wrong with what was shown.
    pub(super) fn fault(&self, shown: &Reading<Page>) -> Option<String> {
        match shown {
            Reading::Got(page) => self.judge(page).err(),
            Reading::Missing => Some("what is free was asked for, and is said not to be there".to_owned()),
            Reading::Unreadable(why) => Some(format!("a look at what is free was answered with {why}")),
        }
    }

    fn judge(&self, page: &Page) -> Result<(), String> {
        let mut offered = self.offered(&page.items)?;
        // On a first page stands whatever begins before its last stretch does.
        let told_until =
            page.next.as_ref().map(|_next| page.items.last().map_or(Time::from_ms(0), |last| last.from));
        let is_told = |from: Time| told_until.is_none_or(|until| from < until);
        for (start @ (place, from), free) in self.starts() {
            match (free, offered.remove(&start)) {
                (Free::No, true) => {
                    return Err(format!("it offers {from} on {place:?}, which nobody could have"));
                }
                (Free::Yes, false) if is_told(from) => {
                    return Err(format!("it does not offer {from} on {place:?}, which is free"));
                }
                (Free::Yes | Free::Either, _) | (Free::No, false) => {}
            }
        }
        let Some((place, from)) = offered.first() else { return Ok(()) };
        Err(format!("it offers {from} on {place:?}, which nobody may ask for"))
    }

    /// Every start that is offered.
    fn offered<'p>(&self, items: &'p [FreeStretch]) -> Result<BTreeSet<Start<'p>>, String> {
        let terms = self.ground.terms;
        let mut offered = BTreeSet::new();
        let mut last = None;
        let mut before = BTreeMap::<Option<&str>, &FreeStretch>::new();
        for item in items {
            let resource = item.resource.as_deref();
            let place = terms.places(self.asked.resource.as_deref()).position(|place| place == resource);
            let key = place.map(|place| (item.from, place));
            if key.is_none() || key <= last {
                return Err(format!("it is not to be told of {item:?}, or not at that place"));
            }
            last = key;
            let window = Span::new(self.asked.from, self.asked.to);
            let span = Span::new(item.from, item.to)
                .filter(|span| window.is_some_and(|window| window.contains(*span)));
            let Some((span, opening)) = span.and_then(|span| Some((span, terms.opening_of(span)?))) else {
                return Err(format!("{item:?} is not all in the window, and in one opening"));
            };
            let on_grid = [span.from, span.to].iter().all(|at| terms.is_on_grid(opening, *at));
            if !on_grid || span.milliseconds() < self.lasts_ms() {
                return Err(format!("{item:?} is too short, or off the grid"));
            }
            let goes_on = |earlier: &&FreeStretch| {
                let next_start = earlier.to.as_ms() - self.lasts_ms() + terms.grid_ms();
                terms.opening_of(span).is_some_and(|opening| opening.from <= earlier.from)
                    && item.from.as_ms() <= next_start
            };
            if let Some(earlier) = before.insert(resource, item).filter(goes_on) {
                return Err(format!("{earlier:?} and {item:?} are one stretch"));
            }
            self.judge_number(item, span)?;
            let last_start = item.to.as_ms() - self.lasts_ms();
            let starts = (item.from.as_ms()..=last_start).step_by(step(terms.grid_ms()));
            offered.extend(starts.map(|from| (resource, Time::from_ms(from))));
        }
        Ok(offered)
    }

    /// Whether so many are free throughout as is told, and not one more.
    fn judge_number(&self, item: &FreeStretch, span: Span) -> Result<(), String> {
        let effective = span.widened(self.ground.terms.buffers());
        let count = u64::from(self.ground.terms.count());
        let free_at = |at: Time| {
            let left = effective.since(at);
            count - left.map_or(0, |left| self.ground.sheet.peak(item.resource.as_deref(), left)).min(count)
        };
        let (least, most) = (free_at(self.clock.earliest), free_at(self.clock.latest));
        let is_right = (least..=most).contains(&u64::from(item.free));
        is_right.then_some(()).ok_or_else(|| format!("of {item:?} {least} to {most} are free"))
    }

    /// Every start of the window on every place, and whether it is free.
    fn starts(&self) -> impl Iterator<Item = (Start<'a>, Free)> {
        let terms = self.ground.terms;
        let window =
            Span::new(self.asked.from, self.asked.to).filter(|_window| terms.may_last(self.lasts_ms()));
        let openings = window
            .into_iter()
            .flat_map(|window| terms.openings_in(window).map(move |opening| (window, opening)));
        let moments = openings.flat_map(|(window, opening)| {
            let all = (opening.from.as_ms()..opening.to.as_ms()).step_by(step(terms.grid_ms()));
            let ranges =
                all.filter_map(|from| Span::new(Time::from_ms(from), Time::from_ms(from + self.lasts_ms())));
            ranges.filter(move |range| opening.contains(*range) && window.contains(*range))
        });
        moments.flat_map(move |range| {
            let places = terms.places(self.asked.resource.as_deref());
            places.map(move |place| ((place, range.from), self.is_free(place, range)))
        })
    }

    fn is_free(&self, place: Option<&str>, range: Span) -> Free {
        let (Ground { terms, sheet, model, slot }, Clock { earliest, latest }) = (self.ground, self.clock);
        let claim: Claim<'_> = self.ground.claim(range, place, self.asked.quantity);
        let (opens_at, closes_at) = (slot.sale.opens_at.unwrap_or(earliest), closes_at(slot));
        let is_off_sale = latest < opens_at || closes_at <= earliest;
        if model.is_cancelled() || is_off_sale || terms.begins_amiss(range, (earliest, latest)) {
            return Free::No;
        }
        if !sheet.fits(&claim, None, terms, latest) {
            return Free::No;
        }
        let is_on_sale = opens_at <= earliest && latest < closes_at;
        let is_certain =
            is_on_sale && latest <= claim.effective.from && !terms.may_begin_amiss(range, (earliest, latest));
        if is_certain { Free::Yes } else { Free::Either }
    }

    /// How long a booking is to last, in milliseconds.
    fn lasts_ms(&self) -> u64 {
        u64::from(self.asked.seconds.unwrap_or_else(|| self.ground.terms.minimum_seconds())) * 1_000
    }
}

fn step(milliseconds: u64) -> usize {
    usize::try_from(milliseconds).expect("a grid is a day at most")
}
