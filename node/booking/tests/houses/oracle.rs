//! A slot of seats, written as naively as can be: one list of bookings, and everything counted anew at every look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use booking::{
    AllotmentCounts, Area, Best, Book, BookingId, BookingView, CategoryCounts, CategoryView, ConfirmedBy,
    Content, Counts, Decision, Definition, Details, Fingerprint, HouseView, Kind, Mode, Number, Order,
    Outcome, Places, Promotion, Record, Reference, Refusal, Request, RequestKey, Seat, Seating, SeatsStock,
    Seq, SlotId, Status, Stock, Timestamp, Told, View,
};

use crate::judge::{Counter, Given, Judge, Nothing, Pool, Sold, given_of, skips};
use crate::layout::Layout;
use crate::till::{Bought, Goods};

/// What a slot gave to whom in a step: taken where the contract leaves it open.
pub(crate) type Gave = BTreeMap<RequestKey, Arc<Seating>>;

/// Everything that was ever asked and done.
pub(crate) struct Oracle {
    pub(crate) id: SlotId,
    pub(crate) layout: Layout,
    pub(crate) definition: Arc<Definition>,
    pub(crate) sold: Vec<Sold>,
    pub(crate) names: Vec<Box<str>>,
    pub(crate) bookings: Vec<Booking>,
    pub(crate) cancelled: bool,
    pub(crate) stamp: u64,
    seq: u64,
    made: (RequestKey, Fingerprint),
    answers: BTreeMap<RequestKey, (Fingerprint, Outcome)>,
}

pub(crate) struct Booking {
    pub(crate) key: RequestKey,
    pub(crate) customer: Box<str>,
    pub(crate) mode: Mode,
    pub(crate) hold_seconds: Option<u32>,
    pub(crate) wish: Option<Best>,
    pub(crate) quantity: u32,
    pub(crate) status: Status,
    pub(crate) until: Option<u64>,
    pub(crate) held_since: u64,
    pub(crate) expired_as: Option<Status>,
    pub(crate) created_at: u64,
    pub(crate) seating: Arc<Seating>,
    /// What it is of, and what that costs.
    pub(crate) bought: Bought,
}

/// What a command has done.
pub(crate) enum Done {
    ToBooking(Kind, usize),
    NothingTo(usize),
    ToSlot(Kind, Vec<usize>, Option<Told>),
    Nothing,
}

/// Why nothing is done.
pub(crate) enum Denied {
    Refused(Refusal, Option<Details>),
    AnotherMap,
    NotFound,
    Forbidden,
}

impl From<(Refusal, Option<Details>)> for Denied {
    fn from((refusal, details): (Refusal, Option<Details>)) -> Self {
        Self::Refused(refusal, details)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal, None)
    }
}

impl Oracle {
    /// A slot that was just made, and what was recorded.
    pub(crate) fn new(
        at: u64,
        request: &Request,
        definition: Definition,
        layout: Layout,
    ) -> (Self, Outcome, Record) {
        let mut oracle = Self {
            id: request.slot,
            sold: vec![Sold::ToAll; layout.chairs.len()],
            layout,
            definition: Arc::new(definition),
            names: vec![],
            bookings: vec![],
            cancelled: false,
            stamp: at,
            seq: 0,
            made: (request.key, request.fingerprint),
            answers: BTreeMap::new(),
        };
        let record = oracle.record(Kind::SlotCreated, &[], None);
        let outcome = oracle.outcome(Decision::Slot(oracle.view()));
        oracle.answers.insert(request.key, (request.fingerprint, outcome.clone()));
        (oracle, outcome, record)
    }

