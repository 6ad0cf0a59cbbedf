//! Serving the waitlist: whoever comes first gets what is free.

use crate::slot::rules::grant::{grant, offer};
use crate::slot::state::step::Step;
use crate::{Promotion, Slot};

/// Serves those who wait, for as long as it is somebody's turn.
pub(crate) fn serve(slot: &mut Slot, step: &mut Step) {
    let definition = &slot.definition;
    let Some(waitlist) = &definition.policy.waitlist else { return };
    while let Some((number, found)) = slot.ledger.next(waitlist.order) {
        let standing = match waitlist.promotion {
            Promotion::Confirm => {
                let next = slot.ledger.bookings().get(number);
                grant(definition, next.mode, next.hold_seconds, step.at)
            }
            Promotion::Offer => offer(definition, waitlist, step.at),
        };
        slot.ledger.give(number, standing, &found);
        step.changed.mark_changed(number);
    }
}
