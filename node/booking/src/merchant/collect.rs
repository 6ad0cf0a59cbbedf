//! Ordering: what the merchant promises of its own is reserved at once; then slots are asked one after the other, in the order of their
//! ids, so that of two orders over the last places one always wins. After a first refusal the others are only looked at.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::account::{Account, Promise, PromisedLeg, PromisedUses};
use super::choose::{Bill, choose};
use super::order::{
    ItemKind, ItemRefused, ItemState, Order, OrderItem, OrderStatus, OrderTerms, PackageItem,
};
use super::refusal::{Refusal, VoucherRefused};
use super::rules::{Effect, RuleResult, Step};
use super::state::Merchant;
use super::words::{Entry, Grant, Kind, NewItem, NewOrder, Refused, Reserve};
use crate::base::message::{Message, Target};
use crate::base::order::{Charge, Collected, OrderAsk, OrderIntent, OrderWish, Releaser};
use crate::base::outcome::Denied;
use crate::base::promise::PromiseNumber;
use crate::base::promised::Promised;
use crate::limits::ORDER_ITEMS_MAX;
use crate::slot::inventory::Inventory;
use crate::{Book, Mode, OrderNumber, SlotId, Timestamp, Uses, WhenFull};

/// What an order has reserved of the merchant's own so far, on a copy of its customer's account: nothing is changed before all of it is.
struct Desk {
    at: Timestamp,
    account: Account,
    promises_made: u64,
    packages: usize,
    uses: Vec<PromisedUses>,
    entries: Vec<Entry>,
}

impl Merchant {
    /// Takes an order, and leaves word for its first slot.
    pub(super) fn take_order(&mut self, step: &mut Step, new: &NewOrder) -> RuleResult {
        let is_whole = (1..=ORDER_ITEMS_MAX).contains(&new.items.len());
        if !is_whole || new.hold_seconds == 0 || names_twice(&new.items) {
            return Err(Refusal::Malformed.into());
        }
        if !self.base.intents.has_room() {
            return Err(Denied::Overloaded);
        }
        let nobody = || Account::new(&new.customer);
        let account = self.accounts.get(&new.customer).cloned().unwrap_or_else(nobody);
        let mut desk = Desk {
            at: step.at,
            account,
            promises_made: self.promises_made,
            packages: 0,
            uses: Vec::new(),
            entries: Vec::new(),
        };
        let mut items = Vec::new();
        for item in &new.items {
            items.push(desk.item(self, new, item)?);
        }
        if new.code.is_some() && desk.uses.is_empty() {
            misses(&mut items);
        }
        let number = OrderNumber(self.orders.count() + 1);
        step.changed.push(Entry::of_order(Kind::Ordered, &new.customer, number, items.len()));
        self.settle_desk(step, &new.customer, desk);
        let held_for = new.hold_seconds.min(new.hold_seconds_max);
        self.orders.put(Order {
            number,
            customer: new.customer.clone(),
            made_at: step.at,
            until: step.at.plus_seconds(held_for),
            longest: step.at.plus_seconds(new.hold_seconds_max),
            terms: OrderTerms {
                mode: new.mode,
                is_bundle: new.is_bundle,
                skips: new.skips,
                expect_amount: new.expect_amount,
            },
            status: OrderStatus::Collecting,
            refusal: None,
            items,
            currency: None,
            pending: 0,
            attempts: Vec::new(),
            paid_by: None,
        });
        self.go_on(step, number);
        Ok(Effect::Order(number, Kind::Ordered))
    }

    /// Keeps what was reserved for an order.
    fn settle_desk(&mut self, step: &mut Step, customer: &str, desk: Desk) {
        if self.promises_made < desk.promises_made && !desk.account.promises.is_empty() {
            self.accounts.change(customer, |account| *account = desk.account);
        }
        self.promises_made = desk.promises_made;
        for uses in desk.uses {
            self.vouchers.reserve(uses);
        }
        step.changed.extend(desk.entries);
    }

    /// Asks the next slot, if none is being asked; where all have been, the order is held or refused.
    fn go_on(&mut self, step: &mut Step, number: OrderNumber) {
        let order = self.orders.get(number).expect("whoever goes on has an order");
        let is_asking = order.items.iter().any(|item| item.state == ItemState::Asked);
        if order.status != OrderStatus::Collecting || is_asking {
            return;
        }
        let waiting = order.items.iter().filter(|item| item.state == ItemState::Waiting);
        match waiting.filter_map(OrderItem::slot).min() {
            Some(slot) => self.collect(number, slot),
            None => self.collected(step, number),
        }
    }

    /// Asks a slot for all that the order has of it.
    fn collect(&mut self, number: OrderNumber, slot: SlotId) {
        let ask = self.orders.change(number, |order| {
            let intent = match (order.fails(), order.terms.skips) {
                (true, _) => OrderIntent::Look,
                (false, true) => OrderIntent::HoldSome,
                (false, false) => OrderIntent::HoldAll,
            };
            let mut items = Vec::new();
            for (place, item) in (0..).zip(&mut order.items) {
                let is_waiting = item.state == ItemState::Waiting;
                if let ItemKind::Booking { slot: of, ask, .. } = &mut item.what
                    && *of == slot
                    && is_waiting
                {
                    item.state = ItemState::Asked;
                    items.extend(ask.take().map(|ask| (place, *ask)));
                }
            }
            order.pending += 1;
            OrderAsk { order: number, since: order.made_at, until: order.until, intent, items }
        });
        self.base.intents.leave(Target::Entity(slot.into()), Message::Collect(Box::new(ask)));
    }

