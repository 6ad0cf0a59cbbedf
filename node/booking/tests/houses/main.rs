//! Houses sold at random, beside a naive oracle: every answer, every record and every view must be equal, the invariants must hold
//! after every step, and a slot that was saved, as bytes and in parts, and restored must not differ from one that was not.
//!
//! A failure prints its seed, and the step that failed.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod commands;
mod company;
mod judge;
mod layout;
mod oracle;
#[path = "../model/workload/random.rs"]
mod random;
mod till;
mod wares;
mod workload;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use booking::stored;
use booking::{
    Absent, Booking, BookingView, Changes, Decision, Filter, HouseChanges, Level, Number, Outcome, Places,
    PlanPart, ReceiptRecord, Record, Reference, Request, RequestKey, SalePart, SavedHouse, SavedIntents,
    SavedSlot, Seat, Seating, Slot, Status, Timestamp, Told,
};
use oracle::{Gave, Oracle};
use workload::{Step, Workload};

/// How many houses live, and for how long.
const SEEDS: u64 = 2_800;
const STEPS: u64 = 150;

/// How many failures a thread tells.
const FAILURES: usize = 4;

/// How often everything that can happen must have happened.
const OFTEN: u64 = 25;

/// How long a booking that is over stays in memory, in milliseconds.
const OVER_IN_MEMORY_MS: u64 = 2_000;

type Seen = BTreeMap<String, u64>;

#[test]
fn a_house_does_what_the_oracle_does() {
    let work = |first: u64| {
        let (mut seen, mut failed) = (Seen::new(), vec![]);
        for seed in (first..SEEDS).step_by(2) {
            // Each that fails says why where it does; a few say enough.
            if catch_unwind(AssertUnwindSafe(|| live(seed, &mut seen))).is_err() {
                failed.push(seed);
            }
            if failed.len() == FAILURES {
                break;
            }
        }
        (seen, failed)
    };
    let done = thread::scope(|scope| {
        let workers = [0, 1].map(|first| scope.spawn(move || work(first)));
        workers.map(|worker| worker.join().unwrap())
    });
    let (mut seen, mut failed) = (Seen::new(), vec![]);
    for (theirs, failures) in done {
        failed.extend(failures);
        for (what, times) in theirs {
            *seen.entry(what).or_default() += times;
        }
    }
    assert_eq!(failed, [0; 0], "the seeds of houses that did otherwise");
    for what in EVERYTHING {
        let count = seen.get(*what).copied().unwrap_or(0);
        assert!(OFTEN <= count, "{what:?} only {count} times of {seen:#?}");
    }
}

/// Lives the life of a house.
fn live(number: u64, seen: &mut Seen) {
    let mut workload = Workload::new(number);
    let (at, request, definition, layout) = workload.making();
    let (mut slot, mut records) = (None, vec![]);
    let answer = Slot::apply(&mut slot, Level::NEWEST, Timestamp(at), &request, &mut records);
    let (oracle, outcome, record) = Oracle::new(at, &request, definition, layout);
    assert_eq!((answer, records), (outcome, vec![record]), "seed {number}");
    workload.asked.push(request.clone());
    let slot = slot.unwrap();
    let mut world = World { slot, oracle, saved: None, past: BTreeMap::new(), asked: vec![request.key] };
    for nth in 0..STEPS {
        let step = workload.next(&world.oracle);
        let told = format!("seed {number}, step {nth}: {step:?}");
        world.take(&step, seen, &told);
        if world.oracle.cancelled && workload.random.percent(5) {
            break;
        }
    }
    world.check_lists(&format!("seed {number}, in the end"));
}

/// The slot, what is saved of it, and the oracle.
struct World {
    slot: Slot,
    oracle: Oracle,
    saved: Option<Saved>,
    /// Those that have left memory.
    past: BTreeMap<Number, Vec<u8>>,
    asked: Vec<RequestKey>,
}

