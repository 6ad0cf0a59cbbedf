//! Random calendars, booked at random, against the oracle: whatever is asked is answered alike, after every step. A failure prints its
//! seed and its step.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::super::{
    Buffers, Calendar, Claim, FreeAsk, Hours, Place, Places, PlacesInUse, Range, Resource, Wish,
};
use super::drawn::{random_openings, random_terms};
use super::oracle::{Oracle, minute, minutes, moment};
use super::stage::Random;
use crate::{Number, Status, Timestamp};

/// How many calendars, and how many steps in each.
const CALENDARS: u64 = 400;
const STEPS: u32 = 120;

/// What happened at least once: a run that misses one is no test.
#[derive(Default)]
struct Seen(BTreeSet<&'static str>);

/// A calendar, twice.
struct World {
    random: Random,
    calendar: Calendar,
    oracle: Oracle,
    /// How each claim of the oracle stands.
    statuses: Vec<Status>,
    number: u32,
    at: (u64, u32),
}

#[test]
fn whatever_is_asked_is_answered_as_minute_by_minute() {
    let mut seen = Seen::default();
    for seed in 0..CALENDARS {
        let mut world = World::new(seed);
        for step in 0..STEPS {
            world.at = (seed, step);
            world.step(&mut seen);
            world.serve(&mut seen);
        }
    }
    let wanted = [
        "any",
        "also tentatively",
        "booked",
        "busy",
        "by a name",
        "conflict",
        "confirmed",
        "extended",
        "firmly busy",
        "free",
        "given back",
        "gone",
        "grid",
        "horizon",
        "hours",
        "in use",
        "largely free",
        "lead",
        "length",
        "moved",
        "not moved",
        "passed",
        "redefined",
        "resized",
        "served",
        "served several",
        "waits",
    ];
    let missing = wanted.iter().filter(|what| !seen.0.contains(*what)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let places = match random.below(2) {
            0 => Places::Count(random.one_of(&[1, 2, 3, 7])),
            _ => Places::Resources(random.one_of(&[1, 2, 3, 5])),
        };
        let (terms, openings) = (random_terms(&mut random), random_openings(&mut random));
        let mut calendar = Calendar::new(places, terms, Hours::new(openings.clone()).unwrap());
        calendar.pass(moment(0));
        let oracle = Oracle { places, terms, openings, claims: Vec::new(), waiters: BTreeMap::new(), now: 0 };
        Self { random, calendar, oracle, statuses: Vec::new(), number: 0, at: (seed, 0) }
    }

    fn step(&mut self, seen: &mut Seen) {
        match self.random.below(40) {
            0..=15 => self.book(seen),
            16..=22 => self.stand_otherwise(seen),
            23..=26 => self.move_one(seen),
            27..=28 => self.compare_free(seen),
            29..=30 => self.compare_busy(seen),
            31..=33 => self.pass(seen),
            34..=35 => self.resize(seen),
            36 => self.redefine(seen),
            _ => self.go(seen),
        }
    }

    fn resource(&mut self) -> Option<Resource> {
        match self.oracle.places {
            Places::Count(_) => None,
            Places::Resources(count) => {
                let index = u16::try_from(self.random.below(u32::from(count) * 2 + 1)).unwrap();
                (index <= count).then_some(Resource(index)).filter(|_| index < count)
            }
        }
    }

    fn quantity(&mut self) -> u32 {
        match self.oracle.places {
            Places::Count(count) => self.random.one_of(&[1, 1, 1, 2, count, count + 1]),
            Places::Resources(_) => 1,
        }
    }

    /// A range that may mostly be asked for.
    fn range(&mut self) -> Range {
        let (random, oracle) = (&mut self.random, &self.oracle);
        let grid = oracle.terms.grid_seconds.get() / 60;
        let (from, length) = if random.percent(85) {
            let hours = Hours::new(oracle.openings.clone()).unwrap();
            let all = hours.during(Range::ALWAYS).map(minutes).collect::<Vec<_>>();
            let now = oracle.now + i64::from(oracle.terms.lead_seconds / 60);
            let ahead = all.iter().filter(|opening| now < opening.end).cloned().collect::<Vec<_>>();
            let which = random.below(u32::try_from(ahead.len().max(1)).unwrap()) as usize;
            let opening = ahead.get(which).unwrap_or(&all[0]).clone();
            let passed = u32::try_from((now - opening.start).max(0)).unwrap().div_ceil(grid);
            let places = (u32::try_from(opening.end - opening.start).unwrap() / grid)
                .saturating_sub(passed)
                .clamp(1, 40);
            let from = opening.start + i64::from((passed + random.below(places)) * grid);
            let terms = &oracle.terms;
            let more = (terms.maximum_seconds - terms.minimum_seconds) / 60 / grid;
            (from, terms.minimum_seconds / 60 + grid * random.below(more + 1))
        } else {
            (oracle.now + i64::from(random.below(400)), 5 + 5 * random.below(40))
        };
        Range::new(moment(from), moment(from + i64::from(length))).unwrap()
    }

    fn check(&self, range: Range, seen: &mut Seen) -> bool {
        use super::super::RangeRefused::{Grid, Horizon, Hours, Lead, Length};
        let told = self.calendar.check(range);
        assert_eq!(told, self.oracle.check(minutes(range)), "{:?}: {:?}", self.at, minutes(range));
        let refused = match told {
            Ok(()) => return true,
            Err(Hours) => "hours",
            Err(Grid) => "grid",
            Err(Length) => "length",
            Err(Lead) => "lead",
            Err(Horizon) => "horizon",
        };
        seen.add(refused);
        false
    }

    fn wish(&mut self, range: Range) -> Wish {
        let (resource, quantity) = (self.resource(), self.quantity());
        Wish::new(range, self.oracle.terms.buffers, resource, quantity)
    }

    /// What a wish gets, alike by both, and what is in its way.
    fn find(&self, wish: &Wish, own: Option<&Claim>) -> Option<Place> {
        let at = self.at;
        let found = self.calendar.find(wish, own);
        assert_eq!(found, self.oracle.find(wish, own), "{at:?}: {wish:?} with {own:?}");
        let conflicts = self.calendar.conflicts(wish, own).into_iter().map(minutes);
        let conflicts = conflicts.map(|part| (part.start, part.end)).collect::<Vec<_>>();
        assert_eq!(conflicts, self.oracle.conflicts(wish, own), "{at:?}: {wish:?} with {own:?}");
        assert!(found.is_none() || conflicts.is_empty(), "{at:?}");
        found
    }

    fn book(&mut self, seen: &mut Seen) {
        let range = self.range();
        if !self.check(range, seen) {
            return;
        }
        let wish = self.wish(range);
        if let Some(place) = self.find(&wish, None) {
            seen.add("booked");
            match (place, wish.resource()) {
                (Place::Resource(_), Some(_)) => seen.add("by a name"),
                (Place::Resource(_), None) => seen.add("any"),
                (Place::Pool, _) => {}
            }
            self.take(wish.claim(place));
        } else {
            seen.add("conflict");
            if self.oracle.waiters.len() < 30
                && wish.range().waited_for_until(self.oracle.terms.lead_seconds) > moment(self.oracle.now)
            {
                seen.add("waits");
                self.number += 1;
                let number = Number(self.number);
                self.calendar.join(number, wish);
                self.oracle.waiters.insert(number, wish);
                let position = self.calendar.position(number, &wish);
                assert_eq!(position, self.oracle.ahead_of(number, &wish) + 1, "{:?}", self.at);
            }
        }
    }

    fn take(&mut self, claim: Claim) {
        let status = self.random.one_of(&[Status::Held, Status::Offered, Status::Confirmed]);
        self.calendar.take(&claim, status);
        self.oracle.claims.push(claim);
        self.statuses.push(status);
    }

    fn stand_otherwise(&mut self, seen: &mut Seen) {
        if self.statuses.is_empty() {
            return;
        }
        let index = self.random.below(u32::try_from(self.statuses.len()).unwrap()) as usize;
        let (claim, from) = (self.oracle.claims[index], self.statuses[index]);
        let to =
            self.random.one_of(&[Status::Confirmed, Status::Cancelled, Status::Expired, Status::Declined]);
        self.calendar.transition(&claim, (from, to));
        if to.has_places() {
            seen.add("confirmed");
            self.statuses[index] = to;
        } else {
            seen.add("given back");
            self.statuses.swap_remove(index);
            self.oracle.claims.swap_remove(index);
        }
    }

    fn move_one(&mut self, seen: &mut Seen) {
        if self.statuses.is_empty() {
            return;
        }
        let index = self.random.below(u32::try_from(self.statuses.len()).unwrap()) as usize;
        let own = self.oracle.claims[index];
        let range = if self.random.percent(50) {
            let shift = u32::try_from(i64::from(self.random.below(9))).unwrap()
                * self.oracle.terms.grid_seconds.get();
            let length = u32::try_from(own.effective.milliseconds() / 1_000).unwrap();
            let from = own
                .effective
                .from()
                .minus_seconds(4 * self.oracle.terms.grid_seconds.get())
                .plus_seconds(shift);
            Range::new(from, from.plus_seconds(length)).unwrap()
        } else {
            self.range()
        };
        self.check(range, seen);
        let wish = self.wish(range);
        if let Some(place) = self.find(&wish, Some(&own)) {
            seen.add("moved");
            let claim = wish.claim(place);
            self.calendar.exchange(self.statuses[index], &own, &claim);
            self.oracle.claims[index] = claim;
        } else {
            seen.add("not moved");
        }
    }

    fn compare_free(&mut self, seen: &mut Seen) {
        let (resource, quantity) = (self.resource(), self.quantity());
        let random = &mut self.random;
        let grid = self.oracle.terms.grid_seconds.get() / 60;
        let shortest = self.oracle.terms.minimum_seconds / 60;
        let length = shortest + random.one_of(&[0, 0, grid, 2 * grid, 1]);
        let from = self.oracle.now - 30 + i64::from(random.below(300));
        let window = from..from + 60 + i64::from(random.below(400));
        let ask = FreeAsk {
            window: Range::new(moment(window.start), moment(window.end)).unwrap(),
            seconds: length * 60,
            quantity,
            resource,
        };
        let told = self.calendar.free(Timestamp(0), &ask, None, usize::MAX);
        let places = match (self.oracle.places, resource) {
            (Places::Count(_), _) => [Place::Pool].to_vec(),
            (Places::Resources(_), Some(resource)) => [Place::Resource(resource)].to_vec(),
            (Places::Resources(count), None) => {
                (0..count).map(|index| Place::Resource(Resource(index))).collect()
            }
        };
        let mut want = Vec::new();
        for place in places {
            let stretches = self.oracle.free(&window, length.into(), quantity, place);
            want.extend(stretches.into_iter().map(|(from, to, free)| (from, place, to, free)));
        }
        want.sort_unstable();
        let plain = told.iter().map(|stretch| {
            (minute(stretch.range.from()), stretch.place, minute(stretch.range.to()), stretch.free)
        });
        assert!(plain.clone().eq(want.iter().copied()), "{:?}: {ask:?}: {told:?} and not {want:?}", self.at);
        if !told.is_empty() {
            seen.add("free");
        }
        if told.iter().any(|stretch| stretch.range.milliseconds() > u64::from(length) * 60_000) {
            seen.add("largely free");
        }
        // Page by page it is the same.
        let mut paged = Vec::new();
        loop {
            let page =
                self.calendar.free(Timestamp(0), &ask, paged.last().map(super::super::FreeStretch::key), 2);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, told, "{:?}", self.at);
    }

    /// When too little is free, and when it would be without those who have not confirmed.
    fn compare_busy(&mut self, seen: &mut Seen) {
        let (resource, quantity) = (self.resource(), self.quantity());
        let from = self.oracle.now - 30 + i64::from(self.random.below(300));
        let to = from + 1 + i64::from(self.random.below(600));
        let window = Range::new(moment(from), moment(to)).unwrap();
        let wish = Wish::new(window, Buffers::default(), resource, quantity);
        let plain = |parts: Vec<Range>| {
            parts.into_iter().map(minutes).map(|part| (part.start, part.end)).collect::<Vec<_>>()
        };
        let (taken, firmly) = self.calendar.busy(&wish);
        let told = (plain(taken), plain(firmly));
        let mut without = self.oracle.clone();
        let all = self.oracle.claims.iter().zip(&self.statuses);
        let confirmed = all.filter(|(_, status)| **status == Status::Confirmed);
        without.claims = confirmed.map(|(claim, _)| *claim).collect();
        let want = (self.oracle.conflicts(&wish, None), without.conflicts(&wish, None));
        assert_eq!(told, want, "{:?}: {wish:?}", self.at);
        if !told.0.is_empty() {
            seen.add("busy");
        }
        if !told.1.is_empty() && told.0 != told.1 {
            seen.add("also tentatively");
        }
        if !told.1.is_empty() {
            seen.add("firmly busy");
        }
    }

    fn pass(&mut self, seen: &mut Seen) {
        seen.add("passed");
        self.oracle.now += i64::from(self.random.below(25));
        self.calendar.pass(moment(self.oracle.now));
    }

    fn resize(&mut self, seen: &mut Seen) {
        let places = match self.oracle.places {
            Places::Count(_) => Places::Count(self.random.one_of(&[1, 2, 3, 4, 8])),
            Places::Resources(_) => Places::Resources(self.random.one_of(&[1, 2, 3, 4, 6])),
        };
        let forbids = self.oracle.first_too_much_for(places);
        let want = forbids.map_or(Ok(()), |first| Err(PlacesInUse(moment(first))));
        assert_eq!(self.calendar.become_places(places), want, "{:?}: {places:?}", self.at);
        if want.is_ok() {
            seen.add("resized");
            // Past claims of what is no more there are over, as a slot's are that are given back.
            let now = self.oracle.now;
            let is_there = |claim: &Claim| match (places, claim.place) {
                (Places::Resources(count), Place::Resource(Resource(index))) => index < count,
                (Places::Count(_) | Places::Resources(_), _) => true,
            };
            for index in (0..self.statuses.len()).rev() {
                let claim = self.oracle.claims[index];
                if !is_there(&claim) {
                    assert!(minute(claim.effective.to()) <= now, "what is taken stays");
                    self.statuses.swap_remove(index);
                    self.oracle.claims.swap_remove(index);
                }
            }
            self.oracle.places = places;
        } else {
            seen.add("in use");
        }
    }

    fn redefine(&mut self, seen: &mut Seen) {
        seen.add("redefined");
        let terms = random_terms(&mut self.random);
        let more = random_openings(&mut self.random);
        if self.random.percent(50) {
            seen.add("extended");
            let now = moment(self.oracle.now);
            let hours = Hours::new(self.oracle.openings.clone()).unwrap().extended(&more, now).unwrap();
            // What has ended is forgotten by both, and what goes on keeps its beginning.
            self.oracle.openings = hours.during(Range::ALWAYS).collect();
            self.calendar.redefine(terms);
            self.calendar.reopen(hours);
        } else {
            self.calendar.redefine(terms);
            self.calendar.reopen(Hours::new(more.clone()).unwrap());
            self.oracle.openings = more;
        }
        self.oracle.terms = terms;
        if self.oracle.openings.is_empty() {
            self.oracle.openings = random_openings(&mut self.random);
            self.calendar.reopen(Hours::new(self.oracle.openings.clone()).unwrap());
        }
    }

    /// Somebody waits no more, as whose time has come.
    fn go(&mut self, seen: &mut Seen) {
        let now = moment(self.oracle.now);
        let is_due = |wish: &Wish| wish.range().waited_for_until(0) <= now;
        let due = self.oracle.waiters.iter().filter(|(_, wish)| is_due(wish)).map(|(&number, _)| number);
        let mut gone = due.collect::<Vec<_>>();
        if gone.is_empty() {
            gone.extend(self.oracle.waiters.keys().nth(self.random.below(3) as usize).copied());
        }
        for number in gone {
            seen.add("gone");
            let wish = self.oracle.waiters.remove(&number).unwrap();
            self.calendar.leave(number, &wish);
        }
    }

    fn serve(&mut self, seen: &mut Seen) {
        let want = self.oracle.serve();
        let mut served = Vec::new();
        while let Some((number, place)) = self.calendar.next() {
            let claim = self.oracle.claims[self.statuses.len()];
            let waiting = self.calendar.waiter(number);
            assert_eq!(waiting.claim(place), claim, "{:?}: {number:?} is served", self.at);
            self.calendar.leave(number, &waiting);
            let status = self.random.one_of(&[Status::Held, Status::Offered, Status::Confirmed]);
            self.calendar.take(&claim, status);
            self.statuses.push(status);
            served.push((number, place));
        }
        assert_eq!(served, want, "{:?}", self.at);
        assert!(self.calendar.serves_nobody(), "{:?}", self.at);
        match served.len() {
            0 => {}
            1 => seen.add("served"),
            _ => seen.add("served several"),
        }
        let counts = self.calendar.counts();
        let of = |status| {
            let all = self.oracle.claims.iter().zip(&self.statuses).filter(|(_, own)| **own == status);
            all.map(|(claim, _)| u64::from(claim.quantity)).sum::<u64>()
        };
        let plain = [Status::Held, Status::Offered, Status::Confirmed].map(of);
        assert_eq!([counts.held, counts.offered, counts.confirmed], plain, "{:?}", self.at);
        let standing = self.statuses.iter().copied().zip(self.oracle.claims.iter().copied());
        assert!(self.calendar.has_taken(standing), "{:?}", self.at);
    }
}

impl Calendar {
    /// What somebody waits for.
    fn waiter(&self, number: Number) -> Wish {
        *self.everyone_who_waits().find(|(waiter, _)| *waiter == number).unwrap().1
    }
}

impl Seen {
    fn add(&mut self, what: &'static str) {
        self.0.insert(what);
    }
}
