//! Paying for orders: attempts are made and reported of, an order is confirmed by the step that hears that it can be paid, and what a
//! provider has follows from what is left of the order. Nobody is asked for anything while payments are frozen.

use alloc::vec::Vec;

use super::attempt::Attempt;
use super::order::{Order, OrderStatus};
use super::refusal::Refusal;
use super::rules::{Effect, RuleResult, Step};
use super::state::Merchant;
use super::words::{Entry, Kind, OrderAsked};
use crate::OrderNumber;
use crate::base::message::{Message, Provider, Target};
use crate::base::order::Releaser;
use crate::base::outcome::Denied;
use crate::base::payment::{AttemptStatus, Dispute, PaymentAsk, PaymentDeed, PaymentReport};
use crate::limits::ATTEMPTS_MAX;

/// What a provider is to be asked next of an attempt, and for how much.
type Next = (usize, PaymentDeed, u64);

impl Merchant {
    /// Tries to pay for an order that is held.
    pub(super) fn try_to_pay(
        &mut self,
        step: &mut Step,
        asked: &OrderAsked,
        provider: Provider,
    ) -> RuleResult {
        let order = self.found_order(asked)?;
        if order.paid_by.is_some() {
            return Err(Refusal::OrderPaid.into());
        }
        let order = self.held(asked)?;
        let amount = order.amount();
        if amount == 0 {
            return Err(Refusal::NotHeld.into());
        }
        if ATTEMPTS_MAX <= order.attempts.len() {
            return Err(Refusal::AttemptsExhausted.into());
        }
        if self.is_frozen || !self.base.intents.has_room() {
            return Err(Denied::Overloaded);
        }
        let (customer, many) = (order.customer.clone(), order.items.len());
        let place = order.attempts.len();
        self.orders.change(asked.order, |order| order.attempts.push(Attempt::new(provider, amount)));
        self.ask_provider(asked.order, (place, PaymentDeed::Create, amount));
        step.changed.push(Entry::of_order(Kind::Paying, &customer, asked.order, many));
        Ok(Effect::Order(asked.order, Kind::Paying))
    }

    /// Takes in what a provider reports of an attempt. What is unknown here is not accepted: it is to be sent again.
    pub(super) fn report_payment(
        &mut self,
        step: &mut Step,
        customer: &str,
        report: &PaymentReport,
    ) -> RuleResult {
        let number = report.order;
        let order = self.orders.get(number).filter(|order| *order.customer == *customer);
        let is_known = order.and_then(|order| order.attempts.get(place_of(report)?));
        if is_known.is_none() {
            return Err(Denied::NotFound);
        }
        let before = step.changed.len();
        self.note_payment(step, report);
        match step.changed.get(before).map(|entry| entry.kind) {
            Some(kind) => Ok(Effect::Order(number, kind)),
            None => Ok(Effect::OrderUnchanged(number)),
        }
    }

