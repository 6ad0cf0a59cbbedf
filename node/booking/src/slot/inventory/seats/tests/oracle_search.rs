//! The search for the best seats, by trying everything.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::super::{
    Area, Best, Category, Counter, NoPlaces, Places, Pool, Sale, Seat, Singles, SinglesPolicy, Together,
};
use super::oracle::{Oracle, Purpose, Set};

impl Oracle {
    /// Lower is better.
    fn score(&self, run: &[usize]) -> (u32, u32) {
        (run.iter().map(|&seat| self.chairs[seat].rank).sum(), self.chairs[run[0]].rank)
    }

    fn distance(&self, run: &[usize], chosen: &Set) -> i64 {
        let to = |seat: &usize| (self.chairs[*seat].row - self.chairs[run[0]].row).abs();
        chosen.iter().map(to).min().unwrap_or(0)
    }

    pub(super) fn best(
        &self,
        ask: &Best,
        policy: SinglesPolicy,
        short: &BTreeSet<Counter>,
        gave: Option<&Places>,
    ) -> Result<Places, NoPlaces> {
        if ask.quantity == 0 || ask.quantity > 100 || ask.quantity < ask.accessible {
            return Err(NoPlaces::TooFew);
        }
        // Whatever somebody is short of is not there for a party in wheelchairs.
        let has_turn = |category: &&Category| {
            let mut needs = self.needs(ask, **category).into_iter();
            let is_company = ask.accessible > 0 && ask.allotment.is_none();
            needs.all(|(counter, _)| is_company && counter.pool != Pool::Spaces || !short.contains(&counter))
        };
        let categories = ask.categories.iter().filter(has_turn).copied().collect::<Vec<_>>();
        let search = Search { house: self, ask, policy, short, gave };
        let steps = search.steps();
        let found = steps
            .iter()
            .find_map(|step| categories.iter().find_map(|&category| search.take(*step, category)));
        let enough = categories.iter().any(|&category| search.has_enough(category));
        match found {
            Some(places) => Ok(places),
            None if ask.together == Together::Must && enough => Err(NoPlaces::NotTogether {
                largest_block: categories.iter().map(|&category| search.largest(category)).max().unwrap(),
            }),
            None => Err(NoPlaces::TooFew),
        }
    }
}

/// One step of the search.
#[derive(Clone, Copy)]
enum Step {
    OneBlock {
        may_leave_single: bool,
    },
    /// The fewest parts and the most.
    Parts {
        fewest: usize,
        most: usize,
        in_section: bool,
    },
    SpecialBlock,
    Special,
    /// Whatever spaces it takes.
    SpecialPacked,
}

pub(super) struct Search<'all> {
    pub(super) house: &'all Oracle,
    pub(super) ask: &'all Best,
    pub(super) policy: SinglesPolicy,
    pub(super) short: &'all BTreeSet<Counter>,
    /// What was given: of several equally good, that is taken.
    pub(super) gave: Option<&'all Places>,
}

