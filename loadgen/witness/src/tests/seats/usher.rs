//! Writes a history of seats down, step by step, with all that follows from it: counts, letters, answers.

use std::collections::BTreeMap;

use api::booking::{Booking, Mode, Status};
use api::feed::{Kind, Record};
use api::inventory::{Counts, Inventory};
use api::problem::{Code, Problem};
use api::slot::{Slot, Waitlist};
use api::tariff::{Line, Price, Product, Quota};
use serde_json::{Value, json};

use crate::history::{
    Answer, Ask, Asker, Evidence, Feed, History, Moment, Origin, Reading, Request, SlotNumber,
};
use crate::house::words::{
    AllotmentCounts, AreaView, BookingSeats, CategoryCounts, Closing, Inventory as SeatInventory, MapView,
    RecordSeats, SeatCounts, Singles, SlotSeats, Terms,
};
use crate::house::{House, Look, Plan};
use crate::tests::scribe::{at, left};
use crate::tests::{booking, new_slot};

/// Ten seats in two rows and a floor; B1 is a wheelchair space, B2 for who comes along.
///
/// Ranks: A3, A4, A2, A5, B2, B3, B1, B4, A1, A6.
pub(super) const MAP: &str = r#"{ "name": "House", "focus": [0, 0],
    "categories": [{"key": "a", "name": "Stalls"}, {"key": "s", "name": "Standing"}],
    "sections": [{"key": "st", "name": "Stalls", "rows": [
        {"key": "A", "seats": ["1-6"], "category": "a", "at": [-250, 100], "to": [250, 100]},
        {"key": "B", "seats": ["1-2", "3-4"], "category": "a", "at": [-150, 200], "to": [150, 200],
         "accessible": ["1"], "companion": ["2"]}]}],
    "areas": [{"key": "floor", "name": "Floor", "category": "s", "capacity": 2}] }"#;

/// The seats in the map's order, and whether the public may have each.
const SEATS: [(&str, bool); 10] = [
    ("st/A/1", true),
    ("st/A/2", true),
    ("st/A/3", true),
    ("st/A/4", true),
    ("st/A/5", true),
    ("st/A/6", true),
    ("st/B/1", false),
    ("st/B/2", false),
    ("st/B/3", true),
    ("st/B/4", true),
];
/// What lies between two aisles.
const RUNS: [std::ops::Range<usize>; 3] = [0..6, 6..8, 8..10];

/// Seats `A1 B3` as the contract names them.
pub(super) fn names(short: &str) -> Vec<String> {
    short.split_whitespace().map(|seat| format!("st/{}/{}", &seat[..1], &seat[1..])).collect()
}

/// What a booking has: seats by their short names, places on the floor, whether they are neighbours.
#[derive(Clone, Copy, Default)]
pub(super) struct Has {
    pub(super) seats: &'static str,
    pub(super) floor: u64,
    pub(super) together: Option<bool>,
}

impl Has {
    pub(super) fn told(self) -> BookingSeats {
        let category = match (self.seats, self.floor) {
            ("", 0) => None,
            ("", _) => Some("s"),
            (_, _) => Some("a"),
        };
        let areas = if self.floor > 0 { [("floor".to_owned(), self.floor)].into() } else { BTreeMap::new() };
        let (category, together) = (category.map(str::to_owned), self.together);
        BookingSeats { seats: names(self.seats), areas, category, together }
    }
}

/// A history under way.
pub(super) struct Usher {
    slot: Slot,
    terms: Terms,
    bookings: BTreeMap<&'static str, (Booking, BookingSeats)>,
    closed: BTreeMap<String, Option<String>>,
    records: Vec<Record>,
    told: Vec<RecordSeats>,
    requests: Vec<Request>,
    looks: Vec<Look>,
    /// Who waits for standing places.
    standing: u64,
}

impl Usher {
    pub(super) fn open(singles: Singles) -> Self {
        let mut slot = Slot { starts_at: at(900), ends_at: at(1_000), ..new_slot() };
        slot.inventory = Inventory::of_units(12);
        slot.policy.hold_seconds = 60;
        slot.policy.hold_seconds_max = 120;
        slot.policy.waitlist = Some(Waitlist { capacity: 10, ..Waitlist::default() });
        let terms = Terms { map: "map_1".into(), singles, ..Terms::default() };
        let mut usher = Self {
            slot,
            terms,
            bookings: BTreeMap::new(),
            closed: BTreeMap::new(),
            records: Vec::new(),
            told: Vec::new(),
            requests: Vec::new(),
            looks: Vec::new(),
            standing: 0,
        };
        usher.step(0, Kind::SlotCreated, &[]);
        usher
    }

