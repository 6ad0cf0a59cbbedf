//! What the contract makes of a request for a range, by the moment at which it is decided.

use api::booking::{Booking, Status, WhenFull};
use api::patch::Patch;
use api::problem::{Code, Conflict, Problem, RangeReason};
use api::slot::Slot;
use api::time::Time;

use super::sheet::{Claim, Sheet};
use super::terms::Terms;
use crate::contract::{self, Wish};
use crate::history::{Answer, Ask, Origin, Places, RangePick};
use crate::model::Model;
use crate::span::Span;

/// How many conflicts are told at most.
const CONFLICTS_MAX: usize = 500;

/// Against what a request is decided.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a, 'h> {
    pub(super) model: &'a Model<'h>,
    pub(super) sheet: &'a Sheet<'h>,
    pub(super) slot: &'a Slot,
    pub(super) terms: &'a Terms<'h>,
}

/// Why a range is not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: Code,
    /// Where it may not be asked for at all.
    pub(super) reason: Option<RangeReason>,
    /// What is in its way.
    pub(super) conflicts: Vec<Span>,
}

impl Refused {
    fn only(code: Code) -> Self {
        Self { code, reason: None, conflicts: Vec::new() }
    }

    pub(super) fn for_reason(reason: RangeReason) -> Self {
        Self { reason: Some(reason), ..Self::only(Code::RangeRefused) }
    }

    /// What the answer to a request tells otherwise. One that is told again may have forgotten it.
    pub(super) fn fault(&self, answer: &Answer) -> Option<String> {
        if answer.origin == Origin::Replayed {
            return None;
        }
        let told = serde_json::from_slice::<Problem>(&answer.body).ok()?;
        if told.reason != self.reason {
            return Some(format!("it tells of {:?} where it is {:?}", told.reason, self.reason));
        }
        let range = |conflict: &Conflict| match conflict {
            Conflict::Range(range) => Span::new(range.from, range.to),
            Conflict::Seat(_) => None,
        };
        let conflicts: Vec<_> = told.conflicts.iter().map(range).collect();
        let in_the_way = self.conflicts.iter().take(CONFLICTS_MAX).copied().map(Some);
        (!conflicts.iter().copied().eq(in_the_way))
            .then(|| format!("it tells of {conflicts:?}, but {:?} is in its way", self.conflicts))
    }
}

impl Ground<'_, '_> {
    /// What is wished for by the terms of now.
    pub(super) fn claim<'w>(&self, range: Span, resource: Option<&'w str>, quantity: u32) -> Claim<'w> {
        Claim { range, effective: range.widened(self.terms.buffers()), resource, quantity }
    }

    /// What becomes of a request for a booking while the slot is on sale.
    pub(super) fn decide(&self, wish: &Wish<'_>, asked: &Claim<'_>, at: Time) -> Result<Status, Refused> {
        let policy = &self.slot.policy;
        if u64::from(asked.quantity) > u64::from(self.terms.count()) {
            return Err(Refused::only(Code::QuantityTooLarge));
        }
        if let Some(reason) = self.terms.refuses(asked.range, at) {
            return Err(Refused::for_reason(reason));
        }
        let units = self.model.live_units(wish.customer) + u64::from(asked.quantity);
        if policy.customer_limit.is_some_and(|limit| units > u64::from(limit)) {
            return Err(Refused::only(Code::CustomerLimit));
        }
        if self.sheet.fits(asked, None, self.terms, at) {
            let status = contract::granted(policy, wish.mode, 0);
            // Nobody holds what begins at this very moment.
            let has_begun = status == Status::Held && asked.range.from <= at;
            return if has_begun { Err(Refused::for_reason(RangeReason::Lead)) } else { Ok(status) };
        }
        let conflicts = self.sheet.conflicts(asked, None, self.terms, at);
        let taken = Refused { conflicts, ..Refused::only(Code::RangeTaken) };
        match (wish.when_full, policy.waitlist) {
            (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => Err(taken),
            (WhenFull::Waitlist, Some(waitlist))
                if self.model.sum().waiting >= u64::from(waitlist.capacity) =>
            {
                Err(Refused::only(Code::WaitlistFull))
            }
            // At exactly the lead one can book, and not wait.
            (WhenFull::Waitlist, Some(_)) if self.terms.waits_until(asked.range.from) <= at => Err(taken),
            (WhenFull::Waitlist, Some(_)) => Ok(Status::Waitlisted),
        }
    }

    /// What becomes of a wish to move a booking that may be moved: where it is to be, or why not.
    pub(super) fn decide_move(&self, id: &str, asked: &Claim<'_>, at: Time) -> Result<(), Refused> {
        if let Some(reason) = self.terms.refuses(asked.range, at) {
            return Err(Refused::for_reason(reason));
        }
        if !self.sheet.fits(asked, Some(id), self.terms, at) {
            let conflicts = self.sheet.conflicts(asked, Some(id), self.terms, at);
            return Err(Refused { conflicts, ..Refused::only(Code::RangeTaken) });
        }
        let is_held = self.model.claim(id).is_some_and(|claim| claim.status == Status::Held);
        let has_begun = is_held && asked.range.from <= at;
        if has_begun { Err(Refused::for_reason(RangeReason::Lead)) } else { Ok(()) }
    }
}

/// The range that a booking says that it has.
pub(super) fn range_of(booking: &Booking) -> Option<(Span, Option<&str>)> {
    let resource = booking.resource.as_ref().and_then(|on| on.as_deref());
    Some((Span::new(booking.from?, booking.to?)?, resource))
}

/// The range that a request asks for; none where it asks for none, or for what the door refuses.
pub(super) fn range_asked(ask: &Ask) -> Option<(Span, Option<&str>)> {
    match ask {
        Ask::Book { places: Places::Range(RangePick { from, to, resource }), .. } => {
            Some((Span::new(*from, *to)?, resource.as_deref()))
        }
        Ask::Book { .. }
        | Ask::Confirm { .. }
        | Ask::Extend { .. }
        | Ask::Accept { .. }
        | Ask::Decline { .. }
        | Ask::Cancel { .. }
        | Ask::Reduce { .. }
        | Ask::Reseat { .. }
        | Ask::Move { .. } => None,
    }
}

/// Where a booking is to be that has this; none where that is what the door refuses.
pub(super) fn range_moved<'w>(ask: &'w Ask, has: &Claim<'w>) -> Option<(Span, Option<&'w str>)> {
    let Ask::Move { from, to, resource, .. } = ask else { return None };
    let range = Span::new(from.unwrap_or(has.range.from), to.unwrap_or(has.range.to))?;
    let resource = match resource {
        Patch::Keep => has.resource,
        Patch::Remove => None,
        Patch::Set(name) => Some(name.as_str()),
    };
    Some((range, resource))
}
