//! Promises kept (P4, BK-7): a hold or an offer stands until its deadline unless somebody asks otherwise, and not a
//! millisecond longer.
//!
//! What can be said of any terms is always judged: that nothing lapses before its own deadline, that nothing is done
//! to it afterwards, and that a deadline never moves to an earlier moment. How long a hold or an offer had to be is
//! judged while the slot's terms are known.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use api::booking::{Booking, Mode, Status};
use api::feed::{Kind, Record};
use api::slot::Slot;
use api::time::Time;

use crate::case::{SlotCase, subject};
use crate::contract::{self, extended_until, held_until, held_until_max, later, offered_until};
use crate::finding::Finding;
use crate::history::Ask;
use crate::model::{Claim, Model, Number, has_deadline};
use crate::span::Span;
use crate::tariff::Tariff;

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    let wishes = HoldWishes::of(slot);
    let mut model = Model::default();
    let mut overdue = None;
    for record in slot.records() {
        finding.examine();
        let terms = slot.terms_at(record.seq);
        let former_terms = slot.terms_at(record.seq.saturating_sub(1)).filter(|_| record.seq > 1);
        let judged = JudgedRecord { slot, record, terms, former_terms, wishes: &wishes };
        let mut failures = judged.judge_kind(&model);
        for booking in &record.bookings {
            if let Err(why) = judged.judge_booking(model.claim(&booking.id), booking) {
                failures.push(format!("{} {why}", booking.id));
            }
        }
        model.apply(record);
        // What stays too long is told once, not at every record that follows.
        let still = judged.overdue(&model);
        if still != overdue {
            failures.extend(still.clone());
            overdue = still;
        }
        for failure in failures {
            finding.fail(format!("{failure} (seq {}, {:?}, {})", record.seq, record.kind, record.at));
        }
    }
}

/// For how many seconds somebody asked, where the answer came.
struct HoldWishes<'c> {
    /// By booking.
    booked: BTreeMap<&'c str, HoldWish>,
    /// By seq. A hold that is extended twice may stay as it is the second time, and then both answers name one seq: the
    /// longer wish is the one that it was granted.
    extended: BTreeMap<u64, u64>,
    /// Bookings of which an extension was never answered: which record was whose is not certain then.
    uncertain: BTreeSet<&'c str>,
}

/// How a booking was asked for.
struct HoldWish {
    mode: Mode,
    /// None: for as long as the slot says.
    seconds: Option<u64>,
}

impl<'c> HoldWishes<'c> {
    fn of(slot: &'c SlotCase<'_>) -> Self {
        let mut wishes =
            Self { booked: BTreeMap::new(), extended: BTreeMap::new(), uncertain: BTreeSet::new() };
        for case in &slot.cases {
            if let (Ask::Extend { booking, .. }, None) = (&case.request.ask, &case.said) {
                wishes.uncertain.insert(booking);
            }
            let Some(booking) = case.granted() else { continue };
            match &case.request.ask {
                Ask::Book { mode, hold_seconds, .. } => {
                    let wish = HoldWish { mode: *mode, seconds: *hold_seconds };
                    wishes.booked.insert(&booking.id, wish);
                }
                Ask::Extend { hold_seconds, .. } if slot.record_of(case).is_some() => {
                    let longest = wishes.extended.entry(booking.seq).or_default();
                    *longest = (*longest).max(*hold_seconds);
                }
                Ask::Extend { .. }
                | Ask::Confirm { .. }
                | Ask::Accept { .. }
                | Ask::Decline { .. }
                | Ask::Cancel { .. }
                | Ask::Reduce { .. }
                | Ask::Reseat { .. }
                | Ask::Move { .. } => {}
            }
        }
        wishes
    }

    /// The wish behind a hold. None where it is not known, or not clear whether it counts: it is one for a hold.
    fn behind(&self, booking: &Booking) -> Option<&HoldWish> {
        let wish = self.booked.get(booking.id.as_str())?;
        (wish.mode == Mode::Hold || wish.seconds.is_none()).then_some(wish)
    }

