//! The customers of a simulated sale, and its organizer, who changes the slots meanwhile: each asks a node of its choice, and asks
//! again with the same key until it is answered. What they asked and what they were told becomes the history that the witness
//! judges.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use api::booking::{Booking, Status, WhenFull};
use api::feed::Page;
use api::slot::Slot;
use api::token::Role;
use booking::Level;
use config::Secret;
use futures::future::{FutureExt as _, join_all};
use futures::join;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::sleep;
use witness::history::{
    Answer, Ask, Asker, Evidence, Feed, History, Look, Moment, Origin, Reading, Request, SlotNumber,
};

use super::halls::Halls;
use super::network::{self, Question};
use super::{courts, goods, watch};
use crate::key;

/// How each slot is sold: every policy of the contract is somebody's.
const POLICIES: [&str; SLOTS] = [
    r#"{"waitlist":{"capacity":100}}"#,
    r#"{"hold_seconds":4,"hold_seconds_max":9,"waitlist":{"capacity":100,"promotion":"offer","offer_seconds":3}}"#,
    r#"{"customer_limit":25,"waitlist":{"capacity":100,"order":"skip_fit"}}"#,
    r#"{"hold_seconds":4,"hold_seconds_max":9,"waitlist":{"capacity":100}}"#,
];
const SLOTS: usize = 4;
/// The calendar stands behind them.
const CALENDAR: SlotNumber = SlotNumber(SLOTS);
/// Between two changes of the organizer's, in milliseconds.
const CHANGES_MS: std::ops::RangeInclusive<u64> = 300..=3_000;
const CAPACITY: u32 = 40;
const CUSTOMERS: usize = 8;
/// Between two requests of a customer, in milliseconds.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 1..=60;
/// Between two attempts of a request.
pub(super) const AGAIN: Duration = Duration::from_millis(50);
/// Tokens are good whatever the clocks say: these seconds since 1970.
const GOOD: std::ops::Range<u64> = 1_000_000_000..3_000_000_000;
/// Bytes of an answer that are in the trace.
const NOTED_MAX: usize = 4_096;
/// Bookings that are read one by one when all is over.
const SAMPLE: usize = 40;

/// Where the nodes are.
pub(super) struct Addresses {
    pub(super) clients: Vec<SocketAddr>,
    pub(super) admins: Vec<SocketAddr>,
}

/// A sale that goes on until it is told to close.
pub(super) struct Sale {
    pub(super) at: Addresses,
    tokens: BTreeMap<&'static str, String>,
    pub(super) closing: Cell<bool>,
    /// Whether nobody asks for anything just now.
    pub(super) resting: Cell<bool>,
    /// Whether customers make bookings smaller: where nodes of the level before are among them, nobody would be answered.
    pub(super) reducing: Cell<bool>,
    /// Whether houses are sold beside the units: where nobody will ever know them, nobody would be answered.
    pub(super) has_houses: bool,
    /// Whether the last of the slots, and a house, sell products: the same.
    pub(super) has_products: bool,
    /// Whether there is a calendar: the same.
    has_calendar: bool,
    slots: RefCell<Vec<Slot>>,
    requests: RefCell<Vec<Request>>,
    /// Each slot as the organizer was answered who changed it.
    changes: RefCell<Vec<Vec<Slot>>>,
    /// What was read of each slot while it was sold.
    looks: RefCell<Vec<Vec<Look>>>,
    /// The highest seq of each slot that anybody was told.
    told: RefCell<Vec<u64>>,
    history: Cell<Option<History>>,
}

/// One customer.
struct Customer {
    sale: Rc<Sale>,
    number: usize,
    rng: SmallRng,
    /// Bookings that may be cancelled.
    bookings: Vec<(SlotNumber, String)>,
}

