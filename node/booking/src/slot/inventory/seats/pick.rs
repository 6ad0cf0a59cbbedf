//! Picks and swaps: the very seats that somebody names, all or none. Whoever is refused hears every reason at once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::ask::{Asker, Pick, Swap};
use super::place::{Allotment, Area, Category, Places, Seat};
use super::shortage::{Counter, Pool, Shortage};
use super::singles::{Singles, SinglesPolicy, Touched};
use super::state::Seats;

/// Why a pick or a swap gets nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PickRefused {
    /// It names something twice that is there once, or something that is not there, drops what is not its own, or leaves nothing.
    Malformed,
    /// Some of it cannot be had: all of these, in the order of the request.
    Conflicts(Vec<Conflict>),
    /// It would leave these single, and could do otherwise.
    LeavesSingle(Vec<Seat>),
}

/// What cannot be had, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub place: Named,
    pub reason: Reason,
}

/// What a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    Seat(Seat),
    Area(Area),
}

/// Why something cannot be had. Of several reasons the first is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// A booking has it, or an area has too few places.
    Taken,
    /// It is not for sale.
    Blocked,
    /// It is kept for somebody else, or not for whom the request is.
    Allotted,
    /// It is special, and the request is for nobody in a wheelchair.
    Accessible,
    /// Somebody who waits is short of it.
    WaitedFor,
    /// It is of another category than the booking.
    Category,
}

/// By what a seat is judged.
struct Terms<'all> {
    accessible: u32,
    allotment: Option<Allotment>,
    short: &'all Shortage,
    /// Of which categories it may be; of any, where there is none.
    categories: Option<BTreeSet<Category>>,
}

impl Seats {
    /// What a pick gets: all of it. Nothing changes.
    pub(crate) fn pick(
        &self,
        pick: &Pick,
        asker: Asker,
        policy: SinglesPolicy,
        short: &Shortage,
    ) -> Result<Places, PickRefused> {
        let places =
            Places::new(pick.seats.clone(), pick.areas.clone()).filter(|places| !places.is_nothing());
        let places = places.filter(|places| self.exist(places)).ok_or(PickRefused::Malformed)?;
        let terms = Terms { accessible: pick.accessible, allotment: pick.allotment, short, categories: None };
        let seats = pick.seats.iter().filter_map(|&seat| {
            self.seat_reason(seat, &terms).map(|reason| Conflict { place: Named::Seat(seat), reason })
        });
        let areas = pick.areas.iter().filter_map(|&(area, count)| {
            self.area_reason(area, count, &terms).map(|reason| Conflict { place: Named::Area(area), reason })
        });
        refuse_any(seats.chain(areas))?;
        self.judge_singles(places.seats(), &[], asker, policy)?;
        Ok(places)
    }

    /// What a booking has after a swap: what it had, with all that it adds and without what it drops. It is judged as a whole: what
    /// it drops it may give for what it adds, also where somebody waits. Nothing changes.
    pub(crate) fn swap(
        &self,
        had: &Places,
        swap: &Swap,
        asker: Asker,
        policy: SinglesPolicy,
        short: &Shortage,
    ) -> Result<Places, PickRefused> {
        let seats = self.swapped(had, swap).ok_or(PickRefused::Malformed)?;
        let drawn_on = self.drawn_on(swap);
        let terms = Terms {
            accessible: swap.accessible,
            allotment: swap.allotment,
            short: &short.among(&drawn_on),
            categories: Some(self.plan().categories_in(had).collect()),
        };
        let conflicts = swap.add.iter().filter_map(|&seat| {
            self.seat_reason(seat, &terms).map(|reason| Conflict { place: Named::Seat(seat), reason })
        });
        refuse_any(conflicts)?;
        self.judge_singles(&swap.add, &swap.drop, asker, policy)?;
        Ok(Places::new(seats, had.areas().to_vec())
            .expect("a seat that the booking has is taken, and cannot be added"))
    }

    /// Whether a swap is of seats that there are, drops only what a booking has, and leaves it something.
    pub(crate) fn knows(&self, had: &Places, swap: &Swap) -> bool {
        self.swapped(had, swap).is_some()
    }

    /// The seats that a booking would have, if the swap is one of seats that there are; twice those that it adds and has.
    fn swapped(&self, had: &Places, swap: &Swap) -> Option<Vec<Seat>> {
        let added = Places::new(swap.add.clone(), Vec::new()).filter(|added| self.exist(added))?;
        let dropped = Places::new(swap.drop.clone(), Vec::new())?;
        let is_own = |seat: &Seat| had.seats().binary_search(seat).is_ok();
        let is_dropped = |seat: &Seat| dropped.seats().binary_search(seat).is_ok();
        let is_sane = dropped.seats().iter().all(is_own) && !added.seats().iter().any(is_dropped);
        let kept = had.seats().iter().copied().filter(|seat| !is_dropped(seat));
        let seats = kept.chain(added.seats().iter().copied()).collect::<Vec<_>>();
        let is_something = !seats.is_empty() || !had.areas().is_empty();
        (is_sane && is_something).then_some(seats)
    }

