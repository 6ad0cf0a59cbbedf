//! The best seats for a party, step by step: one block that leaves no single, one block, few parts, parts further apart, parts of one.
//! Each step is tried for all categories, in their order, before the next.

use alloc::vec::Vec;

use super::accessible::{apart, together};
use super::adjoining::{Companions, Company};
use super::ask::{Best, COMPANIONS_MAX, QUANTITY_MAX, Together};
use super::field::{Field, Leaving, Part};
use super::parts::{Reach, split};
use super::place::{Category, Places};
use super::shortage::{Pool, Shortage};
use super::singles::{Singles, SinglesPolicy};
use super::state::Seats;

/// Why a party gets no places now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlaces {
    /// There are too few, or who waits is short of them: it is sold out, or the party waits.
    TooFew,
    /// There are enough, but not together, as they must be.
    NotTogether {
        /// The most that it could get together.
        largest_block: u32,
    },
}

impl Seats {
    /// The best places for a party, in one category, out of what nobody who waits is short of. Nothing changes.
    pub(crate) fn best(
        &self,
        ask: &Best,
        policy: SinglesPolicy,
        short: &Shortage,
    ) -> Result<Places, NoPlaces> {
        if !(1..=QUANTITY_MAX).contains(&ask.quantity) || ask.quantity < ask.accessible {
            return Err(NoPlaces::TooFew);
        }
        // What a party in wheelchairs gets besides its spaces, the search decides: nothing of which somebody is short.
        let is_searched =
            self.companions == Companions::Adjoining && 0 < ask.accessible && ask.allotment.is_none();
        let has_turn = |category: &Category| {
            let mut needs = self.needs(ask, *category).into_iter();
            needs.all(|(counter, _)| is_searched && counter.pool != Pool::Spaces || !short.is_at(counter))
        };
        let categories = self.known(ask).filter(has_turn).collect::<Vec<_>>();
        let search =
            Search { field: Field::of(self, ask, policy, is_searched.then_some(short)), categories, ask };
        search.run().ok_or_else(|| search.refusal())
    }
}

/// A search.
struct Search<'all> {
    field: Field<'all>,
    /// Those that are its turn.
    categories: Vec<Category>,
    ask: &'all Best,
}

impl Search<'_> {
    fn run(&self) -> Option<Places> {
        if self.ask.accessible > 0 {
            return self.accessible();
        }
        match self.ask.together {
            Together::Must => self.in_one(),
            Together::Prefer => self.in_one().or_else(|| self.in_parts()),
        }
    }

    /// One block, or one area.
    fn in_one(&self) -> Option<Places> {
        let steps: &[Leaving] = match self.field.policy.singles {
            Singles::Allow => &[Leaving::Anything],
            Singles::Avoid | Singles::Refuse => &[Leaving::NoSingle, Leaving::Anything],
        };
        let quantity = self.ask.quantity;
        steps.iter().find_map(|&leaving| {
            self.in_each(|category| {
                let block =
                    self.field.best_block(category, quantity, leaving).map(|block| self.seats(&[block]));
                block.or_else(|| {
                    let area = self.field.area_with(category, quantity)?;
                    Some(Places::of_area(area, quantity))
                })
            })
        })
    }

    /// Parts: at first none of one seat.
    fn in_parts(&self) -> Option<Places> {
        let quantity = self.ask.quantity;
        let steps = [
            (2..=quantity / 2, Reach::Section),
            (2..=quantity / 2, Reach::House),
            ((quantity / 2 + 1).max(2)..=quantity, Reach::Section),
            ((quantity / 2 + 1).max(2)..=quantity, Reach::House),
        ];
        let categories = self.categories.iter().copied();
        let enough =
            categories.filter(|&category| quantity <= self.field.seat_count(category)).collect::<Vec<_>>();
        steps.into_iter().find_map(|(counts, reach)| {
            enough.iter().find_map(|&category| {
                let found =
                    counts.clone().find_map(|parts| split(&self.field, category, quantity, parts, reach));
                found.map(|found| self.seats(&found))
            })
        })
    }

    /// Spaces for wheelchairs, and who comes with them.
    fn accessible(&self) -> Option<Places> {
        let company = Company { quantity: self.ask.quantity, accessible: self.ask.accessible };
        let in_one = self
            .in_each(|category| together(&self.field, category, company).map(|block| self.seats(&[block])));
        match self.ask.together {
            Together::Must => in_one,
            Together::Prefer => in_one.or_else(|| {
                self.in_each(|category| apart(&self.field, category, company).map(|parts| self.seats(&parts)))
            }),
        }
    }

    fn in_each(&self, find: impl Fn(Category) -> Option<Places>) -> Option<Places> {
        self.categories.iter().find_map(|&category| find(category))
    }

    /// Why nothing was found.
    fn refusal(&self) -> NoPlaces {
        let has_enough = self.categories.iter().any(|&category| self.has_enough(category));
        if self.ask.together == Together::Prefer || !has_enough {
            return NoPlaces::TooFew;
        }
        let blocks = self.categories.iter().map(|&category| self.field.largest_block(category));
        NoPlaces::NotTogether { largest_block: blocks.max().unwrap_or(0) }
    }

    /// Whether a category has as many places as the party needs, wherever they are.
    fn has_enough(&self, category: Category) -> bool {
        let Best { quantity, accessible, .. } = *self.ask;
        if 0 < accessible && self.field.seats.companions == Companions::Adjoining {
            return apart(&self.field, category, Company { quantity, accessible }).is_some();
        }
        let (mut spaces, mut companions) = (0, 0);
        let strips = (accessible > 0).then(|| self.field.special_strips(category));
        for strip in strips.into_iter().flatten() {
            let special = self.field.special(&strip);
            spaces += special.spaces.count_ones();
            companions += special.companions.count_ones();
        }
        let general = self.field.seat_count(category) + self.field.area_places(category);
        accessible <= spaces && quantity - accessible <= companions.min(accessible * COMPANIONS_MAX) + general
    }

    fn seats(&self, parts: &[Part]) -> Places {
        let all = parts.iter().flat_map(|part| self.field.plan().block(part.block).seats(part.mask));
        Places::of_seats(all.collect())
    }
}
