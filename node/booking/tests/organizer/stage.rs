//! An organizer who is asked, and looked at after every step: every invariant holds, and what is saved is what there is.

use std::sync::Arc;

use booking::entity::{self, Changes, Entity, Saved};
use booking::limits::SEATMAP_PART_LEN;
use booking::organizer::{
    self, Command, Counts, Decision, Organizer, Outcome, Part, Parts, ReceiptRecord, Record, Seatmap, View,
    Wish,
};
use booking::{
    Content, EntityId, EntityKind, Fingerprint, Level, Partition, RequestKey, SavedIntents, Seq, Timestamp,
};
use std::collections::BTreeMap;

/// When everything begins.
pub(crate) const BEGIN: u64 = 1_000_000;
const LEVEL: Level = Level::OLDEST;

/// A map of which every byte follows from its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Map {
    pub(crate) content: Content,
    pub(crate) len: u32,
    number: u32,
}

pub(crate) fn map(number: u32, len: u32) -> Map {
    Map { content: Content(u128::from(number) << 100 | 7), len, number }
}

impl Map {
    pub(crate) fn counts(self) -> Counts {
        Counts { seats: self.number, rows: 2, areas: 3, categories: 4 }
    }

    /// The bytes of a part, or of what is none.
    pub(crate) fn part(self, number: u8) -> Vec<u8> {
        let before = u64::from(number) * u64::from(SEATMAP_PART_LEN);
        let len = u64::from(self.len).saturating_sub(before).min(SEATMAP_PART_LEN.into());
        self.bytes(number, u32::try_from(len).unwrap())
    }

    /// The key under which a part is put, which is nobody else's.
    pub(crate) fn part_key(self, number: u8) -> u64 {
        1 << 40 | u64::from(self.number) << 8 | u64::from(number)
    }

    fn bytes(self, number: u8, len: u32) -> Vec<u8> {
        let byte = |at: u32| u8::try_from((at + self.number * 31) % 251).unwrap() ^ number;
        (0..len).map(byte).collect()
    }
}

pub(crate) fn view(map: Map) -> View {
    View { content: map.content, counts: map.counts() }
}

/// These parts.
pub(crate) fn parts(numbers: &[u8]) -> Parts {
    let all = Parts::of(booking::limits::SEATMAP_LEN_MAX).unwrap();
    let one = |number: u8| {
        let upto = |count: u32| {
            if count == 0 { Parts::default() } else { Parts::of(count * SEATMAP_PART_LEN).unwrap() }
        };
        upto(u32::from(number) + 1).without(upto(number.into()))
    };
    let others = numbers.iter().fold(all, |rest, number| rest.without(one(*number)));
    all.without(others)
}

pub(crate) fn id() -> EntityId {
    EntityId::new(EntityKind::Organizer, Partition::new(513).unwrap(), 9)
}

/// A request under the n-th key.
pub(crate) fn request(key: u64, command: Command) -> organizer::Request {
    let fingerprint = match &command {
        Command::Make(_) => 1,
        Command::PutPart(_) => 2,
        Command::Keep(wish) => 3 + u64::try_from(wish.content.0 >> 100).unwrap(),
    };
    let key = RequestKey(u128::from(key) << 8 | 1);
    organizer::Request { organizer: id(), key, fingerprint: Fingerprint(fingerprint), command }
}

/// The map's parts that these changes put.
pub(crate) fn parts_in(changes: &organizer::Changes) -> Vec<(Content, u8)> {
    changes.parts.iter().map(|part| (part.content, part.number)).collect()
}

/// An organizer, and what a store would have of it.
pub(crate) struct Stage {
    entity: Option<Entity>,
    pub(crate) at: u64,
    pub(crate) records: Vec<Record>,
    seatmaps: BTreeMap<Content, Seatmap>,
    receipts: BTreeMap<RequestKey, ReceiptRecord>,
    pub(crate) texts: BTreeMap<(Content, u8), Arc<[u8]>>,
    header: Option<organizer::Header>,
}

impl Stage {
    /// Nobody is there yet.
    pub(crate) fn unmade() -> Self {
        Self {
            entity: None,
            at: BEGIN,
            records: Vec::new(),
            seatmaps: BTreeMap::new(),
            receipts: BTreeMap::new(),
            texts: BTreeMap::new(),
            header: None,
        }
    }

    pub(crate) fn new() -> Self {
        let mut stage = Self::unmade();
        assert_eq!(stage.make(), Decision::Made);
        stage
    }

    pub(crate) fn organizer(&self) -> &Organizer {
        self.entity.as_ref().and_then(Entity::organizer).unwrap()
    }

    pub(crate) fn seq(&self) -> u64 {
        self.records.last().map_or(0, |record| record.seq.0)
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        self.entity.as_ref().and_then(Entity::deadline).map(|at| at.0)
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        self.at += ms;
    }

    pub(crate) fn pulse(&mut self) {
        let mut records = Vec::new();
        self.entity.as_mut().unwrap().pulse(LEVEL, Timestamp(self.at), &mut records);
        self.look(records);
    }

