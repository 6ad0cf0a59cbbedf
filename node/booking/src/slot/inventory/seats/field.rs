//! What a search may choose from: open seats or those of one allotment, everywhere or in some sections.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use super::adjoining::Special;
use super::ask::Best;
use super::bits::{longest, ones, places, run_starts};
use super::drawing::SECTIONS_MAX;
use super::place::{Area, Category, Section};
use super::plan::{Plan, Strip};
use super::shortage::{Counter, Pool, Shortage};
use super::singles::{Choice, SinglesPolicy};
use super::state::{Kept, Seats};

/// What a search may choose from.
pub(super) struct Field<'all> {
    pub(super) seats: &'all Seats,
    pub(super) policy: SinglesPolicy,
    source: Source<'all>,
    /// Of what somebody is short who comes first; of nothing, where that is looked at otherwise.
    short: Option<&'all Shortage>,
    /// One bit a section; all of them, where none is named.
    sections: Option<[u64; 16]>,
}

/// Where seats come from.
#[derive(Clone, Copy)]
enum Source<'all> {
    /// From what is open to everyone.
    Open,
    /// From what is kept for somebody, if anything is.
    Kept(Option<&'all Kept>),
}

/// Whether a block may leave a new single.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    NoSingle,
    Anything,
}

/// Consecutive seats that were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) block: u32,
    pub(super) mask: u128,
}

/// How good a block is: the lower, the better. No two blocks of one size are equally good, since no two seats are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score {
    sum: u32,
    first: u32,
}

impl Score {
    /// Of so many seats from one on.
    pub(super) fn of(plan: &Plan, block: u32, first: u32, size: u32) -> Self {
        let seat = plan.block(block).seat(first);
        Self { sum: plan.score(seat, size), first: plan.rank(seat) }
    }
}

impl<'all> Field<'all> {
    /// What this request may choose from.
    pub(super) fn of(
        seats: &'all Seats,
        ask: &Best,
        policy: SinglesPolicy,
        short: Option<&'all Shortage>,
    ) -> Self {
        let source = ask.allotment.map_or(Source::Open, |own| Source::Kept(seats.allotments.get(&own)));
        let mut named = [0_u64; 16];
        for section in &ask.sections {
            if let Some(word) = named.get_mut(usize::from(section.0 / 64)) {
                *word |= 1 << (section.0 % 64);
            }
        }
        let sections = (!ask.sections.is_empty()).then_some(named);
        Self { seats, policy, source, short, sections }
    }

