//! The envelope of every value. RocksDB's own checksums guard its blocks; the seal guards the value all the
//! way from who wrote it to who reads it, and ties it to its key, so that a value in the wrong place is found
//! too.
//!
//! ```text
//! version u8 = 1 | crc32 u32 of version, key, value | value
//! ```
//!
//! These bytes are on disks: a change takes a new version, and old ones stay readable.

const VERSION: u8 = 1;
/// How many bytes a seal adds.
pub(super) const SEAL_BYTES: usize = 5;

/// Replaces what is in `sealed` by the sealed value, so that one buffer serves a whole batch.
pub(super) fn seal(key: &[u8], value: &[u8], sealed: &mut Vec<u8>) {
    sealed.clear();
    sealed.reserve(SEAL_BYTES + value.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&checksum(key, value).to_be_bytes());
    sealed.extend_from_slice(value);
}

/// The value inside, or `None` if these are not the bytes that were sealed under this key.
pub(super) fn open<'sealed>(key: &[u8], sealed: &'sealed [u8]) -> Option<&'sealed [u8]> {
    let (seal, value) = sealed.split_at_checked(SEAL_BYTES)?;
    let written = u32::from_be_bytes(seal[1..].try_into().ok()?);
    (seal[0] == VERSION && written == checksum(key, value)).then_some(value)
}

fn checksum(key: &[u8], value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[VERSION]);
    hasher.update(key);
    hasher.update(value);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::{open, seal};

    #[test]
    fn golden_bytes() {
        let mut sealed = b"what was in the buffer before".to_vec();
        seal(b"key", b"value", &mut sealed);
        assert_eq!(sealed, b"\x01\x52\x05\x2c\x62value");
        assert_eq!(open(b"key", &sealed), Some(b"value".as_slice()));
    }

    #[test]
    fn any_flipped_bit_another_key_and_any_cut_are_found() {
        let mut sealed = Vec::new();
        seal(b"key", b"value", &mut sealed);
        for bit in 0..sealed.len() * 8 {
            let mut rotten = sealed.clone();
            rotten[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(b"key", &rotten), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(open(b"key", &sealed[..length]), None, "the first {length} bytes");
        }
        assert_eq!(open(b"kex", &sealed), None);
    }
}
