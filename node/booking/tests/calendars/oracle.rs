//! A calendar that looks at every minute, and remembers nothing but its bookings.

use booking::{Kind, Refusal, Status};

use crate::workload::Reopens;

/// Why a range may not be asked for, and what is told of what is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    Reason(booking::RangeRefused),
    Taken(Vec<(i64, i64)>),
    InUseFrom(i64),
}

/// What a step answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Slot,
    Booking(usize),
    Refused(Refusal, Told),
    NotFound,
    Forbidden,
    Outdated,
}

/// What a step answers, and what it changed.
pub(crate) struct Done {
    pub(crate) answer: Answer,
    pub(crate) kind: Option<Kind>,
    pub(crate) changed: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Booking {
    pub(crate) key: u128,
    pub(crate) customer: &'static str,
    pub(crate) quantity: u32,
    pub(crate) confirms: bool,
    pub(crate) hold: Option<i64>,
    pub(crate) status: Status,
    pub(crate) until: Option<i64>,
    pub(crate) held_since: i64,
    pub(crate) was: Option<Status>,
    pub(crate) range: (i64, i64),
    pub(crate) resource: Option<usize>,
    pub(crate) buffers: (i64, i64),
    pub(crate) lead: i64,
}

/// Moments and lengths are minutes.
#[derive(Clone, Debug)]
pub(crate) struct Oracle {
    pub(crate) now: i64,
    pub(crate) cancelled: bool,
    pub(crate) span: (i64, i64),
    /// None where resources have names.
    pub(crate) count: Option<u32>,
    pub(crate) names: Vec<&'static str>,
    pub(crate) listed: Vec<usize>,
    pub(crate) grid: i64,
    pub(crate) minimum: i64,
    pub(crate) maximum: i64,
    pub(crate) buffers: (i64, i64),
    pub(crate) lead: i64,
    pub(crate) horizon: i64,
    pub(crate) openings: Vec<(i64, i64)>,
    pub(crate) known_until: i64,
    pub(crate) outside: u32,
    pub(crate) hold: i64,
    pub(crate) hold_max: i64,
    pub(crate) offer: Option<i64>,
    pub(crate) cancel_until: i64,
    pub(crate) limit: Option<u32>,
    pub(crate) waitlist: Option<u32>,
    pub(crate) organizer_confirms: bool,
    pub(crate) bookings: Vec<Booking>,
    /// What the step has changed so far, and what time alone did.
    pub(crate) changed: Vec<usize>,
    pub(crate) by_time: Option<Kind>,
}

/// Who books what.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) key: u128,
    pub(crate) customer: &'static str,
    pub(crate) range: (i64, i64),
    pub(crate) resource: Option<&'static str>,
    pub(crate) quantity: u32,
    pub(crate) confirms: bool,
    pub(crate) hold: Option<i64>,
    pub(crate) waits: bool,
}

