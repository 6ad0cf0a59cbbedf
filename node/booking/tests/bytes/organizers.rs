//! One value of everything that is stored of organizers, by name.

use std::sync::Arc;

use booking::organizer::{
    Answer, Command, Counts, Decision, Draft, Header, Kind, Outcome, Part, Parts, ReceiptRecord, Record,
    Refusal, Request, Seatmap, View, Wish,
};
use booking::{
    Content, EntityId, EntityKind, Fingerprint, IntentCounts, Origin, Partition, RequestKey, Seq, Timestamp,
};

use crate::samples::Rows;

const CONTENT: Content = Content(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
const COUNTS: Counts = Counts { seats: 131_072, rows: 300, areas: 64, categories: 5 };

pub(crate) fn requests() -> Rows<Request> {
    let request = |command| Request {
        organizer: organizer(),
        key: RequestKey(5),
        fingerprint: Fingerprint(6),
        command,
    };
    let part = Part { content: CONTENT, len: 32_771, number: 1, bytes: Arc::from(&b"abc"[..]) };
    let wish = Wish { content: CONTENT, len: 32_771, counts: COUNTS };
    vec![
        ("make", request(Command::Make("studio-7".into()))),
        ("put_part", request(Command::PutPart(Box::new(part)))),
        ("keep", request(Command::Keep(Box::new(wish)))),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let origin = Origin { request: RequestKey(5), fingerprint: Fingerprint(6), at: Timestamp(1_000) };
    let draft = Draft {
        content: CONTENT,
        len: 32_771,
        parts: Parts::of(1).unwrap(),
        until: Timestamp(901_000),
        parts_digest: 300,
    };
    let header = Header {
        id: organizer(),
        name: "studio-7".into(),
        origin,
        seq: Seq(9),
        stamp: Timestamp(2_000),
        seatmaps: 2,
        drafts: vec![draft],
        receipts_made: 13,
        intents: IntentCounts { left: 4, ended: 3, pairs: 2, replies: 1 },
        digest: 400,
    };
    vec![("changed", header)]
}

pub(crate) fn seatmaps() -> Rows<Seatmap> {
    let seatmap =
        Seatmap { content: CONTENT, len: 32_771, counts: COUNTS, at: Timestamp(1_000), parts_digest: 300 };
    vec![("kept", seatmap)]
}

pub(crate) fn parts() -> Rows<Arc<[u8]>> {
    vec![("text", Arc::from(&b"abc"[..])), ("long", Arc::from([7; 300]))]
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
        ("refused", receipt(Answer::Refused(Refusal::SeatmapsFull))),
        ("kept", receipt(Answer::Kept(CONTENT))),
        ("found", receipt(Answer::Found(CONTENT))),
    ]
}

pub(crate) fn records() -> Rows<Record> {
    let record = |kind, content| Record { seq: Seq(9), at: Timestamp(1_000), kind, content };
    vec![("made", record(Kind::Made, None)), ("kept", record(Kind::SeatmapKept, Some(CONTENT)))]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let view = View { content: CONTENT, counts: COUNTS };
    let decided =
        |name, decision| (name, Outcome { seq: Seq(9), at: Timestamp(1_000), replayed: true, decision });
    vec![
        decided("made", Decision::Made),
        decided("part_taken", Decision::PartTaken),
        decided("kept", Decision::Kept(view)),
        decided("found", Decision::Found(view)),
        decided("missing", Decision::Missing(Parts::of(65_537).unwrap())),
        decided("refused", Decision::Refused(Refusal::Misfit)),
        decided("overloaded", Decision::Overloaded),
        decided("key_reused", Decision::KeyReused),
        decided("not_found", Decision::NotFound),
    ]
}

fn organizer() -> EntityId {
    EntityId::new(EntityKind::Organizer, Partition::new(513).unwrap(), 7)
}
