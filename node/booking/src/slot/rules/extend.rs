//! Extending: a hold lasts longer, but not for ever.

use crate::limits::HOLD_SECONDS_EXTENDED_MAX;
use crate::slot::rules::act::{Hold, held, touched};
use crate::slot::rules::grant::{ended_by, hold};
use crate::slot::rules::in_order;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Extend, Kind, Slot};

/// Moves a hold's deadline to so many seconds from now: never further from the hold's beginning than the policy allows, and never
/// to an earlier moment than it was. Where that leaves it as it is, nothing has changed.
pub(crate) fn extend(slot: &mut Slot, step: &mut Step, extend: &Extend) -> RuleResult {
    in_order::refuse(slot, touched(slot, &extend.act)?.number)?;
    let Hold { number, since, until } = held(slot, &extend.act)?;
    let definition = &slot.definition;
    let longest = definition.policy.hold_seconds_max.min(HOLD_SECONDS_EXTENDED_MAX);
    let wished = step.at.plus_seconds(extend.hold_seconds);
    let begins = slot.ledger.bookings().get_whole(number).begins();
    let later = ended_by(wished.min(since.plus_seconds(longest)), definition, begins);
    if later <= until {
        return Ok(Effect::BookingUnchanged(number));
    }
    slot.ledger.change(number, hold(since, later));
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Extended))
}
