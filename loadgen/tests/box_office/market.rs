//! A slot of units that sells products, in quotas and at prices, by the contract: naively, with everything counted anew.

use std::collections::{BTreeMap, VecDeque};

use api::booking::{Booking, ChangeQuantity, CreateBooking, Mode, Remaining, Status, WhenFull};
use api::feed::{Kind, Page, Record};
use api::inventory::Counts;
use api::problem::{Code, Problem};
use api::slot::{ChangeSlot, CreateSlot, Slot, Status as SlotStatus, Waitlist};
use api::tariff::{Line, Price};
use api::time::Time;
use api::token::Role;

use super::shop::{Ask, Fault, Reply, problem, recount};

/// How many may wait.
const WAITING_MAX: u32 = 30;
/// Records on a page of the feed.
const PAGE: usize = 50;

/// A slot, and everything that was done to it.
pub(crate) struct Market {
    fault: Fault,
    slot: Slot,
    /// What everything cost at first.
    first_prices: Vec<Price>,
    /// What everything cost when a booking was given its places.
    paid_by: BTreeMap<String, Vec<Price>>,
    bookings: BTreeMap<String, Booking>,
    queue: VecDeque<String>,
    feed: Vec<Record>,
    decisions: u64,
}

/// Of what somebody is short.
#[derive(Default, PartialEq, Eq)]
struct Lacks {
    units: bool,
    quotas: Vec<String>,
}

impl Market {
    pub(crate) fn open(fault: Fault, id: &str, body: CreateSlot) -> (Self, Reply) {
        let capacity = body.inventory.units().expect("a slot of units");
        let mut policy = body.policy;
        policy.waitlist = policy.waitlist.map(|waitlist| Waitlist { capacity: WAITING_MAX, ..waitlist });
        let first_prices = body.prices.clone().unwrap_or_default();
        let slot = Slot {
            id: id.to_owned(),
            organizer: "loadgen".into(),
            placement: body.placement,
            title: body.title,
            status: SlotStatus::OnSale,
            seq: 0,
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            sale: body.sale,
            inventory: body.inventory,
            policy,
            counts: Counts::untouched(capacity),
            bookable: Some(0),
            opens_in_ms: 0,
            products: body.products,
            quotas: body.quotas,
            prices: body.prices,
            currency: body.currency,
        };
        let (bookings, queue, feed) = (BTreeMap::new(), VecDeque::new(), Vec::new());
        let paid_by = BTreeMap::new();
        let mut market = Self { fault, slot, first_prices, paid_by, bookings, queue, feed, decisions: 0 };
        market.record(Kind::SlotCreated, Vec::new());
        let reply = Reply::json(201, &market.shown());
        (market, reply)
    }

    pub(crate) fn knows(&self, booking: &str) -> bool {
        self.bookings.contains_key(booking)
    }

    pub(crate) fn show(&self) -> Reply {
        Reply::json(200, &self.shown())
    }

    /// The slot with what is left of its quotas, which no record has.
    fn shown(&self) -> Slot {
        let quotas = self.slot.quotas.iter().flatten();
        let left = quotas.map(|quota| {
            let taken = self.taken(&quota.products);
            (quota.key.clone(), quota.size.saturating_sub(taken))
        });
        let counts = Counts { quotas: Some(left.collect()), ..self.slot.counts.clone() };
        Slot { counts, ..self.slot.clone() }
    }

    pub(crate) fn feed(&self, after: usize) -> Reply {
        let items: Vec<Record> = self.feed.iter().skip(after).take(PAGE).cloned().collect();
        let end = after + items.len();
        let next = (end < self.feed.len()).then_some(end as u64);
        Reply::json(200, &Page { items, next, seq: self.slot.seq })
    }

    pub(crate) fn read(&self, id: &str) -> Reply {
        let place = self.queue.iter().position(|waiting| waiting == id);
        let position = place.and_then(|place| u32::try_from(place + 1).ok());
        Reply::json(200, &Booking { seq: self.slot.seq, position, ..self.bookings[id].clone() })
    }

