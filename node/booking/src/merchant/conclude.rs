//! What becomes of orders: they are confirmed, held for longer, given back whole or in part, and end by time; and what slots say of that.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::order::{ItemKind, ItemRefused, ItemState, Order, OrderItem, OrderStatus};
use super::refusal::Refusal;
use super::rules::{Effect, RuleResult, Step};
use super::state::Merchant;
use super::words::{Entry, Kind, OrderAsked, Owner, Refused};
use crate::base::message::{Message, Target};
use crate::base::order::{OrderAct, OrderDeed, Releaser};
use crate::base::outcome::Denied;
use crate::base::promised::NotBooked;
use crate::limits::ORDERS_LAPSED_PER_STEP_MAX;
use crate::{EntityId, OrderNumber, RequestKey, SlotId, Uses};

/// Where an order goes, and why, where no single item is in the way.
type Ends = (OrderStatus, Option<Refusal>);

impl Merchant {
    /// Confirms an order for which nothing is owed; the organizer any, since it was paid elsewhere.
    pub(super) fn confirm(&mut self, step: &mut Step, asked: &OrderAsked) -> RuleResult {
        let order = self.held(asked)?;
        if asked.by == Owner::Customer && 0 < order.amount() {
            return Err(Refusal::PaymentRequired.into());
        }
        self.confirm_order(step, asked.order);
        self.grant_packages(step, asked.order);
        Ok(Effect::Order(asked.order, Kind::Confirmed))
    }

    /// Holds an order for so many seconds from now, and never longer than it can be.
    pub(super) fn extend(&mut self, step: &mut Step, asked: &OrderAsked, seconds: u32) -> RuleResult {
        let order = self.held(asked)?;
        let later = step.at.plus_seconds(seconds).min(order.longest);
        if later <= order.until {
            return Ok(Effect::OrderUnchanged(asked.order));
        }
        let (customer, many) = (order.customer.clone(), order.items.len());
        self.orders.change(asked.order, |order| order.until = later);
        self.act(asked.order, OrderDeed::Prolong(later), |state| state == ItemState::Held);
        step.changed.push(Entry::of_order(Kind::Held, &customer, asked.order, many));
        Ok(Effect::Order(asked.order, Kind::Held))
    }

    /// Gives an order back, or some of its items.
    pub(super) fn cancel(&mut self, step: &mut Step, asked: &OrderAsked, items: &[u32]) -> RuleResult {
        let order = self.found_order(asked)?;
        if order.status.is_over() {
            return Err(Refusal::AlreadyOver.into());
        }
        let by = match asked.by {
            Owner::Customer => Releaser::Customer,
            Owner::Organizer => Releaser::Organizer,
        };
        let (customer, many) = (order.customer.clone(), order.items.len());
        if items.is_empty() {
            step.changed.push(Entry::of_order(Kind::Cancelled, &customer, asked.order, many));
            self.end_order(step, asked.order, (OrderStatus::Cancelled, None), by);
            return Ok(Effect::Order(asked.order, Kind::Cancelled));
        }
        let places = items.iter().filter_map(|item| usize::try_from(*item).ok()).collect::<Vec<_>>();
        if places.iter().any(|place| order.items.len() <= *place) {
            return Err(Refusal::Malformed.into());
        }
        if order.terms.is_bundle {
            return Err(Refusal::Bundle.into());
        }
        if order.status == OrderStatus::Collecting {
            return Err(Refusal::NotHeld.into());
        }
        if places.iter().any(|place| !order.items[*place].state.counts()) {
            return Err(Refusal::AlreadyOver.into());
        }
        step.changed.push(Entry::of_order(Kind::Cancelled, &customer, asked.order, places.len()));
        self.give_up_items(step, asked.order, &places, by);
        self.look_whether_left(step, asked.order);
        Ok(Effect::Order(asked.order, Kind::Cancelled))
    }

    /// Ends what was not confirmed in time, some at once.
    pub(super) fn lapse_orders(&mut self, step: &mut Step) {
        for _order in 0..ORDERS_LAPSED_PER_STEP_MAX {
            let due = self.orders.first_deadline().filter(|(due, _number)| *due <= step.at);
            let Some((_due, number)) = due else { return };
            let order = self.orders.get(number).expect("what is due is here");
            let (customer, many) = (order.customer.clone(), order.items.len());
            step.changed.push(Entry::of_order(Kind::Lapsed, &customer, number, many));
            step.mark_by_time(Kind::Lapsed);
            self.end_order(step, number, (OrderStatus::Expired, None), Releaser::Customer);
        }
    }

