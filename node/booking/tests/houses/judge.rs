//! Which seats somebody gets, by the contract's words and by trying everything: sets of chairs, walked through at every look.
//!
//! Where the contract leaves one answer that takes long to find (few equal parts, who comes with a wheelchair), the oracle does not
//! look for it: it takes what the slot gave, if that is what may be given at all. The room of seats has an oracle of its own for these.

use std::collections::{BTreeMap, BTreeSet};

use booking::{
    AisleSingles, Area, Asker, Best, Category, Conflict, Details, Named, Order, Pick, Reason, Refusal, Seat,
    Seating, SingleScope, Singles, SinglesPolicy, Swap, Together,
};

use crate::layout::{For, Layout};

/// How a seat is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sold {
    ToAll,
    ToNobody,
    To(u8),
}

/// What somebody has: seats, and places by area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) seats: BTreeSet<u32>,
    pub(crate) areas: BTreeMap<u8, u32>,
}

/// Where something is counted: a category, and what of it.
pub(crate) type Counter = (u8, Pool);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pool {
    General,
    Wheelchairs,
    Companions,
    Kept(u8),
}

/// Why somebody gets nothing now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    TooFew,
    NotTogether(u32),
}

/// A house at one moment.
pub(crate) struct Judge<'all> {
    pub(crate) layout: &'all Layout,
    pub(crate) sold: &'all [Sold],
    pub(crate) taken: BTreeSet<u32>,
    pub(crate) taken_in: BTreeMap<u8, u32>,
    pub(crate) policy: SinglesPolicy,
}

