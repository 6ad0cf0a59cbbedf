//! Promises: what a slot asks for a booking is reserved, and what becomes of the booking ends it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::account::{Account, Promise, PromisedLeg, PromisedUses};
use super::choose::{Bill, choose};
use super::package::{Package, Source, Window};
use super::refusal::Refusal;
use super::rules::{Effect, RuleResult, Step};
use super::state::Merchant;
use super::words::{Entry, Kind, Reserve};
use crate::base::message::{Message, Target};
use crate::base::outcome::Denied;
use crate::base::promise::{End, Fate, Leg, PromiseNumber};
use crate::base::promised::Promised;
use crate::slot::inventory::Inventory;
use crate::{EntityId, OrderNumber, Uses};

impl Merchant {
    /// Promises what a slot asks for a booking, and leaves word for the slot to book. The limit is looked at first, as a slot's is.
    pub(super) fn reserve(&mut self, step: &mut Step, asked: &Reserve) -> RuleResult {
        let (terms, customer) = (asked.terms, &asked.book.customer);
        let quantity = Inventory::size(&asked.book.wish);
        let needed = terms.price.unwrap_or(0).checked_mul(quantity).ok_or(Refusal::Malformed)?;
        let units = if terms.is_limited { quantity } else { 0 };
        let asks = terms.code_required || asked.code.is_some();
        if needed == 0 && units == 0 && !asks {
            return Err(Refusal::Malformed.into());
        }
        let nobody = Account::default();
        let account = self.accounts.get(customer).unwrap_or(&nobody);
        let wanted = account.units().saturating_add(u64::from(units));
        if terms.is_limited && self.limit.is_some_and(|limit| u64::from(limit) < wanted) {
            return Err(Refusal::CustomerLimit.into());
        }
        let code = (asked.code.as_deref(), terms.code_required);
        let redeemed = self.redeem(account, code, (asked.slot, &asked.book), (step.at, 0))?;
        let bill = Bill {
            needed,
            starts_at: terms.starts_at,
            tags: &asked.tags,
            named: &asked.packages,
            firsts: &asked.firsts,
        };
        let legs = if needed == 0 { Vec::new() } else { choose(account, &bill, step.at)? };
        if !self.base.intents.has_room() {
            return Err(Denied::Overloaded);
        }
        self.promises_made += 1;
        let number = PromiseNumber(self.promises_made);
        let booking = (asked.slot, asked.request);
        for PromisedLeg { leg, .. } in &legs {
            step.changed.push(Entry::of_leg(Kind::Reserved, customer, *leg, booking));
        }
        if legs.is_empty() && 0 < units {
            step.changed.push(Entry::of_units(Kind::Reserved, customer, units, booking));
        }
        let (uses, voucher) = redeemed.map(|redeemed| (redeemed.uses, redeemed.terms)).unzip();
        if let Some(uses) = uses {
            step.changed.push(Entry::of_uses(Kind::Reserved, customer, uses, booking));
            self.vouchers.reserve(uses);
        }
        let message = Message::Book(Box::new(Promised {
            promise: number,
            request: asked.request,
            fingerprint: asked.fingerprint,
            book: asked.book.clone(),
            terms,
            legs: legs.iter().map(|leg| leg.leg).collect(),
            voucher,
        }));
        let Reserve { slot, request, .. } = *asked;
        let starts_at = terms.starts_at;
        let promise = Promise { slot, request, starts_at, units, legs, uses, is_booked: false };
        self.accounts.change(customer, |account| account.promise(number, promise));
        self.base.intents.leave(Target::Entity(slot.into()), message);
        Ok(Effect::Promised(number))
    }

    /// The slot has booked it. Its end may have been told before.
    pub(super) fn note_booked(&mut self, promised: &Promised) {
        let (customer, number) = (&promised.book.customer, promised.promise);
        if self.accounts.get(customer).is_some_and(|account| account.promises.contains_key(&number)) {
            self.accounts.change(customer, |account| {
                account.promises.entry(number).and_modify(|promise| promise.is_booked = true);
            });
        }
    }

