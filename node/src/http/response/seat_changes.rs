//! What changed of seats as it stands in answers and in streams: many have seen the same and ask for the same, and it is written for
//! one of them.

use std::ops::Range;

use api::seats::SeatChanges;
use booking::{Section, Seq, SlotId};
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// How many bytes of them are kept.
const BYTES_MAX: u64 = 8 << 20;
/// Texts that are expected among them.
const USUAL: usize = 1_024;

/// Of which slot, from which of its changes to which, and of which part of the house; none is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) slot: SlotId,
    pub(crate) after: Seq,
    pub(crate) seq: Seq,
    pub(crate) section: Option<Section>,
}

/// Texts by what they tell.
pub(crate) struct ChangeTexts(Cache<Span, ChangeText, Len>);

/// Changes, as an event of a stream.
#[derive(Clone)]
pub(crate) struct ChangeText {
    pub(crate) seq: Seq,
    event: Bytes,
    /// Where in it they stand as JSON.
    json: Range<usize>,
    is_empty: bool,
}

#[derive(Clone)]
struct Len;

impl Weighter<Span, ChangeText> for Len {
    fn weight(&self, _span: &Span, text: &ChangeText) -> u64 {
        (size_of::<(Span, ChangeText)>() + text.event.len()) as u64
    }
}

impl Default for ChangeTexts {
    fn default() -> Self {
        Self(Cache::with_weighter(USUAL, BYTES_MAX, Len))
    }
}

impl ChangeTexts {
    /// One that was written lately.
    pub(crate) fn get(&self, span: &Span) -> Option<ChangeText> {
        self.0.get(span)
    }

    pub(crate) fn insert(&self, span: Span, text: ChangeText) {
        self.0.insert(span, text);
    }
}

impl ChangeText {
    pub(crate) fn new(changes: &SeatChanges) -> Self {
        let mut event = format!("id: {}\ndata: ", changes.seq).into_bytes();
        let begins = event.len();
        serde_json::to_writer(&mut event, changes).expect("an answer is JSON");
        let json = begins..event.len();
        event.extend_from_slice(b"\n\n");
        let is_empty = changes.runs.is_empty() && changes.areas.is_empty();
        Self { seq: Seq(changes.seq), event: event.into(), json, is_empty }
    }

    /// As an event; none where nothing changed that anyone could see.
    pub(crate) fn event(self) -> Option<Bytes> {
        (!self.is_empty).then_some(self.event)
    }

    /// As JSON.
    pub(crate) fn json(self) -> Bytes {
        self.event.slice(self.json)
    }
}
