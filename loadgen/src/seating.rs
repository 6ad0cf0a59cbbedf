//! Who wishes for which seats: parties as large as they are, sections as wanted as they are good, and seats that others have had.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use api::booking::{Mode, Together, WhenFull};
use rand::RngExt;
use rand::rngs::SmallRng;
use witness::history::{Ask, Basket, Best, Pick, Places};
use witness::house::words::BookingSeats;
use witness::house::{Kind, Plan};

use crate::demand::{Demand, percent};

/// How many of a hundred parties are of how many, from one up.
const PARTIES: [(u32, u32); 10] =
    [(8, 1), (50, 2), (12, 3), (20, 4), (5, 5), (1, 6), (1, 7), (1, 8), (1, 9), (1, 10)];
/// How many of a hundred pick their seats; the others take the best.
const PICK_PERCENT: u32 = 60;
/// How many picks of a hundred are of seats that another has picked.
const GONE_PERCENT: u32 = 3;
/// How many picks of a hundred are of places in an area, where there is one.
const AREA_PERCENT: u32 = 10;
/// How many wishes of a hundred are for a wheelchair space.
const ACCESSIBLE_PERCENT: u32 = 1;
/// How many of those pick one without saying that somebody needs it.
const UNDECLARED_PERCENT: u32 = 50;
/// How many of a hundred who take the best want neighbours or nothing.
const MUST_PERCENT: u32 = 30;
/// How many of a hundred who take the best would take the next category, too; and of those the one after that.
const NEXT_CATEGORY_PERCENT: u32 = 50;
/// How often somebody looks for free neighbours before giving up.
const TRIES: u32 = 16;

/// What one customer wishes for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatWish {
    pub(crate) quantity: u32,
    pub(crate) places: Places,
}

/// The wishes for one house, which is sold in several slots.
pub(crate) struct Seating {
    plan: Arc<Plan>,
    /// What lies between aisles, by section, the best section first.
    sections: Vec<Vec<Range<usize>>>,
    /// How wanted the sections are, and the categories.
    sections_wanted: Demand,
    categories_wanted: Demand,
    slots: Vec<Wanted>,
}

/// What of a slot has been picked in the plan.
#[derive(Default)]
struct Wanted {
    seats: BTreeSet<usize>,
    picks: Vec<Vec<usize>>,
}

impl SeatWish {
    /// The request for it.
    pub(crate) fn ask(self, mode: Mode, when_full: WhenFull, basket: Basket) -> Ask {
        let Self { quantity, places } = self;
        Ask::Book { quantity, mode, hold_seconds: None, when_full, places, basket }
    }

    /// Whether it is refused rather than put on a list: picks never wait, and who needs a wheelchair space asks elsewhere.
    pub(crate) const fn never_waits(&self) -> bool {
        match &self.places {
            Places::Pick(_) => true,
            Places::Best(best) => best.accessible > 0,
            Places::Any | Places::Range(_) => false,
        }
    }
}

impl Seating {
    pub(crate) fn new(plan: Arc<Plan>, slots: usize, zipf: f64) -> Self {
        let mut by_section: Vec<(u64, Vec<Range<usize>>)> = vec![(u64::MAX, Vec::new()); plan.sections.len()];
        for run in &plan.runs {
            let (rank, runs) = &mut by_section[plan.seats[run.start].section];
            *rank = run.clone().map(|seat| plan.seats[seat].rank).min().unwrap_or(*rank).min(*rank);
            runs.push(run.clone());
        }
        by_section.sort_by_key(|(rank, _runs)| *rank);
        Self {
            sections_wanted: Demand::new(by_section.len(), zipf),
            categories_wanted: Demand::new(plan.categories.len(), zipf),
            sections: by_section.into_iter().map(|(_rank, runs)| runs).collect(),
            slots: (0..slots).map(|_slot| Wanted::default()).collect(),
            plan,
        }
    }

    /// What the next customer of a slot wishes for.
    pub(crate) fn draw(&mut self, slot: usize, rng: &mut SmallRng) -> SeatWish {
        let party = party(rng);
        if percent(PICK_PERCENT, rng)
            && let Some(wish) = self.draw_pick(slot, party, rng)
        {
            return wish;
        }
        self.draw_best(party, rng)
    }

