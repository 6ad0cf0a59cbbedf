//! Orders: what is held for one is held until its merchant says otherwise. The slot's own clock does not end it; when its deadline is long
//! over, the merchant is asked.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::base::message::{Message, Reply};
use crate::base::order::{
    Charge, Collected, OrderAct, OrderAsk, OrderDeed, OrderIntent, OrderWish, Releaser,
};
use crate::base::promised::NotBooked;
use crate::limits::ENDS_TOLD_AT_ONCE_MAX;
use crate::slot::rules::book;
use crate::slot::rules::cancel::is_too_late;
use crate::slot::rules::credits::{self, Why};
use crate::slot::rules::grant::hold;
use crate::slot::rules::in_order::tell;
use crate::slot::state::step::Step;
use crate::{
    Bill, EntityId, InOrder, Kind, LateCancel, Number, OrderNumber, Party, Refusal, RequestKey, Slot,
    Standing, Timestamp,
};

/// Holds what an order asks for, or says why not. What is held of an ask that is not held whole is let go in the same step.
pub(crate) fn collect(
    slot: &mut Slot,
    step: &mut Step,
    from: EntityId,
    ask: &OrderAsk,
) -> (Reply, Option<Kind>) {
    if slot.account.as_ref().is_some_and(|account| account.merchant != from) {
        let not = ask.items.iter().map(|(item, _)| (*item, NotBooked::NotFound)).collect();
        return (Reply::Collected(Collected { held: Vec::new(), not }), None);
    }
    let mut collected = Collected::default();
    for (item, wish) in &ask.items {
        let had = match ask.intent {
            OrderIntent::Look => look(slot, step, from, wish).map(|()| None),
            OrderIntent::HoldAll | OrderIntent::HoldSome => {
                have(slot, step, from, ask, (*item, wish)).map(Some)
            }
        };
        match had {
            Ok(Some(number)) => collected.held.push((*item, charge(slot, number))),
            Ok(None) => {}
            Err(why) => collected.not.push((*item, why)),
        }
    }
    if ask.intent == OrderIntent::HoldAll && !collected.not.is_empty() {
        let held = core::mem::take(&mut collected.held);
        let kind = (!held.is_empty()).then_some(Kind::Cancelled);
        for (item, _) in held {
            let wish = ask.items.iter().find(|(other, _)| *other == item).map(|(_, wish)| wish.booking());
            let number = wish.and_then(|booking| of_order(slot, ask.order, booking));
            let released = release(slot, step, number, Releaser::Customer).is_ok();
            assert!(released, "whoever holds is never too late");
        }
        return (Reply::Collected(collected), kind);
    }
    let kind = (!collected.held.is_empty()).then_some(Kind::Booked);
    (Reply::Collected(collected), kind)
}

/// Has one item, if it can be.
fn have(
    slot: &mut Slot,
    step: &mut Step,
    from: EntityId,
    ask: &OrderAsk,
    (item, wish): (u32, &OrderWish),
) -> Result<Number, NotBooked> {
    let (number, adopted) = match wish {
        OrderWish::New(promised) => (credits::enter_promised(slot, step, from, promised)?, None),
        OrderWish::Adopt { booking, customer } => {
            let (number, own) = adoptable(slot, *booking, customer)?;
            (number, Some(own))
        }
    };
    let in_order = InOrder { order: ask.order, item, adopted, is_asked: false };
    keep(slot, from, number, (Some(in_order), Some(hold_between(ask.since, ask.until))));
    // Of several items each is told.
    step.changed.mark_changed(number);
    Ok(number)
}

/// Whether an item could be had, for itself.
fn look(slot: &mut Slot, step: &Step, from: EntityId, wish: &OrderWish) -> Result<(), NotBooked> {
    match wish {
        OrderWish::Adopt { booking, customer } => adoptable(slot, *booking, customer).map(|_own| ()),
        OrderWish::New(promised) => {
            credits::may_promise(slot, step.at, from, promised)?;
            let looked = book::look(slot, step.at, promised.voucher.as_ref(), &promised.book);
            looked.map_err(credits::not_booked)
        }
    }
}

