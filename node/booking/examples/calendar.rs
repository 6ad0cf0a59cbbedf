//! How long a calendar takes with a hundred thousand bookings, and how much memory: prints figures, and fails at nothing. Each step is a
//! request to a slot, with all that it remembers.
//!
//! `cargo run --release -p booking --example calendar`

#![expect(clippy::print_stdout, reason = "printing is all that it does")]
#![expect(clippy::disallowed_methods, reason = "it measures time, and is no part of the rules")]
#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped cannot be measured")]

mod counting;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use booking::{
    Act, Book, CalendarPlaces, CalendarStock, Command, ConfirmedBy, Decision, Definition, Fingerprint,
    FreeAsked, HoursRule, Lengths, Level, Mode, MoveBooking, NewSlot, Openings, Order, Partition, Party,
    Policy, Promotion, Range, RangeWish, Request, RequestKey, Resources, Sale, Secret, Slot, SlotId, Stock,
    Timestamp, WaitlistPolicy, WhenFull, Wish,
};

const BOOKINGS: usize = 100_000;
const WAITERS: usize = 10_000;
/// How many of the bookings are held, and not confirmed, when it is told when the calendar is taken.
const HOLDS: usize = 25_000;
/// How often something is done that is measured.
const TIMES: usize = 2_000;
/// In how many days bookings lie.
const DAYS: u32 = 62;

/// A kind of calendar, in minutes.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// None where it has 256 resources with names.
    count: Option<u32>,
    grid: u32,
    /// How many places of the grid a booking lasts, at most.
    longest: u32,
    before: u32,
    after: u32,
    /// When it is open each day.
    open: (u32, u32),
}

fn main() {
    let plain =
        Kind { name: "", count: Some(10_000), grid: 1, longest: 120, before: 0, after: 0, open: (0, 1_440) };
    let kinds = [
        Kind { name: "10,000 alike, by the minute", ..plain },
        Kind { name: "10,000 alike, up to 14 days", longest: 20_000, ..plain },
        Kind { name: "200 alike, buffers, nearly full", count: Some(200), before: 7, after: 11, ..plain },
        Kind {
            name: "100 alike, 8 to 22, half hours",
            count: Some(100),
            grid: 30,
            longest: 4,
            open: (480, 1_320),
            ..plain
        },
        Kind { name: "256 named, quarters", count: None, grid: 15, longest: 5, ..plain },
        Kind { name: "256 named, buffers", count: None, longest: 40, before: 3, after: 5, ..plain },
    ];
    for kind in kinds {
        World::new(kind).measure();
    }
}

/// A calendar, and what was asked of it so far.
struct World {
    kind: Kind,
    slot: Option<Slot>,
    random: Random,
    /// The latest key.
    key: u128,
    /// The requests whose bookings are confirmed.
    booked: Vec<u128>,
}

impl World {
    fn new(kind: Kind) -> Self {
        let mut world = Self { kind, slot: None, random: Random(1), key: 0, booked: Vec::new() };
        let each = (0..DAYS + 40).map(|day| range(day * 1_440 + kind.open.0, day * 1_440 + kind.open.1));
        let openings = Openings { each: each.collect(), until: minute(1_080 * 1_440) };
        let new = NewSlot::of_calendar(kind.definition(), openings);
        world.ask(Command::CreateSlot(Box::new(new)));
        world
    }

    fn measure(mut self) {
        let before = counting::used();
        let mut tries = 0;
        while self.booked.len() < BOOKINGS && tries < 4 * BOOKINGS {
            tries += 1;
            let wish = self.wish();
            self.book(wish, WhenFull::Refuse);
        }
        let list = self.booked.capacity() * size_of::<u128>();
        let used = counting::used() - before - list;
        println!(
            "\n{}: {} bookings in {tries} tries, {} kB",
            self.kind.name,
            self.booked.len(),
            used / 1_000
        );
        self.change();
        self.look();
        self.tell_busy("0");
        self.hold();
        self.tell_busy("25,000");
        self.wait();
    }

