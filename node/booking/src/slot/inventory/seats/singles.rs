//! Single seats: stretches of open seats that are one seat long, and that nobody who comes in company can use.
//!
//! A single is *new* if its seat was part of a longer stretch before. A request is judged as a whole, and only where its customer could
//! do otherwise: a rule that refuses the last pair of a row sells less than no rule.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::bits::{bit, firsts, lasts, ones, run_starts, singles, span, stretches};
use super::place::Seat;
use super::state::Seats;

/// What a house holds of singles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinglesPolicy {
    /// What is done about them.
    pub singles: Singles,
    /// Whether one at an aisle is one.
    pub aisles: AisleSingles,
    /// How far a customer looks for something better.
    pub scope: SingleScope,
}

/// What is done about new singles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Singles {
    /// Nothing.
    Allow,
    /// The search leaves none while it can.
    Avoid,
    /// The search leaves none while it can, and customers must not.
    Refuse,
}

/// What a single is at an aisle or at the end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AisleSingles {
    /// None: who comes alone likes it.
    Ignore,
    /// One like any other.
    Count,
}

/// Where something better is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SingleScope {
    /// In the same stretch.
    Row,
    /// Anywhere, in the same category.
    Slot,
}

/// What a request does to one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) block: u32,
    /// Seats that it takes.
    pub(super) added: u128,
    /// Seats of its own that it gives back.
    pub(super) dropped: u128,
}

impl Touched {
    /// Nothing yet.
    pub(super) const fn nothing(block: u32) -> Self {
        Self { block, added: 0, dropped: 0 }
    }
}

/// The open seats of a block, before a request and while it chooses.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    before: u128,
    /// With what the request gives back.
    open: u128,
    length: u32,
}

impl Choice {
    /// Of a request that gives nothing back.
    pub(super) const fn of(open: u128, length: u32) -> Self {
        Self { before: open, open, length }
    }

    /// From where so many seats, taken together, would leave a new single.
    pub(super) fn leaving(&self, count: u32, aisles: AisleSingles) -> u128 {
        let may_be_new = self.before & !singles(self.before) & self.counted(aisles);
        let left = firsts(self.open) & may_be_new;
        let right = lasts(self.open) & may_be_new;
        left << 1 | right.checked_shr(count).unwrap_or(0)
    }

    /// The new singles that are left when these are taken.
    fn left_by(&self, added: u128, aisles: AisleSingles) -> u128 {
        singles(self.open & !added) & self.before & !singles(self.before) & self.counted(aisles)
    }

    /// Where a single is one.
    fn counted(&self, aisles: AisleSingles) -> u128 {
        match aisles {
            AisleSingles::Ignore => ones(self.length) & !(1 | bit(self.length - 1)),
            AisleSingles::Count => ones(self.length),
        }
    }
}

impl Seats {
    /// The new singles that a customer may not leave, in the order of the map: none where one of the blocks that are taken could not be
    /// taken without.
    pub(super) fn singles_refused(&self, touched: &[Touched], policy: SinglesPolicy) -> Vec<Seat> {
        let mut left = Vec::new();
        for touch in touched {
            let singles = self.choice(touch).left_by(touch.added, policy.aisles);
            left.extend(self.plan().block(touch.block).seats(singles));
        }
        let has_no_choice = |touch: &Touched| {
            let choice = self.choice(touch);
            stretches(touch.added & choice.open)
                .any(|run| !self.is_avoidable(touch, span(&run), touched, policy))
        };
        if !left.is_empty() && touched.iter().any(has_no_choice) {
            left.clear();
        }
        left
    }

    /// Whether as many seats as this run has, of the same category, can be taken together without leaving a new single.
    fn is_avoidable(&self, touch: &Touched, run: u128, touched: &[Touched], policy: SinglesPolicy) -> bool {
        let count = run.count_ones();
        let strips = self.plan().strips_in(touch.block).iter().map(|&strip| self.plan().strip(strip));
        let own = strips.filter(|strip| strip.mask & run != 0).collect::<Vec<_>>();
        let choice = self.choice(touch);
        let stretch = stretches(choice.open).map(|stretch| span(&stretch)).find(|stretch| stretch & run != 0);
        let within =
            stretch.expect("a run lies in a stretch") & own.iter().fold(0, |all, strip| all | strip.mask);
        if run_starts(within, count) & !choice.leaving(count, policy.aisles) != 0 {
            return true;
        }
        policy.scope == SingleScope::Slot
            && own.iter().any(|own| {
                self.plan().strips_of(own.category).any(|index| {
                    let strip = self.plan().strip(index);
                    let here = touched.iter().copied().find(|touch| touch.block == strip.block);
                    if here.is_none() && self.longest(index) < count {
                        return false;
                    }
                    let choice =
                        self.choice(&here.unwrap_or(Touched { added: 0, dropped: 0, block: strip.block }));
                    run_starts(choice.open & strip.mask, count) & !choice.leaving(count, policy.aisles) != 0
                })
            })
    }

    /// What a request can choose from in a block. What it gives back is open where it is for sale to everyone.
    fn choice(&self, touch: &Touched) -> Choice {
        let (block, masks) = (self.plan().block(touch.block), self.masks(touch.block));
        let opened = touch.dropped & !(masks.blocked | masks.allotted | block.special());
        Choice { before: masks.open, open: masks.open | opened, length: block.length() }
    }
}
