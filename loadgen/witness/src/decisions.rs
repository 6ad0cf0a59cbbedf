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
use api::slot::{ConfirmedBy, Slot};
use api::tariff::Line;

use crate::case::{Case, Deed, Said, SlotCase};
use crate::contract::{self, Wish};
use crate::finding::Finding;
use crate::history::{Ask, Asker};
use crate::hour::Hour;
use crate::kept::{judge_kept, judge_position};
use crate::model::{Claim, Model, is_live};
use crate::tariff::{Tariff, sorted};
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
pub(crate) fn by_seq<'c, 'h>(
    slot: &'c SlotCase<'h>,
) -> (BTreeMap<u64, &'c Case<'h>>, BTreeMap<u64, Vec<&'c Case<'h>>>) {
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
        Ask::Book { quantity, mode, basket, .. } => {
            let wanted = match state {
                Status::Confirmed | Status::Held => 201,
                Status::Waitlisted => 202,
                Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => 0,
            };
            // What is expected counts at the request, and who waits pays what it costs then.
            let costs = booking.amount.unwrap_or_default();
            let is_as_expected = basket.expect_amount.is_none_or(|expected| expected == costs);
            status == wanted
                && (booking.quantity, booking.mode) == (*quantity, *mode)
                && is_of(booking, &basket.lines)
                && (is_as_expected || state == Status::Waitlisted)
        }
        Ask::Confirm { .. } => status == 200 && state == Status::Confirmed,
        Ask::Extend { .. } => status == 200 && state == Status::Held,
        Ask::Accept { .. } => status == 200 && matches!(state, Status::Confirmed | Status::Held),
        Ask::Decline { .. } => status == 200 && state == Status::Declined,
        Ask::Cancel { .. } => status == 200 && state == Status::Cancelled,
        Ask::Reduce { quantity, lines, .. } => {
            let is_of = lines.is_empty() || is_of(booking, lines);
            status == 200 && is_live(state) && booking.quantity == *quantity && is_of
        }
        Ask::Reseat { .. } | Ask::Move { .. } => {
            status == 200 && matches!(state, Status::Held | Status::Confirmed)
        }
    };
    let is_about = case.request.ask.booking().is_none_or(|asked| asked == booking.id)
        && booking.customer == case.request.customer;
    let Booking { id, customer, quantity, mode, .. } = &**booking;
    (fits && is_about).then_some(()).ok_or_else(|| {
        format!("the answer is {status}, {quantity} {state:?} ({mode:?}) for {customer} ({id})")
    })
}

/// Whether a booking is of these products, in whatever order.
fn is_of(booking: &Booking, lines: &[Line]) -> bool {
    sorted(booking.lines.as_deref().unwrap_or_default()) == sorted(lines)
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
            | Ask::Reseat { .. }
            | Ask::Move { .. },
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
    let Some(wish) = Wish::of(case) else { return Ok(()) };
    let Some(terms) = slot.terms_at(record.seq) else { return Ok(()) };
    let Record { at, .. } = record;
    if terms.sale.opens_at.is_some_and(|opens_at| *at < opens_at) || contract::closes_at(terms) <= *at {
        return Err(format!("it was granted at {at}, off sale"));
    }
    let is_unpaid = wish.by == Asker::Customer && booking.amount.is_some_and(|amount| amount > 0);
    if is_unpaid && booking.status == Status::Confirmed {
        return Err("it is confirmed although it is not paid for".to_owned());
    }
    // What becomes of a wish for seats, or for a range, is judged with them.
    if slot.counts_otherwise() {
        return Ok(());
    }
    let decision = wish.decide(before, terms, record.at);
    if decision == Ok(booking.status) {
        return Ok(());
    }
    let (sum, status) = (before.sum(), booking.status);
    Err(format!("it is {status:?}, but the slot came to {sum:?} before it, which asks for {decision:?}"))
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
    let owes = before.claim(id).is_some_and(|claim| claim.amount.is_some_and(|amount| amount > 0));
    if by_customer && owes && record.kind == Kind::Confirmed {
        return Err("it was granted although it is not paid for".to_owned());
    }
    let until = contract::cancel_until(terms, before.claim(id));
    let was_confirmed = before.claim(id).is_some_and(|claim| claim.status == Status::Confirmed);
    if by_customer && was_confirmed && matches!(record.kind, Kind::QuantityChanged | Kind::Reseated) {
        return Err("only the organizer makes smaller or reseats what is confirmed".to_owned());
    }
    let has_a_cut_off = matches!(record.kind, Kind::Cancelled | Kind::Moved);
    let is_late = by_customer && was_confirmed && has_a_cut_off && until <= record.at;
    if is_late { Err(format!("it was granted at {}, too late from {until} on", record.at)) } else { Ok(()) }
}

/// A refusal, or a yes that changed nothing: the slot is as it was when it was decided.
fn judge_standing(hour: &Hour<'_, '_>, model: &Model<'_>, case: &Case<'_>) -> Result<(), String> {
    match (&case.said, Wish::of(case)) {
        (Some(Said::Refused { code, .. }), Some(wish)) => judge_no_booking(hour, model, (case, &wish), *code),
        (Some(Said::Refused { code, .. }), None) => judge_no_deed(hour, model, case, *code),
        (Some(Said::Granted(booking)), _) => judge_kept(hour, model, case, booking),
        (Some(Said::Rejected { .. } | Said::Unreadable(_)) | None, _) => Ok(()),
    }
}

