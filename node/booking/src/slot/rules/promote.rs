//! Serving the waitlist: whoever comes first gets what is free.

use crate::slot::rules::grant::{grant, offer};
use crate::slot::state::step::Step;
use crate::{BookingRecord, Order, Promotion, Slot};

/// Serves those who wait, for as long as it is somebody's turn.
pub(crate) fn serve(slot: &mut Slot, step: &mut Step) {
    let definition = &slot.definition;
    let Some(waitlist) = &definition.policy.waitlist else { return };
    while let Some(next) = next(slot, waitlist.order) {
        let standing = match waitlist.promotion {
            Promotion::Confirm => grant(definition, next.mode, next.hold_seconds, step.at),
            Promotion::Offer => offer(definition, waitlist, step.at),
        };
        let number = next.number;
        slot.ledger.change(number, standing);
        step.changed.note(number);
    }
}

/// Whose turn it is, if anyone's. Under [`Order::Strict`] the head's, whole quantity or nothing: who is behind a head that does
/// not fit waits with it, however little they want. Under [`Order::SkipFit`] the first one's who fits.
pub(crate) fn next(slot: &Slot, order: Order) -> Option<&BookingRecord> {
    let free = slot.ledger.counts().free;
    match order {
        Order::Strict => slot.ledger.head().filter(|head| head.quantity <= free),
        Order::SkipFit => slot.ledger.first_who_fits(free),
    }
}
