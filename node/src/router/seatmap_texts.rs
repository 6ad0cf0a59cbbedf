//! The texts of seatmaps that were read lately: what exists never changes, so nothing here is ever wrong.

use booking::{SeatmapId, limits};
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// How many bytes of texts are kept.
const TEXTS_BYTES_MAX: u64 = 16 << 20;
/// Texts that are expected among them.
const TEXTS_USUAL: usize = 256;

// The longest text is kept beside others.
const _: () = assert!(limits::SEATMAP_LEN_MAX as u64 * 2 <= TEXTS_BYTES_MAX);

/// Texts by the ids of their maps.
pub(super) struct SeatmapTexts(Cache<SeatmapId, Bytes, Len>);

#[derive(Clone)]
struct Len;

impl Weighter<SeatmapId, Bytes> for Len {
    fn weight(&self, _id: &SeatmapId, text: &Bytes) -> u64 {
        text.len() as u64
    }
}

impl Default for SeatmapTexts {
    fn default() -> Self {
        Self(Cache::with_weighter(TEXTS_USUAL, TEXTS_BYTES_MAX, Len))
    }
}

impl SeatmapTexts {
    pub(super) fn get(&self, id: &SeatmapId) -> Option<Bytes> {
        self.0.get(id)
    }

    pub(super) fn insert(&self, id: SeatmapId, text: Bytes) {
        self.0.insert(id, text);
    }
}
