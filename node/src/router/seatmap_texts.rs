//! Seatmaps that were read lately, as texts and as maps: what exists never changes, so nothing here is ever wrong.

use std::future::Future;
use std::sync::Arc;

use booking::{SeatmapId, limits};
use bytes::Bytes;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use seatmap::Seatmap;

/// How many bytes of texts are kept.
const TEXTS_BYTES_MAX: u64 = 16 << 20;
/// How many bytes of memory maps may take.
const MAPS_BYTES_MAX: u64 = 64 << 20;
/// Texts, and maps, that are expected among them.
const USUAL: usize = 256;

// The longest text is kept beside others.
const _: () = assert!(limits::SEATMAP_LEN_MAX as u64 * 2 <= TEXTS_BYTES_MAX);

/// Texts by the ids of their maps.
pub(super) struct SeatmapTexts(Cache<SeatmapId, Bytes, Weight>);

/// Maps by their ids, for all that names seats.
pub(super) struct Seatmaps(Cache<SeatmapId, Arc<Seatmap>, Weight>);

#[derive(Clone)]
struct Weight;

impl Weighter<SeatmapId, Bytes> for Weight {
    fn weight(&self, _id: &SeatmapId, text: &Bytes) -> u64 {
        text.len() as u64
    }
}

impl Weighter<SeatmapId, Arc<Seatmap>> for Weight {
    fn weight(&self, _id: &SeatmapId, map: &Arc<Seatmap>) -> u64 {
        map.bytes() as u64
    }
}

impl Default for SeatmapTexts {
    fn default() -> Self {
        Self(in_one_shard(TEXTS_BYTES_MAX))
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

impl Default for Seatmaps {
    fn default() -> Self {
        Self(in_one_shard(MAPS_BYTES_MAX))
    }
}

impl Seatmaps {
    /// One that was read lately.
    pub(super) fn get(&self, id: &SeatmapId) -> Option<Arc<Seatmap>> {
        self.0.get(id)
    }

    /// One that was read lately, or what `read` reads: of all who want it at the same time, one reads it.
    pub(super) async fn get_or_read<E>(
        &self,
        id: SeatmapId,
        read: impl Future<Output = Result<Arc<Seatmap>, E>>,
    ) -> Result<Arc<Seatmap>, E> {
        self.0.get_or_insert_async(&id, read).await
    }
}

/// A cache of so many bytes. In several shards, each would have a part of them, and no room for what is longest.
fn in_one_shard<Kept: Clone>(bytes_max: u64) -> Cache<SeatmapId, Kept, Weight>
where
    Weight: Weighter<SeatmapId, Kept>,
{
    let mut options = OptionsBuilder::new();
    options.estimated_items_capacity(USUAL).weight_capacity(bytes_max).shards(1);
    let options = options.build().expect("all that has no default is said");
    Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default())
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
