//! Serving the waitlist: whoever comes first gets what is free.

use crate::slot::rules::grant::{Wished, grant, offer};
use crate::slot::rules::vouchers;
use crate::slot::state::step::Step;
use crate::{Kind, Promotion, Slot};

/// Serves those who wait, for as long as it is somebody's turn.
pub(crate) fn serve(slot: &mut Slot, step: &mut Step) {
    let definition = &slot.definition;
    let Some(waitlist) = &definition.policy.waitlist else { return };
    while let Some((number, found)) = slot.ledger.next(waitlist.order) {
        let next = slot.ledger.bookings().get_whole(number);
        let (standing, bill) = match waitlist.promotion {
            Promotion::Confirm => {
                let inventory = slot.ledger.tally().inventory();
                let cart = inventory.cart(next.bill(), next.record.quantity);
                let bill = inventory.bill(&cart, &found).expect("who is served gets what is sold");
                let bill = vouchers::discounted(vouchers::of(slot, number), bill);
                (grant(definition, &Wished::by(next, bill.as_deref()), step.at), bill)
            }
            // What is offered costs what it does when it is accepted.
            Promotion::Offer => (offer(definition, waitlist, next.begins(), step.at), None),
        };
        slot.ledger.give(number, standing, &found, bill);
        // What begins to be sold makes a turn come by time alone, and so does a new level.
        step.mark_by_time(Kind::Lapsed);
        step.changed.mark_changed(number);
    }
}