    /// The slot sells products, from when it was made.
    pub(super) fn sells(&mut self, products: &[&str], quotas: Vec<Quota>, prices: Vec<Price>) -> &mut Self {
        let product = |key: &&str| Product { key: (*key).into(), title: (*key).into(), categories: None };
        self.slot.products = Some(products.iter().map(product).collect());
        (self.slot.quotas, self.slot.prices) = (Some(quotas), Some(prices));
        self.slot.currency = Some("EUR".to_owned());
        self
    }

    /// What a booking of the newest record is of and costs from then on.
    pub(super) fn costs(&mut self, name: &'static str, lines: &[Line], amount: Option<u64>) -> &mut Self {
        let newest = self.records.last_mut().expect("a step was made");
        let own = newest.bookings.iter_mut().filter(|booking| booking.customer == name);
        let (kept, _seats) = self.bookings.get_mut(name).expect("who pays has come");
        for booking in own.chain([kept]) {
            booking.lines = Some(lines.to_vec());
            (booking.amount, booking.currency) = (amount, amount.map(|_amount| "EUR".to_owned()));
        }
        self
    }

    /// A step, and how it leaves each booking.
    pub(super) fn step(
        &mut self,
        seconds: u64,
        kind: Kind,
        changes: &[(&'static str, Status, Has)],
    ) -> &mut Self {
        let seq = self.records.len() as u64 + 1;
        let (mut bookings, mut told) = (Vec::new(), Vec::new());
        for (name, status, has) in changes {
            let (booking, seats) = self.bookings.get_mut(name).expect("who changes has come");
            (booking.status, booking.seq) = (*status, seq);
            booking.expires_at =
                (*status == Status::Held).then(|| booking.expires_at.unwrap_or_else(|| at(seconds + 60)));
            *seats = has.told();
            if matches!(status, Status::Held | Status::Confirmed | Status::Offered) {
                let places = seats.seats.len() as u64 + seats.areas.values().sum::<u64>();
                booking.quantity = u32::try_from(places).expect("few");
            }
            bookings.push(booking.clone());
            told.push(seats.clone());
        }
        let counts = Counts::untouched(0);
        self.records.push(Record { seq, at: at(seconds), kind, bookings, counts, seats: None, map: None });
        self.told.push(RecordSeats { seq, bookings: told, ..RecordSeats::default() });
        let counts = self.counts();
        let newest = self.records.last_mut().expect("a step was made");
        newest.counts = plain(&counts);
        self.told.last_mut().expect("a step was made").counts = counts;
        self
    }

    /// A customer comes, for so many, and is served or waits.
    pub(super) fn book(
        &mut self,
        seconds: u64,
        (name, quantity, mode): (&'static str, u32, Mode),
        (status, has): (Status, Has),
    ) -> &mut Self {
        let seq = self.records.len() as u64 + 1;
        let waiting = self.bookings.values().filter(|(of, _)| of.status == Status::Waitlisted).count();
        let new = Booking { mode, created_at: at(seconds), ..booking(name, quantity, status, seq) };
        self.bookings.insert(name, (new, BookingSeats::default()));
        self.step(seconds, Kind::Booked, &[(name, status, has)]);
        if status == Status::Waitlisted {
            let newest = self.records.last_mut().expect("a step was made");
            newest.bookings[0].position = u32::try_from(waiting + 1).ok();
        }
        self
    }

    /// The organizer closes or opens seats.
    pub(super) fn close(&mut self, seconds: u64, closing: Closing) -> &mut Self {
        for seat in &closing.blocked {
            self.closed.insert(seat.clone(), None);
        }
        for (name, seats) in &closing.allotted {
            self.closed.extend(seats.iter().map(|seat| (seat.clone(), Some(name.clone()))));
        }
        for seat in &closing.opened {
            self.closed.remove(seat);
        }
        self.step(seconds, Kind::SeatsChanged, &[]);
        self.told.last_mut().expect("a step was made").seats = Some(closing);
        self
    }

    /// Somebody looks at the map.
    pub(super) fn looks(&mut self) -> &mut Self {
        let letters = self.letters();
        let row = |runs: &[std::ops::Range<usize>]| {
            let runs: Vec<String> = runs.iter().map(|run| letters[run.clone()].concat()).collect();
            runs.join(" ")
        };
        let rows = [("st/A".to_owned(), row(&RUNS[..1])), ("st/B".to_owned(), row(&RUNS[1..]))];
        let areas = [("floor".to_owned(), AreaView { capacity: 2, free: 2 - self.standing_taken() })];
        let seq = self.records.len() as u64;
        self.looks.push(Look::Whole(MapView { seq, rows: rows.into(), areas: areas.into() }));
        self
    }

    /// Somebody asks, and is answered with the booking that comes first in the newest record.
    pub(super) fn asks(&mut self, customer: &str, ask: Ask) -> &mut Self {
        let booking = &self.records.last().expect("a step was made").bookings[0];
        let seats = &self.told.last().expect("a step was made").bookings[0];
        let status = match (&ask, booking.status) {
            (Ask::Book { .. }, Status::Waitlisted) => 202,
            (Ask::Book { .. }, _) => 201,
            (_, _) => 200,
        };
        let mut body = serde_json::to_value(booking).expect("a booking is JSON");
        body["seats"] = json!(seats.seats);
        body["areas"] = json!(seats.areas);
        body["category"] = json!(seats.category);
        body["together"] = json!(seats.together);
        self.answered(customer, ask, status, &body)
    }

    /// Somebody asks, and is refused at the newest record's seq, with what is in the way.
    pub(super) fn refused(&mut self, customer: &str, ask: Ask, code: Code, details: &Value) -> &mut Self {
        let seq = Some(self.records.len() as u64);
        let mut body = serde_json::to_value(Problem { seq, ..Problem::new(code, "no") }).expect("JSON");
        for (key, value) in details.as_object().expect("details are fields") {
            body[key] = value.clone();
        }
        self.answered(customer, ask, 409, &body)
    }

    /// Somebody asks, and the door says that the request is not valid.
    pub(super) fn rejected(&mut self, customer: &str, ask: Ask) -> &mut Self {
        let body = serde_json::to_value(Problem::new(Code::InvalidRequest, "no")).expect("JSON");
        self.answered(customer, ask, 422, &body)
    }

    /// Whoever asked last asks again with the same key, and is answered with this.
    pub(super) fn again(&mut self, tell: fn(&mut Value)) -> &mut Self {
        let answers = &mut self.requests.last_mut().expect("somebody asked").answers;
        let first = answers[0].clone();
        let mut body = serde_json::from_slice(&first.body).expect("JSON");
        tell(&mut body);
        let body = serde_json::to_vec(&body).expect("JSON").into();
        answers.push(Answer { origin: Origin::Replayed, body, ..first });
        self
    }

    fn answered(&mut self, customer: &str, ask: Ask, status: u16, body: &Value) -> &mut Self {
        let number = self.requests.len() as u64;
        let sent = Moment::from_us(number * 100);
        let received = Moment::from_us(number * 100 + 50);
        let body = serde_json::to_vec(body).expect("JSON").into();
        self.requests.push(Request {
            key: format!("{customer}-{number}"),
            customer: customer.to_owned(),
            by: Asker::Customer,
            slot: SlotNumber(0),
            ask,
            intended: sent,
            sent: Some(sent),
            answers: vec![Answer { received, status, origin: Origin::Decided, body }],
        });
        self
    }

    /// The whole history, in which every confirmed booking was read.
    pub(super) fn close_house(self, bookable: u64) -> (History, House) {
        let seq = self.records.len() as u64;
        let confirmed = || self.bookings.values().filter(|(of, _)| of.status == Status::Confirmed);
        let counts = |seq: usize| self.told[seq - 1].counts.clone();
        let slot_seats = |seq: usize, bookable: u64| SlotSeats {
            seq: seq as u64,
            inventory: SeatInventory { seats: self.terms.clone() },
            counts: counts(seq),
            bookable,
        };
        let house = House {
            plan: Plan::read(MAP.as_bytes()).expect("the map is one"),
            later: BTreeMap::new(),
            before: slot_seats(1, 8),
            after: Some(slot_seats(self.records.len(), bookable)),
            bookings: confirmed().map(|(of, seats)| (of.id.clone(), seq, seats.clone())).collect(),
            looks: self.looks,
            records: self.told.clone(),
        };
        let read =
            |(of, _): &(Booking, BookingSeats)| (of.id.clone(), Reading::Got(Booking { seq, ..of.clone() }));
        let quotas = |until: usize| left(self.slot.quotas.as_deref(), &self.records[..until]);
        let plain = |seq: usize| Counts { quotas: quotas(seq), ..plain(&counts(seq)) };
        let (first, last) = (plain(1), plain(self.records.len()));
        let evidence = Evidence {
            before: Slot { seq: 1, counts: first, bookable: Some(8), ..self.slot.clone() },
            changes: Vec::new(),
            looks: Vec::new(),
            free: Vec::new(),
            bookings: confirmed().map(read).collect(),
            after: Reading::Got(Slot { seq, counts: last, ..self.slot }),
            feed: Reading::Got(Feed { records: self.records, seq }),
        };
        (History { slots: vec![evidence], requests: self.requests }, house)
    }

    fn status_of(&self, seat: &str) -> Option<Status> {
        let live = |of: &Booking| matches!(of.status, Status::Held | Status::Offered | Status::Confirmed);
        let mut owners = self
            .bookings
            .values()
            .filter(|(of, seats)| live(of) && seats.seats.iter().any(|own| own == seat));
        owners.next().map(|(of, _)| of.status)
    }

    /// Places on the floor of bookings that stand like this.
    fn standing_like(&self, status: Status) -> u64 {
        let like = self.bookings.values().filter(|(of, _)| of.status == status);
        like.flat_map(|(_, seats)| seats.areas.values()).sum()
    }

    fn standing_taken(&self) -> u64 {
        let live = |of: &Booking| matches!(of.status, Status::Held | Status::Offered | Status::Confirmed);
        self.bookings.values().filter(|(of, _)| live(of)).flat_map(|(_, seats)| seats.areas.values()).sum()
    }

    fn letters(&self) -> Vec<&'static str> {
        let letter = |name: &str| match (self.status_of(name), self.closed.contains_key(name)) {
            (Some(Status::Held), _) => "h",
            (None, false) => "f",
            (_, _) => "t",
        };
        SEATS.map(|(name, _)| letter(name)).into()
    }

    fn counts(&self) -> SeatCounts {
        let like = |test: &dyn Fn(&str) -> bool| SEATS.iter().filter(|(name, _)| test(name)).count() as u64;
        let is_free = |name: &str| self.status_of(name).is_none();
        let blocked = like(&|name| self.closed.get(name) == Some(&None));
        let free = like(&|name| is_free(name) && !self.closed.contains_key(name));
        let held = like(&|name| self.status_of(name) == Some(Status::Held));
        let confirmed = like(&|name| self.status_of(name) == Some(Status::Confirmed));
        let waiting = self.bookings.values().filter(|(of, _)| of.status == Status::Waitlisted).count() as u64;
        let standing = self.standing_taken();
        let mut allotted: BTreeMap<String, AllotmentCounts> = BTreeMap::new();
        for (seat, name) in self.closed.iter().filter_map(|(seat, name)| Some((seat, name.clone()?))) {
            let of = allotted.entry(name).or_default();
            of.capacity += 1;
            of.free += u64::from(is_free(seat));
        }
        let largest = RUNS.iter().map(|run| {
            let open = |seat: &usize| {
                let (name, is_general) = SEATS[*seat];
                is_general && is_free(name) && !self.closed.contains_key(name)
            };
            let mut length = 0;
            let lengths = run.clone().map(|seat| {
                length = if open(&seat) { length + 1 } else { 0 };
                length
            });
            lengths.max().unwrap_or(0)
        });
        let a = CategoryCounts {
            capacity: 10 - blocked,
            free,
            held,
            offered: 0,
            confirmed,
            waitlisted: waiting - self.standing,
            largest_block: largest.max(),
        };
        let s = CategoryCounts {
            capacity: 2,
            free: 2 - standing,
            held: self.standing_like(Status::Held),
            confirmed: self.standing_like(Status::Confirmed),
            waitlisted: self.standing,
            largest_block: Some(0),
            ..CategoryCounts::default()
        };
        SeatCounts {
            capacity: 12 - blocked,
            free: free + 2 - standing,
            held: held + self.standing_like(Status::Held),
            offered: 0,
            confirmed: confirmed + self.standing_like(Status::Confirmed),
            waitlisted: waiting,
            blocked: Some(blocked),
            allotted: Some(allotted),
            categories: Some([("a".to_owned(), a), ("s".to_owned(), s)].into()),
        }
    }
}

fn plain(counts: &SeatCounts) -> Counts {
    let whole = |count: u64| u32::try_from(count).expect("few");
    Counts {
        capacity: whole(counts.capacity),
        free: Some(whole(counts.free)),
        held: whole(counts.held),
        offered: whole(counts.offered),
        confirmed: whole(counts.confirmed),
        waitlisted: whole(counts.waitlisted),
        ..Counts::untouched(0)
    }
}
