//! One slot's feed gone through range by range, in the order that the contract has: what has lapsed lapses, the waitlist is served,
//! the request is heard, the waitlist is served again.

use std::collections::VecDeque;

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::slot::Slot;
use api::time::Time;

use super::decide::{Ground, range_asked, range_moved, range_of};
use super::sheet::{Claim, Sheet};
use super::terms::Terms;
use crate::case::{Case, SlotCase, subject};
use crate::contract::Wish;
use crate::finding::Check;
use crate::model::{Model, is_live, is_served};
use crate::report::Report;
use crate::span::Span;

/// All time.
const ALWAYS: Span = Span { from: Time::from_ms(0), to: Time::MAX };

/// A slot's feed while it is gone through.
pub(super) struct Replay<'c, 'h, 'f> {
    pub(super) slot: &'c SlotCase<'h>,
    pub(super) report: Report<'f>,
    pub(super) model: Model<'h>,
    pub(super) sheet: Sheet<'h>,
    /// The terms in force, and of which reading they are.
    terms: Option<(&'h Slot, Terms<'h>)>,
    /// What has become free and nobody was asked about yet who waits.
    freed: Vec<Span>,
    /// The stamp of the record before.
    last_at: Time,
}

/// One record, by what became of its bookings.
struct Step<'h> {
    record: &'h Record,
    subject: Option<&'h Booking>,
    lapsed: Vec<&'h Booking>,
    /// In the record's order; taken away as their turns come.
    served: VecDeque<&'h Booking>,
    ended: Vec<&'h Booking>,
    /// The one that was made smaller while it waited, and is served by that.
    reduced: Option<&'h Booking>,
    /// Whether the rest of it can be judged.
    sight: Sight,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Clear,
    Blind,
}

/// How far a record is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Lapses,
    Request,
}

impl<'h> Step<'h> {
    fn of(model: &Model<'_>, record: &'h Record) -> Self {
        let subject = subject(record);
        let others = record.bookings.iter().skip(usize::from(subject.is_some()));
        let (lapsed, served, ended) = (Vec::new(), VecDeque::new(), Vec::new());
        let mut step = Self { record, subject, lapsed, served, ended, reduced: None, sight: Sight::Clear };
        for other in others {
            let former = model.claim(&other.id).map(|claim| claim.status);
            if other.status == Status::Expired {
                step.lapsed.push(other);
            } else if former == Some(Status::Waitlisted) && is_served(other.status) {
                step.served.push_back(other);
            } else {
                step.ended.push(other);
            }
        }
        step
    }
}

impl<'c, 'h, 'f> Replay<'c, 'h, 'f> {
    pub(super) fn new(slot: &'c SlotCase<'h>, report: Report<'f>) -> Self {
        Self {
            slot,
            report,
            model: Model::default(),
            sheet: Sheet::default(),
            terms: None,
            freed: Vec::new(),
            last_at: Time::from_ms(0),
        }
    }

    /// By what is judged now, if that is known.
    pub(super) fn ground(&self) -> Option<Ground<'_, 'h>> {
        let (slot, terms) = self.terms.as_ref()?;
        Some(Ground { model: &self.model, sheet: &self.sheet, slot, terms })
    }

    /// Goes on by the terms that are in force after a seq. Whether those are known.
    pub(super) fn know_terms(&mut self, seq: u64) -> bool {
        let Some(slot) = self.slot.terms_at(seq) else { return false };
        if self.terms.as_ref().is_none_or(|(known, _terms)| !std::ptr::eq(*known, slot)) {
            self.terms = Terms::of(slot).map(|terms| (slot, terms));
        }
        self.terms.is_some()
    }