impl Search<'_> {
    fn steps(&self) -> Vec<Step> {
        let count = self.ask.quantity as usize;
        let half = count / 2;
        let mut steps = match self.ask.accessible {
            0 if self.policy.singles == Singles::Allow => vec![Step::OneBlock { may_leave_single: true }],
            0 => [false, true].map(|may_leave_single| Step::OneBlock { may_leave_single }).to_vec(),
            _ => vec![Step::SpecialBlock],
        };
        if self.ask.together == Together::Prefer {
            steps.extend(match self.ask.accessible {
                0 => vec![
                    Step::Parts { fewest: 2, most: half, in_section: true },
                    Step::Parts { fewest: 2, most: half, in_section: false },
                    Step::Parts { fewest: 2, most: count, in_section: true },
                    Step::Parts { fewest: 2, most: count, in_section: false },
                ],
                _ => vec![Step::Special, Step::SpecialPacked],
            });
        }
        steps
    }

    /// The seats of a category and purpose where the request looks.
    pub(super) fn field(&self, category: Category, is_wanted: impl Fn(Purpose) -> bool) -> Set {
        let sale = self.ask.allotment.map_or(Sale::Open, Sale::Allotted);
        self.house.those(|chair| {
            chair.category == category
                && is_wanted(chair.purpose)
                && chair.taken.is_none()
                && chair.sale == sale
                && (self.ask.sections.is_empty()
                    || self.ask.sections.iter().any(|section| section.0 == chair.section))
        })
    }

    pub(super) fn general(&self, category: Category) -> Set {
        self.field(category, |purpose| purpose == Purpose::General)
    }

    /// Those of which nobody is short who comes first.
    pub(super) fn left(&self, mut seats: Set) -> Set {
        seats.retain(|&seat| !self.short.contains(&self.house.counter(seat)));
        seats
    }

    /// The free places of each area that counts.
    fn floors(&self, category: Category) -> Vec<(usize, u32)> {
        if self.ask.allotment.is_some() || !self.ask.sections.is_empty() {
            return Vec::new();
        }
        let own = (0..self.house.floors.len()).filter(|&floor| self.house.floors[floor].category == category);
        own.map(|floor| (floor, self.house.free_in(floor))).collect()
    }

    fn take(&self, step: Step, category: Category) -> Option<Places> {
        let count = self.ask.quantity as usize;
        match step {
            Step::OneBlock { may_leave_single } => {
                let block = self.block(&self.general(category), count, may_leave_single).map(places);
                block.or_else(|| {
                    let floors = self.floors(category);
                    let (floor, _) = floors.into_iter().find(|(_, free)| self.ask.quantity <= *free)?;
                    let area = Area(u8::try_from(floor).unwrap());
                    Places::new(Vec::new(), vec![(area, self.ask.quantity)])
                })
            }
            Step::Parts { fewest, most, in_section } => {
                (fewest..=most).find_map(|parts| self.parts(category, parts, in_section)).map(places)
            }
            Step::SpecialBlock => self.special_block(category).map(places),
            Step::Special => self.special(category).map(places),
            Step::SpecialPacked => self.packed(category),
        }
    }

    fn block(&self, from: &Set, count: usize, may_leave_single: bool) -> Option<Vec<usize>> {
        let open = self.house.open();
        let leaves_none = |run: &Vec<usize>| {
            let after = open.iter().filter(|seat| !run.contains(seat)).copied().collect();
            self.house.new_singles(&open, &after, self.policy.aisles).is_empty()
        };
        let mut all = self.house.runs(from, count);
        all.sort_by_key(|run| self.house.score(run));
        all.into_iter().find(|run| may_leave_single || leaves_none(run))
    }

    fn parts(&self, category: Category, parts: usize, in_section: bool) -> Option<Vec<usize>> {
        let count = self.ask.quantity as usize;
        let mut sizes = vec![0; parts];
        (0..count).for_each(|person| sizes[person % parts] += 1);
        let mut field = self.general(category);
        if field.len() < count {
            return None;
        }
        let without = match self.policy.singles {
            Singles::Allow => None,
            Singles::Avoid | Singles::Refuse => self.block(&field, sizes[0], false),
        };
        let first = without.or_else(|| self.block(&field, sizes[0], true))?;
        if in_section {
            field.retain(|&seat| self.house.chairs[seat].section == self.house.chairs[first[0]].section);
        }
        self.more(&field, first, &sizes[1..])
    }

    /// Further parts, each the nearest.
    pub(super) fn more(&self, field: &Set, chosen: Vec<usize>, sizes: &[usize]) -> Option<Vec<usize>> {
        let mut chosen = chosen.into_iter().collect::<Set>();
        for &size in sizes {
            let left = field.difference(&chosen).copied().collect();
            let nearest = |run: &Vec<usize>| (self.house.distance(run, &chosen), self.house.score(run));
            let part = self.house.runs(&left, size).into_iter().min_by_key(nearest)?;
            chosen.extend(part);
        }
        Some(chosen.into_iter().collect())
    }

    pub(super) fn special_block(&self, category: Category) -> Option<Vec<usize>> {
        let field = self.left(self.field(category, |purpose| purpose != Purpose::General));
        let spaces = |run: &[usize]| {
            run.iter().filter(|seat| self.house.chairs[**seat].purpose == Purpose::Space).count()
        };
        let runs = self.house.runs(&field, self.ask.quantity as usize).into_iter();
        let wanted = self.ask.accessible as usize;
        let fits = |run: &Vec<usize>| spaces(run) == wanted && is_groups(run, &spaces);
        runs.filter(fits).min_by_key(|run| self.house.score(run))
    }

    fn special(&self, category: Category) -> Option<Vec<usize>> {
        let chair = |seat: usize| &self.house.chairs[seat];
        let mut left = self.left(self.field(category, |purpose| purpose != Purpose::General));
        let mut others = self.ask.quantity - self.ask.accessible;
        let mut chosen = Set::new();
        for _ in 0..self.ask.accessible {
            let group = |&space: &usize| {
                let mut group = Set::from([space]);
                while group.len() <= 3.min(others) as usize {
                    let is_next = |seat: &&usize| {
                        chair(**seat).purpose == Purpose::Companion
                            && chair(**seat).block == chair(space).block
                            && !group.contains(*seat)
                            && (group.contains(&(**seat + 1)) || **seat > 0 && group.contains(&(**seat - 1)))
                    };
                    let Some(&next) = left.iter().filter(is_next).min_by_key(|seat| chair(**seat).rank)
                    else {
                        break;
                    };
                    group.insert(next);
                }
                group
            };
            let spaces = left.iter().filter(|seat| chair(**seat).purpose == Purpose::Space);
            let key = |space: &&usize| {
                let missing = 3.min(others) as usize + 1 - group(space).len();
                (self.house.distance(&[**space], &chosen), missing, chair(**space).rank)
            };
            let group = group(spaces.min_by_key(key)?);
            others -= u32::try_from(group.len()).unwrap() - 1;
            left.retain(|seat| !group.contains(seat));
            chosen.extend(group);
        }
        self.with_rest(category, &chosen.into_iter().collect::<Vec<_>>(), others as usize)
    }

    /// So many more in general seats, in as few parts as can be.
    pub(super) fn with_rest(
        &self,
        category: Category,
        chosen: &[usize],
        others: usize,
    ) -> Option<Vec<usize>> {
        let general = self.left(self.general(category));
        (0..=others).filter(|&parts| (parts == 0) == (others == 0)).find_map(|parts| {
            let mut sizes = vec![0; parts];
            (0..others).for_each(|person| sizes[person % parts] += 1);
            self.more(&general, chosen.to_vec(), &sizes)
        })
    }

    fn has_enough(&self, category: Category) -> bool {
        if self.ask.accessible > 0 {
            return self.has_room_for_company(category);
        }
        let general = u32::try_from(self.general(category).len()).unwrap();
        self.ask.quantity <= general + self.floors(category).iter().map(|(_, free)| free).sum::<u32>()
    }

    fn largest(&self, category: Category) -> u32 {
        let floors = self.floors(category);
        let floors = floors.iter().map(|(_, free)| *free);
        floors.chain([self.house.longest(&self.general(category))]).max().unwrap()
    }
}

/// Whether a run is groups of one space each and three others at most.
fn is_groups(run: &[usize], spaces: &impl Fn(&[usize]) -> usize) -> bool {
    run.is_empty()
        || (1..=run.len().min(4))
            .any(|length| spaces(&run[..length]) == 1 && is_groups(&run[length..], spaces))
}

pub(super) fn places(seats: Vec<usize>) -> Places {
    let seats = seats.into_iter().map(|seat| Seat(u32::try_from(seat).unwrap()));
    Places::new(seats.collect(), Vec::new()).unwrap()
}
