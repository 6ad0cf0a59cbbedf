//! Serving the waitlist: whoever comes first gets what is free.

use crate::rules::grant::grant;
use crate::step::Step;
use crate::{Promotion, Slot, Standing};

/// Serves the head of the waitlist for as long as the head's whole quantity is free. Who is behind a head
/// that does not fit waits with it, however little they want.
pub(crate) fn serve(slot: &mut Slot, step: &mut Step) {
    let policy = &slot.definition.policy;
    let Some(waitlist) = &policy.waitlist else { return };
    while let Some(head) = slot.ledger.head() {
        if slot.ledger.counts().free < head.quantity {
            return;
        }
        let standing = match waitlist.promotion {
            Promotion::Confirm => grant(policy, head.mode, head.hold_seconds, step.at),
            Promotion::Offer => {
                Standing::Offered { until: step.at.plus_seconds(waitlist.offer_seconds.max(1)) }
            }
        };
        let number = head.number;
        slot.ledger.change(number, standing);
        step.note(number);
    }
}
