//! One value of everything that is stored of toys, by name.

use booking::toy::{
    Answer, Command, Decision, Header, Kind, Outcome, ReceiptRecord, Record, Refusal, Request, View,
};
use booking::{
    EntityId, EntityKind, Fingerprint, IntentCounts, IntentNumber, Origin, Partition, RequestKey, Seq,
    Timestamp,
};

use crate::samples::Rows;

pub(crate) fn requests() -> Rows<Request> {
    let request = |command| Request { toy: toy(7), key: RequestKey(5), fingerprint: Fingerprint(6), command };
    vec![
        ("make", request(Command::Make { amount: 300, room: 1_000 })),
        ("give", request(Command::Give { to: toy(8), amount: 300 })),
        ("reclaim", request(Command::Reclaim { from: toy(8), amount: 300 })),
        ("acknowledge", request(Command::Acknowledge { to: toy(8) })),
        ("take", request(Command::Take { amount: 300 })),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let origin = Origin { request: RequestKey(5), fingerprint: Fingerprint(6), at: Timestamp(1_000) };
    let header = Header {
        id: toy(7),
        origin,
        seq: Seq(9),
        stamp: Timestamp(2_000),
        made_with: 10,
        room: 300,
        amount: 11,
        taken: 12,
        receipts_made: 13,
        intents: IntentCounts { left: 4, ended: 3, pairs: 2, replies: 1 },
        digest: 400,
    };
    vec![("changed", header)]
}

pub(crate) fn receipts() -> Rows<ReceiptRecord> {
    let receipt = |answer| ReceiptRecord {
        serial: 3,
        request: RequestKey(5),
        fingerprint: Fingerprint(6),
        seq: Seq(300),
        at: Timestamp(1_000),
        answer,
    };
    vec![
        ("refused", receipt(Answer::Refused(Refusal::TooLittle))),
        ("toy", receipt(Answer::Toy { amount: 300, taken: 4 })),
        ("left", receipt(Answer::Left(IntentNumber(4)))),
    ]
}

pub(crate) fn records() -> Rows<Record> {
    vec![("received", Record { seq: Seq(9), at: Timestamp(1_000), kind: Kind::Received, amount: 300 })]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let view = View { id: toy(7), seq: Seq(9), stamp: Timestamp(1_000), amount: 300, taken: 4 };
    let decided =
        |name, decision| (name, Outcome { seq: Seq(9), at: Timestamp(1_000), replayed: true, decision });
    vec![
        decided("toy", Decision::Toy(view)),
        decided("left", Decision::Left(IntentNumber(4))),
        decided("refused", Decision::Refused(Refusal::TooLittle)),
        decided("overloaded", Decision::Overloaded),
        decided("key_reused", Decision::KeyReused),
        decided("not_found", Decision::NotFound),
    ]
}

fn toy(hash: u128) -> EntityId {
    EntityId::new(EntityKind::Toy, Partition::new(513).unwrap(), hash)
}
