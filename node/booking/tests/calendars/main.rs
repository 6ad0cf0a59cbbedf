//! Calendars booked at random, beside an oracle that looks at every minute: every answer, every record and every view must be equal, the
//! invariants must hold after every step, nothing may happen by time before the deadline that the slot says, and a slot that was saved,
//! as bytes and in parts, and restored must not differ from one that was not.
//!
//! A failure prints its seed, and the step that failed.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]
#![expect(clippy::option_option, reason = "what is left out stays, and none within is any resource")]

mod oracle;
#[path = "../model/workload/random.rs"]
mod random;
mod spoken;
mod workload;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use booking::{
    Booking, BookingView, Changes, Decision, FreeAsked, HoursPart, Level, Number, Outcome, Range,
    ReceiptRecord, Record, Request, RequestKey, SavedHouse, SavedIntents, SavedSlot, Slot, Status, Timestamp,
    stored,
};
use oracle::{Answer, Done, Oracle, Told};
use spoken::{at, minute};
use workload::{EVERYTHING, Step, Workload};

/// How many calendars live, and for how long.
const SEEDS: u64 = 400;
const STEPS: u64 = 150;

/// How often everything that can happen must have happened.
const OFTEN: u64 = 20;

/// How long answers to changes are remembered for certain, in minutes.
const REMEMBERED: i64 = 24 * 60;

type Seen = BTreeMap<String, u64>;

#[test]
fn a_calendar_does_what_the_oracle_does() {
    let (mut seen, mut failed) = (Seen::new(), vec![]);
    for seed in 0..SEEDS {
        // Each that fails says why where it does; a few say enough.
        if failed.len() < 3 && catch_unwind(AssertUnwindSafe(|| live(seed, &mut seen))).is_err() {
            failed.push(seed);
        }
    }
    assert_eq!(failed, [0; 0], "the seeds of calendars that did otherwise");
    for what in EVERYTHING {
        let count = seen.get(*what).copied().unwrap_or(0);
        assert!(OFTEN <= count, "{what:?} only {count} times of {seen:#?}");
    }
}

fn live(seed: u64, counts: &mut Seen) {
    let mut workload = Workload::new(seed);
    let oracle = workload.making();
    let request = spoken::creation(&oracle);
    let (mut slot, mut records) = (None, vec![]);
    let made = Slot::apply(&mut slot, Level::NEWEST, at(workload.at), &request, &mut records);
    assert!(matches!(made.decision, Decision::Slot(_)), "seed {seed}: {made:?}");
    let mut world = World { slot, oracle, saved: Saved::default(), asked: vec![] };
    world.asked.push((request, made, workload.at));
    for nth in 0..STEPS {
        let step = workload.next(&world.oracle, world.asked.len());
        let told = format!("seed {seed}, step {nth} at {}: {step:?}", workload.at);
        world.take(&step, workload.at, counts, &told);
        world.compare(&told);
        if world.oracle.cancelled {
            break;
        }
    }
}

/// The slot, what is saved of it, and the oracle.
struct World {
    slot: Option<Slot>,
    oracle: Oracle,
    saved: Saved,
    /// What was asked, what was answered, and when.
    asked: Vec<(Request, Outcome, i64)>,
}

/// What is saved of a slot, as bytes.
#[derive(Default)]
struct Saved {
    bookings: BTreeMap<Number, Vec<u8>>,
    receipts: BTreeMap<RequestKey, Vec<u8>>,
    hours: Vec<Vec<u8>>,
}

impl World {
    fn slot(&self) -> &Slot {
        self.slot.as_ref().unwrap()
    }

