//! The texts of seatmaps that were read lately: what exists never changes, so nothing here is ever wrong.

use booking::{SeatmapId, limits};
use bytes::Bytes;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

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
        let mut options = OptionsBuilder::new();
        // In several shards, each would have a part of the bytes, and no room for the longest text.
        options.estimated_items_capacity(TEXTS_USUAL).weight_capacity(TEXTS_BYTES_MAX).shards(1);
        let options = options.build().expect("all that has no default is said");
        Self(Cache::with_options(options, Len, DefaultHashBuilder::default(), DefaultLifecycle::default()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn the_longest_texts_are_kept_and_only_so_many_bytes() {
        let texts = SeatmapTexts::default();
        let longest = Bytes::from(vec![b' '; limits::SEATMAP_LEN_MAX as usize]);
        let id = |number: u8| ids::seatmap("studio", &[number]);
        for number in 0..20 {
            texts.insert(id(number), longest.clone());
            assert_eq!(texts.get(&id(number)).map(|text| text.len()), Some(longest.len()), "{number}");
            assert!(texts.0.weight() <= TEXTS_BYTES_MAX, "{number}");
        }
        assert_eq!(texts.get(&id(99)), None);
    }
}
