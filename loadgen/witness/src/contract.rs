//! What the contract says of one thing in a given state: a request, a place that is given, a deadline.

use std::collections::BTreeSet;

use api::booking::{Mode, Status, WhenFull};
use api::inventory::Inventory;
use api::problem::{Code, Problem};
use api::slot::{ConfirmedBy, Order, Policy, Promotion, Slot};
use api::time::Time;

use crate::case::{Case, Deed};
use crate::history::{Answer, Ask, Asker, Basket, Origin};
use crate::model::{Claim, Model, is_live};
use crate::span::Span;
use crate::tariff::{Cart, Tariff};

/// What places become that are given, for which so much is to be paid first: firm, or held.
pub(crate) const fn granted(policy: &Policy, mode: Mode, owed: u64) -> Status {
    match (mode, policy.confirmed_by, owed) {
        (Mode::Confirm, ConfirmedBy::Customer, 0) => Status::Confirmed,
        (Mode::Hold | Mode::Confirm, ConfirmedBy::Customer | ConfirmedBy::Organizer, _) => Status::Held,
    }
}

/// What a waiter becomes whose turn it is. Nobody waits where there is no waitlist.
pub(crate) fn promoted(policy: &Policy, mode: Mode, owed: u64) -> Status {
    let promotion = policy.waitlist.map_or(Promotion::Confirm, |waitlist| waitlist.promotion);
    match promotion {
        Promotion::Confirm => granted(policy, mode, owed),
        Promotion::Offer => Status::Offered,
    }
}

/// A request for a booking.
pub(crate) struct Wish<'r> {
    pub(crate) customer: &'r str,
    pub(crate) by: Asker,
    pub(crate) quantity: u32,
    pub(crate) mode: Mode,
    pub(crate) when_full: WhenFull,
    pub(crate) basket: &'r Basket,
}

impl<'r> Wish<'r> {
    /// What a request for a booking asks for; none where it asks for something else.
    pub(crate) fn of(case: &Case<'r>) -> Option<Self> {
        let Ask::Book { quantity, mode, when_full, basket, .. } = &case.request.ask else { return None };
        Some(Self {
            customer: &case.request.customer,
            by: case.request.by,
            basket,
            quantity: *quantity,
            mode: *mode,
            when_full: *when_full,
        })
    }

    /// Of which products it is to be.
    pub(crate) fn cart(&self) -> Cart<'r> {
        Cart { lines: &self.basket.lines, quantity: self.quantity }
    }

    /// What becomes of it in this state of a slot of units that is on sale by these terms: a status, or a refusal.
    pub(crate) fn decide(&self, model: &Model<'_>, terms: &Slot, at: Time) -> Result<Status, Code> {
        let (sum, policy, tariff) = (model.sum(), &terms.policy, Tariff::of(terms, at));
        if model.is_cancelled() {
            return Err(Code::SlotCancelled);
        }
        let amount = tariff.amount(self.cart(), None).ok_or(Code::NotOnSale)?;
        if u64::from(self.quantity) > sum.capacity {
            return Err(Code::QuantityTooLarge);
        }
        let units = model.live_units(self.customer) + u64::from(self.quantity);
        if policy.customer_limit.is_some_and(|limit| units > u64::from(limit)) {
            return Err(Code::CustomerLimit);
        }
        if self.basket.expect_amount.is_some_and(|expected| expected != amount) {
            return Err(Code::PriceChanged);
        }
        // Whoever waits and could be served comes first; under `strict` so does whoever waits at all, where it is short.
        let order = order(policy);
        let short = model.waited_for(order, &tariff);
        let lacks = model.lacks(&tariff, self.cart());
        let comes_first = order == Order::SkipFit && model.next_in_turn(order, &tariff).is_some();
        let exhausted = self.exhausted(model, terms, at);
        if !comes_first && !lacks.units && !short.units && exhausted.is_empty() {
            let owed = if self.by == Asker::Customer { amount } else { 0 };
            return Ok(granted(policy, self.mode, owed));
        }
        let otherwise = |code: Code| Err(if exhausted.is_empty() { code } else { Code::QuotaExhausted });
        match (self.when_full, policy.waitlist) {
            (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => otherwise(Code::SoldOut),
            (WhenFull::Waitlist, Some(waitlist)) if sum.waiting >= u64::from(waitlist.capacity) => {
                otherwise(Code::WaitlistFull)
            }
            (WhenFull::Waitlist, Some(_)) => Ok(Status::Waitlisted),
        }
    }

    /// The quotas that keep it from being served: of which too little is left, or somebody is short who waits.
    pub(crate) fn exhausted<'t>(&self, model: &Model<'t>, terms: &'t Slot, at: Time) -> BTreeSet<&'t str> {
        let tariff = Tariff::of(terms, at);
        let mut exhausted = model.waited_for(order(&terms.policy), &tariff).among(&tariff, self.cart());
        exhausted.extend(model.lacks(&tariff, self.cart()).quotas);
        exhausted
    }
}

/// Who goes before whom; where nobody waits, it does not matter.
pub(crate) fn order(policy: &Policy) -> Order {
    policy.waitlist.and_then(|waitlist| waitlist.order).unwrap_or(Order::Strict)
}

/// What a refusal for want of quotas tells otherwise than it is: all that are short, or those that are too small for anyone. One
/// that is told again may have forgotten it.
pub(crate) fn quotas_fault(
    answer: &Answer,
    exhausted: &BTreeSet<&str>,
    too_small: &[&str],
) -> Option<String> {
    if answer.origin == Origin::Replayed {
        return None;
    }
    let told =
        serde_json::from_slice::<Problem>(&answer.body).map(|problem| problem.quotas).unwrap_or_default();
    let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    let is_right =
        told == *exhausted || (!too_small.is_empty() && told == too_small.iter().copied().collect());
    (!is_right).then(|| format!("it tells of the quotas {told:?} where {exhausted:?} are short"))
}

