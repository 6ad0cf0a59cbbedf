//! One value of everything that entities say to each other and keep of it, by name. What toys say stands in a function of its own.

use booking::{
    Delivered, Delivery, EntityId, EntityKind, IntentNumber, IntentRecord, Message, Ordinal, PairRecord,
    Partition, Provider, Reply, ReplyRecord, Report, Target,
};

use crate::samples::Rows;

pub(crate) fn deliveries() -> Rows<Delivery> {
    vec![("acknowledge", delivery(Message::Acknowledge))]
}

#[cfg(feature = "rehearsal")]
pub(crate) fn deliveries_of_toys() -> Rows<Delivery> {
    vec![
        ("give", delivery(Message::Give { amount: 300 })),
        ("reclaim", delivery(Message::Reclaim { amount: 300 })),
    ]
}

pub(crate) fn delivered() -> Rows<Delivered> {
    vec![
        ("noted", Delivered::Replied(Reply::Noted)),
        ("settled", Delivered::Settled),
        ("early", Delivered::Early),
        ("foreign", Delivered::Foreign),
        ("nowhere", Delivered::Nowhere),
    ]
}

pub(crate) fn reports() -> Rows<Report> {
    vec![("noted", report(Reply::Noted))]
}

#[cfg(feature = "rehearsal")]
pub(crate) fn reports_of_toys() -> Rows<Report> {
    vec![
        ("taken", report(Reply::Taken)),
        ("full", report(Reply::Full)),
        ("returned", report(Reply::Returned { amount: 300 })),
    ]
}

pub(crate) fn intents() -> Rows<IntentRecord> {
    let intent = |to| IntentRecord {
        number: IntentNumber(4),
        to,
        ordinal: Ordinal(300),
        message: Message::Acknowledge,
    };
    vec![
        ("to_entity", intent(Target::Entity(entity(7)))),
        ("to_provider", intent(Target::Provider(Provider(400)))),
    ]
}

pub(crate) fn pairs() -> Rows<PairRecord> {
    let pair = |with| PairRecord { with, sent: Ordinal(300), received: Ordinal(4), acknowledged: Ordinal(3) };
    vec![
        ("with_entity", pair(Target::Entity(entity(7)))),
        ("with_provider", pair(Target::Provider(Provider(400)))),
    ]
}

pub(crate) fn replies() -> Rows<ReplyRecord> {
    vec![("noted", ReplyRecord { from: entity(7), ordinal: Ordinal(300), reply: Reply::Noted })]
}

fn entity(hash: u128) -> EntityId {
    EntityId::new(EntityKind::Slot, Partition::new(513).unwrap(), hash)
}

fn delivery(message: Message) -> Delivery {
    let (from, to) = (entity(7), entity(0x0102_0304));
    Delivery { from, to, ordinal: Ordinal(300), acknowledged: Ordinal(5), message }
}

fn report(reply: Reply) -> Report {
    Report { to: entity(7), intent: IntentNumber(300), reply }
}
