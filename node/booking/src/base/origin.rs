//! The request that made an entity.

use crate::{Fingerprint, RequestKey, Timestamp};

/// The request that made an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The request.
    pub request: RequestKey,
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: Timestamp,
}
