//! Numbers that name things, each a type of its own so that none is taken for another.
//!
//! The hashes are made outside: the rules only compare them.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::PARTITIONS;

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

/// A slot: its partition, so that an id alone finds its group, and a hash of organizer, placement and key.
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
    pub const LEN: usize = SlotId::LEN + 16;

    /// The id as bytes: the slot's, then the request's key, big-endian.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let (slot, request) = bytes.split_at_mut(SlotId::LEN);
        slot.copy_from_slice(&self.slot.to_bytes());
        request.copy_from_slice(&self.request.0.to_be_bytes());
        bytes
    }

    /// The id that these bytes are, if their partition exists.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let (slot, request) = bytes.split_first_chunk()?;
        Some(Self {
            slot: SlotId::from_bytes(*slot)?,
            request: RequestKey(u128::from_be_bytes(*request.first_chunk()?)),
        })
    }
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
mod tests {
    use super::{BookingId, Partition, RequestKey, SlotId};

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
    fn there_are_1024_partitions() {
        assert_eq!(Partition::new(1023).map(Partition::get), Some(1023));
        assert_eq!(Partition::new(1024), None);
        let mut beyond = [0; SlotId::LEN];
        beyond[0] = 4;
        assert_eq!(SlotId::from_bytes(beyond), None);
    }
}