    /// The slot has not booked it, and never will under this promise.
    pub(super) fn give_up(&mut self, step: &mut Step, promised: &Promised) {
        self.release(step, &promised.book.customer, promised.promise, (0, Uses::Back));
    }

    /// What becomes of a promise, as its slot tells it. What was ended before is ended, and what is another slot's is not this one's to end.
    pub(super) fn end(&mut self, step: &mut Step, from: EntityId, end: &End) {
        let (customer, number) = (&end.customer, end.promise);
        let promise = self.accounts.get(customer).and_then(|account| account.promises.get(&number));
        if promise.is_some_and(|promise| EntityId::from(promise.slot) != from) {
            return;
        }
        let is_open = promise.is_some();
        match &end.fate {
            Fate::Fewer { credits, units, uses } if is_open => {
                self.lessen(step, customer, number, (*credits, *units, *uses));
            }
            Fate::Released { grace_seconds, uses } if is_open => {
                self.release(step, customer, number, (*grace_seconds, *uses));
            }
            Fate::Spent if is_open => self.spend(step, customer, number, Kind::Spent),
            Fate::Forfeited if is_open => {
                self.spend(step, customer, number, Kind::Forfeited);
                self.release(step, customer, number, (0, Uses::Kept));
            }
            Fate::GivenBack { legs, grace_seconds } => {
                if is_open {
                    self.release(step, customer, number, (*grace_seconds, Uses::Kept));
                }
                self.give_back(step, customer, legs, *grace_seconds);
            }
            // It has ended before: it was revoked, or only its units had been left.
            Fate::Fewer { .. } | Fate::Released { .. } | Fate::Spent | Fate::Forfeited => {}
        }
    }

    /// Ends some of a promise: what was to be used last comes back first.
    fn lessen(
        &mut self,
        step: &mut Step,
        customer: &str,
        number: PromiseNumber,
        (credits, units, uses): (u32, u32, u32),
    ) {
        self.come_back(step, customer, number, (Some(credits), 0));
        self.end_uses(step, customer, number, (Some(uses), Uses::Back));
        self.accounts.change(customer, |account| {
            if let Some(promise) = account.promises.get_mut(&number) {
                promise.units = promise.units.saturating_sub(units);
            }
            account.forget(number);
        });
    }

    /// Ends a promise, and gives back all that is reserved for it, which is good for so long at least.
    pub(super) fn release(
        &mut self,
        step: &mut Step,
        customer: &str,
        number: PromiseNumber,
        (grace_seconds, uses): (u32, Uses),
    ) {
        let promise = self.accounts.get(customer).and_then(|account| account.promises.get(&number));
        let Some(promise) = promise else { return };
        let (units, booking) = (promise.units, (promise.slot, promise.request));
        if promise.legs.is_empty() && 0 < units {
            step.changed.push(Entry::of_units(Kind::Released, customer, units, booking));
        }
        self.end_uses(step, customer, number, (None, uses));
        self.come_back(step, customer, number, (None, grace_seconds));
        self.accounts.change(customer, |account| account.promises.remove(&number));
    }

    /// Ends so many uses of a promise; all of them, if it is not said how many.
    fn end_uses(
        &mut self,
        step: &mut Step,
        customer: &str,
        number: PromiseNumber,
        (many, what): (Option<u32>, Uses),
    ) {
        let Some(booking) = self.booking_of(customer, number) else { return };
        let ended = self.accounts.change(customer, |account| account.end_uses(number, many, what));
        let Some(ended) = ended else { return };
        self.vouchers.end(ended, what);
        let kind = if what == Uses::Kept { Kind::Spent } else { Kind::Released };
        step.changed.push(Entry::of_uses(kind, customer, ended, booking));
    }

