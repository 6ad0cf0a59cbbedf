//! What every entity has.

use crate::base::asked::Asked;
use crate::base::origin::Origin;
use crate::base::receipts::Receipts;
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
}

impl<Answer> Base<Answer> {
    /// The base of an entity that is made by this request, and of which nothing is recorded yet.
    pub(crate) fn new(id: EntityId, asked: Asked, at: Timestamp) -> Self {
        Self {
            id,
            origin: Origin { request: asked.key, fingerprint: asked.fingerprint, at },
            seq: Seq(0),
            stamp: at,
            receipts: Receipts::default(),
        }
    }
}
