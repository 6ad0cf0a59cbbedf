//! Slots kept in memory, sold by the contract, and faults that a server may have.

use std::collections::{BTreeMap, VecDeque};

use api::booking::{Booking, CreateBooking, Mode, Remaining, Status, WhenFull};
use api::feed::{Kind, Page, Record};
use api::inventory::{Counts, Inventory};
use api::list::List;
use api::problem::{Code, Problem};
use api::slot::{CreateSlot, Slot, Status as SlotStatus};
use api::time::Time;
use api::token::Role;
use serde::Serialize;
use serde_json::Value;
use witness::house::Plan;

use super::court::Court;
use super::hall::Hall;
use super::market::Market;

/// What is wrong with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It breaks every seventh connection after the deed and every ninth before it, and answers every fifth with 503.
    Clumsy,
    /// Every tenth who finds it full is confirmed all the same.
    Oversells,
    /// Every tenth booking is acknowledged and forgotten.
    Forgets,
    /// Freed places go to whoever came last.
    SkipsQueue,
    /// A repeated request is done again.
    Repeats,
    /// Every hold lapses before its time.
    LetsGo,
    /// It is gone for good after 200 requests.
    Dies,
    /// It takes no token.
    Locked,
    /// Every tenth pick is granted, whoever has the seats.
    SeatTwice,
    /// Who takes the best gets the second best.
    SecondBest,
    /// Of all that is in the way of a pick it tells the first.
    HidesConflicts,
    /// Whoever swaps keeps what was to be given back.
    KeepsBoth,
    /// It shows a map from before.
    OldMap,
    /// Quotas keep nobody from anything.
    OverQuota,
    /// Every tenth booking costs one more.
    Overcharges,
    /// What is confirmed costs what it does by then.
    Thaws,
    /// Prices that are changed are not.
    OldPrices,
    /// Customers confirm what is not paid for.
    GivesAway,
    /// Every tenth is told that the price has changed.
    CriesWolf,
    /// Where a quota is short it does not say which.
    HidesQuotas,
    /// Every tenth who wants some hours gets them, whoever has them.
    CourtTwice,
    /// Nothing is kept free around what is booked.
    NothingBetween,
    /// It books when it is closed.
    OpensAtNight,
    /// Of all hours that are in the way it leaves out the last.
    HidesRanges,
    /// It shows as free what is taken.
    OffersTaken,
    /// Of what is free it leaves out the last.
    HidesFree,
}

/// A request as far as a shop has to know it.
pub(crate) struct Ask<'a> {
    pub(crate) path: Vec<&'a str>,
    pub(crate) query: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) role: Role,
    pub(crate) key: Option<&'a str>,
    pub(crate) known: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// An answer, or what a shop remembers of one.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) etag: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// All slots, and every answer by subject and key.
pub(crate) struct Shop {
    fault: Fault,
    slots: BTreeMap<String, Stock>,
    halls: BTreeMap<String, Hall>,
    /// Those that sell products.
    markets: BTreeMap<String, Market>,
    /// Those that are calendars.
    courts: BTreeMap<String, Court>,
    /// The map that all of them have.
    map: Option<Plan>,
    remembered: BTreeMap<String, Reply>,
    decisions: u64,
}

/// One slot.
struct Stock {
    slot: Slot,
    bookings: BTreeMap<String, Booking>,
    queue: VecDeque<String>,
    feed: Vec<Record>,
}

