//! One slot's feed gone through seat by seat, in the order that the contract has: what has lapsed lapses, the waitlist is
//! served, the request is heard, the waitlist is served again.

use std::collections::{BTreeMap, VecDeque};

use api::booking::Status;
use api::feed::{Kind, Record};
use api::problem::Code;
use api::slot::{Order, Status as SlotStatus};
use api::time::Time;

use super::counts::{self, bookable};
use super::floor::Floor;
use super::hall::{Hall, Turn, Wish, Wishes};
use super::judged::{Judge, Told};
use super::sample::Sample;
use super::views::Album;
use crate::case::{Case, Said, SlotCase, subject};
use crate::contract;
use crate::finding::Check;
use crate::house::House;
use crate::house::words::{BookingSeats, RecordSeats, SlotSeats};
use crate::model::{Model, is_served};
use crate::report::Report;
use crate::tariff::Tariff;

/// What is told of a booking whose record tells less of seats than of bookings.
static NOTHING: BookingSeats =
    BookingSeats { seats: Vec::new(), areas: BTreeMap::new(), category: None, together: None };

/// A slot's feed while it is gone through.
pub(super) struct Replay<'c, 'h, 'f> {
    slot: &'c SlotCase<'h>,
    house: &'h House,
    judge: Judge<'h, 'f>,
    album: Album,
    counted: Sample,
    /// The stamp of the record before.
    last_at: Time,
}

/// One record, by what became of its bookings.
struct Step<'h> {
    record: &'h Record,
    told: &'h RecordSeats,
    subject: Option<Told<'h>>,
    lapsed: Vec<Told<'h>>,
    /// In the record's order; taken away as their turns come.
    served: VecDeque<Told<'h>>,
    ended: Vec<Told<'h>>,
    /// The one that was made smaller while it waited, and is served by that.
    reduced: Option<Told<'h>>,
    sight: Sight,
}

/// Whether the rest of a record can be judged.
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
    fn of(model: &Model<'_>, record: &'h Record, told: &'h RecordSeats) -> Self {
        let seats = told.bookings.iter().chain(std::iter::repeat(&NOTHING));
        let mut bookings = record.bookings.iter().zip(seats);
        let subject = subject(record).and_then(|_subject| bookings.next());
        let (lapsed, served, ended) = (Vec::new(), VecDeque::new(), Vec::new());
        let mut step =
            Self { record, told, subject, lapsed, served, ended, reduced: None, sight: Sight::Clear };
        for other in bookings {
            let former = model.claim(&other.0.id).map(|claim| claim.status);
            if other.0.status == Status::Expired {
                step.lapsed.push(other);
            } else if former == Some(Status::Waitlisted) && is_served(other.0.status) {
                step.served.push_back(other);
            } else {
                step.ended.push(other);
            }
        }
        step
    }

    /// Whether what the request did may let somebody in who waits.
    const fn makes_room(&self) -> bool {
        match self.record.kind {
            Kind::SlotChanged
            | Kind::SeatsChanged
            | Kind::Cancelled
            | Kind::Declined
            | Kind::Reseated
            | Kind::Moved
            | Kind::QuantityChanged => true,
            Kind::SlotCreated
            | Kind::SlotCancelled
            | Kind::Booked
            | Kind::Confirmed
            | Kind::Extended
            | Kind::Accepted
            | Kind::Lapsed
            | Kind::Finished => false,
        }
    }
}

impl<'c, 'h, 'f> Replay<'c, 'h, 'f> {
    pub(super) fn new(slot: &'c SlotCase<'h>, house: &'h House, report: Report<'f>) -> Self {
        let (seats, records) = (house.plan.seats.len(), slot.records().len());
        let hall = Hall::new(Floor::new(&house.plan), house.before.inventory.seats.clone(), Wishes::of(slot));
        Self {
            slot,
            house,
            judge: Judge { hall, report, searches: Sample::of_searches(seats, records) },
            album: Album::of(&house.looks),
            counted: Sample::of_counts(seats, records),
            last_at: Time::from_ms(0),
        }
    }

    /// Goes through it. Gives what else is to be known of how it was judged.
    pub(super) fn go(mut self) -> Vec<String> {
        let (granted, mut standing) = by_seq(self.slot);
        let mut records = self.slot.records().iter().zip(&self.house.records).peekable();
        while let Some((record, told)) = records.next() {
            let next = records.peek().map(|(next, _told)| next.at);
            self.take(record, told, granted.get(&record.seq).copied());
            self.judge_counts(record, told);
            self.album.keep(record.seq, &self.judge.hall);
            // Where something costs something else by time alone until the next record, nobody knows what was in force.
            let policy =
                self.slot.policy_at(record.seq).filter(|_policy| self.is_steady(record.seq, record.at, next));
            if let Some(policy) = policy {
                for case in standing.remove(&record.seq).unwrap_or_default() {
                    let code =
                        if let Some(Said::Refused { code, .. }) = case.said { Some(code) } else { None };
                    if code == Some(Code::NotOnSale) && !self.stays_on_sale() {
                        continue;
                    }
                    self.judge.refusal(case, policy);
                }
            }
            self.judge_readings(record.seq);
        }
        for look in &self.house.looks {
            self.judge.report.examine(Check::MapsAgree);
            if let Some(fault) = self.album.fault(look) {
                self.judge.report.fail(Check::MapsAgree, fault);
            }
        }
        self.judge.searches.note(&self.slot.evidence.before.id).into_iter().collect()
    }

