//! Picks and swaps, judged seat by seat.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::super::{
    Asker, Category, Conflict, Counter, Named, Pick, PickRefused, Places, Pool, Reason, Sale, Seat,
    SingleScope, Singles, SinglesPolicy, Swap,
};
use super::oracle::{Oracle, Purpose, Set};

impl Oracle {
    pub(super) fn pick(
        &self,
        pick: &Pick,
        asker: Asker,
        policy: SinglesPolicy,
        short: &BTreeSet<Counter>,
    ) -> Result<Places, PickRefused> {
        let places = Places::new(pick.seats.clone(), pick.areas.clone()).ok_or(PickRefused::Malformed)?;
        let seats = pick.seats.iter().all(|seat| (seat.0 as usize) < self.chairs.len());
        let areas = pick.areas.iter().all(|(area, _)| usize::from(area.0) < self.floors.len());
        if !seats || !areas || places.quantity() == 0 {
            return Err(PickRefused::Malformed);
        }
        let sale = pick.allotment.map_or(Sale::Open, Sale::Allotted);
        let mut conflicts = Vec::new();
        for &seat in &pick.seats {
            let reason = self.reason(seat, sale, pick.accessible, short);
            conflicts.extend(reason.map(|reason| Conflict { place: Named::Seat(seat), reason }));
        }
        for &(area, count) in &pick.areas {
            let floor = usize::from(area.0);
            let counter = Counter { category: self.floors[floor].category, pool: Pool::General };
            let reason = if self.free_in(floor) < count {
                Reason::Taken
            } else if pick.allotment.is_some() {
                Reason::Allotted
            } else if short.contains(&counter) {
                Reason::WaitedFor
            } else {
                continue;
            };
            conflicts.push(Conflict { place: Named::Area(area), reason });
        }
        self.judge(conflicts, &pick.seats, &[], asker, policy)?;
        Ok(places)
    }

    pub(super) fn swap(
        &self,
        had: &Places,
        swap: &Swap,
        asker: Asker,
        policy: SinglesPolicy,
        short: &BTreeSet<Counter>,
    ) -> Result<Places, PickRefused> {
        let once = |seats: &[Seat]| seats.iter().collect::<BTreeSet<_>>().len() == seats.len();
        let is_sane = once(&swap.add)
            && once(&swap.drop)
            && swap.add.iter().all(|seat| (seat.0 as usize) < self.chairs.len() && !swap.drop.contains(seat))
            && swap.drop.iter().all(|seat| had.seats().contains(seat))
            && had.quantity() + swap.add.len() as u64 > swap.drop.len() as u64;
        if !is_sane {
            return Err(PickRefused::Malformed);
        }
        let counter = |seat: &Seat| self.counter(seat.0 as usize);
        let times =
            |seats: &[Seat], wanted: &Counter| seats.iter().filter(|seat| counter(seat) == *wanted).count();
        let drawn = short.iter().copied().filter(|at| times(&swap.drop, at) < times(&swap.add, at)).collect();
        let seats = had.seats().iter().map(|seat| self.chairs[seat.0 as usize].category);
        let areas = had.areas().iter().map(|(area, _)| self.floors[usize::from(area.0)].category);
        let categories = seats.chain(areas).collect::<BTreeSet<Category>>();
        let sale = swap.allotment.map_or(Sale::Open, Sale::Allotted);
        let mut conflicts = Vec::new();
        for &seat in &swap.add {
            let category = self.chairs[seat.0 as usize].category;
            let other = (!categories.contains(&category)).then_some(Reason::Category);
            let reason = self.reason(seat, sale, swap.accessible, &drawn).or(other);
            conflicts.extend(reason.map(|reason| Conflict { place: Named::Seat(seat), reason }));
        }
        self.judge(conflicts, &swap.add, &swap.drop, asker, policy)?;
        let kept = had.seats().iter().filter(|seat| !swap.drop.contains(seat));
        Ok(Places::new(kept.chain(&swap.add).copied().collect(), had.areas().to_vec()).unwrap())
    }

