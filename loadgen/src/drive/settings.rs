//! How the load is driven.

use std::time::Duration;

use crate::client::Endpoint;

/// How hard the server is asked, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct DriveSettings {
    pub(crate) endpoint: Endpoint,
    pub(crate) connections: u32,
    /// How long one attempt may take.
    pub(crate) patience: Duration,
    /// How long a request is repeated, and a silent server waited for.
    pub(crate) retry_for: Duration,
}
