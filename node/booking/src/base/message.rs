//! What entities say to each other, and to providers outside: one closed list for all kinds, since who sends is of another kind than
//! who receives.

use serde::{Deserialize, Serialize};

use crate::EntityId;
use crate::digest::Digest;

/// What is asked of another entity, or of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Nothing, but that the sender knows all replies to what it said before: what comes to rest is forgotten but for one reply.
    Acknowledge,
    /// One toy gives another so much.
    #[cfg(feature = "rehearsal")]
    Give {
        /// How much.
        amount: u64,
    },
    /// One toy wants back so much, or what there is of it.
    #[cfg(feature = "rehearsal")]
    Reclaim {
        /// How much.
        amount: u64,
    },
}

/// What is answered to a [`Message`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To [`Message::Acknowledge`].
    Noted,
    /// A toy has what was given.
    #[cfg(feature = "rehearsal")]
    Taken,
    /// A toy has no room for it.
    #[cfg(feature = "rehearsal")]
    Full,
    /// A toy has given this back.
    #[cfg(feature = "rehearsal")]
    Returned {
        /// How much.
        amount: u64,
    },
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Another entity.
    Entity(EntityId),
    /// Someone outside, by the number that the merchant gave: for whom an intent's id is the key that makes a repetition harmless.
    Provider(Provider),
}

/// A provider, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Provider(pub u16);

/// Which of an entity's intents it is: 1, 2, 3, in the order in which they were left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IntentNumber(pub u64);

/// Which of the messages from one entity to one other it is: 1, 2, 3, with no gap. Zero is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ordinal(pub u64);

impl Ordinal {
    /// The number of the message after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A message on its way from one entity to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Who says it.
    pub from: EntityId,
    /// To whom.
    pub to: EntityId,
    /// Which of the messages between these two it is.
    pub ordinal: Ordinal,
    /// Up to which the sender knows all replies: nobody will ask for them again.
    pub acknowledged: Ordinal,
    /// What is said.
    pub message: Message,
}

/// What became of a [`Delivery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The message is applied, now or before, and this is the reply.
    Replied(Reply),
    /// The message was applied, and the sender has acknowledged the reply: whoever sends it again is late.
    Settled,
    /// An earlier message has not come yet: this one is to be sent again behind it.
    Early,
    /// This kind of entity knows no such message.
    Foreign,
    /// There is no such entity, yet.
    Nowhere,
}

/// The reply to an intent, brought back to the entity that left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Who left the intent.
    pub to: EntityId,
    /// Which.
    pub intent: IntentNumber,
    /// What was replied.
    pub reply: Reply,
}

/// What became of a [`Report`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// The intent has ended by it.
    Ended,
    /// The intent had ended before: nothing changes.
    Before,
    /// There is no such entity.
    Nowhere,
}

impl Message {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match *self {
            Self::Acknowledge => digest.word(0_u32),
            #[cfg(feature = "rehearsal")]
            Self::Give { amount } => digest.word(1_u32).word(amount),
            #[cfg(feature = "rehearsal")]
            Self::Reclaim { amount } => digest.word(2_u32).word(amount),
        }
    }
}

impl Reply {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match *self {
            Self::Noted => digest.word(0_u32),
            #[cfg(feature = "rehearsal")]
            Self::Taken => digest.word(1_u32),
            #[cfg(feature = "rehearsal")]
            Self::Full => digest.word(2_u32),
            #[cfg(feature = "rehearsal")]
            Self::Returned { amount } => digest.word(3_u32).word(amount),
        }
    }
}

impl Target {
    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        match self {
            Self::Entity(entity) => digest.word(0_u32).bytes(&entity.to_bytes()),
            Self::Provider(provider) => digest.word(1_u32).word(provider.0),
        }
    }
}
