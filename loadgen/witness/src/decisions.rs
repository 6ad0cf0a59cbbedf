//! Decided rightly: what was granted could be, what was refused had to be, each answer fits its question, and nothing
//! becomes of a booking but what its record says was asked for.
//!
//! A refusal is judged against the slot as it was after the seq that it names, and so is a yes that changed nothing;
//! any other yes against the slot as it was before its record. A newcomer is heard last of all that is in its record.
//! What depends on the hour (`too_late`, `not_on_sale`) is judged where the stamps leave no doubt.

use std::collections::BTreeMap;

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::problem::Code;
use api::slot::{ConfirmedBy, Slot, Status as SlotStatus};
use api::time::Time;

use crate::case::{Case, Deed, Said, SlotCase};
use crate::contract::{self, Wish};
use crate::finding::Finding;
use crate::history::{Ask, Asker};
use crate::model::{Model, is_live};
use crate::transitions;

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    for case in &slot.cases {
        report(case, fits_question(case).and_then(|()| may_be_forbidden(slot, case)), finding);
    }
    let Some(feed) = slot.evidence.feed.got() else { return };
    let (granted, mut standing) = by_seq(slot);
    let mut model = Model::default();
    let mut records = feed.records.iter().peekable();
    while let Some(record) = records.next() {
        for fault in transitions::faults(slot, &model, record) {
            finding.fail(fault);
        }
        if let Some(case) = granted.get(&record.seq) {
            finding.examine();
            report(case, judge_deed(slot, &model, case, record), finding);
        }
        apply(slot, &mut model, record, granted.get(&record.seq).copied(), finding);
        if let Some(case) = granted.get(&record.seq) {
            report(case, judge_position(slot, &model, case), finding);
        }
        let next = records.peek().map(|record| record.at);
        let hour = Hour { slot, seq: record.seq, from: record.at, next };
        for case in standing.remove(&record.seq).unwrap_or_default() {
            finding.examine();
            report(case, judge_standing(&hour, &model, case), finding);
        }
    }
    for case in &slot.cases {
        report(case, judge_too_many(slot, &model, case), finding);
    }
    for case in standing.into_values().flatten() {
        finding.fail(format!("{case}: decided at a seq that the feed does not have"));
    }
}

/// What was granted with a record of its own, and what was decided without one.
fn by_seq<'c, 'h>(slot: &'c SlotCase<'h>) -> (BTreeMap<u64, &'c Case<'h>>, BTreeMap<u64, Vec<&'c Case<'h>>>) {
    let mut granted = BTreeMap::new();
    let mut standing = BTreeMap::<u64, Vec<&Case<'_>>>::new();
    for case in &slot.cases {
        match &case.said {
            Some(Said::Refused { seq, .. }) => standing.entry(*seq).or_default().push(case),
            Some(Said::Granted(booking)) if slot.is_kept(case) => {
                standing.entry(booking.seq).or_default().push(case);
            }
            Some(Said::Granted(booking)) if slot.record_of(case).is_some() => {
                granted.insert(booking.seq, case);
            }
            // A yes that is not in the feed is lost: another check's.
            Some(Said::Granted(_) | Said::Rejected { .. } | Said::Unreadable(_)) | None => {}
        }
    }
    (granted, standing)
}

/// Takes a record. A newcomer is judged in the middle of it: lapses and promotions in the same step came first.
fn apply<'h>(
    slot: &SlotCase<'_>,
    model: &mut Model<'h>,
    record: &'h Record,
    case: Option<&Case<'_>>,
    finding: &mut Finding,
) {
    if let (Kind::Booked, [newcomer, others @ ..]) = (record.kind, record.bookings.as_slice()) {
        model.begin(record);
        for other in others {
            model.apply_booking(other);
        }
        if let Some(case) = case {
            report(case, judge_newcomer(slot, model, case, record, newcomer), finding);
        }
        model.apply_booking(newcomer);
        return;
    }
    model.apply(record);
    let sum = model.sum();
    if record.kind == Kind::SlotCancelled && sum.held + sum.offered + sum.confirmed + sum.waiting > 0 {
        finding.fail(format!("seq {} cancelled the slot, but not every booking: {sum:?}", record.seq));
    }
}

fn report(case: &Case<'_>, judgement: Result<(), String>, finding: &mut Finding) {
    if let Err(why) = judgement {
        finding.fail(format!("{case}: {why}"));
    }
}

