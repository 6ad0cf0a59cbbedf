//! The same rules, written as naively as can be: one list, and everything counted anew at every look.
//!
//! It shares the crate's words (requests, outcomes, records) and none of its structures. Where the slot keeps
//! a tree, an index or a sum, the oracle walks through everything it has ever seen.

mod commands;

use std::sync::Arc;

use booking::{
    Book, BookingId, BookingView, Command, ConfirmedBy, Counts, Decision, Definition, Fingerprint, Kind,
    Mode, Number, Order, Outcome, Promotion, Record, Reference, Refusal, Request, RequestKey, Seq, SlotId,
    Status, Stock, Timestamp, View, Wish,
};

const DAY: u64 = 86_400_000;
const WEEK: u64 = 7 * DAY;

/// Everything that was ever asked and done.
#[derive(Default)]
pub(crate) struct Oracle {
    made: Option<Made>,
    seq: u64,
    stamp: u64,
    cancelled: bool,
    bookings: Vec<Booking>,
    answers: Vec<Remembered>,
    /// How many answers were forgotten.
    pub(crate) forgotten: u64,
}

struct Made {
    id: SlotId,
    definition: Arc<Definition>,
    key: RequestKey,
    fingerprint: Fingerprint,
    first: Outcome,
}

struct Booking {
    key: RequestKey,
    asked: Book,
    /// For how many it is now.
    quantity: u32,
    status: Status,
    /// When its hold or offer ends.
    until: Option<u64>,
    /// When its hold began.
    held_since: u64,
    /// What it was when it expired.
    expired_as: Option<Status>,
    created_at: u64,
}

struct Remembered {
    key: RequestKey,
    fingerprint: Fingerprint,
    first: Outcome,
    /// Changes that made no booking go after a day; in these tests nothing else does.
    goes_at: Option<u64>,
}

/// What a command has done.
enum Done {
    /// Something to this booking.
    ToBooking(Kind, usize),
    /// Nothing to this booking, which was as it is wished.
    NothingTo(usize),
    /// Something to the slot, and to these bookings.
    ToSlot(Kind, Vec<usize>),
    /// Nothing to the slot, which was as it is wished.
    Nothing,
}

/// Why nothing is done.
enum Denied {
    Refused(Refusal),
    NotFound,
    Forbidden,
}

impl Oracle {
    /// Applies a request: what is answered, and what is recorded.
    pub(crate) fn apply(&mut self, at: u64, request: &Request) -> (Outcome, Vec<Record>) {
        let nowhere =
            Outcome { seq: Seq(0), at: Timestamp(at), replayed: false, decision: Decision::NotFound };
        let Some(made) = &self.made else {
            let Command::CreateSlot(new) = &request.command else { return (nowhere, vec![]) };
            let definition = new.definition();
            if definition.starts_at.0 > at {
                return self.create(at, request, definition);
            }
            return (Outcome { decision: Decision::Refused(Refusal::StartsInPast), ..nowhere }, vec![]);
        };
        if made.id != request.slot {
            return (nowhere, vec![]);
        }
        let reused = Outcome {
            seq: Seq(self.seq),
            at: Timestamp(at.max(self.stamp)),
            replayed: false,
            decision: Decision::KeyReused,
        };
        if let Command::CreateSlot(_) = request.command {
            let same = made.fingerprint == request.fingerprint;
            return (if same { Outcome { replayed: true, ..made.first.clone() } } else { reused }, vec![]);
        }
        if made.key == request.key {
            return (reused, vec![]);
        }
        if let Some(known) = self.answers.iter().find(|known| known.key == request.key) {
            let same = known.fingerprint == request.fingerprint;
            return (if same { Outcome { replayed: true, ..known.first.clone() } } else { reused }, vec![]);
        }
        self.decide(at, request)
    }

    /// Lets time pass.
    pub(crate) fn pulse(&mut self, at: u64) -> Vec<Record> {
        if self.deadline().is_none_or(|deadline| deadline > at) {
            return vec![];
        }
        let (changed, kind) = self.pass(at);
        vec![self.record(kind.expect("something was due"), &changed)]
    }