    /// The organizer changes prices or quotas.
    pub(crate) fn change(&mut self, ask: &Ask<'_>) -> Reply {
        let change: ChangeSlot = serde_json::from_slice(ask.body).expect("a change that can be made");
        if let Some(prices) = change.prices.set() {
            self.slot.prices = Some(prices.clone());
        }
        if let Some(quotas) = change.quotas.set() {
            self.slot.quotas = Some(quotas.clone());
        }
        let served = self.serve();
        self.record(Kind::SlotChanged, served);
        self.show()
    }

    pub(crate) fn book(&mut self, ask: &Ask<'_>) -> Reply {
        let body: CreateBooking = serde_json::from_slice(ask.body).expect("a booking that can be made");
        self.decisions += 1;
        let is_tenth = self.decisions.is_multiple_of(10);
        let lines = body.lines.clone().expect("products are wanted");
        let booking = self.newcomer(ask.subject, &body, &lines);
        let due = self.amount(&lines);
        let is_dear = body.expect_amount.is_some_and(|expected| expected != due)
            || (self.fault == Fault::CriesWolf && is_tenth);
        if booking.quantity > self.slot.counts.capacity {
            return problem(Code::QuantityTooLarge, Some(self.slot.seq));
        }
        if is_dear {
            return problem(Code::PriceChanged, Some(self.slot.seq));
        }
        let mut stopped = self.stopped(&lines, booking.quantity);
        if self.fault == Fault::OverQuota {
            stopped.quotas.clear();
        }
        if stopped == Lacks::default() {
            let mut served = self.granted(booking);
            if self.fault == Fault::Overcharges && is_tenth {
                served.amount = served.amount.map(|amount| amount + 1);
            }
            return Reply::json(201, &self.record(Kind::Booked, vec![served])[0]);
        }
        let waits = body.when_full == WhenFull::Waitlist && self.queue.len() < WAITING_MAX as usize;
        if !waits {
            return self.refused(body.when_full, stopped.quotas);
        }
        self.queue.push_back(booking.id.clone());
        let position = u32::try_from(self.queue.len()).ok();
        let waiting = Booking { status: Status::Waitlisted, position, ..booking };
        Reply::json(202, &self.record(Kind::Booked, vec![waiting])[0])
    }

    fn refused(&self, when_full: WhenFull, quotas: Vec<String>) -> Reply {
        let code = match when_full {
            _ if !quotas.is_empty() => Code::QuotaExhausted,
            WhenFull::Refuse => Code::SoldOut,
            WhenFull::Waitlist => Code::WaitlistFull,
        };
        let quotas = if self.fault == Fault::HidesQuotas { Vec::new() } else { quotas };
        let refusal = Problem { seq: Some(self.slot.seq), quotas, ..Problem::new(code, "no") };
        Reply::json(409, &refusal)
    }

    /// Something is done to a booking.
    pub(crate) fn act(&mut self, id: &str, verb: &str, ask: &Ask<'_>) -> Reply {
        let former = self.bookings[id].clone();
        let refused = |code: Code| problem(code, Some(self.slot.seq));
        match (verb, former.status) {
            ("confirm", Status::Held) => {
                let owes = former.amount.is_some_and(|amount| amount > 0) && ask.role == Role::Customer;
                if owes && self.fault != Fault::GivesAway {
                    return refused(Code::PaymentRequired);
                }
                let mut confirmed = Booking { status: Status::Confirmed, expires_at: None, ..former };
                if self.fault == Fault::Thaws {
                    let lines = confirmed.lines.clone().unwrap_or_default();
                    confirmed.amount = Some(self.amount(&lines));
                }
                self.done(Kind::Confirmed, confirmed)
            }
            ("cancel" | "quantity", Status::Cancelled) => refused(Code::AlreadyOver),
            ("cancel", _) => {
                self.queue.retain(|waiting| waiting != id);
                let (status, expires_at) = (Status::Cancelled, None);
                self.done(Kind::Cancelled, Booking { status, expires_at, ..former })
            }
            ("quantity", Status::Held | Status::Waitlisted) => self.reduce(&former, ask.body),
            (_, _) => refused(Code::NotHeld),
        }
    }

