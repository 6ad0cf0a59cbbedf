//! What a merchant asks of a provider of payments, and what that reports.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::Currency;
use crate::base::promise::OrderNumber;
use crate::digest::Digest;

/// What is asked of a provider. The intent's own id is the key that makes a repetition harmless: each attempt has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentAsk {
    /// Of which order.
    pub order: OrderNumber,
    /// Which of its attempts, from 1.
    pub attempt: u32,
    /// What is asked.
    pub what: PaymentDeed,
    /// How much, in minor units: taken from the order, never from a provider.
    pub amount: u64,
    /// Of what.
    pub currency: Option<Currency>,
}

/// What is asked of a provider. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentDeed {
    /// Let its customer authorise it.
    Create,
    /// Take what was authorised, or some of it.
    Capture,
    /// Let go of what was authorised.
    Void,
    /// Give back what was taken, or some of it.
    Refund,
}

/// How a provider says that an attempt stands: all that it knows, at one moment. Reports come late, twice and in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentReport {
    /// Of which order.
    pub order: OrderNumber,
    /// Which of its attempts, from 1.
    pub attempt: u32,
    /// Where it stands.
    pub status: AttemptStatus,
    /// How much was authorised, in minor units.
    pub authorised: u64,
    /// How much of it was taken.
    pub captured: u64,
    /// How much of that was given back.
    pub refunded: u64,
    /// Whether the last refund has failed.
    pub refund_failed: bool,
    /// Whether its customer has disputed it.
    pub dispute: Dispute,
    /// Of what.
    pub currency: Option<Currency>,
    /// How the provider calls it.
    pub reference: Box<str>,
}

/// Where an attempt to pay stands. The order is that of time: a report never leads back. A word of the disk, as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AttemptStatus {
    /// The provider has not been heard of.
    New,
    /// The provider knows it.
    Pending,
    /// Its customer is to do something.
    Action,
    /// It was declined: its customer may try again.
    Declined,
    /// The amount can be taken.
    Authorised,
    /// What was authorised was let go.
    Voided,
    /// What was authorised cannot be taken any more.
    Lost,
    /// The amount was taken, or as much of it as was asked.
    Captured,
}

/// Whether a customer has disputed a payment. The order is that of time. A word of the disk, as the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dispute {
    /// No.
    #[default]
    None,
    /// Yes, and it is not decided.
    Open,
    /// It was decided for the merchant.
    Won,
    /// It was decided for the customer: the amount is gone.
    Lost,
}

impl PaymentAsk {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let Self { order, attempt, what, amount, currency } = *self;
        let digest = digest.word(order.0).word(attempt).word(what as u32).word(amount);
        digest.option(currency, |digest, currency| digest.bytes(&currency.0))
    }
}

impl PaymentReport {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest
            .word(self.order.0)
            .word(self.attempt)
            .word(self.status as u32)
            .word(self.authorised)
            .word(self.captured)
            .word(self.refunded)
            .word(u32::from(self.refund_failed))
            .word(self.dispute as u32)
            .text(&self.reference);
        digest.option(self.currency, |digest, currency| digest.bytes(&currency.0))
    }
}
