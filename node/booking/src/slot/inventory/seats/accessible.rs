//! Spaces for wheelchairs: a pool of their own, which nobody is given who did not ask for it.
//!
//! A *companion's* seat belongs to the space that it adjoins: next to it, or next to another that adjoins it, three at most. Who is more
//! gets the nearest general seats.

use alloc::vec::Vec;

use super::ask::COMPANIONS_MAX;
use super::bits::{bit, ones, places, run_starts};
use super::field::{Field, Part, Score};
use super::nearby::Nearby;
use super::parts::{may_split, sizes};
use super::place::Category;
use super::plan::Strip;

/// A party in wheelchairs, and who comes with it.
#[derive(Clone, Copy)]
pub(super) struct Company {
    pub(super) quantity: u32,
    /// How many of them in wheelchairs, one at least.
    pub(super) accessible: u32,
}

impl Company {
    fn others(self) -> u32 {
        self.quantity - self.accessible
    }
}

/// The best block of special seats alone: as many spaces as are asked for, and companions' seats that adjoin them.
pub(super) fn together(field: &Field<'_>, category: Category, company: Company) -> Option<Part> {
    let plan = field.plan();
    let mut best = None::<(Score, u32, u32)>;
    for strip in field.special_strips(category) {
        let (spaces, companions) = field.special(&strip);
        for first in places(run_starts(spaces | companions, company.quantity)) {
            let run = ones(company.quantity) << first;
            if (spaces & run).count_ones() == company.accessible && do_adjoin(spaces, run) {
                let found = (Score::of(plan, strip.block, first, company.quantity), strip.block, first);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
    }
    best.map(|(_, block, first)| Part { block, mask: ones(company.quantity) << first })
}

/// Whether each seat of a run that is no space belongs to a space of it.
fn do_adjoin(spaces: u128, run: u128) -> bool {
    // How many more the last space may have, and how many are there for the next.
    let (mut room, mut waiting) = (0, 0);
    for place in places(run) {
        if spaces & bit(place) != 0 {
            let Some(left) = COMPANIONS_MAX.checked_sub(waiting) else { return false };
            (room, waiting) = (left, 0);
        } else if room > 0 {
            room -= 1;
        } else {
            waiting += 1;
        }
    }
    waiting == 0
}

/// Spaces, companions' seats that adjoin them, and the nearest general seats for who is left: each space where it is nearest to those
/// before, then where most companions' seats adjoin it, then the best.
pub(super) fn apart(field: &Field<'_>, category: Category, company: Company) -> Option<Vec<Part>> {
    let mut pool = Pool::new(field, category);
    let mut others = company.others();
    for _ in 0..company.accessible {
        others -= pool.choose_space(others)?;
    }
    let mut found = pool.chosen;
    if others > 0 {
        let rest = (1..=others).find_map(|parts| rest(field, category, &found, others, parts))?;
        found.extend(rest);
    }
    Some(found)
}

/// Who is left, in so many parts.
fn rest(
    field: &Field<'_>,
    category: Category,
    chosen: &[Part],
    others: u32,
    parts: u32,
) -> Option<Vec<Part>> {
    if !may_split(field, category, others, parts) {
        return None;
    }
    let mut nearby = Nearby::new(field, category, None);
    for part in chosen {
        nearby.choose(part);
    }
    let part = |size| {
        let part = nearby.nearest(size)?;
        nearby.choose(&part);
        Some(part)
    };
    sizes(others, parts).map(part).collect()
}

/// The special seats of a category, while some are chosen.
struct Pool<'all> {
    field: &'all Field<'all>,
    /// The block, and what is left of it.
    strips: Vec<(u32, Special)>,
    chosen: Vec<Part>,
}

/// What is left of a strip.
#[derive(Clone, Copy)]
struct Special {
    spaces: u128,
    companions: u128,
}

impl<'all> Pool<'all> {
    fn new(field: &'all Field<'all>, category: Category) -> Self {
        let left = |strip: Strip| {
            let (spaces, companions) = field.special(&strip);
            (strip.block, Special { spaces, companions })
        };
        Self { field, strips: field.special_strips(category).map(left).collect(), chosen: Vec::new() }
    }

    /// Chooses a space with companions' seats for as many of these as it may have, and says for how many.
    fn choose_space(&mut self, others: u32) -> Option<u32> {
        let plan = self.field.plan();
        let wanted = others.min(COMPANIONS_MAX);
        let each = self.strips.iter().enumerate().flat_map(|(index, &(block, left))| {
            places(left.spaces).map(move |space| (index, block, left, space))
        });
        let choice = |(index, block, left, space): (usize, u32, Special, u32)| {
            let adjoining = self.adjoining(block, left, space, wanted);
            let missing = wanted - adjoining.count_ones();
            let key = (self.distance(block), missing, plan.rank(plan.block(block).seat(space)));
            (key, index, Part { block, mask: adjoining | bit(space) })
        };
        let (_, index, part) = each.map(choice).min_by_key(|&(key, ..)| key)?;
        let left = &mut self.strips[index].1;
        left.spaces &= !part.mask;
        left.companions &= !part.mask;
        self.chosen.push(part);
        Some(part.mask.count_ones() - 1)
    }

    /// Up to so many companions' seats that adjoin a space, one by one the better of the two that are next.
    fn adjoining(&self, block: u32, left: Special, space: u32, wanted: u32) -> u128 {
        let plan = self.field.plan();
        let is_left = |place: &u32| *place < plan.block(block).length() && left.companions & bit(*place) != 0;
        let (mut before, mut after) = (space.checked_sub(1), space + 1);
        let mut adjoining = 0;
        for _ in 0..wanted {
            let ends = [before.filter(is_left), Some(after).filter(is_left)];
            let best =
                ends.into_iter().flatten().min_by_key(|&place| plan.rank(plan.block(block).seat(place)));
            let Some(place) = best else { break };
            adjoining |= bit(place);
            if place < space {
                before = place.checked_sub(1);
            } else {
                after = place + 1;
            }
        }
        adjoining
    }

    /// How many rows lie between a block and the nearest that was chosen from.
    fn distance(&self, block: u32) -> u16 {
        let row = |block| self.field.plan().block(block).row.0;
        self.chosen.iter().map(|part| row(part.block).abs_diff(row(block))).min().unwrap_or(0)
    }
}
