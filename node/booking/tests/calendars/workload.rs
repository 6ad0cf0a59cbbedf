//! What is asked of a calendar, from a seed.

use booking::{Kind, Status};

use crate::oracle::{Actor, Ask, Oracle};
use crate::random::Random;

/// When a calendar begins, in minutes: there is time before it.
pub(crate) const BEGINS: i64 = 5_000;
/// How long it goes on.
const LASTS: i64 = 1_500;

pub(crate) const CUSTOMERS: [&str; 4] = ["ann", "bob", "cid", "dan"];
pub(crate) const NAMES: [&str; 5] = ["one", "two", "three", "four", "five"];

/// What is done next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Book(Ask),
    Cancel(Actor),
    Confirm(Actor),
    Extend(Actor, i64),
    Accept(Actor),
    Decline(Actor),
    Quantity(Actor, u32),
    Move(Actor, (Option<i64>, Option<i64>), Option<Option<&'static str>>),
    /// Become like this; whether with openings.
    Change(Box<Oracle>, Reopens),
    ExtendHours(Vec<(i64, i64)>, i64),
    CancelSlot,
    Pulse,
    Again(usize),
    Restore,
    Free {
        window: (i64, i64),
        length: i64,
        quantity: u32,
        resource: Option<&'static str>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reopens {
    Yes,
    No,
    /// With openings of another rule.
    Wrongly,
}

pub(crate) struct Workload {
    pub(crate) random: Random,
    pub(crate) at: i64,
    next_key: u128,
}

impl Workload {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random(seed), at: BEGINS - 200, next_key: 1_000 }
    }

    fn number(&mut self, numbers: &[i64]) -> i64 {
        *self.random.one_of(numbers)
    }

    /// A calendar as it is made.
    pub(crate) fn making(&mut self) -> Oracle {
        self.at = BEGINS - 200 + self.number(&[0, 100, 250, 600]);
        let count = self.random.maybe(50, |random| *random.one_of(&[1, 1, 2, 3]));
        let names = if count.is_some() { 0 } else { *self.random.one_of(&[1, 1, 2, 3]) };
        let mut new = Oracle {
            now: self.at,
            span: (BEGINS, BEGINS + LASTS),
            count,
            names: NAMES[..names].to_vec(),
            listed: (0..names).collect(),
            ..Oracle::EMPTY
        };
        self.lengths(&mut new);
        self.hours(&mut new);
        self.policy(&mut new);
        new
    }

    fn lengths(&mut self, new: &mut Oracle) {
        new.grid = self.number(&[5, 10, 15]);
        new.minimum = new.grid * self.number(&[1, 1, 2]);
        new.maximum = new.minimum.max(new.grid * self.number(&[2, 4, 8]));
        new.buffers = (self.number(&[0, 0, 3, 15]), self.number(&[0, 0, 5, 10]));
        new.lead = self.number(&[0, 0, 7, 60]);
        new.horizon = self.number(&[200, 600, 2_000]);
    }

    fn hours(&mut self, new: &mut Oracle) {
        new.openings = vec![];
        let mut from = BEGINS + self.number(&[0, 0, -100, 20]);
        while from < BEGINS + LASTS {
            let to = from + self.number(&[60, 100, 240, 500]);
            new.openings.push((from, to));
            from = to + self.number(&[0, 0, 15, 40, 200]);
        }
        new.known_until = BEGINS + LASTS;
        if self.random.percent(40) {
            let shorter = BEGINS + LASTS / 2;
            new.openings.retain(|one| one.1 <= shorter);
            new.known_until = shorter;
        }
    }

    fn policy(&mut self, new: &mut Oracle) {
        new.hold = self.number(&[10, 30, 60]);
        new.hold_max = self.number(&[20, 60, 100]);
        new.offer = self.random.maybe(70, |random| *random.one_of(&[5, 20, 90, 90]));
        new.cancel_until = self.number(&[0, 0, 30]);
        new.limit = self.random.maybe(20, |random| *random.one_of(&[2, 5]));
        new.waitlist = self.random.maybe(85, |random| *random.one_of(&[2, 20, 20]));
        new.organizer_confirms = self.random.percent(15);
    }

    pub(crate) fn next(&mut self, oracle: &Oracle, asked: usize) -> Step {
        if self.random.percent(45) {
            self.at += self.number(&[0, 1, 2, 5, 5, 10, 20]);
        } else if self.random.percent(4) {
            self.at += self.number(&[100, 300]);
        }
        let offers = oracle.bookings.iter().filter(|one| one.status == Status::Offered).count();
        if 0 < offers && self.random.percent(25) {
            let actor = self.actor_of(oracle, Status::Offered);
            return if self.random.percent(60) { Step::Accept(actor) } else { Step::Decline(actor) };
        }
        match self.random.below(100) {
            0..42 => Step::Book(self.ask(oracle)),
            42..52 => Step::Cancel(self.actor(oracle)),
            52..55 => Step::Confirm(self.actor_of(oracle, Status::Held)),
            55..58 => Step::Extend(self.actor_of(oracle, Status::Held), self.number(&[5, 30, 100])),
            58..61 => Step::Accept(self.actor_of(oracle, Status::Offered)),
            61..63 => Step::Decline(self.actor_of(oracle, Status::Offered)),
            63..67 => {
                let status = *self.random.one_of(&[Status::Held, Status::Waitlisted]);
                Step::Quantity(self.actor_of(oracle, status), 1 + self.random.small(3))
            }
            67..77 => self.relocation(oracle),
            77..82 => self.change(oracle),
            82..84 => {
                let until = oracle.known_until + self.number(&[-10, 0, 200, 800]);
                let from = oracle.known_until + self.number(&[0, 0, 20]);
                Step::ExtendHours(vec![(from, from + 100), (from + 120, from + 300)], until)
            }
            84..88 => Step::Pulse,
            88..91 => Step::Again(usize::try_from(self.random.below(asked as u64)).unwrap()),
            91..96 => Step::Restore,
            96 if self.random.percent(10) => Step::CancelSlot,
            _ => Step::Free {
                window: (self.at - 50, self.at + self.number(&[100, 400])),
                length: oracle.grid * self.number(&[1, 2, 3]) + self.number(&[0, 0, 0, 1]),
                quantity: *self.random.one_of(&[1, 1, 2]),
                resource: self.name(oracle, 30),
            },
        }
    }

    /// A name of a resource, perhaps of none that there is.
    fn name(&mut self, oracle: &Oracle, share: u64) -> Option<&'static str> {
        let share = if oracle.count.is_some() { 1 } else { share };
        self.random.maybe(share, |random| *random.one_of(&NAMES))
    }

    /// A range: mostly on the grid, and mostly where others are too.
    fn range(&mut self, oracle: &Oracle) -> (i64, i64) {
        let openings = &oracle.openings;
        let near = openings.iter().filter(|one| self.at < one.1).take(2).copied().collect::<Vec<_>>();
        let start = if near.is_empty() { self.at } else { self.random.one_of(&near).0 };
        let steps = (self.at - start).max(0) / oracle.grid;
        let lead = (oracle.lead + oracle.grid - 1) / oracle.grid;
        let from = start + oracle.grid * (steps + lead + self.number(&[0, 1, 1, 2, 3, 4, 5]));
        let length = oracle.minimum + oracle.grid * self.number(&[0, 1, 2, 3]);
        let off = if self.random.percent(4) { self.number(&[-1, 1, -2_000]) } else { 0 };
        (from + off, from + length + if self.random.percent(3) { self.number(&[1, -500, 400]) } else { off })
    }

    fn ask(&mut self, oracle: &Oracle) -> Ask {
        self.next_key += 1;
        Ask {
            key: self.next_key,
            customer: CUSTOMERS[usize::try_from(self.random.below(4)).unwrap()],
            range: self.range(oracle),
            resource: self.name(oracle, 40),
            quantity: if oracle.count.is_some() { *self.random.one_of(&[1, 1, 1, 2, 3]) } else { 1 },
            confirms: self.random.percent(60),
            hold: self.random.maybe(30, |random| *random.one_of(&[5, 15, 200])),
            waits: self.random.percent(80),
        }
    }

    /// Somebody acts on a booking: mostly one that is not over, and mostly whose it is.
    fn actor(&mut self, oracle: &Oracle) -> Actor {
        self.actor_among(oracle, |status| !status.is_over())
    }

    /// The same, of those that stand like this.
    fn actor_of(&mut self, oracle: &Oracle, wanted: Status) -> Actor {
        self.actor_among(oracle, |status| status == wanted)
    }

    fn actor_among(&mut self, oracle: &Oracle, wanted: impl Fn(Status) -> bool) -> Actor {
        let live = oracle.bookings.iter().filter(|one| wanted(one.status)).collect::<Vec<_>>();
        let key = match (live.is_empty(), self.random.percent(90)) {
            (false, true) => self.random.one_of(&live).key,
            _ => self.random.one_of(&[7, self.next_key]).to_owned(),
        };
        let own = oracle.bookings.iter().find(|one| one.key == key).map_or("ann", |one| one.customer);
        let by = match self.random.below(10) {
            0..6 => Some(own),
            6..9 => None,
            _ => Some(*self.random.one_of(&CUSTOMERS)),
        };
        (key, by)
    }

    fn relocation(&mut self, oracle: &Oracle) -> Step {
        let actor = self.actor(oracle);
        let (from, to) = match oracle.bookings.iter().find(|one| one.key == actor.0) {
            Some(booking) if self.random.percent(60) => {
                let by = oracle.grid * self.number(&[-2, -1, 0, 1, 1, 2]);
                (booking.range.0 + by, booking.range.1 + by + oracle.grid * self.number(&[0, 0, 1]))
            }
            _ => self.range(oracle),
        };
        let (from, to) = (self.random.maybe(90, |_| from), self.random.maybe(90, |_| to));
        let name = self.name(oracle, 50);
        let resource = self.random.maybe(40, |_| name);
        Step::Move(actor, (from, to), resource)
    }

    fn change(&mut self, oracle: &Oracle) -> Step {
        let mut new = oracle.clone();
        let mut reopens = Reopens::No;
        match self.random.below(8) {
            0 => self.lengths(&mut new),
            1 => {
                self.hours(&mut new);
                reopens = Reopens::Yes;
            }
            2 => {
                let share = *self.random.one_of(&[0, 0, 50, -20]);
                new.span = (new.span.0 + share, new.span.1 + self.number(&[0, -300, 100]));
                reopens = *self.random.one_of(&[Reopens::Yes, Reopens::Yes, Reopens::No, Reopens::Wrongly]);
            }
            3 => self.policy(&mut new),
            4 => new.minimum += self.number(&[0, 1, new.grid]),
            _ => self.places(&mut new),
        }
        Step::Change(Box::new(new), reopens)
    }

    fn places(&mut self, new: &mut Oracle) {
        if new.count.is_some() {
            new.count = Some(*self.random.one_of(&[1, 2, 3, 4]));
            return;
        }
        new.listed = vec![];
        for name in NAMES {
            let number = new.names.iter().position(|other| *other == name);
            if self.random.percent(60) {
                let number = number.unwrap_or(new.names.len());
                if number == new.names.len() {
                    new.names.push(name);
                }
                if self.random.percent(50) { new.listed.push(number) } else { new.listed.insert(0, number) }
            }
        }
    }
}

