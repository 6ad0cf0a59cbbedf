//! What entities say to each other, and to providers.
//!
//! What is rehearsed stands behind what is released: a number that is released is one number with and without the feature.

use serde::{Deserialize, Serialize};

use crate::{EntityId, IntentNumber, Ordinal, Provider};

/// A message on its way from one entity to another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    from: EntityId,
    to: EntityId,
    ordinal: Ordinal,
    acknowledged: Ordinal,
    message: Message,
}

/// What became of a delivery.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered(Fate);

/// The reply to an intent, brought back to the entity that left it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    to: EntityId,
    intent: IntentNumber,
    reply: Reply,
}

/// What became of a delivery, case by case.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Fate {
    Replied(Reply),
    Settled,
    Early,
    Foreign,
    Nowhere,
}

/// What is asked of another entity, or of a provider.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Message {
    Acknowledge,
    #[cfg(feature = "rehearsal")]
    Give {
        amount: u64,
    },
    #[cfg(feature = "rehearsal")]
    Reclaim {
        amount: u64,
    },
}

/// What is answered to a message.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Reply {
    Noted,
    #[cfg(feature = "rehearsal")]
    Taken,
    #[cfg(feature = "rehearsal")]
    Full,
    #[cfg(feature = "rehearsal")]
    Returned {
        amount: u64,
    },
}

/// Who is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Target {
    Entity(EntityId),
    Provider(Provider),
}

impl From<crate::Delivery> for Delivery {
    fn from(delivery: crate::Delivery) -> Self {
        let crate::Delivery { from, to, ordinal, acknowledged, message } = delivery;
        Self { from, to, ordinal, acknowledged, message: message.into() }
    }
}

impl From<Delivery> for crate::Delivery {
    fn from(delivery: Delivery) -> Self {
        let Delivery { from, to, ordinal, acknowledged, message } = delivery;
        Self { from, to, ordinal, acknowledged, message: message.into() }
    }
}

impl From<crate::Delivered> for Delivered {
    fn from(delivered: crate::Delivered) -> Self {
        use crate::Delivered;
        Self(match delivered {
            Delivered::Replied(reply) => Fate::Replied(reply.into()),
            Delivered::Settled => Fate::Settled,
            Delivered::Early => Fate::Early,
            Delivered::Foreign => Fate::Foreign,
            Delivered::Nowhere => Fate::Nowhere,
        })
    }
}

impl From<Delivered> for crate::Delivered {
    fn from(delivered: Delivered) -> Self {
        match delivered.0 {
            Fate::Replied(reply) => Self::Replied(reply.into()),
            Fate::Settled => Self::Settled,
            Fate::Early => Self::Early,
            Fate::Foreign => Self::Foreign,
            Fate::Nowhere => Self::Nowhere,
        }
    }
}

impl From<crate::Report> for Report {
    fn from(report: crate::Report) -> Self {
        let crate::Report { to, intent, reply } = report;
        Self { to, intent, reply: reply.into() }
    }
}

impl From<Report> for crate::Report {
    fn from(report: Report) -> Self {
        let Report { to, intent, reply } = report;
        Self { to, intent, reply: reply.into() }
    }
}

impl From<crate::Message> for Message {
    fn from(message: crate::Message) -> Self {
        use crate::Message;
        match message {
            Message::Acknowledge => Self::Acknowledge,
            #[cfg(feature = "rehearsal")]
            Message::Give { amount } => Self::Give { amount },
            #[cfg(feature = "rehearsal")]
            Message::Reclaim { amount } => Self::Reclaim { amount },
            Message::Book(_)
            | Message::TakeBack { .. }
            | Message::Ended(_)
            | Message::Collect(_)
            | Message::Act(_)
            | Message::Overdue(_)
            | Message::Lost(_)
            | Message::Pay(_) => {
                unreachable!("a later version has the others")
            }
        }
    }
}

impl From<Message> for crate::Message {
    fn from(message: Message) -> Self {
        match message {
            Message::Acknowledge => Self::Acknowledge,
            #[cfg(feature = "rehearsal")]
            Message::Give { amount } => Self::Give { amount },
            #[cfg(feature = "rehearsal")]
            Message::Reclaim { amount } => Self::Reclaim { amount },
        }
    }
}

impl From<crate::Reply> for Reply {
    fn from(reply: crate::Reply) -> Self {
        use crate::Reply;
        match reply {
            Reply::Noted => Self::Noted,
            #[cfg(feature = "rehearsal")]
            Reply::Taken => Self::Taken,
            #[cfg(feature = "rehearsal")]
            Reply::Full => Self::Full,
            #[cfg(feature = "rehearsal")]
            Reply::Returned { amount } => Self::Returned { amount },
            Reply::Booked(_)
            | Reply::NotBooked(_)
            | Reply::Collected(_)
            | Reply::Acted(_)
            | Reply::Gone(_)
            | Reply::Paid(_) => unreachable!("a later version has the others"),
        }
    }
}

impl From<Reply> for crate::Reply {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Noted => Self::Noted,
            #[cfg(feature = "rehearsal")]
            Reply::Taken => Self::Taken,
            #[cfg(feature = "rehearsal")]
            Reply::Full => Self::Full,
            #[cfg(feature = "rehearsal")]
            Reply::Returned { amount } => Self::Returned { amount },
        }
    }
}

impl From<crate::Target> for Target {
    fn from(target: crate::Target) -> Self {
        use crate::Target;
        match target {
            Target::Entity(entity) => Self::Entity(entity),
            Target::Provider(provider) => Self::Provider(provider),
        }
    }
}

impl From<Target> for crate::Target {
    fn from(target: Target) -> Self {
        match target {
            Target::Entity(entity) => Self::Entity(entity),
            Target::Provider(provider) => Self::Provider(provider),
        }
    }
}
