//! Decided rightly: what was granted could be, what was refused had to be, and each answer fits its question.
//!
//! A refusal is judged against the slot as it was after the seq that it names; a yes against the slot as it was
//! before its record, where the record holds nothing else. What depends on the hour (`too_late`, `not_on_sale`) is
//! judged only where the slot was on sale throughout.

use std::collections::BTreeMap;

use api::booking::{Booking, Status, WhenFull};
use api::feed::Record;
use api::problem::Code;
use api::slot::{ConfirmedBy, Order, Policy};

use super::case::{Case, Said, SlotCase};
use super::finding::Finding;
use super::model::{Model, is_live};
use crate::history::Ask;

pub(super) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    for case in &slot.cases {
        if let Err(why) = fits_question(case) {
            finding.fail(format!("{case}: {why}"));
        }
    }
    let Some(feed) = slot.evidence.feed.got() else { return };
    let mut refused = BTreeMap::<u64, Vec<&Case<'_>>>::new();
    let mut granted = BTreeMap::<u64, &Case<'_>>::new();
    for case in &slot.cases {
        match &case.said {
            Some(Said::Refused { seq, .. }) => refused.entry(*seq).or_default().push(case),
            Some(Said::Granted(booking)) => drop(granted.insert(booking.seq, case)),
            Some(Said::Rejected { .. } | Said::Unreadable(_)) | None => {}
        }
    }
    let mut model = Model::default();
    for record in &feed.records {
        if let (Some(case), [booking]) = (granted.get(&record.seq), record.bookings.as_slice()) {
            finding.examine();
            report(case, judge_grant(slot, &model, case, record, booking), finding);
        }
        model.apply(record);
        for case in refused.remove(&record.seq).unwrap_or_default() {
            finding.examine();
            report(case, judge_refusal(slot, &model, case, record.seq), finding);
        }
    }
    for case in refused.into_values().flatten() {
        finding.fail(format!("{case}: refused at a seq that the feed does not have"));
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
    let right = match &case.request.ask {
        Ask::Book { quantity, .. } => {
            let wanted = match booking.status {
                Status::Confirmed | Status::Held => 201,
                Status::Waitlisted => 202,
                Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => 0,
            };
            status == wanted && booking.quantity == *quantity && booking.customer == case.request.customer
        }
        Ask::Cancel { booking: id } => {
            status == 200 && booking.id == *id && booking.status == Status::Cancelled
        }
    };
    let Booking { id, customer, quantity, status: state, .. } = booking;
    right.then_some(()).ok_or_else(|| format!("the answer is {quantity} {state:?} for {customer} ({id})"))
}

/// What the contract says of a request for `quantity` in this state of the slot: a refusal, or a status.
fn decide(
    model: &Model<'_>,
    policy: &Policy,
    (customer, quantity, when_full): (&str, u32, WhenFull),
) -> Result<Status, Code> {
    let sum = model.sum();
    if u64::from(quantity) > sum.capacity {
        return Err(Code::QuantityTooLarge);
    }
    let units = model.live_units(customer) + u64::from(quantity);
    if policy.customer_limit.is_some_and(|limit| units > u64::from(limit)) {
        return Err(Code::CustomerLimit);
    }
    // Under `skip_fit` nobody who waits fits between two steps: a newcomer who does passes them all.
    let has_turn =
        sum.waiting == 0 || policy.waitlist.is_some_and(|waitlist| waitlist.order == Order::SkipFit);
    if has_turn && i128::from(quantity) <= sum.free {
        return Ok(match policy.confirmed_by {
            ConfirmedBy::Customer => Status::Confirmed,
            ConfirmedBy::Organizer => Status::Held,
        });
    }
    match (when_full, policy.waitlist) {
        (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => Err(Code::SoldOut),
        (WhenFull::Waitlist, Some(waitlist)) if sum.waiting >= u64::from(waitlist.capacity) => {
            Err(Code::WaitlistFull)
        }
        (WhenFull::Waitlist, Some(_)) => Ok(Status::Waitlisted),
    }
}

fn judge_refusal(slot: &SlotCase<'_>, model: &Model<'_>, case: &Case<'_>, seq: u64) -> Result<(), String> {
    let Some(Said::Refused { code, .. }) = &case.said else { return Ok(()) };
    let code = *code;
    let right = match (&case.request.ask, code) {
        (_, Code::SlotCancelled) => model.is_cancelled(),
        (Ask::Book { .. }, Code::NotOnSale) => !slot.on_sale_throughout(),
        (Ask::Book { quantity, when_full }, _) => {
            let Some(policy) = slot.policy_at(seq) else { return Ok(()) };
            let decision = decide(model, policy, (&case.request.customer, *quantity, *when_full));
            return match decision {
                Err(wanted) if wanted == code => Ok(()),
                wanted => Err(format!(
                    "refused as `{}`, but at that seq the slot comes to {:?}, which asks for {wanted:?}",
                    code.as_str(),
                    model.sum()
                )),
            };
        }
        (Ask::Cancel { booking }, Code::AlreadyOver) => {
            model.is_cancelled() || model.claim(booking).is_none_or(|claim| !is_live(claim.status))
        }
        (Ask::Cancel { .. }, Code::TooLate) => {
            let closes = slot.policy_at(seq).is_none_or(|policy| policy.cancel_until_seconds > 0);
            closes || !slot.on_sale_throughout()
        }
        (Ask::Cancel { .. }, _) => false,
    };
    right.then_some(()).ok_or_else(|| format!("refused as `{}`, which it was not at that seq", code.as_str()))
}

fn judge_grant(
    slot: &SlotCase<'_>,
    before: &Model<'_>,
    case: &Case<'_>,
    record: &Record,
    booking: &Booking,
) -> Result<(), String> {
    let Ask::Book { quantity, when_full } = case.request.ask else { return Ok(()) };
    let Some(policy) = slot.policy_at(record.seq) else { return Ok(()) };
    let decision = decide(before, policy, (&case.request.customer, quantity, when_full));
    if decision == Ok(booking.status) {
        return Ok(());
    }
    let sum = before.sum();
    Err(format!(
        "it is {:?}, but the slot came to {sum:?} before it, which asks for {decision:?}",
        booking.status
    ))
}