    /// Takes a record, with the request that was granted by it. Whether it could be judged.
    pub(super) fn take(&mut self, record: &'h Record, case: Option<&Case<'h>>) -> bool {
        let mut step = Step::of(&self.model, record);
        self.model.begin(record);
        self.report.examine(Check::FreedRangesServed);
        let is_known = record.seq == 1 || self.know_terms(record.seq.saturating_sub(1));
        if !is_known || (record.seq == 1 && !self.know_terms(1)) {
            return false;
        }
        if !self.slot.shows_all(record) {
            step.sight = Sight::Blind;
        }
        self.freed.extend(Span::new(self.last_at, record.at));
        self.last_at = record.at;
        for lapsed in std::mem::take(&mut step.lapsed) {
            self.apply(&step, lapsed);
        }
        self.serve(&mut step, Heard::Lapses);
        if !self.know_terms(record.seq) {
            return false;
        }
        self.hear(&mut step, case);
        self.serve(&mut step, Heard::Request);
        self.leftovers(&mut step);
        if step.sight == Sight::Clear {
            self.judge_standing_waiters(&step);
        }
        true
    }

    /// Serves while it is somebody's turn: the record must show each of them.
    fn serve(&mut self, step: &mut Step<'h>, heard: Heard) {
        while step.sight == Sight::Clear {
            let Some((_slot, terms)) = &self.terms else { return };
            let Some(next) = self.sheet.next_in_turn(&self.freed, terms, step.record.at) else { break };
            if heard == Heard::Lapses && step.subject.is_some_and(|subject| subject.id == next) {
                // The record shows it as what the request then made of it: which resource it had is not told.
                step.sight = Sight::Blind;
                break;
            }
            let reduced = step.reduced.take_if(|reduced| reduced.id == next);
            match reduced.or_else(|| step.served.pop_front()) {
                Some(served) if served.id == next => self.apply(step, served),
                Some(served) => {
                    self.apply(step, served);
                    let why = format!("{} was served although it was the turn of {next}", served.id);
                    self.out_of_order(step, &why);
                }
                None => {
                    let why = format!("{next} was left waiting although what it waits for is free");
                    self.out_of_order(step, &why);
                }
            }
        }
        self.freed.clear();
    }

    fn out_of_order(&mut self, step: &mut Step<'h>, why: &str) {
        step.sight = Sight::Blind;
        self.fail(step.record, Check::FreedRangesServed, why);
    }

    fn fail(&mut self, record: &Record, check: Check, why: &str) {
        let slot = &self.slot.evidence.before.id;
        self.report.fail(check, format!("{slot}: at seq {} ({}) {why}", record.seq, record.at));
    }

    /// What the request did, and what followed from it beside those who were served.
    fn hear(&mut self, step: &mut Step<'h>, case: Option<&Case<'h>>) {
        self.model.apply_slot(step.record);
        for ended in std::mem::take(&mut step.ended) {
            self.apply(step, ended);
        }
        if step.record.kind == Kind::SlotChanged {
            self.freed.push(ALWAYS);
        }
        let Some(subject) = step.subject else { return };
        let waits = self.sheet.waits_for(&subject.id).is_some();
        if waits && step.record.kind == Kind::QuantityChanged && is_served(subject.status) {
            self.join_smaller(subject);
            step.reduced = Some(subject);
            return;
        }
        if step.sight == Sight::Clear {
            if step.record.kind == Kind::Booked {
                self.judge_newcomer(step.record, subject, case);
            } else if step.record.kind == Kind::Moved {
                self.judge_moved(step.record, subject, case);
            }
        }
        self.apply(step, subject);
        if step.record.kind == Kind::Booked && subject.status == Status::Waitlisted {
            self.judge_position(step.record, subject);
        }
    }

    /// A waiter wants fewer, and keeps its place: its turn is still to come.
    fn join_smaller(&mut self, subject: &'h Booking) {
        let wish = *self.sheet.waits_for(&subject.id).expect("it waits");
        self.model.reduce(subject);
        let until = self.waits_until(wish.range);
        self.sheet.join(&subject.id, Claim { quantity: subject.quantity, ..wish }, until);
        self.freed.push(wish.effective);
    }