/// What becomes of a deed to this booking, the hour aside: nothing against it, or a refusal. None where it depends on
/// what nobody can know.
pub(crate) fn act(deed: Deed, by: Asker, claim: &Claim<'_>) -> Option<Result<(), Code>> {
    let (wanted, lapsed, other) = match deed {
        Deed::Book => return None,
        Deed::Reseat if (claim.status, by) == (Status::Confirmed, Asker::Organizer) => return Some(Ok(())),
        Deed::Confirm | Deed::Extend | Deed::Reseat => (Status::Held, Code::HoldExpired, Code::NotHeld),
        Deed::Accept | Deed::Decline => (Status::Offered, Code::OfferExpired, Code::NotOffered),
        Deed::Cancel => {
            let is_live = is_live(claim.status);
            return Some(if is_live { Ok(()) } else { Err(Code::AlreadyOver) });
        }
        Deed::Move => {
            return Some(match claim.status {
                Status::Held | Status::Confirmed => Ok(()),
                Status::Offered | Status::Waitlisted => Err(Code::NotHeld),
                Status::Cancelled | Status::Declined | Status::Expired => Err(Code::AlreadyOver),
            });
        }
        Deed::Reduce => {
            return Some(match (claim.status, by) {
                (Status::Held | Status::Waitlisted, _) | (Status::Confirmed, Asker::Organizer) => Ok(()),
                (Status::Offered, _) | (Status::Confirmed, Asker::Customer) => Err(Code::NotHeld),
                (Status::Cancelled | Status::Declined | Status::Expired, _) => Err(Code::AlreadyOver),
            });
        }
    };
    if claim.status == wanted {
        let owes =
            deed == Deed::Confirm && by == Asker::Customer && claim.amount.is_some_and(|amount| amount > 0);
        return Some(if owes { Err(Code::PaymentRequired) } else { Ok(()) });
    }
    if claim.status != Status::Expired {
        return Some(Err(other));
    }
    claim.was.map(|was| Err(if was == wanted { lapsed } else { other }))
}

/// The end of the sale: of a calendar as late as its own, if nothing else is said.
pub(crate) fn closes_at(terms: &Slot) -> Time {
    let usual = match terms.inventory {
        Inventory::Units(_) | Inventory::Seats(_) => terms.starts_at,
        Inventory::Calendar(_) => terms.ends_at,
    };
    terms.sale.closes_at.unwrap_or(usual)
}

/// From when on a customer can no longer cancel or move this booking, if it is confirmed.
pub(crate) fn cancel_until(terms: &Slot, claim: Option<&Claim<'_>>) -> Time {
    let starts_at = claim.and_then(|claim| claim.range).map_or(terms.starts_at, |range| range.from);
    let ms = u64::from(terms.policy.cancel_until_seconds) * 1_000;
    Time::from_ms(starts_at.as_ms().saturating_sub(ms))
}

/// The end of everything that is not confirmed: the slot's, or when the range of a booking begins.
fn end(terms: &Slot, range: Option<Span>) -> Time {
    range.map_or(terms.ends_at, |range| range.from.min(terms.ends_at))
}

/// Until when somebody waits for a range that was asked for by these terms; for as long as there is the slot, where it is none.
pub(crate) fn waits_until(terms: &Slot, range: Option<Span>) -> Time {
    let lead = match &terms.inventory {
        Inventory::Units(_) | Inventory::Seats(_) => 0,
        Inventory::Calendar(calendar) => u64::from(calendar.lead_seconds) * 1_000,
    };
    let until = range.map(|range| Time::from_ms(range.from.as_ms().saturating_sub(lead)));
    until.map_or(terms.ends_at, |until| until.min(terms.ends_at))
}

/// The deadline of a hold that is given at `at`, to one who wished for so many seconds.
pub(crate) fn held_until(terms: &Slot, range: Option<Span>, at: Time, wish: Option<u64>) -> Time {
    let Policy { hold_seconds, hold_seconds_max, .. } = terms.policy;
    let seconds = wish.unwrap_or_else(|| u64::from(hold_seconds)).min(u64::from(hold_seconds_max));
    later(at, seconds).min(end(terms, range))
}

/// The latest deadline of a hold that began at `since`.
pub(crate) fn held_until_max(terms: &Slot, range: Option<Span>, since: Time) -> Time {
    later(since, u64::from(terms.policy.hold_seconds_max)).min(end(terms, range))
}

/// The deadline of a hold that is extended at `at`.
pub(crate) fn extended_until(
    terms: &Slot,
    (range, since): (Option<Span>, Time),
    at: Time,
    hold_seconds: u64,
) -> Time {
    later(at, hold_seconds).min(held_until_max(terms, range, since))
}

/// The deadline of an offer that is made at `at`.
pub(crate) fn offered_until(terms: &Slot, range: Option<Span>, at: Time) -> Time {
    let seconds = terms.policy.waitlist.map_or(0, |waitlist| waitlist.offer_seconds);
    later(at, u64::from(seconds)).min(end(terms, range))
}

/// `seconds` after `at`.
pub(crate) fn later(at: Time, seconds: u64) -> Time {
    Time::from_ms(at.as_ms().saturating_add(seconds.saturating_mul(1_000)))
}
