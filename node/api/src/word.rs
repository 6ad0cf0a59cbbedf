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
