//! Which slot is whose, among those of a UID: what its entries were, they are again, wherever the file has moved them.
//!
//! What is known goes first, and what is left is asked the next question: an entry alone has its UID's slot; a date that
//! the file speaks of by itself has the slot of its day that begins when it does, or did; whatever begins when a slot does,
//! is it; what was to begin then, was it; the others of a title have moved together, by as much as suits the most, and not
//! past one another; then the day decides, where it has one slot only. What is still open is left alone and told.

use std::collections::{BTreeMap, BTreeSet};

use api::slot::Slot;
use calendar::{Entry, Series};
use jiff::Timestamp;

use crate::commands::import::claims::{Claims, Trace, began, begins, days};

/// A series that was moved by more days than these is another one.
const MOVED_MS_MAX: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Summer, winter and days of the week that moved apart: a series has no more distances than these.
const DISTANCES_MAX: usize = 64;

pub(super) type Pair<'e, 'a> = (&'e Entry, &'a Slot);

/// The entries and the slots of a UID, and what is known of them so far.
pub(super) struct Pairing<'e, 'a> {
    pub(super) pairs: Vec<Pair<'e, 'a>>,
    /// Entries that have no slot.
    pub(super) alone: Vec<&'e Entry>,
    /// Slots to come that no entry wants.
    pub(super) left: Vec<Trace<'a>>,
    /// Entries of which it is not sure which slot they have.
    pub(super) unsure: Vec<&'e Entry>,
    /// Slots that are over or cancelled: an entry may have one, but nothing moves them.
    pub(super) over: Vec<Trace<'a>>,
}

impl<'e, 'a> Pairing<'e, 'a> {
    /// Looks for the slots of a UID's entries that have none yet, beside the pairs that are known.
    pub(super) fn search(
        claims: &mut Claims<'a>,
        uid: &str,
        series: &Series,
        entries: Vec<&'e Entry>,
        known: Vec<Pair<'e, 'a>>,
    ) -> Self {
        let traces = claims.traces(uid, series, &entries);
        let (left, over) = traces.into_iter().partition(|trace| claims.is_to_come(trace.slot));
        let mut pairing = Self { pairs: known, alone: entries, left, unsure: Vec::new(), over };
        pairing.by_time(claims, series);
        pairing.by_day(claims, series);
        claims.claimed.extend(pairing.pairs.iter().map(|(_, slot)| slot.id.as_str()));
        for entry in std::mem::take(&mut pairing.alone) {
            match claims.older_builds(entry) {
                Some(slot) => {
                    claims.claimed.insert(&slot.id);
                    pairing.pairs.push((entry, slot));
                }
                None => pairing.alone.push(entry),
            }
        }
        pair(&mut pairing.alone, &mut pairing.over, &mut pairing.pairs, |entry, trace| {
            claims.ids_of(entry).contains(&trace.slot.id)
        });
        claims.claimed.extend(pairing.pairs.iter().map(|(_, slot)| slot.id.as_str()));
        pairing
    }

    /// Asks the questions that the slots' times answer.
    fn by_time(&mut self, claims: &Claims<'_>, series: &Series) {
        pair(&mut self.alone, &mut self.left, &mut self.pairs, |entry, slot| {
            begins(entry, slot.slot) && entry.title == slot.slot.title
        });
        pair(&mut self.alone, &mut self.left, &mut self.pairs, |entry, slot| {
            began(entry, slot.slot) && entry.title == slot.slot.title
        });
        pair(&mut self.alone, &mut self.left, &mut self.pairs, |entry, slot| began(entry, slot.slot));
        self.moved(claims, series, true);
        pair(&mut self.alone, &mut self.left, &mut self.pairs, |entry, slot| begins(entry, slot.slot));
        pair(&mut self.alone, &mut self.over, &mut self.pairs, |entry, slot| {
            begins(entry, slot.slot) || began(entry, slot.slot)
        });
    }

    /// Asks what their days answer, and then whether a series was moved and renamed at once.
    fn by_day(&mut self, claims: &Claims<'_>, series: &Series) {
        for entry in std::mem::take(&mut self.alone) {
            let (candidates, is_sure) = self.of_its_day(entry, claims, series);
            match candidates[..] {
                [] => self.alone.push(entry),
                [at] if is_sure => self.pairs.push((entry, self.left.remove(at).slot)),
                _ => {
                    let mut titled = candidates.iter().filter(|at| self.left[**at].slot.title == entry.title);
                    match (titled.next(), titled.next()) {
                        (Some(at), None) => self.pairs.push((entry, self.left.remove(*at).slot)),
                        _ => self.unsure.push(entry),
                    }
                }
            }
        }
        if series.is_recurring {
            self.moved(claims, series, false);
        }
    }