    /// Seats by name, of others where none are found that nobody has picked; none in a house that has none.
    fn draw_pick(&mut self, slot: usize, party: u32, rng: &mut SmallRng) -> Option<SeatWish> {
        if percent(GONE_PERCENT, rng)
            && let Some(seats) = self.slots[slot].draw_gone(rng)
        {
            return Some(self.named(&seats, 0));
        }
        if percent(ACCESSIBLE_PERCENT, rng) {
            let space = self.draw_space(slot, rng)?;
            return Some(self.named(&[space], u32::from(!percent(UNDECLARED_PERCENT, rng))));
        }
        if !self.plan.areas.is_empty() && percent(AREA_PERCENT, rng) {
            let area = &self.plan.areas[rng.random_range(0..self.plan.areas.len())];
            let pick = Pick { areas: [(area.key.clone(), party)].into(), ..Pick::default() };
            return Some(SeatWish { quantity: party, places: Places::Pick(pick) });
        }
        let free = self.draw_neighbours(slot, party as usize, rng);
        let seats = free.or_else(|| self.slots[slot].draw_gone(rng))?;
        Some(self.named(&seats, 0))
    }

    fn draw_neighbours(&mut self, slot: usize, party: usize, rng: &mut SmallRng) -> Option<Vec<usize>> {
        for _try in 0..TRIES {
            let runs = &self.sections[self.sections_wanted.pick(rng)];
            let run = &runs[rng.random_range(0..runs.len())];
            if run.len() < party {
                continue;
            }
            let first = rng.random_range(run.start..=run.end - party);
            let seats: Vec<usize> = (first..first + party).collect();
            let wanted = &mut self.slots[slot];
            let is_free =
                |seat: &usize| !wanted.seats.contains(seat) && self.plan.seats[*seat].kind == Kind::General;
            if seats.iter().all(is_free) {
                wanted.take(&seats);
                return Some(seats);
            }
        }
        None
    }

    fn draw_space(&mut self, slot: usize, rng: &mut SmallRng) -> Option<usize> {
        let places = 0..self.plan.seats.len();
        let spaces: Vec<usize> =
            places.filter(|seat| self.plan.seats[*seat].kind == Kind::Accessible).collect();
        let space = *spaces.get(rng.random_range(0..spaces.len().max(1)))?;
        self.slots[slot].take(&[space]);
        Some(space)
    }

    fn named(&self, seats: &[usize], accessible: u32) -> SeatWish {
        let names = seats.iter().map(|seat| self.plan.seats[*seat].name.clone()).collect();
        let pick = Pick { seats: names, accessible, ..Pick::default() };
        let quantity = u32::try_from(seats.len()).expect("a party is small");
        SeatWish { quantity, places: Places::Pick(pick) }
    }

    fn draw_best(&self, party: u32, rng: &mut SmallRng) -> SeatWish {
        let count = self.plan.categories.len();
        let together = if percent(MUST_PERCENT, rng) { Together::Must } else { Together::Prefer };
        if count == 1 && together == Together::Prefer {
            return SeatWish { quantity: party, places: Places::Any };
        }
        let mut categories = vec![self.categories_wanted.pick(rng)];
        while categories.len() < 3 && percent(NEXT_CATEGORY_PERCENT, rng) {
            let next = categories[categories.len() - 1] + 1;
            if next == count {
                break;
            }
            categories.push(next);
        }
        let accessible = u32::from(percent(ACCESSIBLE_PERCENT, rng));
        let categories = categories.into_iter().map(|place| self.plan.categories[place].clone()).collect();
        let best = Best { categories, together, accessible, sections: Vec::new() };
        SeatWish { quantity: party, places: Places::Best(best) }
    }
}

impl Wanted {
    fn take(&mut self, seats: &[usize]) {
        self.seats.extend(seats);
        self.picks.push(seats.to_vec());
    }

    /// What somebody has picked before.
    fn draw_gone(&self, rng: &mut SmallRng) -> Option<Vec<usize>> {
        let last = self.picks.len().checked_sub(1)?;
        Some(self.picks[rng.random_range(0..=last)].clone())
    }
}

/// Another seat for one of a booking's.
#[derive(Clone, Debug)]
pub(crate) struct Swap {
    plan: Arc<Plan>,
    /// Which seat of the category.
    number: usize,
}

impl Swap {
    pub(crate) fn draw(plan: &Arc<Plan>, rng: &mut SmallRng) -> Self {
        Self { plan: Arc::clone(plan), number: rng.random_range(0..plan.seats.len().max(1)) }
    }

    /// The last of the booking's seats for one of the same category; none where it has no seat that anyone may have.
    pub(crate) fn ask(&self, booking: &str, has: &BookingSeats) -> Option<Ask> {
        let seats = &self.plan.seats;
        let dropped = has.seats.last()?;
        let own = Some(&seats[self.plan.seat(dropped)?]).filter(|own| own.kind == Kind::General)?;
        let is_like = |seat: usize| {
            let other = &seats[seat];
            other.category == own.category && other.kind == own.kind && !has.seats.contains(&other.name)
        };
        let mut others = (0..seats.len()).map(|ahead| (self.number + ahead) % seats.len());
        let added = others.find(|seat| is_like(*seat))?;
        Some(Ask::Reseat {
            booking: booking.to_owned(),
            add: vec![seats[added].name.clone()],
            drop: vec![dropped.clone()],
        })
    }
}

