//! The rules of seats by other means: every seat by itself, sets of seats, and everything that could be tried is tried.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use super::super::{
    AisleSingles, Allotment, AllotmentCounts, Best, Category, CategoryCounts, Counter, Drawing, HouseCounts,
    Places, Pool, Sale, SinglesPolicy, Together,
};
use crate::Status;

/// What a seat is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    General,
    Space,
    Companion,
}

/// One seat.
#[derive(Clone, Debug)]
pub(super) struct Chair {
    pub(super) block: usize,
    /// Whether an aisle or the end of the row is next to it.
    pub(super) is_at_end: bool,
    pub(super) row: i64,
    pub(super) section: u16,
    pub(super) category: Category,
    pub(super) rank: u32,
    pub(super) purpose: Purpose,
    pub(super) sale: Sale,
    pub(super) taken: Option<Status>,
}

/// One area.
#[derive(Clone, Debug)]
pub(super) struct Floor {
    pub(super) category: Category,
    pub(super) capacity: u32,
    pub(super) taken: Vec<(Status, u32)>,
}

/// A house.
#[derive(Clone, Debug)]
pub(super) struct Oracle {
    pub(super) chairs: Vec<Chair>,
    pub(super) floors: Vec<Floor>,
}

pub(super) type Set = BTreeSet<usize>;

impl Oracle {
    pub(super) fn new(drawing: &Drawing) -> Self {
        let mut chairs = Vec::new();
        for (index, block) in drawing.blocks.iter().enumerate() {
            for place in 0..block.length {
                let has = |mask: u128| mask >> place & 1 == 1;
                let purpose = match () {
                    () if has(block.accessible) => Purpose::Space,
                    () if has(block.companion) => Purpose::Companion,
                    () => Purpose::General,
                };
                chairs.push(Chair {
                    block: index,
                    is_at_end: place == 0 || place + 1 == block.length,
                    row: i64::from(block.row.0),
                    section: block.section.0,
                    category: block.categories.iter().find(|(_, mask)| has(*mask)).unwrap().0,
                    rank: drawing.ranks[chairs.len()],
                    purpose,
                    sale: Sale::Open,
                    taken: None,
                });
            }
        }
        let floor = |area: &super::super::DrawnArea| Floor {
            category: area.category,
            capacity: area.capacity,
            taken: Vec::new(),
        };
        Self { chairs, floors: drawing.areas.iter().map(floor).collect() }
    }

    pub(super) fn take(&mut self, places: &Places, status: Status) {
        for seat in places.seats() {
            self.chairs[seat.0 as usize].taken = Some(status);
        }
        for &(area, count) in places.areas() {
            self.floors[usize::from(area.0)].taken.push((status, count));
        }
    }

    pub(super) fn give_back(&mut self, places: &Places, status: Status) {
        for seat in places.seats() {
            self.chairs[seat.0 as usize].taken = None;
        }
        for &(area, count) in places.areas() {
            let taken = &mut self.floors[usize::from(area.0)].taken;
            let own = taken.iter().position(|&own| own == (status, count)).unwrap();
            taken.remove(own);
        }
    }

    /// The seats that are so.
    pub(super) fn those(&self, is_so: impl Fn(&Chair) -> bool) -> Set {
        (0..self.chairs.len()).filter(|&seat| is_so(&self.chairs[seat])).collect()
    }

    /// The general seats that anyone may take.
    pub(super) fn open(&self) -> Set {
        self.those(|chair| {
            chair.taken.is_none() && chair.sale == Sale::Open && chair.purpose == Purpose::General
        })
    }

    pub(super) fn free_in(&self, floor: usize) -> u32 {
        let Floor { capacity, taken, .. } = &self.floors[floor];
        capacity - taken.iter().map(|(_, count)| count).sum::<u32>()
    }

    /// The stretch of a set that a seat is in.
    pub(super) fn stretch(&self, within: &Set, seat: usize) -> Vec<usize> {
        let is_next = |one: usize, next: usize| {
            within.contains(&next)
                && self.chairs.get(next).is_some_and(|chair| chair.block == self.chairs[one].block)
        };
        let mut stretch = vec![seat];
        while stretch[0] > 0 && is_next(stretch[0], stretch[0] - 1) {
            stretch.insert(0, stretch[0] - 1);
        }
        while is_next(stretch[stretch.len() - 1], stretch[stretch.len() - 1] + 1) {
            stretch.push(stretch[stretch.len() - 1] + 1);
        }
        stretch
    }

    /// Every so many seats of a set that are next to each other.
    pub(super) fn runs(&self, set: &Set, count: usize) -> Vec<Vec<usize>> {
        let run = |first: usize| (first..first + count).collect::<Vec<_>>();
        let all = (0..self.chairs.len()).map(run);
        all.filter(|run| {
            run.iter().all(|seat| set.contains(seat) && self.chairs[*seat].block == self.chairs[run[0]].block)
        })
        .collect()
    }

    /// The seats that are single after, and were not before.
    pub(super) fn new_singles(&self, before: &Set, after: &Set, aisles: AisleSingles) -> Set {
        let is_new = |seat: &&usize| {
            self.stretch(after, **seat).len() == 1
                && before.contains(*seat)
                && self.stretch(before, **seat).len() > 1
                && !(aisles == AisleSingles::Ignore && self.chairs[**seat].is_at_end)
        };
        after.iter().filter(is_new).copied().collect()
    }

