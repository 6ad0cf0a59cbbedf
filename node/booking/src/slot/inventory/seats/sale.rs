//! What of a house is for sale to everyone, what is blocked, and what is kept for somebody: the organizer's layer.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use super::bits::{span, stretches};
use super::place::{Allotment, Places, Seat};
use super::plan::Plan;
use super::state::Seats;
use crate::Status;
use crate::digest::Digest;

/// How many allotments a house has at most. A rule.
pub const ALLOTMENTS_MAX: u8 = 64;

/// How a seat is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sale {
    /// To everyone.
    Open,
    /// Not at all.
    Blocked,
    /// To whom it is kept for.
    Allotted(Allotment),
}

/// Consecutive seats in the order of the map, one at least, that are sold alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaleRun {
    /// The first of them.
    pub first: Seat,
    /// How many.
    pub length: u32,
    /// How they are sold.
    pub sale: Sale,
}

/// Why seats cannot be sold otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SaleRefused {
    /// A run is of seats that the house lacks, or of none, a seat is in two runs, or there is no such allotment.
    Malformed,
    /// These are taken.
    Taken(Vec<Seat>),
}

impl Seats {
    /// A house of which nothing is taken, sold like this; what is not named is for sale to everyone.
    pub(crate) fn restore(plan: Arc<Plan>, runs: &[SaleRun]) -> Result<Self, SaleRefused> {
        let mut seats = Self::new(plan);
        seats.sell(runs)?;
        Ok(seats)
    }

    /// Everything that is not for sale to everyone, in the order of the map: what is to be saved.
    pub(crate) fn sale_runs(&self) -> Vec<SaleRun> {
        let mut runs = Vec::new();
        for (block, drawn) in (0..).zip(self.plan().blocks()) {
            let masks = self.masks(block);
            if masks.blocked | masks.allotted == 0 {
                continue;
            }
            let kept = self
                .allotments
                .iter()
                .filter_map(|(&allotment, kept)| Some((Sale::Allotted(allotment), *kept.masks.get(&block)?)));
            let mut pieces = kept
                .chain([(Sale::Blocked, masks.blocked)])
                .flat_map(|(sale, mask)| {
                    stretches(mask).map(move |stretch| (stretch.start, stretch.end, sale))
                })
                .collect::<Vec<_>>();
            pieces.sort_unstable();
            for (start, end, sale) in pieces {
                append(&mut runs, SaleRun { first: drawn.seat(start), length: end - start, sale });
            }
        }
        runs
    }

    /// Sells seats otherwise, all or none, and says of which that is new. What is taken cannot be sold otherwise; opening it
    /// changes nothing.
    pub(crate) fn sell(&mut self, runs: &[SaleRun]) -> Result<Vec<SaleRun>, SaleRefused> {
        if !self.are_runs(runs) {
            return Err(SaleRefused::Malformed);
        }
        let plan = Arc::clone(self.plan());
        let mut taken = Vec::new();
        let mut changes = Vec::new();
        for run in runs {
            for (block, places) in pieces(&plan, run) {
                let new = span(&places) & !self.sold_like(block, run.sale);
                let refused = new & self.masks(block).taken();
                if run.sale != Sale::Open {
                    taken.extend(plan.block(block).seats(refused));
                }
                changes.push((block, new & !refused, run.sale));
            }
        }
        if !taken.is_empty() {
            return Err(SaleRefused::Taken(taken));
        }
        changes.sort_unstable();
        let mut new_runs = Vec::new();
        for (block, mask, sale) in changes {
            self.resell(block, mask, sale);
            new_runs.extend(stretches(mask).map(|stretch| SaleRun {
                first: plan.block(block).seat(stretch.start),
                length: stretch.end - stretch.start,
                sale,
            }));
        }
        new_runs.sort_unstable();
        let mut merged = Vec::new();
        for run in new_runs {
            append(&mut merged, run);
        }
        Ok(merged)
    }