/// What must have happened often, for the rest to mean anything.
pub(crate) const EVERYTHING: &[&str] = &[
    "Book Confirmed",
    "Book Held",
    "Book Waitlisted",
    "Book RangeRefused Hours",
    "Book RangeRefused Grid",
    "Book RangeRefused Length",
    "Book RangeRefused Lead",
    "Book RangeRefused Horizon",
    "Book RangeTaken",
    "Book WaitlistFull",
    "Book CustomerLimit",
    "Book QuantityTooLarge",
    "Book NoSuchResource",
    "Book RangeEmpty",
    "Cancel Cancelled",
    "Cancel TooLate",
    "Cancel AlreadyOver",
    "Confirm Confirmed",
    "Confirm Forbidden",
    "Extend Held",
    "Accept Confirmed",
    "Accept Held",
    "Decline Declined",
    "Quantity Held",
    "Quantity Waitlisted",
    "Quantity MoreThanBooked",
    "Move Confirmed",
    "Move Held",
    "Move RangeTaken",
    "Move NotHeld",
    "Move TooLate",
    "Move AlreadyOver",
    "Change Slot",
    "Change CapacityInUse",
    "Change Outdated",
    "Change MinimumOffGrid",
    "ExtendHours Slot",
    "lapsed by time",
    "served by time",
    "served at once",
    "free",
];

/// What a record tells of itself that time alone made.
pub(crate) const fn by_time(kind: Kind) -> bool {
    matches!(kind, Kind::Lapsed | Kind::Finished)
}
