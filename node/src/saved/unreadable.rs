//! Why something that was saved could not be read.

use cluster::codec::CodecError;

/// Why a saved slot could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The store failed or says that its bytes are damaged.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A record is damaged or newer than this program.
    #[error("a record of a slot cannot be read")]
    Record(#[from] CodecError),
    /// The records do not make a slot.
    #[error("the records of a slot contradict each other: {0}")]
    Broken(String),
}
