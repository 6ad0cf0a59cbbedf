//! A house, compiled: it never changes, and everything that a search asks of it is a look into a table.
//!
//! A *block* is what lies between two aisles. A *strip* is what one block has of one category: nearly every block has one. A
//! seat is *special* where it is a space for a wheelchair or a companion's; every other one is *general*.

use alloc::vec::Vec;
use core::ops::Range;

use super::bits::{longest, ones, places};
use super::drawing::{BadPlan, Drawing, DrawnArea, DrawnBlock};
use super::place::{Area, Category, Places, Row, Seat, Section};
use crate::digest::Digest;

/// From how far away a block is found: step by step from there on, over so many seats at most.
const NEAR: u32 = 32;

/// A house.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    blocks: Vec<Block>,
    /// Of every [`NEAR`]th seat the block that it is in.
    near: Vec<u32>,
    /// Those of a category stand together, in the order of the map.
    strips: Vec<Strip>,
    /// Of each category where its strips begin, and where the last one's end.
    strips_begin: Vec<u32>,
    /// The strips of a category, by the best rank that a general seat of them has.
    by_rank: Vec<u32>,
    /// The strips of a block stand together.
    by_block: Vec<u32>,
    /// The strips that have special seats, in the order of the strips.
    special: Vec<u32>,
    /// The ranks of all seats before each, and of all, added up. Sums wrap around; differences within a block do not.
    sums: Vec<u32>,
    areas: Vec<DrawnArea>,
    /// What each category has.
    wholes: Vec<Whole>,
    digest: u64,
}

/// How much there is of something, taken or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Whole {
    /// General seats.
    pub(super) seats: u32,
    /// The most of them in a row.
    pub(super) longest: u32,
    /// Spaces for wheelchairs.
    pub(super) spaces: u32,
    /// Companions' seats.
    pub(super) companions: u32,
}

/// What lies between two aisles.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Which seats are spaces for wheelchairs.
    pub(super) spaces: u128,
    /// Which seats are companions'.
    pub(super) companions: u128,
    /// The first seat.
    pub(super) first: u32,
    /// Where its strips begin among those by block.
    strips_begin: u32,
    pub(super) row: Row,
    pub(super) section: Section,
    length: u8,
}

impl Block {
    /// How many seats.
    pub(super) fn length(&self) -> u32 {
        u32::from(self.length)
    }

    /// All seats.
    pub(super) fn all(&self) -> u128 {
        ones(self.length())
    }

    /// All special seats.
    pub(super) fn special(&self) -> u128 {
        self.spaces | self.companions
    }

    /// The seat at a place.
    pub(super) fn seat(&self, place: u32) -> Seat {
        Seat(self.first + place)
    }

    /// The seats at these places.
    pub(super) fn seats(&self, mask: u128) -> impl Iterator<Item = Seat> {
        places(mask).map(|place| self.seat(place))
    }
}

/// What one block has of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    pub(super) mask: u128,
    pub(super) block: u32,
    /// The best rank of its general seats; beyond all ranks where it has none.
    pub(super) best: u32,
    pub(super) category: Category,
}

impl Plan {
    /// Compiles a drawing that is a house.
    pub fn new(drawing: &Drawing) -> Result<Self, BadPlan> {
        drawing.check()?;
        let mut plan = Self {
            blocks: Vec::with_capacity(drawing.blocks.len()),
            near: Vec::new(),
            strips: Vec::new(),
            strips_begin: Vec::new(),
            by_rank: Vec::new(),
            by_block: Vec::new(),
            special: Vec::new(),
            sums: Vec::with_capacity(drawing.ranks.len() + 1),
            areas: drawing.areas.clone(),
            wholes: Vec::new(),
            digest: digest(drawing),
        };
        plan.add_ranks(&drawing.ranks);
        plan.add_blocks(drawing);
        plan.add_indices(drawing.categories);
        Ok(plan)
    }

    /// The drawing of which it was compiled.
    pub fn drawing(&self) -> Drawing {
        let categories = |block| {
            let strips = self.strips_in(block).iter().map(|&strip| self.strip(strip));
            strips.map(|strip| (strip.category, strip.mask)).collect()
        };
        let drawn = |(index, block): (u32, &Block)| DrawnBlock {
            section: block.section,
            row: block.row,
            length: block.length,
            categories: categories(index),
            accessible: block.spaces,
            companion: block.companions,
        };
        Drawing {
            blocks: (0..).zip(&self.blocks).map(drawn).collect(),
            ranks: (0..self.seat_count()).map(|seat| self.rank(Seat(seat))).collect(),
            areas: self.areas.clone(),
            categories: self.category_count(),
        }
    }

    fn add_ranks(&mut self, ranks: &[u32]) {
        let mut sum = 0_u32;
        self.sums.push(sum);
        for &rank in ranks {
            sum = sum.wrapping_add(rank);
            self.sums.push(sum);
        }
    }