fn party(rng: &mut SmallRng) -> u32 {
    let mut point = rng.random_range(0..100);
    let found = PARTIES.iter().find(|(share, _party)| {
        let is_here = point < *share;
        point = point.saturating_sub(*share);
        is_here
    });
    found.map(|(_share, party)| *party).expect("the shares are a hundred")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rand::SeedableRng;

    use super::{Arc, BookingSeats, PARTIES, Places, Plan, Seating, SmallRng, Swap, Together};
    use crate::house;
    use crate::options::{HouseKind, HouseOptions};

    fn plan(kind: HouseKind) -> Arc<Plan> {
        let house = house::draw(HouseOptions { kind, seed: 7, seats: None });
        Arc::new(Plan::read(&serde_json::to_vec(&house).unwrap()).unwrap())
    }

    #[test]
    fn the_shares_of_parties_are_a_hundred() {
        assert_eq!(PARTIES.iter().map(|(share, _party)| share).sum::<u32>(), 100);
        assert_eq!(PARTIES.map(|(_share, party)| party), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn the_same_seed_wishes_the_same() {
        let draw = |seed| {
            let mut seating = Seating::new(plan(HouseKind::Theatre), 2, 1.0);
            let mut rng = SmallRng::seed_from_u64(seed);
            (0..200).map(|number| seating.draw(number % 2, &mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn wishes_are_as_a_public_has_them() {
        let plan = plan(HouseKind::Arena);
        let mut seating = Seating::new(Arc::clone(&plan), 1, 1.0);
        let mut rng = SmallRng::seed_from_u64(3);
        let wishes: Vec<_> = (0..2_000).map(|_number| seating.draw(0, &mut rng)).collect();
        let share = |test: &dyn Fn(&super::SeatWish) -> bool| wishes.iter().filter(|wish| test(wish)).count();
        let mut names = BTreeMap::<&str, u32>::new();
        for wish in &wishes {
            if let Places::Pick(pick) = &wish.places {
                let places =
                    pick.seats.len() as u64 + pick.areas.values().map(|n| u64::from(*n)).sum::<u64>();
                assert_eq!(places, u64::from(wish.quantity), "{wish:?}");
                pick.seats.iter().for_each(|seat| *names.entry(seat).or_default() += 1);
            }
        }
        let rows: &[(&str, usize, std::ops::RangeInclusive<usize>)] = &[
            ("picks", share(&|wish| matches!(wish.places, Places::Pick(_))), 1_100..=1_300),
            ("pairs", share(&|wish| wish.quantity == 2), 900..=1_100),
            (
                "areas",
                share(&|wish| matches!(&wish.places, Places::Pick(of) if !of.areas.is_empty())),
                60..=180,
            ),
            ("spaces", share(&|wish| matches!(&wish.places, Places::Pick(of) if of.accessible > 0)), 1..=30),
            (
                "must",
                share(&|wish| matches!(&wish.places, Places::Best(of) if of.together == Together::Must)),
                180..=300,
            ),
            ("seats that another has", names.values().filter(|often| **often > 1).count(), 20..=300),
        ];
        for (what, is, want) in rows {
            assert!(want.contains(is), "{what}: {is} of 2,000");
        }
        let best = plan.seats.iter().filter(|seat| seat.rank < 4_000).map(|seat| seat.section);
        let best: std::collections::BTreeSet<usize> = best.collect();
        let good = names.keys().filter(|name| best.contains(&plan.seats[plan.seat(name).unwrap()].section));
        assert!(good.count() * 2 > names.len(), "the best sections are wanted most");
    }

    #[test]
    fn a_swap_is_for_another_seat_of_the_same_category() {
        let plan = plan(HouseKind::Cinema);
        let mut rng = SmallRng::seed_from_u64(5);
        for _swap in 0..50 {
            let swap = Swap::draw(&plan, &mut rng);
            let seats = [10, 11].map(|seat| plan.seats[seat].name.clone()).to_vec();
            let has = BookingSeats { seats, ..BookingSeats::default() };
            let Some(super::Ask::Reseat { add, drop, .. }) = swap.ask("bkg_1", &has) else {
                panic!("there is another seat")
            };
            let of = |name: &str| &plan.seats[plan.seat(name).unwrap()];
            assert_eq!((drop.as_slice(), of(&add[0]).category), (&has.seats[1..], of(&drop[0]).category));
            assert!(!has.seats.contains(&add[0]));
        }
        assert!(Swap::draw(&plan, &mut rng).ask("bkg_1", &BookingSeats::default()).is_none());
    }
}