    /// Bookings are made, moved and given back, one after the other.
    fn change(&mut self) {
        let (mut booked, mut refused, mut moved, mut given_back) = (vec![], vec![], vec![], vec![]);
        for _ in 0..TIMES {
            let place = self.random.below(u32::try_from(self.booked.len()).unwrap()) as usize;
            let gone = self.booked.swap_remove(place);
            given_back.push(self.timed(Command::CancelBooking(act(gone))).1);
            for _ in 0..50 {
                let wish = self.wish();
                let (is_booked, nanos) = self.book(wish, WhenFull::Refuse);
                if is_booked {
                    booked.push(nanos);
                    break;
                }
                refused.push(nanos);
            }
            let RangeWish { from, to, .. } = self.wish();
            let asked = MoveBooking {
                act: act(*self.booked.last().unwrap()),
                from: Some(from),
                to: Some(to),
                resource: self.kind.count.is_none().then_some(None),
            };
            moved.push(self.timed(Command::MoveBooking(Box::new(asked))).1);
        }
        tell("  booked", booked);
        tell("  refused, with conflicts", refused);
        tell("  given back", given_back);
        tell("  moved, or not", moved);
    }

    /// What is free, over 62 days, page by page.
    fn look(&self) {
        let slot = self.slot.as_ref().unwrap();
        let window = range(0, DAYS * 1_440);
        for quantity in [1, self.kind.count.unwrap_or(1).div_ceil(2)] {
            let ask = FreeAsked { window, seconds: self.kind.grid * 60, quantity, resource: None };
            let (mut after, mut times, mut found) = (None, vec![], 0);
            loop {
                let begin = Instant::now();
                let page = black_box(slot.free(minute(0), black_box(&ask), after, 100)).unwrap();
                times.push(begin.elapsed().as_nanos());
                let Some(last) = page.last() else { break };
                (after, found) = (Some(last.place), found + page.len());
                if 1_000 <= times.len() {
                    break;
                }
            }
            tell(&format!("  free for {quantity}: pages of 100, {found} in all"), times);
        }
    }

    /// Many of those who have confirmed give it back, and as many hold something else.
    fn hold(&mut self) {
        let mut held = vec![];
        for _ in 0..HOLDS.min(self.booked.len()) {
            let place = self.random.below(u32::try_from(self.booked.len()).unwrap()) as usize;
            let gone = self.booked.swap_remove(place);
            self.timed(Command::CancelBooking(act(gone)));
            for _ in 0..50 {
                let wish = self.wish();
                let (is_held, nanos) = self.take(wish, Mode::Hold, WhenFull::Refuse);
                if is_held {
                    held.push(nanos);
                    break;
                }
            }
        }
        tell("  held", held);
    }

    /// When it is taken, over 62 days, as `text/calendar` tells it.
    fn tell_busy(&self, held: &str) {
        let slot = self.slot.as_ref().unwrap();
        let window = range(0, DAYS * 1_440);
        for quantity in [1, self.kind.count.unwrap_or(1).div_ceil(2)] {
            let ask = FreeAsked { window, seconds: 0, quantity, resource: None };
            let (mut times, mut found) = (vec![], 0);
            for _ in 0..100 {
                let begin = Instant::now();
                let busy = black_box(slot.busy(black_box(&ask))).unwrap();
                times.push(begin.elapsed().as_nanos());
                found = busy.taken.len() + busy.firmly.len();
            }
            tell(&format!("  taken for {quantity}, {held} held: {found} in all"), times);
        }
    }

    /// Ten thousand wait, and something is freed again and again.
    fn wait(&mut self) {
        let mut waiting = 0;
        for _ in 0..4 * WAITERS {
            let wish = self.wish();
            let before = self.booked.len();
            let (is_done, _nanos) = self.book(wish, WhenFull::Waitlist);
            if is_done && self.booked.len() == before {
                waiting += 1;
            }
            if waiting == WAITERS {
                break;
            }
        }
        let mut times = vec![];
        for _ in 0..TIMES.min(self.booked.len()) {
            let gone = self.booked.pop().unwrap();
            times.push(self.timed(Command::CancelBooking(act(gone))).1);
        }
        tell(&format!("  given back, {waiting} wait"), times);
    }

    /// Whether a booking was made, or waits; and in which time that was decided.
    fn book(&mut self, wish: RangeWish, when_full: WhenFull) -> (bool, u128) {
        self.take(wish, Mode::Confirm, when_full)
    }

    /// The same, for good or for a while.
    fn take(&mut self, wish: RangeWish, mode: Mode, when_full: WhenFull) -> (bool, u128) {
        let book = Book {
            customer: format!("customer {}", self.key % 50_000).into(),
            wish: Wish::Range(Box::new(wish)),
            mode,
            hold_seconds: None,
            when_full,
            basket: None,
        };
        let (decision, nanos) = self.timed(Command::Book(book));
        let Decision::Booking(view) = decision else { return (false, nanos) };
        if view.status == booking::Status::Confirmed {
            self.booked.push(self.key);
        }
        (true, nanos)
    }

