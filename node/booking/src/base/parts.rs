//! What every entity has.

use crate::base::intents::Intents;
use crate::base::origin::Origin;
use crate::base::receipts::{Receipt, Receipts, Remembered};
use crate::base::request::RequestIdentity;
use crate::{EntityId, Seq, Timestamp};

/// What every entity has.
pub(crate) struct Base<Answer> {
    pub(crate) id: EntityId,
    /// The request that made it.
    pub(crate) origin: Origin,
    /// The latest change.
    pub(crate) seq: Seq,
    /// The latest stamp seen: time never goes back here, whatever a request's stamp is.
    pub(crate) stamp: Timestamp,
    /// What was answered to requests.
    pub(crate) receipts: Receipts<Answer>,
    /// What is to be carried out, and what others have asked.
    pub(crate) intents: Intents,
}

impl<Answer> Base<Answer> {
    /// The base of an entity that is made by this request, and of which nothing is recorded yet.
    pub(crate) fn new(id: EntityId, identity: RequestIdentity, at: Timestamp) -> Self {
        Self {
            id,
            origin: Origin { request: identity.key, fingerprint: identity.fingerprint, at },
            seq: Seq(0),
            stamp: at,
            receipts: Receipts::default(),
            intents: Intents::default(),
        }
    }
}

impl<Answer: Remembered + PartialEq> Base<Answer> {
    /// For what every entity has, BK-5: a key has one answer.
    pub(crate) fn answers_once(&self) -> bool {
        let is_found = |receipt: &Receipt<Answer>| self.receipts.get(receipt.request) == Some(receipt);
        self.receipts.get(self.origin.request).is_none() && self.receipts.iter().all(is_found)
    }

    /// For what every entity has, BK-6: its making was the first change, and nothing is of a later one than the latest.
    pub(crate) fn has_no_gap(&self) -> bool {
        Seq(1) <= self.seq && self.receipts.iter().all(|receipt| receipt.seq <= self.seq)
    }

    /// For what every entity has, BK-9: the digests kept are the digests of what is there.
    pub(crate) fn digests_are_right(&self) -> bool {
        self.receipts.digest() == self.receipts.digest_recomputed() && self.intents.digest_is_right()
    }
}
