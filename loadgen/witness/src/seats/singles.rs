//! Single seats: which ones a request would leave, and whether it could do otherwise (research 2.6).

use std::collections::BTreeSet;
use std::ops::Range;

use super::floor::Floor;
use crate::house::words::{AisleSingles, SingleScope, Singles, Terms};

/// The single seats that are new once these are taken: stretches of one that were part of longer ones.
pub(super) fn new_singles(floor: &Floor<'_>, terms: &Terms, taken: &BTreeSet<usize>) -> Vec<usize> {
    let stretches: BTreeSet<(usize, usize)> = taken
        .iter()
        .map(|seat| floor.stretch(*seat))
        .filter(|stretch| !stretch.is_empty())
        .map(|stretch| (stretch.start, stretch.end))
        .collect();
    let singles = stretches.into_iter().flat_map(|(start, end)| left_alone(floor, terms, start..end, taken));
    singles.collect()
}

/// Of a stretch of open seats, those that stand alone once some are taken, and count.
fn left_alone(
    floor: &Floor<'_>,
    terms: &Terms,
    stretch: Range<usize>,
    taken: &BTreeSet<usize>,
) -> Vec<usize> {
    let is_left = |seat: usize| stretch.contains(&seat) && !taken.contains(&seat);
    let run = floor.plan.run_of(stretch.start);
    let counts = |seat: &usize| match terms.aisle_singles {
        AisleSingles::Count => true,
        AisleSingles::Ignore => *seat != run.start && *seat + 1 != run.end,
    };
    let is_alone = |seat: &usize| is_left(*seat) && !(*seat > 0 && is_left(*seat - 1)) && !is_left(*seat + 1);
    // One that stood alone before is not new.
    let was_longer = stretch.len() > 1;
    stretch.clone().filter(|seat| was_longer && is_alone(seat) && counts(seat)).collect()
}

/// The singles for which a customer's pick is to be refused; empty where it is to be granted.
pub(super) fn refused_for(floor: &Floor<'_>, terms: &Terms, picked: &BTreeSet<usize>) -> Vec<usize> {
    if terms.singles != Singles::Refuse {
        return Vec::new();
    }
    let singles = new_singles(floor, terms, picked);
    let is_exempt = || blocks(floor, picked).iter().any(|block| !could_do_otherwise(floor, terms, block));
    if singles.is_empty() || is_exempt() { Vec::new() } else { singles }
}

/// The blocks of a pick: neighbours between two aisles.
pub(super) fn blocks(floor: &Floor<'_>, picked: &BTreeSet<usize>) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for seat in picked {
        match blocks.last_mut() {
            Some(block) if block.end == *seat && floor.plan.run_of(block.start).contains(seat) => {
                block.end += 1;
            }
            Some(_) | None => blocks.push(*seat..*seat + 1),
        }
    }
    blocks
}

/// Whether as many seats of the same category would leave no new single elsewhere: in the same stretch, or anywhere. A block is of
/// one category, unless the one that is picked is not.
fn could_do_otherwise(floor: &Floor<'_>, terms: &Terms, block: &Range<usize>) -> bool {
    let category = |seat: usize| floor.plan.seats[seat].category;
    let own: BTreeSet<usize> = block.clone().map(category).collect();
    let spares = |window: Range<usize>| new_singles(floor, terms, &window.collect()).is_empty();
    let windows = |stretch: Range<usize>| {
        let last = (stretch.end + 1).saturating_sub(block.len());
        (stretch.start..last).map(|start| start..start + block.len())
    };
    let in_stretch = || {
        let mut windows = windows(floor.stretch(block.start));
        windows.any(|window| window.clone().all(|seat| own.contains(&category(seat))) && spares(window))
    };
    let anywhere = || {
        let is_block = |window: &Range<usize>| {
            let like = category(window.start);
            own.contains(&like) && window.clone().all(|seat| floor.is_open(seat) && category(seat) == like)
        };
        let mut windows = floor.plan.runs.iter().flat_map(|run| windows(run.clone()));
        windows.any(|window| is_block(&window) && spares(window))
    };
    match terms.single_scope {
        SingleScope::Row => in_stretch(),
        SingleScope::Slot => in_stretch() || anywhere(),
    }
}
