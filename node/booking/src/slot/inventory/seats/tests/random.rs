//! Random houses, sold at random, against the oracle: whatever is asked is answered alike, and everything is counted alike after
//! every step. A failure prints its seed and its step.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::{
    Allotment, Area, Asker, Best, Category, Counter, Drawing, Pick, PickRefused, Places, Plan, Pool, Sale,
    SaleRefused, SaleRun, Seat, Seats, Section, Shortage, Shown, ShownBlock, SinglesPolicy, Swap, Table,
    Together,
};
use super::houses::{Random, policies, random_drawing};
use super::oracle::Oracle;
use crate::Status;

/// How many houses, and how many steps in each.
const HOUSES: u64 = 500;
const STEPS: u32 = 40;

/// What happened at least once: a run that misses one is no test.
#[derive(Default)]
struct Seen(BTreeSet<&'static str>);

/// A house, twice.
struct World {
    random: Random,
    drawing: Drawing,
    seats: Seats,
    oracle: Oracle,
    claims: Vec<(Status, Places)>,
    waiters: Vec<Best>,
    policy: SinglesPolicy,
}

#[test]
fn whatever_is_asked_is_answered_as_by_trying_everything() {
    let mut seen = Seen::default();
    for seed in 0..HOUSES {
        let mut world = World::new(seed);
        for step in 0..STEPS {
            world.step(&mut seen, (seed, step));
            world.compare((seed, step));
        }
    }
    let wanted = [
        "block",
        "parts",
        "area",
        "too few",
        "not together",
        "company together",
        "company apart",
        "picked",
        "malformed",
        "taken",
        "blocked",
        "allotted",
        "accessible",
        "waited for",
        "category",
        "single",
        "swapped",
        "sold otherwise",
        "sale refused",
        "given back",
        "confirmed",
        "redrawn",
        "in use",
        "from an allotment",
    ];
    let missing = wanted.iter().filter(|what| !seen.0.contains(*what)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let drawing = random_drawing(&mut random);
        let policies = policies().collect::<Vec<_>>();
        Self {
            seats: Seats::new(Arc::new(Plan::new(&drawing).unwrap())),
            oracle: Oracle::new(&drawing),
            policy: random.one_of(&policies),
            drawing,
            random,
            claims: Vec::new(),
            waiters: Vec::new(),
        }
    }

    fn step(&mut self, seen: &mut Seen, at: (u64, u32)) {
        match self.random.below(20) {
            0..=5 => self.best(seen, at),
            6..=9 => self.pick(seen, at),
            10..=11 => self.swap(seen, at),
            12..=13 => self.sell(seen, at),
            14..=16 => self.stand_otherwise(seen),
            17 => self.redraw(seen, at),
            _ => self.wait(),
        }
    }

    /// Somebody waits, or everybody goes.
    fn wait(&mut self) {
        if self.random.percent(40) {
            self.waiters.clear();
        } else {
            let waiter = self.ask();
            self.waiters.push(waiter);
        }
    }

    /// Of what those who wait are short.
    fn short(&self) -> (Shortage, BTreeSet<Counter>) {
        let mut short = Shortage::NONE;
        let mut plain = BTreeSet::new();
        for waiter in &self.waiters {
            short.add(self.seats.shortage(waiter));
            plain.extend(self.oracle.shortage(waiter));
        }
        for counter in Self::counters() {
            assert_eq!(short.is_at(counter), plain.contains(&counter), "short of {counter:?}");
        }
        (short, plain)
    }

    fn counters() -> Vec<Counter> {
        let pools = [Pool::General, Pool::Spaces, Pool::Companions];
        let pools = pools.into_iter().chain([0, 1, 2].map(|allotment| Pool::Allotted(Allotment(allotment))));
        let each = |pool| (0..3).map(move |category| Counter { category: Category(category), pool });
        pools.flat_map(each).collect()
    }

    fn ask(&mut self) -> Best {
        let random = &mut self.random;
        let quantity = random.one_of(&[1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 9, 12, 0]);
        let mut categories = [0, 1, 2].map(Category).to_vec();
        random.shuffle(&mut categories);
        categories.truncate(random.one_of(&[1, 1, 2, 3]));
        let accessible = if random.percent(25) { random.below(quantity + 1) } else { 0 };
        let sections = if random.percent(20) { 1 + random.below(2) } else { 0 };
        Best {
            quantity,
            categories,
            together: random.one_of(&[Together::Must, Together::Prefer, Together::Prefer]),
            accessible,
            sections: (0..sections).map(|_| Section(u16::try_from(random.below(3)).unwrap())).collect(),
            allotment: random.percent(10).then(|| Allotment(u8::try_from(random.below(3)).unwrap())),
        }
    }

    fn best(&mut self, seen: &mut Seen, at: (u64, u32)) {
        let ask = self.ask();
        let (short, plain) = self.short();
        let found = self.seats.best(&ask, self.policy, &short);
        let want = self.oracle.best(&ask, self.policy, &plain, found.as_ref().ok());
        assert_eq!(found, want, "{at:?}: {ask:?} under {:?}, short of {plain:?}", self.policy);
        let fits_ever = self.seats.could_ever_fit(&ask);
        if 0 < ask.accessible {
            let anew = Oracle::new(&self.drawing);
            let whoever = Best { allotment: None, ..ask.clone() };
            let want = 0 < ask.quantity && anew.has_room_for_company(&whoever, self.policy);
            assert_eq!(fits_ever, want, "{at:?}: whether {ask:?} could ever be met");
        }
        match found {
            Ok(places) => {
                assert!(fits_ever, "{at:?}: what was found could not be: {ask:?}");
                assert_eq!(places.quantity(), u64::from(ask.quantity));
                assert!(self.seats.plan().category_of(&places).is_some(), "BK-11, at {at:?}");
                let together = self.seats.plan().is_together(&places);
                seen.add(match (ask.accessible, together) {
                    (0, Some(true)) => "block",
                    (0, Some(false)) => "parts",
                    (_, Some(true)) => "company together",
                    (_, Some(false)) => "company apart",
                    (_, None) => "area",
                });
                if ask.allotment.is_some() {
                    seen.add("from an allotment");
                }
                assert!(ask.together == Together::Prefer || together != Some(false), "at {at:?}");
                self.take(places);
            }
            Err(super::super::NoPlaces::TooFew) => seen.add("too few"),
            Err(super::super::NoPlaces::NotTogether { .. }) => seen.add("not together"),
        }
    }

    fn take(&mut self, places: Places) {
        let status = self.random.one_of(&[Status::Held, Status::Offered, Status::Confirmed]);
        self.seats.take(&places, status);
        self.oracle.take(&places, status);
        self.claims.push((status, places));
    }

    /// Seats that are mostly next to each other, and mostly free.
    fn some_seats(&mut self) -> Vec<Seat> {
        let count = u32::try_from(self.oracle.chairs.len()).unwrap();
        let near = self.random.below(count);
        let wanted = self.random.one_of(&[1, 1, 2, 2, 3, 4]);
        let careful = self.random.percent(75);
        let mut seats = Vec::new();
        for offset in 0..wanted + self.random.one_of(&[0, 0, 1, 2]) {
            let seat = near + offset;
            let is_free = self.oracle.chairs.get(seat as usize).is_some_and(|chair| {
                chair.taken.is_none()
                    && chair.sale == Sale::Open
                    && chair.purpose == super::oracle::Purpose::General
            });
            if seats.len() < wanted as usize && (!careful || is_free) && !self.random.percent(10) {
                seats.push(Seat(seat));
            }
        }
        if self.random.percent(3) {
            seats.extend(seats.first().copied());
        }
        if self.random.percent(30) {
            self.random.shuffle(&mut seats);
        }
        seats
    }

    fn asker(&mut self) -> Asker {
        self.random.one_of(&[Asker::Customer, Asker::Customer, Asker::Organizer])
    }

    fn pick(&mut self, seen: &mut Seen, at: (u64, u32)) {
        let seats = self.some_seats();
        let random = &mut self.random;
        let areas = if random.percent(15) { 1 + random.below(2) } else { 0 };
        let pick = Pick {
            seats,
            areas: (0..areas)
                .map(|_| (Area(u8::try_from(random.below(3)).unwrap()), random.below(4)))
                .collect(),
            accessible: random.one_of(&[0, 0, 1]),
            allotment: random.percent(10).then(|| Allotment(u8::try_from(random.below(3)).unwrap())),
        };
        let asker = self.asker();
        let (short, plain) = self.short();
        let found = self.seats.pick(&pick, asker, self.policy, &short);
        let want = self.oracle.pick(&pick, asker, self.policy, &plain);
        assert_eq!(found, want, "{at:?}: {pick:?} by {asker:?} under {:?}", self.policy);
        match found {
            Ok(places) => {
                seen.add("picked");
                self.take(places);
            }
            Err(refused) => seen.refused(&refused),
        }
    }

    fn swap(&mut self, seen: &mut Seen, at: (u64, u32)) {
        if self.claims.is_empty() {
            return;
        }
        let add = self.some_seats();
        let asker = self.asker();
        let random = &mut self.random;
        let index = random.below(u32::try_from(self.claims.len()).unwrap()) as usize;
        let (status, had) = self.claims[index].clone();
        let mut drop = had.seats().iter().copied().filter(|_| random.percent(50)).collect::<Vec<_>>();
        if random.percent(3) {
            drop.push(Seat(random.below(9)));
        }
        let allotment = random.percent(10).then_some(Allotment(0));
        let swap = Swap { add, drop, accessible: random.one_of(&[0, 0, 1]), allotment };
        let (short, plain) = self.short();
        let found = self.seats.swap(&had, &swap, asker, self.policy, &short);
        let want = self.oracle.swap(&had, &swap, asker, self.policy, &plain);
        assert_eq!(found, want, "{at:?}: {had:?} with {swap:?} by {asker:?} under {:?}", self.policy);
        match found {
            Ok(places) => {
                seen.add("swapped");
                self.seats.give_back(&had, status);
                self.oracle.give_back(&had, status);
                self.seats.take(&places, status);
                self.oracle.take(&places, status);
                self.claims[index].1 = places;
            }
            Err(refused) => seen.refused(&refused),
        }
    }

    fn sell(&mut self, seen: &mut Seen, at: (u64, u32)) {
        let count = u32::try_from(self.oracle.chairs.len()).unwrap();
        let mut runs = Vec::new();
        for _ in 0..=self.random.below(3) {
            let sale = match self.random.below(5) {
                0 => Sale::Blocked,
                1 => Sale::Allotted(Allotment(0)),
                2 => Sale::Allotted(Allotment(2)),
                _ => Sale::Open,
            };
            runs.push(SaleRun { first: Seat(self.random.below(count)), length: self.random.below(6), sale });
        }
        let want = sold(&self.oracle, &runs);
        let before = self.seats.clone();
        match self.seats.sell(&runs) {
            Ok(changed) => {
                seen.add("sold otherwise");
                let (oracle, want) = want.unwrap_or_else(|refused| panic!("{at:?}: {runs:?}: {refused:?}"));
                let spelled = changed.iter().flat_map(|run| {
                    (run.first.0..run.first.0 + run.length).map(|seat| (seat as usize, run.sale))
                });
                assert_eq!(spelled.collect::<Vec<_>>(), want, "{at:?}: {runs:?}");
                assert!(
                    changed.is_sorted_by(|one, next| one.first.0 + one.length < next.first.0
                        || one.first.0 + one.length == next.first.0 && one.sale != next.sale),
                    "{at:?}: {changed:?} is as short as can be"
                );
                self.oracle = oracle;
            }
            Err(refused) => {
                seen.add("sale refused");
                assert_eq!(Err(refused), want.map(|_| ()), "{at:?}: {runs:?}");
                assert!(self.seats == before, "{at:?}: who is refused changes nothing");
            }
        }
    }

    fn stand_otherwise(&mut self, seen: &mut Seen) {
        if self.claims.is_empty() {
            return;
        }
        let index = self.random.below(u32::try_from(self.claims.len()).unwrap()) as usize;
        let to = self.random.one_of(&[
            Status::Confirmed,
            Status::Held,
            Status::Offered,
            Status::Expired,
            Status::Cancelled,
        ]);
        let (from, places) = self.claims.remove(index);
        self.seats.transition(&places, (from, to));
        self.oracle.give_back(&places, from);
        if to.has_places() {
            seen.add("confirmed");
            self.oracle.take(&places, to);
            self.claims.push((to, places));
        } else {
            seen.add("given back");
        }
    }

    /// Another house, in which most seats are again.
    fn redraw(&mut self, seen: &mut Seen, at: (u64, u32)) {
        let drawing = random_drawing(&mut self.random);
        let plan = Arc::new(Plan::new(&drawing).unwrap());
        let mut places = (0..plan.seat_count()).map(Seat).collect::<Vec<_>>();
        if self.random.percent(50) {
            self.random.shuffle(&mut places);
        }
        let losing = self.random.one_of(&[0, 0, 5]);
        let mut places = places.into_iter();
        let seats = (0..self.oracle.chairs.len())
            .map(|_| if self.random.percent(losing) { None } else { places.next() })
            .collect::<Vec<_>>();
        let areas = (0..self.oracle.floors.len())
            .map(|area| (area < drawing.areas.len()).then(|| Area(u8::try_from(area).unwrap())))
            .collect();
        let table = Table { seats, areas };
        let claims = || self.claims.iter().map(|(status, places)| (*status, places));
        match self.seats.redrawn(plan, &table, claims()) {
            Ok(new) => {
                seen.add("redrawn");
                let mut oracle = Oracle::new(&drawing);
                for (old, place) in table.seats.iter().enumerate() {
                    if let Some(place) = place {
                        oracle.chairs[place.0 as usize].sale = self.oracle.chairs[old].sale;
                    }
                }
                for (status, places) in &mut self.claims {
                    *places = places.moved(&table).unwrap();
                    oracle.take(places, *status);
                }
                (self.seats, self.oracle, self.drawing) = (new, oracle, drawing);
                self.waiters.clear();
            }
            Err(super::super::RedrawRefused::InUse { seats, areas }) => {
                seen.add("in use");
                let lost =
                    |seat: &usize| table.seats[*seat].is_none() && self.oracle.chairs[*seat].taken.is_some();
                let want = (0..table.seats.len()).filter(lost).map(|seat| Seat(u32::try_from(seat).unwrap()));
                assert_eq!(seats, want.collect::<Vec<_>>(), "{at:?}");
                let used = |area: &usize| self.oracle.floors[*area].capacity - self.oracle.free_in(*area);
                let too_small =
                    |area: &usize| drawing.areas.get(*area).map_or(0, |area| area.capacity) < used(area);
                let want =
                    (0..table.areas.len()).filter(too_small).map(|area| Area(u8::try_from(area).unwrap()));
                assert_eq!(areas, want.collect::<Vec<_>>(), "{at:?}");
                assert!(!seats.is_empty() || !areas.is_empty());
            }
            Err(super::super::RedrawRefused::BadTable) => panic!("{at:?}: the table is fine"),
        }
    }

    fn compare(&mut self, at: (u64, u32)) {
        let (seats, oracle) = (&self.seats, &self.oracle);
        for category in (0..3).map(Category) {
            assert_eq!(
                seats.category_counts(category),
                oracle.category_counts(category),
                "{at:?}: {category:?}"
            );
        }
        assert_eq!(seats.counts(), oracle.counts(), "{at:?}");
        let counts = seats.counts();
        assert_eq!(
            counts.capacity,
            counts.free + counts.allotted + counts.held + counts.offered + counts.confirmed,
            "{at:?}"
        );
        assert!(seats.allotment_counts().eq(oracle.allotments()), "{at:?}");
        for counter in Self::counters() {
            assert_eq!(seats.free_at(counter), oracle.free_at(counter), "{at:?}: {counter:?}");
        }
        let shown = oracle.chairs.iter().map(|chair| match (chair.taken, chair.sale) {
            (Some(Status::Held | Status::Offered), _) => Shown::Held,
            (None, Sale::Open) => Shown::Free,
            _ => Shown::Taken,
        });
        assert!(seats.shown().flat_map(ShownBlock::seats).eq(shown), "{at:?}");
        let (short, plain) = self.short();
        let bookable = seats.bookable(&short, |_| u32::MAX);
        if at.1.is_multiple_of(8) {
            assert!(bookable == 0 || oracle.is_bookable(bookable, self.policy, &plain), "{at:?}: {bookable}");
            assert!(!oracle.is_bookable(bookable + 1, self.policy, &plain), "{at:?}: more than {bookable}");
        }
        let claims = || self.claims.iter().map(|(status, places)| (*status, places));
        assert!(seats.adds_up(claims()), "{at:?}");
        assert!(
            self.claims.is_empty() || !seats.adds_up(claims().skip(1)),
            "{at:?}: a booking less is not the same"
        );
        let restored = Seats::restore(Arc::clone(seats.plan()), &seats.sale_runs()).unwrap();
        assert_eq!(restored.digest(), seats.digest(), "{at:?}");
    }
}

/// The house after seats are sold otherwise, and what changed; or why they are not.
fn sold(oracle: &Oracle, runs: &[SaleRun]) -> Result<(Oracle, Vec<(usize, Sale)>), SaleRefused> {
    let mut new = oracle.clone();
    let mut named = BTreeSet::new();
    let mut taken = Vec::new();
    for run in runs {
        for seat in run.first.0..run.first.0 + run.length {
            if !named.insert(seat) || new.chairs.len() <= seat as usize {
                return Err(SaleRefused::Malformed);
            }
            let chair = &mut new.chairs[seat as usize];
            match (chair.taken, run.sale) {
                (Some(_), Sale::Open) => {}
                (Some(_), sale) if sale != chair.sale => taken.push(Seat(seat)),
                (_, sale) => chair.sale = sale,
            }
        }
        if run.length == 0 {
            return Err(SaleRefused::Malformed);
        }
    }
    if !taken.is_empty() {
        return Err(SaleRefused::Taken(taken));
    }
    let changes = (0..new.chairs.len()).filter(|&seat| new.chairs[seat].sale != oracle.chairs[seat].sale);
    let changes = changes.map(|seat| (seat, new.chairs[seat].sale)).collect();
    Ok((new, changes))
}

impl Seen {
    fn add(&mut self, what: &'static str) {
        self.0.insert(what);
    }

    fn refused(&mut self, refused: &PickRefused) {
        match refused {
            PickRefused::Malformed => self.add("malformed"),
            PickRefused::LeavesSingle(_) => self.add("single"),
            PickRefused::Conflicts(conflicts) => {
                for conflict in conflicts {
                    use super::super::Reason::{Accessible, Allotted, Blocked, Category, Taken, WaitedFor};
                    self.add(match conflict.reason {
                        Taken => "taken",
                        Blocked => "blocked",
                        Allotted => "allotted",
                        Accessible => "accessible",
                        WaitedFor => "waited for",
                        Category => "category",
                    });
                }
            }
        }
    }
}