    pub(super) fn needs(&self, ask: &Best, category: Category) -> Vec<(Counter, u32)> {
        let at = |pool| Counter { category, pool };
        if let Some(allotment) = ask.allotment {
            return vec![(at(Pool::Allotted(allotment)), ask.quantity)];
        }
        let mut needs = BTreeMap::new();
        let mut companions = match ask.together {
            Together::Must if ask.accessible > 0 => ask.quantity,
            Together::Must | Together::Prefer => {
                let special = self.those(|chair| {
                    chair.category == category
                        && chair.taken.is_none()
                        && chair.sale == Sale::Open
                        && chair.purpose != Purpose::General
                });
                self.most_companions(&special, ask.accessible)
            }
        };
        for person in 0..ask.quantity {
            let pool = match person {
                person if person < ask.accessible => Pool::Spaces,
                _ if companions > 0 => {
                    companions -= 1;
                    Pool::Companions
                }
                _ => Pool::General,
            };
            *needs.entry(at(pool)).or_insert(0) += 1;
        }
        needs.into_iter().collect()
    }

    pub(super) fn free_at(&self, counter: Counter) -> u32 {
        let Counter { category, pool } = counter;
        let is_here = |chair: &Chair| {
            chair.category == category
                && chair.taken.is_none()
                && match pool {
                    Pool::General => chair.sale == Sale::Open && chair.purpose == Purpose::General,
                    Pool::Spaces => chair.sale == Sale::Open && chair.purpose == Purpose::Space,
                    Pool::Companions => chair.sale == Sale::Open && chair.purpose == Purpose::Companion,
                    Pool::Allotted(allotment) => chair.sale == Sale::Allotted(allotment),
                }
        };
        let seats = u32::try_from(self.those(is_here).len()).unwrap();
        let floors = (0..self.floors.len()).filter(|&floor| self.floors[floor].category == category);
        seats + if pool == Pool::General { floors.map(|floor| self.free_in(floor)).sum() } else { 0 }
    }

    pub(super) fn shortage(&self, ask: &Best) -> BTreeSet<Counter> {
        let lacks = |&category: &Category| {
            let needs = self.needs(ask, category).into_iter();
            needs
                .filter(|&(counter, need)| self.free_at(counter) < need)
                .map(|(counter, _)| counter)
                .collect()
        };
        let each = ask.categories.iter().map(lacks).collect::<Vec<BTreeSet<_>>>();
        if each.iter().any(BTreeSet::is_empty) {
            return BTreeSet::new();
        }
        each.into_iter().flatten().collect()
    }

    pub(super) fn category_counts(&self, category: Category) -> CategoryCounts {
        let mut counts = CategoryCounts::default();
        for chair in self.chairs.iter().filter(|chair| chair.category == category) {
            match (chair.taken, chair.sale) {
                (Some(status), _) => *taken(&mut counts, status) += 1,
                (None, Sale::Blocked) => {}
                (None, Sale::Open) => counts.free += 1,
                (None, Sale::Allotted(_)) => counts.allotted += 1,
            }
            counts.capacity += u32::from(chair.sale != Sale::Blocked);
        }
        for (index, floor) in self.floors.iter().enumerate().filter(|(_, floor)| floor.category == category) {
            counts.capacity += floor.capacity;
            counts.free += self.free_in(index);
            floor.taken.iter().for_each(|&(status, count)| *taken(&mut counts, status) += count);
        }
        let open = self.open().into_iter().filter(|&seat| self.chairs[seat].category == category).collect();
        counts.largest_block = self.longest(&open);
        counts
    }

    pub(super) fn longest(&self, set: &Set) -> u32 {
        let all = set.iter().map(|&seat| self.stretch(set, seat).len());
        u32::try_from(all.max().unwrap_or(0)).unwrap()
    }

    pub(super) fn counts(&self) -> HouseCounts {
        let mut house = HouseCounts::default();
        for counts in (0..3).map(Category).map(|category| self.category_counts(category)) {
            house.capacity += counts.capacity;
            house.free += counts.free;
            house.allotted += counts.allotted;
            house.held += counts.held;
            house.offered += counts.offered;
            house.confirmed += counts.confirmed;
        }
        house.blocked = u32::try_from(self.those(|chair| chair.sale == Sale::Blocked).len()).unwrap();
        house
    }

    pub(super) fn allotments(&self) -> BTreeMap<Allotment, AllotmentCounts> {
        let mut all = BTreeMap::<_, AllotmentCounts>::new();
        for chair in &self.chairs {
            if let Sale::Allotted(allotment) = chair.sale {
                let counts = all.entry(allotment).or_default();
                counts.capacity += 1;
                counts.free += u32::from(chair.taken.is_none());
            }
        }
        all
    }

    /// Whether some `best` for so many general seats of one category gets them.
    pub(super) fn is_bookable(
        &self,
        quantity: u32,
        policy: SinglesPolicy,
        short: &BTreeSet<Counter>,
    ) -> bool {
        let ask = |category| super::houses::party(quantity, &[category]);
        (0..3).any(|category| self.best(&ask(category), policy, short, None).is_ok())
    }
}

fn taken(counts: &mut CategoryCounts, status: Status) -> &mut u32 {
    match status {
        Status::Held => &mut counts.held,
        Status::Offered => &mut counts.offered,
        Status::Confirmed => &mut counts.confirmed,
        Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => {
            panic!("nobody has places who is {status:?}")
        }
    }
}
