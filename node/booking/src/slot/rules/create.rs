//! Making a slot.

use alloc::sync::Arc;

use crate::base::parts::Base;
use crate::slot::rules::change_slot;
use crate::slot::state::answer::Answer;
use crate::slot::state::ledger::Ledger;
use crate::{NewSlot, Refusal, Slot};

/// Makes the slot, of which nothing is recorded yet, if it starts in the future; a calendar may have begun.
pub(crate) fn create(base: Base<Answer>, new: &NewSlot) -> Result<Slot, Refusal> {
    let definition = &new.definition;
    match definition.calendar() {
        None if definition.starts_at <= base.stamp => return Err(Refusal::StartsInPast),
        None => {}
        Some(_) if definition.ends_at <= base.stamp => return Err(Refusal::EndsTooEarly),
        Some(_) => change_slot::may_be_calendar(definition)?,
    }
    if !definition.tariff.as_ref().is_none_or(|tariff| tariff.is_sound_for(&definition.stock)) {
        return Err(Refusal::Malformed);
    }
    if definition.policy.on_account.is_some() && definition.calendar().is_some() {
        return Err(Refusal::Malformed);
    }
    let ledger = Ledger::new(new, base.stamp).ok_or(Refusal::TooManyOpenings)?;
    Ok(Slot {
        base,
        definition: Arc::new(definition.clone()),
        original_definition: None,
        original_house: None,
        loosest_limit: definition.policy.customer_limit,
        definition_digest: definition.digest(),
        cancelled: false,
        ledger,
        account: None,
    })
}
