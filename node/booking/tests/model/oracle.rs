//! The same rules, written as naively as can be: one list, and everything counted anew at every look.
//!
//! It shares the crate's words (requests, outcomes, records) and none of its structures. Where the slot keeps
//! a tree, an index or a sum, the oracle walks through everything it has ever seen.

use std::sync::Arc;

use booking::{
    Book, BookingId, BookingView, CancelBooking, Command, ConfirmedBy, Counts, Decision, Definition,
    Fingerprint, Kind, Mode, Number, Outcome, Party, Promotion, Record, Reference, Refusal, Request,
    RequestKey, Seq, SlotId, Status, Timestamp, View, WhenFull,
};

const DAY: u64 = 86_400_000;

/// Everything that was ever asked and done.
#[derive(Default)]
pub(crate) struct Oracle {
    made: Option<Made>,
    seq: u64,
    stamp: u64,
    cancelled: bool,
    bookings: Vec<Booking>,
    answers: Vec<Remembered>,
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
    status: Status,
    until: Option<u64>,
    created_at: u64,
}

struct Remembered {
    key: RequestKey,
    fingerprint: Fingerprint,
    first: Outcome,
    /// Changes that made no booking go after a day; in these tests nothing else does.
    goes_at: Option<u64>,
}

/// Why nothing is done.
enum Denied {
    Refused(Refusal),
    NotFound,
}