impl Shop {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            slots: BTreeMap::new(),
            halls: BTreeMap::new(),
            markets: BTreeMap::new(),
            courts: BTreeMap::new(),
            map: None,
            remembered: BTreeMap::new(),
            decisions: 0,
        }
    }

    pub(crate) fn post(&mut self, ask: &Ask<'_>) -> Reply {
        let name = format!("{} {}", ask.subject, ask.key.expect("every POST has a key"));
        if let Some(reply) = self.remembered.get(&name) {
            return Reply { replayed: true, ..reply.clone() };
        }
        self.decisions += 1;
        let reply = match ask.path[..] {
            _ if self.is_for_court(ask) => self.post_court(ask),
            _ if self.is_for_market(ask) => self.post_market(ask),
            ["v1", "seatmaps"] => self.take_map(ask),
            ["v1", "slots"] if self.map.is_some() => self.open_hall(ask),
            ["v1", "slots"] => self.open(ask),
            ["v1", "slots", slot, "bookings"] if self.map.is_some() => {
                self.halls.get_mut(slot).map_or_else(not_found, |hall| hall.book(ask))
            }
            ["v1", "bookings", booking, verb] if self.map.is_some() => {
                let hall = self.halls.values_mut().find(|hall| hall.knows(booking));
                hall.map_or_else(not_found, |hall| hall.change(booking, verb, ask))
            }
            ["v1", "slots", slot, "bookings"] => self.book(slot, ask),
            ["v1", "bookings", booking, "cancel"] => self.cancel(booking),
            ["v1", "bookings", booking, "confirm"] => self.confirm(booking),
            _ => problem(Code::NotFound, None),
        };
        if self.fault != Fault::Repeats {
            self.remembered.insert(name, reply.clone());
        }
        reply
    }

    /// Whether a request is for a slot of units that sells products, or makes one.
    fn is_for_market(&self, ask: &Ask<'_>) -> bool {
        match ask.path[..] {
            ["v1", "slots"] => {
                let body = serde_json::from_slice::<CreateSlot>(ask.body);
                self.map.is_none() && body.is_ok_and(|slot| slot.products.is_some())
            }
            _ => !self.markets.is_empty(),
        }
    }

    fn post_market(&mut self, ask: &Ask<'_>) -> Reply {
        match ask.path[..] {
            ["v1", "slots"] => {
                let body = serde_json::from_slice(ask.body).expect("a slot is JSON");
                let id = format!("slot_{}", self.markets.len() + 1);
                let (market, reply) = Market::open(self.fault, &id, body);
                self.markets.insert(id, market);
                reply
            }
            ["v1", "slots", slot] => {
                self.markets.get_mut(slot).map_or_else(not_found, |market| market.change(ask))
            }
            ["v1", "slots", slot, "bookings"] => {
                self.markets.get_mut(slot).map_or_else(not_found, |market| market.book(ask))
            }
            ["v1", "bookings", booking, verb] => {
                let market = self.markets.values_mut().find(|market| market.knows(booking));
                market.map_or_else(not_found, |market| market.act(booking, verb, ask))
            }
            _ => not_found(),
        }
    }

    /// Whether a request is for a calendar, or makes one.
    fn is_for_court(&self, ask: &Ask<'_>) -> bool {
        let makes = || {
            let body = serde_json::from_slice::<CreateSlot>(ask.body);
            body.is_ok_and(|slot| matches!(slot.inventory, Inventory::Calendar(_)))
        };
        !self.courts.is_empty() || (ask.path == ["v1", "slots"] && makes())
    }

    fn post_court(&mut self, ask: &Ask<'_>) -> Reply {
        match ask.path[..] {
            ["v1", "slots"] => {
                let body = serde_json::from_slice(ask.body).expect("a slot is JSON");
                let id = format!("slot_{}", self.courts.len() + 1);
                let (court, reply) = Court::open(self.fault, &id, &body);
                self.courts.insert(id, court);
                reply
            }
            ["v1", "slots", slot, "bookings"] => {
                self.courts.get_mut(slot).map_or_else(not_found, |court| court.book(ask))
            }
            ["v1", "bookings", booking, verb] => {
                let court = self.courts.values_mut().find(|court| court.knows(booking));
                court.map_or_else(not_found, |court| court.change(booking, verb, ask))
            }
            _ => not_found(),
        }
    }

    /// What is asked of a calendar.
    fn get_court(&self, ask: &Ask<'_>) -> Option<Reply> {
        let after = || ask.query.strip_prefix("after=").and_then(|seq| seq.parse().ok()).unwrap_or_default();
        Some(match ask.path[..] {
            ["v1", "slots", slot] => self.courts.get(slot)?.show(),
            ["v1", "slots", slot, "feed"] => self.courts.get(slot)?.feed(after()),
            ["v1", "slots", slot, "free"] => self.courts.get(slot)?.free(ask.query),
            ["v1", "bookings", booking] => {
                self.courts.values().find(|court| court.knows(booking))?.read(booking)
            }
            _ => return None,
        })
    }

    /// What is asked of a slot that sells products.
    fn get_market(&self, ask: &Ask<'_>) -> Option<Reply> {
        let after = || ask.query.strip_prefix("after=").and_then(|seq| seq.parse().ok()).unwrap_or_default();
        Some(match ask.path[..] {
            ["v1", "slots", slot] => self.markets.get(slot)?.show(),
            ["v1", "slots", slot, "feed"] => self.markets.get(slot)?.feed(after()),
            ["v1", "bookings", booking] => {
                self.markets.values().find(|market| market.knows(booking))?.read(booking)
            }
            _ => return None,
        })
    }

    fn take_map(&mut self, ask: &Ask<'_>) -> Reply {
        self.map = Some(Plan::read(ask.body).expect("a seatmap"));
        Reply::json(201, &serde_json::json!({ "id": "map_1" }))
    }

    fn open_hall(&mut self, ask: &Ask<'_>) -> Reply {
        let body = serde_json::from_slice(ask.body).expect("a slot is JSON");
        let id = format!("slot_{}", self.halls.len() + 1);
        let plan = self.map.clone().expect("a map comes first");
        let (hall, reply) = Hall::open(self.fault, &id, &body, plan);
        self.halls.insert(id, hall);
        reply
    }

    /// What is asked of a hall.
    fn get_hall(&self, ask: &Ask<'_>) -> Option<Reply> {
        let after = || ask.query.strip_prefix("after=").and_then(|seq| seq.parse().ok()).unwrap_or_default();
        Some(match ask.path[..] {
            ["v1", "slots", slot] => self.halls.get(slot)?.show(),
            ["v1", "slots", slot, "feed"] => self.halls.get(slot)?.feed(after()),
            ["v1", "slots", slot, "seats"] => self.halls.get(slot)?.map(ask),
            ["v1", "slots", slot, "seats", "feed"] => self.halls.get(slot)?.changes(after()),
            ["v1", "bookings", booking] => {
                self.halls.values().find(|hall| hall.knows(booking))?.read(booking)
            }
            _ => return None,
        })
    }

    pub(crate) fn get(&self, ask: &Ask<'_>) -> Reply {
        if self.map.is_some() {
            return self.get_hall(ask).unwrap_or_else(not_found);
        }
        if !self.courts.is_empty() {
            return self.get_court(ask).unwrap_or_else(not_found);
        }
        if !self.markets.is_empty() {
            return self.get_market(ask).unwrap_or_else(not_found);
        }
        match ask.path[..] {
            ["v1", "slots"] => {
                // Pages of one, so that whoever reads the list has to turn them.
                let after =
                    ask.query.split('&').find_map(|part| part.strip_prefix("after=")).unwrap_or_default();
                let mut rest =
                    self.slots.values().map(|stock| stock.slot.clone()).filter(|slot| *slot.id > *after);
                let items: Vec<Slot> = rest.next().into_iter().collect();
                let next = rest.next().and_then(|_more| items.first().map(|slot| slot.id.clone()));
                json(200, &List { items, next })
            }
            ["v1", "slots", slot] => {
                self.slots.get(slot).map_or_else(not_found, |stock| json(200, &stock.slot))
            }
            ["v1", "slots", slot, "feed"] => self.slots.get(slot).map_or_else(not_found, |stock| {
                let after: usize =
                    ask.query.strip_prefix("after=").and_then(|seq| seq.parse().ok()).unwrap_or_default();
                let items: Vec<Record> = stock.feed.iter().skip(after).take(50).cloned().collect();
                let end = after + items.len();
                let next = (end < stock.feed.len()).then_some(end as u64);
                json(200, &Page { items, next, seq: stock.slot.seq })
            }),
            ["v1", "bookings", booking] => {
                let found = self.slots.values().find_map(|stock| stock.read(booking));
                found.map_or_else(not_found, |booking| json(200, &booking))
            }
            _ => not_found(),
        }
    }

    fn open(&mut self, ask: &Ask<'_>) -> Reply {
        let body: CreateSlot = serde_json::from_slice(ask.body).expect("a slot that can be made");
        let capacity = body.inventory.units().expect("a slot of units");
        let mut policy = body.policy;
        policy.waitlist = policy.waitlist.map(|waitlist| api::slot::Waitlist { capacity: 30, ..waitlist });
        let slot = Slot {
            id: format!("slot_{}", self.slots.len() + 1),
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
            bookable: Some(capacity),
            opens_in_ms: 0,
            products: None,
            quotas: None,
            prices: None,
            currency: None,
        };
        let mut stock = Stock { slot, bookings: BTreeMap::new(), queue: VecDeque::new(), feed: Vec::new() };
        stock.record(Kind::SlotCreated, Vec::new());
        let reply = json(201, &stock.slot);
        self.slots.insert(stock.slot.id.clone(), stock);
        reply
    }

    fn book(&mut self, slot: &str, ask: &Ask<'_>) -> Reply {
        let body: CreateBooking = serde_json::from_slice(ask.body).expect("a booking that can be made");
        let (fault, decisions) = (self.fault, self.decisions);
        let Some(stock) = self.slots.get_mut(slot) else { return not_found() };
        let is_tenth = decisions.is_multiple_of(10);
        if fault == Fault::Forgets && is_tenth {
            let mut forgotten = stock.booking(ask.subject, &body, decisions);
            forgotten.seq += 1;
            return json(201, &forgotten);
        }
        let mut booking = stock.booking(ask.subject, &body, decisions);
        let fits = stock.queue.is_empty() && stock.slot.counts.free >= Some(booking.quantity);
        let status = if fits || (fault == Fault::Oversells && is_tenth) {
            Status::Confirmed
        } else {
            let refusal = match body.when_full {
                WhenFull::Refuse => Some(Code::SoldOut),
                WhenFull::Waitlist if stock.queue.len() >= 30 => Some(Code::WaitlistFull),
                WhenFull::Waitlist => None,
            };
            if let Some(code) = refusal {
                return problem(code, Some(stock.slot.seq));
            }
            stock.queue.push_back(booking.id.clone());
            booking.position = u32::try_from(stock.queue.len()).ok();
            Status::Waitlisted
        };
        let booking =
            if status == Status::Confirmed { stock.served(booking) } else { Booking { status, ..booking } };
        let booking = stock.record(Kind::Booked, vec![booking]).remove(0);
        if fault == Fault::LetsGo && booking.status == Status::Held {
            stock.end(Kind::Lapsed, &booking, Status::Expired, fault);
        }
        json(if status == Status::Confirmed { 201 } else { 202 }, &booking)
    }

    /// Deadlines are minutes away, and nothing takes that long here.
    fn confirm(&mut self, id: &str) -> Reply {
        let Some(stock) = self.slots.values_mut().find(|stock| stock.bookings.contains_key(id)) else {
            return not_found();
        };
        let former = stock.bookings[id].clone();
        match former.status {
            Status::Held => {
                let confirmed = Booking { status: Status::Confirmed, expires_at: None, ..former };
                json(200, &stock.record(Kind::Confirmed, vec![confirmed])[0])
            }
            Status::Expired => problem(Code::HoldExpired, Some(stock.slot.seq)),
            Status::Offered
            | Status::Waitlisted
            | Status::Confirmed
            | Status::Cancelled
            | Status::Declined => problem(Code::NotHeld, Some(stock.slot.seq)),
        }
    }

    fn cancel(&mut self, id: &str) -> Reply {
        let fault = self.fault;
        let Some(stock) = self.slots.values_mut().find(|stock| stock.bookings.contains_key(id)) else {
            return not_found();
        };
        let former = stock.bookings[id].clone();
        if matches!(former.status, Status::Cancelled | Status::Expired) {
            return problem(Code::AlreadyOver, Some(stock.slot.seq));
        }
        json(200, &stock.end(Kind::Cancelled, &former, Status::Cancelled, fault))
    }
}