    /// What is decided, and in which time.
    fn timed(&mut self, command: Command) -> (Decision, u128) {
        let request = self.request(command);
        let mut records = Vec::with_capacity(1);
        let begin = Instant::now();
        let outcome =
            Slot::apply(&mut self.slot, Level::NEWEST, minute(0), black_box(&request), &mut records);
        let nanos = begin.elapsed().as_nanos();
        self.save();
        (outcome.decision, nanos)
    }

    fn ask(&mut self, command: Command) {
        let request = self.request(command);
        let outcome = Slot::apply(&mut self.slot, Level::NEWEST, minute(0), &request, &mut vec![]);
        assert!(matches!(outcome.decision, Decision::Slot(_)), "{outcome:?}");
    }

    fn request(&mut self, command: Command) -> Request {
        self.key += 1;
        let slot = SlotId { partition: Partition::new(1).unwrap(), hash: 1 };
        Request { slot, key: RequestKey(self.key), fingerprint: Fingerprint(1), command }
    }

    /// What has changed is saved now and then, as a node does.
    fn save(&mut self) {
        if self.key.is_multiple_of(1_000) {
            drop(self.slot.as_mut().unwrap().take_changes(Timestamp(0)));
        }
    }

    /// Something that may be asked for, anywhere.
    fn wish(&mut self) -> RangeWish {
        let Kind { grid, longest, open: (open, close), count, .. } = self.kind;
        let length = (1 + self.random.below(longest)) * grid;
        let begin = self.random.below(((close - open).max(length) - length) / grid + 1) * grid;
        let from = self.random.below(DAYS) * 1_440 + open + begin;
        let quantity = if count.is_some() { 1 + self.random.below(2) } else { 1 };
        RangeWish { from: minute(from), to: minute(from + length), resource: None, quantity }
    }
}

impl Kind {
    fn definition(&self) -> Definition {
        let names = (0..256).map(|name| format!("resource {name}").into()).collect::<Vec<_>>();
        let places = match self.count {
            Some(count) => CalendarPlaces::Count(count),
            None => CalendarPlaces::Resources(Resources::new(&names).unwrap()),
        };
        let lengths = Lengths {
            grid_seconds: self.grid * 60,
            minimum_seconds: self.grid * 60,
            maximum_seconds: self.grid * self.longest * 60,
            before_seconds: self.before * 60,
            after_seconds: self.after * 60,
            lead_seconds: 0,
            horizon_seconds: 93_312_000,
        };
        let rule = HoursRule { time_zone: "UTC".into(), ..HoursRule::default() };
        let waitlist = WaitlistPolicy {
            capacity: 10_000,
            promotion: Promotion::Confirm,
            offer_seconds: 900,
            order: Order::SkipFit,
        };
        Definition {
            organizer: "club".into(),
            placement: None,
            title: "courts".into(),
            starts_at: minute(0),
            ends_at: minute(1_080 * 1_440),
            sale: Sale { opens_at: None, closes_at: None },
            stock: Stock::Calendar(Arc::new(CalendarStock { places, lengths, rule })),
            tariff: None,
            policy: Policy {
                confirmed_by: ConfirmedBy::Customer,
                hold_seconds: 600,
                hold_seconds_max: 1_800,
                customer_limit: None,
                cancel_until_seconds: 0,
                waitlist: Some(waitlist),
                on_account: None,
            },
            secret: Secret([1; 16]),
        }
    }
}

fn act(key: u128) -> Act {
    Act { booking: RequestKey(key), by: Party::Organizer }
}

/// Numbers from a seed (`SplitMix64`, G. L. Steele and others, 2014).
struct Random(u64);

impl Random {
    /// A number below this one.
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(end)).unwrap()
    }
}

fn minute(minute: u32) -> Timestamp {
    Timestamp(1_800_000_000_000 + u64::from(minute) * 60_000)
}

fn range(from: u32, to: u32) -> Range {
    Range::new(minute(from), minute(to)).unwrap()
}

fn tell(what: &str, mut nanos: Vec<u128>) {
    nanos.sort_unstable();
    let Some(last) = nanos.len().checked_sub(1) else { return };
    let micros = |nanos: u128| format!("{}.{:02}", nanos / 1_000, nanos % 1_000 / 10);
    let (median, late, worst) = (nanos[last / 2], nanos[last * 99 / 100], nanos[last]);
    println!("{what:<44}{:>10}{:>10}{:>10} µs", micros(median), micros(late), micros(worst));
}
