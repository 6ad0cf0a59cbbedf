//! What of the settings may be another one while the node runs: how often callers may ask, who is believed for whom they ask, and
//! whose pages may. A request is served from beginning to end by what was in force when it came.

use std::sync::Arc;

use config::Config;
use parking_lot::RwLock;

use super::cors::Cors;
use super::limits::Limits;
use crate::chance::Chance;

/// What is in force for one request.
pub(crate) struct Policy {
    pub(crate) limits: Limits,
    pub(crate) cors: Cors,
}

impl Policy {
    fn new(config: &Config, chance: &dyn Chance) -> Self {
        Self {
            limits: Limits::new(&config.rate_limit, &config.listen.trusted_proxies, chance),
            cors: Cors::new(&config.listen.cors_origins),
        }
    }
}

/// What is in force now.
pub(crate) struct Policies(RwLock<Arc<Policy>>);

impl Policies {
    /// As configured.
    pub(crate) fn new(config: &Config, chance: &dyn Chance) -> Self {
        Self(RwLock::new(Arc::new(Policy::new(config, chance))))
    }

    /// For a request that comes now.
    pub(crate) fn now(&self) -> Arc<Policy> {
        Arc::clone(&self.0.read())
    }

    /// As configured anew, for all requests that come from now on. What callers have asked lately is forgotten.
    pub(crate) fn change(&self, config: &Config, chance: &dyn Chance) {
        *self.0.write() = Arc::new(Policy::new(config, chance));
    }
}
