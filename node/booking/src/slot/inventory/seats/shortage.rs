//! What a request competes for, and of what too little is left.
//!
//! A *counter* is a pool of a category. Who waits holds back others only at a counter that has fewer than they need, and never because
//! their seats are not adjacent: one who waits for nine together would close a category with five hundred seats.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::adjoining::{Companions, Company, Special, has_block, most_adjoining};
use super::ask::{Best, COMPANIONS_MAX, QUANTITY_MAX, Together};
use super::place::{Allotment, Category};
use super::plan::Whole;
use super::state::Seats;

/// Where places are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Counter {
    pub(crate) category: Category,
    pub(crate) pool: Pool,
}

/// What of a category is given out alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pool {
    /// General seats and places of areas, kept for nobody.
    General,
    /// Spaces for wheelchairs, kept for nobody.
    Spaces,
    /// Companions' seats, kept for nobody.
    Companions,
    /// What is kept for somebody.
    Allotted(Allotment),
}

/// Counters of which somebody who waits is short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shortage(BTreeSet<Counter>);

impl Shortage {
    /// Nobody is short of anything.
    pub(crate) const NONE: Self = Self(BTreeSet::new());

    /// Adds what somebody else is short of.
    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether somebody is short here.
    pub(crate) fn is_at(&self, counter: Counter) -> bool {
        self.0.contains(&counter)
    }

    /// Whether nobody is short.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// What is short of these.
    pub(super) fn among(&self, counters: &BTreeSet<Counter>) -> Self {
        Self(self.0.intersection(counters).copied().collect())
    }
}

impl Seats {
    /// What a request that waits is short of. It is short only if every category that it names is, and then of each.
    pub(crate) fn shortage(&self, ask: &Best) -> Shortage {
        let mut short = Shortage::NONE;
        for category in self.known(ask) {
            let own =
                self.needs(ask, category).into_iter().filter(|&(counter, need)| self.free_at(counter) < need);
            let own = Shortage(own.map(|(counter, _)| counter).collect());
            if own.is_none() {
                return Shortage::NONE;
            }
            short.add(own);
        }
        short
    }

    /// What a request needs of one category, at each counter. Companions' seats are used up before general ones: those that adjoin
    /// the spaces that a party could have now. A party that must be together never takes general seats.
    pub(crate) fn needs(&self, ask: &Best, category: Category) -> Vec<(Counter, u32)> {
        let at = |pool| Counter { category, pool };
        if let Some(allotment) = ask.allotment {
            return Vec::from([(at(Pool::Allotted(allotment)), ask.quantity)]);
        }
        let others = ask.quantity.saturating_sub(ask.accessible);
        let companions = match (self.companions, ask.together) {
            (Companions::Anywhere, _) => others
                .min(ask.accessible.saturating_mul(COMPANIONS_MAX))
                .min(self.free_at(at(Pool::Companions))),
            (Companions::Adjoining, Together::Must) if 0 < ask.accessible => others,
            (Companions::Adjoining, _) => others.min(self.adjoining(category, ask.accessible)),
        };
        let all = [
            (Pool::General, others - companions),
            (Pool::Spaces, ask.accessible),
            (Pool::Companions, companions),
        ];
        all.into_iter().filter(|&(_, need)| 0 < need).map(|(pool, need)| (at(pool), need)).collect()
    }

    /// How many companions' seats so many spaces of a category can have now; none where there is no such category.
    fn adjoining(&self, category: Category, spaces: u32) -> u32 {
        if self.plan().category_count() <= category.0 { 0 } else { self.tally(category).adjoining(spaces) }
    }

    /// How many a counter has that are free; none where there is no such category.
    pub(crate) fn free_at(&self, counter: Counter) -> u32 {
        let Counter { category, pool } = counter;
        if self.plan().category_count() <= category.0 {
            return 0;
        }
        let tally = self.tally(category);
        match pool {
            Pool::General => tally.general(),
            Pool::Spaces => tally.spaces,
            Pool::Companions => tally.companions,
            Pool::Allotted(allotment) => self.free_in_allotment(allotment, category),
        }
    }