    /// Gives back so many credits of a promise; all of them, if it is not said how many.
    fn come_back(
        &mut self,
        step: &mut Step,
        customer: &str,
        number: PromiseNumber,
        (many, grace_seconds): (Option<u32>, u32),
    ) {
        let Some(booking) = self.booking_of(customer, number) else { return };
        let (at, mut expired) = (step.at, Vec::new());
        let ended = self.accounts.change(customer, |account| {
            account.end_legs(number, many, |package, count| {
                let gone = package.release(count, at, grace_seconds);
                expired.extend((0 < gone).then_some(Leg { package: package.number, count: gone }));
            })
        });
        let entry = |kind| move |leg| Entry::of_leg(kind, customer, leg, booking);
        step.changed.extend(ended.into_iter().map(entry(Kind::Released)));
        step.changed.extend(expired.into_iter().map(entry(Kind::Expired)));
    }

    /// Spends all that is reserved for a promise.
    fn spend(&mut self, step: &mut Step, customer: &str, number: PromiseNumber, kind: Kind) {
        let Some(booking) = self.booking_of(customer, number) else { return };
        self.end_uses(step, customer, number, (None, Uses::Kept));
        let ended = self.accounts.change(customer, |account| {
            account.keep_use(number);
            let ended = account.end_legs(number, None, Package::spend);
            account.forget(number);
            ended
        });
        step.changed.extend(ended.into_iter().map(|leg| Entry::of_leg(kind, customer, leg, booking)));
    }

    /// Grants anew what was spent for what did not take place: of the same plans, and good for as long, and so long from now on at least.
    fn give_back(&mut self, step: &mut Step, customer: &str, legs: &[Leg], grace_seconds: u32) {
        for leg in legs {
            let spent = self.accounts.get(customer).and_then(|account| account.package(leg.package));
            let Some(spent) = spent else { continue };
            let (plan, until) = (Arc::clone(&spent.plan), spent.until());
            let until = until.map(|until| until.max(step.at.plus_seconds(grace_seconds)));
            let given = Package {
                window: Window { from: Some(step.at), until },
                source: Source::GivenBack(leg.package),
                ..self.package(step, plan, leg.count)
            };
            self.give(step, customer, given);
        }
    }

    /// The booking that a promise is for.
    fn booking_of(
        &self,
        customer: &str,
        number: PromiseNumber,
    ) -> Option<(crate::SlotId, crate::RequestKey)> {
        let promise = self.accounts.get(customer)?.promises.get(&number)?;
        Some((promise.slot, promise.request))
    }
}

impl Entry {
    /// What happened to a leg of a promise.
    pub(super) fn of_leg(
        kind: Kind,
        customer: &str,
        Leg { package, count }: Leg,
        booking: (crate::SlotId, crate::RequestKey),
    ) -> Self {
        let (customer, package, booking) = (customer.into(), Some(package), Some(booking));
        Self { kind, customer, package, voucher: None, order: None, count, booking }
    }

    /// What happened to uses of a voucher.
    pub(super) fn of_uses(
        kind: Kind,
        customer: &str,
        PromisedUses { voucher, count }: PromisedUses,
        booking: (crate::SlotId, crate::RequestKey),
    ) -> Self {
        let (customer, voucher, booking) = (customer.into(), Some(voucher), Some(booking));
        Self { kind, customer, package: None, voucher, order: None, count, booking }
    }

    /// What happened to an order of so many items.
    pub(super) fn of_order(kind: Kind, customer: &str, order: OrderNumber, many: usize) -> Self {
        let (count, order) = (u32::try_from(many).unwrap_or(u32::MAX), Some(order));
        Self { kind, customer: customer.into(), package: None, voucher: None, order, count, booking: None }
    }

    /// What happened to units of the limit, where no credits are asked.
    fn of_units(kind: Kind, customer: &str, count: u32, booking: (crate::SlotId, crate::RequestKey)) -> Self {
        let booking = Some(booking);
        Self { kind, customer: customer.into(), package: None, voucher: None, order: None, count, booking }
    }
}
