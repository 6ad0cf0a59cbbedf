//! Maps of seats as they stand in answers, plain and packed: many look at the same state, and one of them has it written.

use std::convert::Infallible;
use std::future::Future;

use booking::{Section, Seq, SlotId};
use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// How many bytes of them are kept.
const BYTES_MAX: u64 = 32 << 20;
/// A longer text is packed as small as can be, which takes some ten milliseconds: so long ones are written once a second at most.
const LONG: usize = 32 << 10;
/// How hard that is tried, and with what is shorter.
const LEVEL_LONG: i32 = 10;
const LEVEL: i32 = 6;
/// Texts that are expected among them.
const USUAL: usize = 256;

/// Of which slot, after which of its changes, and of which part of the house; none is all of it.
pub(crate) type Shown = (SlotId, Seq, Option<Section>);

/// Texts by what they show.
pub(crate) struct SeatTexts(Cache<Shown, SeatText, Len>);

/// What is shown, as JSON.
#[derive(Clone)]
pub(crate) struct SeatText {
    pub(crate) plain: Bytes,
    /// The same by gzip (RFC 1952).
    pub(crate) packed: Bytes,
}

#[derive(Clone)]
struct Len;

impl Weighter<Shown, SeatText> for Len {
    fn weight(&self, _shown: &Shown, text: &SeatText) -> u64 {
        (text.plain.len() + text.packed.len()) as u64
    }
}

impl Default for SeatTexts {
    fn default() -> Self {
        Self(Cache::with_weighter(USUAL, BYTES_MAX, Len))
    }
}

impl SeatTexts {
    /// One that was written lately, or what `write` writes: of all who want it at the same time, for one it is written.
    pub(crate) async fn get_or_write(&self, shown: Shown, write: impl Future<Output = SeatText>) -> SeatText {
        let written = async { Ok::<_, Infallible>(write.await) };
        match self.0.get_or_insert_async(&shown, written).await {
            Ok(text) => text,
            Err(never) => match never {},
        }
    }
}

impl SeatText {
    /// A text, and the same packed.
    pub(crate) fn new(plain: Vec<u8>) -> Self {
        let level = CompressionLvl::new(if LONG < plain.len() { LEVEL_LONG } else { LEVEL }).expect("levels");
        let mut gzip = Compressor::new(level);
        let mut packed = vec![0; gzip.gzip_compress_bound(plain.len())];
        let len = gzip.gzip_compress(&plain, &mut packed).expect("there is room for it");
        packed.truncate(len);
        packed.shrink_to_fit();
        Self { plain: plain.into(), packed: packed.into() }
    }
}