    fn take(&mut self, step: &Step, now: i64, seen: &mut Seen, told: &str) {
        match step {
            Step::Restore => self.restore(told),
            Step::Free { window, length, quantity, resource } => {
                let offers = self.check_free(*window, (*length, *quantity), *resource, now, told);
                *seen.entry("free".into()).or_default() += offers;
            }
            Step::Again(nth) => self.again(*nth, now, told),
            Step::Pulse => {
                let is_due = self.slot().deadline().is_some_and(|deadline| deadline <= at(now));
                let mut records = vec![];
                self.slot.as_mut().unwrap().pulse(Level::NEWEST, at(now), &mut records);
                let kinds = if is_due {
                    let done = self.oracle.pulse(now);
                    self.judge_record(&records, &done, seen, told)
                } else {
                    records.len()
                };
                assert_eq!(kinds, records.len(), "{told}");
            }
            asking @ (Step::Book(_)
            | Step::Cancel(_)
            | Step::Confirm(_)
            | Step::Extend(..)
            | Step::Accept(_)
            | Step::Decline(_)
            | Step::Quantity(..)
            | Step::Move(..)
            | Step::Change(..)
            | Step::ExtendHours(..)
            | Step::CancelSlot) => {
                let request = spoken::request(asking, &self.oracle, self.asked.len());
                let mut records = vec![];
                let outcome = Slot::apply(&mut self.slot, Level::NEWEST, at(now), &request, &mut records);
                let done = ask(&mut self.oracle, asking, now);
                self.judge(&outcome, &done, told);
                self.judge_record(&records, &done, seen, told);
                *seen.entry(spoken::name(asking, &outcome)).or_default() += 1;
                self.asked.push((request, outcome, now));
            }
        }
    }

    /// What is answered is what the oracle answers.
    fn judge(&self, outcome: &Outcome, done: &Done, told: &str) {
        let (refusal, details) = match &outcome.decision {
            Decision::Slot(view) => {
                assert_eq!(done.answer, Answer::Slot, "{told}");
                assert_eq!(*view, self.slot().view(), "{told}");
                return;
            }
            Decision::Booking(view) => {
                let Answer::Booking(index) = done.answer else { panic!("{told}: {view:?}") };
                return self.judge_booking(view, index, told);
            }
            Decision::NotFound => return assert_eq!(done.answer, Answer::NotFound, "{told}"),
            Decision::Forbidden => return assert_eq!(done.answer, Answer::Forbidden, "{told}"),
            Decision::AnotherMap => return assert_eq!(done.answer, Answer::Outdated, "{told}"),
            Decision::KeyReused => panic!("{told}"),
            Decision::Refused(refusal) => (*refusal, Told::Nothing),
            Decision::Explained(refusal, details) => (*refusal, spoken::details(details)),
        };
        assert_eq!(done.answer, Answer::Refused(refusal, details), "{told}");
    }

    fn judge_booking(&self, view: &BookingView, index: usize, told: &str) {
        let own = &self.oracle.bookings[index];
        let range = view.range.as_deref().unwrap();
        let waits = own.status == Status::Waitlisted;
        let position = waits.then(|| u32::try_from(self.oracle.position(index)).unwrap());
        let name = own.resource.map(|number| self.oracle.names[number]);
        assert_eq!(view.number.0 as usize, index + 1, "{told}");
        assert_eq!((&*view.customer, view.quantity), (own.customer, own.quantity), "{told}");
        assert_eq!((view.status, view.position), (own.status, position), "{told}");
        assert_eq!(view.expires_at, own.until.map(at), "{told}");
        assert_eq!((minute(range.range.from()), minute(range.range.to())), own.range, "{told}");
        assert_eq!(range.resource.as_deref(), name, "{told}");
    }

    /// What is recorded is what the oracle says has changed.
    fn judge_record(&self, records: &[Record], done: &Done, seen: &mut Seen, told: &str) -> usize {
        let kinds = records.iter().map(|record| record.kind).collect::<Vec<_>>();
        assert_eq!(kinds, done.kind.into_iter().collect::<Vec<_>>(), "{told}");
        for record in records {
            let numbers = record.bookings.iter().map(|view| view.number.0 as usize - 1);
            assert_eq!(numbers.collect::<Vec<_>>(), done.changed, "{told}");
            assert_eq!(record.counts, self.slot().view().counts, "{told}");
            assert_eq!(record.calendar, self.slot().view().calendar, "{told}");
            for view in &record.bookings {
                let whole = self.slot().booking(view.id.request).unwrap();
                let position = if view.position.is_some() { whole.position } else { None };
                assert_eq!(*view, BookingView { position, ..whole }, "{told}");
            }
            let is_served = |index: &&usize| {
                let own = &self.oracle.bookings[**index];
                own.status.has_places() && own.was.is_none() && own.held_since == self.oracle.now
            };
            if workload::by_time(record.kind) {
                *seen.entry("lapsed by time".into()).or_default() += 1;
                let served = done.changed.iter().filter(is_served).count();
                *seen.entry("served by time".into()).or_default() += u64::from(0 < served);
            } else if 1 < done.changed.len() {
                *seen.entry("served at once".into()).or_default() += 1;
            }
        }
        kinds.len()
    }

