//! Writes a history down, step by step, with all that follows from it: bookings as they stand, counts, answers.

use std::collections::BTreeMap;

use api::booking::{Booking, Mode, Status, WhenFull};
use api::feed::{Kind, Record};
use api::inventory::{Counts, Inventory};
use api::problem::{Code, Problem};
use api::slot::{Slot, Waitlist};
use api::tariff::{Line, Quota};
use api::time::Time;

use super::{new_slot, refused, said};
use crate::history::{Answer, Ask, Asker, Evidence, Feed, History, Moment, Reading, Request, SlotNumber};

/// `seconds` after 1970, when the slot is made.
pub(super) const fn at(seconds: u64) -> Time {
    Time::from_ms(seconds * 1_000)
}

/// A history under way.
pub(super) struct Scribe {
    /// As it was made, and as it is now.
    first: Slot,
    slot: Slot,
    changes: Vec<Slot>,
    bookings: BTreeMap<&'static str, Booking>,
    records: Vec<Record>,
    requests: Vec<Request>,
}

impl Scribe {
    /// A slot that is made at the beginning.
    pub(super) fn open(slot: Slot) -> Self {
        let mut scribe = Self {
            first: slot.clone(),
            slot,
            changes: Vec::new(),
            bookings: BTreeMap::new(),
            records: Vec::new(),
            requests: Vec::new(),
        };
        scribe.step(0, Kind::SlotCreated, &[]);
        scribe
    }