    /// The counters from which a swap takes more than it gives back.
    fn drawn_on(&self, swap: &Swap) -> BTreeSet<Counter> {
        let mut net = BTreeMap::<Counter, i64>::new();
        for &seat in &swap.add {
            *net.entry(self.counter_of(seat)).or_insert(0) += 1;
        }
        for &seat in &swap.drop {
            *net.entry(self.counter_of(seat)).or_insert(0) -= 1;
        }
        net.into_iter().filter(|&(_, net)| 0 < net).map(|(counter, _)| counter).collect()
    }

    /// Why a seat that there is cannot be had, if it cannot.
    fn seat_reason(&self, seat: Seat, terms: &Terms<'_>) -> Option<Reason> {
        let (block, place) = self.plan().locate(seat).expect("it was looked whether the seat exists");
        let masks = self.masks(block);
        let is_in = |mask: u128| mask >> place & 1 == 1;
        let reasons = [
            (is_in(masks.taken()), Reason::Taken),
            (is_in(masks.blocked), Reason::Blocked),
            (self.allotment_of(block, place) != terms.allotment, Reason::Allotted),
            (is_in(self.plan().block(block).special()) && terms.accessible == 0, Reason::Accessible),
            (terms.short.is_at(self.counter_of(seat)), Reason::WaitedFor),
            (!terms.allows(self.plan().category(seat)), Reason::Category),
        ];
        reasons.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
    }

    /// Why an area that there is cannot be had, if it cannot.
    fn area_reason(&self, area: Area, count: u32, terms: &Terms<'_>) -> Option<Reason> {
        let category = self.plan().area(area).expect("it was looked whether the area exists").category;
        let counter = Counter { category, pool: Pool::General };
        let reasons = [
            (self.free_in(area) < count, Reason::Taken),
            (terms.allotment.is_some(), Reason::Allotted),
            (terms.short.is_at(counter), Reason::WaitedFor),
        ];
        reasons.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
    }

    /// Where a seat is counted while it is free.
    fn counter_of(&self, seat: Seat) -> Counter {
        let (block, place) = self.plan().locate(seat).expect("it is asked of seats in the plan");
        let drawn = self.plan().block(block);
        let pool = match self.allotment_of(block, place) {
            Some(allotment) => Pool::Allotted(allotment),
            None if drawn.spaces >> place & 1 == 1 => Pool::Spaces,
            None if drawn.companions >> place & 1 == 1 => Pool::Companions,
            None => Pool::General,
        };
        Counter { category: self.plan().category(seat), pool }
    }

    /// Whether the house has all of these.
    fn exist(&self, places: &Places) -> bool {
        places.seats().last().is_none_or(|&last| self.plan().locate(last).is_some())
            && places.areas().iter().all(|&(area, _)| self.plan().area(area).is_some())
    }

    /// Refuses a customer who leaves new singles, where the house refuses that.
    fn judge_singles(
        &self,
        added: &[Seat],
        dropped: &[Seat],
        asker: Asker,
        policy: SinglesPolicy,
    ) -> Result<(), PickRefused> {
        match (asker, policy.singles) {
            (Asker::Organizer, _) | (_, Singles::Allow | Singles::Avoid) => return Ok(()),
            (Asker::Customer, Singles::Refuse) => {}
        }
        let mut touched = BTreeMap::<u32, Touched>::new();
        let sorted = |seats: &[Seat]| Places::of_seats(seats.to_vec());
        for (block, mask) in self.plan().blocks_of(sorted(added).seats()) {
            touched.entry(block).or_insert_with(|| Touched::nothing(block)).added |= mask;
        }
        for (block, mask) in self.plan().blocks_of(sorted(dropped).seats()) {
            touched.entry(block).or_insert_with(|| Touched::nothing(block)).dropped |= mask;
        }
        let singles = self.singles_refused(&touched.into_values().collect::<Vec<_>>(), policy);
        if singles.is_empty() { Ok(()) } else { Err(PickRefused::LeavesSingle(singles)) }
    }
}

impl Terms<'_> {
    fn allows(&self, category: Category) -> bool {
        self.categories.as_ref().is_none_or(|categories| categories.contains(&category))
    }
}

fn refuse_any(conflicts: impl Iterator<Item = Conflict>) -> Result<(), PickRefused> {
    let conflicts = conflicts.collect::<Vec<_>>();
    if conflicts.is_empty() { Ok(()) } else { Err(PickRefused::Conflicts(conflicts)) }
}
