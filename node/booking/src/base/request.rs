//! Which request it is that is decided: two hashes, made outside.

use crate::{Fingerprint, RequestKey};

/// A request, whatever it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestIdentity {
    /// Who asks, and which of their requests this is.
    pub(crate) key: RequestKey,
    /// What is asked, as a hash: the same key with another fingerprint is a key used twice.
    pub(crate) fingerprint: Fingerprint,
}