/// What is saved of a slot, as bytes.
#[derive(Default)]
struct Saved {
    header: Vec<u8>,
    bookings: BTreeMap<Number, Vec<u8>>,
    receipts: BTreeMap<RequestKey, Vec<u8>>,
    plan: Vec<Vec<u8>>,
    sale: Vec<Vec<u8>>,
}

impl World {
    fn take(&mut self, step: &Step, seen: &mut Seen, told: &str) {
        match step {
            Step::Request(at, request) => self.apply(*at, request, seen, told),
            Step::Pulse(at) => {
                let mut records = vec![];
                self.slot.pulse(Level::NEWEST, Timestamp(*at), &mut records);
                let expected = self.oracle.pulse(*at, &gave(&records));
                assert_eq!(plain_records(records), expected, "{told}");
            }
            Step::Save => self.save(told),
            Step::Restore => {
                self.save(told);
                self.restore(told);
            }
        }
        assert_eq!(self.slot.check(), Ok(()), "{told}");
        assert_eq!(self.slot.view(), self.oracle.view(), "{told}");
        assert_eq!(self.slot.deadline().map(|at| at.0), self.oracle.deadline(), "{told}");
    }

    fn apply(&mut self, at: u64, request: &Request, seen: &mut Seen, told: &str) {
        for absent in self.slot.absent_for(request).collect::<Vec<_>>() {
            self.recall(absent);
        }
        // What is asked goes through the log as bytes.
        let logged = bytes(&stored::Request::at(Level::NEWEST, request.clone()));
        let request = &read::<stored::Request, Request>(&logged);
        let (mut slot, mut records) = (Some(core::mem::replace(&mut self.slot, nobody())), vec![]);
        let outcome = Slot::apply(&mut slot, Level::NEWEST, Timestamp(at), request, &mut records);
        self.slot = slot.unwrap();
        note(request, &outcome, &records, seen);
        for record in &records {
            let written = bytes(&stored::Record::at(Level::NEWEST, record.clone()));
            assert_eq!(&read::<stored::Record, Record>(&written), record, "{told}");
        }
        let written = bytes(&stored::Outcome::at(Level::NEWEST, outcome.clone()));
        assert_eq!(read::<stored::Outcome, Outcome>(&written), outcome, "{told}");
        self.asked.push(request.key);
        let mut gave = gave(&records);
        if let Decision::Booking(view) = &outcome.decision {
            gave.extend(view.seating.clone().map(|seating| (view.id.request, seating)));
        }
        let is_redrawn = records.iter().any(|record| matches!(record.told.as_deref(), Some(Told::Map(_))));
        let before = if is_redrawn { before(request, &gave) } else { gave.clone() };
        let (expected, expected_records) = self.oracle.apply(at, request, &before, &gave);
        assert_eq!(plain(outcome), plain(expected), "{told}");
        assert_eq!(plain_records(records), expected_records, "{told}");
    }

    fn recall(&mut self, absent: Absent) {
        let all = self.past.values().map(|bytes| read::<stored::Booking, Booking>(bytes));
        let found = all.into_iter().find(|booking| match absent {
            Absent::MadeBy(request) => booking.record.request == request,
            Absent::Numbered(number) => booking.record.number == number,
        });
        if let Some(booking) = found {
            self.slot.recall(booking);
        }
    }

