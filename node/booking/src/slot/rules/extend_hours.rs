//! Going on with a calendar's openings that were not known yet. Whoever leads the slot's group asks for this, day by day.

use crate::slot::inventory::ranges::Extended;
use crate::slot::rules::{Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{OpeningsOf, Refusal, Slot};

/// Adds openings. What came of another rule or span than the slot has by now changes nothing, and neither does what is known.
pub(crate) fn extend_hours(slot: &mut Slot, _step: &mut Step, asked: &OpeningsOf) -> RuleResult {
    if slot.cancelled {
        return Err(Refusal::SlotCancelled.into());
    }
    let basis = slot.definition.openings_basis();
    let ranges = slot.ledger.inventory_mut().ranges_mut().ok_or(Refusal::Malformed)?;
    if asked.basis != basis {
        return Ok(Effect::SlotUnchanged);
    }
    match ranges.extend(&asked.openings) {
        Extended::Done => Ok(Effect::SlotChanged),
        Extended::Known => Ok(Effect::SlotUnchanged),
        Extended::TooMany => Err(Refusal::TooManyOpenings.into()),
    }
}
