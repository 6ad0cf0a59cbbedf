//! Served in order (P3, BK-3, BK-4): the waitlist is log order, and room is never left while somebody's turn has come.
//!
//! Every record is gone through as the contract has it: what has lapsed lapses, the waitlist is served, the request is
//! heard, the waitlist is served again. Each time the one whose turn it is must be the next that the record shows as
//! served, so that nobody slips past and a freed place finds its owner in the very same step. Where the slot's terms
//! are not known, only that who joins stands at the end is judged.

use std::collections::VecDeque;

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::slot::{Order, Slot};
use api::time::Time;

use crate::case::{Deed, SlotCase, subject};
use crate::contract;
use crate::finding::Finding;
use crate::model::{Model, is_served};
use crate::tariff::{Cart, Tariff};

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    if slot.counts_otherwise() {
        // Whose turn it is follows from the seats, or the time, that is free: that is judged with them.
        return;
    }
    let mut model = Model::default();
    for record in slot.records() {
        finding.examine();
        let turns = |seq| slot.terms_at(seq).map(|terms| Turns::of(terms, record.at));
        let (before, after) = (turns(record.seq.saturating_sub(1)), turns(record.seq));
        let both = before.or_else(|| after.filter(|_turns| record.seq == 1)).zip(after);
        let mut replay = Replay::new(&mut model, record);
        let judged = if slot.shows_all(record) { both } else { None };
        let result =
            replay.join().and_then(|()| judged.map_or(Ok(()), |(before, after)| replay.go(before, after)));
        replay.finish();
        if let Err(why) = result {
            finding.fail(format!("{}: at seq {} ({}) {why}", slot.evidence.before.id, record.seq, record.at));
        }
    }
}

/// By what it is told whose turn it is.
#[derive(Clone, Copy)]
struct Turns<'h> {
    order: Order,
    tariff: Tariff<'h>,
}

impl<'h> Turns<'h> {
    fn of(terms: &'h Slot, at: Time) -> Self {
        Self { order: contract::order(&terms.policy), tariff: Tariff::of(terms, at) }
    }
}

/// One record while it is gone through.
struct Replay<'m, 'h> {
    model: &'m mut Model<'h>,
    record: &'h Record,
    subject: Option<&'h Booking>,
    /// What the record shows as served, in its order; taken away as it is found.
    served: VecDeque<&'h Booking>,
    /// What the record shows as lapsed.
    lapsed: Vec<&'h Booking>,
    /// What else changed with it.
    ended: Vec<&'h Booking>,
    /// The one that was made smaller while it waited, and is served by that: its turn is still to come.
    reduced: Option<&'h Booking>,
    /// How much of the record the model has been told.
    told: Told,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Nothing,
    Lapses,
    Request,
}

impl<'m, 'h> Replay<'m, 'h> {
    fn new(model: &'m mut Model<'h>, record: &'h Record) -> Self {
        model.begin(record);
        let subject = subject(record);
        let others = record.bookings.iter().skip(usize::from(subject.is_some()));
        let mut replay = Self {
            model,
            record,
            subject,
            served: VecDeque::new(),
            lapsed: Vec::new(),
            ended: Vec::new(),
            reduced: None,
            told: Told::Nothing,
        };
        for other in others {
            let former = replay.model.claim(&other.id).map(|claim| claim.status);
            if other.status == Status::Expired {
                replay.lapsed.push(other);
            } else if former == Some(Status::Waitlisted) && is_served(other.status) {
                replay.served.push_back(other);
            } else {
                replay.ended.push(other);
            }
        }
        replay
    }

    /// Who joins stands behind all who wait. Whatever else happens in the same step happens before: a newcomer makes no
    /// room.
    fn join(&self) -> Result<(), String> {
        let Some(joiner) = self.newcomer().filter(|newcomer| newcomer.status == Status::Waitlisted) else {
            return Ok(());
        };
        let waits = |other: &&&Booking| {
            self.model.claim(&other.id).is_some_and(|claim| claim.status == Status::Waitlisted)
        };
        let left = self.lapsed.iter().chain(&self.served).chain(&self.ended).filter(waits).count() as u64;
        let last = (self.model.sum().waiting + 1).saturating_sub(left);
        match joiner.position {
            Some(position) if u64::from(position) == last => Ok(()),
            position => {
                Err(format!("{} joined at position {position:?} where {last} was the next", joiner.id))
            }
        }
    }