    /// The house.
    pub(super) fn plan(&self) -> &'all Plan {
        self.seats.plan()
    }

    /// The best block of so many general seats of a category.
    pub(super) fn best_block(&self, category: Category, size: u32, leaving: Leaving) -> Option<Part> {
        let plan = self.plan();
        if !self.may_have(category, size) {
            return None;
        }
        // The ranks of a block differ: the sum is at least that of the best one and those that follow it.
        let beyond_best = size * (size - 1) / 2;
        let mut best = None::<(Score, u32, u32)>;
        for &index in &*self.strips_by_rank(category) {
            // Most of the best are sold out soon: those are passed by one byte each.
            if !self.has_stretch(index, size) {
                continue;
            }
            let strip = plan.strip(index);
            let least = strip.best.saturating_mul(size).saturating_add(beyond_best);
            if best.is_some_and(|(score, ..)| score.sum < least) {
                break;
            }
            if !self.allows(strip.block) {
                continue;
            }
            for first in places(self.starts(&strip, size, leaving)) {
                let found = (Score::of(plan, strip.block, first, size), strip.block, first);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        best.map(|(_, block, first)| Part { block, mask: ones(size) << first })
    }

    /// The first area of a category that has so many places.
    pub(super) fn area_with(&self, category: Category, places: u32) -> Option<Area> {
        self.areas(category).find(|(_, free)| places <= *free).map(|(area, _)| area)
    }

    /// How long the longest block of a category is, areas included.
    pub(super) fn largest_block(&self, category: Category) -> u32 {
        let in_areas = self.areas(category).map(|(_, free)| free).max().unwrap_or(0);
        let in_seats = match (self.source, self.sections) {
            (Source::Open, None) => self.seats.stretches(category).longest(),
            _ => self.strips(category).map(|strip| longest(self.general(&strip))).max().unwrap_or(0),
        };
        in_seats.max(in_areas)
    }

    /// How many general seats of a category there are.
    pub(super) fn seat_count(&self, category: Category) -> u32 {
        match (self.source, self.sections) {
            (Source::Open, None) => self.seats.tally(category).seats,
            _ => self.strips(category).map(|strip| self.general(&strip).count_ones()).sum(),
        }
    }

    /// How many places a category's areas have, all in all.
    pub(super) fn area_places(&self, category: Category) -> u32 {
        self.areas(category).map(|(_, free)| free).sum()
    }

    /// Whether a category may have a stretch so long: it is not asked in vain where the answer is no.
    fn may_have(&self, category: Category, size: u32) -> bool {
        match self.source {
            Source::Open => size <= self.seats.stretches(category).longest(),
            Source::Kept(kept) => kept.is_some(),
        }
    }

    /// Whether a category may have so many blocks of a size at once: it is not asked in vain where the answer is no.
    pub(super) fn may_have_blocks(&self, category: Category, count: u32, size: u32) -> bool {
        match self.source {
            Source::Open => count <= self.seats.stretches(category).room_for(size),
            Source::Kept(kept) => kept.is_some(),
        }
    }

    /// The strips of a category where the search may look, in the order of the map: in one section, or in all that it may.
    pub(super) fn indices(&self, category: Category, section: Option<Section>) -> Vec<u32> {
        let mut found = Vec::new();
        for blocks in self.blocks(section) {
            match self.source {
                Source::Open => found.extend(self.plan().strips_between(category, &blocks)),
                Source::Kept(Some(kept)) => found.extend(self.kept_strips(kept, category, blocks)),
                Source::Kept(None) => {}
            }
        }
        found
    }

    /// The blocks of a section, or of all where the search may look.
    fn blocks(&self, section: Option<Section>) -> Vec<Range<u32>> {
        let plan = self.plan();
        match (section, self.sections) {
            (Some(section), _) => core::iter::once(plan.blocks_in(section)).collect(),
            (None, None) => core::iter::once(0..u32::MAX).collect(),
            (None, Some(named)) => (0..SECTIONS_MAX)
                .filter(|&section| is_named(&named, section))
                .map(|section| plan.blocks_in(Section(section)))
                .collect(),
        }
    }

    fn strips(&self, category: Category) -> impl Iterator<Item = Strip> + '_ {
        self.indices(category, None).into_iter().map(|index| self.plan().strip(index))
    }

    /// The strips of a category that have special seats, where the search may look.
    pub(super) fn special_strips(&self, category: Category) -> impl Iterator<Item = Strip> + '_ {
        let strips = self.plan().special_strips(category).iter().map(|&strip| self.plan().strip(strip));
        strips.filter(|strip| self.allows(strip.block))
    }

    fn kept_strips(
        &self,
        kept: &'all Kept,
        category: Category,
        blocks: Range<u32>,
    ) -> impl Iterator<Item = u32> + use<'all> {
        let plan = self.plan();
        let strips = kept.masks.range(blocks).flat_map(|(&block, _)| plan.strips_in(block).iter().copied());
        strips.filter(move |&strip| plan.strip(strip).category == category)
    }

    /// The strips of a category, the one with the best seat first.
    fn strips_by_rank(&self, category: Category) -> Cow<'all, [u32]> {
        match self.source {
            Source::Open => Cow::Borrowed(self.plan().strips_by_rank(category)),
            Source::Kept(kept) => {
                let all = kept.into_iter().flat_map(|kept| self.kept_strips(kept, category, 0..u32::MAX));
                let mut all = all.collect::<Vec<_>>();
                all.sort_by_key(|&strip| self.plan().strip(strip).best);
                Cow::Owned(all)
            }
        }
    }

    /// The areas of a category, and how many places each has. They are in no section, and kept for nobody.
    fn areas(&self, category: Category) -> impl Iterator<Item = (Area, u32)> + '_ {
        let has_areas = matches!((self.source, self.sections), (Source::Open, None));
        let all = self.plan().areas().filter(move |(_, area)| has_areas && area.category == category);
        all.map(|(area, _)| (area, self.seats.free_in(area)))
    }

    /// Whether a strip may have a stretch so long.
    fn has_stretch(&self, strip: u32, size: u32) -> bool {
        match self.source {
            Source::Open => size <= self.seats.longest(strip),
            Source::Kept(_) => true,
        }
    }

    /// Whether the search may look into a block.
    fn allows(&self, block: u32) -> bool {
        self.sections.is_none_or(|named| is_named(&named, self.plan().block(block).section.0))
    }

    /// From where a strip has so many general seats. A seat that is kept for somebody is part of no stretch of open ones, so taking it
    /// leaves none shorter.
    fn starts(&self, strip: &Strip, size: u32, leaving: Leaving) -> u128 {
        let starts = run_starts(self.general(strip), size);
        match (leaving, self.source) {
            (Leaving::Anything, _) | (_, Source::Kept(_)) => starts,
            (Leaving::NoSingle, Source::Open) => {
                let length = self.plan().block(strip.block).length();
                let choice = Choice::of(self.seats.masks(strip.block).open, length);
                starts & !choice.leaving(size, self.policy.aisles)
            }
        }
    }

    /// From where a strip has so many general seats besides those that are chosen.
    pub(super) fn starts_besides(&self, index: u32, size: u32, chosen: impl FnOnce(u32) -> u128) -> u128 {
        if !self.has_stretch(index, size) {
            return 0;
        }
        let strip = self.plan().strip(index);
        run_starts(self.general(&strip) & !chosen(strip.block), size)
    }

    /// The general seats of a strip.
    fn general(&self, strip: &Strip) -> u128 {
        match self.source {
            Source::Open => self.seats.masks(strip.block).open & strip.mask,
            Source::Kept(_) => self.free(strip) & !self.plan().block(strip.block).special(),
        }
    }

    /// The spaces for wheelchairs of a strip, and its companions' seats, unless somebody is short of these.
    pub(super) fn special(&self, strip: &Strip) -> Special {
        let (free, block) = (self.free(strip), self.plan().block(strip.block));
        let companions =
            if self.is_short(strip.category, Pool::Companions) { 0 } else { free & block.companions };
        Special { spaces: free & block.spaces, companions }
    }

    /// Whether a party in wheelchairs may have so many general seats of a category.
    pub(super) fn spares(&self, category: Category, others: u32) -> bool {
        others == 0 || !self.is_short(category, Pool::General) && others <= self.seat_count(category)
    }

    /// Whether a category may have so many spaces with so many others: it is not searched in vain where the answer is no.
    pub(super) fn may_have_company(&self, category: Category, spaces: u32, others: u32) -> bool {
        let tally = self.seats.tally(category);
        match self.source {
            Source::Open => {
                let rest = others.saturating_sub(tally.adjoining(spaces));
                spaces <= tally.spaces && self.spares(category, rest)
            }
            Source::Kept(kept) => kept.is_some(),
        }
    }

    /// Whether somebody who comes first is short of something that is open to everyone.
    fn is_short(&self, category: Category, pool: Pool) -> bool {
        let is_open = matches!(self.source, Source::Open);
        is_open && self.short.is_some_and(|short| short.is_at(Counter { category, pool }))
    }

    /// All seats of a strip, special or not.
    fn free(&self, strip: &Strip) -> u128 {
        let masks = self.seats.masks(strip.block);
        let own = match self.source {
            Source::Open => !(masks.blocked | masks.allotted),
            Source::Kept(kept) => kept.and_then(|kept| kept.masks.get(&strip.block)).copied().unwrap_or(0),
        };
        own & !masks.taken() & strip.mask
    }
}

/// Whether a section is one of those that are named.
fn is_named(named: &[u64; 16], section: u16) -> bool {
    named[usize::from(section / 64)] >> (section % 64) & 1 == 1
}