    /// The most general seats, or places of one area, that one newcomer could get in one category: none in one of which
    /// somebody is short, and no more in each than there are of what is sold there.
    pub(crate) fn bookable(&self, short: &Shortage, most: impl Fn(Category) -> u32) -> u32 {
        let in_category = |category| {
            let areas = self.plan().areas().filter(|(_, area)| area.category == category);
            let in_areas = areas.map(|(area, _)| self.free_in(area)).max().unwrap_or(0);
            self.tally(category).seats.max(in_areas).min(most(category))
        };
        let categories = self.plan().categories();
        let open = categories.filter(|&category| !short.is_at(Counter { category, pool: Pool::General }));
        open.map(in_category).max().unwrap_or(0).min(QUANTITY_MAX)
    }

    /// Whether a request could be met if nothing were taken, blocked or kept: what is blocked or kept may be opened again, and what
    /// is taken come back. Where the answer is no, waiting is in vain, until there is another map.
    pub(crate) fn could_ever_fit(&self, ask: &Best) -> bool {
        let others = ask.quantity.saturating_sub(ask.accessible);
        let companions_max = ask.accessible.saturating_mul(COMPANIONS_MAX);
        let company = Company { quantity: ask.quantity, accessible: ask.accessible };
        let has_area = |category| {
            let may_be_in_area = ask.accessible == 0 && ask.sections.is_empty();
            may_be_in_area
                && self
                    .plan()
                    .areas()
                    .any(|(_, area)| area.category == category && ask.quantity <= area.capacity)
        };
        let has_seats = |category| {
            let Whole { seats, longest, spaces, companions } = self.whole(ask, category);
            let are_enough = ask.accessible <= spaces && others <= seats + companions.min(companions_max);
            match (ask.together, self.companions) {
                (Together::Must, _) if ask.accessible == 0 => ask.quantity <= longest,
                (Together::Must, Companions::Anywhere) => are_enough && others <= companions_max,
                (Together::Must, Companions::Adjoining) => {
                    self.whole_special(ask, category).any(|special| has_block(special, company))
                }
                (Together::Prefer, Companions::Adjoining) if 0 < ask.accessible => {
                    let adjoining = most_adjoining(self.whole_special(ask, category), ask.accessible);
                    are_enough && others <= seats + adjoining
                }
                (Together::Prefer, _) => are_enough,
            }
        };
        let is_sane = (1..=QUANTITY_MAX).contains(&ask.quantity) && ask.accessible <= ask.quantity;
        is_sane && self.known(ask).any(|category| has_area(category) || has_seats(category))
    }

    /// What a category has where a request looks.
    fn whole(&self, ask: &Best, category: Category) -> Whole {
        let plan = self.plan();
        if ask.sections.is_empty() {
            return plan.whole(category);
        }
        let sections = ask.sections.iter().copied().collect::<BTreeSet<_>>();
        let blocks = sections.into_iter().map(|section| plan.blocks_in(section));
        plan.add_up(blocks.flat_map(|blocks| plan.strips_between(category, &blocks)))
    }

    /// The special seats of each strip of a category where a request looks, taken or not.
    fn whole_special(&self, ask: &Best, category: Category) -> impl Iterator<Item = Special> {
        let plan = self.plan();
        let strips = plan.special_strips(category).iter().map(|&strip| plan.strip(strip));
        let here = strips.filter(|strip| {
            ask.sections.is_empty() || ask.sections.contains(&plan.block(strip.block).section)
        });
        here.map(|strip| {
            let block = plan.block(strip.block);
            Special { spaces: strip.mask & block.spaces, companions: strip.mask & block.companions }
        })
    }

    /// The categories that a request names and that there are, in its order.
    pub(crate) fn known<'all>(&self, ask: &'all Best) -> impl Iterator<Item = Category> + use<'all> {
        let count = self.plan().category_count();
        ask.categories.iter().copied().filter(move |category| category.0 < count)
    }

    fn free_in_allotment(&self, allotment: Allotment, category: Category) -> u32 {
        let Some(kept) = self.allotments.get(&allotment) else { return 0 };
        let free_in = |(&block, &own): (&u32, &u128)| {
            let strips = self.plan().strips_in(block).iter().map(|&strip| self.plan().strip(strip));
            let mask =
                strips.filter(|strip| strip.category == category).fold(0, |mask, strip| mask | strip.mask);
            (own & mask & !self.masks(block).taken()).count_ones()
        };
        kept.masks.iter().map(free_in).sum()
    }
}