    /// Makes an order be for good: slots are told.
    pub(super) fn confirm_order(&mut self, step: &mut Step, number: OrderNumber) {
        let order = self.orders.get(number).expect("what is confirmed is here");
        let (customer, many) = (order.customer.clone(), order.items.len());
        self.orders.change(number, |order| order.status = OrderStatus::Confirmed);
        self.act(number, OrderDeed::Confirm, |state| state == ItemState::Held);
        step.changed.push(Entry::of_order(Kind::Confirmed, &customer, number, many));
    }

    /// Grants the packages of an order for which nothing is owed any more.
    pub(super) fn grant_packages(&mut self, step: &mut Step, number: OrderNumber) {
        let order = self.orders.get(number).expect("what is granted for is here").clone();
        for (place, item) in order.items.iter().enumerate() {
            if let (ItemKind::Package(package), ItemState::Held) = (&item.what, item.state) {
                let granted = self.grant_package(
                    step,
                    &order.customer,
                    (&package.plan, package.valid_from, package.valid_until),
                );
                self.orders.change(number, |order| {
                    order.items[place].state = ItemState::Confirmed;
                    if let ItemKind::Package(package) = &mut order.items[place].what {
                        package.granted = Some(granted);
                    }
                });
            }
        }
    }

    /// Ends an order, and gives back all that it has.
    pub(super) fn end_order(
        &mut self,
        step: &mut Step,
        number: OrderNumber,
        (status, refusal): Ends,
        by: Releaser,
    ) {
        let many = self.orders.get(number).expect("what ends is here").items.len();
        self.give_up_items(step, number, &(0..many).collect::<Vec<_>>(), by);
        self.orders.change(number, |order| (order.status, order.refusal) = (status, refusal));
        self.square(number);
    }

    /// Gives items back. What was promised for those that were confirmed ends by their slots' word; for others when their slots have let
    /// go.
    fn give_up_items(&mut self, step: &mut Step, number: OrderNumber, places: &[usize], by: Releaser) {
        let order = self.orders.get(number).expect("what is given back is here").clone();
        let is_firm = order.status == OrderStatus::Confirmed;
        let mut bookings = BTreeMap::<SlotId, Vec<RequestKey>>::new();
        for place in places {
            let item = &order.items[*place];
            match (&item.what, item.state) {
                // What its customer gives back too late is given back all the same, where its organizer does.
                (ItemKind::Booking { slot, booking, .. }, state)
                    if state.is_live() || state == ItemState::GivenBack && by == Releaser::Organizer =>
                {
                    bookings.entry(*slot).or_default().push(*booking);
                }
                (ItemKind::Booking { promise: Some(promise), .. }, ItemState::Waiting) => {
                    self.release(step, &order.customer, *promise, (0, Uses::Back));
                }
                (ItemKind::Package(package), ItemState::Confirmed) => {
                    if let Some(granted) = package.granted {
                        self.take_package_back(step, &order.customer, granted);
                    }
                }
                _nothing_was_had => {}
            }
        }
        self.orders.change(number, |order| {
            for item in places.iter().copied() {
                let item = &mut order.items[item];
                item.state = match item.state {
                    ItemState::Waiting | ItemState::Asked | ItemState::Held | ItemState::Confirmed
                        if is_firm =>
                    {
                        ItemState::GivenBack
                    }
                    ItemState::Waiting | ItemState::Asked | ItemState::Held | ItemState::Confirmed => {
                        ItemState::Over
                    }
                    over @ (ItemState::Refused(_) | ItemState::Over | ItemState::GivenBack) => over,
                };
            }
        });
        for (slot, bookings) in bookings {
            self.tell_slot(number, slot, bookings, OrderDeed::Release(by));
        }
    }

    /// Tells every slot of an order what becomes of the bookings that stand like this.
    fn act(&mut self, number: OrderNumber, what: OrderDeed, is_meant: impl Fn(ItemState) -> bool) {
        let order = self.orders.get(number).expect("whoever acts has an order");
        let mut bookings = BTreeMap::<SlotId, Vec<RequestKey>>::new();
        for item in order.items.iter().filter(|item| is_meant(item.state)) {
            if let (Some(slot), Some(booking)) = (item.slot(), item.booking()) {
                bookings.entry(slot).or_default().push(booking);
            }
        }
        for (slot, bookings) in bookings {
            self.tell_slot(number, slot, bookings, what);
        }
    }

    fn tell_slot(&mut self, number: OrderNumber, slot: SlotId, bookings: Vec<RequestKey>, what: OrderDeed) {
        let act = OrderAct { order: number, bookings, what };
        self.base.intents.leave(Target::Entity(slot.into()), Message::Act(act));
        self.orders.change(number, |order| order.pending += 1);
    }

    /// A slot has done what was decided of an order, but for these bookings.
    pub(super) fn note_acted(&mut self, step: &mut Step, act: &OrderAct, left_out: &[RequestKey]) {
        let Some(order) = self.orders.get(act.order) else { return };
        let customer = order.customer.clone();
        let let_go = self.orders.change(act.order, |order| {
            order.pending = order.pending.saturating_sub(1);
            note_items(order, act, left_out)
        });
        for promise in let_go {
            self.release(step, &customer, promise, (0, Uses::Back));
        }
        self.look_whether_left(step, act.order);
    }