impl Judge<'_> {
    fn seats(&self) -> impl Iterator<Item = u32> + '_ {
        0..u32::try_from(self.layout.chairs.len()).unwrap()
    }

    pub(crate) fn chair(&self, seat: u32) -> crate::layout::Chair {
        self.layout.chairs[seat as usize]
    }

    fn sold(&self, seat: u32) -> Sold {
        self.sold[seat as usize]
    }

    /// Nobody has it, and anyone may.
    fn is_free(&self, seat: u32) -> bool {
        !self.taken.contains(&seat) && self.sold(seat) == Sold::ToAll
    }

    /// The same, and it is for nobody special.
    pub(crate) fn is_open(&self, seat: u32) -> bool {
        self.is_free(seat) && self.chair(seat).purpose == For::Anyone
    }

    pub(crate) fn free_in(&self, area: u8) -> u32 {
        self.layout.area(area).unwrap().1 - self.taken_in.get(&area).copied().unwrap_or(0)
    }

    fn areas_of(&self, category: u8) -> impl Iterator<Item = u8> + '_ {
        let all = 0..u8::try_from(self.layout.drawing.areas.len()).unwrap();
        all.filter(move |&area| self.layout.area(area).unwrap().0 == category)
    }

    pub(crate) fn free_at(&self, (category, pool): Counter) -> u32 {
        let count = |is_so: &dyn Fn(u32) -> bool| {
            let all = self.seats().filter(|&seat| self.chair(seat).category == category && is_so(seat));
            u32::try_from(all.count()).unwrap()
        };
        let of = |purpose| count(&|seat| self.is_free(seat) && self.chair(seat).purpose == purpose);
        match pool {
            Pool::General => {
                of(For::Anyone) + self.areas_of(category).map(|area| self.free_in(area)).sum::<u32>()
            }
            Pool::Wheelchairs => of(For::Wheelchair),
            Pool::Companions => of(For::Companion),
            Pool::Kept(name) => {
                count(&|seat| self.sold(seat) == Sold::To(name) && !self.taken.contains(&seat))
            }
        }
    }

    /// What somebody needs of a category.
    fn needs(&self, ask: &Best, category: u8) -> Vec<(Counter, u32)> {
        if let Some(kept) = ask.allotment {
            return vec![((category, Pool::Kept(kept.0)), ask.quantity)];
        }
        let others = ask.quantity - ask.accessible;
        let companions = match (ask.accessible, ask.together) {
            (0, _) => 0,
            // They sit with companions' seats alone.
            (_, Together::Must) => others,
            (_, Together::Prefer) => {
                let is_here = |&seat: &u32| {
                    self.is_free(seat) && !self.is_open(seat) && self.chair(seat).category == category
                };
                others.min(self.most_companions(&self.seats().filter(is_here).collect(), ask.accessible))
            }
        };
        let all = [
            (Pool::General, others - companions),
            (Pool::Wheelchairs, ask.accessible),
            (Pool::Companions, companions),
        ];
        all.into_iter().filter(|(_, need)| *need > 0).map(|(pool, need)| ((category, pool), need)).collect()
    }

    pub(crate) fn known(&self, ask: &Best) -> Vec<u8> {
        let count = self.layout.drawing.categories;
        ask.categories.iter().map(|category| category.0).filter(|&category| category < count).collect()
    }

    /// Of which counters somebody is short: of none, where one category would do.
    pub(crate) fn short_of(&self, ask: &Best) -> BTreeSet<Counter> {
        let mut all = BTreeSet::new();
        for category in self.known(ask) {
            let needs = self.needs(ask, category);
            let short = needs.into_iter().filter(|&(counter, need)| self.free_at(counter) < need);
            let short = short.map(|(counter, _)| counter).collect::<Vec<_>>();
            if short.is_empty() {
                return BTreeSet::new();
            }
            all.extend(short);
        }
        all
    }

    /// Every counter on which somebody may draw.
    pub(crate) fn draws_on(ask: &Best) -> BTreeSet<Counter> {
        let pools = match (ask.allotment, ask.accessible) {
            (Some(kept), _) => vec![Pool::Kept(kept.0)],
            (None, 0) => vec![Pool::General],
            (None, all) if all == ask.quantity => vec![Pool::Wheelchairs],
            (None, _) => vec![Pool::Wheelchairs, Pool::Companions, Pool::General],
        };
        let each = |category: &Category| pools.iter().map(|&pool| (category.0, pool)).collect::<Vec<_>>();
        ask.categories.iter().flat_map(each).collect()
    }

    /// What somebody gets who wants the best. What the slot gave, where that is one of many.
    pub(crate) fn best(
        &self,
        ask: &Best,
        short: &BTreeSet<Counter>,
        gave: Option<&Seating>,
    ) -> Result<Given, Nothing> {
        if ask.quantity == 0 || ask.quantity > 100 || ask.accessible > ask.quantity {
            return Err(Nothing::TooFew);
        }
        if ask.accessible > 0 {
            return self.best_of_company(ask, short, gave);
        }
        let may =
            |category: &u8| self.needs(ask, *category).iter().all(|(counter, _)| !short.contains(counter));
        let categories = self.known(ask).into_iter().filter(may).collect::<Vec<_>>();
        if let Some(given) = self.in_one(ask, &categories) {
            return Ok(given);
        }
        let prefers = ask.together == Together::Prefer;
        let seats_of = |category: u8| u32::try_from(self.general(ask, category).len()).unwrap();
        if prefers && categories.iter().any(|&one| seats_of(one) >= ask.quantity) {
            let taken = gave.map(given_of);
            let legal = taken.filter(|given| self.may_be(ask, &categories, given));
            return Ok(legal.unwrap_or_else(|| panic!("{ask:?} finds places somewhere, and not {gave:?}")));
        }
        let enough = |category: &u8| {
            let places = if ask.allotment.is_none() && ask.sections.is_empty() {
                self.areas_of(*category).map(|area| self.free_in(area)).sum::<u32>()
            } else {
                0
            };
            u64::from(ask.quantity) <= u64::from(seats_of(*category)) + u64::from(places)
        };
        if prefers || !categories.iter().any(enough) {
            return Err(Nothing::TooFew);
        }
        Err(Nothing::NotTogether(categories.iter().map(|&one| self.largest(ask, one)).max().unwrap_or(0)))
    }

    /// The same for a party in wheelchairs: nothing of which somebody is short who comes first.
    fn best_of_company(
        &self,
        ask: &Best,
        short: &BTreeSet<Counter>,
        gave: Option<&Seating>,
    ) -> Result<Given, Nothing> {
        let may = |category: &u8| {
            let own = ask.allotment.map_or(Pool::Wheelchairs, |kept| Pool::Kept(kept.0));
            !short.contains(&(*category, own))
        };
        let categories = self.known(ask).into_iter().filter(may).collect::<Vec<_>>();
        let found = categories.iter().find(|&&category| self.has_company(ask, category, short));
        if found.is_some() {
            let given = given_of(gave.unwrap_or_else(|| panic!("{ask:?} finds places somewhere")));
            let may_be = |category: &u8| self.may_be_company(ask, *category, short, &given);
            assert!(categories.iter().any(may_be), "{ask:?} finds places somewhere, and not {gave:?}");
            return Ok(given);
        }
        let would_be_apart = |&category: &u8| self.could_be_apart(ask, category, short);
        if ask.together == Together::Prefer || !categories.iter().any(would_be_apart) {
            return Err(Nothing::TooFew);
        }
        Err(Nothing::NotTogether(categories.iter().map(|&one| self.largest(ask, one)).max().unwrap_or(0)))
    }

    /// Whether somebody could get this, where everything is free that there is: counted, and in one row where it must be.
    pub(crate) fn could_ever(&self, ask: &Best) -> bool {
        let has_area = |category| {
            let may_be = ask.accessible == 0 && ask.sections.is_empty();
            may_be && self.areas_of(category).any(|area| ask.quantity <= self.free_in(area))
        };
        let has_seats = |category| match ask.together {
            _ if ask.accessible > 0 => self.has_company(ask, category, &BTreeSet::new()),
            Together::Prefer => ask.quantity as usize <= self.general(ask, category).len(),
            Together::Must => !self.runs(&self.general(ask, category), ask.quantity).is_empty(),
        };
        let is_sane = (1..=100).contains(&ask.quantity) && ask.accessible <= ask.quantity;
        is_sane && self.known(ask).into_iter().any(|category| has_area(category) || has_seats(category))
    }

    /// One block or one area, without a new single if there is one.
    fn in_one(&self, ask: &Best, categories: &[u8]) -> Option<Given> {
        let has_areas = ask.allotment.is_none() && ask.sections.is_empty();
        let steps: &[bool] = if self.policy.singles == Singles::Allow { &[false] } else { &[true, false] };
        for &careful in steps {
            for &category in categories {
                let from = self.general(ask, category);
                let runs = self.runs(&from, ask.quantity);
                let fine = runs
                    .into_iter()
                    .filter(|run| !careful || self.new_singles(run, &BTreeSet::new()).is_empty());
                let rank = |seat: &u32| self.chair(*seat).rank;
                let best = fine.min_by_key(|run| {
                    (run.iter().map(rank).map(u64::from).sum::<u64>(), run.first().map(rank))
                });
                if let Some(seats) = best {
                    return Some(Given { seats, ..Given::default() });
                }
                let area = self
                    .areas_of(category)
                    .filter(|_| has_areas)
                    .find(|&area| self.free_in(area) >= ask.quantity);
                if let Some(area) = area {
                    return Some(Given { areas: [(area, ask.quantity)].into(), ..Given::default() });
                }
            }
        }
        None
    }

    /// Whether these may be given at all.
    fn may_be(&self, ask: &Best, categories: &[u8], given: &Given) -> bool {
        given.areas.is_empty()
            && given.seats.len() as u64 == u64::from(ask.quantity)
            && categories.iter().any(|&category| given.seats.is_subset(&self.general(ask, category)))
    }

    /// The seats of a category for this purpose among which somebody may choose.
    pub(crate) fn from(&self, ask: &Best, category: u8, purpose: For) -> BTreeSet<u32> {
        let may = |&seat: &u32| {
            let chair = self.chair(seat);
            let kept = ask.allotment.map_or(Sold::ToAll, |kept| Sold::To(kept.0));
            let here =
                ask.sections.is_empty() || ask.sections.iter().any(|section| section.0 == chair.section);
            chair.category == category
                && chair.purpose == purpose
                && here
                && self.sold(seat) == kept
                && !self.taken.contains(&seat)
        };
        self.seats().filter(may).collect()
    }

    fn general(&self, ask: &Best, category: u8) -> BTreeSet<u32> {
        self.from(ask, category, For::Anyone)
    }

    fn largest(&self, ask: &Best, category: u8) -> u32 {
        let from = self.general(ask, category);
        let longest = (1..=128).rev().find(|&size| !self.runs(&from, size).is_empty()).unwrap_or(0);
        let areas = self.areas_of(category).filter(|_| ask.allotment.is_none() && ask.sections.is_empty());
        areas.map(|area| self.free_in(area)).max().unwrap_or(0).max(longest)
    }

    /// The longest run of open seats of a category.
    pub(crate) fn largest_block(&self, category: u8) -> u32 {
        let open = self.seats().filter(|&seat| self.is_open(seat) && self.chair(seat).category == category);
        let open = open.collect();
        (1..=128).rev().find(|&size| !self.runs(&open, size).is_empty()).unwrap_or(0)
    }

    /// Every run of so many of these, with no aisle between.
    pub(crate) fn runs(&self, of: &BTreeSet<u32>, size: u32) -> Vec<BTreeSet<u32>> {
        let block = |seat: u32| self.chair(seat).block;
        let is_run =
            |first: u32| (first..first + size).all(|seat| of.contains(&seat) && block(seat) == block(first));
        of.iter()
            .copied()
            .filter(|&first| is_run(first))
            .map(|first| (first..first + size).collect())
            .collect()
    }

    /// The maximal runs of these.
    fn stretches(&self, of: &BTreeSet<u32>) -> Vec<BTreeSet<u32>> {
        let mut all: Vec<BTreeSet<u32>> = vec![];
        for &seat in of {
            let follows = |last: &BTreeSet<u32>| {
                let end = *last.last().unwrap();
                end + 1 == seat && self.chair(end).block == self.chair(seat).block
            };
            match all.last_mut().filter(|last| follows(last)) {
                Some(last) => drop(last.insert(seat)),
                None => all.push([seat].into()),
            }
        }
        all
    }

    /// The singles that are left when these are taken and those given back, and were none before.
    fn new_singles(&self, added: &BTreeSet<u32>, dropped: &BTreeSet<u32>) -> BTreeSet<u32> {
        let before = self.seats().filter(|&seat| self.is_open(seat)).collect::<BTreeSet<_>>();
        let after = self.with(dropped).difference(added).copied().collect();
        let singles = |of: &BTreeSet<u32>| {
            let alone = self.stretches(of).into_iter().filter(|stretch| stretch.len() == 1);
            alone.flatten().collect::<BTreeSet<_>>()
        };
        let (old, new) = (singles(&before), singles(&after));
        let counts = |seat: &u32| self.policy.aisles == AisleSingles::Count || !self.chair(*seat).at_aisle;
        new.into_iter().filter(|seat| before.contains(seat) && !old.contains(seat) && counts(seat)).collect()
    }

    /// What is open, with what somebody gives back.
    fn with(&self, dropped: &BTreeSet<u32>) -> BTreeSet<u32> {
        let back = |seat: u32| {
            dropped.contains(&seat)
                && self.sold(seat) == Sold::ToAll
                && self.chair(seat).purpose == For::Anyone
        };
        self.seats().filter(|&seat| self.is_open(seat) || back(seat)).collect()
    }

    /// The singles that a customer may not leave: none where one of the runs that are taken could do no better.
    fn refused_singles(&self, added: &BTreeSet<u32>, dropped: &BTreeSet<u32>) -> BTreeSet<u32> {
        let left = self.new_singles(added, dropped);
        let open = self.with(dropped);
        let avoids = |run: &BTreeSet<u32>| self.new_singles(run, dropped).is_empty();
        let chosen = added.intersection(&open).copied().collect::<BTreeSet<_>>();
        let no_choice = |run: &BTreeSet<u32>| {
            let size = u32::try_from(run.len()).unwrap();
            let kinds = run.iter().map(|&seat| self.chair(seat).category).collect::<BTreeSet<_>>();
            let of_kinds = |seat: &u32| kinds.contains(&self.chair(*seat).category);
            let stretch =
                self.stretches(&open).into_iter().find(|stretch| !stretch.is_disjoint(run)).unwrap();
            let within = stretch.into_iter().filter(of_kinds).collect();
            let here = self.runs(&within, size).iter().any(avoids);
            let anywhere = kinds.iter().any(|&kind| {
                let of_kind =
                    open.iter().copied().filter(|&seat| self.chair(seat).category == kind).collect();
                self.runs(&of_kind, size).iter().any(avoids)
            });
            !(here || self.policy.scope == SingleScope::Slot && anywhere)
        };
        if self.stretches(&chosen).iter().any(no_choice) { BTreeSet::new() } else { left }
    }

    fn reason(&self, seat: u32, terms: &Terms<'_>) -> Option<Reason> {
        let chair = self.chair(seat);
        let kept = match self.sold(seat) {
            Sold::To(name) => Some(name),
            Sold::ToAll | Sold::ToNobody => None,
        };
        let pool = match (kept, chair.purpose) {
            (Some(name), _) => Pool::Kept(name),
            (None, For::Anyone) => Pool::General,
            (None, For::Wheelchair) => Pool::Wheelchairs,
            (None, For::Companion) => Pool::Companions,
        };
        let reasons = [
            (self.taken.contains(&seat), Reason::Taken),
            (self.sold(seat) == Sold::ToNobody, Reason::Blocked),
            (kept != terms.kept, Reason::Allotted),
            (chair.purpose != For::Anyone && terms.accessible == 0, Reason::Accessible),
            (terms.short.contains(&(chair.category, pool)), Reason::WaitedFor),
            (terms.categories.is_some_and(|all| !all.contains(&chair.category)), Reason::Category),
        ];
        reasons.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
    }

    /// What somebody gets who picks.
    pub(crate) fn pick(
        &self,
        pick: &Pick,
        by: Asker,
        short: &BTreeSet<Counter>,
    ) -> Result<Given, (Refusal, Option<Details>)> {
        let seats = pick.seats.iter().map(|seat| seat.0).collect::<BTreeSet<_>>();
        let areas = pick.areas.iter().map(|&(area, places)| (area.0, places)).collect::<BTreeMap<_, _>>();
        let end = u32::try_from(self.layout.chairs.len()).unwrap();
        let is_fine = seats.len() == pick.seats.len()
            && areas.len() == pick.areas.len()
            && !(seats.is_empty() && areas.is_empty())
            && seats.iter().all(|&seat| seat < end)
            && areas.iter().all(|(&area, &places)| self.layout.area(area).is_some() && places > 0);
        if !is_fine {
            return Err((Refusal::Malformed, None));
        }
        let kept = pick.allotment.map(|kept| kept.0);
        let terms = Terms { accessible: pick.accessible, kept, short, categories: None };
        let mut conflicts = self.conflicts(&pick.seats, &terms);
        for &(area, places) in &pick.areas {
            let category = self.layout.area(area.0).unwrap().0;
            let reasons = [
                (self.free_in(area.0) < places, Reason::Taken),
                (kept.is_some(), Reason::Allotted),
                (short.contains(&(category, Pool::General)), Reason::WaitedFor),
            ];
            let reason = reasons.into_iter().find(|(applies, _)| *applies);
            conflicts.extend(reason.map(|(_, reason)| Conflict { place: Named::Area(Area(area.0)), reason }));
        }
        self.refuse(conflicts, by, &seats, &BTreeSet::new())?;
        Ok(Given { seats, areas })
    }

    fn conflicts(&self, seats: &[Seat], terms: &Terms<'_>) -> Vec<Conflict> {
        let conflict = |&seat: &Seat| {
            self.reason(seat.0, terms).map(|reason| Conflict { place: Named::Seat(seat), reason })
        };
        seats.iter().filter_map(conflict).collect()
    }

    fn refuse(
        &self,
        conflicts: Vec<Conflict>,
        by: Asker,
        added: &BTreeSet<u32>,
        dropped: &BTreeSet<u32>,
    ) -> Result<(), (Refusal, Option<Details>)> {
        if !conflicts.is_empty() {
            return Err((Refusal::SeatsRefused, Some(Details::Conflicts(conflicts))));
        }
        if by == Asker::Customer && self.policy.singles == Singles::Refuse {
            let left = self.refused_singles(added, dropped);
            if !left.is_empty() {
                let left = left.into_iter().map(Seat).collect();
                return Err((Refusal::LeavesSingle, Some(Details::Singles(left))));
            }
        }
        Ok(())
    }

    /// What somebody has after a swap.
    pub(crate) fn swap(
        &self,
        had: &Given,
        swap: &Swap,
        by: Asker,
        short: &BTreeSet<Counter>,
    ) -> Result<Given, (Refusal, Option<Details>)> {
        let added = swap.add.iter().map(|seat| seat.0).collect::<BTreeSet<_>>();
        let dropped = swap.drop.iter().map(|seat| seat.0).collect::<BTreeSet<_>>();
        let end = u32::try_from(self.layout.chairs.len()).unwrap();
        let left = had.seats.difference(&dropped).chain(&added).copied().collect::<BTreeSet<_>>();
        let is_fine = added.len() == swap.add.len()
            && dropped.len() == swap.drop.len()
            && added.iter().all(|&seat| seat < end)
            && dropped.is_subset(&had.seats)
            && added.is_disjoint(&dropped)
            && !(left.is_empty() && had.areas.is_empty());
        if !is_fine {
            return Err((Refusal::Malformed, None));
        }
        // Only what is taken more of than is given back is taken from those who wait.
        let mut net = BTreeMap::<Counter, i64>::new();
        for (seats, sign) in [(&added, 1), (&dropped, -1)] {
            for &seat in seats {
                let chair = self.chair(seat);
                let pool = match (self.sold(seat), chair.purpose) {
                    (Sold::To(name), _) => Pool::Kept(name),
                    (_, For::Anyone) => Pool::General,
                    (_, For::Wheelchair) => Pool::Wheelchairs,
                    (_, For::Companion) => Pool::Companions,
                };
                *net.entry((chair.category, pool)).or_default() += sign;
            }
        }
        let short =
            short.iter().copied().filter(|counter| net.get(counter).is_some_and(|net| *net > 0)).collect();
        let of = |area: &u8| self.layout.area(*area).unwrap().0;
        let categories =
            had.seats.iter().map(|&seat| self.chair(seat).category).chain(had.areas.keys().map(of));
        let categories = categories.collect::<BTreeSet<_>>();
        let kept = swap.allotment.map(|kept| kept.0);
        let terms = Terms { accessible: swap.accessible, kept, short: &short, categories: Some(&categories) };
        self.refuse(self.conflicts(&swap.add, &terms), by, &added, &dropped)?;
        Ok(Given { seats: left, areas: had.areas.clone() })
    }
}

/// By what a seat is judged.
struct Terms<'all> {
    accessible: u32,
    kept: Option<u8>,
    short: &'all BTreeSet<Counter>,
    categories: Option<&'all BTreeSet<u8>>,
}

/// What a view says that somebody has.
pub(crate) fn given_of(seating: &Seating) -> Given {
    Given {
        seats: seating.places.seats().iter().map(|seat| seat.0).collect(),
        areas: seating.places.areas().iter().map(|&(area, places)| (area.0, places)).collect(),
    }
}

/// Under this order nobody stops anyone.
pub(crate) fn skips(order: Order) -> bool {
    order == Order::SkipFit
}
