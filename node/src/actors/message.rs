//! What a slot's actor is told, and what a reader sees of its slot.

use booking::{Number, Seq, Slot};
use storage::Index;
use tokio::sync::oneshot;

use super::feed::Feed;
use crate::log::CommittedStep;
use crate::saved::archive::Wanted;

/// Everything that wakes a slot's actor.
pub(crate) enum Message {
    /// Committed commands and pulses, in log order.
    Apply(Vec<CommittedStep>),
    /// The log says that a slot whose rules broke is to be tried again.
    Retry,
    /// Someone reads, behind everything that was applied before.
    Read(Wanted, Box<dyn FnOnce(ReadView<'_>) + Send>),
    /// Save what has changed; the sender is told once that can be read back.
    Save(oneshot::Sender<()>),
    /// A piece can be read back: the feed up to this step, and these bookings, which leave memory.
    Written(Seq, Vec<Number>),
}

/// What a reader sees.
pub(crate) struct ReadView<'slot> {
    pub(crate) slot: Option<&'slot Slot>,
    pub(crate) feed: &'slot Feed,
    /// The last step that was applied.
    pub(crate) index: Index,
    /// Where the slot's rules broke, and how many steps wait since.
    pub(crate) broke: Option<(Index, usize)>,
}
