//! Another plan in place of the one that is sold: seats keep their bookings, and how they are sold.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::place::{Area, Places, Seat};
use super::plan::Plan;
use super::sale::{SaleRun, append};
use super::state::Seats;
use crate::Status;

/// Where each seat and area of a plan is in the next one, if it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// One for each seat.
    pub seats: Vec<Option<Seat>>,
    /// One for each area.
    pub areas: Vec<Option<Area>>,
}

/// Why a plan cannot take the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RedrawRefused {
    /// The table is not of these two plans, or leads twice to the same place.
    BadTable,
    /// The new plan lacks seats that are taken, or has areas with fewer places than are taken.
    InUse {
        /// The seats, by their numbers in the old plan.
        seats: Vec<Seat>,
        /// The areas, likewise.
        areas: Vec<Area>,
    },
}

impl Places {
    /// The same places in the next plan, if all of them are there.
    pub(crate) fn moved(&self, table: &Table) -> Option<Self> {
        let seat = |seat: &Seat| table.seats.get(seat.0 as usize).copied().flatten();
        let area = |&(area, count): &(Area, u32)| {
            Some((table.areas.get(usize::from(area.0)).copied().flatten()?, count))
        };
        let seats = self.seats().iter().map(seat).collect::<Option<Vec<_>>>()?;
        Self::new(seats, self.areas().iter().map(area).collect::<Option<Vec<_>>>()?)
    }
}

impl Seats {
    /// The house by another plan, with the same bookings.
    pub(crate) fn redrawn<'all>(
        &self,
        plan: Arc<Plan>,
        table: &Table,
        claims: impl Iterator<Item = (Status, &'all Places)>,
    ) -> Result<Self, RedrawRefused> {
        if !self.fits(&plan, table) {
            return Err(RedrawRefused::BadTable);
        }
        self.check_use(&plan, table)?;
        let mut new =
            Self::restore(plan, &self.moved_runs(table)).expect("each seat moves to one of its own");
        new.companions = self.companions;
        for (status, places) in claims {
            if status.has_places() {
                new.take(&places.moved(table).expect("what is taken moves"), status);
            }
        }
        Ok(new)
    }

    /// Whether a table leads from this plan to that one, nowhere twice.
    fn fits(&self, plan: &Plan, table: &Table) -> bool {
        let mut seats = vec![false; plan.seat_count() as usize];
        let mut areas = vec![false; plan.areas().count()];
        table.seats.len() == self.plan().seat_count() as usize
            && table.areas.len() == self.plan().areas().count()
            && table.seats.iter().flatten().all(|seat| is_new(&mut seats, seat.0 as usize))
            && table.areas.iter().flatten().all(|area| is_new(&mut areas, usize::from(area.0)))
    }

    /// Whether everything that is taken is in the new plan.
    fn check_use(&self, plan: &Plan, table: &Table) -> Result<(), RedrawRefused> {
        let taken =
            (0..).zip(self.plan().blocks()).flat_map(|(block, drawn)| drawn.seats(self.masks(block).taken()));
        let seats = taken.filter(|seat| table.seats[seat.0 as usize].is_none()).collect::<Vec<_>>();
        let is_too_small = |area: &Area| {
            let new = table.areas[usize::from(area.0)].and_then(|area| plan.area(area));
            new.map_or(0, |area| area.capacity) < self.taken_in(*area)
        };
        let areas = self.plan().areas().map(|(area, _)| area).filter(is_too_small).collect::<Vec<_>>();
        let is_free = seats.is_empty() && areas.is_empty();
        if is_free { Ok(()) } else { Err(RedrawRefused::InUse { seats, areas }) }
    }

    /// How seats are sold, by their new numbers.
    fn moved_runs(&self, table: &Table) -> Vec<SaleRun> {
        let mut moved = Vec::new();
        for SaleRun { first, length, sale } in self.sale_runs() {
            let seats = &table.seats[first.0 as usize..][..length as usize];
            moved.extend(seats.iter().flatten().map(|&first| SaleRun { first, length: 1, sale }));
        }
        moved.sort_unstable();
        let mut runs = Vec::new();
        for run in moved {
            append(&mut runs, run);
        }
        runs
    }
}

/// Whether a place was not seen before, which it is from now on.
fn is_new(seen: &mut [bool], place: usize) -> bool {
    seen.get_mut(place).is_some_and(|seen| !core::mem::replace(seen, true))
}