fn judge_no_booking(
    hour: &Hour<'_, '_>,
    model: &Model<'_>,
    (case, wish): (&Case<'_>, &Wish<'_>),
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
        // What is said of ranges is judged with them.
        (false, ..) if hour.slot.is_calendar() => return Ok(()),
        // Among seats, so is whether what was asked for is sold where it may sit.
        (false, _, Some(terms))
            if hour.slot.house.is_some() && (code != Code::NotOnSale || Tariff::is_in(terms)) =>
        {
            return Ok(());
        }
        (false, _, Some(terms)) => return judge_refusal(hour, (model, terms), (case, wish), code),
    };
    if decision == Err(code) {
        return Ok(());
    }
    Err(undue(model, code, decision))
}

/// A refusal by a slot of units that was on sale by these terms. What things cost may have changed by time alone since the last
/// record: then it may have been decided before or after.
fn judge_refusal(
    hour: &Hour<'_, '_>,
    (model, terms): (&Model<'_>, &Slot),
    (case, wish): (&Case<'_>, &Wish<'_>),
    code: Code,
) -> Result<(), String> {
    let mut moments = Tariff::turns(terms, hour.from, hour.next);
    moments.push(hour.from);
    let at = moments.iter().copied().find(|at| wish.decide(model, terms, *at) == Err(code));
    let too_small = Tariff::of(terms, hour.from).too_small(wish.cart());
    // Who could never be served may be told so at once.
    let is_vain = code == Code::QuotaExhausted && !too_small.is_empty();
    let Some(at) = at.or_else(|| Some(hour.from).filter(|_from| is_vain)) else {
        return Err(undue(model, code, wish.decide(model, terms, hour.from)));
    };
    let answer = case.request.answers.first().filter(|_answer| code == Code::QuotaExhausted);
    let exhausted = wish.exhausted(model, terms, at);
    answer.and_then(|answer| contract::quotas_fault(answer, &exhausted, &too_small)).map_or(Ok(()), Err)
}

fn undue(model: &Model<'_>, code: Code, decision: Result<Status, Code>) -> String {
    format!(
        "refused as `{}`, but at that seq the slot comes to {:?}, which asks for {decision:?}",
        code.as_str(),
        model.sum()
    )
}

fn judge_no_deed(hour: &Hour<'_, '_>, model: &Model<'_>, case: &Case<'_>, code: Code) -> Result<(), String> {
    let Some(claim) = case.request.ask.booking().and_then(|id| model.claim(id)) else {
        return Err(format!("refused as `{}` at a seq at which there was no such booking", code.as_str()));
    };
    let deed = Deed::asked(&case.request.ask);
    let Some(decision) = contract::act(deed, case.request.by, claim) else { return Ok(()) };
    let is_late = code == Code::TooLate
        && matches!(deed, Deed::Cancel | Deed::Move)
        && case.request.by == Asker::Customer
        && claim.status == Status::Confirmed
        && hour.may_be_too_late(claim);
    // Which seats may be had is judged with them.
    let of_seats = [Code::SeatsRefused, Code::LeavesSingle, Code::QuotaExhausted, Code::NotOnSale];
    let is_of_seats = decision == Ok(()) && deed == Deed::Reseat && of_seats.contains(&code);
    // And so is when a range can be had.
    let of_ranges = [Code::RangeRefused, Code::RangeTaken];
    let is_of_seats = is_of_seats || (decision == Ok(()) && deed == Deed::Move && of_ranges.contains(&code));
    if is_late || is_of_seats || is_off_sale(hour, model, claim, (deed, code)) || decision == Err(code) {
        return Ok(());
    }
    let until = claim.until.map_or_else(String::new, |until| format!(" until {until}"));
    Err(format!(
        "refused as `{}`, but at that seq the booking is {:?}{until}, which asks for {decision:?}",
        code.as_str(),
        claim.status
    ))
}

/// Whether an offer was refused that may have been of what was not sold any more.
fn is_off_sale(hour: &Hour<'_, '_>, model: &Model<'_>, claim: &Claim<'_>, did: (Deed, Code)) -> bool {
    if did != (Deed::Accept, Code::NotOnSale) || claim.status != Status::Offered {
        return false;
    }
    let Some(terms) = hour.terms().filter(|_terms| hour.slot.house.is_none() && !model.is_cancelled()) else {
        return true;
    };
    let mut moments = Tariff::turns(terms, hour.from, hour.next);
    moments.push(hour.from);
    moments.into_iter().any(|at| Tariff::of(terms, at).amount(claim.cart(), None).is_none())
}

/// That it was to be for more than it is for: a booking never grows, so it was never for more than it is for at last. Who has
/// seats may hear that they are to be given back by name.
fn judge_too_many(slot: &SlotCase<'_>, last: &Model<'_>, case: &Case<'_>) -> Result<(), String> {
    let Ask::Reduce { booking, quantity, lines } = &case.request.ask else { return Ok(()) };
    let Some(Said::Rejected { code: Some(Code::InvalidRequest), .. }) = &case.said else { return Ok(()) };
    // Of several products it is to be said of which.
    let is_clear = |claim: &Claim<'_>| {
        let has = |line: &Line| {
            claim.lines.iter().any(|of| of.product == line.product && line.quantity <= of.quantity)
        };
        lines.iter().all(has) && (!lines.is_empty() || !slot.had_several_products(booking))
    };
    match last.claim(booking) {
        Some(claim)
            if (1..=claim.quantity).contains(quantity) && is_clear(claim) && !slot.had_seats(booking) =>
        {
            Err(format!("refused as too many, although it is for {} at last", claim.quantity))
        }
        Some(_) | None => Ok(()),
    }
}