    /// The slot is as the oracle says, and nothing happens before its deadline.
    fn compare(&self, told: &str) {
        assert_eq!(self.slot().check(), Ok(()), "{told}");
        let view = self.slot().view();
        let calendar = view.calendar.unwrap();
        let waiting = self.oracle.waiters().len();
        assert_eq!([calendar.held, calendar.offered, calendar.confirmed], self.oracle.sums(), "{told}");
        assert_eq!(view.counts.capacity, self.oracle.capacity(), "{told}");
        assert_eq!(view.counts.waitlisted as usize, waiting, "{told}");
        assert_eq!(calendar.outside, self.oracle.outside, "{told}");
        assert_eq!(calendar.hours_until, at(self.oracle.known_until), "{told}");
        for (index, booking) in self.oracle.bookings.iter().enumerate() {
            self.judge_booking(&self.slot().booking(RequestKey(booking.key)).unwrap(), index, told);
        }
        let idle_until =
            self.slot().deadline().map_or(self.oracle.now + 5_000, |deadline| minute(deadline) - 1);
        if self.oracle.now <= idle_until {
            let mut later = self.oracle.clone();
            // Whatever may change by time does so at some minute.
            for now in self.oracle.now + 1..=idle_until.min(self.oracle.now + 40) {
                assert_eq!(later.pulse(now).kind, None, "{told}: at {now}, before {idle_until}");
            }
            assert_eq!(later.pulse(idle_until).kind, None, "{told}: before {idle_until}");
        }
    }

    /// Asked again, it is answered as the first time.
    fn again(&mut self, nth: usize, now: i64, told: &str) {
        let (request, first, then) = &self.asked[nth];
        let is_remembered = match first.decision {
            Decision::NotFound | Decision::Forbidden | Decision::AnotherMap | Decision::KeyReused => false,
            Decision::Slot(_) | Decision::Booking(_) | Decision::Refused(_) | Decision::Explained(..) => {
                now < then + REMEMBERED
            }
        };
        if !is_remembered {
            return;
        }
        let decision = match &first.decision {
            Decision::Explained(refusal, _) => Decision::Refused(*refusal),
            Decision::Slot(view) if nth == 0 => {
                // How far its hours are known is told as it is now.
                let hours_until = self.slot().view().calendar.unwrap().hours_until;
                let calendar = booking::CalendarView { hours_until, ..*view.calendar.clone().unwrap() };
                Decision::Slot(booking::View { calendar: Some(calendar.into()), ..view.clone() })
            }
            other @ (Decision::Slot(_)
            | Decision::Booking(_)
            | Decision::Refused(_)
            | Decision::AnotherMap
            | Decision::KeyReused
            | Decision::NotFound
            | Decision::Forbidden) => other.clone(),
        };
        let replay = Outcome { replayed: true, decision, ..first.clone() };
        let mut records = vec![];
        let outcome = Slot::apply(&mut self.slot, Level::NEWEST, at(now), request, &mut records);
        assert_eq!((outcome, records.len()), (replay, 0), "{told}");
    }