    fn newcomer(&self) -> Option<&'h Booking> {
        self.subject.filter(|_subject| self.record.kind == Kind::Booked)
    }

    /// Goes through the record, in the order that the contract has.
    fn go(&mut self, before: Turns<'h>, after: Turns<'h>) -> Result<(), String> {
        self.tell_lapses();
        self.serve(before)?;
        if let Some(subject) = self.subject {
            self.judge_turn(subject, before)?;
        }
        self.tell_request();
        self.serve(after)?;
        if let Some(early) = self.reduced {
            return Err(format!("{} was served although it was not its turn", early.id));
        }
        self.served.pop_front().map_or(Ok(()), |early| {
            self.model.apply_booking(early);
            Err(format!("{} was served although it was not its turn", early.id))
        })
    }

    /// Serves while it is somebody's turn: the record must show each of them.
    fn serve(&mut self, turns: Turns<'h>) -> Result<(), String> {
        while let Some((next, claim)) = self.model.next_in_turn(turns.order, &turns.tariff) {
            let (quantity, free) = (claim.quantity, self.model.sum().free);
            // The record shows it as what the request then made of it.
            if self.told < Told::Request && self.subject.is_some_and(|subject| subject.id == next) {
                self.model.seat(next);
                continue;
            }
            if let Some(reduced) = self.reduced.take_if(|reduced| reduced.id == next) {
                self.model.apply_booking(reduced);
                continue;
            }
            match self.served.pop_front() {
                Some(served) if served.id == next => drop(self.model.apply_booking(served)),
                Some(served) => {
                    self.model.apply_booking(served);
                    return Err(format!("{} was served although {next} was at the head", served.id));
                }
                None => return Err(format!("{next} was left waiting for {quantity} while {free} are free")),
            }
        }
        Ok(())
    }

    /// Whether the request could be granted to one who waited, or to a newcomer while others wait.
    fn judge_turn(&self, subject: &Booking, turns: Turns<'h>) -> Result<(), String> {
        let id = &subject.id;
        let waits = self.model.claim(id).is_some_and(|claim| claim.status == Status::Waitlisted);
        if waits && !matches!(Deed::recorded(self.record.kind), Some(Deed::Cancel | Deed::Reduce)) {
            return Err(format!("{id} became {:?} although it was still waiting", subject.status));
        }
        let newcomer = self.newcomer().filter(|newcomer| is_served(newcomer.status));
        let Some(newcomer) = newcomer else { return Ok(()) };
        let Turns { order, tariff } = turns;
        let lines = newcomer.lines.as_deref().unwrap_or_default();
        let short = self.model.waited_for(order, &tariff);
        let slips_past =
            short.units || !short.among(&tariff, Cart { lines, quantity: newcomer.quantity }).is_empty();
        match self.model.waiting().next().filter(|_head| slips_past) {
            Some((head, _claim)) => Err(format!("{id} was served at once although {head} was waiting")),
            None => Ok(()),
        }
    }

    fn tell_lapses(&mut self) {
        for booking in &self.lapsed {
            self.model.apply_booking(booking);
        }
        self.told = Told::Lapses;
    }

    fn tell_request(&mut self) {
        self.model.apply_slot(self.record);
        for booking in &self.ended {
            self.model.apply_booking(booking);
        }
        if let Some(subject) = self.subject {
            self.tell_subject(subject);
        }
        self.told = Told::Request;
    }

    fn tell_subject(&mut self, subject: &'h Booking) {
        let waits = self.model.claim(&subject.id).is_some_and(|claim| claim.status == Status::Waitlisted);
        if waits && self.record.kind == Kind::QuantityChanged && is_served(subject.status) {
            self.model.reduce(subject);
            self.reduced = Some(subject);
        } else {
            self.model.apply_booking(subject);
        }
    }

    /// Tells the model what it has not been told yet, so that the next record finds it as this one leaves it.
    fn finish(mut self) {
        if self.told < Told::Lapses {
            self.tell_lapses();
        }
        if self.told < Told::Request {
            self.tell_request();
        }
        for booking in self.served.into_iter().chain(self.reduced) {
            self.model.apply_booking(booking);
        }
    }
}