/// Whether the answer is one to this question at all.
fn fits_question(case: &Case<'_>) -> Result<(), String> {
    let status = case.request.answers.first().map_or(0, |answer| answer.status);
    let booking = match &case.said {
        Some(Said::Granted(booking)) => booking,
        Some(Said::Unreadable(why)) => return Err(format!("the answer is {why}")),
        Some(Said::Refused { .. } | Said::Rejected { .. }) | None => return Ok(()),
    };
    let state = booking.status;
    let fits = match &case.request.ask {
        Ask::Book { quantity, mode, .. } => {
            let wanted = match state {
                Status::Confirmed | Status::Held => 201,
                Status::Waitlisted => 202,
                Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => 0,
            };
            status == wanted && (booking.quantity, booking.mode) == (*quantity, *mode)
        }
        Ask::Confirm { .. } => status == 200 && state == Status::Confirmed,
        Ask::Extend { .. } => status == 200 && state == Status::Held,
        Ask::Accept { .. } => status == 200 && matches!(state, Status::Confirmed | Status::Held),
        Ask::Decline { .. } => status == 200 && state == Status::Declined,
        Ask::Cancel { .. } => status == 200 && state == Status::Cancelled,
        Ask::Reduce { quantity, .. } => status == 200 && is_live(state) && booking.quantity == *quantity,
        Ask::Reseat { .. } => status == 200 && matches!(state, Status::Held | Status::Confirmed),
    };
    let is_about = case.request.ask.booking().is_none_or(|asked| asked == booking.id)
        && booking.customer == case.request.customer;
    let Booking { id, customer, quantity, mode, .. } = &**booking;
    (fits && is_about).then_some(()).ok_or_else(|| {
        format!("the answer is {status}, {quantity} {state:?} ({mode:?}) for {customer} ({id})")
    })
}

/// Whether who asked had to be turned away, or let in: the door decides that, without a seq.
fn may_be_forbidden(slot: &SlotCase<'_>, case: &Case<'_>) -> Result<(), String> {
    let confirmed_by = |who: ConfirmedBy| slot.terms_may_be(|terms| terms.policy.confirmed_by == who);
    let (may_be_yes, may_be_no) = match (&case.request.ask, case.request.by) {
        (Ask::Confirm { .. }, Asker::Customer) => {
            (confirmed_by(ConfirmedBy::Customer), confirmed_by(ConfirmedBy::Organizer))
        }
        (Ask::Accept { .. } | Ask::Decline { .. }, Asker::Organizer) => (false, true),
        (
            Ask::Book { .. }
            | Ask::Confirm { .. }
            | Ask::Extend { .. }
            | Ask::Accept { .. }
            | Ask::Decline { .. }
            | Ask::Cancel { .. }
            | Ask::Reduce { .. }
            | Ask::Reseat { .. },
            Asker::Customer | Asker::Organizer,
        ) => (true, false),
    };
    match &case.said {
        Some(Said::Granted(_)) if !may_be_yes => Err("granted to one who may not ask for it".to_owned()),
        Some(Said::Rejected { code: Some(Code::Forbidden), .. }) if !may_be_no => {
            Err("forbidden to one who may".to_owned())
        }
        Some(Said::Granted(_) | Said::Refused { .. } | Said::Rejected { .. } | Said::Unreadable(_))
        | None => Ok(()),
    }
}

/// A newcomer, in the slot as it was when it was heard.
fn judge_newcomer(
    slot: &SlotCase<'_>,
    before: &Model<'_>,
    case: &Case<'_>,
    record: &Record,
    booking: &Booking,
) -> Result<(), String> {
    let Some(wish) = wish(case) else { return Ok(()) };
    let Some(terms) = slot.terms_at(record.seq) else { return Ok(()) };
    let Record { at, .. } = record;
    if terms.sale.opens_at.is_some_and(|opens_at| *at < opens_at) || contract::closes_at(terms) <= *at {
        return Err(format!("it was granted at {at}, off sale"));
    }
    // What becomes of a wish for seats is judged with them.
    let decision = wish.decide(before, &terms.policy);
    if slot.house.is_some() || decision == Ok(booking.status) {
        return Ok(());
    }
    let (sum, status) = (before.sum(), booking.status);
    Err(format!("it is {status:?}, but the slot came to {sum:?} before it, which asks for {decision:?}"))
}

fn wish<'r>(case: &Case<'r>) -> Option<Wish<'r>> {
    match &case.request.ask {
        Ask::Book { quantity, mode, when_full, .. } => Some(Wish {
            customer: &case.request.customer,
            quantity: *quantity,
            mode: *mode,
            when_full: *when_full,
        }),
        Ask::Confirm { .. }
        | Ask::Extend { .. }
        | Ask::Accept { .. }
        | Ask::Decline { .. }
        | Ask::Cancel { .. }
        | Ask::Reduce { .. }
        | Ask::Reseat { .. } => None,
    }
}