    /// When time alone next changes something.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.bookings.iter().filter_map(|booking| self.ends(booking)).min()
    }

    /// The slot as it is.
    pub(crate) fn view(&self) -> Option<View> {
        let made = self.made.as_ref()?;
        Some(View {
            id: made.id,
            definition: Arc::clone(&made.definition),
            seq: Seq(self.seq),
            stamp: Timestamp(self.stamp),
            counts: self.counts(),
            cancelled: self.cancelled,
            house: None,
            goods: None,
            calendar: None,
        })
    }

    /// Every booking as it is.
    pub(crate) fn bookings(&self) -> Vec<BookingView> {
        (0..self.bookings.len()).map(|place| self.booking(place)).collect()
    }

    /// The bookings that stand like this: the requests that made them, and whose they are.
    pub(crate) fn standing_like(&self, status: Status) -> Vec<(RequestKey, &str)> {
        let like = self.bookings.iter().filter(|booking| booking.status == status);
        like.map(|booking| (booking.key, &*booking.asked.customer)).collect()
    }

    /// How many bookings were ever made.
    pub(crate) fn made(&self) -> u64 {
        self.bookings.len() as u64
    }

    /// The request that made one of them, and whose it is.
    pub(crate) fn maker(&self, place: u64) -> (RequestKey, &str) {
        let booking = &self.bookings[usize::try_from(place).unwrap()];
        (booking.key, &booking.asked.customer)
    }

    /// What was answered to this request first, if it is remembered.
    pub(crate) fn remembered(&self, key: RequestKey) -> Option<&Outcome> {
        let made = self.made.as_ref().filter(|made| made.key == key).map(|made| &made.first);
        made.or_else(|| self.answers.iter().find(|known| known.key == key).map(|known| &known.first))
    }

    /// The most units that a newcomer could get at this moment.
    pub(crate) fn bookable(&self, now: u64) -> u32 {
        if self.made.is_none() || self.cancelled || !self.on_sale(now.max(self.stamp)) {
            return 0;
        }
        let counts = self.counts();
        if self.has_room(counts.free, &counts) { counts.free } else { 0 }
    }

    /// Whether nobody can book, but could again after a change.
    pub(crate) fn is_off_sale(&self) -> bool {
        self.made.is_some() && !self.cancelled && !self.on_sale(self.stamp)
    }

    /// Whether it is over for good.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    fn create(&mut self, at: u64, request: &Request, definition: &Definition) -> (Outcome, Vec<Record>) {
        self.stamp = at;
        let decision = Decision::NotFound;
        let first = Outcome { seq: Seq(1), at: Timestamp(at), replayed: false, decision };
        let definition = Arc::new(definition.clone());
        let (id, key, fingerprint) = (request.slot, request.key, request.fingerprint);
        self.made = Some(Made { id, definition, key, fingerprint, first: first.clone() });
        let record = self.record(Kind::SlotCreated, &[]);
        let first = Outcome { decision: Decision::Slot(self.view().expect("just made")), ..first };
        self.made.as_mut().expect("just made").first = first.clone();
        (first, vec![record])
    }

    fn decide(&mut self, at: u64, request: &Request) -> (Outcome, Vec<Record>) {
        let (mut changed, by_time) = self.pass(at);
        let decided = self.command(request);
        let kind = match &decided {
            Ok(Done::ToBooking(kind, place)) => {
                changed.insert(0, *place);
                Some(*kind)
            }
            Ok(Done::ToSlot(kind, places)) => {
                changed.extend(places);
                Some(*kind)
            }
            Ok(Done::NothingTo(_) | Done::Nothing) | Err(_) => by_time,
        };
        self.serve(&mut changed);
        let records = kind.map(|kind| self.record(kind, &changed)).into_iter().collect();
        // How long the answer is remembered: for ever, for a day, or not at all.
        let (for_ever, for_a_day) = (Some(None), Some(Some(self.stamp + DAY)));
        let (decision, remembered) = match decided {
            Ok(Done::ToBooking(Kind::Booked, place)) => (Decision::Booking(self.booking(place)), for_ever),
            Ok(Done::ToBooking(_, place) | Done::NothingTo(place)) => {
                (Decision::Booking(self.booking(place)), for_a_day)
            }
            Ok(Done::ToSlot(..) | Done::Nothing) => {
                (Decision::Slot(self.view().expect("it exists")), for_a_day)
            }
            Err(Denied::Refused(refusal)) => (Decision::Refused(refusal), for_ever),
            Err(Denied::NotFound) => (Decision::NotFound, None),
            Err(Denied::Forbidden) => (Decision::Forbidden, None),
        };
        let first = Outcome { seq: Seq(self.seq), at: Timestamp(self.stamp), replayed: false, decision };
        if let Some(goes_at) = remembered {
            let (key, fingerprint, first) = (request.key, request.fingerprint, first.clone());
            self.answers.push(Remembered { key, fingerprint, first, goes_at });
        }
        (first, records)
    }

    /// Forgets, lets everything end that is due, one after another, and serves.
    fn pass(&mut self, at: u64) -> (Vec<usize>, Option<Kind>) {
        self.stamp = self.stamp.max(at);
        for _ in 0..2 {
            // Oldest first; the answers stand in the order in which they were given.
            let oldest = self.answers.iter().position(|known| known.goes_at.is_some());
            if let Some(place) = oldest.filter(|&place| self.answers[place].goes_at <= Some(self.stamp)) {
                self.answers.remove(place);
                self.forgotten += 1;
            }
        }
        let mut changed = vec![];
        let kind = self.expire(&mut changed);
        self.serve(&mut changed);
        (changed, kind)
    }

    /// Lets everything end that is due, one after another.
    fn expire(&mut self, changed: &mut Vec<usize>) -> Option<Kind> {
        let mut kind = None;
        loop {
            let due = (0..self.bookings.len())
                .filter_map(|place| Some((self.ends(&self.bookings[place])?, place)))
                .min()
                .filter(|&(ends, _)| ends <= self.stamp);
            let Some((ends, place)) = due else { return kind };
            let booking = &mut self.bookings[place];
            booking.expired_as = Some(booking.status);
            (booking.status, booking.until) = (Status::Expired, None);
            changed.push(place);
            kind = Some(if ends == self.definition().ends_at.0 { Kind::Finished } else { Kind::Lapsed });
        }
    }

    /// Serves those whose turn it is, for as long as there is room.
    fn serve(&mut self, changed: &mut Vec<usize>) {
        loop {
            let Some(waitlist) = self.made.as_ref().and_then(|made| made.definition.policy.waitlist) else {
                return;
            };
            let free = self.counts().free;
            let fits = |booking: &Booking| booking.quantity <= free;
            let mut waiters =
                (0..self.bookings.len()).filter(|&place| self.bookings[place].status == Status::Waitlisted);
            let next = match waitlist.order {
                Order::Strict => waiters.next().filter(|&place| fits(&self.bookings[place])),
                Order::SkipFit => waiters.find(|&place| fits(&self.bookings[place])),
            };
            let Some(place) = next else { return };
            match waitlist.promotion {
                Promotion::Confirm => self.grant(place),
                Promotion::Offer => {
                    let until = self.stamp + u64::from(waitlist.offer_seconds.max(1)) * 1_000;
                    self.bookings[place].status = Status::Offered;
                    self.bookings[place].until = Some(until.min(self.definition().ends_at.0));
                }
            }
            changed.push(place);
        }
    }

    /// Gives a booking its places: for good, or until a deadline.
    fn grant(&mut self, place: usize) {
        let (policy, ends_at) = (self.definition().policy, self.definition().ends_at.0);
        let booking = &mut self.bookings[place];
        if booking.asked.mode == Mode::Confirm && policy.confirmed_by == ConfirmedBy::Customer {
            (booking.status, booking.until) = (Status::Confirmed, None);
            return;
        }
        let wish = booking.asked.hold_seconds.unwrap_or(policy.hold_seconds).min(policy.hold_seconds_max);
        let until = self.stamp + (u64::from(wish.max(1)) * 1_000).min(WEEK);
        booking.status = Status::Held;
        booking.held_since = self.stamp;
        booking.until = Some(until.min(ends_at));
    }

    /// When time alone ends a booking.
    fn ends(&self, booking: &Booking) -> Option<u64> {
        let waits = booking.status == Status::Waitlisted || booking.until.is_some();
        waits.then(|| booking.until.unwrap_or(u64::MAX).min(self.definition().ends_at.0))
    }

    /// Whether the slot, if it is not cancelled, is sold at this moment.
    fn on_sale(&self, at: u64) -> bool {
        let definition = self.definition();
        let opens_at = definition.sale.opens_at.map_or(0, |opens_at| opens_at.0);
        let closes_at = definition.sale.closes_at.unwrap_or(definition.starts_at).0;
        opens_at <= at && at < closes_at && at < definition.ends_at.0
    }

    /// Whether a newcomer is given so many units at once.
    fn has_room(&self, quantity: u32, counts: &Counts) -> bool {
        let may_pass =
            self.definition().policy.waitlist.is_some_and(|waitlist| waitlist.order == Order::SkipFit);
        quantity <= counts.free && (counts.waitlisted == 0 || may_pass)
    }

    fn record(&mut self, kind: Kind, changed: &[usize]) -> Record {
        self.seq += 1;
        let once = changed.iter().enumerate().filter(|(nth, place)| !changed[..*nth].contains(place));
        let newest = self.bookings.len().checked_sub(1).filter(|_newest| kind == Kind::Booked);
        let shown = |place: usize| {
            let view = self.booking(place);
            BookingView { position: view.position.filter(|_position| newest == Some(place)), ..view }
        };
        let bookings = once.map(|(_, &place)| shown(place)).collect();
        Record {
            seq: Seq(self.seq),
            at: Timestamp(self.stamp),
            kind,
            bookings,
            counts: self.counts(),
            house: None,
            calendar: None,
            told: None,
        }
    }

    fn booking(&self, place: usize) -> BookingView {
        let booking = &self.bookings[place];
        let ahead = self.bookings[..place].iter().filter(|other| other.status == Status::Waitlisted).count();
        let position = u32::try_from(ahead + 1).unwrap();
        BookingView {
            id: BookingId { slot: self.made.as_ref().expect("a slot").id, request: booking.key },
            number: Number(u32::try_from(place + 1).unwrap()),
            customer: booking.asked.customer.clone(),
            quantity: booking.quantity,
            status: booking.status,
            mode: booking.asked.mode,
            reference: Reference::parse("00000000").expect("a placeholder: the slot's own are tested apart"),
            position: (booking.status == Status::Waitlisted).then_some(position),
            expires_at: booking.until.map(Timestamp),
            created_at: Timestamp(booking.created_at),
            seating: None,
            range: None,
            bill: None,
            credits: None,
            order: None,
        }
    }

    fn counts(&self) -> Counts {
        let capacity = capacity(self.definition());
        let units = |status| {
            self.bookings
                .iter()
                .filter(|booking| booking.status == status)
                .map(|booking| booking.quantity)
                .sum::<u32>()
        };
        let (held, offered, confirmed) =
            (units(Status::Held), units(Status::Offered), units(Status::Confirmed));
        let waiting = self.bookings.iter().filter(|booking| booking.status == Status::Waitlisted).count();
        let free = capacity - held - offered - confirmed;
        Counts { capacity, free, held, offered, confirmed, waitlisted: u32::try_from(waiting).unwrap() }
    }

    fn definition(&self) -> &Definition {
        &self.made.as_ref().expect("a slot").definition
    }
}

/// How many units a slot has.
pub(crate) fn capacity(definition: &Definition) -> u32 {
    let Stock::Units { capacity } = definition.stock else { unreachable!("slots of seats are another test") };
    capacity
}

/// For how many units somebody asks.
fn quantity(book: &Book) -> u32 {
    let Wish::Units(quantity) = book.wish else { unreachable!("slots of seats are another test") };
    quantity
}
