//! Making a slot.

use alloc::sync::Arc;

use crate::state::ledger::Ledger;
use crate::state::receipts::Receipts;
use crate::{Definition, Origin, Refusal, Request, Seq, Slot, Timestamp};

/// Makes the slot, of which nothing is recorded yet, if it starts in the future.
pub(crate) fn create(at: Timestamp, request: &Request, definition: &Definition) -> Result<Slot, Refusal> {
    if definition.starts_at <= at {
        return Err(Refusal::StartsInPast);
    }
    Ok(Slot {
        id: request.slot,
        definition: Arc::new(definition.clone()),
        made_as: None,
        loosest_limit: definition.policy.customer_limit,
        definition_digest: definition.digest(),
        origin: Origin { request: request.key, fingerprint: request.fingerprint, at },
        seq: Seq(0),
        stamp: at,
        cancelled: false,
        ledger: Ledger::new(definition),
        receipts: Receipts::default(),
    })
}