    /// Whether everything costs the same between two moments, by the terms of a seq.
    fn is_steady(&self, seq: u64, from: Time, until: Option<Time>) -> bool {
        self.slot.terms_at(seq).is_none_or(|terms| Tariff::turns(terms, from, until).is_empty())
    }

    /// Whether the slot is on sale from the first reading to the last, as far as those tell.
    fn stays_on_sale(&self) -> bool {
        self.slot.readings().all(|read| read.status == SlotStatus::OnSale)
    }

    fn take(&mut self, record: &'h Record, told: &'h RecordSeats, case: Option<&Case<'h>>) {
        let mut step = Step::of(&self.judge.hall.model, record, told);
        self.judge.hall.model.begin(record);
        self.judge.report.examine(Check::ServedInOrder);
        let order = |seq: u64| self.slot.policy_at(seq).map(contract::order);
        self.judge.hall.tariff = self.tariff(record, record.seq.saturating_sub(1).max(1));
        let after = order(record.seq);
        let before = order(record.seq.saturating_sub(1)).or_else(|| after.filter(|_| record.seq == 1));
        if !self.slot.shows_all(record) || before.is_none() || after.is_none() {
            step.sight = Sight::Blind;
        }
        for lapsed in &step.lapsed {
            self.judge.apply(record, *lapsed);
        }
        // What lapses makes room, and so may what costs something else by time alone.
        let is_sold_anew = !self.is_steady(record.seq.saturating_sub(1), self.last_at, Some(record.at));
        self.last_at = record.at;
        if let Some(order) = before.filter(|_order| is_sold_anew || !step.lapsed.is_empty()) {
            self.serve(&mut step, order, Heard::Lapses);
        }
        if record.kind == Kind::Booked {
            self.leftovers(&mut step);
            if let Some(newcomer) = step.subject {
                self.hear_newcomer(record, newcomer, case);
            }
            return;
        }
        self.judge.hall.tariff = self.tariff(record, record.seq);
        self.hear(&mut step, case);
        if let Some(order) = after.filter(|_order| step.makes_room()) {
            self.serve(&mut step, order, Heard::Request);
        }
        self.leftovers(&mut step);
    }