    /// The slots that an entry may have by its day, and whether its day has no other.
    fn of_its_day(&self, entry: &Entry, claims: &Claims<'_>, series: &Series) -> (Vec<usize>, bool) {
        let Some((day, _)) = entry.identity.day() else { return (Vec::new(), false) };
        let mut near = (0..self.left.len()).collect::<Vec<_>>();
        if !series.is_told {
            // In which zone its series counts the days, a word does not say.
            near.retain(|at| self.left[*at].day.is_some_and(|other| days(day, other) <= 1));
            let is_sure = near.len() == 1;
            return (near, is_sure);
        }
        let ids = claims.ids_of(entry);
        let was = |slot: &Slot| ids.contains(&slot.id);
        if !near.iter().any(|at| was(self.left[*at].slot)) {
            return (Vec::new(), false);
        }
        if claims.has_one(&entry.identity.uid, day, series.places) {
            near.retain(|at| was(self.left[*at].slot));
            return (near, true);
        }
        near.retain(|at| self.left[*at].day == Some(day));
        (near, false)
    }

    /// Moves the dates to come, those that moved by the same together.
    fn moved(&mut self, claims: &Claims<'_>, series: &Series, by_title: bool) {
        for _ in 0..DISTANCES_MAX {
            let moves = self.moves(claims, by_title);
            let among: BTreeSet<&str> = self.alone.iter().map(|entry| entry.title.as_str()).collect();
            let titled = |slot: &Slot| !by_title || among.contains(slot.title.as_str());
            let slots = self.left.iter().filter(|trace| titled(trace.slot));
            let starts: Vec<i64> = slots.map(|trace| start(trace.slot)).collect();
            // What would come to lie outside of what the file was asked for says nothing.
            let (now, end) =
                (claims.now.as_millisecond(), series.end.map_or(i64::MAX, Timestamp::as_millisecond));
            let within = |by: i64| starts.iter().filter(|at| **at + by > now && **at + by < end).count();
            let missed = |by: i64, count: usize| within(by).saturating_sub(count);
            let best = moves.iter().map(|(by, pairs)| (missed(*by, pairs.len()), by.abs(), *by, pairs));
            let best = best.filter(|(missed, _, _, pairs)| *missed <= pairs.len());
            let Some((_, _, _, pairs)) = best.min_by_key(|(missed, far, by, _)| (*missed, *far, *by)) else {
                return;
            };
            let found: Vec<Pair<'e, 'a>> =
                pairs.iter().map(|(entry, slot)| (self.alone[*entry], self.left[*slot].slot)).collect();
            self.alone.retain(|entry| !found.iter().any(|(other, _)| std::ptr::eq(*entry, *other)));
            self.left.retain(|trace| !found.iter().any(|(_, slot)| trace.slot.id == slot.id));
            self.pairs.extend(found);
        }
    }

    /// By how much dates may have moved, and which of them: a few days at most, and never past one that has its slot.
    fn moves(&self, claims: &Claims<'_>, by_title: bool) -> BTreeMap<i64, Vec<(usize, usize)>> {
        let mut moves: BTreeMap<i64, Vec<(usize, usize)>> = BTreeMap::new();
        let mut entries: Vec<(i64, usize)> = (0..self.alone.len())
            .filter(|at| self.alone[*at].original.is_none())
            .filter_map(|at| Some((claims.starts_to_come(self.alone[at])?.as_millisecond(), at)))
            .collect();
        entries.sort_unstable();
        let dates = self.pairs.iter().filter(|(entry, _)| entry.original.is_none());
        let stay: Vec<(&str, i64, i64)> = dates
            .filter_map(|(entry, slot)| {
                Some((&*entry.title, start(slot), entry.takes_place()?.0.timestamp().as_millisecond()))
            })
            .collect();
        for (slot, trace) in self.left.iter().enumerate() {
            let from = start(trace.slot);
            let first = entries.partition_point(|(to, _)| *to < from - MOVED_MS_MAX);
            for (to, entry) in entries[first..].iter().take_while(|(to, _)| *to <= from + MOVED_MS_MAX) {
                let wanted = self.alone[*entry];
                if (!by_title || wanted.title == trace.slot.title)
                    && claims.is_found_at(trace, wanted)
                    && !stay.iter().any(|(title, was, is)| {
                        *title == wanted.title && ((from < *was && to > is) || (from > *was && to < is))
                    })
                {
                    moves.entry(to - from).or_default().push((*entry, slot));
                }
            }
        }
        moves
    }
}

/// Pairs what fits, in order.
fn pair<'e, 'a>(
    entries: &mut Vec<&'e Entry>,
    slots: &mut Vec<Trace<'a>>,
    pairs: &mut Vec<Pair<'e, 'a>>,
    fits: impl Fn(&Entry, &Trace<'a>) -> bool,
) {
    entries.retain(|entry| match slots.iter().position(|slot| fits(entry, slot)) {
        Some(at) => {
            pairs.push((*entry, slots.remove(at).slot));
            false
        }
        None => true,
    });
}

fn start(slot: &Slot) -> i64 {
    i64::try_from(slot.starts_at.as_ms()).unwrap_or(i64::MAX)
}