/// A booking that somebody acts on; none within is the organizer.
pub(crate) type Actor = (u128, Option<&'static str>);

type Decided = Result<(Answer, Option<Kind>), (Refusal, Told)>;

impl Oracle {
    pub(crate) const EMPTY: Self = Self {
        now: 0,
        cancelled: false,
        span: (0, 0),
        count: None,
        names: vec![],
        listed: vec![],
        grid: 1,
        minimum: 1,
        maximum: 1,
        buffers: (0, 0),
        lead: 0,
        horizon: 0,
        openings: vec![],
        known_until: 0,
        outside: 0,
        hold: 1,
        hold_max: 1,
        offer: None,
        cancel_until: 0,
        limit: None,
        waitlist: None,
        organizer_confirms: false,
        bookings: vec![],
        changed: vec![],
        by_time: None,
    };

    // What is so.

    fn places(&self) -> Vec<Option<usize>> {
        if self.count.is_some() { vec![None] } else { self.listed.iter().copied().map(Some).collect() }
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.count.unwrap_or_else(|| u32::try_from(self.listed.len()).unwrap())
    }

    fn most(&self) -> u32 {
        self.count.unwrap_or(1)
    }

    fn taken(&self, minute: i64, place: Option<usize>, but: Option<usize>) -> u32 {
        let covers = |booking: &Booking| {
            booking.range.0 - booking.buffers.0 <= minute && minute < booking.range.1 + booking.buffers.1
        };
        let on = self.bookings.iter().enumerate().filter(|(index, booking)| {
            Some(*index) != but && booking.status.has_places() && booking.resource == place && covers(booking)
        });
        on.map(|(_, booking)| booking.quantity).sum()
    }

    fn is_free(&self, minute: i64, place: Option<usize>, quantity: u32, but: Option<usize>) -> bool {
        self.taken(minute, place, but) + quantity <= self.most()
    }

    fn is_open(&self, minute: i64) -> bool {
        self.openings.iter().any(|&(from, to)| from <= minute && minute < to)
    }

    /// The opening that a minute is in.
    fn opening(&self, minute: i64) -> Option<(i64, i64)> {
        let (mut from, mut to) = (minute, minute);
        while self.is_open(to) {
            to += 1;
        }
        while self.is_open(from - 1) {
            from -= 1;
        }
        (minute < to).then_some((from, to))
    }

    fn opening_of(&self, (from, to): (i64, i64)) -> Option<(i64, i64)> {
        let inside = self.span.0 <= from && to <= self.span.1;
        self.opening(from).filter(|opening| inside && to <= opening.1)
    }

    pub(crate) fn check(&self, range: (i64, i64)) -> Result<(), booking::RangeRefused> {
        use booking::RangeRefused::{Grid, Horizon, Hours, Lead, Length};
        let (from, to) = range;
        // Of hours that nobody knows yet.
        let inside = self.span.0 <= from && to <= self.span.1;
        if inside && self.known_until < to && self.now + self.horizon < from {
            return Err(Horizon);
        }
        let is_past = inside && from < self.now;
        let opening = self.opening_of(range).ok_or(if is_past { Lead } else { Hours })?;
        if (from - opening.0) % self.grid != 0 || (to - opening.0) % self.grid != 0 {
            return Err(Grid);
        }
        if to - from < self.minimum || self.maximum < to - from {
            return Err(Length);
        }
        if from < self.now + self.lead {
            return Err(Lead);
        }
        if self.now + self.horizon < from { Err(Horizon) } else { Ok(()) }
    }

    /// What somebody gets who asks for this with these buffers, as if one booking were not there.
    pub(crate) fn find(
        &self,
        range: (i64, i64),
        buffers: (i64, i64),
        resource: Option<usize>,
        quantity: u32,
        but: Option<usize>,
    ) -> Option<Option<usize>> {
        let effective = (range.0 - buffers.0, range.1 + buffers.1);
        let free = |minute, place| self.is_free(minute, place, quantity, but);
        let asked = |place: &Option<usize>| resource.is_none() || *place == resource;
        let fits = |place: &Option<usize>| {
            (effective.0.max(self.now)..effective.1).all(|minute| free(minute, *place))
        };
        if self.most() < quantity {
            return None;
        }
        let within = match self.opening_of(range) {
            Some((from, to)) => {
                let (from, to) = (from.max(self.span.0), to.min(self.span.1));
                (from - self.buffers.0, to + self.buffers.1)
            }
            None => effective,
        };
        let idle = |place: Option<usize>| {
            let free = |minute: i64| self.now <= minute && free(minute, place);
            let before = (within.0..effective.0.max(self.now)).rev().take_while(|&minute| free(minute));
            let after = (effective.1..within.1).take_while(|&minute| free(minute));
            before.count() + after.count()
        };
        let fitting = self.places().into_iter().filter(asked).filter(fits);
        if self.count.is_some() {
            return fitting.into_iter().next();
        }
        fitting.min_by_key(|&place| idle(place))
    }

    fn conflicts(
        &self,
        range: (i64, i64),
        resource: Option<usize>,
        quantity: u32,
        but: Option<usize>,
    ) -> Vec<(i64, i64)> {
        let asked = |place: &Option<usize>| resource.is_none() || *place == resource;
        let places = self.places().into_iter().filter(asked).collect::<Vec<_>>();
        let mut found = Vec::<(i64, i64)>::new();
        for minute in (range.0 - self.buffers.0).max(self.now)..range.1 + self.buffers.1 {
            if !places.iter().any(|&place| self.is_free(minute, place, quantity, but)) {
                match found.last_mut() {
                    Some(last) if last.1 == minute => last.1 += 1,
                    _ => found.push((minute, minute + 1)),
                }
            }
        }
        found
    }

    pub(crate) fn waiters(&self) -> Vec<usize> {
        let waits = |&index: &usize| self.bookings[index].status == Status::Waitlisted;
        (0..self.bookings.len()).filter(waits).collect()
    }

    pub(crate) fn position(&self, index: usize) -> usize {
        let own = &self.bookings[index];
        let ahead = self.waiters().into_iter().filter(|&other| {
            let other = (other < index).then(|| &self.bookings[other]);
            other.is_some_and(|other| {
                let shares =
                    own.resource.is_none() || other.resource.is_none() || own.resource == other.resource;
                shares
                    && own.range.0 - own.buffers.0 < other.range.1 + other.buffers.1
                    && other.range.0 - other.buffers.0 < own.range.1 + own.buffers.1
            })
        });
        ahead.count() + 1
    }

    fn sum(&self, status: Status) -> u64 {
        let some = self.bookings.iter().filter(|booking| booking.status == status);
        some.map(|booking| u64::from(booking.quantity)).sum()
    }

    pub(crate) fn sums(&self) -> [u64; 3] {
        [Status::Held, Status::Offered, Status::Confirmed].map(|status| self.sum(status))
    }

    fn units_of(&self, customer: &str) -> u32 {
        let own = self.bookings.iter().filter(|one| one.customer == customer && !one.status.is_over());
        own.map(|one| one.quantity).sum()
    }

    // What happens.

    pub(crate) fn step(&mut self, at: i64, decide: impl FnOnce(&mut Self) -> Decided) -> Done {
        self.begin(at);
        let decided = decide(self);
        self.serve();
        let (answer, kind) = match decided {
            Ok((answer, kind)) => (answer, kind),
            Err((refusal, told)) => (Answer::Refused(refusal, told), None),
        };
        self.end(answer, kind)
    }

    /// The same where it is answered before any rule.
    pub(crate) fn pulse(&mut self, at: i64) -> Done {
        self.begin(at);
        self.end(Answer::Slot, None)
    }

    fn begin(&mut self, at: i64) {
        self.now = self.now.max(at);
        (self.changed, self.by_time) = (vec![], None);
        self.lapse();
        self.serve();
    }

    fn end(&mut self, answer: Answer, kind: Option<Kind>) -> Done {
        let mut changed = vec![];
        for &index in &self.changed {
            if !changed.contains(&index) {
                changed.push(index);
            }
        }
        if let (Answer::Booking(index), Some(_)) = (&answer, kind) {
            changed.retain(|other| other != index);
            changed.insert(0, *index);
        }
        Done { answer, kind: kind.or(self.by_time), changed }
    }

    fn lapse(&mut self) {
        loop {
            let ends = |booking: &Booking| match booking.status {
                Status::Waitlisted => Some(booking.range.0 - booking.lead),
                Status::Held | Status::Offered => booking.until,
                Status::Confirmed | Status::Cancelled | Status::Declined | Status::Expired => None,
            };
            let due =
                (0..self.bookings.len()).filter_map(|index| Some((ends(&self.bookings[index])?, index)));
            let Some((until, index)) = due.min() else { break };
            if self.now < until || self.span.1 <= until {
                break;
            }
            self.expire(index, Kind::Lapsed);
        }
        if self.span.1 <= self.now {
            for index in 0..self.bookings.len() {
                if !self.bookings[index].status.is_over() && self.bookings[index].status != Status::Confirmed
                {
                    self.expire(index, Kind::Finished);
                }
            }
        }
    }

    fn expire(&mut self, index: usize, kind: Kind) {
        let booking = &mut self.bookings[index];
        (booking.was, booking.status, booking.until) = (Some(booking.status), Status::Expired, None);
        self.changed.push(index);
        self.by_time = self.by_time.max(Some(kind));
    }

    fn serve(&mut self) {
        if self.waitlist.is_none() {
            return;
        }
        while let Some((index, resource)) = self.waiters().into_iter().find_map(|index| {
            let Booking { range, buffers, resource, quantity, .. } = self.bookings[index];
            Some((index, self.find(range, buffers, resource, quantity, None)?))
        }) {
            let (status, until) = match self.offer {
                Some(offer) => {
                    let begins = self.bookings[index].range.0;
                    (Status::Offered, Some((self.now + offer).min(self.span.1).min(begins)))
                }
                None => self.granted(index),
            };
            let now = self.now;
            let booking = &mut self.bookings[index];
            (booking.status, booking.until, booking.resource) = (status, until, resource);
            booking.held_since = now;
            self.changed.push(index);
            self.by_time = self.by_time.max(Some(Kind::Lapsed));
        }
    }

    fn granted(&self, index: usize) -> (Status, Option<i64>) {
        let booking = &self.bookings[index];
        if booking.confirms && !self.organizer_confirms {
            return (Status::Confirmed, None);
        }
        let lasts = booking.hold.unwrap_or(self.hold).min(self.hold_max);
        (Status::Held, Some((self.now + lasts).min(self.span.1).min(booking.range.0)))
    }

    pub(crate) fn book(&mut self, ask: &Ask) -> Decided {
        use Refusal::{
            CustomerLimit, NoSuchResource, NotOnSale, QuantityTooLarge, RangeEmpty, SlotCancelled,
        };
        let nothing = |refusal| Err((refusal, Told::Nothing));
        if ask.range.1 <= ask.range.0 {
            return nothing(RangeEmpty);
        }
        let Ok(resource) = self.number(ask.resource) else { return nothing(NoSuchResource) };
        if self.cancelled {
            return nothing(SlotCancelled);
        }
        if self.span.1 <= self.now {
            return nothing(NotOnSale);
        }
        if self.most().min(self.capacity()) < ask.quantity {
            return nothing(QuantityTooLarge);
        }
        self.check(ask.range).map_err(|reason| (Refusal::RangeRefused, Told::Reason(reason)))?;
        if self.limit.is_some_and(|limit| limit < self.units_of(ask.customer) + ask.quantity) {
            return nothing(CustomerLimit);
        }
        let found = self.find(ask.range, self.buffers, resource, ask.quantity, None);
        let taken = || Told::Taken(self.conflicts(ask.range, resource, ask.quantity, None));
        if found.is_none() {
            match self.waitlist {
                Some(_) if !ask.waits => return Err((Refusal::RangeTaken, taken())),
                None => return Err((Refusal::RangeTaken, taken())),
                Some(capacity) if capacity as usize <= self.waiters().len() => {
                    return nothing(Refusal::WaitlistFull);
                }
                Some(_) if ask.range.0 - self.lead <= self.now => return Err((Refusal::RangeTaken, taken())),
                Some(_) => {}
            }
        }
        let index = self.bookings.len();
        self.bookings.push(Booking {
            key: ask.key,
            customer: ask.customer,
            quantity: ask.quantity,
            confirms: ask.confirms,
            hold: ask.hold,
            status: Status::Waitlisted,
            until: None,
            held_since: self.now,
            was: None,
            range: ask.range,
            resource: found.unwrap_or(resource),
            buffers: self.buffers,
            lead: self.lead,
        });
        if found.is_some() {
            let (status, until) = self.granted(index);
            if until.is_some_and(|until| until <= self.now) {
                self.bookings.pop();
                return Err((Refusal::RangeRefused, Told::Reason(booking::RangeRefused::Lead)));
            }
            (self.bookings[index].status, self.bookings[index].until) = (status, until);
        }
        Ok((Answer::Booking(index), Some(Kind::Booked)))
    }

    fn number(&self, name: Option<&str>) -> Result<Option<usize>, ()> {
        let Some(name) = name else { return Ok(None) };
        if self.count.is_some() {
            return Err(());
        }
        let number = self.names.iter().position(|other| *other == name).filter(|it| self.listed.contains(it));
        number.map(Some).ok_or(())
    }

    fn touched(&self, (key, by): Actor) -> Option<usize> {
        let index = self.bookings.iter().position(|booking| booking.key == key)?;
        by.is_none_or(|customer| customer == self.bookings[index].customer).then_some(index)
    }

    fn is_late(&self, (_, by): Actor, index: usize) -> bool {
        let booking = &self.bookings[index];
        let until = booking.range.0 - self.cancel_until;
        by.is_some() && booking.status == Status::Confirmed && until <= self.now
    }

    pub(crate) fn cancel(&mut self, actor: Actor) -> Decided {
        let Some(index) = self.touched(actor) else { return Ok((Answer::NotFound, None)) };
        if self.bookings[index].status.is_over() {
            return Err((Refusal::AlreadyOver, Told::Nothing));
        }
        if self.is_late(actor, index) {
            return Err((Refusal::TooLate, Told::Nothing));
        }
        (self.bookings[index].status, self.bookings[index].until) = (Status::Cancelled, None);
        Ok((Answer::Booking(index), Some(Kind::Cancelled)))
    }

    fn held(&self, actor: Actor) -> Result<Option<usize>, (Refusal, Told)> {
        let Some(index) = self.touched(actor) else { return Ok(None) };
        match (self.bookings[index].status, self.bookings[index].was) {
            (Status::Held, _) => Ok(Some(index)),
            (Status::Expired, Some(Status::Held)) => Err((Refusal::HoldExpired, Told::Nothing)),
            _ => Err((Refusal::NotHeld, Told::Nothing)),
        }
    }

    pub(crate) fn confirm(&mut self, actor: Actor) -> Decided {
        if actor.1.is_some() && self.organizer_confirms {
            return Ok((Answer::Forbidden, None));
        }
        let Some(index) = self.held(actor)? else { return Ok((Answer::NotFound, None)) };
        (self.bookings[index].status, self.bookings[index].until) = (Status::Confirmed, None);
        Ok((Answer::Booking(index), Some(Kind::Confirmed)))
    }

    pub(crate) fn extend(&mut self, actor: Actor, lasts: i64) -> Decided {
        let Some(index) = self.held(actor)? else { return Ok((Answer::NotFound, None)) };
        let booking = &self.bookings[index];
        let until = (self.now + lasts).min(booking.held_since + self.hold_max);
        let until = until.min(self.span.1).min(booking.range.0);
        if until <= booking.until.unwrap() {
            return Ok((Answer::Booking(index), None));
        }
        self.bookings[index].until = Some(until);
        Ok((Answer::Booking(index), Some(Kind::Extended)))
    }

    fn offered(&self, actor: Actor) -> Result<Option<usize>, (Refusal, Told)> {
        let Some(index) = self.touched(actor) else { return Ok(None) };
        match (self.bookings[index].status, self.bookings[index].was) {
            (Status::Offered, _) => Ok(Some(index)),
            (Status::Expired, Some(Status::Offered)) => Err((Refusal::OfferExpired, Told::Nothing)),
            _ => Err((Refusal::NotOffered, Told::Nothing)),
        }
    }

    pub(crate) fn accept(&mut self, actor: Actor) -> Decided {
        let Some(index) = self.offered(actor)? else { return Ok((Answer::NotFound, None)) };
        let (status, until) = self.granted(index);
        let now = self.now;
        let booking = &mut self.bookings[index];
        (booking.status, booking.until, booking.held_since) = (status, until, now);
        Ok((Answer::Booking(index), Some(Kind::Accepted)))
    }

    pub(crate) fn decline(&mut self, actor: Actor) -> Decided {
        let Some(index) = self.offered(actor)? else { return Ok((Answer::NotFound, None)) };
        (self.bookings[index].status, self.bookings[index].until) = (Status::Declined, None);
        Ok((Answer::Booking(index), Some(Kind::Declined)))
    }

    pub(crate) fn quantity(&mut self, actor: Actor, quantity: u32) -> Decided {
        let Some(index) = self.touched(actor) else { return Ok((Answer::NotFound, None)) };
        let booking = &self.bookings[index];
        if booking.quantity < quantity {
            return Err((Refusal::MoreThanBooked, Told::Nothing));
        }
        match (booking.status, actor.1) {
            (Status::Held | Status::Waitlisted, _) | (Status::Confirmed, None) => {}
            (Status::Offered, _) | (Status::Confirmed, Some(_)) => {
                return Err((Refusal::NotHeld, Told::Nothing));
            }
            _ => return Err((Refusal::AlreadyOver, Told::Nothing)),
        }
        if booking.quantity == quantity {
            return Ok((Answer::Booking(index), None));
        }
        self.bookings[index].quantity = quantity;
        Ok((Answer::Booking(index), Some(Kind::QuantityChanged)))
    }

    pub(crate) fn relocate(
        &mut self,
        actor: Actor,
        (from, to): (Option<i64>, Option<i64>),
        resource: Option<Option<&'static str>>,
    ) -> Decided {
        let Some(index) = self.touched(actor) else { return Ok((Answer::NotFound, None)) };
        let booking = self.bookings[index].clone();
        match booking.status {
            Status::Held | Status::Confirmed => {}
            Status::Offered | Status::Waitlisted => return Err((Refusal::NotHeld, Told::Nothing)),
            Status::Cancelled | Status::Declined | Status::Expired => {
                return Err((Refusal::AlreadyOver, Told::Nothing));
            }
        }
        if self.is_late(actor, index) {
            return Err((Refusal::TooLate, Told::Nothing));
        }
        let range = (from.unwrap_or(booking.range.0), to.unwrap_or(booking.range.1));
        if range.1 <= range.0 {
            return Err((Refusal::RangeEmpty, Told::Nothing));
        }
        let name = resource.unwrap_or_else(|| booking.resource.map(|number| self.names[number]));
        let Ok(asked) = self.number(name) else { return Err((Refusal::NoSuchResource, Told::Nothing)) };
        if range == booking.range && asked == booking.resource {
            return Ok((Answer::Booking(index), None));
        }
        self.check(range).map_err(|reason| (Refusal::RangeRefused, Told::Reason(reason)))?;
        let quantity = booking.quantity;
        let Some(found) = self.find(range, self.buffers, asked, quantity, Some(index)) else {
            let conflicts = self.conflicts(range, asked, quantity, Some(index));
            return Err((Refusal::RangeTaken, Told::Taken(conflicts)));
        };
        let until = booking.until.map(|until| until.min(range.0));
        if until.is_some_and(|until| until <= self.now) {
            return Err((Refusal::RangeRefused, Told::Reason(booking::RangeRefused::Lead)));
        }
        let buffers = self.buffers;
        let booking = &mut self.bookings[index];
        (booking.range, booking.resource, booking.buffers, booking.until) = (range, found, buffers, until);
        Ok((Answer::Booking(index), Some(Kind::Moved)))
    }

    pub(crate) fn cancel_slot(&mut self) -> Decided {
        if self.cancelled {
            return Err((Refusal::SlotCancelled, Told::Nothing));
        }
        for index in 0..self.bookings.len() {
            if !self.bookings[index].status.is_over() {
                (self.bookings[index].status, self.bookings[index].until) = (Status::Cancelled, None);
                self.changed.push(index);
            }
        }
        self.cancelled = true;
        Ok((Answer::Slot, Some(Kind::SlotCancelled)))
    }

    /// The first minute from now on in which more is taken than there would be.
    fn in_use_from(&self, new: &Self) -> Option<i64> {
        let places = 0..self.names.len();
        let last = self.bookings.iter().map(|booking| booking.range.1 + booking.buffers.1).max()?;
        (self.now..last).find(|&minute| match new.count {
            Some(count) => count < self.taken(minute, None, None),
            None => places
                .clone()
                .any(|place| !new.listed.contains(&place) && 0 < self.taken(minute, Some(place), None)),
        })
    }

    /// Becomes like another, that has the same bookings; with hours of its own, or without.
    pub(crate) fn become_like(&mut self, new: &Self, reopens: Reopens) -> Decided {
        if new.span.1 <= new.span.0 {
            return Err((Refusal::EndsTooEarly, Told::Nothing));
        }
        if new.minimum % new.grid != 0 {
            return Err((Refusal::MinimumOffGrid, Told::Nothing));
        }
        if new.maximum < new.minimum || new.maximum % new.grid != 0 {
            return Err((Refusal::MaximumOffGrid, Told::Nothing));
        }
        if self.cancelled {
            return Err((Refusal::SlotCancelled, Told::Nothing));
        }
        if let Some(first) = self.in_use_from(new) {
            return Err((Refusal::CapacityInUse, Told::InUseFrom(first)));
        }
        if reopens == Reopens::Wrongly || reopens == Reopens::No && new.span != self.span {
            return Ok((Answer::Outdated, None));
        }
        if reopens == Reopens::No && self.is_defined_like(new) {
            return Ok((Answer::Slot, None));
        }
        let (now, bookings, changed) = (self.now, self.bookings.clone(), self.changed.clone());
        let (by_time, outside) = (self.by_time, self.outside);
        *self = Self { now, outside, bookings, changed, by_time, ..new.clone() };
        if reopens == Reopens::Yes {
            let booked = self.bookings.iter().filter(|one| one.status.has_places() && now < one.range.1);
            let outside = booked.filter(|one| self.opening_of(one.range).is_none()).count();
            self.outside = u32::try_from(outside).unwrap();
        }
        for index in self.waiters() {
            let Booking { quantity, resource, .. } = self.bookings[index];
            let is_there = resource.is_none_or(|number| self.listed.contains(&number));
            if self.waitlist.is_none() || self.most().min(self.capacity()) < quantity || !is_there {
                self.bookings[index].status = Status::Cancelled;
                self.changed.push(index);
            }
        }
        self.lapse();
        Ok((Answer::Slot, Some(Kind::SlotChanged)))
    }

    /// Whether nothing but what happened is otherwise.
    fn is_defined_like(&self, new: &Self) -> bool {
        let said = |one: &Self| {
            let empty = Self { bookings: vec![], changed: vec![], by_time: None, now: 0, ..one.clone() };
            format!("{:?}", Self { outside: 0, known_until: 0, openings: vec![], ..empty })
        };
        said(self) == said(new)
    }

    pub(crate) fn extend_hours(&mut self, more: &[(i64, i64)], until: i64) -> Decided {
        if self.cancelled {
            return Err((Refusal::SlotCancelled, Told::Nothing));
        }
        if until <= self.known_until {
            return Ok((Answer::Slot, None));
        }
        let merged = self.merged();
        self.openings =
            merged.into_iter().chain(more.iter().copied()).filter(|one| self.now < one.1).collect();
        self.known_until = until;
        Ok((Answer::Slot, Some(Kind::SlotChanged)))
    }

    /// The openings, those that touch as one.
    fn merged(&self) -> Vec<(i64, i64)> {
        let mut merged = self.openings.iter().filter_map(|one| self.opening(one.0)).collect::<Vec<_>>();
        merged.sort_unstable();
        merged.dedup();
        merged
    }

    /// Whether a booking of this length could be made now from this minute on at this place, in a window.
    pub(crate) fn may_start(&self, from: i64, length: i64, quantity: u32, place: Option<usize>) -> bool {
        let range = (from, from + length);
        let mut effective = (from - self.buffers.0).max(self.now)..range.1 + self.buffers.1;
        self.check(range).is_ok() && effective.all(|minute| self.is_free(minute, place, quantity, None))
    }

    /// How many are free throughout.
    pub(crate) fn free_throughout(&self, (from, to): (i64, i64), place: Option<usize>) -> u32 {
        let minutes = (from - self.buffers.0).max(self.now)..to + self.buffers.1;
        self.most() - minutes.map(|minute| self.taken(minute, place, None)).max().unwrap_or(0)
    }
}
