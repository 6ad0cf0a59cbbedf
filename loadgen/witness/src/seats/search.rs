//! The best seats, found by trying everything: research 2.6 with what the contract adds to it.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use api::booking::Together;

use super::floor::{Floor, State};
use super::singles::new_singles;
use crate::house::Kind;
use crate::house::words::{Singles, Terms};

/// What is wished for.
#[derive(Clone, Debug)]
pub(super) struct Search<'w> {
    pub(super) quantity: usize,
    /// In the order of the wish.
    pub(super) categories: Vec<usize>,
    /// Empty for all.
    pub(super) sections: &'w [usize],
    pub(super) together: Together,
}

/// What is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    Seats(BTreeSet<usize>),
    Area(usize),
}

/// Whether a block may leave a new single seat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaves {
    NoSingle,
    Any,
}

/// Where the parts of a party sit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spread {
    OneSection,
    Anywhere,
}

/// Which comes first where a party is split: another category, or another part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    CategoriesOutside,
    PartsOutside,
}

/// One search under way.
#[derive(Clone, Copy)]
struct Run<'f, 'w, 'h> {
    floor: &'f Floor<'h>,
    terms: &'f Terms,
    wish: &'f Search<'w>,
}

/// The best there is; none where nothing fits. More than one where the contract can be read in more than one way.
pub(super) fn best(floor: &Floor<'_>, terms: &Terms, wish: &Search<'_>) -> Vec<Placement> {
    let run = Run { floor, terms, wish };
    if let Some(placement) = run.one_block() {
        return vec![placement];
    }
    if wish.together == Together::Must {
        return Vec::new();
    }
    // The contract does not say whether two parts of the next category come before three of this one.
    let readings = [Nesting::CategoriesOutside, Nesting::PartsOutside];
    let mut found: Vec<Placement> = readings.into_iter().filter_map(|nesting| run.parts(nesting)).collect();
    found.dedup();
    found
}

/// The largest blocks of a floor, each looked for when it is first asked after.
pub(super) struct Blocks<'f, 'h> {
    floor: &'f Floor<'h>,
    largest: Vec<Option<u64>>,
}

impl<'f, 'h> Blocks<'f, 'h> {
    pub(super) fn of(floor: &'f Floor<'h>) -> Self {
        Self { floor, largest: vec![None; floor.plan.categories.len()] }
    }

    /// Whether anything fits at all.
    pub(super) fn fit(&mut self, wish: &Search<'_>) -> bool {
        let terms = Terms { singles: Singles::Allow, ..Terms::default() };
        let run = Run { floor: self.floor, terms: &terms, wish };
        if !wish.sections.is_empty() {
            return !best(self.floor, &terms, wish).is_empty();
        }
        let quantity = wish.quantity as u64;
        wish.categories.iter().any(|category| {
            let seats = match wish.together {
                Together::Prefer => self.floor.general(*category),
                Together::Must => self.largest(*category),
            };
            seats >= quantity || run.area(*category).is_some()
        })
    }

    fn largest(&mut self, category: usize) -> u64 {
        *self.largest[category].get_or_insert_with(|| self.floor.largest_block(category))
    }
}

