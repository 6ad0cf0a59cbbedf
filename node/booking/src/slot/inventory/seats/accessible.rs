//! Spaces for wheelchairs: a pool of their own, which nobody is given who did not ask for it.
//!
//! A *companion's* seat belongs to the space that it adjoins: next to it, or next to another that adjoins it, three at most. Who is more
//! gets the nearest general seats.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::adjoining::{Chosen, Companions, Company, Special, blocks, choices, seated};
use super::ask::COMPANIONS_MAX;
use super::bits::{bit, ones, places};
use super::field::{Field, Part, Score};
use super::nearby::Nearby;
use super::parts::{may_split, sizes};
use super::place::Category;
use super::plan::Strip;

/// The best block of special seats alone: as many spaces as are asked for, and companions' seats that adjoin them.
pub(super) fn together(field: &Field<'_>, category: Category, company: Company) -> Option<Part> {
    let plan = field.plan();
    let mut best = None::<(Score, u32, u32)>;
    for strip in field.special_strips(category) {
        for first in blocks(field.special(&strip), company) {
            let found = (Score::of(plan, strip.block, first, company.quantity), strip.block, first);
            best = Some(best.map_or(found, |best| best.min(found)));
        }
    }
    best.map(|(_, block, first)| Part { block, mask: ones(company.quantity) << first })
}

/// Spaces, companions' seats that adjoin them, and the nearest general seats for who is left.
pub(super) fn apart(field: &Field<'_>, category: Category, company: Company) -> Option<Vec<Part>> {
    match field.seats.companions {
        Companions::Anywhere => near(field, category, company),
        Companions::Adjoining if !field.may_have_company(category, company.accessible, company.others()) => {
            None
        }
        Companions::Adjoining => near(field, category, company).or_else(|| packed(field, category, company)),
    }
}

/// Each space where it is nearest to those before, then where most companions' seats adjoin it, then the best.
fn near(field: &Field<'_>, category: Category, company: Company) -> Option<Vec<Part>> {
    let mut pool = Pool::new(field, category);
    let mut others = company.others();
    for _ in 0..company.accessible {
        others -= pool.choose_space(others)?;
    }
    with_rest(field, category, pool.chosen, others)
}

/// Spaces that have as many companions' seats as are wanted, or as any can have: each of the strip where it brings the most, then
/// where it is nearest to those before, then where the best is.
fn packed(field: &Field<'_>, category: Category, company: Company) -> Option<Vec<Part>> {
    let mut strips =
        field.special_strips(category).map(|strip| Packed::new(field, &strip)).collect::<Vec<_>>();
    let mut left = company.others();
    for _ in 0..company.accessible {
        let rows = strips.iter().filter(|strip| 0 < strip.count).map(|strip| strip.row).collect::<Vec<_>>();
        let key = |strip: &&mut Packed| {
            let distance = rows.iter().map(|row| row.abs_diff(strip.row)).min().unwrap_or(0);
            let brings = strip.brings()?.min(left);
            Some((Reverse(brings), distance, strip.best))
        };
        let strip = strips.iter_mut().filter(|strip| strip.brings().is_some()).min_by_key(key)?;
        left -= strip.brings()?.min(left);
        strip.count += 1;
    }
    let mut others = company.others();
    let mut found = Vec::new();
    for strip in strips.iter().filter(|strip| 0 < strip.count) {
        let spaces = strip.choices[strip.count].spaces;
        let companions = seated(spaces, strip.companions, others);
        others -= companions.count_ones();
        found.push(Part { block: strip.block, mask: spaces | companions });
    }
    with_rest(field, category, found, others)
}

/// What was chosen, and the nearest general seats for so many more, in as few parts as can be.
fn with_rest(field: &Field<'_>, category: Category, mut found: Vec<Part>, others: u32) -> Option<Vec<Part>> {
    if !field.spares(category, others) {
        return None;
    }
    if others > 0 {
        let rest = (1..=others).find_map(|parts| rest(field, category, &found, others, parts))?;
        found.extend(rest);
    }
    Some(found)
}

/// A strip of which spaces are chosen together.
struct Packed {
    block: u32,
    row: u16,
    /// The best rank of its spaces.
    best: u32,
    companions: u128,
    choices: Vec<Chosen>,
    /// How many are chosen.
    count: usize,
}

impl Packed {
    fn new(field: &Field<'_>, strip: &Strip) -> Self {
        let Special { spaces, companions } = field.special(strip);
        let plan = field.plan();
        let block = plan.block(strip.block);
        let best = block.seats(spaces).map(|seat| plan.rank(seat)).min().unwrap_or(u32::MAX);
        let choices = choices(spaces, companions);
        Self { block: strip.block, row: block.row.0, best, companions, choices, count: 0 }
    }

    /// How many companions' seats one space more brings, if there is one.
    fn brings(&self) -> Option<u32> {
        let next = self.choices.get(self.count + 1)?;
        Some(next.companions - self.choices[self.count].companions)
    }
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

impl<'all> Pool<'all> {
    fn new(field: &'all Field<'all>, category: Category) -> Self {
        let strips = field.special_strips(category).map(|strip| (strip.block, field.special(&strip)));
        Self { field, strips: strips.collect(), chosen: Vec::new() }
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