/// A booking that its customer holds, and its own hold.
fn adoptable(slot: &Slot, booking: RequestKey, customer: &str) -> Result<(Number, Standing), NotBooked> {
    let bookings = slot.ledger.bookings();
    let record = bookings.by_request(booking).filter(|record| *record.customer == *customer);
    let record = record.ok_or(NotBooked::NotFound)?;
    if bookings.whole(record).order.is_some() {
        return Err(NotBooked::Refused(Refusal::InOrder));
    }
    match record.standing {
        Standing::Held { .. } => Ok((record.number, record.standing)),
        Standing::Expired { .. } => Err(NotBooked::Refused(Refusal::HoldExpired)),
        Standing::Offered { .. }
        | Standing::Waitlisted
        | Standing::Confirmed
        | Standing::Cancelled { .. }
        | Standing::Declined { .. } => Err(NotBooked::Refused(Refusal::NotHeld)),
    }
}

/// Does what a merchant has decided of an order's bookings. What cannot be done any more is told.
pub(crate) fn act(slot: &mut Slot, step: &mut Step, from: EntityId, act: &OrderAct) -> (Reply, Option<Kind>) {
    let mut left_out = Vec::new();
    let mut kind = None;
    for booking in &act.bookings {
        let is_its = slot.account.as_ref().is_some_and(|account| account.merchant == from);
        let number = of_order(slot, act.order, *booking).filter(|_number| is_its);
        let done = match act.what {
            OrderDeed::Confirm => confirm(slot, step, number).map(Some),
            OrderDeed::Prolong(until) => prolong(slot, step, number, until).map(Some),
            OrderDeed::Release(by) => release(slot, step, number, by).ok(),
        };
        match done {
            Some(done) => kind = done.or(kind),
            None => left_out.push(*booking),
        }
    }
    (Reply::Acted(left_out), kind)
}

/// A booking of this order that is not over.
fn of_order(slot: &Slot, order: OrderNumber, booking: RequestKey) -> Option<Number> {
    let bookings = slot.ledger.bookings();
    let record = bookings.by_request(booking).filter(|record| !record.standing.status().is_over())?;
    let is_its = bookings.whole(record).order.is_some_and(|of| of.order == order);
    is_its.then_some(record.number)
}

fn confirm(slot: &mut Slot, step: &mut Step, number: Option<Number>) -> Option<Kind> {
    let number = number?;
    change(slot, step, number, Standing::Confirmed);
    Some(Kind::Confirmed)
}

fn prolong(slot: &mut Slot, step: &mut Step, number: Option<Number>, until: Timestamp) -> Option<Kind> {
    let number = number?;
    let Standing::Held { until: before, lasts_ms } = slot.ledger.bookings().get(number).standing else {
        return None;
    };
    let since = Timestamp(before.0.saturating_sub(u64::from(lasts_ms)));
    let order = slot.ledger.bookings().get_whole(number).order?.clone();
    forget(slot, number);
    // When that is over for long, the merchant is asked again.
    let order = Some(Box::new(InOrder { is_asked: false, ..order }));
    slot.ledger.set_order(number, order, Some(hold_between(since, until)));
    watch(slot, number);
    step.changed.mark_changed(number);
    Some(Kind::Extended)
}

/// Its customer asks too late.
struct TooLate;

/// Gives back what is held or confirmed, if it is not over.
fn release(
    slot: &mut Slot,
    step: &mut Step,
    number: Option<Number>,
    by: Releaser,
) -> Result<Option<Kind>, TooLate> {
    let Some(number) = number else { return Ok(None) };
    let booking = slot.ledger.bookings().get_whole(number);
    let party = match by {
        Releaser::Customer => Party::Customer(booking.record.customer.clone()),
        Releaser::Organizer => Party::Organizer,
    };
    let is_late = is_too_late(slot, step.at, &party, booking);
    if is_late && booking.credits.is_none_or(|credits| credits.late_cancel == LateCancel::Refuse) {
        return Err(TooLate);
    }
    let is_held = matches!(booking.record.standing, Standing::Held { .. });
    let adopted = booking.order.and_then(|order| order.adopted).filter(|_own| is_held);
    if let Some(own) = adopted {
        let is_over = own.until().is_some_and(|until| until <= step.at.min(slot.definition.ends_at));
        let from = slot.account.as_ref().expect("an order has a merchant").merchant;
        keep(slot, from, number, (None, Some(own)));
        if is_over {
            credits::end(slot, number, Why::Given);
            slot.ledger.expire(number, step.at);
        }
        step.changed.mark_changed(number);
        return Ok(Some(Kind::Extended));
    }
    let why = match by {
        Releaser::Organizer => Why::Taken,
        Releaser::Customer if is_late => Why::Late,
        Releaser::Customer => Why::Given,
    };
    credits::end(slot, number, why);
    change(slot, step, number, Standing::Cancelled { at: step.at });
    Ok(Some(Kind::Cancelled))
}