    /// Applies a request: what is answered, and what is recorded.
    pub(crate) fn apply(
        &mut self,
        at: u64,
        request: &Request,
        before: &Gave,
        gave: &Gave,
    ) -> (Outcome, Vec<Record>) {
        let reused = Outcome {
            seq: Seq(self.seq),
            at: Timestamp(at.max(self.stamp)),
            replayed: false,
            decision: Decision::KeyReused,
        };
        let is_making = matches!(request.command, booking::Command::CreateSlot(_));
        if is_making || request.key == self.made.0 {
            let is_same = is_making && request.fingerprint == self.made.1;
            let first = &self.answers[&self.made.0].1;
            return (if is_same { Outcome { replayed: true, ..first.clone() } } else { reused }, vec![]);
        }
        if let Some((fingerprint, first)) = self.answers.get(&request.key) {
            let is_same = *fingerprint == request.fingerprint;
            return (if is_same { Outcome { replayed: true, ..first.clone() } } else { reused }, vec![]);
        }
        let (mut changed, by_time) = self.pass(at, before);
        let done = self.command(request, gave);
        let mut told = None;
        let kind = match &done {
            Ok(Done::ToBooking(kind, place)) => {
                changed.insert(0, *place);
                Some(*kind)
            }
            Ok(Done::ToSlot(kind, places, what)) => {
                changed.extend(places);
                told.clone_from(what);
                Some(*kind)
            }
            Ok(Done::NothingTo(_) | Done::Nothing) | Err(_) => None,
        };
        self.serve(&mut changed, gave);
        let records = kind.or(by_time).map(|kind| self.record(kind, &changed, told));
        let decision = self.decision(&done);
        let outcome = self.outcome(decision);
        let kept = match &outcome.decision {
            Decision::Explained(refusal, _) => Some(Decision::Refused(*refusal)),
            Decision::Slot(_) | Decision::Booking(_) | Decision::Refused(_) => Some(outcome.decision.clone()),
            Decision::AnotherMap | Decision::KeyReused | Decision::NotFound | Decision::Forbidden => None,
        };
        if let Some(decision) = kept {
            let Outcome { seq, at, replayed, .. } = outcome;
            let first = Outcome { seq, at, replayed, decision };
            self.answers.insert(request.key, (request.fingerprint, first));
        }
        (outcome, records.into_iter().collect())
    }

    fn decision(&self, done: &Result<Done, Denied>) -> Decision {
        match done {
            Ok(Done::ToBooking(_, place) | Done::NothingTo(place)) => Decision::Booking(self.booking(*place)),
            Ok(Done::ToSlot(..) | Done::Nothing) => Decision::Slot(self.view()),
            Err(Denied::Refused(refusal, None)) => Decision::Refused(*refusal),
            Err(Denied::Refused(refusal, Some(details))) => {
                Decision::Explained(*refusal, Box::new(details.clone()))
            }
            Err(Denied::AnotherMap) => Decision::AnotherMap,
            Err(Denied::NotFound) => Decision::NotFound,
            Err(Denied::Forbidden) => Decision::Forbidden,
        }
    }

    fn outcome(&self, decision: Decision) -> Outcome {
        Outcome { seq: Seq(self.seq), at: Timestamp(self.stamp), replayed: false, decision }
    }

    /// Lets time pass.
    pub(crate) fn pulse(&mut self, at: u64, gave: &Gave) -> Vec<Record> {
        if self.deadline().is_none_or(|deadline| at < deadline) {
            return vec![];
        }
        let (changed, kind) = self.pass(at, gave);
        kind.map(|kind| self.record(kind, &changed, None)).into_iter().collect()
    }

