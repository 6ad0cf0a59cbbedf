//! The id of a slot that was made with a key.
//!
//! The contract says that it is a hash of organizer, placement and key, so that making the same thing twice is finding it,
//! for ever. An import finds its slots by it, however often they were moved, and needs no list of its own that could be
//! lost. What is hashed is written in `node/src/ids.rs`, and can no more change than what is on disk; a test on either side
//! has the same id.

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use sha2::{Digest as _, Sha256};

/// The letters of base64url, in the order of their bytes.
const ALPHABET: Alphabet =
    match Alphabet::new("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz") {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("64 different letters"),
    };
const SORTED_BASE64: GeneralPurpose = GeneralPurpose::new(&ALPHABET, NO_PAD);
/// Partitions are a fixed number of buckets.
const PARTITIONS: u16 = 1_024;
/// No placement, told apart from every text by its first byte.
const NO_PLACEMENT: &[u8] = b"\0";

/// The ids of one organizer's slots that have no placement.
pub(crate) struct SlotIds {
    organizer: String,
    partition: [u8; 2],
}

impl SlotIds {
    pub(crate) fn of(organizer: &str) -> Self {
        let home = hash(&[b"placement", organizer.as_bytes(), NO_PLACEMENT]);
        let bucket = u16::from_be_bytes([home[0], home[1]]) % PARTITIONS;
        Self { organizer: organizer.to_owned(), partition: bucket.to_be_bytes() }
    }

    /// The id of the slot that this idempotency key makes.
    pub(crate) fn made_with(&self, key: &str) -> String {
        let hash = hash(&[b"slot", self.organizer.as_bytes(), NO_PLACEMENT, key.as_bytes()]);
        let bytes = [&self.partition[..], &hash[..16]].concat();
        format!("slot_{}", SORTED_BASE64.encode(bytes))
    }
}

/// A hash of a list: each part behind its length, so that no two lists share their bytes.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
