//! What merchants and slots say to each other.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::fate::{Fate, Leg};
use super::voucher::VoucherTerms;
use crate::stored::v1::message::Target;
use crate::stored::{self, each::each};
use crate::{
    Book, EntityId, Fingerprint, IntentNumber, Level, Number, Ordinal, PromiseNumber, Refusal, RequestKey,
    SlotId, Timestamp,
};

/// A message on its way from one entity to another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    from: EntityId,
    to: EntityId,
    ordinal: Ordinal,
    acknowledged: Ordinal,
    message: Message,
}

/// What became of one that was applied.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered(Answer);

/// The reply to an intent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    to: EntityId,
    intent: IntentNumber,
    reply: Answer,
}

/// An open intent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    number: IntentNumber,
    to: Target,
    ordinal: Ordinal,
    message: Message,
}

/// A reply that was given, and may be asked for again.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    from: EntityId,
    ordinal: Ordinal,
    said: Answer,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Message {
    Book(Box<Promised>),
    TakeBack { booking: RequestKey, promise: PromiseNumber },
    Ended(Vec<End>),
}

/// The booking as whoever books has asked the slot for it, and what is promised for it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Promised {
    promise: PromiseNumber,
    booking: stored::Request,
    terms: Terms,
    legs: Vec<Leg>,
    voucher: Option<VoucherTerms>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Terms {
    price: Option<u32>,
    is_limited: bool,
    code_required: bool,
    starts_at: Timestamp,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    promise: PromiseNumber,
    customer: Box<str>,
    fate: Fate,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    Booked(Number),
    NotBooked(NotBooked),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum NotBooked {
    Outdated,
    Known,
    NotFound,
    Refused(Refusal),
}

/// The parts of a request that books.
pub(in crate::stored) fn booked(request: stored::Request) -> (SlotId, RequestKey, Fingerprint, Book) {
    let crate::Request { slot, key, fingerprint, command } = request.into();
    let crate::Command::Book(book) = command else { unreachable!("only who books is promised anything") };
    (slot, key, fingerprint, book)
}

/// Whether only this version can say it.
pub(in crate::stored) const fn is_of_a_merchant(message: &crate::Message) -> bool {
    use crate::Message;
    matches!(message, Message::Book(_) | Message::TakeBack { .. } | Message::Ended(_))
}

/// Whether only this version can say it.
pub(in crate::stored) const fn answers_a_merchant(reply: &crate::Reply) -> bool {
    matches!(reply, crate::Reply::Booked(_) | crate::Reply::NotBooked(_))
}

impl Message {
    fn at(level: Level, to: EntityId, message: crate::Message) -> Self {
        use crate::Message;
        match message {
            Message::Book(promised) => {
                let crate::Promised { promise, request: key, fingerprint, book, terms, legs, voucher } =
                    *promised;
                let slot = SlotId::of(to).expect("only a slot is asked to book");
                let command = crate::Command::Book(book);
                let booking = stored::Request::at(level, crate::Request { slot, key, fingerprint, command });
                let (terms, legs, voucher) = (terms.into(), each(legs), voucher.map(Into::into));
                Self::Book(Box::new(Promised { promise, booking, terms, legs, voucher }))
            }
            Message::TakeBack { booking, promise } => Self::TakeBack { booking, promise },
            Message::Ended(ends) => Self::Ended(each(ends)),
            Message::Acknowledge => unreachable!("the versions before have the others"),
            #[cfg(feature = "rehearsal")]
            Message::Give { .. } | Message::Reclaim { .. } => unreachable!("the versions before have toys"),
        }
    }
}

impl From<Message> for crate::Message {
    fn from(message: Message) -> Self {
        match message {
            Message::Book(promised) => {
                let Promised { promise, booking, terms, legs, voucher } = *promised;
                let (_slot, request, fingerprint, book) = booked(booking);
                let (terms, legs, voucher) = (terms.into(), each(legs), voucher.map(Into::into));
                Self::Book(Box::new(crate::Promised {
                    promise,
                    request,
                    fingerprint,
                    book,
                    terms,
                    legs,
                    voucher,
                }))
            }
            Message::TakeBack { booking, promise } => Self::TakeBack { booking, promise },
            Message::Ended(ends) => Self::Ended(each(ends)),
        }
    }
}

impl From<crate::Reply> for Answer {
    fn from(reply: crate::Reply) -> Self {
        use crate::{NotBooked, Reply};
        match reply {
            Reply::Booked(number) => Self::Booked(number),
            Reply::NotBooked(why) => Self::NotBooked(match why {
                NotBooked::Outdated => self::NotBooked::Outdated,
                NotBooked::Known => self::NotBooked::Known,
                NotBooked::NotFound => self::NotBooked::NotFound,
                NotBooked::Refused(refusal) => self::NotBooked::Refused(refusal),
            }),
            Reply::Noted => unreachable!("the versions before have the others"),
            #[cfg(feature = "rehearsal")]
            Reply::Taken | Reply::Full | Reply::Returned { .. } => {
                unreachable!("the versions before have toys")
            }
        }
    }
}

impl From<Answer> for crate::Reply {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Booked(number) => Self::Booked(number),
            Answer::NotBooked(why) => Self::NotBooked(match why {
                NotBooked::Outdated => crate::NotBooked::Outdated,
                NotBooked::Known => crate::NotBooked::Known,
                NotBooked::NotFound => crate::NotBooked::NotFound,
                NotBooked::Refused(refusal) => crate::NotBooked::Refused(refusal),
            }),
        }
    }
}

impl Delivery {
    /// The shape that is written under this level.
    pub(in crate::stored) fn at(level: Level, delivery: crate::Delivery) -> Self {
        let crate::Delivery { from, to, ordinal, acknowledged, message } = delivery;
        Self { from, to, ordinal, acknowledged, message: Message::at(level, to, message) }
    }
}

impl From<Delivery> for crate::Delivery {
    fn from(delivery: Delivery) -> Self {
        let Delivery { from, to, ordinal, acknowledged, message } = delivery;
        Self { from, to, ordinal, acknowledged, message: message.into() }
    }
}

impl Intent {
    /// The shape that is written under this level.
    pub(in crate::stored) fn at(level: Level, intent: crate::IntentRecord) -> Self {
        let crate::IntentRecord { number, to, ordinal, message } = intent;
        let crate::Target::Entity(entity) = to else { unreachable!("no provider is told of promises") };
        Self { number, to: to.into(), ordinal, message: Message::at(level, entity, message) }
    }
}

impl From<Intent> for crate::IntentRecord {
    fn from(intent: Intent) -> Self {
        let Intent { number, to, ordinal, message } = intent;
        Self { number, to: to.into(), ordinal, message: message.into() }
    }
}

impl From<crate::Reply> for Delivered {
    fn from(reply: crate::Reply) -> Self {
        Self(reply.into())
    }
}

impl From<Delivered> for crate::Delivered {
    fn from(delivered: Delivered) -> Self {
        Self::Replied(delivered.0.into())
    }
}

impl From<crate::ReplyRecord> for Reply {
    fn from(reply: crate::ReplyRecord) -> Self {
        let crate::ReplyRecord { from, ordinal, reply } = reply;
        Self { from, ordinal, said: reply.into() }
    }
}

impl From<Reply> for crate::ReplyRecord {
    fn from(reply: Reply) -> Self {
        let Reply { from, ordinal, said } = reply;
        Self { from, ordinal, reply: said.into() }
    }
}

mirror!(Terms { price, is_limited, code_required, starts_at });
mirror!(End { promise, customer, fate });
mirror!(Report { to, intent, reply });