/// Changes where a booking of an order stands.
fn change(slot: &mut Slot, step: &mut Step, number: Number, standing: Standing) {
    forget(slot, number);
    slot.ledger.change(number, standing);
    watch(slot, number);
    step.changed.mark_changed(number);
}

/// Makes a booking an order's, or its own again, with this standing.
fn keep(
    slot: &mut Slot,
    merchant: EntityId,
    number: Number,
    (order, standing): (Option<InOrder>, Option<Standing>),
) {
    credits::account(slot, merchant);
    forget(slot, number);
    slot.ledger.set_order(number, order.map(Box::new), standing);
    watch(slot, number);
}

/// The merchant is to be asked of a hold when its deadline is long over.
fn watch(slot: &mut Slot, number: Number) {
    let due = overdue(slot, number);
    if let (Some(due), Some(account)) = (due, &mut slot.account) {
        account.overdue.insert((due, number));
    }
}

fn forget(slot: &mut Slot, number: Number) {
    let due = overdue(slot, number);
    if let (Some(due), Some(account)) = (due, &mut slot.account) {
        account.overdue.remove(&(due, number));
    }
}

fn overdue(slot: &Slot, number: Number) -> Option<Timestamp> {
    let booking = slot.ledger.bookings().get_whole(number);
    booking.order?.overdue(booking.record.standing)
}

/// Asks the merchant of holds whose deadline is long over.
pub(crate) fn go_on(slot: &mut Slot, step: &mut Step) {
    let Some(account) = &slot.account else { return };
    let is_due = |(due, _number): &&(Timestamp, Number)| *due <= step.at;
    let due = account.overdue.iter().take_while(is_due).take(ENDS_TOLD_AT_ONCE_MAX);
    let due = due.map(|(_due, number)| *number).collect::<Vec<_>>();
    let mut orders = Vec::new();
    for number in due {
        forget(slot, number);
        let order =
            slot.ledger.bookings().get_whole(number).order.expect("an order's hold is watched").clone();
        orders.push((order.order, order.item));
        slot.ledger.set_order(number, Some(Box::new(InOrder { is_asked: true, ..order })), None);
        step.mark_by_time(Kind::Lapsed);
    }
    tell(slot, &orders, Message::Overdue);
}

/// The merchant knows nothing of what it was asked of: it is given back.
pub(crate) fn let_go(slot: &mut Slot, step: &mut Step, items: &[(OrderNumber, u32)]) -> Option<Kind> {
    let bookings = slot.ledger.bookings();
    let of_these = bookings.after(None).map(|record| bookings.whole(record)).filter(|booking| {
        let is_held = matches!(booking.record.standing, Standing::Held { .. });
        is_held && booking.order.is_some_and(|order| items.contains(&(order.order, order.item)))
    });
    let of_these = of_these.map(|booking| booking.record.number).collect::<Vec<_>>();
    let mut kind = None;
    for number in of_these {
        // Whoever holds is never too late.
        kind = release(slot, step, Some(number), Releaser::Customer).ok().flatten().or(kind);
    }
    kind
}

/// What a booking costs.
fn charge(slot: &Slot, number: Number) -> Charge {
    let bill = slot.ledger.bookings().get_whole(number).bill();
    let amount = bill.and_then(Bill::amount);
    amount.map_or_else(Charge::default, |amount| Charge {
        amount,
        currency: bill.and_then(|bill| bill.currency),
    })
}

fn hold_between(since: Timestamp, until: Timestamp) -> Standing {
    hold(since, until.max(since))
}
