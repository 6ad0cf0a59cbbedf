//! Numbers that name things, each a type of its own so that none is taken for another.
//!
//! The hashes are made outside: the rules only compare them.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{KINDS_MAX, PARTITIONS};

/// One of [`PARTITIONS`] fixed hash buckets of (organizer, placement): the unit that moves between groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Partition(u16);

impl Partition {
    /// The partition with this number, if there is one: 0 to 1,023.
    pub const fn new(number: u16) -> Option<Self> {
        if number < PARTITIONS { Some(Self(number)) } else { None }
    }

    /// Its number, 0 to 1,023.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Partition {
    type Error = NoSuchPartition;

    fn try_from(number: u16) -> Result<Self, NoSuchPartition> {
        Self::new(number).ok_or(NoSuchPartition(number))
    }
}

impl From<Partition> for u16 {
    fn from(partition: Partition) -> Self {
        partition.0
    }
}

/// A number that is no partition's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchPartition(pub u16);

impl fmt::Display for NoSuchPartition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "no partition has the number {}, the last is {}", self.0, PARTITIONS - 1)
    }
}

impl core::error::Error for NoSuchPartition {}

/// What kind of entity it is. On the disk, in ids: a number is given once, and for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A slot.
    Slot,
    /// An organizer.
    Organizer,
    /// What sells on account under one placement of an organizer.
    Merchant,
    /// What is there so that what needs two entities can be tested.
    #[cfg(feature = "rehearsal")]
    Toy,
}

impl EntityKind {
    /// The kind with this number, if this build knows it.
    pub const fn new(number: u16) -> Option<Self> {
        match number {
            0 => Some(Self::Slot),
            1 => Some(Self::Merchant),
            2 => Some(Self::Organizer),
            #[cfg(feature = "rehearsal")]
            63 => Some(Self::Toy),
            _ => None,
        }
    }

    /// Its number, 0 to 63.
    pub const fn number(self) -> u16 {
        match self {
            Self::Slot => 0,
            Self::Merchant => 1,
            // 3 is kept for people.
            Self::Organizer => 2,
            #[cfg(feature = "rehearsal")]
            Self::Toy => 63,
        }
    }
}

/// An entity's kind and partition in one number: kind × [`PARTITIONS`] + partition. So a slot's is its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
struct Home(u16);

// A kind's number and a partition's share two bytes.
const _: () =
    assert!(PARTITIONS.is_power_of_two() && (KINDS_MAX - 1) * PARTITIONS <= u16::MAX - (PARTITIONS - 1));

impl Home {
    const fn new(kind: EntityKind, partition: Partition) -> Self {
        Self(kind.number() * PARTITIONS + partition.get())
    }

    const fn partition(self) -> Partition {
        Partition(self.0 % PARTITIONS)
    }

    const fn kind(self) -> EntityKind {
        EntityKind::new(self.0 / PARTITIONS).expect("no id is made of a kind that is not known")
    }
}

impl TryFrom<u16> for Home {
    type Error = NoSuchKind;

    fn try_from(home: u16) -> Result<Self, NoSuchKind> {
        let kind = home / PARTITIONS;
        EntityKind::new(kind).map(|_known| Self(home)).ok_or(NoSuchKind(kind))
    }
}

impl From<Home> for u16 {
    fn from(home: Home) -> Self {
        home.0
    }
}

/// A number that is no kind's that this build knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchKind(pub u16);

impl fmt::Display for NoSuchKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "no entity of this build is of kind {}: the id is newer than this program", self.0)
    }
}

impl core::error::Error for NoSuchKind {}

/// An entity: its kind and partition, so that an id alone says what it is and finds its group, and a hash.
///
/// Packed, for there are millions of them: a number of 16 bytes would be aligned to as many, and the id take 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(Rust, packed(2))]
pub struct EntityId {
    home: Home,
    hash: u128,
}

const _: () = assert!(size_of::<EntityId>() == EntityId::LEN && align_of::<EntityId>() == 2);
const _: () = assert!(EntityId::LEN == SlotId::LEN, "a slot's id is an entity's");

impl EntityId {
    /// Bytes of an entity's id.
    pub const LEN: usize = 18;

    /// The entity of this kind, in this partition, with this hash.
    pub const fn new(kind: EntityKind, partition: Partition, hash: u128) -> Self {
        Self { home: Home::new(kind, partition), hash }
    }

    /// What it is.
    pub const fn kind(self) -> EntityKind {
        self.home.kind()
    }

