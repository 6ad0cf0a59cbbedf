//! A house as it was drawn: what comes with a command, and is not trusted before it was looked at.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::bits::{BLOCK_MAX, ones};
use super::place::{Category, Row, Section};
use crate::limits::CAPACITY_MAX;

/// How many seats a house has at most. A bound, and a rule: sums of ranks rely on it.
pub const SEATS_MAX: usize = 131_072;
/// How many rows a house has at most.
pub const ROWS_MAX: u16 = 16_384;
/// How many sections a house has at most.
pub const SECTIONS_MAX: u16 = 1_024;
/// How many areas a house has at most.
pub const AREAS_MAX: usize = 64;
/// How many categories a house has at most.
pub const CATEGORIES_MAX: u8 = 64;

// All ranks of one block, added up, are a number of 32 bits.
const _: () = assert!((SEATS_MAX as u64) * (BLOCK_MAX as u64) <= u32::MAX as u64);
// A house of seats alone is not too large for a slot.
const _: () = assert!(SEATS_MAX <= CAPACITY_MAX as usize);

/// A house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// What lies between two aisles, in the order of the map. The seats are numbered along it.
    pub blocks: Vec<DrawnBlock>,
    /// Of each seat its rank: a number of its own, from 0; the lower, the better.
    pub ranks: Vec<u32>,
    /// Places without seats.
    pub areas: Vec<DrawnArea>,
    /// How many categories there are.
    pub categories: u8,
}

/// Seats with nothing between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnBlock {
    /// The section that it is in.
    pub section: Section,
    /// The row that it is in, counted over the whole map.
    pub row: Row,
    /// How many seats.
    pub length: u8,
    /// Which seats are of which category, in the order of the categories: each seat is of one.
    pub categories: Vec<(Category, u128)>,
    /// Which seats are spaces for wheelchairs.
    pub accessible: u128,
    /// Which seats are for who comes with somebody in a wheelchair.
    pub companion: u128,
}

/// Places without seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnArea {
    /// What they cost alike.
    pub category: Category,
    /// How many.
    pub capacity: u32,
}

/// Why a drawing is no house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPlan {
    /// There is no seat and no area.
    Empty,
    /// There are more seats, rows, sections, areas, categories or places than a house may have, or no category.
    Size,
    /// A block has no seat, or more than 128.
    Length,
    /// Rows or sections are not numbered in the order of the blocks, from 0 without a gap, or a row is in two sections.
    Order,
    /// A seat is of no category, of two, or of one that does not exist, or there is no such seat.
    Category,
    /// A seat is a space and a companion's seat at once, or there is no such seat.
    Accessible,
    /// The ranks are not one for each seat, each once, from 0.
    Rank,
}

impl fmt::Display for BadPlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Empty => "a house has seats or areas",
            Self::Size => "a house has more of something than any may have, or no category",
            Self::Length => "what lies between two aisles is 1 to 128 seats",
            Self::Order => {
                "rows and sections are numbered in the order of the map, and a row is in one section"
            }
            Self::Category => "each seat is of one category that there is",
            Self::Accessible => "a seat is a space for a wheelchair, a companion's, or neither",
            Self::Rank => "ranks are one for each seat, each once, from 0",
        })
    }
}

impl core::error::Error for BadPlan {}

impl Drawing {
    /// How many seats are drawn.
    pub(super) fn seats(&self) -> usize {
        self.blocks.iter().map(|block| usize::from(block.length)).sum()
    }

    /// Whether it is a house.
    pub(super) fn check(&self) -> Result<(), BadPlan> {
        if self.blocks.is_empty() && self.areas.is_empty() {
            return Err(BadPlan::Empty);
        }
        self.check_size()?;
        self.check_order()?;
        self.blocks.iter().try_for_each(|block| block.check(self.categories))?;
        if self.areas.iter().any(|area| self.categories <= area.category.0) {
            return Err(BadPlan::Category);
        }
        let mut seen = vec![false; self.seats()];
        let is_new =
            |&rank: &u32| seen.get_mut(rank as usize).is_some_and(|seen| !core::mem::replace(seen, true));
        let is_dense = self.ranks.len() == self.seats() && self.ranks.iter().all(is_new);
        if is_dense { Ok(()) } else { Err(BadPlan::Rank) }
    }

    fn check_size(&self) -> Result<(), BadPlan> {
        let places = self.areas.iter().map(|area| u64::from(area.capacity)).sum::<u64>();
        let is_small_enough = self.seats() <= SEATS_MAX
            && self.seats() as u64 + places <= u64::from(CAPACITY_MAX)
            && self.areas.len() <= AREAS_MAX
            && (1..=CATEGORIES_MAX).contains(&self.categories)
            && self.blocks.last().is_none_or(|last| last.row.0 < ROWS_MAX && last.section.0 < SECTIONS_MAX);
        if is_small_enough { Ok(()) } else { Err(BadPlan::Size) }
    }

    /// Each row is the one before or the next, and so is each section; a section begins with a row.
    fn check_order(&self) -> Result<(), BadPlan> {
        let mut before = None::<(Row, Section)>;
        for &DrawnBlock { row, section, .. } in &self.blocks {
            let follows = match before {
                None => row.0 == 0 && section.0 == 0,
                Some(last) if last.0 == row => last.1 == section,
                Some((last_row, last)) => {
                    row.0 == last_row.0.saturating_add(1)
                        && (section == last || section.0 == last.0.saturating_add(1))
                }
            };
            if !follows {
                return Err(BadPlan::Order);
            }
            before = Some((row, section));
        }
        Ok(())
    }
}

impl DrawnBlock {
    fn check(&self, categories: u8) -> Result<(), BadPlan> {
        let length = u32::from(self.length);
        if !(1..=BLOCK_MAX).contains(&length) {
            return Err(BadPlan::Length);
        }
        let all = ones(length);
        let mut seen = 0;
        for &(category, mask) in &self.categories {
            if categories <= category.0 || mask == 0 || mask & seen != 0 {
                return Err(BadPlan::Category);
            }
            seen |= mask;
        }
        if seen != all || !self.categories.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(BadPlan::Category);
        }
        let is_one_of_them =
            self.accessible & self.companion == 0 && (self.accessible | self.companion) & !all == 0;
        if is_one_of_them { Ok(()) } else { Err(BadPlan::Accessible) }
    }
}
