//! Words: enums that are spelled as one string, and as nothing else.

use std::borrow::Cow;

use serde::de::value::CowStrDeserializer;
use serde::{Deserialize, Deserializer};

/// Reads a unit enum from a string. serde by itself would also take `{"confirm": null}` for `"confirm"`.
pub(crate) fn read<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    T::deserialize(CowStrDeserializer::new(text))
}

/// The same of what may be left out: null is no word.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    read(deserializer).map(Some)
}

/// A value that is read as a word.
pub(crate) struct Word<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer).map(Self)
    }
}
