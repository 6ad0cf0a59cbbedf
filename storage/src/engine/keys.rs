//! How names become RocksDB keys. These bytes are on disks: only add.
//!
//! ```text
//! log    group u32 | index u64
//! meta   group u32 | 1                     where the log begins, u64
//! meta   group u32 | 2 | register u8
//! meta   group u32 | 3                     which generation of state is live, u32; 0 if there is none
//! state  group u32 | generation u32 | key
//! ```
//!
//! The generation behind the live one is what is staged.
//!
//! Numbers are big-endian, so that byte order is their order and a group's keys lie together.

use crate::{GroupId, Index, Register};

/// The kind of a key in `meta`.
const LOG_FIRST: u8 = 1;
/// The kind of a key in `meta`.
const REGISTER: u8 = 2;
/// The kind of a key in `meta`.
const GENERATION: u8 = 3;

/// Every key begins with its group's number.
pub(super) const GROUP_BYTES: usize = 4;
const STATE_PREFIX_BYTES: usize = GROUP_BYTES + 4;

/// The number of a group's state among all it ever had. It only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation(u32);

impl Generation {
    /// The generation whose number these bytes are, if they are one.
    pub(super) fn decode(value: &[u8]) -> Option<Generation> {
        Some(Generation(u32::from_be_bytes(value.try_into().ok()?)))
    }

    /// The bytes of its number.
    pub(super) fn encode(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// What is staged while this one is live.
    pub(super) fn next(self) -> Generation {
        Generation(self.0 + 1)
    }
}

/// The key of an entry.
pub(super) fn entry(group: GroupId, index: Index) -> [u8; 12] {
    let mut key = [0; GROUP_BYTES + 8];
    key[..GROUP_BYTES].copy_from_slice(&group.0.to_be_bytes());
    key[GROUP_BYTES..].copy_from_slice(&index.0.to_be_bytes());
    key
}

/// The index that an entry's key names, if it is one.
pub(super) fn index_of(key: &[u8]) -> Option<Index> {
    let index = key.get(GROUP_BYTES..)?.try_into().ok()?;
    Some(Index(u64::from_be_bytes(index)))
}

/// The key of the mark at which a group's log begins.
pub(super) fn log_first(group: GroupId) -> [u8; 5] {
    let [a, b, c, d] = group.0.to_be_bytes();
    [a, b, c, d, LOG_FIRST]
}

/// The key of a register.
pub(super) fn register(group: GroupId, register: Register) -> [u8; 6] {
    let [a, b, c, d] = group.0.to_be_bytes();
    [a, b, c, d, REGISTER, register.0]
}

/// The key of the mark that says which generation of a group's state is live.
pub(super) fn generation(group: GroupId) -> [u8; 5] {
    let [a, b, c, d] = group.0.to_be_bytes();
    [a, b, c, d, GENERATION]
}

/// The key of a value of state.
pub(super) fn state(group: GroupId, generation: Generation, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(STATE_PREFIX_BYTES + key.len());
    bytes.extend_from_slice(&group.0.to_be_bytes());
    bytes.extend_from_slice(&generation.encode());
    bytes.extend_from_slice(key);
    bytes
}

/// The first key behind all of a generation.
pub(super) fn state_end(group: GroupId, generation: Generation) -> Vec<u8> {
    state(group, generation.next(), &[])
}

/// The caller's part of a state key.
pub(super) fn state_name(key: &[u8]) -> &[u8] {
    key.get(STATE_PREFIX_BYTES..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Generation, entry, generation, index_of, log_first, register, state, state_end, state_name};
    use crate::{GroupId, Index, Register};

    #[test]
    fn golden_bytes() {
        let group = GroupId(0x0102_0304);
        let first = Generation::default();
        let later = Generation(0x0a0b_0c0d);
        let rows: [(Vec<u8>, &[u8]); 9] = [
            (
                entry(group, Index(0x1122_3344_5566_7788)).into(),
                b"\x01\x02\x03\x04\x11\x22\x33\x44\x55\x66\x77\x88",
            ),
            (log_first(group).into(), b"\x01\x02\x03\x04\x01"),
            (register(group, Register(9)).into(), b"\x01\x02\x03\x04\x02\x09"),
            (generation(group).into(), b"\x01\x02\x03\x04\x03"),
            (later.encode().into(), b"\x0a\x0b\x0c\x0d"),
            (state(group, first, b"slot"), b"\x01\x02\x03\x04\x00\x00\x00\x00slot"),
            (state_end(group, first), b"\x01\x02\x03\x04\x00\x00\x00\x01"),
            (state(group, later, b"slot"), b"\x01\x02\x03\x04\x0a\x0b\x0c\x0dslot"),
            (state(group, later.next(), b"slot"), b"\x01\x02\x03\x04\x0a\x0b\x0c\x0eslot"),
        ];
        for (found, expected) in rows {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn names_come_back() {
        let group = GroupId(7);
        assert_eq!(index_of(&entry(group, Index(42))), Some(Index(42)));
        assert_eq!(index_of(b"short"), None);
        let later = Generation(9);
        assert_eq!(state_name(&state(group, later, b"slot")), b"slot");
        assert_eq!(Generation::decode(&later.encode()), Some(later));
        assert_eq!(Generation::decode(b"short"), None);
    }
}