    /// For how long a hold was extended at this seq.
    fn extended(&self, booking: &Booking, seq: u64) -> Option<u64> {
        let is_certain = !self.uncertain.contains(booking.id.as_str());
        self.extended.get(&seq).copied().filter(|_seconds| is_certain)
    }
}

/// One record while it is judged.
struct JudgedRecord<'s, 'h> {
    slot: &'s SlotCase<'h>,
    record: &'h Record,
    /// In force after it; none where not known.
    terms: Option<&'h Slot>,
    /// In force before it.
    former_terms: Option<&'h Slot>,
    wishes: &'s HoldWishes<'s>,
}

impl JudgedRecord<'_, '_> {
    /// A record that time alone made shows what has lapsed, in the order in which it did.
    fn judge_kind(&self, before: &Model<'_>) -> Vec<String> {
        let Record { at, kind, bookings, .. } = self.record;
        let lapsed: Vec<&Booking> =
            bookings.iter().filter(|booking| booking.status == Status::Expired).collect();
        let mut failures = Vec::new();
        let by_time = matches!(kind, Kind::Lapsed | Kind::Finished);
        // What is bookable is told anew where something costs something else by time alone.
        let is_repriced = *kind == Kind::Lapsed
            && self.allows(|terms| !Tariff::turns(terms, Time::from_ms(0), Some(*at)).is_empty());
        if by_time && lapsed.is_empty() && !is_repriced {
            failures.push("nothing has lapsed".to_owned());
        }
        if *kind == Kind::Finished && self.terms.is_some_and(|terms| *at < terms.ends_at) {
            failures.push("the slot has not ended".to_owned());
        }
        // A change of the slot may end it, which is a lapse of its own behind the first.
        let Some(terms) = self.terms.filter(|_terms| *kind != Kind::SlotChanged) else { return failures };
        let due = |booking: &&Booking| -> Option<(Time, Number)> {
            let claim = before.claim(&booking.id)?;
            let until = claim.until.or_else(|| self.waited_until(claim));
            Some((until.map_or(terms.ends_at, |until| until.min(terms.ends_at)), claim.number))
        };
        if !lapsed.iter().map(due).is_sorted() {
            let order: Vec<&str> = lapsed.iter().map(|booking| booking.id.as_str()).collect();
            failures
                .push(format!("{} lapsed in another order than by deadline and creation", order.join(", ")));
        }
        failures
    }

    fn judge_booking(&self, former: Option<&Claim<'_>>, booking: &Booking) -> Result<(), String> {
        let Record { at, kind, .. } = self.record;
        let Booking { status, expires_at, .. } = booking;
        if expires_at.is_some() != has_deadline(*status) {
            return Err(format!("is {status:?} with a deadline of {expires_at:?}"));
        }
        let ran = former.and_then(|former| former.until.or_else(|| self.waited_until(former)));
        if *status == Status::Expired {
            let is_due = ran.is_some_and(|until| until <= *at);
            // The slot's end takes everything with it, and is no mere lapse.
            let is_over = *kind != Kind::Lapsed && self.allows(|terms| terms.ends_at <= *at);
            return if is_due || is_over {
                Ok(())
            } else {
                Err(format!("has expired, although its deadline was {}", show(ran)))
            };
        }
        if let Some(until) = ran.filter(|until| until <= at) {
            return Err(format!("became {status:?}, although its deadline of {until} had passed"));
        }
        match expires_at {
            Some(until) => self.judge_deadline(former, booking, *until),
            None => Ok(()),
        }
    }