/// A yes with a record of its own. What may become of a booking at all is judged for every record.
fn judge_deed(
    slot: &SlotCase<'_>,
    before: &Model<'_>,
    case: &Case<'_>,
    record: &Record,
) -> Result<(), String> {
    let (Some(terms), Some(id)) = (slot.terms_at(record.seq), case.request.ask.booking()) else {
        return Ok(());
    };
    let by_customer = case.request.by == Asker::Customer;
    if by_customer
        && Deed::asked(&case.request.ask) == Deed::Confirm
        && terms.policy.confirmed_by == ConfirmedBy::Organizer
    {
        return Err("only the organizer confirms there".to_owned());
    }
    let until = contract::cancel_until(terms);
    let was_confirmed = before.claim(id).is_some_and(|claim| claim.status == Status::Confirmed);
    if by_customer && was_confirmed && matches!(record.kind, Kind::QuantityChanged | Kind::Reseated) {
        return Err("only the organizer makes smaller or reseats what is confirmed".to_owned());
    }
    let is_late = by_customer && was_confirmed && record.kind == Kind::Cancelled && until <= record.at;
    if is_late { Err(format!("it was granted at {}, too late from {until} on", record.at)) } else { Ok(()) }
}

/// When something was decided that left no record: after one and not after the next.
struct Hour<'s, 'h> {
    slot: &'s SlotCase<'h>,
    seq: u64,
    from: Time,
    next: Option<Time>,
}

impl<'h> Hour<'_, 'h> {
    fn terms(&self) -> Option<&'h Slot> {
        self.slot.terms_at(self.seq)
    }

    /// Whether it may have been as late as this.
    fn may_be(&self, late: Time) -> bool {
        self.next.is_none_or(|next| late <= next)
    }

    /// Whether the slot was on sale, as far as one can tell, and still was when it was read after all that.
    fn was_on_sale_at_last(&self) -> bool {
        self.next.is_none()
            && self.slot.evidence.after.got().is_some_and(|after| after.status == SlotStatus::OnSale)
    }

    /// None where the stamps leave a doubt.
    fn on_sale(&self) -> Option<bool> {
        let terms = self.terms()?;
        let closes_at = contract::closes_at(terms);
        if closes_at <= self.from {
            return Some(false);
        }
        let is_open = terms.sale.opens_at.is_none_or(|opens_at| opens_at <= self.from);
        let still_is = self.was_on_sale_at_last() || self.next.is_some_and(|next| next < closes_at);
        (is_open && still_is).then_some(true)
    }

    /// Whether a customer may have been too late to cancel what is confirmed.
    fn may_be_too_late(&self) -> bool {
        let Some(terms) = self.terms() else { return true };
        let is_far = terms.policy.cancel_until_seconds == 0 && self.was_on_sale_at_last();
        self.may_be(contract::cancel_until(terms)) && !is_far
    }
}

/// A refusal, or a yes that changed nothing: the slot is as it was when it was decided.
fn judge_standing(hour: &Hour<'_, '_>, model: &Model<'_>, case: &Case<'_>) -> Result<(), String> {
    match (&case.said, wish(case)) {
        (Some(Said::Refused { code, .. }), Some(wish)) => judge_no_booking(hour, model, &wish, *code),
        (Some(Said::Refused { code, .. }), None) => judge_no_deed(hour, model, case, *code),
        (Some(Said::Granted(booking)), _) => judge_kept(hour, model, case, booking),
        (Some(Said::Rejected { .. } | Said::Unreadable(_)) | None, _) => Ok(()),
    }
}

fn judge_no_booking(
    hour: &Hour<'_, '_>,
    model: &Model<'_>,
    wish: &Wish<'_>,
    code: Code,
) -> Result<(), String> {
    let decision = match (model.is_cancelled(), hour.on_sale(), hour.terms()) {
        (true, _, _) => Err(Code::SlotCancelled),
        (false, _, _) if code == Code::SlotCancelled => {
            return Err("refused as `slot_cancelled`, which it was not at that seq".to_owned());
        }
        (false, Some(false), _) => Err(Code::NotOnSale),
        (false, None, _) if code == Code::NotOnSale => return Ok(()),
        (false, _, None) => return Ok(()),
        (false, _, _) if hour.slot.house.is_some() && code != Code::NotOnSale => return Ok(()),
        (false, _, Some(terms)) => wish.decide(model, &terms.policy),
    };
    if decision == Err(code) {
        return Ok(());
    }
    Err(format!(
        "refused as `{}`, but at that seq the slot comes to {:?}, which asks for {decision:?}",
        code.as_str(),
        model.sum()
    ))
}

