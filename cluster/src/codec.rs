//! Bytes of everything that is written down or sent, and the only user of bincode.
//!
//! A value is one byte for the version of the encoding, and then its fields in order (bincode's standard configuration:
//! little-endian, variable length integers), so no type can grow in place. What is written down or sent is therefore an enum of its
//! versions: the next byte says which shape follows, shapes and words are only added behind the others, and golden-byte tests beside
//! the types hold them. The first byte lets a later build write another encoding and read both.

use bincode::error::DecodeError;
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
    /// There is nothing to read.
    #[error("a value has no bytes")]
    Empty,
    /// The encoding is of a later build.
    #[error(
        "a value is newer than this program: version {found} of the encoding, and {VERSION} is known here"
    )]
    Encoding {
        /// What the first byte says.
        found: u8,
    },
    /// A shape or a word is of a later build.
    #[error("a value is newer than this program: {unknown}")]
    Newer {
        /// What is not known here.
        unknown: String,
    },
    /// The fields do not add up.
    #[error("a value cannot be read")]
    Malformed(#[source] DecodeError),
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

impl CodecError {
    /// Whether nothing is damaged: a later build wrote it, and reads it.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Encoding { .. } | Self::Newer { .. } => true,
            Self::Empty | Self::Malformed(_) | Self::Contradiction(_) | Self::Trailing { .. } => false,
        }
    }
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
    let (&found, fields) = bytes.split_first().ok_or(CodecError::Empty)?;
    if found != VERSION {
        return Err(CodecError::Encoding { found });
    }
    let (value, used) = bincode::serde::decode_from_slice(fields, CONFIGURATION).map_err(unreadable)?;
    if used == fields.len() { Ok(value) } else { Err(CodecError::Trailing { left: fields.len() - used }) }
}

/// What serde says of a variant that an enum does not have. Our bytes are checksummed where they rest and where they travel, so a
/// variant that is not known is hardly ever damage.
const UNKNOWN_VARIANT: &str = "variant index";
/// What a type says of itself that reads a number as one of the words which it knows.
const UNKNOWN_WORD: &str = "newer than this program";

fn unreadable(error: DecodeError) -> CodecError {
    if let DecodeError::OtherString(said) = &error
        && (said.contains(UNKNOWN_VARIANT) || said.contains(UNKNOWN_WORD))
    {
        CodecError::Newer { unknown: said.clone() }
    } else {
        CodecError::Malformed(error)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn a_value_is_read_back_and_nothing_else_is() {
        let bytes = encode(&(7_u64, Some("seat")));
        assert_eq!(bytes, [VERSION, 7, 1, 4, b's', b'e', b'a', b't']);
        assert_eq!(decode::<(u64, Option<String>)>(&bytes).expect("just made"), (7, Some("seat".to_owned())));

        assert!(matches!(decode::<u64>(&[]), Err(CodecError::Empty)));
        assert!(matches!(decode::<u64>(&[2, 7]), Err(CodecError::Encoding { found: 2 })));
        assert!(matches!(decode::<u64>(&[VERSION]), Err(CodecError::Malformed(_))));
        assert!(matches!(decode::<u64>(&[VERSION, 7, 8]), Err(CodecError::Trailing { left: 1 })));
        // A length of four billion in five bytes is not believed.
        assert!(matches!(
            decode::<String>(&[VERSION, 252, 255, 255, 255, 255]),
            Err(CodecError::Malformed(_))
        ));
    }

    #[test]
    fn what_is_newer_is_told_from_what_is_damaged() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        enum Versions {
            V1(bool),
        }
        #[derive(Debug, Serialize, Deserialize)]
        struct Nested {
            within: Option<Versions>,
        }
        assert_eq!(decode::<Versions>(&[VERSION, 0, 1]).expect("known"), Versions::V1(true));
        for (bytes, newer) in [
            (&[VERSION, 1, 1, 0, 1][..], true),
            (&[VERSION, 1, 0, 2], false),
            (&[VERSION, 2, 0, 1], false),
            (&[VERSION, 1, 0], false),
            (&[VERSION + 1, 0], true),
            (&[], false),
        ] {
            let error = decode::<Nested>(bytes).expect_err("not a value");
            assert_eq!(error.is_newer(), newer, "{bytes:?}: {error}");
        }
    }
}
