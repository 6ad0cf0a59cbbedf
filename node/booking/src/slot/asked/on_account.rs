//! What a slot asks of its merchant for a booking, and how that is changed.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::digest::Digest;

/// What a slot asks of its merchant for each booking. Of nothing there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnAccount {
    /// Credits, if it asks for any.
    pub credits: Option<CreditsPolicy>,
    /// Whether units count against the merchant's limit.
    pub placement_limit: bool,
    /// Whether it is only booked with the code of a voucher.
    pub code_required: bool,
}

/// How many credits a booking costs, and what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditsPolicy {
    /// How many a unit costs.
    pub price: u32,
    /// What a customer loses who cancels what is confirmed too late.
    pub late_cancel: LateCancel,
    /// How long credits are good for at least that come back through no fault of their customer's, in seconds.
    pub grace_seconds: u32,
    /// So long before the slot starts nobody waits any more, in seconds.
    pub promote_until_seconds: u32,
}

/// What a customer loses who cancels what is confirmed too late. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LateCancel {
    /// The credits.
    Forfeit,
    /// Nothing: it cannot be cancelled.
    Refuse,
    /// Nothing: they come back.
    Release,
}

/// What is changed of what a slot asks of its merchant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Credits; none within is none.
    pub credits: Option<Option<CreditsChange>>,
    /// Whether units count against the merchant's limit.
    pub placement_limit: Option<bool>,
    /// Whether it is only booked with the code of a voucher.
    pub code_required: Option<bool>,
}

/// What is changed of credits; where there were none, of the usual ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreditsChange {
    /// How many a unit costs: it must be said where there were none.
    pub price: Option<u32>,
    /// What a customer loses who cancels too late.
    pub late_cancel: Option<LateCancel>,
    /// How long credits are good for at least that come back.
    pub grace_seconds: Option<u32>,
    /// So long before the start nobody waits any more.
    pub promote_until_seconds: Option<u32>,
}

impl CreditsPolicy {
    /// What a slot gets that asked for no credits, where a change says nothing else: the contract's defaults. A rule. The price is none.
    pub const USUAL: Self = Self {
        price: 0,
        late_cancel: LateCancel::Forfeit,
        grace_seconds: 1_209_600,
        promote_until_seconds: 0,
    };
}

impl OnAccount {
    /// What is asked, if it is anything.
    pub fn new(credits: Option<CreditsPolicy>, placement_limit: bool) -> Option<Self> {
        Self { credits, placement_limit, code_required: false }.if_anything()
    }

    /// The same, if anything is asked.
    pub fn if_anything(self) -> Option<Self> {
        let Self { credits, placement_limit, code_required } = self;
        (credits.is_some() || placement_limit || code_required).then_some(self)
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        let credits = |digest: Digest, credits: CreditsPolicy| {
            let CreditsPolicy { price, late_cancel, grace_seconds, promote_until_seconds } = credits;
            digest.word(price).word(late_cancel as u32).word(grace_seconds).word(promote_until_seconds)
        };
        let digest = digest.text("on account").option(self.credits, credits);
        digest.word(u32::from(self.placement_limit)).word(u32::from(self.code_required))
    }

    /// From when on nobody waits any more for a slot that starts then, if that is before its end.
    pub(crate) fn waits_until(self, starts_at: Timestamp) -> Option<Timestamp> {
        self.credits.map(|credits| starts_at.minus_seconds(credits.promote_until_seconds))
    }
}

impl AccountChange {
    /// What is asked after it, if it is anything. Nothing where a price would be missing.
    pub(crate) fn made_to(self, old: Option<OnAccount>) -> Result<Option<OnAccount>, NoPrice> {
        let old = old.unwrap_or(OnAccount { credits: None, placement_limit: false, code_required: false });
        let credits = match self.credits {
            None => old.credits,
            Some(None) => None,
            Some(Some(change)) => Some(change.made_to(old.credits.unwrap_or(CreditsPolicy::USUAL))?),
        };
        let placement_limit = self.placement_limit.unwrap_or(old.placement_limit);
        let code_required = self.code_required.unwrap_or(old.code_required);
        Ok(OnAccount { credits, placement_limit, code_required }.if_anything())
    }
}

/// Credits would be asked for, and it is not said how many.
pub(crate) struct NoPrice;

impl CreditsChange {
    fn made_to(self, old: CreditsPolicy) -> Result<CreditsPolicy, NoPrice> {
        let price = self.price.unwrap_or(old.price);
        if price == 0 {
            return Err(NoPrice);
        }
        Ok(CreditsPolicy {
            price,
            late_cancel: self.late_cancel.unwrap_or(old.late_cancel),
            grace_seconds: self.grace_seconds.unwrap_or(old.grace_seconds),
            promote_until_seconds: self.promote_until_seconds.unwrap_or(old.promote_until_seconds),
        })
    }
}