    fn reason(&self, seat: Seat, sale: Sale, accessible: u32, short: &BTreeSet<Counter>) -> Option<Reason> {
        let chair = &self.chairs[seat.0 as usize];
        if chair.taken.is_some() {
            Some(Reason::Taken)
        } else if chair.sale == Sale::Blocked {
            Some(Reason::Blocked)
        } else if chair.sale != sale {
            Some(Reason::Allotted)
        } else if chair.purpose != Purpose::General && accessible == 0 {
            Some(Reason::Accessible)
        } else if short.contains(&self.counter(seat.0 as usize)) {
            Some(Reason::WaitedFor)
        } else {
            None
        }
    }

    pub(super) fn counter(&self, seat: usize) -> Counter {
        let chair = &self.chairs[seat];
        let pool = match (chair.sale, chair.purpose) {
            (Sale::Allotted(allotment), _) => Pool::Allotted(allotment),
            (_, Purpose::General) => Pool::General,
            (_, Purpose::Space) => Pool::Spaces,
            (_, Purpose::Companion) => Pool::Companions,
        };
        Counter { category: chair.category, pool }
    }

    fn judge(
        &self,
        conflicts: Vec<Conflict>,
        add: &[Seat],
        drop: &[Seat],
        asker: Asker,
        policy: SinglesPolicy,
    ) -> Result<(), PickRefused> {
        if !conflicts.is_empty() {
            return Err(PickRefused::Conflicts(conflicts));
        }
        if asker == Asker::Organizer || policy.singles != Singles::Refuse {
            return Ok(());
        }
        let singles = self.singles_refused(&numbers(add), &numbers(drop), policy);
        if singles.is_empty() {
            return Ok(());
        }
        Err(PickRefused::LeavesSingle(
            singles.into_iter().map(|seat| Seat(u32::try_from(seat).unwrap())).collect(),
        ))
    }

    /// The singles that a customer may not leave.
    fn singles_refused(&self, add: &Set, drop: &Set, policy: SinglesPolicy) -> Set {
        let before = self.open();
        let opened = drop.iter().filter(|seat| {
            self.chairs[**seat].sale == Sale::Open && self.chairs[**seat].purpose == Purpose::General
        });
        let choice = before.iter().chain(opened).copied().collect::<Set>();
        let left_by = |taken: &Set| {
            let after = choice.difference(taken).copied().collect();
            self.new_singles(&before, &after, policy.aisles)
        };
        let left = left_by(add);
        let open_added = add.intersection(&choice).copied().collect::<Set>();
        // The blocks that are taken: each by its first seat.
        let blocks = open_added.iter().map(|&seat| self.stretch(&open_added, seat)).collect::<BTreeSet<_>>();
        let could_do_otherwise = |block: &Vec<usize>| {
            let categories = block.iter().map(|&seat| self.chairs[seat].category).collect::<BTreeSet<_>>();
            let stretch = self.stretch(&choice, block[0]);
            let alike = |seat: &usize| categories.contains(&self.chairs[*seat].category);
            let within = stretch.into_iter().filter(|seat| alike(seat)).collect::<Set>();
            let mut fields = alloc::vec![within];
            if policy.scope == SingleScope::Slot {
                fields.extend(categories.iter().map(|category| {
                    choice.iter().copied().filter(|&seat| self.chairs[seat].category == *category).collect()
                }));
            }
            fields.iter().any(|field| {
                let mut others = self.runs(field, block.len()).into_iter();
                others.any(|other| left_by(&other.into_iter().collect()).is_empty())
            })
        };
        if blocks.iter().all(could_do_otherwise) { left } else { Set::new() }
    }
}

fn numbers(seats: &[Seat]) -> Set {
    seats.iter().map(|seat| seat.0 as usize).collect()
}