    /// When time alone next changes something.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let ends = self.bookings.iter().filter_map(|booking| self.ends(booking)).min();
        let is_for_sale = |at: &u64| !self.cancelled && *at < self.definition.ends_at.0;
        let reprices = self.reprices().filter(is_for_sale);
        ends.into_iter().chain(reprices).min()
    }

    /// What was answered to a request first.
    pub(crate) fn remembered(&self, key: RequestKey) -> Option<&Outcome> {
        self.answers.get(&key).map(|(_, first)| first)
    }

    fn pass(&mut self, at: u64, gave: &Gave) -> (Vec<usize>, Option<Kind>) {
        let prices = self.price_table();
        self.stamp = self.stamp.max(at);
        let is_for_sale = !self.cancelled && self.stamp < self.definition.ends_at.0;
        // What everyone sees of prices is told anew.
        let is_repriced = is_for_sale && prices != self.price_table();
        let mut changed = vec![];
        let kind = self.expire(&mut changed);
        let lapsed = changed.len();
        self.serve(&mut changed, gave);
        let by_time = (is_repriced || lapsed < changed.len()).then_some(Kind::Lapsed);
        (changed, kind.or(by_time))
    }

    /// Lets everything end that is due, one after another.
    pub(crate) fn expire(&mut self, changed: &mut Vec<usize>) -> Option<Kind> {
        let mut kind = None;
        loop {
            let due =
                self.bookings.iter().enumerate().filter_map(|(place, one)| Some((self.ends(one)?, place)));
            let Some((ends, place)) = due.min().filter(|&(ends, _)| ends <= self.stamp) else { return kind };
            let booking = &mut self.bookings[place];
            booking.expired_as = Some(booking.status);
            self.stand(place, Status::Expired);
            changed.push(place);
            kind = Some(if ends == self.definition.ends_at.0 { Kind::Finished } else { Kind::Lapsed });
        }
    }

    /// Lets a booking stand like this, without a deadline.
    pub(crate) fn stand(&mut self, place: usize, status: Status) {
        let booking = &mut self.bookings[place];
        (booking.status, booking.until) = (status, None);
        if status != Status::Waitlisted {
            booking.wish = None;
        }
    }

    fn ends(&self, booking: &Booking) -> Option<u64> {
        let waits = booking.status == Status::Waitlisted || booking.until.is_some();
        waits.then(|| booking.until.unwrap_or(u64::MAX).min(self.definition.ends_at.0))
    }

    /// The house as it is.
    pub(crate) fn judge(&self) -> Judge<'_> {
        let Stock::Seats(SeatsStock { singles, .. }) = self.definition.stock else {
            unreachable!("it is of seats")
        };
        let (mut taken, mut taken_in) = (BTreeSet::new(), BTreeMap::new());
        for booking in self.bookings.iter().filter(|booking| booking.status.has_places()) {
            let Given { seats, areas } = given_of(&booking.seating);
            for seat in seats {
                assert!(taken.insert(seat), "nobody has a seat twice");
                assert!(self.sold[seat as usize] != Sold::ToNobody, "nobody has what is not for sale");
            }
            for (area, places) in areas {
                *taken_in.entry(area).or_insert(0) += places;
            }
        }
        Judge { layout: &self.layout, sold: &self.sold, taken, taken_in, policy: singles }
    }

    pub(crate) fn order(&self) -> Order {
        self.definition.policy.waitlist.map_or(Order::Strict, |waitlist| waitlist.order)
    }

    pub(crate) fn waiters(&self) -> impl Iterator<Item = (usize, &Best)> {
        self.bookings.iter().enumerate().filter_map(|(place, booking)| Some((place, booking.wish.as_ref()?)))
    }

    /// What a newcomer must leave for those who wait.
    pub(crate) fn short(&self) -> BTreeSet<Counter> {
        let judge = self.judge();
        let waiters = self.waiters().filter(|_| !skips(self.order()));
        let sold = waiters.filter_map(|(place, wish)| self.sold(wish, &self.bookings[place].goods()));
        sold.flat_map(|wish| judge.short_of(&wish)).collect()
    }

    /// Serves those whose turn it is, one after another, the first to come first.
    fn serve(&mut self, changed: &mut Vec<usize>, gave: &Gave) {
        let Some(waitlist) = self.definition.policy.waitlist else { return };
        while let Some((place, given)) = self.next(gave) {
            self.seat(place, &given);
            match waitlist.promotion {
                Promotion::Confirm => {
                    self.charge(place).unwrap();
                    self.grant(place, self.bookings[place].bought.amount().unwrap_or(0));
                }
                Promotion::Offer => {
                    let until = self.stamp + u64::from(waitlist.offer_seconds.max(1)) * 1_000;
                    self.stand(place, Status::Offered);
                    self.bookings[place].until = Some(until.min(self.definition.ends_at.0));
                }
            }
            changed.push(place);
        }
    }

    fn next(&self, gave: &Gave) -> Option<(usize, Given)> {
        let judge = self.judge();
        let (mut short, mut short_quotas) = (BTreeSet::new(), BTreeSet::new());
        for (place, wish) in self.waiters() {
            let gave = gave.get(&self.bookings[place].key).map(|gave| &**gave);
            let goods = self.bookings[place].goods();
            let Some(sold) = self.sold(wish, &goods) else { continue };
            if self.refusing(&goods, &short_quotas).is_empty()
                && let Ok(given) = judge.best(&sold, &short, gave)
            {
                return Some((place, given));
            }
            if !skips(self.order()) {
                short.extend(judge.short_of(&sold));
                short_quotas.extend(self.short_quotas_of(place, wish));
            }
        }
        None
    }

    /// Gives a booking these places.
    pub(crate) fn seat(&mut self, place: usize, given: &Given) {
        let seating = self.seating(given);
        let booking = &mut self.bookings[place];
        booking.quantity = u32::try_from(given.seats.len()).unwrap() + given.areas.values().sum::<u32>();
        booking.seating = Arc::new(seating);
        booking.wish = None;
    }

    /// What is shown of these places.
    pub(crate) fn seating(&self, given: &Given) -> Seating {
        let Given { seats, areas } = given;
        let of = |seat: &u32| self.layout.chairs[*seat as usize];
        let in_areas = areas.keys().map(|&area| self.layout.area(area).unwrap().0);
        let categories = seats.iter().map(|seat| of(seat).category).chain(in_areas).collect::<BTreeSet<_>>();
        let first = seats.first().copied();
        let is_next = |(nth, seat): (u32, &u32)| {
            Some(*seat) == first.map(|first| first + nth) && of(seat).block == of(&first.unwrap()).block
        };
        let places = Places::new(
            seats.iter().copied().map(Seat).collect(),
            areas.iter().map(|(&area, &places)| (Area(area), places)).collect(),
        );
        Seating {
            map: self.layout.map,
            places: places.unwrap(),
            category: categories.first().filter(|_| categories.len() == 1).map(|&one| booking::Category(one)),
            together: first.map(|_| (0..).zip(seats).all(is_next)),
        }
    }

    /// Gives a booking what it has for good, or until a deadline: until so much is paid for it, if anything is.
    pub(crate) fn grant(&mut self, place: usize, owed: u64) {
        let (policy, ends_at) = (self.definition.policy, self.definition.ends_at.0);
        let booking = &self.bookings[place];
        if booking.mode == Mode::Confirm && policy.confirmed_by == ConfirmedBy::Customer && owed == 0 {
            self.stand(place, Status::Confirmed);
            return;
        }
        let wish = booking.hold_seconds.unwrap_or(policy.hold_seconds).min(policy.hold_seconds_max);
        let until = (self.stamp + u64::from(wish.max(1)) * 1_000).min(ends_at);
        self.stand(place, Status::Held);
        self.bookings[place].held_since = self.stamp;
        self.bookings[place].until = Some(until);
    }

    /// Adds a booking that waits.
    pub(crate) fn add(&mut self, key: RequestKey, asked: &Book, wish: Option<Best>, quantity: u32) -> usize {
        self.bookings.push(Booking {
            key,
            customer: asked.customer.clone(),
            mode: asked.mode,
            hold_seconds: asked.hold_seconds,
            wish,
            quantity,
            status: Status::Waitlisted,
            until: None,
            held_since: 0,
            expired_as: None,
            created_at: self.stamp,
            seating: Arc::new(self.seating(&Given::default())),
            bought: Bought {
                lines: asked.basket.iter().flat_map(|basket| basket.lines.clone()).collect(),
                ..Bought::default()
            },
        });
        self.bookings.len() - 1
    }

    fn record(&mut self, kind: Kind, changed: &[usize], told: Option<Told>) -> Record {
        self.seq += 1;
        let once = changed.iter().enumerate().filter(|(nth, place)| !changed[..*nth].contains(place));
        let newest = self.bookings.len().checked_sub(1).filter(|_| kind == Kind::Booked);
        let shown = |place: usize| {
            let view = self.booking(place);
            BookingView { position: view.position.filter(|_| newest == Some(place)), ..view }
        };
        let bookings = once.map(|(_, &place)| shown(place)).collect();
        let (counts, house) = (self.counts(), Some(Arc::new(self.house())));
        let told = told.map(Box::new);
        Record {
            seq: Seq(self.seq),
            at: Timestamp(self.stamp),
            kind,
            bookings,
            counts,
            house,
            calendar: None,
            told,
        }
    }

    /// The slot as it is.
    pub(crate) fn view(&self) -> View {
        View {
            id: self.id,
            definition: Arc::clone(&self.definition),
            seq: Seq(self.seq),
            stamp: Timestamp(self.stamp),
            counts: self.counts(),
            cancelled: self.cancelled,
            goods: self.goods_view(self.house().bookable).map(Arc::new),
            house: Some(Arc::new(self.house())),
            calendar: None,
        }
    }

    /// A booking as it is.
    pub(crate) fn booking(&self, place: usize) -> BookingView {
        let booking = &self.bookings[place];
        let position = booking.wish.as_ref().map(|own| {
            let goods = booking.goods();
            let shares =
                |other: usize, wish: &Best| self.share((wish, &self.bookings[other].goods()), (own, &goods));
            let before = self.waiters().filter(|&(other, wish)| other < place && shares(other, wish));
            u32::try_from(before.count() + 1).unwrap()
        });
        BookingView {
            id: BookingId { slot: self.id, request: booking.key },
            number: Number(u32::try_from(place + 1).unwrap()),
            customer: booking.customer.clone(),
            quantity: booking.quantity,
            status: booking.status,
            mode: booking.mode,
            reference: Reference::parse("00000000").unwrap(),
            position,
            expires_at: booking.until.map(Timestamp),
            created_at: Timestamp(booking.created_at),
            seating: Some(Arc::clone(&booking.seating)),
            range: None,
            bill: booking.bought.bill(),
            credits: None,
            order: None,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let each = (0..self.layout.drawing.categories).map(|category| self.category(category).counts);
        let all = each.collect::<Vec<_>>();
        let sum = |of: fn(&CategoryCounts) -> u32| all.iter().map(of).sum();
        Counts {
            capacity: sum(|counts| counts.capacity),
            free: sum(|counts| counts.free),
            held: sum(|counts| counts.held),
            offered: sum(|counts| counts.offered),
            confirmed: sum(|counts| counts.confirmed),
            waitlisted: u32::try_from(self.waiters().count()).unwrap(),
        }
    }

    fn house(&self) -> HouseView {
        let (judge, short) = (self.judge(), self.short());
        let allotment = |(number, name): (u8, &str)| {
            let own =
                (0..).zip(&self.sold).filter(|(_, sold)| **sold == Sold::To(number)).map(|(seat, _)| seat);
            let own = own.collect::<BTreeSet<u32>>();
            let free = own.difference(&judge.taken).count();
            let counts = AllotmentCounts {
                capacity: u32::try_from(own.len()).unwrap(),
                free: u32::try_from(free).unwrap(),
            };
            (name.into(), counts)
        };
        let open_to = |category: u8| {
            if short.contains(&(category, Pool::General)) {
                return 0;
            }
            let chairs = (0..).zip(&self.layout.chairs).filter(|(_, chair)| chair.category == category);
            let seats = chairs.filter(|&(seat, _)| judge.is_open(seat)).count();
            let areas = (0..).zip(&self.layout.drawing.areas).filter(|(_, area)| area.category.0 == category);
            let largest = areas.map(|(area, _)| judge.free_in(area)).max().unwrap_or(0);
            u32::try_from(seats).unwrap().max(largest).min(self.most_sold(category)).min(100)
        };
        let categories = || 0..self.layout.drawing.categories;
        HouseView {
            map: self.layout.map,
            blocked: u32::try_from(self.sold.iter().filter(|sold| **sold == Sold::ToNobody).count()).unwrap(),
            bookable: categories().map(open_to).max().unwrap_or(0),
            allotments: (0..).zip(self.names.iter().map(|name| &**name)).map(allotment).collect(),
            categories: categories().map(|category| self.category(category)).collect(),
        }
    }

    fn category(&self, category: u8) -> CategoryView {
        let judge = self.judge();
        let own = |seat: &u32| self.layout.chairs[*seat as usize].category == category;
        let with = |status: Status| {
            let of = self.bookings.iter().filter(|booking| booking.status == status);
            let count = of.map(|booking| given_of(&booking.seating)).map(|given| {
                let areas =
                    given.areas.iter().filter(|(area, _)| self.layout.area(**area).unwrap().0 == category);
                u32::try_from(given.seats.iter().filter(|seat| own(seat)).count()).unwrap()
                    + areas.map(|(_, places)| places).sum::<u32>()
            });
            count.sum::<u32>()
        };
        let all = (0..).zip(&self.sold).filter(|(seat, _)| own(seat) && !judge.taken.contains(seat));
        let allotted = all.filter(|(_, sold)| matches!(sold, Sold::To(_))).count();
        let pools = [Pool::General, Pool::Wheelchairs, Pool::Companions];
        let free = pools.into_iter().map(|pool| judge.free_at((category, pool))).sum::<u32>();
        let (held, offered, confirmed) = (with(Status::Held), with(Status::Offered), with(Status::Confirmed));
        let allotted = u32::try_from(allotted).unwrap();
        let capacity = free + allotted + held + offered + confirmed;
        let largest_block = judge.largest_block(category);
        let waiting =
            self.waiters().filter(|(_, wish)| wish.categories.contains(&booking::Category(category)));
        CategoryView {
            counts: CategoryCounts { capacity, free, allotted, held, offered, confirmed, largest_block },
            waitlisted: u32::try_from(waiting.count()).unwrap(),
        }
    }

    /// What becomes of a newcomer who wants the best, for this, where it is sold and quotas leave so much.
    pub(crate) fn best(&self, ask: &Best, goods: &Goods, gave: Option<&Seating>) -> Result<Given, Nothing> {
        let sold = self.sold(ask, goods).ok_or(Nothing::TooFew)?;
        if !self.refusing(goods, &self.short_quotas()).is_empty() {
            return Err(Nothing::TooFew);
        }
        self.judge().best(&sold, &self.short(), gave)
    }

    pub(crate) fn map(&self) -> Content {
        self.layout.map
    }
}