    /// A slot has said what it holds, and what it does not.
    pub(super) fn note_collected(&mut self, step: &mut Step, ask: &OrderAsk, collected: &Collected) {
        let Some(order) = self.orders.get(ask.order) else { return };
        let customer = order.customer.clone();
        let mut let_go = Vec::new();
        self.orders.change(ask.order, |order| {
            order.pending = order.pending.saturating_sub(1);
            for (place, _wish) in &ask.items {
                let Some(item) = usize::try_from(*place).ok().and_then(|place| order.items.get_mut(place))
                else {
                    continue;
                };
                let held = collected.held.iter().find(|(other, _)| other == place);
                let not = collected.not.iter().find(|(other, _)| other == place);
                let is_asked = item.state == ItemState::Asked;
                if let Some((_, charge)) = held {
                    // What has ended meanwhile is being given back.
                    if is_asked {
                        (item.state, item.charge) = (ItemState::Held, *charge);
                    }
                    continue;
                }
                let_go.extend(item.promise());
                if is_asked {
                    item.state =
                        not.map_or(ItemState::Over, |(_, why)| ItemState::Refused(ItemRefused::BySlot(*why)));
                }
            }
        });
        for promise in let_go {
            self.release(step, &customer, promise, (0, Uses::Back));
        }
        self.go_on(step, ask.order);
    }

    /// Every slot has been asked: the order is held, or refused and let go.
    fn collected(&mut self, step: &mut Step, number: OrderNumber) {
        let order = self.orders.get(number).expect("whoever goes on has an order");
        let refusal = match judge(order) {
            Ok(currency) => {
                let (customer, many) = (order.customer.clone(), order.items.len());
                self.orders.change(number, |order| {
                    order.status = OrderStatus::Held;
                    order.currency = currency;
                });
                step.changed.push(Entry::of_order(Kind::Held, &customer, number, many));
                let order = self.orders.get(number).expect("it was just held");
                if order.terms.mode == Mode::Confirm && order.amount() == 0 {
                    self.confirm_order(step, number);
                    self.grant_packages(step, number);
                }
                return;
            }
            Err(refusal) => refusal,
        };
        let (customer, many) = (order.customer.clone(), order.items.len());
        step.changed.push(Entry::of_order(Kind::Refused, &customer, number, many));
        self.end_order(step, number, (OrderStatus::Refused, refusal), Releaser::Customer);
    }
}

/// Of which currency an order is that can be held; why it cannot, where no single item is in the way.
fn judge(order: &Order) -> Result<Option<crate::Currency>, Option<Refusal>> {
    let held = || order.items.iter().filter(|item| item.state == ItemState::Held);
    if order.fails() || held().next().is_none() {
        return Err(None);
    }
    let mut priced = held().filter(|item| 0 < item.charge.amount).map(|item| item.charge.currency);
    let currency = priced.next().flatten();
    if priced.any(|other| other != currency) {
        return Err(Some(Refusal::SeveralCurrencies));
    }
    if order.terms.expect_amount.is_some_and(|expected| expected != order.amount()) {
        return Err(Some(Refusal::PriceChanged));
    }
    Ok(currency)
}

/// Whether a booking is meant by two items.
fn names_twice(items: &[NewItem]) -> bool {
    let bookings = items.iter().filter_map(|item| match item {
        NewItem::Book(reserve) => Some((reserve.slot, reserve.request)),
        NewItem::Adopt(slot, booking) => Some((*slot, *booking)),
        NewItem::Package(_) => None,
    });
    let mut bookings = bookings.collect::<Vec<_>>();
    bookings.sort_unstable();
    bookings.windows(2).any(|pair| pair[0] == pair[1])
}

/// The code that was given is for nothing of the order.
fn misses(items: &mut [OrderItem]) {
    if items.iter().any(|item| matches!(item.state, ItemState::Refused(_))) {
        return;
    }
    let refusal = Refusal::VoucherRefused(VoucherRefused::NotForThis);
    if let Some(first) = items.first_mut() {
        first.state = ItemState::Refused(ItemRefused::ByMerchant(refusal));
    }
}

impl Desk {
    fn item(
        &mut self,
        merchant: &Merchant,
        new: &NewOrder,
        item: &NewItem,
    ) -> Result<OrderItem, Denied<Refused>> {
        let nothing = Charge::default();
        match item {
            NewItem::Book(reserve) => self.book(merchant, new, reserve),
            NewItem::Adopt(slot, booking) => {
                let ask = OrderWish::Adopt { booking: *booking, customer: new.customer.clone() };
                let ask = Some(Box::new(ask));
                let what = ItemKind::Booking { slot: *slot, booking: *booking, promise: None, ask };
                Ok(OrderItem { what, state: ItemState::Waiting, charge: nothing })
            }
            NewItem::Package(grant) => Ok(self.package(grant)),
        }
    }