    /// A step, and how it leaves each booking: its customer, its status, and its deadline in seconds.
    pub(super) fn step(
        &mut self,
        seconds: u64,
        kind: Kind,
        changes: &[(&'static str, Status, Option<u64>)],
    ) -> &mut Self {
        let seq = self.records.len() as u64 + 1;
        let mut bookings = Vec::new();
        for (name, status, until) in changes {
            let booking = self.bookings.get_mut(name).expect("who changes has come");
            (booking.status, booking.seq, booking.expires_at) = (*status, seq, until.map(at));
            bookings.push(booking.clone());
        }
        let capacity = self.slot.inventory.units().unwrap_or(self.slot.counts.capacity);
        let free = self.slot.inventory.units().map(|_units| 0);
        let counts = Counts { capacity, free, ..count(&[]) };
        self.records.push(Record { seq, at: at(seconds), kind, bookings, counts, seats: None, map: None });
        self
    }

    /// A customer comes, and is served or waits at this position.
    pub(super) fn book(
        &mut self,
        seconds: u64,
        (name, quantity, mode): (&'static str, u32, Mode),
        (status, until): (Status, Option<u64>),
        others: &[(&'static str, Status, Option<u64>)],
    ) -> &mut Self {
        let seq = self.records.len() as u64 + 1;
        let new = Booking { mode, created_at: at(seconds), ..booking(name, quantity, status, seq) };
        self.bookings.insert(name, new);
        let all = [&[(name, status, until)], others].concat();
        self.step(seconds, Kind::Booked, &all);
        if status == Status::Waitlisted {
            let waiting = self.bookings.values().filter(|booking| booking.status == status).count();
            let newest = self.records.last_mut().expect("a step was made");
            newest.bookings[0].position = u32::try_from(waiting).ok();
        }
        self
    }

    /// Somebody wants so many, and the booking stands like this then.
    pub(super) fn reduce(
        &mut self,
        seconds: u64,
        (name, quantity): (&'static str, u32),
        (status, until): (Status, Option<u64>),
        others: &[(&'static str, Status, Option<u64>)],
    ) -> &mut Self {
        self.bookings.get_mut(name).expect("who changes has come").quantity = quantity;
        let all = [&[(name, status, until)], others].concat();
        self.step(seconds, Kind::QuantityChanged, &all)
    }

    /// The organizer changes the slot.
    pub(super) fn change(
        &mut self,
        seconds: u64,
        capacity: u32,
        others: &[(&'static str, Status, Option<u64>)],
    ) -> &mut Self {
        self.slot.inventory = Inventory::of_units(capacity);
        self.step(seconds, Kind::SlotChanged, others);
        self.changes.push(Slot { seq: self.records.len() as u64, ..self.slot.clone() });
        self
    }

    /// The organizer changes what the slot sells, and how others stand then.
    pub(super) fn sell(
        &mut self,
        seconds: u64,
        sells: impl Fn(Slot) -> Slot,
        others: &[(&'static str, Status, Option<u64>)],
    ) -> &mut Self {
        self.slot = sells(self.slot.clone());
        self.step(seconds, Kind::SlotChanged, others);
        self.changes.push(Slot { seq: self.records.len() as u64, ..self.slot.clone() });
        self
    }

    /// What a booking of the newest record is of and costs from then on.
    pub(super) fn costs(&mut self, name: &'static str, lines: &[Line], amount: Option<u64>) -> &mut Self {
        let newest = self.records.last_mut().expect("a step was made");
        let own = newest.bookings.iter_mut().filter(|booking| booking.customer == name);
        let kept = self.bookings.get_mut(name).expect("who pays has come");
        for booking in own.chain([kept]) {
            booking.lines = Some(lines.to_vec());
            (booking.amount, booking.currency) = (amount, amount.map(|_amount| "EUR".to_owned()));
        }
        self
    }

    /// When a booking of the newest record is from then on, and where.
    pub(super) fn is_during(
        &mut self,
        name: &'static str,
        (from, to): (Time, Time),
        on: Option<&str>,
    ) -> &mut Self {
        let newest = self.records.last_mut().expect("a step was made");
        let own = newest.bookings.iter_mut().filter(|booking| booking.customer == name);
        let kept = self.bookings.get_mut(name).expect("who has a range has come");
        for booking in own.chain([kept]) {
            (booking.from, booking.to) = (Some(from), Some(to));
            // As it is read: null is as good as nothing.
            booking.resource = on.map(|on| Some(on.to_owned()));
        }
        self
    }

    /// Who waits in the newest record has this place among those who wait for some of the same.
    pub(super) fn waits_at(&mut self, position: u32) -> &mut Self {
        self.records.last_mut().expect("a step was made").bookings[0].position = Some(position);
        self
    }

    /// The newest refusal told this.
    pub(super) fn tells(&mut self, tell: impl FnOnce(&mut Problem)) -> &mut Self {
        let answer = &mut self.requests.last_mut().expect("somebody asked").answers[0];
        let mut problem: Problem = serde_json::from_slice(&answer.body).expect("it was refused");
        tell(&mut problem);
        answer.body = serde_json::to_vec(&problem).expect("JSON").into();
        self
    }

    /// The newest refusal was for want of these quotas.
    pub(super) fn tells_of(&mut self, quotas: &[&str]) -> &mut Self {
        self.tells(|problem| problem.quotas = quotas.iter().map(|key| (*key).to_owned()).collect())
    }

    /// Somebody asks, and is answered with the booking that comes first in the newest record.
    pub(super) fn asks(&mut self, customer: &str, ask: Ask) -> &mut Self {
        let mut booking = self.records.last().expect("a step was made").bookings[0].clone();
        if matches!(ask, Ask::Reduce { .. }) && booking.status == Status::Waitlisted {
            booking.position = self.position(&booking);
        }
        let status = match (&ask, booking.status) {
            (Ask::Book { .. }, Status::Waitlisted) => 202,
            (Ask::Book { .. }, _) => 201,
            (_, _) => 200,
        };
        self.answered(customer, ask, said(status, &booking))
    }

    /// Somebody asks for what is so already, and is answered with the booking as it is.
    pub(super) fn keeps(&mut self, name: &'static str, ask: Ask) -> &mut Self {
        let mut booking = self.bookings[name].clone();
        booking.seq = self.records.len() as u64;
        if booking.status == Status::Waitlisted {
            booking.position = self.position(&booking);
        }
        self.answered(name, ask, said(200, &booking))
    }

    /// The place of one who waits.
    fn position(&self, booking: &Booking) -> Option<u32> {
        let waits = |other: &&Booking| other.status == Status::Waitlisted;
        let waiting = self.bookings.values().filter(waits);
        u32::try_from(waiting.filter(|other| other.created_at <= booking.created_at).count()).ok()
    }

    /// Somebody asks, and is refused at the newest record's seq.
    pub(super) fn refused(&mut self, customer: &str, ask: Ask, code: Code) -> &mut Self {
        let seq = self.records.len() as u64;
        self.answered(customer, ask, refused(code, seq))
    }

    fn answered(&mut self, customer: &str, ask: Ask, answer: Answer) -> &mut Self {
        let number = self.requests.len() as u64;
        let sent = Moment::from_us(number * 100);
        self.requests.push(Request {
            key: format!("{customer}-{number}"),
            customer: customer.to_owned(),
            by: Asker::Customer,
            slot: SlotNumber(0),
            ask,
            intended: sent,
            sent: Some(sent),
            answers: vec![Answer { received: Moment::from_us(number * 100 + 50), ..answer }],
        });
        self
    }

    /// The newest request was the organizer's.
    pub(super) fn by_the_organizer(&mut self) {
        self.requests.last_mut().expect("somebody asked").by = Asker::Organizer;
    }

    /// The whole history, in which every live booking was read.
    pub(super) fn close(self) -> History {
        let before = Slot { seq: 1, ..self.first };
        let seq = self.records.len() as u64;
        let live = self.bookings.into_values().filter(|booking| booking.status == Status::Confirmed);
        let bookings = live.map(|booking| (booking.id.clone(), Reading::Got(Booking { seq, ..booking })));
        let evidence = Evidence {
            before,
            changes: self.changes,
            looks: Vec::new(),
            free: Vec::new(),
            bookings: bookings.collect(),
            after: Reading::Got(Slot { seq, ..self.slot }),
            feed: Reading::Got(Feed { records: self.records, seq }),
        };
        let mut history = History { slots: vec![evidence], requests: self.requests };
        recount(&mut history);
        history
    }
}

/// Makes every count what the records come to.
pub(super) fn recount(history: &mut History) {
    let evidence = &mut history.slots[0];
    let feed = super::got(&mut evidence.feed);
    let mut bookings = BTreeMap::new();
    for record in &mut feed.records {
        for booking in &record.bookings {
            bookings.insert(booking.id.clone(), booking.clone());
        }
        let all: Vec<Booking> = bookings.values().cloned().collect();
        let capacity = record.counts.capacity;
        let counts = count(&all);
        let free = capacity.saturating_sub(counts.held + counts.offered + counts.confirmed);
        // Of a calendar nobody says how many are free.
        let free = record.counts.free.map(|_free| free);
        record.counts = Counts { capacity, free, ..counts };
    }
    let records = feed.records.clone();
    for read in [&mut evidence.before]
        .into_iter()
        .chain(&mut evidence.changes)
        .chain([super::got(&mut evidence.after)])
    {
        let until = records
            .iter()
            .position(|record| record.seq == read.seq)
            .expect("it was read at a seq of the feed");
        if until > 0 {
            read.counts = records[until].counts.clone();
        }
        read.counts.quotas = left(read.quotas.as_deref(), &records[..=until]);
    }
}

/// What is left of each quota after these records; none where there are none.
pub(super) fn left(quotas: Option<&[Quota]>, records: &[Record]) -> Option<BTreeMap<String, u32>> {
    let all = records.iter().flat_map(|record| &record.bookings);
    let last: BTreeMap<&str, &Booking> = all.map(|booking| (booking.id.as_str(), booking)).collect();
    let served =
        last.values().filter(|of| matches!(of.status, Status::Held | Status::Offered | Status::Confirmed));
    let lines: Vec<&Line> = served.flat_map(|booking| booking.lines.iter().flatten()).collect();
    let of = |quota: &Quota| {
        let drawn = lines.iter().filter(|line| quota.products.contains(&line.product));
        let taken: u32 = drawn.map(|line| line.quantity).sum();
        (quota.key.clone(), quota.size.saturating_sub(taken))
    };
    quotas.map(|quotas| quotas.iter().map(of).collect())
}

fn count(bookings: &[Booking]) -> Counts {
    let units = |status| -> u32 {
        let like = bookings.iter().filter(|booking| booking.status == status);
        like.map(|booking| booking.quantity).sum()
    };
    let waiting = bookings.iter().filter(|booking| booking.status == Status::Waitlisted).count();
    Counts {
        held: units(Status::Held),
        offered: units(Status::Offered),
        confirmed: units(Status::Confirmed),
        waitlisted: u32::try_from(waiting).expect("few wait"),
        ..Counts::untouched(0)
    }
}

/// A booking at a seq, of units, that was asked for and never changed.
pub(super) fn booking(customer: &str, quantity: u32, status: Status, seq: u64) -> Booking {
    Booking {
        id: format!("bkg_{customer}"),
        slot: super::SLOT.into(),
        customer: customer.into(),
        quantity,
        status,
        mode: Mode::Confirm,
        seq,
        reference: customer.to_uppercase(),
        position: None,
        expires_at: None,
        expires_in_ms: api::booking::Remaining::None,
        created_at: Time::from_ms(seq * 10),
        seats: None,
        areas: None,
        category: None,
        together: None,
        from: None,
        to: None,
        resource: None,
        amount: None,
        currency: None,
        lines: None,
    }
}

/// A slot of three that ends after 1,000 seconds, on which a customer may have three.
pub(super) fn short_slot() -> Slot {
    let mut slot = Slot { starts_at: at(900), ends_at: at(1_000), ..new_slot() };
    slot.policy.hold_seconds = 60;
    slot.policy.hold_seconds_max = 120;
    slot.policy.customer_limit = Some(3);
    slot.policy.waitlist = Some(Waitlist { capacity: 10, ..Waitlist::default() });
    slot
}

/// A request of the usual kind.
pub(super) const fn book(quantity: u32) -> Ask {
    Ask::book(quantity, WhenFull::Waitlist)
}

/// The id of a customer's booking.
pub(super) fn of(name: &str) -> String {
    format!("bkg_{name}")
}