    fn add_blocks(&mut self, drawing: &Drawing) {
        let (mut first, mut strips_begin) = (0, 0);
        for drawn in &drawing.blocks {
            self.blocks.push(Block {
                spaces: drawn.accessible,
                companions: drawn.companion,
                first,
                strips_begin,
                row: drawn.row,
                section: drawn.section,
                length: drawn.length,
            });
            first += u32::from(drawn.length);
            // The next of those seats are in this block.
            while small(self.near.len()) * NEAR < first {
                self.near.push(small(self.blocks.len() - 1));
            }
            strips_begin += small(drawn.categories.len());
        }
        for (block, drawn) in (0..).zip(&drawing.blocks) {
            for &(category, mask) in &drawn.categories {
                let best = self.best_rank(block, mask & !self.block(block).special());
                self.strips.push(Strip { mask, block, best, category });
            }
        }
        self.strips.sort_unstable_by_key(|strip| (strip.category, strip.block));
    }

    fn add_indices(&mut self, categories: u8) {
        let all = || 0..small(self.strips.len());
        let strip = |index: &u32| self.strips[*index as usize];
        self.strips_begin = (0..=categories)
            .map(|category| small(self.strips.partition_point(|strip| strip.category.0 < category)))
            .collect();
        let mut by_rank = all().collect::<Vec<_>>();
        by_rank.sort_by_key(|index| (strip(index).category, strip(index).best));
        let mut by_block = all().collect::<Vec<_>>();
        by_block.sort_by_key(|index| strip(index).block);
        let is_special =
            |index: &u32| strip(index).mask & self.blocks[strip(index).block as usize].special() != 0;
        self.special = all().filter(is_special).collect();
        self.by_rank = by_rank;
        self.by_block = by_block;
        self.wholes = self.categories().map(|category| self.add_up(self.strips_of(category))).collect();
    }

    /// What some strips have.
    pub(super) fn add_up(&self, strips: impl Iterator<Item = u32>) -> Whole {
        strips.fold(Whole::default(), |all, strip| {
            let Strip { mask, block, .. } = self.strip(strip);
            let block = self.block(block);
            let general = mask & !block.special();
            Whole {
                seats: all.seats + general.count_ones(),
                longest: all.longest.max(longest(general)),
                spaces: all.spaces + (mask & block.spaces).count_ones(),
                companions: all.companions + (mask & block.companions).count_ones(),
            }
        })
    }

    /// What a category has that there is.
    pub(super) fn whole(&self, category: Category) -> Whole {
        self.wholes[usize::from(category.0)]
    }

    /// The best rank of these seats.
    fn best_rank(&self, block: u32, mask: u128) -> u32 {
        self.block(block).seats(mask).map(|seat| self.rank(seat)).min().unwrap_or(u32::MAX)
    }

    /// A number that two houses share only if they are equal, or by a chance of one in 2⁶⁴.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// How many seats there are.
    pub fn seat_count(&self) -> u32 {
        small(self.sums.len() - 1)
    }

    /// The categories.
    pub(crate) fn categories(&self) -> impl Iterator<Item = Category> + use<> {
        (0..self.category_count()).map(Category)
    }

    /// How many categories there are.
    pub(crate) fn category_count(&self) -> u8 {
        u8::try_from(self.strips_begin.len() - 1).expect("a house has at most 64 categories")
    }