    pub(crate) fn make(&mut self) -> Decision {
        self.ask(&request(u64::MAX, Command::Make("studio-7".into()))).decision
    }

    /// The same organizer, with something else in mind.
    pub(crate) fn make_otherwise(&mut self) -> Decision {
        let request = request(u64::MAX, Command::Make("studio-7".into()));
        self.ask(&organizer::Request { fingerprint: Fingerprint(99), ..request }).decision
    }

    pub(crate) fn keep(&mut self, key: u64, map: Map) -> Decision {
        self.ask_keep(key, map).decision
    }

    pub(crate) fn ask_keep(&mut self, key: u64, map: Map) -> Outcome {
        let wish = Wish { content: map.content, len: map.len, counts: map.counts() };
        self.ask(&request(key, Command::Keep(Box::new(wish))))
    }

    pub(crate) fn put(&mut self, map: Map, number: u8) -> Decision {
        let bytes = map.part(number);
        self.put_these(map, number, bytes)
    }

    pub(crate) fn put_bytes(&mut self, map: Map, number: u8, len: u32) -> Decision {
        self.put_these(map, number, map.bytes(number, len))
    }

    fn put_these(&mut self, map: Map, number: u8, bytes: Vec<u8>) -> Decision {
        let part = Part { content: map.content, len: map.len, number, bytes: bytes.into() };
        self.ask(&request(map.part_key(number), Command::PutPart(Box::new(part)))).decision
    }

    fn ask(&mut self, request: &organizer::Request) -> Outcome {
        let mut records = Vec::new();
        let request = entity::Request::from(request.clone());
        let outcome = Entity::apply(&mut self.entity, LEVEL, Timestamp(self.at), &request, &mut records);
        self.look(records);
        outcome.organizer().unwrap()
    }

    fn look(&mut self, records: Vec<entity::Record>) {
        assert!(records.len() <= 1, "a step is one record");
        for record in records {
            let entity::Record::Organizer(record) = record else { panic!("{record:?}") };
            assert_eq!(record.seq.0, self.seq() + 1, "no gap");
            self.records.push(record);
        }
        if let Some(entity) = &self.entity {
            entity.check().unwrap();
        }
    }

    /// Takes what has changed, and saves it.
    pub(crate) fn take(&mut self) -> organizer::Changes {
        let changes = self.entity.as_mut().unwrap().take_changes(Timestamp(0));
        let Changes::Organizer(changes) = changes else { panic!("{changes:?}") };
        for (content, lapsed) in &changes.lapsed {
            for number in lapsed.numbers() {
                self.texts.remove(&(*content, number));
            }
        }
        for part in &changes.parts {
            let before = self.texts.insert((part.content, part.number), Arc::clone(&part.bytes));
            assert!(before.is_none(), "a part is written once");
        }
        self.seatmaps.extend(changes.seatmaps.iter().map(|seatmap| (seatmap.content, *seatmap)));
        self.receipts.extend(changes.receipts.iter().map(|receipt| (receipt.request, receipt.clone())));
        for request in &changes.forgotten {
            self.receipts.remove(request);
        }
        self.header = Some(changes.header.clone());
        changes
    }

    pub(crate) fn let_go(&mut self, seq: Seq) {
        self.entity.as_mut().unwrap().let_go(seq);
        self.look(Vec::new());
    }

    /// Saves the organizer, and goes on with what can be read back.
    pub(crate) fn restored(&mut self) {
        self.take();
        let digest = self.entity.as_ref().map(Entity::digest);
        self.entity = Some(Entity::restore(self.saved()).unwrap());
        assert_eq!(self.entity.as_ref().map(Entity::digest), digest);
        self.look(Vec::new());
        self.what_is_missing_is_found_out();
    }

    fn saved(&self) -> Saved {
        let seatmaps = self.seatmaps.values().copied().collect();
        let receipts = self.receipts.values().cloned().collect();
        Saved::Organizer(self.header.clone().unwrap(), seatmaps, receipts, SavedIntents::default())
    }

    /// Nothing that was saved can be left out, or be something else.
    fn what_is_missing_is_found_out(&self) {
        type Spoil = fn(&mut organizer::Header, &mut Vec<Seatmap>, &mut Vec<ReceiptRecord>) -> bool;
        let spoilt: [Spoil; 6] = [
            |_, seatmaps, _| seatmaps.pop().is_some(),
            |_, seatmaps, _| seatmaps.first().copied().map(|first| seatmaps.push(first)).is_some(),
            |_, seatmaps, _| seatmaps.first_mut().map(|first| first.counts.seats ^= 1).is_some(),
            |_, _, receipts| receipts.pop().is_some(),
            |header, _, _| header.drafts.pop().is_some(),
            |header, _, _| {
                header.name = "studio-8".into();
                true
            },
        ];
        for spoil in spoilt {
            let Saved::Organizer(mut header, mut seatmaps, mut receipts, intents) = self.saved() else {
                unreachable!("as it was saved")
            };
            if spoil(&mut header, &mut seatmaps, &mut receipts) {
                let restored = Entity::restore(Saved::Organizer(header, seatmaps, receipts, intents));
                assert!(restored.is_err());
            }
        }
    }
}
