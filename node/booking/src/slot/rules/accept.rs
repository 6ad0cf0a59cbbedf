//! Accepting an offer, or turning it down.

use crate::slot::rules::act::offered;
use crate::slot::rules::grant::grant;
use crate::slot::rules::{Done, Verdict};
use crate::slot::state::step::Step;
use crate::{Act, Kind, Slot, Standing};

/// Gives a booking what is offered to it: confirmed or held, as it was asked for once.
pub(crate) fn accept(slot: &mut Slot, step: &mut Step, asked: &Act) -> Verdict {
    let booking = offered(slot, asked)?;
    let (number, standing) =
        (booking.number, grant(&slot.definition, booking.mode, booking.hold_seconds, step.at));
    slot.ledger.change(number, standing);
    step.changed.note_asked(number);
    Ok(Done::Acted(number, Kind::Accepted))
}

/// Ends a booking that does not want what is offered: it goes to the next in the same step.
pub(crate) fn decline(slot: &mut Slot, step: &mut Step, asked: &Act) -> Verdict {
    let number = offered(slot, asked)?.number;
    slot.ledger.change(number, Standing::Declined { at: step.at });
    step.changed.note_asked(number);
    Ok(Done::Acted(number, Kind::Declined))
}
