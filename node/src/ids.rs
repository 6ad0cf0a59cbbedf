//! Names on the wire and the hashes behind them.
//!
//! A slot's id is its partition and a hash of organizer, placement and key; a booking's is its slot's and a hash of role,
//! subject and key. So making the same thing twice is finding it, and an id alone says where it lives. The hashes are
//! SHA-256, cut: a caller who chooses keys cannot make two of them meet.

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use booking::{
    BookingId, Content, EntityId, EntityKind, Fingerprint, Partition, RequestKey, SeatmapId, SlotId,
};
use sha2::{Digest, Sha256};

/// The letters of base64url, in the order of their bytes: so ids sort as texts like what they name.
const ALPHABET: Alphabet =
    match Alphabet::new("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz") {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("64 different letters"),
    };
const SORTED_BASE64: GeneralPurpose = GeneralPurpose::new(&ALPHABET, NO_PAD);

const SLOT_PREFIX: &str = "slot_";
const BOOKING_PREFIX: &str = "bkg_";
const ENTITY_PREFIX: &str = "entity_";
const SEATMAP_PREFIX: &str = "map_";

/// `slot_…`: 24 letters behind the prefix.
pub(crate) fn slot_text(id: SlotId) -> String {
    text(SLOT_PREFIX, &id.to_bytes())
}

/// An entity's id, in logs: a slot's, or for other kinds `entity_` and 24 letters.
pub(crate) fn entity_text(id: EntityId) -> String {
    SlotId::of(id).map_or_else(|| text(ENTITY_PREFIX, &id.to_bytes()), slot_text)
}

/// The entity's id that `text` is the one spelling of.
pub(crate) fn entity_id(text: &str) -> Option<EntityId> {
    let other = || EntityId::from_bytes(bytes(ENTITY_PREFIX, text)?).filter(|id| SlotId::of(*id).is_none());
    slot_id(text).map(EntityId::from).or_else(other)
}

/// The slot's id that `text` is the one spelling of.
pub(crate) fn slot_id(text: &str) -> Option<SlotId> {
    SlotId::from_bytes(bytes(SLOT_PREFIX, text)?)
}

/// `bkg_…`: 46 letters behind the prefix.
pub(crate) fn booking_text(id: BookingId) -> String {
    text(BOOKING_PREFIX, &id.to_bytes())
}

/// The booking's id that `text` is the one spelling of.
pub(crate) fn booking_id(text: &str) -> Option<BookingId> {
    BookingId::from_bytes(bytes(BOOKING_PREFIX, text)?)
}

/// `map_…`: 46 letters behind the prefix.
pub(crate) fn seatmap_text(id: SeatmapId) -> String {
    text(SEATMAP_PREFIX, &id.to_bytes())
}

/// The seatmap's id that `text` is the one spelling of.
pub(crate) fn seatmap_id(text: &str) -> Option<SeatmapId> {
    SeatmapId::from_bytes(bytes(SEATMAP_PREFIX, text)?)
}

fn text(prefix: &str, bytes: &[u8]) -> String {
    let mut text = vec![0; prefix.len() + (bytes.len() * 4).div_ceil(3)];
    let (start, letters) = text.split_at_mut(prefix.len());
    start.copy_from_slice(prefix.as_bytes());
    SORTED_BASE64.encode_slice(bytes, letters).expect("there is room for every letter");
    String::from_utf8(text).expect("letters are ASCII")
}

fn bytes<const LEN: usize>(prefix: &str, text: &str) -> Option<[u8; LEN]> {
    let mut bytes = [0; LEN];
    let encoded = text.strip_prefix(prefix)?;
    let written = SORTED_BASE64.decode_slice(encoded, &mut bytes).ok()?;
    (written == LEN).then_some(bytes)
}

/// The id of a slot that is made: a hash where the request has a key, `random` where it has none.
pub(crate) fn new_slot(organizer: &str, placement: Option<&str>, source: &IdSource<'_>) -> SlotId {
    let partition = partition(organizer, placement);
    let hash = match source {
        IdSource::Key(key) => {
            cut(&hash(&[b"slot", organizer.as_bytes(), placement_bytes(placement), key.as_bytes()]))
        }
        IdSource::Chance(random) => *random,
    };
    SlotId { partition, hash }
}

/// Where an organizer's slots of this placement live.
fn partition(organizer: &str, placement: Option<&str>) -> Partition {
    let home = [b"placement".as_slice(), organizer.as_bytes(), placement_bytes(placement)];
    let home_hash = hash(&home);
    let bucket = u16::from_be_bytes([home_hash[0], home_hash[1]]) % booking::limits::PARTITIONS;
    Partition::new(bucket).expect("the remainder is below the count")
}

/// The entity that an organizer is: it lives where its slots of no other placement do.
pub(crate) fn organizer(name: &str) -> EntityId {
    let hash = cut(&hash(&[b"organizer", name.as_bytes()]));
    EntityId::new(EntityKind::Organizer, partition(name, None), hash)
}

/// An organizer's seatmap with this canonical text.
pub(crate) fn seatmap(organizer_name: &str, text: &[u8]) -> SeatmapId {
    let content = Content(cut(&hash(&[b"seatmap", organizer_name.as_bytes(), text])));
    SeatmapId { organizer: organizer(organizer_name), content }
}

/// The request by which an organizer is made, whoever asks first: none of a caller's.
pub(crate) fn organizer_key(organizer: EntityId) -> RequestKey {
    RequestKey(cut(&hash(&[b"make", &organizer.to_bytes()])))
}