    fn judge_deadline(
        &self,
        former: Option<&Claim<'_>>,
        booking: &Booking,
        until: Time,
    ) -> Result<(), String> {
        let ran = former.filter(|former| former.status == booking.status).and_then(|former| former.until);
        if let Some(ran) = ran {
            let is_extended = self.record.kind == Kind::Extended
                && subject(self.record).is_some_and(|subject| subject.id == booking.id);
            let is_moved = self.is_moved(booking);
            if is_moved && until <= ran {
                // It stays, or is when the range begins.
                let begins = booking.from.unwrap_or(until);
                return (until == ran.min(begins)).then_some(()).ok_or_else(|| {
                    format!("had a deadline of {ran} and has one of {until}, moved to {begins}")
                });
            }
            if !is_extended && ran != until {
                return Err(format!("had a deadline of {ran} and has one of {until} unasked"));
            }
            if is_extended && until <= ran {
                return Err(format!("was extended from {ran} to {until}, which is no later"));
            }
            if !is_extended {
                // It was judged when it began.
                return Ok(());
            }
        }
        let is_right =
            |terms: &Slot| self.deadlines(terms, former, booking).contains(&until.min(terms.ends_at));
        if self.allows(is_right) {
            return Ok(());
        }
        let range = self.terms.map(|terms| self.deadlines(terms, former, booking));
        let range = range.map_or_else(String::new, |range| format!("{} to {}", range.start(), range.end()));
        Err(format!("is {:?} until {until}, where the contract has {range}", booking.status))
    }

    /// Whether the terms that were in force allow it, or are not known. While they change, either may have been.
    fn allows(&self, rule: impl Fn(&Slot) -> bool) -> bool {
        let is_changing = self.record.kind == Kind::SlotChanged;
        self.terms.is_none_or(&rule) || (is_changing && self.former_terms.is_none_or(&rule))
    }

    fn is_moved(&self, booking: &Booking) -> bool {
        self.record.kind == Kind::Moved
            && subject(self.record).is_some_and(|subject| subject.id == booking.id)
    }

    /// Until when somebody waits for a range, by the terms by which it was asked for; none where that is not so, or not known.
    fn waited_until(&self, claim: &Claim<'_>) -> Option<Time> {
        let range = claim.range.filter(|_range| claim.status == Status::Waitlisted)?;
        Some(contract::waits_until(self.slot.terms_at(claim.made)?, Some(range)))
    }

    /// The deadlines that a booking may have which came to this status in this record, cut to the slot's end.
    fn deadlines(&self, terms: &Slot, former: Option<&Claim<'_>>, booking: &Booking) -> RangeInclusive<Time> {
        let at = self.record.at;
        let range = booking.from.zip(booking.to).and_then(|(from, to)| Span::new(from, to));
        if booking.status == Status::Offered {
            let until = offered_until(terms, range, at);
            return until..=until;
        }
        let is_extended = self.record.kind == Kind::Extended
            && subject(self.record).is_some_and(|subject| subject.id == booking.id);
        let held = former.filter(|former| former.status == Status::Held);
        // Nobody wishes for less than a second.
        let up_to = |latest: Time| later(at, 1).min(latest)..=latest;
        match (is_extended, held) {
            (true, Some(held)) => match self.wishes.extended(booking, self.record.seq) {
                Some(seconds) => {
                    let until = extended_until(terms, (range, held.since), at, seconds);
                    until..=until
                }
                None => up_to(held_until_max(terms, range, held.since)),
            },
            // It was served and extended in one step.
            (true, None) => up_to(held_until_max(terms, range, at)),
            (false, _) => match self.wishes.behind(booking) {
                Some(wish) => {
                    let until = held_until(terms, range, at, wish.seconds);
                    until..=until
                }
                None => up_to(held_until_max(terms, range, at)),
            },
        }
    }

    /// What stands after the record although its time is over.
    fn overdue(&self, after: &Model<'_>) -> Option<String> {
        let at = self.record.at;
        if let Some((until, id)) = after.first_deadline().filter(|(until, _id)| *until <= at) {
            return Some(format!("{id} still stands, although its deadline of {until} has passed"));
        }
        let sum = after.sum();
        let ends_at = self.terms.map(|terms| terms.ends_at).filter(|ends_at| *ends_at <= at)?;
        let is_open = sum.held + sum.offered + sum.waiting > 0;
        is_open.then(|| format!("the slot was over at {ends_at}, and some still hold or wait"))
    }
}

fn show(until: Option<Time>) -> String {
    until.map_or_else(|| "none".to_owned(), |until| until.to_string())
}
