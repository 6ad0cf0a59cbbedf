//! What one entry says: commands of the machine, or a word of the frame's own, which no machine sees.

use std::fmt;
use std::sync::Arc;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

use crate::batch::{Batch, Heading, Level};
use crate::clock::Stamp;
use crate::codec::{self, CodecError};
use crate::placement::{PLACED, Placement, PlacementRecord};

/// What an entry says that is neither a leader's first nor a change of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Commands of the machine.
    Commands(Batch),
    /// Where replicas are to be, in group 0.
    Placed(Placed),
}

/// A record of placement in the log.
///
/// ```text
///   level u32 │ stamp u64 │ record, by codec        little-endian
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    heading: Heading,
    pub(crate) placement: Arc<Placement>,
}

impl Placed {
    pub(crate) fn new(heading: Heading, placement: Placement) -> Self {
        assert!(PLACED <= heading.level, "nothing is placed under a level that does not know it");
        Self { heading, placement: Arc::new(placement) }
    }

    pub(crate) fn encode(&self) -> Bytes {
        let record = codec::encode(&PlacementRecord::from(self.placement.as_ref()));
        let mut bytes = BytesMut::new();
        bytes.put_u32_le(self.heading.level.0);
        bytes.put_u64_le(self.heading.stamp.0);
        bytes.put_slice(&record);
        bytes.freeze()
    }

    pub(crate) fn decode(mut bytes: Bytes) -> Result<Self, CodecError> {
        let cut = |_cut| CodecError::Contradiction("a record of placement is cut short".to_owned());
        let level = Level(bytes.try_get_u32_le().map_err(cut)?);
        let stamp = Stamp(bytes.try_get_u64_le().map_err(cut)?);
        let record: PlacementRecord = codec::decode(&bytes)?;
        Ok(Self { heading: Heading { level, stamp }, placement: Arc::new(record.into()) })
    }
}

impl Content {
    /// Under which level and stamp it is said.
    pub(crate) fn heading(&self) -> Heading {
        match self {
            Self::Commands(batch) => batch.heading(),
            Self::Placed(placed) => placed.heading,
        }
    }

    /// How many bytes it takes up.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Commands(batch) => batch.as_bytes().len(),
            Self::Placed(placed) => placed.placement.groups.iter().map(|group| 8 * group.len()).sum(),
        }
    }

    /// What of it is the machine's.
    pub(crate) fn commands(self) -> Option<Batch> {
        match self {
            Self::Commands(batch) => Some(batch),
            Self::Placed(_) => None,
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commands(batch) => batch.fmt(f),
            Self::Placed(placed) => write!(f, "placement {}", placed.placement.epoch),
        }
    }
}