fn judge_no_deed(hour: &Hour<'_, '_>, model: &Model<'_>, case: &Case<'_>, code: Code) -> Result<(), String> {
    let Some(claim) = case.request.ask.booking().and_then(|id| model.claim(id)) else {
        return Err(format!("refused as `{}` at a seq at which there was no such booking", code.as_str()));
    };
    let deed = Deed::asked(&case.request.ask);
    let Some(decision) = contract::act(deed, case.request.by, claim) else { return Ok(()) };
    let is_late = code == Code::TooLate
        && deed == Deed::Cancel
        && case.request.by == Asker::Customer
        && claim.status == Status::Confirmed
        && hour.may_be_too_late();
    // Which seats may be had is judged with them.
    let is_of_seats =
        decision == Ok(()) && deed == Deed::Reseat && matches!(code, Code::SeatsRefused | Code::LeavesSingle);
    if is_late || is_of_seats || decision == Err(code) {
        return Ok(());
    }
    let until = claim.until.map_or_else(String::new, |until| format!(" until {until}"));
    Err(format!(
        "refused as `{}`, but at that seq the booking is {:?}{until}, which asks for {decision:?}",
        code.as_str(),
        claim.status
    ))
}

/// Where somebody waits who was made smaller: at the same place as before.
fn judge_position(slot: &SlotCase<'_>, model: &Model<'_>, case: &Case<'_>) -> Result<(), String> {
    let Some(booking) = case.granted().filter(|_booking| matches!(case.request.ask, Ask::Reduce { .. }))
    else {
        return Ok(());
    };
    let place = model.waiting().position(|(id, _claim)| id == booking.id).map(|ahead| ahead as u64 + 1);
    // Among seats, who waits for others is not counted.
    if slot.house.is_some() || booking.position.map(u64::from) == place {
        return Ok(());
    }
    Err(format!("it was told position {:?} where {place:?} is its own", booking.position))
}

/// That it was to be for more than it is for: a booking never grows, so it was never for more than it is for at last. Who has
/// seats may hear that they are to be given back by name.
fn judge_too_many(slot: &SlotCase<'_>, last: &Model<'_>, case: &Case<'_>) -> Result<(), String> {
    let Ask::Reduce { booking, quantity } = &case.request.ask else { return Ok(()) };
    let Some(Said::Rejected { code: Some(Code::InvalidRequest), .. }) = &case.said else { return Ok(()) };
    match last.claim(booking) {
        Some(claim) if (1..=claim.quantity).contains(quantity) && !slot.had_seats(booking) => {
            Err(format!("refused as too many, although it is for {} at last", claim.quantity))
        }
        Some(_) | None => Ok(()),
    }
}

/// What was left as it was because it is so already.
fn judge_kept(
    hour: &Hour<'_, '_>,
    model: &Model<'_>,
    case: &Case<'_>,
    booking: &Booking,
) -> Result<(), String> {
    let hold_seconds = match &case.request.ask {
        Ask::Extend { hold_seconds, .. } => *hold_seconds,
        Ask::Reduce { quantity, .. } => {
            return judge_kept_quantity(hour.slot, model, case, booking, *quantity);
        }
        Ask::Book { .. }
        | Ask::Confirm { .. }
        | Ask::Accept { .. }
        | Ask::Decline { .. }
        | Ask::Cancel { .. }
        | Ask::Reseat { .. } => return Ok(()),
    };
    let held = model.claim(&booking.id).filter(|claim| claim.status == Status::Held);
    let Some((claim, until)) = held.and_then(|claim| Some((claim, claim.until?))) else {
        return Err("its answer stands for no hold at that seq".to_owned());
    };
    let Some(terms) = hour.terms() else { return Ok(()) };
    let wanted = contract::extended_until(terms, claim.since, hour.from, hold_seconds);
    if until < wanted {
        return Err(format!("it was left at {until}, although it asked for {wanted} at least"));
    }
    Ok(())
}

/// A booking that was not made smaller because it is for so many already.
fn judge_kept_quantity(
    slot: &SlotCase<'_>,
    model: &Model<'_>,
    case: &Case<'_>,
    booking: &Booking,
    quantity: u32,
) -> Result<(), String> {
    let Some(claim) = model.claim(&booking.id) else {
        return Err("its answer stands for no booking at that seq".to_owned());
    };
    if let Some(Err(code)) = contract::act(Deed::Reduce, case.request.by, claim) {
        return Err(format!("it was granted where `{}` is due", code.as_str()));
    }
    if claim.quantity != quantity {
        return Err(format!("it was left at {}, although it asked for {quantity}", claim.quantity));
    }
    judge_position(slot, model, case)
}
