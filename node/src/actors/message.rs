//! What an entity's actor is told, and what a reader sees of its entity.

use booking::entity::Entity;
use booking::{Number, Seq, Slot};
use storage::Index;
use tokio::sync::oneshot;

use super::feed::Feed;
use crate::log::CommittedStep;
use crate::saved::archive::Wanted;

/// Everything that wakes an entity's actor.
pub(crate) enum Message {
    /// What is committed for it, in log order.
    Apply(Vec<CommittedStep>),
    /// The log says that an entity whose rules broke is to be tried again.
    Retry,
    /// Someone reads, behind everything that was applied before.
    Read(Wanted, Box<dyn FnOnce(ReadView<'_>) + Send>),
    /// Save what has changed; the sender is told once that can be read back.
    Save(oneshot::Sender<()>),
    /// A piece can be read back: the feed up to this step, and these bookings, which leave memory.
    Written(Seq, Vec<Number>),
}

/// What a reader sees.
pub(crate) struct ReadView<'entity> {
    pub(crate) entity: Option<&'entity Entity>,
    pub(crate) feed: &'entity Feed,
    /// The last step that was applied.
    pub(crate) index: Index,
    /// Where the entity's rules broke, and how many steps wait since.
    pub(crate) broke: Option<(Index, usize)>,
}

impl<'entity> ReadView<'entity> {
    /// The slot, if the entity is one.
    pub(crate) fn slot(&self) -> Option<&'entity Slot> {
        self.entity.and_then(Entity::slot)
    }
}