    /// Bookings have ended that no order has ended: their slot was cancelled, or what paid for them was taken back.
    pub(super) fn lose(&mut self, step: &mut Step, from: EntityId, lost: &[(OrderNumber, u32)]) {
        for (number, place) in lost {
            let Some(order) = self.orders.get(*number) else { continue };
            let place = usize::try_from(*place).unwrap_or(usize::MAX);
            let item = order.items.get(place).filter(|item| item.state.is_live());
            let is_its = item.and_then(OrderItem::slot).is_some_and(|slot| EntityId::from(slot) == from);
            if !is_its {
                continue;
            }
            let customer = order.customer.clone();
            self.orders.change(*number, |order| {
                order.items[place].state = match order.status {
                    OrderStatus::Collecting => {
                        let why = NotBooked::Refused(crate::Refusal::SlotCancelled);
                        ItemState::Refused(ItemRefused::BySlot(why))
                    }
                    OrderStatus::Confirmed => ItemState::GivenBack,
                    OrderStatus::Held
                    | OrderStatus::Refused
                    | OrderStatus::Cancelled
                    | OrderStatus::Expired => ItemState::Over,
                };
            });
            step.changed.push(Entry::of_order(Kind::Cancelled, &customer, *number, 1));
            self.look_whether_left(step, *number);
        }
    }

    /// Of which items nothing is known, or nothing is left: who asks lets go of them.
    pub(super) fn gone(&self, asked: &[(OrderNumber, u32)]) -> Vec<(OrderNumber, u32)> {
        let is_live = |number: OrderNumber, place: u32| {
            let order = self.orders.get(number)?;
            let item = order.items.get(usize::try_from(place).ok()?)?;
            Some(item.state.is_live())
        };
        asked.iter().copied().filter(|(number, place)| is_live(*number, *place) != Some(true)).collect()
    }

    /// Ends an order of which nothing is left, and a bundle of which something is missing.
    fn look_whether_left(&mut self, step: &mut Step, number: OrderNumber) {
        let order = self.orders.get(number).expect("it was just looked at");
        let is_missing = |state| matches!(state, ItemState::Over | ItemState::GivenBack);
        let is_broken = order.terms.is_bundle && order.items.iter().any(|item| is_missing(item.state));
        let is_left = order.items.iter().any(|item| item.state.counts());
        let is_standing = matches!(order.status, OrderStatus::Held | OrderStatus::Confirmed);
        if is_standing && (is_broken || !is_left) {
            self.end_order(step, number, (OrderStatus::Cancelled, None), Releaser::Organizer);
        }
        self.square(number);
    }

    /// An order that is held.
    pub(super) fn held(&self, asked: &OrderAsked) -> Result<&Order, Denied<Refused>> {
        let order = self.found_order(asked)?;
        match order.status {
            OrderStatus::Held => Ok(order),
            OrderStatus::Expired => Err(Refusal::HoldExpired.into()),
            OrderStatus::Collecting
            | OrderStatus::Confirmed
            | OrderStatus::Refused
            | OrderStatus::Cancelled => Err(Refusal::NotHeld.into()),
        }
    }

    /// The order that is meant, if it is this customer's.
    pub(super) fn found_order(&self, asked: &OrderAsked) -> Result<&Order, Denied<Refused>> {
        let order = self.orders.get(asked.order).filter(|order| order.customer == asked.customer);
        order.ok_or(Denied::NotFound)
    }
}

/// Notes of each item what its slot has done. Says what is promised for nothing any more.
fn note_items(order: &mut Order, act: &OrderAct, left_out: &[RequestKey]) -> Vec<crate::PromiseNumber> {
    let mut let_go = Vec::new();
    for item in &mut order.items {
        let Some(booking) = item.booking().filter(|booking| act.bookings.contains(booking)) else { continue };
        let is_left_out = left_out.contains(&booking);
        item.state = match (act.what, item.state) {
            (OrderDeed::Confirm, ItemState::Held) if is_left_out => ItemState::GivenBack,
            (OrderDeed::Confirm, ItemState::Held) => ItemState::Confirmed,
            // Its customer asked too late: it stays as it was.
            (OrderDeed::Release(_), ItemState::GivenBack) if is_left_out => {
                order.status = OrderStatus::Confirmed;
                ItemState::Confirmed
            }
            (OrderDeed::Release(_), ItemState::Confirmed) => ItemState::GivenBack,
            (OrderDeed::Release(_), state) => {
                let_go.extend(item.promise().filter(|_promise| state == ItemState::Over));
                state
            }
            (_told, state) => state,
        };
    }
    let_go
}
