//! Ending a slot, and every live booking with it.

use alloc::vec::Vec;

use crate::slot::rules::credits::{self, Why};
use crate::slot::rules::in_order;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Number, Refusal, Slot, Standing};

/// Cancels the slot and every live booking, in the order in which they were made.
///
/// A slot that has finished can be cancelled too: that what was sold did not take place is often known only
/// then, and the contract has no refusal for it.
pub(crate) fn cancel_slot(slot: &mut Slot, step: &mut Step) -> RuleResult {
    if slot.cancelled {
        return Err(Refusal::SlotCancelled.into());
    }
    let live = slot.ledger.bookings().after(None).filter(|booking| !booking.standing.status().is_over());
    let live = live.map(|booking| booking.number).collect::<Vec<Number>>();
    in_order::lose(slot, &live);
    for number in live {
        credits::end(slot, number, Why::Taken);
        slot.ledger.change(number, Standing::Cancelled { at: step.at });
        step.changed.mark_changed(number);
    }
    slot.cancelled = true;
    Ok(Effect::SlotCancelled)
}
