//! Bookings of orders: what is an order's to decide is refused to all others, and what ends without it is told to the merchant.

use alloc::vec::Vec;

use crate::base::message::{Message, Target};
use crate::limits::ENDS_TOLD_AT_ONCE_MAX;
use crate::{Number, OrderNumber, Refusal, Slot, Standing};

/// Refuses what is an order's to decide.
pub(crate) fn refuse(slot: &Slot, number: Number) -> Result<(), Refusal> {
    match slot.ledger.bookings().get_whole(number).order {
        Some(_order) => Err(Refusal::InOrder),
        None => Ok(()),
    }
}

/// Refuses the same while the order has not been confirmed.
pub(crate) fn refuse_held(slot: &Slot, number: Number) -> Result<(), Refusal> {
    if matches!(slot.ledger.bookings().get(number).standing, Standing::Held { .. }) {
        refuse(slot, number)
    } else {
        Ok(())
    }
}

/// These bookings have ended without their order's doing: the merchant is told.
pub(crate) fn lose(slot: &mut Slot, numbers: &[Number]) {
    let bookings = slot.ledger.bookings();
    let of_orders = numbers.iter().filter_map(|number| bookings.get_whole(*number).order);
    let lost = of_orders.map(|order| (order.order, order.item)).collect::<Vec<_>>();
    if let Some(account) = &mut slot.account {
        account.overdue.retain(|(_due, number)| !numbers.contains(number));
    }
    tell(slot, &lost, Message::Lost);
}

/// Leaves word for the merchant, so much at once.
pub(crate) fn tell(
    slot: &mut Slot,
    items: &[(OrderNumber, u32)],
    message: impl Fn(Vec<(OrderNumber, u32)>) -> Message,
) {
    let Some(account) = &slot.account else { return };
    let to = Target::Entity(account.merchant);
    for some in items.chunks(ENDS_TOLD_AT_ONCE_MAX) {
        slot.base.intents.leave(to, message(some.to_vec()));
    }
}