    /// Where it lives.
    pub const fn partition(self) -> Partition {
        self.home.partition()
    }

    /// Which of its kind in its partition it is.
    pub const fn hash(self) -> u128 {
        self.hash
    }

    /// The id as bytes: kind and partition, then the hash, big-endian, so that bytes sort as ids do.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let (home, hash) = bytes.split_at_mut(2);
        home.copy_from_slice(&self.home.0.to_be_bytes());
        hash.copy_from_slice(&self.hash.to_be_bytes());
        bytes
    }

    /// The id that these bytes are, if this build knows its kind.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let (home, hash) = bytes.split_first_chunk()?;
        Some(Self {
            home: Home::try_from(u16::from_be_bytes(*home)).ok()?,
            hash: u128::from_be_bytes(*hash.first_chunk()?),
        })
    }
}

impl From<SlotId> for EntityId {
    fn from(slot: SlotId) -> Self {
        Self::new(EntityKind::Slot, slot.partition, slot.hash)
    }
}

/// A slot: the part of an entity's id that tells slots apart. The hash is of organizer, placement and key.
///
/// Packed, for there are millions of them: a number of 16 bytes would be aligned to as many, and the id take 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(Rust, packed(2))]
pub struct SlotId {
    /// Where the slot lives.
    pub partition: Partition,
    /// Which of the partition's slots it is.
    pub hash: u128,
}

const _: () = assert!(size_of::<SlotId>() == SlotId::LEN);

impl SlotId {
    /// Bytes of a slot's id.
    pub const LEN: usize = 18;

    /// The slot that an entity is, if it is one.
    pub fn of(entity: EntityId) -> Option<Self> {
        let EntityId { home, hash } = entity;
        match home.kind() {
            EntityKind::Slot => Some(Self { partition: home.partition(), hash }),
            EntityKind::Organizer | EntityKind::Merchant => None,
            #[cfg(feature = "rehearsal")]
            EntityKind::Toy => None,
        }
    }

    /// The id as bytes: the partition, then the hash, big-endian, so that bytes sort as ids do.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let (partition, hash) = bytes.split_at_mut(2);
        partition.copy_from_slice(&self.partition.get().to_be_bytes());
        hash.copy_from_slice(&self.hash.to_be_bytes());
        bytes
    }

    /// The id that these bytes are, if their partition exists.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let (partition, hash) = bytes.split_first_chunk()?;
        Some(Self {
            partition: Partition::new(u16::from_be_bytes(*partition))?,
            hash: u128::from_be_bytes(*hash.first_chunk()?),
        })
    }
}

/// A caller's request within a slot: a hash of role, subject and idempotency key.
///
/// A booking is known by the key of the request that made it. Packed, so that what holds one is not aligned to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(Rust, packed(8))]
pub struct RequestKey(pub u128);

/// A booking: its slot, and the request that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BookingId {
    /// The slot that was booked.
    pub slot: SlotId,
    /// The request that made the booking.
    pub request: RequestKey,
}

impl BookingId {
    /// Bytes of a booking's id.
    pub const LEN: usize = WITHIN_LEN;

    /// The id as bytes: the slot's, then the request's key, big-endian.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        joined(self.slot.to_bytes(), self.request.0)
    }

    /// The id that these bytes are, if their partition exists.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let (slot, request) = parted(bytes)?;
        Some(Self { slot: SlotId::from_bytes(slot)?, request: RequestKey(request) })
    }
}

/// What a seatmap is, as a hash of its organizer and its canonical text: equal maps are one map.
///
/// Packed, so that what holds one is not aligned to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(Rust, packed(8))]
pub struct Content(pub u128);

/// A seatmap: the organizer that keeps it, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeatmapId {
    /// Who keeps it: an entity of kind [`EntityKind::Organizer`].
    pub organizer: EntityId,
    /// What it is.
    pub content: Content,
}

impl SeatmapId {
    /// Bytes of a seatmap's id.
    pub const LEN: usize = WITHIN_LEN;

    /// The id as bytes: the organizer's, then the content's hash, big-endian.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        joined(self.organizer.to_bytes(), self.content.0)
    }

    /// The id that these bytes are, if they name an organizer.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let (organizer, content) = parted(bytes)?;
        let organizer = EntityId::from_bytes(organizer)?;
        (organizer.kind() == EntityKind::Organizer).then_some(Self { organizer, content: Content(content) })
    }
}

/// Bytes of an id within an entity.
const WITHIN_LEN: usize = EntityId::LEN + 16;