impl Stock {
    /// A new booking, served as far as it is known.
    fn booking(&self, customer: &str, body: &CreateBooking, number: u64) -> Booking {
        Booking {
            id: format!("bkg_{}_{number}", self.slot.id),
            slot: self.slot.id.clone(),
            customer: customer.to_owned(),
            quantity: body.quantity.expect("of units"),
            status: Status::Confirmed,
            mode: body.mode,
            seq: self.slot.seq,
            reference: format!("{number:08}"),
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
            lines: None,
        }
    }

    /// A booking with its places, by the next step.
    fn served(&self, booking: Booking) -> Booking {
        let position = None;
        match booking.mode {
            Mode::Confirm => Booking { status: Status::Confirmed, position, ..booking },
            Mode::Hold => {
                let ms = self.slot.seq + 1 + u64::from(self.slot.policy.hold_seconds) * 1_000;
                Booking { status: Status::Held, expires_at: Some(Time::from_ms(ms)), position, ..booking }
            }
        }
    }

    /// Ends a booking and passes on what it had.
    fn end(&mut self, kind: Kind, former: &Booking, status: Status, fault: Fault) -> Booking {
        self.queue.retain(|waiting| *waiting != former.id);
        let mut free = self.slot.counts.free.expect("of units");
        if matches!(former.status, Status::Confirmed | Status::Held) {
            free += former.quantity;
        }
        let mut changed = vec![Booking { status, position: None, expires_at: None, ..former.clone() }];
        loop {
            let next = if fault == Fault::SkipsQueue { self.queue.back() } else { self.queue.front() };
            let Some(next) = next.map(|id| self.bookings[id].clone()).filter(|next| next.quantity <= free)
            else {
                break;
            };
            free -= next.quantity;
            self.queue.retain(|waiting| *waiting != next.id);
            changed.push(self.served(next));
        }
        self.record(kind, changed).remove(0)
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
        let counts = &self.slot.counts;
        self.slot.bookable = if self.queue.is_empty() { counts.free } else { Some(0) };
        let (at, counts) = (Time::from_ms(seq), counts.clone());
        self.feed.push(Record { seq, at, kind, bookings: bookings.clone(), counts, seats: None, map: None });
        bookings
    }