    /// A package costs what its plan says, and is held by nobody else.
    fn package(&mut self, grant: &Grant) -> OrderItem {
        let Grant { plan, valid_from, valid_until, .. } = grant;
        self.packages += 1;
        let has_room = self.account.has_room_for(self.at, self.packages);
        let is_over = valid_until.is_some_and(|until| until <= self.at);
        let state = if plan.credits == 0 || is_over {
            ItemState::Refused(ItemRefused::ByMerchant(Refusal::Malformed))
        } else if has_room {
            ItemState::Held
        } else {
            ItemState::Refused(ItemRefused::ByMerchant(Refusal::TooManyPackages))
        };
        let charge = Charge { amount: plan.price, currency: plan.currency };
        let item = PackageItem {
            plan: Arc::clone(plan),
            valid_from: *valid_from,
            valid_until: *valid_until,
            granted: None,
        };
        OrderItem { what: ItemKind::Package(Box::new(item)), state, charge }
    }

    /// A booking has promised what its slot asks of the merchant.
    fn book(
        &mut self,
        merchant: &Merchant,
        new: &NewOrder,
        reserve: &Reserve,
    ) -> Result<OrderItem, Denied<Refused>> {
        let (state, promise, ask) = match self.promise(merchant, new, reserve) {
            Ok((promise, ask)) => {
                (ItemState::Waiting, promise, Some(Box::new(OrderWish::New(Box::new(ask)))))
            }
            Err(Denied::Refused(refused)) => {
                (ItemState::Refused(ItemRefused::ByMerchant(refused.refusal)), None, None)
            }
            Err(denied) => return Err(denied),
        };
        let what = ItemKind::Booking { slot: reserve.slot, booking: reserve.request, promise, ask };
        Ok(OrderItem { what, state, charge: Charge::default() })
    }

    fn promise(
        &mut self,
        merchant: &Merchant,
        new: &NewOrder,
        asked: &Reserve,
    ) -> Result<(Option<PromiseNumber>, Promised), Denied<Refused>> {
        let (terms, at) = (asked.terms, self.at);
        let book = Book {
            customer: new.customer.clone(),
            mode: Mode::Hold,
            when_full: WhenFull::Refuse,
            ..asked.book.clone()
        };
        let quantity = Inventory::size(&book.wish);
        let needed = terms.price.unwrap_or(0).checked_mul(quantity).ok_or(Refusal::Malformed)?;
        let units = if terms.is_limited { quantity } else { 0 };
        let wanted = self.account.units().saturating_add(u64::from(units));
        if terms.is_limited && merchant.limit.is_some_and(|limit| u64::from(limit) < wanted) {
            return Err(Refusal::CustomerLimit.into());
        }
        let code = (new.code.as_deref(), terms.code_required);
        let spoken_for = self.spoken_for(merchant, new.code.as_deref());
        let redeemed = match merchant.redeem(&self.account, code, (asked.slot, &book), (at, spoken_for)) {
            // A code is for what it fits.
            Err(Refusal::VoucherRefused(VoucherRefused::NotForThis)) if !terms.code_required => None,
            other => other?,
        };
        let bill = Bill {
            needed,
            starts_at: terms.starts_at,
            tags: &asked.tags,
            named: &asked.packages,
            firsts: &asked.firsts,
        };
        let legs = if needed == 0 { Vec::new() } else { choose(&self.account, &bill, at)? };
        self.promises_made += 1;
        let number = PromiseNumber(self.promises_made);
        let booking = (asked.slot, asked.request);
        let entries = legs
            .iter()
            .map(|PromisedLeg { leg, .. }| Entry::of_leg(Kind::Reserved, &new.customer, *leg, booking));
        self.entries.extend(entries);
        let (uses, voucher) = redeemed.map(|redeemed| (redeemed.uses, redeemed.terms)).unzip();
        let uses_entry = uses.map(|uses| Entry::of_uses(Kind::Reserved, &new.customer, uses, booking));
        self.entries.extend(uses_entry);
        self.uses.extend(uses);
        let promised = Promised {
            promise: number,
            request: asked.request,
            fingerprint: asked.fingerprint,
            book,
            terms,
            legs: legs.iter().map(|leg| leg.leg).collect(),
            voucher,
        };
        let (slot, request, starts_at) = (asked.slot, asked.request, terms.starts_at);
        let promise = Promise { slot, request, starts_at, units, legs, uses, is_booked: false };
        let is_kept = !promise.is_nothing();
        if is_kept {
            self.account.promise(number, promise);
        }
        Ok((is_kept.then_some(number), promised))
    }

    /// How many uses of the order's code its items before this one have.
    fn spoken_for(&self, merchant: &Merchant, code: Option<&str>) -> u32 {
        let voucher = code.and_then(|code| merchant.voucher_coded(code)).map(|voucher| voucher.number);
        let uses = self.uses.iter().filter(|uses| Some(uses.voucher) == voucher);
        uses.map(|uses| uses.count).sum()
    }
}
