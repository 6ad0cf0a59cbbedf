//! Everything that is replicated and changed by commands, whatever its kind: one arm a kind, and nothing else.
//!
//! The words of a kind are wrapped in what every kind has: code that logs, saves or sends an entity knows no kind. Code that shows
//! a slot, or brings its bookings back, asks for [`Entity::slot`].

mod asked;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::merchant::{self, Merchant, SavedMerchant};
use crate::organizer::{self, Organizer};
#[cfg(feature = "rehearsal")]
use crate::toy::{self, Toy};
use crate::{Booking, EntityId, Fingerprint, Level, RequestKey, SavedIntents, SavedSlot, Seq, Slot};

/// Everything that is replicated and changed by commands.
pub enum Entity {
    /// Something that can be booked.
    Slot(Slot),
    /// Who offers such things.
    Organizer(Organizer),
    /// What sells them on account. Boxed: there are few.
    Merchant(Box<Merchant>),
    /// What is there so that what needs two entities can be tested.
    #[cfg(feature = "rehearsal")]
    Toy(Toy),
}

/// One request to one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// To a slot.
    Slot(crate::Request),
    /// To an organizer.
    Organizer(organizer::Request),
    /// To a merchant.
    Merchant(merchant::Request),
    /// To a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Request),
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A slot's.
    Slot(crate::Outcome),
    /// An organizer's.
    Organizer(organizer::Outcome),
    /// A merchant's.
    Merchant(merchant::Outcome),
    /// A toy's.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Outcome),
}

/// One step that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Of a slot.
    Slot(crate::Record),
    /// Of an organizer.
    Organizer(organizer::Record),
    /// Of a merchant.
    Merchant(merchant::Record),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Record),
}

/// What is to be saved of an entity so that the saved one is like this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly every entity is a slot, and in no box")]
pub enum Changes {
    /// Of a slot.
    Slot(crate::Changes),
    /// Of an organizer.
    Organizer(organizer::Changes),
    /// Of a merchant.
    Merchant(merchant::Changes),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Changes),
}

/// All that was saved of an entity and has not left memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Of a slot.
    Slot(Box<SavedSlot>),
    /// Of an organizer.
    Organizer(organizer::Header, Vec<organizer::Seatmap>, Vec<organizer::ReceiptRecord>, SavedIntents),
    /// Of a merchant.
    Merchant(Box<SavedMerchant>),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Header, Vec<toy::ReceiptRecord>, SavedIntents),
}

impl Request {
    /// Who is asked.
    #[inline]
    pub fn entity(&self) -> EntityId {
        match self {
            Self::Slot(request) => request.slot.into(),
            Self::Organizer(request) => request.organizer,
            Self::Merchant(request) => request.merchant,
            #[cfg(feature = "rehearsal")]
            Self::Toy(request) => request.toy,
        }
    }

    /// Which request it is, and what it asks: whoever asks the same has the same answer.
    #[inline]
    pub fn asked(&self) -> (RequestKey, Fingerprint) {
        match self {
            Self::Slot(request) => (request.key, request.fingerprint),
            Self::Organizer(request) => (request.key, request.fingerprint),
            Self::Merchant(request) => (request.key, request.fingerprint),
            #[cfg(feature = "rehearsal")]
            Self::Toy(request) => (request.key, request.fingerprint),
        }
    }

    /// The first level under which this can be asked.
    #[inline]
    pub fn since(&self) -> Level {
        match self {
            Self::Slot(request) => request.command.since(),
            Self::Organizer(_) => organizer::LEVEL,
            Self::Merchant(_) => merchant::LEVEL,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => Level::OLDEST,
        }
    }
}

impl Outcome {
    /// The same answer, to one who asked the same.
    #[must_use]
    pub fn replay(&self) -> Self {
        match self {
            Self::Slot(outcome) => Self::Slot(crate::Outcome { replayed: true, ..outcome.clone() }),
            Self::Organizer(outcome) => Self::Organizer(organizer::Outcome { replayed: true, ..*outcome }),
            Self::Merchant(outcome) => {
                Self::Merchant(merchant::Outcome { replayed: true, ..outcome.clone() })
            }
            #[cfg(feature = "rehearsal")]
            Self::Toy(outcome) => Self::Toy(toy::Outcome { replayed: true, ..outcome.clone() }),
        }
    }

    /// A slot's, if it is one.
    pub fn slot(self) -> Option<crate::Outcome> {
        match self {
            Self::Slot(outcome) => Some(outcome),
            Self::Organizer(_) | Self::Merchant(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// A merchant's, if it is one.
    pub fn merchant(self) -> Option<merchant::Outcome> {
        match self {
            Self::Merchant(outcome) => Some(outcome),
            Self::Slot(_) | Self::Organizer(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// An organizer's, if it is one.
    pub fn organizer(self) -> Option<organizer::Outcome> {
        match self {
            Self::Organizer(outcome) => Some(outcome),
            Self::Slot(_) | Self::Merchant(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }
}

impl From<crate::Request> for Request {
    #[inline]
    fn from(request: crate::Request) -> Self {
        Self::Slot(request)
    }
}

impl From<organizer::Request> for Request {
    fn from(request: organizer::Request) -> Self {
        Self::Organizer(request)
    }
}

impl From<merchant::Request> for Request {
    fn from(request: merchant::Request) -> Self {
        Self::Merchant(request)
    }
}

impl Record {
    /// The number of the change.
    #[inline]
    pub fn seq(&self) -> Seq {
        match self {
            Self::Slot(record) => record.seq,
            Self::Organizer(record) => record.seq,
            Self::Merchant(record) => record.seq,
            #[cfg(feature = "rehearsal")]
            Self::Toy(record) => record.seq,
        }
    }
}

impl Changes {
    /// The latest change among them.
    pub fn seq(&self) -> Seq {
        match self {
            Self::Slot(changes) => changes.header.seq,
            Self::Organizer(changes) => changes.header.seq,
            Self::Merchant(changes) => changes.header.seq,
            #[cfg(feature = "rehearsal")]
            Self::Toy(changes) => changes.header.seq,
        }
    }

    /// The digest of the entity behind them.
    pub fn digest(&self) -> u64 {
        match self {
            Self::Slot(changes) => changes.header.digest,
            Self::Organizer(changes) => changes.header.digest,
            Self::Merchant(changes) => changes.header.digest,
            #[cfg(feature = "rehearsal")]
            Self::Toy(changes) => changes.header.digest,
        }
    }

    /// Those of a slot that leave memory; of other entities nothing does.
    pub fn leaving(&self) -> &[Booking] {
        match self {
            Self::Slot(changes) => &changes.leaving,
            Self::Organizer(_) | Self::Merchant(_) => &[],
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => &[],
        }
    }
}