impl Run<'_, '_, '_> {
    /// Steps 1 and 2. An area is a block at its category's place.
    fn one_block(&self) -> Option<Placement> {
        let leaves = match self.terms.singles {
            Singles::Allow => &[Leaves::Any][..],
            Singles::Avoid | Singles::Refuse => &[Leaves::NoSingle, Leaves::Any],
        };
        let mut steps = leaves
            .iter()
            .flat_map(|leaves| self.wish.categories.iter().map(move |category| (*leaves, *category)));
        steps.find_map(|(leaves, category)| {
            let block = self.lowest(self.wish.quantity, category, leaves);
            block.map(|block| Placement::Seats(block.collect())).or_else(|| self.area(category))
        })
    }

    fn area(&self, category: usize) -> Option<Placement> {
        // Who names sections wishes for seats.
        let quantity = self.wish.quantity as u64;
        let mut areas = self.floor.plan.areas.iter().enumerate();
        let fits = |(place, area): &(usize, &crate::house::Area)| {
            self.wish.sections.is_empty()
                && area.category == category
                && self.floor.area_free(*place) >= quantity
        };
        areas.find(fits).map(|(place, _area)| Placement::Area(place))
    }

    /// Steps 3 to 5: parts of at least two in one section, then across; then with parts of one.
    fn parts(&self, nesting: Nesting) -> Option<Placement> {
        let n = self.wish.quantity;
        let steps = [
            (Spread::OneSection, 2..=n / 2),
            (Spread::Anywhere, 2..=n / 2),
            (Spread::OneSection, 2..=n),
            (Spread::Anywhere, 2..=n),
        ];
        steps.into_iter().find_map(|(spread, counts)| self.split(spread, counts, nesting))
    }

    fn split(&self, spread: Spread, counts: RangeInclusive<usize>, nesting: Nesting) -> Option<Placement> {
        let categories = &self.wish.categories;
        let enough = |category: &usize| self.floor.general(*category) >= self.wish.quantity as u64;
        let tries: Vec<(usize, usize)> = match nesting {
            Nesting::CategoriesOutside => categories
                .iter()
                .filter(|category| enough(category))
                .flat_map(|category| counts.clone().map(|count| (*category, count)))
                .collect(),
            Nesting::PartsOutside => counts
                .flat_map(|count| categories.iter().map(move |category| (*category, count)))
                .filter(|(category, _count)| enough(category))
                .collect(),
        };
        tries.into_iter().find_map(|(category, count)| self.in_parts(category, count, spread))
    }

    /// So many parts as equal as can be, the larger first; without going back.
    fn in_parts(&self, category: usize, count: usize, spread: Spread) -> Option<Placement> {
        let n = self.wish.quantity;
        let mut sizes = (0..count).map(|part| n / count + usize::from(part < n % count));
        let size = sizes.next()?;
        let quiet = self.lowest(size, category, Leaves::NoSingle);
        let any = || self.lowest(size, category, Leaves::Any);
        let first = if self.terms.singles == Singles::Allow { any() } else { quiet.or_else(any) }?;
        let section = self.floor.plan.seats[first.start].section;
        let mut chosen = vec![first];
        for size in sizes {
            let near = self.nearest(size, category, &chosen, |seat| {
                spread == Spread::Anywhere || self.floor.plan.seats[seat].section == section
            })?;
            chosen.push(near);
        }
        Some(Placement::Seats(chosen.into_iter().flatten().collect()))
    }

    /// The block with the fewest rows between it and the nearest part that is chosen, then the lowest score.
    fn nearest(
        &self,
        size: usize,
        category: usize,
        chosen: &[Range<usize>],
        is_near: impl Fn(usize) -> bool,
    ) -> Option<Range<usize>> {
        let seats = &self.floor.plan.seats;
        let distance = |block: &Range<usize>| {
            let rows = |part: &Range<usize>| seats[block.start].row.abs_diff(seats[part.start].row);
            chosen.iter().map(rows).min()
        };
        let is_apart = |block: &Range<usize>| {
            chosen.iter().all(|part| block.end <= part.start || part.end <= block.start)
        };
        self.windows(size, category)
            .filter(|block| is_near(block.start) && is_apart(block))
            .min_by_key(|block| (distance(block), self.score(block)))
    }

    fn lowest(&self, size: usize, category: usize, leaves: Leaves) -> Option<Range<usize>> {
        let mut blocks: Vec<((u64, u64), Range<usize>)> =
            self.windows(size, category).map(|block| (self.score(&block), block)).collect();
        blocks.sort_unstable_by_key(|(score, _block)| *score);
        let spares = |block: &Range<usize>| {
            leaves == Leaves::Any || new_singles(self.floor, self.terms, &block.clone().collect()).is_empty()
        };
        blocks.into_iter().map(|(_score, block)| block).find(spares)
    }

    /// The sum of ranks, then the rank of the first seat.
    fn score(&self, block: &Range<usize>) -> (u64, u64) {
        let rank = |seat: usize| self.floor.plan.seats[seat].rank;
        (block.clone().map(rank).sum(), rank(block.start))
    }

    /// Every block of so many seats of one category between two aisles.
    fn windows(&self, size: usize, category: usize) -> impl Iterator<Item = Range<usize>> {
        self.floor.plan.runs.iter().flat_map(move |run| {
            let mut length = 0;
            run.clone().filter_map(move |seat| {
                length = if self.is_candidate(seat, category) { length + 1 } else { 0 };
                (length >= size).then(|| seat + 1 - size..seat + 1)
            })
        })
    }

    fn is_candidate(&self, seat: usize, category: usize) -> bool {
        let of = &self.floor.plan.seats[seat];
        let is_in = self.wish.sections.is_empty() || self.wish.sections.contains(&of.section);
        of.category == category
            && is_in
            && of.kind == Kind::General
            && self.floor.state(seat, None) == State::Free
    }
}