    /// A booking as it is now, with its place in the queue.
    fn read(&self, id: &str) -> Option<Booking> {
        let booking = self.bookings.get(id)?;
        let place = self.queue.iter().position(|waiting| waiting == id);
        let position = place.and_then(|place| u32::try_from(place + 1).ok());
        Some(Booking { seq: self.slot.seq, position, ..booking.clone() })
    }
}

/// Counts what these bookings have, of which so many wait.
pub(crate) fn recount(counts: &mut Counts, bookings: &BTreeMap<String, Booking>, waiting: usize) {
    let units = |status| -> u32 {
        let like = bookings.values().filter(|booking| booking.status == status);
        like.map(|booking| booking.quantity).sum()
    };
    (counts.held, counts.confirmed) = (units(Status::Held), units(Status::Confirmed));
    counts.free = Some(counts.capacity.saturating_sub(counts.held + counts.confirmed));
    counts.waitlisted = u32::try_from(waiting).expect("at most thirty wait");
}

impl Reply {
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        json(status, body)
    }
}

fn json(status: u16, body: &impl Serialize) -> Reply {
    Reply { status, body: serde_json::to_vec(body).expect("an answer is JSON"), ..Reply::default() }
}

/// A slot as it is shown that has just been made of this body.
pub(super) fn made(id: &str, body: &Value) -> Value {
    serde_json::json!({
        "id": id, "organizer": "loadgen", "placement": body["placement"], "title": body["title"],
        "status": "on_sale", "seq": 0, "starts_at": body["starts_at"], "ends_at": body["ends_at"],
        "sale": {}, "inventory": body["inventory"], "policy": { "hold_seconds": 600, "waitlist": null },
    })
}

/// A page of a slot's feed, behind so many records.
pub(super) fn page(feed: &[Value], after: usize) -> Reply {
    let items: Vec<&Value> = feed.iter().skip(after).take(50).collect();
    let end = after + items.len();
    let next = (end < feed.len()).then_some(end);
    Reply::json(200, &serde_json::json!({ "items": items, "next": next, "seq": feed.len() }))
}

pub(crate) fn problem(code: Code, seq: Option<u64>) -> Reply {
    json(code.status(), &Problem { seq, ..Problem::new(code, "no") })
}

fn not_found() -> Reply {
    problem(Code::NotFound, None)
}