    /// Saves what changed, and lets go whoever is over for long.
    fn save(&mut self, told: &str) {
        let over_by = Timestamp(self.oracle.stamp.saturating_sub(OVER_IN_MEMORY_MS));
        let changes = self.slot.take_changes(over_by);
        let Changes { header, bookings, leaving, receipts, forgotten, intents: _, house } = changes;
        let HouseChanges { plan, sale, hours: _ } = house;
        let is_first = self.saved.is_none();
        let saved = self.saved.get_or_insert_default();
        assert!(plan.is_some() || !is_first, "{told}: the house is saved at first");
        let at = Level::NEWEST;
        saved.header = bytes(&stored::Header::at(at, header));
        let put = |booking: Booking| (booking.record.number, bytes(&stored::Booking::at(at, booking)));
        saved.bookings.extend(bookings.into_iter().map(put));
        for receipt in receipts {
            saved.receipts.insert(receipt.request, bytes(&stored::Receipt::at(at, receipt)));
        }
        for request in forgotten {
            saved.receipts.remove(&request);
        }
        for booking in leaving {
            saved.bookings.remove(&booking.record.number);
            self.past.extend([put(booking)]);
        }
        if let Some(plan) = plan {
            saved.plan = plan.into_iter().map(|part| bytes(&stored::PlanPart::at(at, part))).collect();
        }
        if let Some(sale) = sale {
            saved.sale = sale.into_iter().map(|part| bytes(&stored::SalePart::at(at, part))).collect();
        }
        self.slot.let_go(&self.past.keys().copied().collect::<Vec<_>>());
    }

    /// Goes on with a slot that is made from what is saved.
    fn restore(&mut self, told: &str) {
        let saved = self.saved.as_ref().unwrap();
        let house = SavedHouse {
            plan: saved.plan.iter().rev().map(|part| read::<stored::PlanPart, PlanPart>(part)).collect(),
            sale: saved.sale.iter().rev().map(|part| read::<stored::SalePart, SalePart>(part)).collect(),
            hours: vec![],
        };
        let mut restored = Slot::restore(SavedSlot {
            header: read::<stored::Header, booking::Header>(&saved.header),
            bookings: saved.bookings.values().map(|bytes| read::<stored::Booking, Booking>(bytes)).collect(),
            receipts: saved
                .receipts
                .values()
                .map(|bytes| read::<stored::Receipt, ReceiptRecord>(bytes))
                .collect(),
            intents: SavedIntents::default(),
            house,
        })
        .unwrap_or_else(|broken| panic!("{told}: {broken}"));
        assert_eq!(restored.digest(), self.slot.digest(), "{told}");
        let nothing = restored.take_changes(Timestamp(0));
        let is_saved = nothing.bookings.is_empty()
            && nothing.receipts.is_empty()
            && nothing.house == HouseChanges::default();
        assert!(is_saved, "{told}: a restored slot is saved already");
        self.slot = restored;
    }

    /// Every booking and every answer is as the oracle says.
    fn check_lists(&mut self, told: &str) {
        for bytes in self.past.values() {
            self.slot.recall(read::<stored::Booking, Booking>(bytes));
        }
        assert_eq!(self.slot.check(), Ok(()), "{told}: with everyone called back");
        for &key in &self.asked {
            let ours = self.slot.remembered(key).map(|first| Outcome { replayed: false, ..plain(first) });
            assert_eq!(ours, self.oracle.remembered(key).cloned().map(plain), "{told}: {key:?}");
        }
        let listed = self.slot.bookings(&Filter::default(), None, usize::MAX).found;
        let listed = listed.into_iter().map(|(_, view)| plain_view(view)).collect::<Vec<_>>();
        let expected = (0..self.oracle.bookings.len()).map(|place| self.oracle.booking(place));
        assert_eq!(listed, expected.collect::<Vec<_>>(), "{told}");
        let waiting = Filter { status: Some(Status::Waitlisted), ..Filter::default() };
        let waiting = self.slot.bookings(&waiting, None, usize::MAX).found.len();
        assert_eq!(waiting, self.oracle.waiters().count(), "{told}");
        let map = self.slot.seat_map().unwrap();
        assert_eq!(
            (map.map, map.seats().count()),
            (self.oracle.map(), self.oracle.layout.chairs.len()),
            "{told}"
        );
    }
}

