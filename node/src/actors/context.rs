//! What the actors of a group share.

use std::sync::Arc;

use booking::EntityId;
use cluster::State;

use super::registry::Registry;
use crate::observer::Observer;
use crate::saved::Unreadable;
use crate::views::customers::Customers;

/// Called when something on disk cannot be what it should be: the node must not go on.
pub(crate) type OnBroken = Arc<dyn Fn(EntityId, &Unreadable) + Send + Sync>;

/// What the actors of a group share.
pub(crate) struct Context {
    pub(crate) state: State,
    pub(crate) registry: Registry,
    /// In which slots each customer may have booked.
    pub(crate) customers: Customers,
    pub(crate) options: ShardOptions,
}

/// What a node decides for all its shards.
#[derive(Clone)]
pub(crate) struct ShardOptions {
    /// More actors than this do not stay awake, if some of them are idle.
    pub(crate) awake_max: usize,
    /// How long a booking that is over stays in memory, in milliseconds of stamps.
    pub(crate) over_in_memory_ms: u64,
    pub(crate) on_broken: OnBroken,
    pub(crate) observer: Arc<dyn Observer>,
}

impl Context {
    /// Says that something on disk cannot be what it should be.
    pub(crate) fn broken(&self, entity: EntityId, why: &Unreadable) {
        (self.options.on_broken)(entity, why);
    }
}
