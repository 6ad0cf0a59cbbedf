//! The request that made an entity.

use serde::{Deserialize, Serialize};

use crate::{Fingerprint, RequestKey, Timestamp};

/// The request that made an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The request.
    pub request: RequestKey,
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: Timestamp,
}