impl Sale {
    /// A sale by nodes of this level.
    pub(super) fn new(at: Addresses, level: Level, secret: &Secret) -> Rc<Self> {
        let tokens = [("organizer", Role::Organizer), ("operator", Role::Operator)];
        let customers = NAMES.map(|name| (name, Role::Customer));
        let tokens = tokens.into_iter().chain(customers);
        let token = |name: &'static str, role| {
            key::signed(secret, name, role, GOOD, name.to_owned()).expect("it can be signed")
        };
        Rc::new(Self {
            at,
            tokens: tokens.map(|(name, role)| (name, token(name, role))).collect(),
            closing: Cell::new(false),
            resting: Cell::new(false),
            reducing: Cell::new(level != Level::OLDEST),
            has_houses: level != Level::OLDEST,
            has_products: level == Level::NEWEST,
            has_calendar: level == Level::NEWEST,
            slots: RefCell::default(),
            requests: RefCell::default(),
            changes: RefCell::new(vec![Vec::new(); SLOTS + 1]),
            looks: RefCell::new(vec![Vec::new(); SLOTS + 1]),
            told: RefCell::new(vec![0; SLOTS + 1]),
            history: Cell::default(),
        })
    }

    /// Whose token it is.
    pub(super) fn token(&self, name: &str) -> &str {
        &self.tokens[name]
    }

    /// What became of it.
    pub(super) fn history(&self) -> Option<History> {
        self.history.take()
    }

    /// Makes the slots, sells until it is closed, and reads what the slots say.
    pub(super) async fn run(self: Rc<Self>, seed: u64) -> turmoil::Result {
        let mut rng = SmallRng::seed_from_u64(seed);
        let last = SLOTS - 1;
        let sold =
            POLICIES.into_iter().enumerate().filter(|(number, _policy)| self.has_products || *number < last);
        for (number, policy) in sold {
            let goods = if number == last { goods::made(&mut rng) } else { String::new() };
            let body = format!(
                r#"{{"title":"slot","placement":"{number}","starts_at":"2090-01-01T00:00:00Z","ends_at":"2090-01-02T00:00:00Z","inventory":{{"units":{{"capacity":{CAPACITY}}}}},"policy":{policy}{goods}}}"#
            );
            let key = format!("slot-{number}");
            let slot = self.insist("POST /v1/slots", "organizer", &key, &body, &mut rng).await;
            let slot = serde_json::from_str(&slot.body).expect("a slot");
            self.slots.borrow_mut().push(slot);
        }
        if self.has_calendar {
            let made = self.insist("POST /v1/slots", "organizer", "courts", &courts::made(), &mut rng).await;
            self.slots.borrow_mut().push(serde_json::from_str(&made.body).expect("a calendar"));
        }
        let customer = |number| {
            let rng = SmallRng::seed_from_u64(rng.random());
            Customer { sale: Rc::clone(&self), number, rng, bookings: Vec::new() }.run()
        };
        let customers = (0..CUSTOMERS).map(customer).collect::<Vec<_>>();
        let [changes, houses, halls] = [1, 2, 3].map(|other| SmallRng::seed_from_u64(seed ^ other));
        let ((), (), houses, mut halls) = join!(
            join_all(customers).map(drop),
            self.change(changes),
            self.keep_houses(houses),
            Halls::play(&self, halls)
        );
        self.wait_until_all_agree().await;
        self.judge_houses(&houses).await;
        halls.judge(&self).await;
        let history = self.inquire(&mut rng).await;
        self.history.set(Some(history));
        Ok(())
    }

    /// The organizer changes slots in the running sale.
    async fn change(&self, mut rng: SmallRng) {
        let mut count = 0;
        while !self.closing.get() {
            sleep(Duration::from_millis(rng.random_range(CHANGES_MS))).await;
            if self.resting.get() {
                continue;
            }
            count += 1;
            let number = rng.random_range(0..self.slots.borrow().len());
            let id = self.slots.borrow()[number].id.clone();
            let body = match rng.random_range(0..10) {
                _ if SlotNumber(number) == CALENDAR => courts::changed(&mut rng),
                0..6 if self.sells_products(SlotNumber(number)) => goods::changed(&mut rng),
                0..5 => {
                    let capacity = rng.random_range(CAPACITY / 2..=2 * CAPACITY);
                    format!(r#"{{"inventory":{{"units":{{"capacity":{capacity}}}}}}}"#)
                }
                5 => r#"{"policy":{"customer_limit":12}}"#.to_owned(),
                6 => r#"{"policy":{"customer_limit":null}}"#.to_owned(),
                7 => r#"{"policy":{"waitlist":{"order":"skip_fit"}}}"#.to_owned(),
                8 => r#"{"policy":{"waitlist":{"promotion":"confirm","order":"strict"}}}"#.to_owned(),
                _ => r#"{"policy":{"waitlist":{"promotion":"offer"}}}"#.to_owned(),
            };
            let line = format!("PATCH /v1/slots/{id}");
            let answer = self.insist(&line, "organizer", &format!("change-{count}"), &body, &mut rng).await;
            if answer.status == 200 {
                let changed = serde_json::from_str(&answer.body).expect("a slot");
                self.changes.borrow_mut()[number].push(changed);
            }
        }
    }

    /// Whether a slot sells products: the last, if any does.
    fn sells_products(&self, SlotNumber(number): SlotNumber) -> bool {
        self.has_products && number == SLOTS - 1
    }

    pub(super) fn now() -> Moment {
        Moment::from_us(u64::try_from(turmoil::elapsed().as_micros()).expect("a simulation ends"))
    }

    /// Asks, wherever somebody answers, until there is a final answer.
    pub(super) async fn insist(
        &self,
        line: &str,
        token: &str,
        key: &str,
        body: &str,
        rng: &mut SmallRng,
    ) -> network::Answer {
        loop {
            let address = *self.at.clients.choose(rng).expect("three");
            let question = Question { line, token: self.token(token), key, body };
            match network::ask(address, question).await {
                Some(answer) if !matches!(answer.status, 408 | 429 | 500..) => {
                    // Of a house, the beginning.
                    let said = answer.body.get(..NOTED_MAX).unwrap_or(&answer.body);
                    watch::note(format!("{:?} {line} {key}: {} {said}", Self::now(), answer.status));
                    return answer;
                }
                Some(_) | None => sleep(AGAIN).await,
            }
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, rng: &mut SmallRng) -> Reading<T> {
        let answer = self.insist(&format!("GET {path}"), "organizer", "", "", rng).await;
        match answer.status {
            200 => match serde_json::from_str(&answer.body) {
                Ok(read) => Reading::Got(read),
                Err(error) => Reading::Unreadable(error.to_string()),
            },
            404 => Reading::Missing,
            _ => Reading::Unreadable(answer.body),
        }
    }

    async fn inquire(&self, rng: &mut SmallRng) -> History {
        let (slots, requests) = (self.slots.take(), self.requests.take());
        let (mut changes, mut looks) = (self.changes.take().into_iter(), self.looks.take().into_iter());
        let granted = |request: &Request| {
            let answer = request.answers.first().filter(|answer| matches!(answer.status, 201 | 202))?;
            Some((request.slot.0, booking(&answer.body)?.id))
        };
        let granted: Vec<(usize, String)> = requests.iter().filter_map(granted).collect();
        let sample: Vec<_> = granted.sample(rng, SAMPLE).cloned().collect();
        let mut evidence = Vec::new();
        for (number, before) in slots.into_iter().enumerate() {
            let mut bookings = Vec::new();
            for (_slot, id) in sample.iter().filter(|(slot, _id)| *slot == number) {
                bookings.push((id.clone(), self.get(&format!("/v1/bookings/{id}"), rng).await));
            }
            let path = format!("/v1/slots/{}", before.id);
            let after = self.get(&format!("{path}?consistency=linearizable"), rng).await;
            let feed = self.feed(&path, rng).await;
            let changes = changes.next().unwrap_or_default();
            let looks = looks.next().unwrap_or_default();
            // Clocks here are wrong by an hour: what a node shows as free goes by its own.
            evidence.push(Evidence { before, changes, looks, free: Vec::new(), bookings, after, feed });
        }
        History { slots: evidence, requests }
    }

    pub(super) async fn feed(&self, slot: &str, rng: &mut SmallRng) -> Reading<Feed> {
        let mut feed = Feed::default();
        let mut after = 0;
        loop {
            let page: Page = match self.get(&format!("{slot}/feed?after={after}"), rng).await {
                Reading::Got(page) => page,
                Reading::Missing => return Reading::Missing,
                Reading::Unreadable(why) => return Reading::Unreadable(why),
            };
            feed.records.extend(page.items);
            feed.seq = page.seq;
            match page.next {
                Some(next) => after = next,
                None => return Reading::Got(feed),
            }
        }
    }
}

impl Customer {
    async fn run(mut self) {
        let mut count = 0;
        while !self.sale.closing.get() {
            sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
            if self.sale.resting.get() {
                continue;
            }
            count += 1;
            match self.rng.random_range(0..10) {
                0..5 => self.book(count).await,
                5..7 => self.act(count).await,
                7 if self.rng.random_bool(0.3) => self.be_reduced(count).await,
                7 => self.repeat().await,
                _ => self.look().await,
            }
        }
    }

    fn name(&self) -> &'static str {
        NAMES[self.number]
    }

    /// The organizer makes a booking smaller for its customer: a confirmed one too.
    async fn be_reduced(&mut self, count: usize) {
        if self.bookings.is_empty() || !self.sale.reducing.get() {
            return;
        }
        let (slot, booking) = self.bookings[self.rng.random_range(0..self.bookings.len())].clone();
        let quantity = self.rng.random_range(1..=2);
        let key = format!("{}-{count}", self.name());
        let ask = Ask::Reduce { booking, quantity, lines: Vec::new() };
        self.ask_as(Asker::Organizer, slot, ask, key).await;
    }

    async fn book(&mut self, count: usize) {
        let slot = SlotNumber(self.rng.random_range(0..self.sale.slots.borrow().len()));
        let when_full = if self.rng.random_bool(0.7) { WhenFull::Waitlist } else { WhenFull::Refuse };
        let quantity = self.rng.random_range(1..=3);
        let hold_seconds = self.rng.random_bool(0.7).then(|| self.rng.random_range(1..=6));
        let ask = if self.rng.random_bool(0.4) {
            Ask::hold(quantity, hold_seconds, when_full)
        } else {
            Ask::book(quantity, when_full)
        };
        let ask = match slot {
            CALENDAR => courts::wanted(&mut self.rng),
            _ if self.sale.sells_products(slot) => goods::wanted(ask, &mut self.rng),
            _ => ask,
        };
        let answer = self.ask(slot, ask, format!("{}-{count}", self.name())).await;
        if let (201 | 202, Some(booking)) = (answer.status, booking(answer.body.as_bytes())) {
            // Whoever has been told of a booking finds it on any node (linearizable).
            let path = format!("/v1/bookings/{}", booking.id);
            match self.sale.get::<Booking>(&path, &mut self.rng).await {
                Reading::Got(read) if booking.seq <= read.seq => {}
                other @ (Reading::Got(_) | Reading::Missing | Reading::Unreadable(_)) => {
                    watch::violated(format!("P7: {booking:?} was acknowledged, and then: {other:?}"));
                }
            }
            self.bookings.push((slot, booking.id));
        }
    }

    /// Does to a booking what can be done to one that stands like it, or now and then anything.
    async fn act(&mut self, count: usize) {
        if self.bookings.is_empty() {
            return;
        }
        let place = self.rng.random_range(0..self.bookings.len());
        let (slot, booking) = self.bookings[place].clone();
        let path = format!("/v1/bookings/{booking}");
        let (seen, quantity, lines) = match self.sale.get::<Booking>(&path, &mut self.rng).await {
            Reading::Got(seen) if let Some(ask) = courts::moved(&seen, &mut self.rng) => {
                self.ask(slot, ask, format!("{}-{count}", self.name())).await;
                return;
            }
            Reading::Got(seen) => (seen.status, seen.quantity, seen.lines.unwrap_or_default()),
            Reading::Missing | Reading::Unreadable(_) => (Status::Confirmed, 1, Vec::new()),
        };
        // What costs something is paid for at the box office, and confirmed there.
        let is_paid = !lines.is_empty() && self.rng.random_bool(0.5);
        let hold_seconds = self.rng.random_range(1..=10);
        let deed = match (seen, self.rng.random_range(0..10)) {
            // Now and then as many as it is for, or one more.
            (Status::Held | Status::Waitlisted, 0..=2) | (_, 8) if self.sale.reducing.get() => {
                goods::otherwise(booking, (quantity, lines), &mut self.rng)
            }
            (Status::Held, 0..=4) | (_, 9) => Ask::Confirm { booking },
            (Status::Held, 5..=7) => Ask::Extend { booking, hold_seconds },
            (Status::Offered, 0..=4) => Ask::Accept { booking },
            (Status::Offered, 5..=6) => Ask::Decline { booking },
            _ => {
                self.bookings.swap_remove(place);
                Ask::Cancel { booking }
            }
        };
        let pays_here = is_paid && matches!(deed, Ask::Confirm { .. });
        let by = if pays_here { Asker::Organizer } else { Asker::Customer };
        self.ask_as(by, slot, deed, format!("{}-{count}", self.name())).await;
    }

    /// Asks again what was answered: the witness compares.
    async fn repeat(&mut self) {
        let name = self.name();
        let asked = {
            let requests = self.sale.requests.borrow();
            let own: Vec<_> = requests.iter().filter(|request| request.customer == name).collect();
            let again =
                |request: &&Request| (request.by, request.slot, request.ask.clone(), request.key.clone());
            own.choose(&mut self.rng).map(again)
        };
        if let Some((by, slot, ask, key)) = asked {
            self.ask_as(by, slot, ask, key).await;
        }
    }

    /// A linearizable look at a slot is no older than anything that anybody was told before.
    async fn look(&mut self) {
        let number = self.rng.random_range(0..self.sale.slots.borrow().len());
        let told = self.sale.told.borrow()[number];
        let id = self.sale.slots.borrow()[number].id.clone();
        let path = format!("/v1/slots/{id}?consistency=linearizable");
        let sent = Sale::now();
        match self.sale.get::<Slot>(&path, &mut self.rng).await {
            Reading::Got(slot) if told <= slot.seq => {
                let look = Look { sent, received: Sale::now(), seq: slot.seq };
                self.sale.looks.borrow_mut()[number].push(look);
            }
            other @ (Reading::Got(_) | Reading::Missing | Reading::Unreadable(_)) => {
                watch::violated(format!("P7: seq {told} of {id} had been told, and then: {other:?}"));
            }
        }
    }

    async fn ask(&mut self, slot: SlotNumber, ask: Ask, key: String) -> network::Answer {
        self.ask_as(Asker::Customer, slot, ask, key).await
    }

    /// Asks for a change until it is answered, and keeps what was said.
    async fn ask_as(&mut self, by: Asker, slot: SlotNumber, ask: Ask, key: String) -> network::Answer {
        let sale = Rc::clone(&self.sale);
        let sent = Sale::now();
        let line = match ask.booking() {
            None => format!("POST /v1/slots/{}/bookings", sale.slots.borrow()[slot.0].id),
            Some(booking) => format!("POST /v1/bookings/{booking}/{}", ask.verb()),
        };
        let body = String::from_utf8(ask.body()).expect("JSON is text");
        let token = match by {
            Asker::Customer => self.name(),
            Asker::Organizer => "organizer",
        };
        let answer = sale.insist(&line, token, &key, &body, &mut self.rng).await;
        if let Some(seq) =
            serde_json::from_str::<Value>(&answer.body).ok().and_then(|body| body["seq"].as_u64())
        {
            let told = &mut sale.told.borrow_mut()[slot.0];
            *told = seq.max(*told);
        }
        let replayed = answer.head.contains("\r\nidempotency-replayed: true");
        let said = Answer {
            received: Sale::now(),
            status: answer.status,
            origin: if replayed { Origin::Replayed } else { Origin::Decided },
            body: answer.body.as_bytes().into(),
        };
        let mut requests = sale.requests.borrow_mut();
        match requests.iter_mut().find(|request| request.key == key) {
            Some(request) => request.answers.push(said),
            None => requests.push(Request {
                key,
                customer: self.name().to_owned(),
                by,
                slot,
                ask,
                intended: sent,
                sent: Some(sent),
                answers: vec![said],
            }),
        }
        answer
    }
}

pub(super) const NAMES: [&str; CUSTOMERS] = ["ada", "ben", "cleo", "dora", "emil", "finn", "gita", "hugo"];

/// What a body says of a booking that somebody may still have.
fn booking(body: &[u8]) -> Option<Booking> {
    let booking: Booking = serde_json::from_slice(body).ok()?;
    matches!(booking.status, Status::Confirmed | Status::Held | Status::Waitlisted).then_some(booking)
}