    fn reduce(&mut self, former: &Booking, body: &[u8]) -> Reply {
        let body: ChangeQuantity = serde_json::from_slice(body).expect("a change that can be made");
        let lines = body.lines.expect("products are wanted");
        let quantity = lines.iter().map(|line| line.quantity).sum();
        // What stays costs what it did.
        let amount = former.amount.map(|_amount| amount_by(&self.paid_by[&former.id], &lines));
        let mut reply = self
            .done(Kind::QuantityChanged, Booking { quantity, lines: Some(lines), amount, ..former.clone() });
        let left = &self.bookings[&former.id];
        if left.status == Status::Waitlisted {
            let place = self.queue.iter().position(|waiting| *waiting == former.id);
            let position = place.and_then(|place| u32::try_from(place + 1).ok());
            reply = Reply::json(200, &Booking { position, ..left.clone() });
        }
        reply
    }

    /// A booking becomes this, and who waits is served.
    fn done(&mut self, kind: Kind, booking: Booking) -> Reply {
        let id = booking.id.clone();
        self.bookings.insert(id.clone(), Booking { position: None, ..booking });
        let served = self.serve();
        let own = self.bookings[&id].clone();
        let others = served.into_iter().filter(|other| other.id != id);
        let all = [own].into_iter().chain(others).collect();
        Reply::json(200, &self.record(kind, all)[0])
    }

    /// Serves while it is somebody's turn, and gives who was.
    fn serve(&mut self) -> Vec<Booking> {
        let mut served = Vec::new();
        while let Some(id) = self.next() {
            self.queue.retain(|waiting| *waiting != id);
            let booking = self.granted(self.bookings[&id].clone());
            self.bookings.insert(id, booking.clone());
            served.push(booking);
        }
        served
    }

    fn next(&self) -> Option<String> {
        let mut short = Lacks::default();
        for id in &self.queue {
            let booking = &self.bookings[id];
            let lines = booking.lines.as_deref().unwrap_or_default();
            let lacks = self.lacks(lines, booking.quantity);
            let drawn = self.drawn(lines);
            if lacks == Lacks::default()
                && !short.units
                && !drawn.iter().any(|key| short.quotas.contains(key))
            {
                return Some(id.clone());
            }
            short.units |= lacks.units;
            short.quotas.extend(lacks.quotas);
        }
        None
    }

    /// Of what a newcomer is short, or somebody who waits.
    fn stopped(&self, lines: &[Line], quantity: u32) -> Lacks {
        let mut stopped = self.lacks(lines, quantity);
        let drawn = self.drawn(lines);
        for id in &self.queue {
            let waiting = &self.bookings[id];
            let lacks = self.lacks(waiting.lines.as_deref().unwrap_or_default(), waiting.quantity);
            stopped.units |= lacks.units;
            stopped.quotas.extend(lacks.quotas.into_iter().filter(|key| drawn.contains(key)));
        }
        stopped.quotas.sort();
        stopped.quotas.dedup();
        stopped
    }

    fn lacks(&self, lines: &[Line], quantity: u32) -> Lacks {
        let quotas = self.slot.quotas.iter().flatten().filter(|quota| {
            let need = places_of(&quota.products, lines);
            need > 0 && quota.size < self.taken(&quota.products) + need
        });
        let served = self.bookings.values().filter(|booking| is_served(booking.status));
        let given: u32 = served.map(|booking| booking.quantity).sum();
        Lacks {
            units: self.slot.counts.capacity < given + quantity,
            quotas: quotas.map(|quota| quota.key.clone()).collect(),
        }
    }