    /// The areas, in the order of the map.
    pub(crate) fn areas(&self) -> impl Iterator<Item = (Area, DrawnArea)> + '_ {
        (0..).map(Area).zip(self.areas.iter().copied())
    }

    /// An area, if there is one.
    pub(crate) fn area(&self, area: Area) -> Option<DrawnArea> {
        self.areas.get(usize::from(area.0)).copied()
    }

    /// All blocks, in the order of the map.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// A block.
    pub(super) fn block(&self, block: u32) -> &Block {
        &self.blocks[block as usize]
    }

    /// The block that a seat is in, and its place there, if there is such a seat.
    pub(super) fn locate(&self, seat: Seat) -> Option<(u32, u32)> {
        if self.seat_count() <= seat.0 {
            return None;
        }
        let near = self.near[(seat.0 / NEAR) as usize] as usize;
        let behind = self.blocks[near..].iter().take_while(|block| block.first <= seat.0).count();
        let block = near + behind - 1;
        Some((small(block), seat.0 - self.blocks[block].first))
    }

    /// The blocks that a booking has seats in, and which.
    pub(super) fn blocks_of<'all>(
        &'all self,
        seats: &'all [Seat],
    ) -> impl Iterator<Item = (u32, u128)> + 'all {
        let mut rest = seats;
        core::iter::from_fn(move || {
            let (block, _) = self.locate(*rest.first()?).expect("a booking's seats are in the plan");
            let Block { first, .. } = *self.block(block);
            let end = first + self.block(block).length();
            let (here, further) = rest.split_at(rest.partition_point(|seat| seat.0 < end));
            rest = further;
            Some((block, here.iter().fold(0, |mask, seat| mask | 1 << (seat.0 - first))))
        })
    }

    /// All strips of a category, in the order of the map; none where there is no such category.
    pub(super) fn strips_of(&self, category: Category) -> Range<u32> {
        let begin = self.strips_begin.get(usize::from(category.0)).copied();
        let end = self.strips_begin.get(usize::from(category.0) + 1).copied();
        begin.zip(end).map_or(0..0, |(begin, end)| begin..end)
    }

    /// The blocks of a section; none where there is no such section.
    pub(super) fn blocks_in(&self, section: Section) -> Range<u32> {
        let begin = self.blocks.partition_point(|block| block.section < section);
        small(begin)..small(self.blocks.partition_point(|block| block.section <= section))
    }

    /// The strips of a category in these blocks, in the order of the map.
    pub(super) fn strips_between(&self, category: Category, blocks: &Range<u32>) -> Range<u32> {
        let all = self.strips_of(category);
        let own = &self.strips[all.start as usize..all.end as usize];
        let before = |end: u32| all.start + small(own.partition_point(|strip| strip.block < end));
        before(blocks.start)..before(blocks.end)
    }

    /// All strips of a category, the one with the best seat first.
    pub(super) fn strips_by_rank(&self, category: Category) -> &[u32] {
        let Range { start, end } = self.strips_of(category);
        &self.by_rank[start as usize..end as usize]
    }

    /// The strips of a category that have special seats, in the order of the map.
    pub(super) fn special_strips(&self, category: Category) -> &[u32] {
        let Range { start, end } = self.strips_of(category);
        let begin = self.special.partition_point(|&strip| strip < start);
        &self.special[begin..self.special.partition_point(|&strip| strip < end)]
    }

    /// The strips of a block.
    pub(super) fn strips_in(&self, block: u32) -> &[u32] {
        let end = self
            .blocks
            .get(block as usize + 1)
            .map_or(self.by_block.len(), |next| next.strips_begin as usize);
        &self.by_block[self.block(block).strips_begin as usize..end]
    }

    /// A strip.
    pub(super) fn strip(&self, strip: u32) -> Strip {
        self.strips[strip as usize]
    }

    /// How many strips there are.
    pub(super) fn strip_count(&self) -> usize {
        self.strips.len()
    }

    /// The category of a seat that there is.
    pub(crate) fn category(&self, seat: Seat) -> Category {
        self.category_at(seat).expect("it is asked of seats in the plan")
    }

    /// The category of a seat; none where there is no such seat.
    pub(crate) fn category_at(&self, seat: Seat) -> Option<Category> {
        let (block, place) = self.locate(seat)?;
        let strips = self.strips_in(block).iter().map(|&strip| self.strip(strip));
        let own = strips.into_iter().find(|strip| strip.mask >> place & 1 == 1);
        Some(own.expect("each seat is of one category").category)
    }

    /// The rank of a seat.
    pub(super) fn rank(&self, seat: Seat) -> u32 {
        self.score(seat, 1)
    }

    /// The ranks of so many seats of one block, added up.
    pub(super) fn score(&self, first: Seat, count: u32) -> u32 {
        self.sums[(first.0 + count) as usize].wrapping_sub(self.sums[first.0 as usize])
    }

    /// Whether a booking's seats are consecutive; none where it has no seats.
    pub(crate) fn is_together(&self, places: &Places) -> Option<bool> {
        let mut blocks = self.blocks_of(places.seats());
        let (_, mask) = blocks.next()?;
        Some(blocks.next().is_none() && longest(mask) == mask.count_ones())
    }

    /// The category that all of a booking's places are of, if it is one.
    pub(crate) fn category_of(&self, places: &Places) -> Option<Category> {
        let mut all = self.categories_in(places);
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// The categories that a booking has places of, place by place.
    pub(super) fn categories_in<'all>(
        &'all self,
        places: &'all Places,
    ) -> impl Iterator<Item = Category> + 'all {
        let seats = places.seats().iter().map(|&seat| self.category(seat));
        seats.chain(places.areas().iter().filter_map(|&(area, _)| self.area(area)).map(|area| area.category))
    }

    /// How many bytes it takes, beside its own.
    #[cfg(test)]
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.blocks)
            + size_of_val(&*self.strips)
            + size_of_val(&*self.areas)
            + size_of_val(&*self.wholes)
            + [&self.strips_begin, &self.by_rank, &self.by_block, &self.special, &self.sums]
                .map(|numbers| size_of_val(&**numbers))
                .iter()
                .sum::<usize>()
    }
}

/// A number of strips, blocks or seats.
fn small(count: usize) -> u32 {
    u32::try_from(count).expect("a house has at most 131,072 seats, and no more blocks than seats")
}

fn digest(drawing: &Drawing) -> u64 {
    let mut digest = Digest::new("seat plan").word(drawing.categories).word(drawing.blocks.len() as u64);
    for block in &drawing.blocks {
        digest = digest.word(block.section.0).word(block.row.0).word(block.length);
        digest = digest.word(block.categories.len() as u64).wide(block.accessible).wide(block.companion);
        for &(category, mask) in &block.categories {
            digest = digest.word(category.0).wide(mask);
        }
    }
    digest = drawing.ranks.iter().fold(digest, |digest, &rank| digest.word(rank));
    for area in &drawing.areas {
        digest = digest.word(area.category.0).word(area.capacity);
    }
    digest.finish()
}