    /// What is sold by the terms that are in force after a seq, at the moment of a record; none where that is nothing in particular.
    fn tariff(&self, record: &Record, seq: u64) -> Option<Tariff<'h>> {
        let terms = self.slot.terms_at(seq).filter(|terms| Tariff::is_in(terms))?;
        Some(Tariff::of(terms, record.at))
    }

    /// Serves while it is somebody's turn: the record must show each of them.
    fn serve(&mut self, step: &mut Step<'h>, order: Order, heard: Heard) {
        while step.sight == Sight::Clear {
            let (next, wish) = match self.judge.hall.turn(order) {
                Turn::Nobody => return,
                Turn::Of(next, wish) => (next, wish),
                Turn::Unknown => {
                    step.sight = Sight::Blind;
                    return;
                }
            };
            if heard == Heard::Lapses && step.subject.is_some_and(|(subject, _seats)| subject.id == next) {
                // The record shows it as what the request then made of it: its seats are not told.
                step.sight = Sight::Blind;
                return;
            }
            let reduced = step.reduced.take_if(|(reduced, _seats)| reduced.id == next);
            match reduced.or_else(|| step.served.pop_front()) {
                Some(served) if served.0.id == next => self.seat(step.record, served, &wish),
                Some(served) => {
                    self.judge.apply(step.record, served);
                    let why = format!("{} was served although it was the turn of {next}", served.0.id);
                    self.out_of_order(step, &why);
                }
                None => {
                    let why = format!("{next} was left waiting for {}, which can be had", wish.quantity);
                    self.out_of_order(step, &why);
                }
            }
        }
    }

    fn seat(&mut self, record: &Record, served: Told<'h>, wish: &Wish<'_>) {
        self.judge.placement(record, served, wish);
        self.judge.apply(record, served);
    }

    fn out_of_order(&mut self, step: &mut Step<'h>, why: &str) {
        step.sight = Sight::Blind;
        let Record { seq, at, .. } = step.record;
        let slot = &self.slot.evidence.before.id;
        self.judge.report.fail(Check::ServedInOrder, format!("{slot}: at seq {seq} ({at}) {why}"));
    }

    /// Whoever else the record shows as served.
    fn leftovers(&mut self, step: &mut Step<'h>) {
        let left: Vec<Told<'h>> = step.served.drain(..).chain(step.reduced.take()).collect();
        for served in left {
            if step.sight == Sight::Clear {
                let why = format!("{} was served although it was not its turn", served.0.id);
                self.out_of_order(step, &why);
            }
            self.judge.apply(step.record, served);
        }
    }

    fn hear_newcomer(&mut self, record: &'h Record, newcomer: Told<'h>, case: Option<&Case<'h>>) {
        if let (Some(case), Some(policy)) = (case, self.slot.policy_at(record.seq)) {
            self.judge.newcomer(case, policy, record, newcomer);
        }
        self.judge.apply(record, newcomer);
    }

    /// What the request did.
    fn hear(&mut self, step: &mut Step<'h>, case: Option<&Case<'h>>) {
        let (record, told) = (step.record, step.told);
        self.judge.hall.model.apply_slot(record);
        self.judge.closing(record, told);
        if let Some(map) = &told.map {
            match self.house.later.get(map) {
                Some(plan) => self.judge.move_to(record, plan),
                None => self.judge.report.fail(Check::SeatsCounted, format!("there is no map {map}")),
            }
        }
        let kept = |after: &SlotSeats| after.inventory.seats == self.house.before.inventory.seats;
        if record.kind == Kind::SlotChanged && !self.house.after.as_ref().is_some_and(kept) {
            self.judge.hall.terms = None;
        }
        for ended in std::mem::take(&mut step.ended) {
            self.judge.apply(record, ended);
        }
        let Some(subject) = step.subject else { return };
        let (booking, _seats) = subject;
        self.judge.change(record, subject, case);
        let claim = self.judge.hall.model.claim(&booking.id);
        let waits = claim.is_some_and(|claim| claim.status == Status::Waitlisted);
        if waits && record.kind == Kind::QuantityChanged && is_served(booking.status) {
            self.judge.hall.model.reduce(booking);
            step.reduced = Some(subject);
        } else {
            self.judge.apply(record, subject);
        }
    }

    fn judge_counts(&mut self, record: &Record, told: &RecordSeats) {
        if !self.counted.takes(record.seq) {
            return;
        }
        self.judge.report.examine(Check::SeatsCounted);
        for fault in counts::faults(&self.judge.hall, &told.counts) {
            let why = format!("the counts at seq {} ({}): {fault}", record.seq, record.at);
            self.judge.report.fail(Check::SeatsCounted, why);
        }
    }

    /// The slot and its bookings, where they were read at this seq.
    fn judge_readings(&mut self, seq: u64) {
        let before = Some(&self.house.before);
        for read in [before, self.house.after.as_ref()].into_iter().flatten().filter(|read| read.seq == seq) {
            self.judge_slot(read);
        }
        for (id, _seq, read) in self.house.bookings.iter().filter(|(_id, at, _read)| *at == seq) {
            self.judge.report.examine(Check::SeatsGivenOnce);
            if let Some(why) = self.judge.reading(id, read) {
                self.judge.report.fail(Check::SeatsGivenOnce, format!("{id} was read at seq {seq}: {why}"));
            }
        }
    }

    fn judge_slot(&mut self, read: &SlotSeats) {
        self.judge.report.examine(Check::SeatsCounted);
        let mut faults = counts::faults(&self.judge.hall, &read.counts);
        if read.counts.categories.is_none() || read.counts.blocked.is_none() {
            faults.push("they say nothing of categories or of what is blocked".to_owned());
        }
        let is_on_sale =
            self.slot.readings().any(|slot| slot.seq == read.seq && slot.status == SlotStatus::OnSale);
        let stopped = self.slot.policy_at(read.seq).and_then(|policy| self.judge.hall.stopped(policy));
        if let Some(most) =
            bookable(&self.judge.hall, stopped).filter(|most| is_on_sale && *most != read.bookable)
        {
            faults.push(format!("{} are bookable, and it comes to {most}", read.bookable));
        }
        for fault in faults {
            let why = format!("the slot as it was read at seq {}: {fault}", read.seq);
            self.judge.report.fail(Check::SeatsCounted, why);
        }
    }
}

/// What was granted with a record of its own, and what was refused that was asked of seats.
fn by_seq<'c, 'h>(slot: &'c SlotCase<'h>) -> (BTreeMap<u64, &'c Case<'h>>, BTreeMap<u64, Vec<&'c Case<'h>>>) {
    let mut granted = BTreeMap::new();
    let mut standing = BTreeMap::<u64, Vec<&Case<'_>>>::new();
    for case in &slot.cases {
        match &case.said {
            Some(Said::Granted(booking)) if slot.record_of(case).is_some() => {
                granted.insert(booking.seq, case);
            }
            Some(Said::Refused { seq, .. }) => standing.entry(*seq).or_default().push(case),
            Some(Said::Granted(_) | Said::Rejected { .. } | Said::Unreadable(_)) | None => {}
        }
    }
    (granted, standing)
}
