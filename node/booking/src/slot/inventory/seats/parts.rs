//! A party that finds no block, in as few parts as possible: of sizes as equal as possible, the larger first, and each where it is
//! nearest to those that were chosen before. What was chosen is not taken back.

use alloc::vec::Vec;

use super::field::{Field, Leaving, Part};
use super::nearby::Nearby;
use super::place::Category;
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
    let mut nearby = Nearby::new(field, category, section);
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
