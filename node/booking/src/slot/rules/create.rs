//! Making a slot.

use alloc::sync::Arc;

use crate::base::parts::Base;
use crate::slot::state::answer::Answer;
use crate::slot::state::ledger::Ledger;
use crate::{Definition, Refusal, Slot};

/// Makes the slot, of which nothing is recorded yet, if it starts in the future.
pub(crate) fn create(base: Base<Answer>, definition: &Definition) -> Result<Slot, Refusal> {
    if definition.starts_at <= base.stamp {
        return Err(Refusal::StartsInPast);
    }
    Ok(Slot {
        base,
        definition: Arc::new(definition.clone()),
        original_definition: None,
        loosest_limit: definition.policy.customer_limit,
        definition_digest: definition.digest(),
        cancelled: false,
        ledger: Ledger::new(definition),
    })
}
