//! What the contract says of one thing in a given state: a request, a place that is given, a deadline.

use api::booking::{Mode, Status, WhenFull};
use api::problem::Code;
use api::slot::{ConfirmedBy, Order, Policy, Promotion, Slot};
use api::time::Time;

use crate::case::Deed;
use crate::history::Asker;
use crate::model::{Claim, Model, is_live};

/// What places become that are given: firm, or held.
pub(crate) const fn granted(policy: &Policy, mode: Mode) -> Status {
    match (mode, policy.confirmed_by) {
        (Mode::Confirm, ConfirmedBy::Customer) => Status::Confirmed,
        (Mode::Hold, _) | (Mode::Confirm, ConfirmedBy::Organizer) => Status::Held,
    }
}

/// What a waiter becomes whose turn it is. Nobody waits where there is no waitlist.
pub(crate) fn promoted(policy: &Policy, mode: Mode) -> Status {
    let promotion = policy.waitlist.map_or(Promotion::Confirm, |waitlist| waitlist.promotion);
    match promotion {
        Promotion::Confirm => granted(policy, mode),
        Promotion::Offer => Status::Offered,
    }
}

/// A request for a booking.
pub(crate) struct Wish<'r> {
    pub(crate) customer: &'r str,
    pub(crate) quantity: u32,
    pub(crate) mode: Mode,
    pub(crate) when_full: WhenFull,
}

impl Wish<'_> {
    /// What becomes of it in this state of a slot that is on sale: a status, or a refusal.
    pub(crate) fn decide(&self, model: &Model<'_>, policy: &Policy) -> Result<Status, Code> {
        let sum = model.sum();
        if model.is_cancelled() {
            return Err(Code::SlotCancelled);
        }
        if u64::from(self.quantity) > sum.capacity {
            return Err(Code::QuantityTooLarge);
        }
        let units = model.live_units(self.customer) + u64::from(self.quantity);
        if policy.customer_limit.is_some_and(|limit| units > u64::from(limit)) {
            return Err(Code::CustomerLimit);
        }
        // Whoever waits and could be served comes first; under `strict` so does whoever waits at all.
        let has_turn = match policy.waitlist.map(|waitlist| waitlist.order) {
            Some(Order::SkipFit) => model.next_in_turn(Order::SkipFit).is_none(),
            Some(Order::Strict) | None => sum.waiting == 0,
        };
        if has_turn && i128::from(self.quantity) <= sum.free {
            return Ok(granted(policy, self.mode));
        }
        match (self.when_full, policy.waitlist) {
            (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => Err(Code::SoldOut),
            (WhenFull::Waitlist, Some(waitlist)) if sum.waiting >= u64::from(waitlist.capacity) => {
                Err(Code::WaitlistFull)
            }
            (WhenFull::Waitlist, Some(_)) => Ok(Status::Waitlisted),
        }
    }
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
        Deed::Reduce => {
            return Some(match (claim.status, by) {
                (Status::Held | Status::Waitlisted, _) | (Status::Confirmed, Asker::Organizer) => Ok(()),
                (Status::Offered, _) | (Status::Confirmed, Asker::Customer) => Err(Code::NotHeld),
                (Status::Cancelled | Status::Declined | Status::Expired, _) => Err(Code::AlreadyOver),
            });
        }
    };
    if claim.status == wanted {
        return Some(Ok(()));
    }
    if claim.status != Status::Expired {
        return Some(Err(other));
    }
    claim.was.map(|was| Err(if was == wanted { lapsed } else { other }))
}

/// The end of the sale.
pub(crate) fn closes_at(terms: &Slot) -> Time {
    terms.sale.closes_at.unwrap_or(terms.starts_at)
}

/// From when on a customer can no longer cancel what is confirmed.
pub(crate) fn cancel_until(terms: &Slot) -> Time {
    let ms = u64::from(terms.policy.cancel_until_seconds) * 1_000;
    Time::from_ms(terms.starts_at.as_ms().saturating_sub(ms))
}

/// The deadline of a hold that is given at `at`, to one who wished for so many seconds.
pub(crate) fn held_until(terms: &Slot, at: Time, wish: Option<u64>) -> Time {
    let Policy { hold_seconds, hold_seconds_max, .. } = terms.policy;
    let seconds = wish.unwrap_or_else(|| u64::from(hold_seconds)).min(u64::from(hold_seconds_max));
    later(at, seconds).min(terms.ends_at)
}

/// The latest deadline of a hold that began at `since`.
pub(crate) fn held_until_max(terms: &Slot, since: Time) -> Time {
    later(since, u64::from(terms.policy.hold_seconds_max)).min(terms.ends_at)
}

/// The deadline of a hold that is extended at `at`.
pub(crate) fn extended_until(terms: &Slot, since: Time, at: Time, hold_seconds: u64) -> Time {
    later(at, hold_seconds).min(held_until_max(terms, since))
}

/// The deadline of an offer that is made at `at`.
pub(crate) fn offered_until(terms: &Slot, at: Time) -> Time {
    let seconds = terms.policy.waitlist.map_or(0, |waitlist| waitlist.offer_seconds);
    later(at, u64::from(seconds)).min(terms.ends_at)
}

/// `seconds` after `at`.
pub(crate) fn later(at: Time, seconds: u64) -> Time {
    Time::from_ms(at.as_ms().saturating_add(seconds.saturating_mul(1_000)))
}
