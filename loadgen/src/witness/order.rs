//! Served in order (P3, BK-3, BK-4): the waitlist is log order, and room is never left while its head could use it.
//!
//! What can be said of any policy is always judged: who joins stands at the end. That the head comes first, that
//! nobody slips past and that a freed place finds its owner in the very same step is judged while the slot's policy
//! is known.

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::slot::Order;

use super::case::SlotCase;
use super::finding::Finding;
use super::model::{Claim, Model};

pub(super) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    let mut model = Model::default();
    for record in slot.records() {
        finding.examine();
        let order = slot.policy_at(record.seq).map(|policy| policy.waitlist.map(|waitlist| waitlist.order));
        let mut step = Step { record, waiting_before: model.sum().waiting, left: 0, failures: Vec::new() };
        model.begin(record);
        for booking in &record.bookings {
            step.judge_booking(&mut model, booking, order.flatten());
        }
        if let Some(order) = order {
            step.judge_end(&model, order.unwrap_or(Order::Strict));
        }
        for failure in step.failures {
            finding.fail(format!(
                "{}: at seq {} ({}) {failure}",
                slot.evidence.before.id, record.seq, record.at
            ));
        }
    }
}

/// One record while it is judged.
struct Step<'h> {
    record: &'h Record,
    /// Bookings that waited before it.
    waiting_before: u64,
    /// Bookings that have stopped waiting in it.
    left: u64,
    failures: Vec<String>,
}

impl<'h> Step<'h> {
    fn judge_booking(&mut self, model: &mut Model<'h>, booking: &'h Booking, order: Option<Order>) {
        let head = model.waiting().next().map(|(id, _claim)| id);
        let former = model.apply_booking(booking);
        let waited = former.is_some_and(|former| former.status == Status::Waitlisted);
        self.left += u64::from(waited && booking.status != Status::Waitlisted);
        if waited
            && is_served(booking.status)
            && order == Some(Order::Strict)
            && head != Some(booking.id.as_str())
        {
            let head = head.unwrap_or("nobody");
            self.failures.push(format!("{} was served although {head} was at the head", booking.id));
        }
    }

    /// What holds once the whole step is done.
    fn judge_end(&mut self, model: &Model<'h>, order: Order) {
        self.judge_position();
        if model.is_cancelled() {
            return;
        }
        let free = model.sum().free;
        let fits = |(_id, claim): &(&str, &Claim<'_>)| i128::from(claim.quantity) <= free;
        let unserved = match order {
            Order::Strict => model.waiting().next().filter(fits),
            Order::SkipFit => model.waiting().find(fits),
        };
        if let Some((id, claim)) = unserved {
            self.failures.push(format!("{id} was left waiting for {} while {free} are free", claim.quantity));
        }
        // Under `strict` a newcomer is served only if nobody waits when it asks, and serving adds nobody to those who wait.
        if let (Some(newcomer), Some((head, _claim)), Order::Strict) =
            (self.newcomer(), model.waiting().next(), order)
            && is_served(newcomer.status)
        {
            self.failures.push(format!("{} was served at once although {head} was waiting", newcomer.id));
        }
    }

    /// A joiner stands behind all who wait. Some may have left before it joined, in the same step: the record tells
    /// what was asked for first, whenever it happened.
    fn judge_position(&mut self) {
        let Some(joiner) = self.newcomer().filter(|booking| booking.status == Status::Waitlisted) else {
            return;
        };
        let last = self.waiting_before + 1;
        let first = last.saturating_sub(self.left);
        let stands_last =
            joiner.position.is_some_and(|position| (first..=last).contains(&u64::from(position)));
        if !stands_last {
            let position = joiner.position;
            let joiner = &joiner.id;
            self.failures.push(format!("{joiner} joined at position {position:?} where {last} was the next"));
        }
    }

    fn newcomer(&self) -> Option<&'h Booking> {
        self.record.bookings.first().filter(|_booking| self.record.kind == Kind::Booked)
    }
}

/// Whether a booking of this status has its places.
const fn is_served(status: Status) -> bool {
    match status {
        Status::Held | Status::Offered | Status::Confirmed => true,
        Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => false,
    }
}