    fn waits_until(&self, range: Span) -> Time {
        self.terms.as_ref().map_or(range.from, |(_slot, terms)| terms.waits_until(range.from))
    }

    /// Whoever else the record shows as served.
    fn leftovers(&mut self, step: &mut Step<'h>) {
        let left: Vec<&'h Booking> = step.served.drain(..).chain(step.reduced.take()).collect();
        for served in left {
            if step.sight == Sight::Clear {
                let why = format!("{} was served although it was not its turn", served.id);
                self.fail(step.record, Check::FreedRangesServed, &why);
            }
            self.apply(step, served);
        }
    }

    /// Takes what a record says of a booking.
    fn apply(&mut self, step: &Step<'h>, booking: &'h Booking) {
        let id = booking.id.as_str();
        let had = self.sheet.claim(id).copied();
        let before = had.or_else(|| self.sheet.waits_for(id).copied());
        self.model.apply_booking(booking);
        let Some((range, resource)) = range_of(booking) else {
            let why = format!("{id} has no range");
            return self.fail(step.record, Check::RangesGivenOnce, &why);
        };
        let is_moved =
            step.record.kind == Kind::Moved && step.subject.is_some_and(|subject| subject.id == id);
        let kept = before.filter(|before| before.range == range && !is_moved);
        let buffers = self.terms.as_ref().map_or((0, 0), |(_slot, terms)| terms.buffers());
        let effective = kept.map_or_else(|| range.widened(buffers), |kept| kept.effective);
        let claim = Claim { range, effective, resource, quantity: booking.quantity };
        let is_there = had.is_none_or(|had| had.resource == resource || is_moved);
        let is_wanted =
            before.is_none_or(|before| before.resource.is_none_or(|wanted| Some(wanted) == resource));
        if before.is_some() && !is_moved && (kept.is_none() || !is_there || !is_wanted) {
            let why = format!("{id} has another range unasked: {range:?} on {resource:?}");
            self.fail(step.record, Check::RangesGivenOnce, &why);
        }
        if is_served(booking.status) {
            self.sheet.take(id, claim);
            self.freed.extend(had.filter(|had| *had != claim).map(|had| had.effective));
            self.judge_given(step.record, booking);
        } else if is_live(booking.status) {
            // A wish by other terms ends when those said.
            let until = self.waits_until(range);
            if before != Some(claim) {
                self.sheet.join(id, claim, until);
                self.freed.extend(before.map(|before| before.effective));
            }
        } else {
            self.sheet.forget(id);
            self.freed.extend(had.map(|had| had.effective));
        }
    }

    /// Whether a booking has what there is, and nobody else has it too.
    fn judge_given(&mut self, record: &Record, booking: &Booking) {
        self.report.examine(Check::RangesGivenOnce);
        let Some((_slot, terms)) = &self.terms else { return };
        let Some(claim) = self.sheet.claim(&booking.id) else { return };
        let is_there = terms.places(claim.resource).any(|place| place == claim.resource);
        let is_past = claim.effective.since(record.at).is_none();
        if !is_there && !is_past {
            let why = format!("{} is on {:?}, which there is not", booking.id, claim.resource);
            return self.fail(record, Check::RangesGivenOnce, &why);
        }
        if let Some(twice) = self.sheet.oversold(&booking.id, terms, record.at) {
            let why = format!(
                "{} has {:?} on {:?}, of which more is taken than there is from {} to {}",
                booking.id, claim.range, claim.resource, twice.from, twice.to
            );
            self.fail(record, Check::RangesGivenOnce, &why);
        }
    }