    /// Goes on with a slot that is made from what is saved, as bytes.
    fn restore(&mut self, told: &str) {
        let level = Level::NEWEST;
        let Changes { header, bookings, receipts, forgotten, house, .. } =
            self.slot.as_mut().unwrap().take_changes(Timestamp(0));
        for booking in bookings {
            let number = booking.record.number;
            self.saved.bookings.insert(number, spoken::bytes(&stored::Booking::at(level, booking)));
        }
        for receipt in receipts {
            let request = receipt.request;
            self.saved.receipts.insert(request, spoken::bytes(&stored::Receipt::at(level, receipt)));
        }
        for request in forgotten {
            self.saved.receipts.remove(&request);
        }
        if let Some(hours) = house.hours {
            let parts = hours.into_iter().map(|part| spoken::bytes(&stored::HoursPart::at(level, part)));
            self.saved.hours = parts.collect();
        }
        let header = spoken::bytes(&stored::Header::at(level, header));
        let hours = self.saved.hours.iter().rev();
        let restored = Slot::restore(SavedSlot {
            header: spoken::read::<stored::Header, _>(&header),
            bookings: self
                .saved
                .bookings
                .values()
                .map(|bytes| spoken::read::<stored::Booking, Booking>(bytes))
                .collect(),
            receipts: self
                .saved
                .receipts
                .values()
                .map(|bytes| spoken::read::<stored::Receipt, ReceiptRecord>(bytes))
                .collect(),
            intents: SavedIntents::default(),
            house: SavedHouse {
                hours: hours.map(|part| spoken::read::<stored::HoursPart, HoursPart>(part)).collect(),
                ..SavedHouse::default()
            },
        });
        let mut restored = restored.unwrap_or_else(|broken| panic!("{told}: {broken}"));
        assert_eq!(restored.digest(), self.slot().digest(), "{told}");
        assert_eq!(restored.view(), self.slot().view(), "{told}");
        assert_eq!(restored.deadline(), self.slot().deadline(), "{told}");
        assert_eq!(restored.take_changes(Timestamp(0)).house.hours, None, "{told}: it is saved");
        self.slot = Some(restored);
    }

    /// Every start that is offered can be booked, and no other; page by page it is the same. Of how many places some are offered.
    fn check_free(
        &self,
        window: (i64, i64),
        (length, quantity): (i64, u32),
        resource: Option<&str>,
        now: i64,
        told: &str,
    ) -> u64 {
        let ask = FreeAsked {
            window: Range::new(at(window.0), at(window.1)).unwrap(),
            seconds: u32::try_from(length * 60).unwrap(),
            quantity,
            resource,
        };
        let oracle = Oracle { now: self.oracle.now.max(now), ..self.oracle.clone() };
        let is_there =
            resource.is_none_or(|name| oracle.listed.iter().any(|&number| oracle.names[number] == name));
        let Some(all) = self.slot().free(at(now), &ask, None, usize::MAX) else {
            assert!(!is_there, "{told}");
            return 0;
        };
        assert!(is_there, "{told}");
        let (mut paged, mut offers) = (vec![], 0);
        loop {
            let page =
                self.slot().free(at(now), &ask, paged.last().map(|one: &booking::FreeView| one.place), 2);
            let page = page.unwrap();
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all, "{told}");
        let places = match (oracle.count, resource) {
            (Some(_), _) => vec![None],
            (None, _) => oracle.listed.iter().copied().map(Some).collect(),
        };
        for place in places {
            let name = place.map(|number: usize| oracle.names[number]);
            if resource.is_some() && resource != name {
                continue;
            }
            let told_starts = all.iter().filter(|one| one.resource.as_deref() == name).flat_map(|one| {
                let (from, to) = (minute(one.range.from()), minute(one.range.to()));
                assert_eq!(one.free, oracle.free_throughout((from, to), place), "{told}: {one:?}");
                (from..=to - length).step_by(usize::try_from(oracle.grid).unwrap())
            });
            let starts = (window.0..=window.1 - length)
                .filter(|&from| oracle.may_start(from, length, quantity, place))
                .collect::<Vec<_>>();
            assert_eq!(told_starts.collect::<Vec<_>>(), starts, "{told}: {name:?}");
            offers += u64::from(!starts.is_empty());
        }
        offers
    }
}

/// Asks the oracle.
fn ask(oracle: &mut Oracle, step: &Step, now: i64) -> Done {
    oracle.step(now, |oracle| match step {
        Step::Book(ask) => oracle.book(ask),
        Step::Cancel(actor) => oracle.cancel(*actor),
        Step::Confirm(actor) => oracle.confirm(*actor),
        Step::Extend(actor, lasts) => oracle.extend(*actor, *lasts),
        Step::Accept(actor) => oracle.accept(*actor),
        Step::Decline(actor) => oracle.decline(*actor),
        Step::Quantity(actor, quantity) => oracle.quantity(*actor, *quantity),
        Step::Move(actor, range, resource) => oracle.relocate(*actor, *range, *resource),
        Step::Change(new, reopens) => oracle.become_like(new, *reopens),
        Step::ExtendHours(more, until) => oracle.extend_hours(more, *until),
        Step::CancelSlot => oracle.cancel_slot(),
        Step::Pulse | Step::Again(_) | Step::Restore | Step::Free { .. } => unreachable!("nobody is asked"),
    })
}
