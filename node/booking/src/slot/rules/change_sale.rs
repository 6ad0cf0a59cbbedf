//! Selling seats otherwise: to nobody, to everyone, or to whom they are kept for. What is opened goes to the waitlist in the same
//! step.

use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{ChangeSale, Refusal, Slot, Told};

/// Sells all of these seats otherwise, or none. What is taken stays as it is.
pub(crate) fn change_sale(slot: &mut Slot, step: &mut Step, change: &ChangeSale) -> RuleResult {
    if slot.cancelled {
        return Err(Refusal::SlotCancelled.into());
    }
    let house = slot.ledger.inventory_mut().house_mut().ok_or(Refusal::Malformed)?;
    let map = house.map();
    if map != change.map {
        return Err(Denied::Outdated);
    }
    let runs = house.sell(change).map_err(Denied::Refused)?;
    if runs.is_empty() {
        return Ok(Effect::SlotUnchanged);
    }
    step.changed.tell(Told::Sale { map, runs });
    Ok(Effect::SaleChanged)
}