    /// Whether everything is where these bookings say, and nobody has what another has: counted anew.
    pub(crate) fn adds_up<'all>(&self, claims: impl Iterator<Item = (Status, &'all Places)>) -> bool {
        let Ok(mut anew) = Self::restore(Arc::clone(self.plan()), &self.sale_runs()) else { return false };
        anew.companions = self.companions;
        for (status, places) in claims {
            if status.has_places() && !anew.are_free(places) {
                return false;
            }
            anew.take(places, status);
        }
        anew == *self
    }

    /// A number of the house and how it is sold, that two share only if they are equal, or by a chance of one in 2⁶⁴. What is taken
    /// is the bookings' to say.
    pub(crate) fn digest(&self) -> u64 {
        let begun = Digest::new("seats").word(self.plan().digest());
        let all = self.sale_runs().into_iter().fold(begun, |digest, SaleRun { first, length, sale }| {
            let digest = digest.word(first.0).word(length);
            match sale {
                Sale::Open => digest.word(0_u8),
                Sale::Blocked => digest.word(1_u8),
                Sale::Allotted(allotment) => digest.word(2_u8).word(allotment.0),
            }
        });
        all.finish()
    }

    /// The allotment that a seat is of, if any.
    pub(super) fn allotment_of(&self, block: u32, place: u32) -> Option<Allotment> {
        if self.masks(block).allotted >> place & 1 == 0 {
            return None;
        }
        let is_own =
            |allotment: &Allotment| self.sold_like(block, Sale::Allotted(*allotment)) >> place & 1 == 1;
        let own = self.allotments.keys().copied().find(is_own);
        assert!(own.is_some(), "a seat that is kept is kept for somebody");
        own
    }

    /// The seats of a block that are sold like this.
    fn sold_like(&self, block: u32, sale: Sale) -> u128 {
        let masks = self.masks(block);
        match sale {
            Sale::Open => self.plan().block(block).all() & !(masks.blocked | masks.allotted),
            Sale::Blocked => masks.blocked,
            Sale::Allotted(allotment) => {
                let kept = self.allotments.get(&allotment);
                kept.and_then(|kept| kept.masks.get(&block)).copied().unwrap_or(0)
            }
        }
    }

    /// Sells free seats of a block otherwise.
    fn resell(&mut self, block: u32, mask: u128, sale: Sale) {
        if mask == 0 {
            return;
        }
        self.blocked -= (self.masks(block).blocked & mask).count_ones();
        for kept in self.allotments.values_mut() {
            let Some(own) = kept.masks.get_mut(&block) else { continue };
            kept.counts.capacity -= (*own & mask).count_ones();
            kept.counts.free -= (*own & mask).count_ones();
            *own &= !mask;
            if *own == 0 {
                kept.masks.remove(&block);
            }
        }
        self.allotments.retain(|_, kept| !kept.masks.is_empty());
        self.change(block, |masks| {
            masks.blocked &= !mask;
            masks.allotted &= !mask;
            match sale {
                Sale::Open => {}
                Sale::Blocked => masks.blocked |= mask,
                Sale::Allotted(_) => masks.allotted |= mask,
            }
        });
        match sale {
            Sale::Open => {}
            Sale::Blocked => self.blocked += mask.count_ones(),
            Sale::Allotted(allotment) => {
                let kept = self.allotments.entry(allotment).or_default();
                *kept.masks.entry(block).or_insert(0) |= mask;
                kept.counts.capacity += mask.count_ones();
                kept.counts.free += mask.count_ones();
            }
        }
    }

    /// Whether these are seats, each in one run, and sold in a way that there is.
    fn are_runs(&self, runs: &[SaleRun]) -> bool {
        let mut ranges = runs
            .iter()
            .map(|run| (u64::from(run.first.0), u64::from(run.first.0) + u64::from(run.length)))
            .collect::<Vec<_>>();
        ranges.sort_unstable();
        let all = u64::from(self.plan().seat_count());
        let exists = |run: &SaleRun| match run.sale {
            Sale::Open | Sale::Blocked => true,
            Sale::Allotted(allotment) => allotment.0 < ALLOTMENTS_MAX,
        };
        runs.iter().all(|run| 0 < run.length && exists(run))
            && ranges.last().is_none_or(|&(_, end)| end <= all)
            && ranges.is_sorted_by(|&(_, end), &(next, _)| end <= next)
    }
}

/// What of each block is in a run.
fn pieces<'all>(plan: &'all Plan, run: &SaleRun) -> impl Iterator<Item = (u32, Range<u32>)> + use<'all> {
    let (mut next, end) = (run.first.0, run.first.0 + run.length);
    core::iter::from_fn(move || {
        let (block, place) = (next < end).then(|| plan.locate(Seat(next)))??;
        let places = place..plan.block(block).length().min(place + end - next);
        next += places.end - places.start;
        Some((block, places))
    })
}

/// Adds a run behind others, or to the last if it goes on there.
pub(super) fn append(runs: &mut Vec<SaleRun>, run: SaleRun) {
    match runs.last_mut() {
        Some(last) if last.first.0 + last.length == run.first.0 && last.sale == run.sale => {
            last.length += run.length;
        }
        _ => runs.push(run),
    }
}