impl Oracle {
    /// Applies a request: what is answered, and what is recorded.
    pub(crate) fn apply(&mut self, at: u64, request: &Request) -> (Outcome, Vec<Record>) {
        let not_found =
            Outcome { seq: Seq(0), at: Timestamp(at), replayed: false, decision: Decision::NotFound };
        let Some(made) = &self.made else {
            return match &request.command {
                Command::CreateSlot(definition) if definition.starts_at.0 > at => {
                    self.create(at, request, definition)
                }
                Command::CreateSlot(_) => {
                    (Outcome { decision: Decision::Refused(Refusal::StartsInPast), ..not_found }, vec![])
                }
                Command::CancelSlot | Command::Book(_) | Command::CancelBooking(_) => (not_found, vec![]),
            };
        };
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
        })
    }

    /// Every booking as it is.
    pub(crate) fn bookings(&self) -> Vec<BookingView> {
        (0..self.bookings.len()).map(|place| self.booking(place)).collect()
    }

    fn create(&mut self, at: u64, request: &Request, definition: &Definition) -> (Outcome, Vec<Record>) {
        (self.seq, self.stamp) = (1, at);
        let definition = Arc::new(definition.clone());
        let view = View {
            id: request.slot,
            definition: Arc::clone(&definition),
            seq: Seq(1),
            stamp: Timestamp(at),
            counts: Counts::untouched(definition.capacity),
            cancelled: false,
        };
        let first =
            Outcome { seq: Seq(1), at: Timestamp(at), replayed: false, decision: Decision::Slot(view) };
        self.made = Some(Made {
            id: request.slot,
            definition,
            key: request.key,
            fingerprint: request.fingerprint,
            first: first.clone(),
        });
        let record = Record {
            seq: Seq(1),
            at: Timestamp(at),
            kind: Kind::SlotCreated,
            bookings: vec![],
            counts: self.counts(),
        };
        (first, vec![record])
    }

    fn decide(&mut self, at: u64, request: &Request) -> (Outcome, Vec<Record>) {
        let at = at.max(self.stamp);
        for _ in 0..2 {
            // Oldest first; the answers stand in the order in which they were given.
            let oldest = self.answers.iter().position(|known| known.goes_at.is_some());
            if let Some(place) = oldest.filter(|&place| self.answers[place].goes_at <= Some(at)) {
                self.answers.remove(place);
            }
        }
        let (mut changed, by_time) = self.pass(at);
        let decided = match &request.command {
            Command::Book(book) => self.book(request.key, book),
            Command::CancelBooking(cancel) => self.cancel(cancel),
            Command::CancelSlot => self.cancel_slot(),
            Command::CreateSlot(_) => unreachable!("answered above"),
        };
        let kind = match &decided {
            Ok((kind, places)) => {
                if *kind == Kind::SlotCancelled {
                    changed.extend(places);
                } else {
                    changed.splice(0..0, places.iter().copied());
                }
                self.serve(&mut changed);
                Some(*kind)
            }
            Err(_) => by_time,
        };
        let records = kind.map(|kind| self.record(kind, &changed)).into_iter().collect();
        let decision = match decided {
            Ok((Kind::SlotCancelled, _)) => Decision::Slot(self.view().expect("it exists")),
            Ok((_, places)) => Decision::Booking(self.booking(places[0])),
            Err(Denied::Refused(refusal)) => Decision::Refused(refusal),
            Err(Denied::NotFound) => Decision::NotFound,
        };
        let goes_at = match &decision {
            Decision::Booking(view) => (view.id.request != request.key).then_some(at + DAY),
            Decision::Slot(_) => Some(at + DAY),
            Decision::Refused(_) | Decision::KeyReused | Decision::NotFound => None,
        };
        let outcome = Outcome { seq: Seq(self.seq), at: Timestamp(at), replayed: false, decision };
        if outcome.decision != Decision::NotFound {
            let (key, fingerprint, first) = (request.key, request.fingerprint, outcome.clone());
            self.answers.push(Remembered { key, fingerprint, first, goes_at });
        }
        (outcome, records)
    }

    /// Lets everything end that is due, one after another, and serves.
    fn pass(&mut self, at: u64) -> (Vec<usize>, Option<Kind>) {
        self.stamp = self.stamp.max(at);
        let (mut changed, mut kind) = (vec![], None);
        loop {
            let due = (0..self.bookings.len())
                .filter_map(|place| Some((self.ends(&self.bookings[place])?, place)))
                .min()
                .filter(|&(ends, _)| ends <= self.stamp);
            let Some((ends, place)) = due else { break };
            (self.bookings[place].status, self.bookings[place].until) = (Status::Expired, None);
            changed.push(place);
            kind = Some(if ends == self.definition().ends_at.0 { Kind::Finished } else { Kind::Lapsed });
        }
        self.serve(&mut changed);
        (changed, kind)
    }

    fn serve(&mut self, changed: &mut Vec<usize>) {
        while let Some(place) = self.bookings.iter().position(|booking| booking.status == Status::Waitlisted)
        {
            if self.bookings[place].asked.quantity > self.counts().free {
                return;
            }
            let waitlist = self.definition().policy.waitlist.expect("someone waits");
            let (status, until) = match waitlist.promotion {
                Promotion::Confirm => self.granted(&self.bookings[place].asked),
                Promotion::Offer => {
                    (Status::Offered, Some(self.stamp + u64::from(waitlist.offer_seconds) * 1_000))
                }
            };
            (self.bookings[place].status, self.bookings[place].until) = (status, until);
            changed.push(place);
        }
    }

    fn book(&mut self, key: RequestKey, asked: &Book) -> Result<(Kind, Vec<usize>), Denied> {
        let (definition, counts) = (self.definition(), self.counts());
        let policy = definition.policy;
        let closes_at = definition.sale.closes_at.unwrap_or(definition.starts_at).0;
        let off_sale = self.stamp >= closes_at.min(definition.ends_at.0)
            || definition.sale.opens_at.is_some_and(|opens_at| self.stamp < opens_at.0);
        let theirs = self
            .bookings
            .iter()
            .filter(|booking| booking.asked.customer == asked.customer && !booking.status.is_over());
        let units =
            theirs.map(|booking| u64::from(booking.asked.quantity)).sum::<u64>() + u64::from(asked.quantity);
        let full = counts.waitlisted > 0 || asked.quantity > counts.free;
        let nobody_waits = asked.when_full == WhenFull::Refuse || policy.waitlist.is_none();
        let reasons = [
            (self.cancelled, Refusal::SlotCancelled),
            (off_sale, Refusal::NotOnSale),
            (asked.quantity > counts.capacity, Refusal::QuantityTooLarge),
            (policy.customer_limit.is_some_and(|limit| units > u64::from(limit)), Refusal::CustomerLimit),
            (full && nobody_waits, Refusal::SoldOut),
            (
                full && policy.waitlist.is_some_and(|list| counts.waitlisted >= list.capacity),
                Refusal::WaitlistFull,
            ),
        ];
        if let Some((_, refusal)) = reasons.into_iter().find(|(applies, _)| *applies) {
            return Err(Denied::Refused(refusal));
        }
        let (status, until) = if full { (Status::Waitlisted, None) } else { self.granted(asked) };
        self.bookings.push(Booking { key, asked: asked.clone(), status, until, created_at: self.stamp });
        Ok((Kind::Booked, vec![self.bookings.len() - 1]))
    }

    fn cancel(&mut self, cancel: &CancelBooking) -> Result<(Kind, Vec<usize>), Denied> {
        let place = self
            .bookings
            .iter()
            .position(|booking| booking.key == cancel.booking)
            .filter(|&place| match &cancel.by {
                Party::Customer(customer) => *customer == self.bookings[place].asked.customer,
                Party::Organizer => true,
            })
            .ok_or(Denied::NotFound)?;
        let definition = self.definition();
        let closes =
            definition.starts_at.0.saturating_sub(u64::from(definition.policy.cancel_until_seconds) * 1_000);
        let booking = &mut self.bookings[place];
        if booking.status.is_over() {
            return Err(Denied::Refused(Refusal::AlreadyOver));
        }
        if cancel.by != Party::Organizer && booking.status == Status::Confirmed && self.stamp >= closes {
            return Err(Denied::Refused(Refusal::TooLate));
        }
        (booking.status, booking.until) = (Status::Cancelled, None);
        Ok((Kind::Cancelled, vec![place]))
    }

    fn cancel_slot(&mut self) -> Result<(Kind, Vec<usize>), Denied> {
        if self.cancelled {
            return Err(Denied::Refused(Refusal::SlotCancelled));
        }
        self.cancelled = true;
        let mut places = vec![];
        for (place, booking) in
            self.bookings.iter_mut().enumerate().filter(|(_, booking)| !booking.status.is_over())
        {
            (booking.status, booking.until) = (Status::Cancelled, None);
            places.push(place);
        }
        Ok((Kind::SlotCancelled, places))
    }

    fn granted(&self, asked: &Book) -> (Status, Option<u64>) {
        let policy = self.definition().policy;
        if asked.mode == Mode::Confirm && policy.confirmed_by == ConfirmedBy::Customer {
            return (Status::Confirmed, None);
        }
        let seconds = asked.hold_seconds.unwrap_or(policy.hold_seconds).min(policy.hold_seconds_max).max(1);
        (Status::Held, Some(self.stamp + u64::from(seconds) * 1_000))
    }

    /// When time alone ends a booking.
    fn ends(&self, booking: &Booking) -> Option<u64> {
        let waits = booking.status == Status::Waitlisted || booking.until.is_some();
        waits.then(|| booking.until.unwrap_or(u64::MAX).min(self.definition().ends_at.0))
    }

    fn record(&mut self, kind: Kind, changed: &[usize]) -> Record {
        self.seq += 1;
        let once = changed.iter().enumerate().filter(|(nth, place)| !changed[..*nth].contains(place));
        let bookings = once.map(|(_, &place)| self.booking(place)).collect();
        Record { seq: Seq(self.seq), at: Timestamp(self.stamp), kind, bookings, counts: self.counts() }
    }

    fn booking(&self, place: usize) -> BookingView {
        let booking = &self.bookings[place];
        let ahead = self.bookings[..place].iter().filter(|other| other.status == Status::Waitlisted).count();
        let position = u32::try_from(ahead + 1).unwrap();
        BookingView {
            id: BookingId { slot: self.made.as_ref().expect("a slot").id, request: booking.key },
            number: Number(u32::try_from(place + 1).unwrap()),
            customer: booking.asked.customer.clone(),
            quantity: booking.asked.quantity,
            status: booking.status,
            mode: booking.asked.mode,
            reference: Reference::parse("00000000").expect("a placeholder: the slot's own are tested apart"),
            position: (booking.status == Status::Waitlisted).then_some(position),
            expires_at: booking.until.map(Timestamp),
            created_at: Timestamp(booking.created_at),
        }
    }

    fn counts(&self) -> Counts {
        let capacity = self.definition().capacity;
        let units = |status| {
            self.bookings
                .iter()
                .filter(|booking| booking.status == status)
                .map(|booking| booking.asked.quantity)
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
