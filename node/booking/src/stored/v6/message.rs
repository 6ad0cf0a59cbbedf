//! What merchants and slots say to each other.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::fate::Fate;
use super::order::{Collected, NotBooked, OrderAct, OrderAsk};
use super::payment::{PaymentAsk, PaymentReport};
use super::promised::Promised;
use crate::stored::each::each;
use crate::stored::v1::message::Target;
use crate::{EntityId, IntentNumber, Level, Number, OrderNumber, Ordinal, PromiseNumber, RequestKey, SlotId};

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
    Collect(Box<OrderAsk>),
    Act(OrderAct),
    Overdue(Vec<(OrderNumber, u32)>),
    Lost(Vec<(OrderNumber, u32)>),
    Pay(PaymentAsk),
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
    Collected(Collected),
    Acted(Vec<RequestKey>),
    Gone(Vec<(OrderNumber, u32)>),
    Paid(Box<PaymentReport>),
}

/// Whether only this version can say it.
pub(in crate::stored) const fn is_of_a_merchant(message: &crate::Message) -> bool {
    use crate::Message;
    match message {
        Message::Book(_)
        | Message::TakeBack { .. }
        | Message::Ended(_)
        | Message::Collect(_)
        | Message::Act(_)
        | Message::Overdue(_)
        | Message::Lost(_)
        | Message::Pay(_) => true,
        Message::Acknowledge => false,
        #[cfg(feature = "rehearsal")]
        Message::Give { .. } | Message::Reclaim { .. } => false,
    }
}

/// Whether only this version can say it.
pub(in crate::stored) const fn answers_a_merchant(reply: &crate::Reply) -> bool {
    use crate::Reply;
    match reply {
        Reply::Booked(_)
        | Reply::NotBooked(_)
        | Reply::Collected(_)
        | Reply::Acted(_)
        | Reply::Gone(_)
        | Reply::Paid(_) => true,
        Reply::Noted => false,
        #[cfg(feature = "rehearsal")]
        Reply::Taken | Reply::Full | Reply::Returned { .. } => false,
    }
}

impl Message {
    fn at(level: Level, to: EntityId, message: crate::Message) -> Self {
        use crate::Message;
        match message {
            Message::Book(promised) => {
                let slot = SlotId::of(to).expect("only a slot is asked to book");
                Self::Book(Box::new(Promised::at(level, slot, *promised)))
            }
            Message::TakeBack { booking, promise } => Self::TakeBack { booking, promise },
            Message::Ended(ends) => Self::Ended(each(ends)),
            Message::Collect(ask) => Self::Collect(Box::new(OrderAsk::at(level, to, *ask))),
            Message::Act(act) => Self::Act(act.into()),
            Message::Overdue(items) => Self::Overdue(items),
            Message::Lost(items) => Self::Lost(items),
            Message::Pay(ask) => Self::Pay(ask.into()),
            Message::Acknowledge => unreachable!("the versions before have the others"),
            #[cfg(feature = "rehearsal")]
            Message::Give { .. } | Message::Reclaim { .. } => unreachable!("the versions before have toys"),
        }
    }
}

impl From<Message> for crate::Message {
    fn from(message: Message) -> Self {
        match message {
            Message::Book(promised) => Self::Book(Box::new((*promised).into())),
            Message::TakeBack { booking, promise } => Self::TakeBack { booking, promise },
            Message::Ended(ends) => Self::Ended(each(ends)),
            Message::Collect(ask) => Self::Collect(Box::new((*ask).into())),
            Message::Act(act) => Self::Act(act.into()),
            Message::Overdue(items) => Self::Overdue(items),
            Message::Lost(items) => Self::Lost(items),
            Message::Pay(ask) => Self::Pay(ask.into()),
        }
    }
}

impl From<crate::Reply> for Answer {
    fn from(reply: crate::Reply) -> Self {
        use crate::Reply;
        match reply {
            Reply::Booked(number) => Self::Booked(number),
            Reply::NotBooked(why) => Self::NotBooked(why.into()),
            Reply::Collected(collected) => Self::Collected(collected.into()),
            Reply::Acted(left_out) => Self::Acted(left_out),
            Reply::Gone(items) => Self::Gone(items),
            Reply::Paid(report) => Self::Paid(Box::new((*report).into())),
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
            Answer::NotBooked(why) => Self::NotBooked(why.into()),
            Answer::Collected(collected) => Self::Collected(collected.into()),
            Answer::Acted(left_out) => Self::Acted(left_out),
            Answer::Gone(items) => Self::Gone(items),
            Answer::Paid(report) => Self::Paid(Box::new((*report).into())),
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
        let message = match (to, message) {
            (crate::Target::Entity(entity), message) => Message::at(level, entity, message),
            (crate::Target::Provider(_), crate::Message::Pay(ask)) => Message::Pay(ask.into()),
            (crate::Target::Provider(_), _other) => unreachable!("providers are asked to pay alone"),
        };
        Self { number, to: to.into(), ordinal, message }
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

mirror!(End { promise, customer, fate });
mirror!(Report { to, intent, reply });
