//! What stands at the head of a saved entity: a start reads nothing else.

use booking::stored;
use booking::{EntityId, IntentCounts, Level, SlotId, Timestamp};
use cluster::State;
use cluster::codec::{self, CodecError};

use super::keys::{HEADER, entity_of, key};
use super::rows::scan;
use super::stored as shapes;
use super::unreadable::Unreadable;

#[cfg(test)]
thread_local! {
    /// How many heads of slots were read on this thread, one by one.
    pub(crate) static HEADS_READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// What stands at the head of a saved entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The log's index at or below which this entity has seen everything.
    pub(crate) index: u64,
    /// The level in whose shapes the entity's last piece was written.
    pub(crate) level: Level,
    /// The stamp at which time alone will change it.
    pub(crate) deadline: Option<Timestamp>,
    /// The entity's own.
    pub(crate) header: Header,
}

/// The part of an entity that there is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// Of a slot. Boxed: many times the size of the others.
    Slot(Box<booking::Header>),
    /// Of an organizer.
    Organizer(booking::organizer::Header),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(booking::toy::Header),
}

impl Header {
    /// The digest of the whole entity.
    pub(crate) fn digest(&self) -> u64 {
        match self {
            Self::Slot(header) => header.digest,
            Self::Organizer(header) => header.digest,
            #[cfg(feature = "rehearsal")]
            Self::Toy(header) => header.digest,
        }
    }

    /// What there is of its intents.
    pub(crate) fn intents(&self) -> IntentCounts {
        match self {
            Self::Slot(header) => header.intents,
            Self::Organizer(header) => header.intents,
            #[cfg(feature = "rehearsal")]
            Self::Toy(header) => header.intents,
        }
    }

    /// The latest stamp that the entity has seen.
    pub(crate) fn stamp(&self) -> Timestamp {
        match self {
            Self::Slot(header) => header.stamp,
            Self::Organizer(header) => header.stamp,
            #[cfg(feature = "rehearsal")]
            Self::Toy(header) => header.stamp,
        }
    }
}

impl Head {
    pub(super) fn encode(self) -> Vec<u8> {
        let Self { index, level, deadline, header } = self;
        match header {
            Header::Slot(header) => {
                let header = stored::Header::at(level, *header);
                codec::encode(&shapes::Head::V1 { index, level, deadline, header })
            }
            Header::Organizer(header) => {
                let header = stored::organizer::Header::at(level, header);
                codec::encode(&shapes::OrganizerHead::V1 { index, level, deadline, header })
            }
            #[cfg(feature = "rehearsal")]
            Header::Toy(header) => {
                let header = stored::toy::Header::at(level, header);
                codec::encode(&shapes::ToyHead::V1 { index, level, deadline, header })
            }
        }
    }

    /// Reads the head of this entity: its kind says which shape it has.
    pub(super) fn decode(entity: EntityId, bytes: &[u8]) -> Result<Self, CodecError> {
        match entity.kind() {
            booking::EntityKind::Slot => {
                let shapes::Head::V1 { index, level, deadline, header } = codec::decode(bytes)?;
                Ok(Self { index, level, deadline, header: Header::Slot(Box::new(header.into())) })
            }
            booking::EntityKind::Organizer => {
                let shapes::OrganizerHead::V1 { index, level, deadline, header } = codec::decode(bytes)?;
                Ok(Self { index, level, deadline, header: Header::Organizer(header.into()) })
            }
            booking::EntityKind::Merchant => Err(CodecError::Newer { unknown: "a merchant".to_owned() }),
            #[cfg(feature = "rehearsal")]
            booking::EntityKind::Toy => {
                let shapes::ToyHead::V1 { index, level, deadline, header } = codec::decode(bytes)?;
                Ok(Self { index, level, deadline, header: Header::Toy(header.into()) })
            }
        }
    }
}

/// The head of one entity.
pub(super) fn head(state: &State, entity: EntityId) -> Result<Option<Head>, Unreadable> {
    Ok(state.get(&key(HEADER, entity, &[]))?.map(|bytes| Head::decode(entity, &bytes)).transpose()?)
}

/// The header of one slot.
pub(crate) fn slot_header(state: &State, slot: SlotId) -> Result<Option<booking::Header>, Unreadable> {
    #[cfg(test)]
    HEADS_READ.set(HEADS_READ.get() + 1);
    Ok(head(state, slot.into())?.and_then(|head| match head.header {
        Header::Slot(header) => Some(*header),
        Header::Organizer(_) => None,
        #[cfg(feature = "rehearsal")]
        Header::Toy(_) => None,
    }))
}

/// Calls `each` with every entity's head, in order of id.
pub(crate) fn heads(state: &State, mut each: impl FnMut(EntityId, Head)) -> Result<(), Unreadable> {
    scan(state, vec![HEADER], &[HEADER + 1], |key, value| {
        let entity = entity_of(key)?;
        each(entity, Head::decode(entity, &value)?);
        Ok(())
    })
}