    /// A provider has answered what it was asked.
    pub(super) fn note_answered(&mut self, step: &mut Step, ask: &PaymentAsk, report: &PaymentReport) {
        let place = usize::try_from(ask.attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        self.orders.change(ask.order, |order| {
            order.pending = order.pending.saturating_sub(1);
            if let Some(attempt) = order.attempts.get_mut(place) {
                attempt.asking = None;
            }
        });
        if report.order == ask.order && report.attempt == ask.attempt {
            self.note_payment(step, report);
        }
        self.square(ask.order);
    }

    /// Gives back so much of what was paid, which nobody has given back an item for.
    pub(super) fn refund(&mut self, step: &mut Step, asked: &OrderAsked, amount: u64) -> RuleResult {
        let order = self.found_order(asked)?;
        let (customer, many) = (order.customer.clone(), order.items.len());
        let place = order.paying().ok_or(Refusal::NotPaid)?;
        let attempt = &order.attempts[place];
        if attempt.captured == 0 {
            return Err(Refusal::NotPaid.into());
        }
        let is_again = attempt.refund_failed && amount == 0;
        if attempt.captured - attempt.refund_asked < amount || amount == 0 && !is_again {
            return Err(Refusal::RefundTooLarge.into());
        }
        self.orders.change(asked.order, |order| {
            order.attempts[place].refund_asked += amount;
            order.attempts[place].refund_failed = false;
        });
        self.square(asked.order);
        step.changed.push(Entry::of_order(Kind::Refunded, &customer, asked.order, many));
        Ok(Effect::Order(asked.order, Kind::Refunded))
    }

    /// Asks no provider for anything from now on, or again.
    pub(super) fn freeze_payments(&mut self, is_frozen: bool) -> Effect {
        if self.is_frozen == is_frozen {
            return Effect::PaymentsUnchanged;
        }
        self.is_frozen = is_frozen;
        let paying = self.orders.iter().filter(|order| !order.attempts.is_empty());
        let paying = paying.map(|order| order.number).collect::<Vec<_>>();
        for number in paying {
            self.square(number);
        }
        Effect::PaymentsChanged
    }

    fn note_payment(&mut self, step: &mut Step, report: &PaymentReport) {
        let Some((order, place)) = self.orders.get(report.order).zip(place_of(report)) else { return };
        let Some(before) = order.attempts.get(place).cloned() else { return };
        let (customer, many) = (order.customer.clone(), order.items.len());
        let is_new = self.orders.change(report.order, |order| order.attempts[place].join(report, step.at));
        if !is_new {
            return;
        }
        let order = self.orders.get(report.order).expect("it was just here");
        let attempt = &order.attempts[place];
        let told = [
            (before.authorised < attempt.authorised, Kind::Authorised),
            (before.captured < attempt.captured, Kind::Captured),
            (before.refunded < attempt.refunded, Kind::Refunded),
            (before.dispute < attempt.dispute, Kind::Disputed),
        ];
        let can_be_taken = matches!(attempt.status, AttemptStatus::Authorised | AttemptStatus::Captured);
        let is_first = before.authorised == 0 && 0 < attempt.authorised && can_be_taken;
        // In time is before the order's deadline: later, somebody else may have its places.
        let is_in_time =
            order.status == OrderStatus::Held && step.at < order.until && order.paid_by.is_none();
        let pays = is_first
            && is_in_time
            && attempt.pays(report, order.currency)
            && attempt.amount == order.amount();
        let is_paid_by_it = order.paying() == Some(place);
        let is_gone =
            is_paid_by_it && (attempt.status == AttemptStatus::Lost || attempt.dispute == Dispute::Lost);
        for (_, kind) in told.into_iter().filter(|(is_told, _)| *is_told) {
            step.changed.push(Entry::of_order(kind, &customer, report.order, many));
        }
        if pays {
            self.orders.change(report.order, |order| order.paid_by = u32::try_from(place).ok());
            self.confirm_order(step, report.order);
        }
        let order = self.orders.get(report.order).expect("it was just here");
        if order.paying().is_some_and(|place| 0 < order.attempts[place].captured) {
            self.grant_packages(step, report.order);
        }
        if is_gone && !self.orders.get(report.order).is_none_or(|order| order.status.is_over()) {
            step.changed.push(Entry::of_order(Kind::Cancelled, &customer, report.order, many));
            self.end_order(step, report.order, (OrderStatus::Cancelled, None), Releaser::Organizer);
        }
        self.square(report.order);
    }

    /// Makes what providers have follow from what is left of an order.
    pub(super) fn square(&mut self, number: OrderNumber) {
        if self.is_frozen {
            return;
        }
        let Some(order) = self.orders.get(number) else { return };
        let many = order.attempts.len();
        for place in 0..many {
            let order = self.orders.get(number).expect("it was just here");
            if let Some(next) = next(order, place) {
                self.ask_provider(number, next);
            }
        }
    }

    /// Leaves word for the provider of an attempt.
    fn ask_provider(&mut self, number: OrderNumber, (place, what, amount): Next) {
        let (provider, currency) = self.orders.change(number, |order| {
            order.pending += 1;
            let attempt = &mut order.attempts[place];
            attempt.asking = Some(what);
            if what == PaymentDeed::Refund {
                attempt.refund_asked = attempt.refund_asked.max(attempt.refunded + amount);
            }
            (attempt.provider, order.currency)
        });
        let attempt = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
        let ask = PaymentAsk { order: number, attempt, what, amount, currency };
        self.base.intents.leave(Target::Provider(provider), Message::Pay(ask));
    }
}

/// What the provider of an attempt is to be asked now, if it is anything.
fn next(order: &Order, place: usize) -> Option<Next> {
    let attempt = &order.attempts[place];
    if attempt.asking.is_some() {
        return None;
    }
    let pays = order.paying() == Some(place);
    // A slot may yet say that it is too late to give something back.
    if pays && !order.is_quiet() {
        return None;
    }
    let owed = if pays && order.status == OrderStatus::Confirmed { order.amount() } else { 0 };
    match attempt.status {
        AttemptStatus::Authorised if owed == 0 => Some((place, PaymentDeed::Void, attempt.authorised)),
        // Nothing is taken before every slot has said that it is confirmed.
        AttemptStatus::Authorised if order.is_confirmed_everywhere() => {
            Some((place, PaymentDeed::Capture, owed.min(attempt.authorised)))
        }
        AttemptStatus::Captured if !attempt.refund_failed && attempt.dispute == Dispute::None => {
            let back = attempt.captured.saturating_sub(owed).max(attempt.refund_asked);
            (attempt.refunded < back).then_some((place, PaymentDeed::Refund, back - attempt.refunded))
        }
        AttemptStatus::New | AttemptStatus::Pending | AttemptStatus::Action if order.status.is_over() => {
            Some((place, PaymentDeed::Void, attempt.amount))
        }
        AttemptStatus::New
        | AttemptStatus::Pending
        | AttemptStatus::Action
        | AttemptStatus::Declined
        | AttemptStatus::Authorised
        | AttemptStatus::Voided
        | AttemptStatus::Lost
        | AttemptStatus::Captured => None,
    }
}

/// The place of the attempt that a report is of.
fn place_of(report: &PaymentReport) -> Option<usize> {
    usize::try_from(report.attempt.checked_sub(1)?).ok()
}