/// The request by which a part of a seatmap is put, whoever puts it: none of a caller's.
pub(crate) fn part_key(map: SeatmapId, number: u8) -> RequestKey {
    RequestKey(cut(&hash(&[b"part", &map.to_bytes(), &[number]])))
}

/// From what a new slot's id is made.
pub(crate) enum IdSource<'key> {
    /// The client's idempotency key.
    Key(&'key str),
    /// A random number: the request has no key.
    Chance(u128),
}

/// Null and a text are told apart by the first byte.
fn placement_bytes(placement: Option<&str>) -> &[u8] {
    placement.map_or(b"\0", str::as_bytes)
}

/// A request within a slot, of whoever shows a token of this role (as the contract spells it) and subject.
pub(crate) fn request_key(role: &str, subject: &str, key: &str) -> RequestKey {
    RequestKey(cut(&hash(&[b"request", role.as_bytes(), subject.as_bytes(), key.as_bytes()])))
}

/// What tells a repeated request from another under the same key.
pub(crate) fn fingerprint(method: &str, path: &str, body: &[u8]) -> Fingerprint {
    let hash = hash(&[b"fingerprint", method.as_bytes(), path.as_bytes(), body]);
    let first: [u8; 8] = hash.first_chunk().copied().expect("a hash has 32 bytes");
    Fingerprint(u64::from_be_bytes(first))
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

fn cut(hash: &[u8; 32]) -> u128 {
    u128::from_be_bytes(hash.first_chunk().copied().expect("a hash has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(partition: u16, hash: u128) -> SlotId {
        SlotId { partition: Partition::new(partition).expect("below 1,024"), hash }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = slot(1023, u128::MAX - 1);
        let text = slot_text(id);
        assert_eq!(text.len(), 5 + 24);
        assert_eq!(slot_id(&text), Some(id));
        let booking = BookingId { slot: id, request: RequestKey(7) };
        let text = booking_text(booking);
        assert_eq!(text.len(), 4 + 46);
        assert_eq!(booking_id(&text), Some(booking));
        let other_end = format!("{}{}", &text[..text.len() - 1], "x");
        assert_eq!(booking_id(&other_end), None, "bits that carry nothing must be zero");
    }

    #[test]
    fn what_is_no_id_is_none() {
        let sorted = [slot(0, 0), slot(0, 1), slot(0, u128::MAX), slot(1, 0), slot(1023, 9)].map(slot_text);
        assert!(sorted.is_sorted(), "{sorted:?}");
        let beyond = text(SLOT_PREFIX, &[0xFF; 18]);
        for wrong in [
            "",
            "slot_",
            "slot_abc",
            "bkg_------------------------",
            "slot_AAAAAAAAAAAAAAAAAAAAAAA=",
            &beyond,
        ] {
            assert_eq!(slot_id(wrong), None, "{wrong}");
        }
        let long = format!("slot_{}", "A".repeat(400));
        assert_eq!(slot_id(&long), None);
    }

    #[test]
    fn a_seatmap_names_its_organizer_who_lives_where_the_slots_do() {
        let map = seatmap("studio-7", b"{}");
        let text = seatmap_text(map);
        assert_eq!((text.len(), seatmap_id(&text)), (4 + 46, Some(map)));
        assert_eq!(map.organizer, organizer("studio-7"));
        assert_eq!(
            map.organizer.partition(),
            new_slot("studio-7", None, &IdSource::Key("any")).partition,
            "an organizer's own placement"
        );
        // For ever: what was posted is found, and posted again it is the same.
        assert_eq!(text, "map_1mflJexx7kdma7ZkwqsWLCZUYeOIdeo49k3FGffaFJUhfV");
        for (other, what) in
            [(seatmap("studio-8", b"{}"), "another organizer"), (seatmap("studio-7", b"{ }"), "another text")]
        {
            assert_ne!(other.content, map.content, "{what}");
        }
        let slot = new_slot("studio-7", None, &IdSource::Key("any"));
        for entity in [map.organizer, slot.into()] {
            assert_eq!(entity_id(&entity_text(entity)), Some(entity));
        }
        assert_eq!(entity_id(&super::text(ENTITY_PREFIX, &slot.to_bytes())), None, "a slot has one spelling");
        let no_organizer = SeatmapId { organizer: slot.into(), ..map };
        assert_eq!(seatmap_id(&seatmap_text(no_organizer)), None, "a slot has no seatmaps");
        let keys = [organizer_key(map.organizer), part_key(map, 0), part_key(map, 1)];
        assert!(keys.windows(2).all(|two| two[0] != two[1]), "{keys:?}");
    }

    #[test]
    fn a_slot_lives_where_its_placement_does() {
        let key = |key| IdSource::Key(key);
        let a = new_slot("studio", None, &key("a"));
        let b = new_slot("studio", None, &key("b"));
        assert_eq!(a.partition, b.partition);
        assert_ne!(a, b);
        assert_eq!(a, new_slot("studio", None, &key("a")));
        // For ever, as `boxctl` finds slots by it (`ops/src/slot_id.rs`).
        let golden = new_slot("studio-7", None, &key("ics-golden"));
        assert_eq!(slot_text(golden), "slot_-mdjCgZeKXIqu2R88JGPDkli");
        assert_ne!(a, new_slot("studio", Some("\0x"), &key("a")));
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
    }
}
