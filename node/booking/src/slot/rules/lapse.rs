//! What time alone ends: holds and offers at their deadlines, waiting for a range when one may ask for it no more, and at the slot's end
//! whatever is not confirmed.
//!
//! A deadline counts as passed from its very millisecond on.

use alloc::vec::Vec;

use crate::slot::rules::credits::{self, Why};
use crate::slot::state::step::Step;
use crate::{Kind, Number, Slot};

/// Ends what is due by the step's stamp: by deadline, then in the order in which the bookings were made.
pub(crate) fn lapse(slot: &mut Slot, step: &mut Step) {
    let ends_at = slot.definition.ends_at;
    while let Some((until, number)) = slot.ledger.first_deadline() {
        if step.at < until || ends_at <= until {
            break;
        }
        credits::end(slot, number, Why::Given);
        slot.ledger.expire(number, step.at);
        step.changed.mark_changed(number);
        step.mark_by_time(Kind::Lapsed);
    }
    if slot.definition.waits_until() <= step.at {
        end_waiting(slot, step);
    }
    if ends_at <= step.at {
        finish(slot, step);
    }
}

/// Ends to wait, so long before the slot starts as it says: who is not served by then gets back what was promised.
fn end_waiting(slot: &mut Slot, step: &mut Step) {
    if slot.definition.waits_until() == slot.definition.ends_at {
        return;
    }
    for number in slot.ledger.tally().waitlist().iter().collect::<Vec<_>>() {
        credits::end(slot, number, Why::Taken);
        slot.ledger.expire(number, step.at);
        step.changed.mark_changed(number);
        step.mark_by_time(Kind::Lapsed);
    }
}

/// Ends what is held, offered or waiting when the slot ends: that is a deadline they have in common.
fn finish(slot: &mut Slot, step: &mut Step) {
    let tally = slot.ledger.tally();
    let with_deadline = tally.deadlines().iter().map(|&(_, number)| number);
    let mut due: Vec<Number> = tally.waitlist().iter().chain(with_deadline).collect();
    due.sort_unstable();
    // Who waits for a range has a deadline too.
    due.dedup();
    for number in due {
        credits::end(slot, number, Why::Given);
        slot.ledger.expire(number, step.at);
        step.changed.mark_changed(number);
        step.mark_by_time(Kind::Finished);
    }
}