/// What is within an entity, as bytes: the entity's id, then a hash, big-endian.
fn joined(entity: [u8; EntityId::LEN], hash: u128) -> [u8; WITHIN_LEN] {
    let mut bytes = [0; WITHIN_LEN];
    let (first, last) = bytes.split_at_mut(EntityId::LEN);
    first.copy_from_slice(&entity);
    last.copy_from_slice(&hash.to_be_bytes());
    bytes
}

/// The entity's id and the hash that these bytes are.
fn parted(bytes: [u8; WITHIN_LEN]) -> Option<([u8; EntityId::LEN], u128)> {
    let (entity, hash) = bytes.split_first_chunk()?;
    Some((*entity, u128::from_be_bytes(*hash.first_chunk()?)))
}

/// A hash of a request's method, path and body: tells a repeated request from another under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

/// The number of a change to one slot: 1, 2, 3, with no gap. Zero is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seq(pub u64);

impl Seq {
    /// The number of the change after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A booking's number within its slot: 1, 2, 3, the order in which bookings were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Number(pub u32);

#[cfg(test)]
#[cfg(feature = "rehearsal")]
mod tests {
    use alloc::vec::Vec;

    use super::{BookingId, Content, EntityId, EntityKind, Partition, RequestKey, SeatmapId, SlotId};

    #[test]
    fn ids_survive_their_bytes_and_sort_as_they_do() {
        let slot = |partition, hash| SlotId { partition: Partition::new(partition).unwrap(), hash };
        let ascending = [slot(0, 0), slot(0, u128::MAX), slot(1, 0), slot(256, 7), slot(1023, u128::MAX)];
        for id in ascending {
            assert_eq!(SlotId::from_bytes(id.to_bytes()), Some(id));
            let booking = BookingId { slot: id, request: RequestKey(id.hash ^ 0x2a) };
            assert_eq!(BookingId::from_bytes(booking.to_bytes()), Some(booking));
        }
        assert!(ascending.is_sorted_by_key(|id| id.to_bytes()));
    }

    #[test]
    fn a_seatmap_is_an_organizers() {
        let partition = Partition::new(1023).unwrap();
        let organizer = EntityId::new(EntityKind::Organizer, partition, 7);
        assert_eq!(organizer.to_bytes()[..2], [0x0B, 0xFF], "the third kind, in the last partition");
        assert_eq!(SlotId::of(organizer), None);
        let map = SeatmapId { organizer, content: Content(u128::MAX - 1) };
        assert_eq!(SeatmapId::from_bytes(map.to_bytes()), Some(map));
        let slot = SlotId { partition, hash: 7 };
        let no_organizer = SeatmapId { organizer: slot.into(), content: Content(1) };
        assert_eq!(SeatmapId::from_bytes(no_organizer.to_bytes()), None);
    }

    #[test]
    fn there_are_1024_partitions() {
        assert_eq!(Partition::new(1023).map(Partition::get), Some(1023));
        assert_eq!(Partition::new(1024), None);
        let mut beyond = [0; SlotId::LEN];
        beyond[0] = 4;
        assert_eq!(SlotId::from_bytes(beyond), None);
    }

    #[test]
    fn a_slots_id_is_an_entitys_of_kind_0() {
        let partition = Partition::new(1023).unwrap();
        let slot = SlotId { partition, hash: 7 };
        let entity = EntityId::from(slot);
        assert_eq!(entity.to_bytes(), slot.to_bytes());
        assert_eq!((entity.kind(), entity.partition(), entity.hash()), (EntityKind::Slot, partition, 7));
        assert_eq!(SlotId::of(entity), Some(slot));
        let toy = EntityId::new(EntityKind::Toy, partition, 7);
        assert_eq!(toy.to_bytes()[..2], [0xFF, 0xFF], "the last kind, in the last partition");
        assert_eq!(EntityId::from_bytes(toy.to_bytes()), Some(toy));
        assert_eq!((toy.kind(), toy.partition(), SlotId::of(toy)), (EntityKind::Toy, partition, None));
        assert_eq!(SlotId::from_bytes(toy.to_bytes()), None);
        assert!(entity < toy);
    }

    #[test]
    fn a_kind_that_is_not_known_is_not_read() {
        let known = |number| EntityKind::new(number).map(EntityKind::number);
        assert_eq!((0..64).filter_map(known).collect::<Vec<_>>(), [0, 1, 2, 63]);
        let mut people = [0; EntityId::LEN];
        people[0] = 12;
        assert_eq!(EntityId::from_bytes(people), None);
    }
}