    /// A newcomer, in the calendar as it was when it was heard.
    fn judge_newcomer(&mut self, record: &Record, booking: &Booking, case: Option<&Case<'h>>) {
        let Some((range, resource)) = range_of(booking) else { return };
        let Some(ground) = self.ground() else { return };
        let asked = case.and_then(|case| range_asked(&case.request.ask));
        if asked.is_some_and(|(asked, on)| asked != range || on.is_some_and(|on| Some(on) != resource)) {
            let why =
                format!("{} has {range:?} on {resource:?}, which is not what was asked for", booking.id);
            return self.fail(record, Check::RangesDecided, &why);
        }
        let Some((case, (_range, wanted))) = case.zip(asked) else { return };
        let Some(wish) = Wish::of(case) else { return };
        let decision = ground.decide(&wish, &ground.claim(range, wanted, booking.quantity), record.at);
        self.report.examine(Check::RangesDecided);
        if decision != Ok(booking.status) {
            let why = format!("{} became {:?}, which asks for {decision:?}", booking.id, booking.status);
            self.fail(record, Check::RangesDecided, &why);
        }
    }

    /// A booking that was moved.
    fn judge_moved(&mut self, record: &Record, booking: &Booking, case: Option<&Case<'h>>) {
        let Some((range, resource)) = range_of(booking) else { return };
        let (Some(ground), Some(has)) = (self.ground(), self.sheet.claim(&booking.id)) else { return };
        let asked = case.and_then(|case| range_moved(&case.request.ask, has));
        let is_asked =
            asked.is_none_or(|(asked, on)| asked == range && on.is_none_or(|on| Some(on) == resource));
        let decision =
            ground.decide_move(&booking.id, &ground.claim(range, resource, booking.quantity), record.at);
        self.report.examine(Check::RangesDecided);
        if !is_asked || decision.is_err() {
            let why = format!("{} was moved to {range:?} on {resource:?}: {decision:?}", booking.id);
            self.fail(record, Check::RangesDecided, &why);
        }
    }

    /// The place that a newcomer was told among those who wait for some of the same.
    fn judge_position(&mut self, record: &Record, booking: &Booking) {
        let place = self.sheet.position(&booking.id);
        if booking.position.map(u64::from) != place {
            let why = format!("{} waits at {:?} where {place:?} is its own", booking.id, booking.position);
            self.fail(record, Check::FreedRangesServed, &why);
        }
    }

    /// Nobody waits for what one may not ask for any more.
    fn judge_standing_waiters(&mut self, step: &Step<'h>) {
        if let Some((until, id)) =
            self.sheet.first_to_expire().filter(|(until, _id)| *until <= step.record.at)
        {
            let why = format!("{id} still waits, although one could ask for it up to {until} only");
            self.fail(step.record, Check::FreedRangesServed, &why);
        }
    }

    /// What the slot counts is what its bookings come to.
    pub(super) fn judge_counts(&mut self, record: &Record) {
        let (sum, counts) = (self.model.sum(), &record.counts);
        let Some((_slot, terms)) = &self.terms else { return };
        let told = [counts.held, counts.offered, counts.confirmed, counts.waitlisted].map(u64::from);
        let come_to = [sum.held, sum.offered, sum.confirmed, sum.waiting];
        let capacity = terms.capacity();
        if told != come_to || u64::from(counts.capacity) != capacity || counts.free.is_some() {
            let why = format!("the counts are {counts:?}, but the bookings come to {sum:?} of {capacity}");
            self.fail(record, Check::RangesGivenOnce, &why);
        }
    }

    /// When all is over: looked at whole, nothing is taken twice, and nobody waits for what is free.
    pub(super) fn judge_whole(&mut self) {
        let Some((_slot, terms)) = &self.terms else { return };
        let at = self.last_at;
        let twice = self.sheet.everyone().find(|id| self.sheet.oversold(id, terms, at).is_some());
        let forgotten = self.sheet.everyone_who_waits().find(|id| {
            let wish = self.sheet.waits_for(id).expect("it waits");
            self.sheet.fits(wish, None, terms, at)
        });
        if let Some(id) = twice {
            self.report.fail(Check::RangesGivenOnce, format!("{id} has at last what another has too"));
        }
        if let Some(id) = forgotten.filter(|_id| !self.model.is_cancelled()) {
            self.report.fail(Check::FreedRangesServed, format!("{id} waits at last for what is free"));
        }
    }
}