/// A slot that stands where one is while it is asked.
fn nobody() -> Slot {
    let (at, making, ..) = Workload::new(0).making();
    let mut slot = None;
    Slot::apply(&mut slot, Level::NEWEST, Timestamp(at), &making, &mut vec![]);
    slot.unwrap()
}

/// What a step gave to whom.
fn gave(records: &[Record]) -> Gave {
    let views = records.iter().flat_map(|record| &record.bookings);
    views.filter_map(|view| Some((view.id.request, view.seating.clone()?))).collect()
}

/// The same by the map of before a request, for whom it was given then.
fn before(request: &Request, gave: &Gave) -> Gave {
    let booking::Command::ChangeSlot(change) = &request.command else { return gave.clone() };
    let Some(change) = &change.map else { return gave.clone() };
    let back = |seating: &Seating| {
        let old = |new: &Seat| change.table.seats.iter().position(|seat| *seat == Some(*new));
        let seats = seating.places.seats().iter().map(|new| Some(Seat(u32::try_from(old(new)?).ok()?)));
        let places = Places::new(seats.collect::<Option<Vec<_>>>()?, seating.places.areas().to_vec())?;
        Some(Seating { places, ..seating.clone() })
    };
    gave.iter().filter_map(|(&key, seating)| Some((key, Arc::new(back(seating)?)))).collect()
}

fn bytes<T: serde::Serialize>(value: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, bincode::config::standard()).unwrap()
}

fn read<Stored: serde::de::DeserializeOwned, T: From<Stored>>(bytes: &[u8]) -> T {
    let (stored, length) =
        bincode::serde::decode_from_slice::<Stored, _>(bytes, bincode::config::standard()).unwrap();
    assert_eq!(length, bytes.len());
    stored.into()
}

fn plain(outcome: Outcome) -> Outcome {
    match outcome.decision {
        Decision::Booking(view) => Outcome { decision: Decision::Booking(plain_view(view)), ..outcome },
        // Of what is called off nothing can be booked, whatever it would cost by now: nobody is told how much that would be.
        Decision::Slot(mut view) if view.cancelled => {
            if let Some(house) = view.house.as_mut() {
                Arc::make_mut(house).bookable = 0;
            }
            if let Some(goods) = view.goods.as_mut() {
                Arc::make_mut(goods).bookable = 0;
            }
            Outcome { decision: Decision::Slot(view), ..outcome }
        }
        Decision::Slot(_)
        | Decision::Refused(_)
        | Decision::Explained(..)
        | Decision::AnotherMap
        | Decision::KeyReused
        | Decision::NotFound
        | Decision::Forbidden => outcome,
    }
}

fn plain_records(records: Vec<Record>) -> Vec<Record> {
    let plain =
        |record: Record| Record { bookings: record.bookings.into_iter().map(plain_view).collect(), ..record };
    records.into_iter().map(plain).collect()
}

fn plain_view(view: BookingView) -> BookingView {
    BookingView { reference: Reference::parse("00000000").unwrap(), ..view }
}

