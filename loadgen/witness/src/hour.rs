//! The hour at which something was decided that left no record: as far as the stamps around it tell.

use api::slot::{Slot, Status as SlotStatus};
use api::time::Time;

use crate::case::SlotCase;
use crate::contract;
use crate::model::Claim;

/// When something was decided that left no record: after one and not after the next.
pub(crate) struct Hour<'s, 'h> {
    pub(crate) slot: &'s SlotCase<'h>,
    pub(crate) seq: u64,
    pub(crate) from: Time,
    pub(crate) next: Option<Time>,
}

impl<'h> Hour<'_, 'h> {
    /// The terms in force then, where they are known.
    pub(crate) fn terms(&self) -> Option<&'h Slot> {
        self.slot.terms_at(self.seq)
    }

    /// Whether it may have been as late as this.
    pub(crate) fn may_be(&self, late: Time) -> bool {
        self.next.is_none_or(|next| late <= next)
    }

    /// Whether the slot was on sale, as far as one can tell, and still was when it was read after all that.
    pub(crate) fn was_on_sale_at_last(&self) -> bool {
        self.next.is_none()
            && self.slot.evidence.after.got().is_some_and(|after| after.status == SlotStatus::OnSale)
    }

    /// None where the stamps leave a doubt.
    pub(crate) fn on_sale(&self) -> Option<bool> {
        let terms = self.terms()?;
        let closes_at = contract::closes_at(terms);
        if closes_at <= self.from {
            return Some(false);
        }
        let is_open = terms.sale.opens_at.is_none_or(|opens_at| opens_at <= self.from);
        let still_is = self.was_on_sale_at_last() || self.next.is_some_and(|next| next < closes_at);
        (is_open && still_is).then_some(true)
    }

    /// Whether a customer may have been too late to cancel or move this, which is confirmed.
    pub(crate) fn may_be_too_late(&self, claim: &Claim<'_>) -> bool {
        let Some(terms) = self.terms() else { return true };
        let is_far =
            terms.policy.cancel_until_seconds == 0 && claim.range.is_none() && self.was_on_sale_at_last();
        self.may_be(contract::cancel_until(terms, Some(claim))) && !is_far
    }
}
