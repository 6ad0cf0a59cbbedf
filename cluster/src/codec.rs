//! Bytes of everything that is written down or sent, and the only user of bincode.
//!
//! A value is one version byte and then its fields in order (bincode's standard configuration: little-endian, variable
//! length integers). Enums are append-only, and golden-byte tests beside the types hold them. The version byte lets a
//! later build write another encoding and read both.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the first byte of every encoded value says.
pub const VERSION: u8 = 1;

/// The most that one value may take in memory when it is read: a length that lies cannot make us allocate more. The largest
/// value is the feed's record of a slot that is cancelled with millions of bookings.
pub const VALUE_LEN_MAX: usize = 1 << 30;

const CONFIGURATION: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<VALUE_LEN_MAX>,
> = bincode::config::standard().with_limit::<VALUE_LEN_MAX>();

/// Bytes that are not what they should be: damaged, or newer than this program.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The version byte is missing or of a later format.
    #[error("version {found:?} of a value is not known; this program reads version {VERSION}")]
    Version {
        /// What the first byte says; `None` for no bytes at all.
        found: Option<u8>,
    },
    /// The fields do not add up.
    #[error("a value cannot be read")]
    Malformed(#[source] bincode::error::DecodeError),
    /// The fields can be read and contradict each other.
    #[error("a value contradicts itself: {0}")]
    Contradiction(String),
    /// There are bytes behind the last field.
    #[error("{left} bytes are left behind a value")]
    Trailing {
        /// How many.
        left: usize,
    },
}

/// The bytes of `value`.
///
/// # Panics
///
/// When the type cannot be encoded at all (a map of unknown length, say): a bug that every test of the type shows.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.push(VERSION);
    bincode::serde::encode_into_std_write(value, &mut bytes, CONFIGURATION).expect("the type can be encoded");
    bytes
}

/// Reads a value back; every byte must be used.
///
/// # Errors
///
/// [`CodecError`] when `bytes` are not exactly one value of this type.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let Some((&VERSION, fields)) = bytes.split_first() else {
        return Err(CodecError::Version { found: bytes.first().copied() });
    };
    let (value, used) =
        bincode::serde::decode_from_slice(fields, CONFIGURATION).map_err(CodecError::Malformed)?;
    if used == fields.len() { Ok(value) } else { Err(CodecError::Trailing { left: fields.len() - used }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_back_and_nothing_else_is() {
        let bytes = encode(&(7_u64, Some("seat")));
        assert_eq!(bytes, [VERSION, 7, 1, 4, b's', b'e', b'a', b't']);
        assert_eq!(decode::<(u64, Option<String>)>(&bytes).expect("just made"), (7, Some("seat".to_owned())));

        assert!(matches!(decode::<u64>(&[]), Err(CodecError::Version { found: None })));
        assert!(matches!(decode::<u64>(&[2, 7]), Err(CodecError::Version { found: Some(2) })));
        assert!(matches!(decode::<u64>(&[VERSION]), Err(CodecError::Malformed(_))));
        assert!(matches!(decode::<u64>(&[VERSION, 7, 8]), Err(CodecError::Trailing { left: 1 })));
        // A length of four billion in five bytes is not believed.
        assert!(matches!(
            decode::<String>(&[VERSION, 252, 255, 255, 255, 255]),
            Err(CodecError::Malformed(_))
        ));
    }
}