fn note(request: &Request, outcome: &Outcome, records: &[Record], seen: &mut Seen) {
    use booking::{Command, SeatsAsked, Wish};
    let verb = match &request.command {
        Command::CreateSlot(_) => "create",
        Command::CancelSlot => "cancel slot",
        Command::Book(book) => match &book.wish {
            Wish::Units(_) | Wish::Range(_) => "units",
            Wish::Seats(wish) => match &wish.asked {
                SeatsAsked::Pick(_) => "pick",
                SeatsAsked::Best(best) if best.accessible > 0 => "accessible",
                SeatsAsked::Best(_) => "best",
            },
        },
        Command::CancelBooking(_) => "cancel",
        Command::ConfirmBooking(_) => "confirm",
        Command::ExtendHold(_) => "extend",
        Command::AcceptOffer(_) => "accept",
        Command::DeclineOffer(_) => "decline",
        Command::ChangeSlot(change) if change.map.is_some() => "map",
        Command::ChangeSlot(change) if change.tariff.is_some() => "tariff",
        Command::ChangeSlot(_) => "change",
        Command::ChangeQuantity(_) => "quantity",
        Command::SwapSeats(_) => "swap",
        Command::ChangeSale(_) => "sale",
        Command::MoveBooking(_) => "move",
        Command::ExtendHours(_) => "extend hours",
    };
    let decision = match &outcome.decision {
        Decision::Slot(_) => "slot".into(),
        Decision::Booking(view) => format!("{:?}", view.status),
        Decision::Refused(refusal) | Decision::Explained(refusal, _) => refusal.to_string(),
        Decision::AnotherMap => "another map".into(),
        Decision::KeyReused => "key reused".into(),
        Decision::NotFound => "not found".into(),
        Decision::Forbidden => "forbidden".into(),
    };
    let again = if outcome.replayed { " again" } else { "" };
    let nothing = if records.is_empty() && !outcome.replayed { ", nothing" } else { "" };
    let done = matches!(outcome.decision, Decision::Slot(_) | Decision::Booking(_));
    *seen.entry(format!("{verb}: {decision}{again}{}", if done { nothing } else { "" })).or_default() += 1;
    for record in records {
        for view in &record.bookings {
            *seen.entry(format!("{:?} record: {:?}", record.kind, view.status)).or_default() += 1;
        }
    }
}

/// Everything that can happen.
const EVERYTHING: &[&str] = &[
    "pick: Held",
    "pick: Confirmed",
    "pick: Confirmed again",
    "pick: seats_refused",
    "pick: seats_refused again",
    "pick: leaves_single",
    "pick: malformed",
    "pick: customer_limit",
    "pick: slot_cancelled",
    "pick: not_on_sale",
    "pick: another map",
    "best: Held",
    "best: Confirmed",
    "best: Confirmed again",
    "best: Waitlisted",
    "best: Waitlisted again",
    "best: not_together",
    "best: quantity_too_large",
    "best: sold_out",
    "best: waitlist_full",
    "best: customer_limit",
    "accessible: Confirmed",
    "accessible: Waitlisted",
    "units: malformed",
    "pick: price_changed",
    "pick: quota_exhausted",
    "pick: quota_exhausted again",
    "pick: lines_scattered",
    "best: price_changed",
    "best: quota_exhausted",
    "best: lines_wanted",
    "best: no_such_product",
    "swap: quota_exhausted",
    "map: category_gone",
    "swap: seats_uneven",
    "quantity: lines_unnamed",
    "confirm: payment_required",
    "accept: Held",
    "tariff: slot",
    "tariff: slot again",
    "tariff: capacity_in_use",
    "swap: Held",
    "swap: Held, nothing",
    "swap: Held again",
    "swap: Confirmed",
    "swap: seats_refused",
    "swap: leaves_single",
    "swap: customer_limit",
    "swap: malformed",
    "swap: not_held",
    "swap: hold_expired",
    "swap: another map",
    "swap: not found",
    "sale: slot",
    "sale: slot again",
    "sale: slot, nothing",
    "sale: seats_refused",
    "sale: malformed",
    "sale: another map",
    "map: slot",
    "map: slot again",
    "map: capacity_in_use",
    "map: another map",
    "change: slot",
    "quantity: Held",
    "quantity: Waitlisted",
    "quantity: Confirmed",
    "quantity: seats_unnamed",
    "quantity: more_than_booked",
    "confirm: Confirmed again",
    "accept: Confirmed",
    "decline: Declined",
    "Cancelled record: Confirmed",
    "Cancelled record: Offered",
    "Lapsed record: Confirmed",
    "Reseated record: Confirmed",
    "SeatsChanged record: Offered",
    "SlotChanged record: Cancelled",
    "SlotChanged record: Confirmed",
    "QuantityChanged record: Confirmed",
];
