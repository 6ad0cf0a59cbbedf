//! What entities say to each other, and to providers outside: one closed list for all kinds, since who sends is of another kind than
//! who receives.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::base::order::{Collected, OrderAct, OrderAsk};
use crate::base::payment::{PaymentAsk, PaymentReport};
use crate::base::promise::{End, OrderNumber, PromiseNumber};
use crate::base::promised::{NotBooked, Promised};
use crate::digest::Digest;
use crate::{EntityId, Number, RequestKey};

/// What is asked of another entity, or of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Nothing, but that the sender knows all replies to what it said before: what comes to rest is forgotten but for one reply.
    Acknowledge,
    /// A merchant wants something booked for which it has promised what the slot asks.
    Book(Box<Promised>),
    /// A merchant takes a booking back, whatever the clock says.
    TakeBack {
        /// The booking, by the request that made it.
        booking: RequestKey,
        /// The promise with which it was made: another booking is not meant.
        promise: PromiseNumber,
    },
    /// A slot tells its merchant what has become of promises, in the order in which that happened.
    Ended(Vec<End>),
    /// A merchant wants bookings held for an order, or looked at.
    Collect(Box<OrderAsk>),
    /// A merchant says what becomes of bookings of an order.
    Act(OrderAct),
    /// A slot asks what has become of orders whose holds should have ended long ago, item by item.
    Overdue(Vec<(OrderNumber, u32)>),
    /// A slot tells that items of orders have ended that no order has ended.
    Lost(Vec<(OrderNumber, u32)>),
    /// A merchant asks a provider of payments.
    Pay(PaymentAsk),
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
    /// To [`Message::Book`]: it is booked, or waits.
    Booked(Number),
    /// To [`Message::Book`]: it is not, and never will be under this promise.
    NotBooked(NotBooked),
    /// To [`Message::Collect`].
    Collected(Collected),
    /// To [`Message::Act`]: it is done, but for these bookings.
    Acted(Vec<RequestKey>),
    /// To [`Message::Overdue`]: nothing is known of these, or nothing is left.
    Gone(Vec<(OrderNumber, u32)>),
    /// To [`Message::Pay`].
    Paid(Box<PaymentReport>),
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
    /// Which order it is about, if a merchant says it of one.
    pub(crate) const fn order(&self) -> Option<OrderNumber> {
        match self {
            Self::Collect(ask) => Some(ask.order),
            Self::Act(act) => Some(act.order),
            Self::Pay(ask) => Some(ask.order),
            Self::Acknowledge
            | Self::Book(_)
            | Self::TakeBack { .. }
            | Self::Ended(_)
            | Self::Overdue(_)
            | Self::Lost(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Give { .. } | Self::Reclaim { .. } => None,
        }
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Acknowledge => digest.word(0_u32),
            #[cfg(feature = "rehearsal")]
            Self::Give { amount } => digest.word(1_u32).word(*amount),
            #[cfg(feature = "rehearsal")]
            Self::Reclaim { amount } => digest.word(2_u32).word(*amount),
            Self::Book(promised) => promised.digest(digest.word(3_u32)),
            Self::TakeBack { booking, promise } => digest.word(4_u32).wide(booking.0).word(promise.0),
            Self::Ended(ends) => {
                ends.iter().fold(digest.word(5_u32).word(ends.len() as u64), |digest, end| end.digest(digest))
            }
            Self::Collect(ask) => ask.digest(digest.word(6_u32)),
            Self::Act(act) => act.digest(digest.word(7_u32)),
            Self::Overdue(items) => digest_items(items, digest.word(8_u32)),
            Self::Lost(items) => digest_items(items, digest.word(9_u32)),
            Self::Pay(ask) => ask.digest(digest.word(10_u32)),
        }
    }
}

impl Reply {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Noted => digest.word(0_u32),
            #[cfg(feature = "rehearsal")]
            Self::Taken => digest.word(1_u32),
            #[cfg(feature = "rehearsal")]
            Self::Full => digest.word(2_u32),
            #[cfg(feature = "rehearsal")]
            Self::Returned { amount } => digest.word(3_u32).word(*amount),
            Self::Booked(number) => digest.word(4_u32).word(number.0),
            Self::NotBooked(why) => why.digest(digest.word(5_u32)),
            Self::Collected(collected) => collected.digest(digest.word(6_u32)),
            Self::Acted(left_out) => {
                left_out.iter().fold(digest.word(7_u32), |digest, booking| digest.wide(booking.0))
            }
            Self::Gone(items) => digest_items(items, digest.word(8_u32)),
            Self::Paid(report) => report.digest(digest.word(9_u32)),
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

/// Mixes items of orders into a digest.
fn digest_items(items: &[(OrderNumber, u32)], digest: Digest) -> Digest {
    let item = |digest: Digest, (order, item): &(OrderNumber, u32)| digest.word(order.0).word(*item);
    items.iter().fold(digest.word(items.len() as u64), item)
}