    /// The quotas of which these are.
    fn drawn(&self, lines: &[Line]) -> Vec<String> {
        let quotas = self.slot.quotas.iter().flatten();
        let drawn = quotas.filter(|quota| places_of(&quota.products, lines) > 0);
        drawn.map(|quota| quota.key.clone()).collect()
    }

    fn taken(&self, products: &[String]) -> u32 {
        let served = self.bookings.values().filter(|booking| is_served(booking.status));
        served.map(|booking| places_of(products, booking.lines.as_deref().unwrap_or_default())).sum()
    }

    /// What all of it costs now.
    fn amount(&self, lines: &[Line]) -> u64 {
        amount_by(self.prices(), lines)
    }

    fn prices(&self) -> &[Price] {
        let now = self.slot.prices.as_deref().unwrap_or_default();
        if self.fault == Fault::OldPrices { &self.first_prices } else { now }
    }

    fn newcomer(&self, customer: &str, body: &CreateBooking, lines: &[Line]) -> Booking {
        Booking {
            id: format!("bkg_{}_{}", self.slot.id, self.decisions),
            slot: self.slot.id.clone(),
            customer: customer.to_owned(),
            quantity: lines.iter().map(|line| line.quantity).sum(),
            status: Status::Waitlisted,
            mode: body.mode,
            seq: self.slot.seq,
            reference: format!("{:08}", self.decisions),
            position: None,
            expires_at: None,
            expires_in_ms: Remaining::None,
            created_at: Time::from_ms(self.slot.seq + 1),
            seats: None,
            areas: None,
            category: None,
            together: None,
            from: None,
            to: None,
            resource: None,
            amount: None,
            currency: None,
            lines: Some(lines.to_vec()),
        }
    }

    /// A booking with its places, by the next step: held where something is owed.
    fn granted(&mut self, booking: Booking) -> Booking {
        self.paid_by.insert(booking.id.clone(), self.prices().to_vec());
        let amount = Some(self.amount(booking.lines.as_deref().unwrap_or_default()));
        let (position, currency) = (None, self.slot.currency.clone());
        let booking = Booking { position, amount, currency, ..booking };
        if booking.mode == Mode::Confirm && amount == Some(0) {
            return Booking { status: Status::Confirmed, ..booking };
        }
        let ms = self.slot.seq + 1 + u64::from(self.slot.policy.hold_seconds) * 1_000;
        Booking { status: Status::Held, expires_at: Some(Time::from_ms(ms)), ..booking }
    }

    /// Takes the next seq, keeps what changed and writes it down.
    fn record(&mut self, kind: Kind, mut bookings: Vec<Booking>) -> Vec<Booking> {
        self.slot.seq += 1;
        let seq = self.slot.seq;
        for booking in &mut bookings {
            booking.seq = seq;
            self.bookings.insert(booking.id.clone(), booking.clone());
        }
        recount(&mut self.slot.counts, &self.bookings, self.queue.len());
        let (at, counts) = (Time::from_ms(seq), self.slot.counts.clone());
        self.feed.push(Record { seq, at, kind, bookings: bookings.clone(), counts, seats: None, map: None });
        bookings
    }
}

/// What these cost by the first of these prices that is for each.
fn amount_by(prices: &[Price], lines: &[Line]) -> u64 {
    let price = |line: &Line| {
        let mut own = prices
            .iter()
            .filter(|price| price.product.as_ref().is_none_or(|product| *product == line.product));
        own.next().map_or(0, |price| price.amount) * u64::from(line.quantity)
    };
    lines.iter().map(price).sum()
}

/// How many of these are of these products.
fn places_of(products: &[String], lines: &[Line]) -> u32 {
    lines.iter().filter(|line| products.contains(&line.product)).map(|line| line.quantity).sum()
}

const fn is_served(status: Status) -> bool {
    matches!(status, Status::Held | Status::Offered | Status::Confirmed)
}
