//! A party that finds no block, in as few parts as possible: of sizes as equal as possible, the larger first, and each where it is
//! nearest to those that were chosen before. What was chosen is not taken back.

use alloc::vec::Vec;

use super::bits::{ones, places, run_starts};
use super::field::{Field, Leaving, Part, Score};
use super::place::{Category, Section};
use super::plan::Strip;
use super::singles::Singles;

/// Where the further parts may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// In the section of the first.
    Section,
    /// Anywhere.
    House,
}

/// The sizes of so many parts, the larger first.
pub(super) fn sizes(quantity: u32, parts: u32) -> impl Iterator<Item = u32> {
    let (size, larger) = (quantity / parts, quantity % parts);
    (0..parts).map(move |part| if part < larger { size + 1 } else { size })
}

/// A party of one category in so many parts.
pub(super) fn split(
    field: &Field<'_>,
    category: Category,
    quantity: u32,
    parts: u32,
    reach: Reach,
) -> Option<Vec<Part>> {
    if !may_split(field, category, quantity, parts) {
        return None;
    }
    let mut sizes = sizes(quantity, parts);
    let first = first_part(field, category, sizes.next()?)?;
    let section = match reach {
        Reach::Section => Some(field.plan().block(first.block).section),
        Reach::House => None,
    };
    let mut nearby = Nearby::new(field, category, section, quantity / parts);
    let mut found = Vec::from([first]);
    nearby.choose(&first);
    for size in sizes {
        let part = nearby.nearest(size)?;
        nearby.choose(&part);
        found.push(part);
    }
    Some(found)
}

/// Whether there is room for so many parts, wherever they are.
pub(super) fn may_split(field: &Field<'_>, category: Category, quantity: u32, parts: u32) -> bool {
    let (size, larger) = (quantity / parts, quantity % parts);
    field.may_have_blocks(category, parts, size) && field.may_have_blocks(category, larger, size + 1)
}

/// The best block, without a new single if there is one.
fn first_part(field: &Field<'_>, category: Category, size: u32) -> Option<Part> {
    let without = match field.policy.singles {
        Singles::Allow => None,
        Singles::Avoid | Singles::Refuse => field.best_block(category, size, Leaving::NoSingle),
    };
    without.or_else(|| field.best_block(category, size, Leaving::Anything))
}

/// What is left of a category, and how far it is from what was chosen.
pub(super) struct Nearby<'all> {
    field: &'all Field<'all>,
    /// In the order of the map.
    strips: Vec<Left>,
}

/// What is left of a strip.
struct Left {
    mask: u128,
    block: u32,
    row: u16,
    /// How many rows lie between it and the nearest part that was chosen.
    distance: u16,
}

impl<'all> Nearby<'all> {
    /// Strips that have so many seats in a row, with nothing chosen.
    pub(super) fn new(
        field: &'all Field<'all>,
        category: Category,
        section: Option<Section>,
        size: u32,
    ) -> Self {
        let left = |strip: Strip| Left {
            mask: field.general(&strip),
            block: strip.block,
            row: field.plan().block(strip.block).row.0,
            distance: u16::MAX,
        };
        Self { field, strips: field.strips_with(category, section, size).map(left).collect() }
    }

    /// What is chosen is left no more, and all that is near it is nearer.
    pub(super) fn choose(&mut self, part: &Part) {
        let row = self.field.plan().block(part.block).row.0;
        for left in &mut self.strips {
            left.distance = left.distance.min(left.row.abs_diff(row));
            if left.block == part.block {
                left.mask &= !part.mask;
            }
        }
    }

    /// The nearest block of so many seats, and of those the best.
    pub(super) fn nearest(&self, size: u32) -> Option<Part> {
        let mut best = None::<(u16, Score, u32, u32)>;
        for left in &self.strips {
            if best.is_some_and(|(distance, ..)| distance < left.distance) {
                continue;
            }
            for first in places(run_starts(left.mask, size)) {
                let score = Score::of(self.field.plan(), left.block, first, size);
                let found = (left.distance, score, left.block, first);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        best.map(|(_, _, block, first)| Part { block, mask: ones(size) << first })
    }
}
