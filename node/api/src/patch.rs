//! Changes as a JSON Merge Patch (RFC 7396): what is left out stays, null takes away, anything else is set.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::whole;
use crate::word;

/// What becomes of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It was left out: it stays.
    #[default]
    Keep,
    /// It was null: it goes, or back to its default.
    Remove,
    /// It is this now.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field is left out.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value that was set.
    pub const fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Remove => None,
        }
    }

    /// What the field is to be, if it is to be anything else, with `default` for what is taken away.
    pub fn or(self, default: T) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Remove => Some(default),
            Self::Set(value) => Some(value),
        }
    }

    /// What becomes of a field within this one: where this goes, so does that.
    pub fn and_then<U>(self, within: impl FnOnce(T) -> Patch<U>) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Remove => Patch::Remove,
            Self::Set(value) => within(value),
        }
    }

    /// The same for another type; null stays null.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Patch<U> {
        self.and_then(|value| Patch::Set(make(value)))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Remove => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Remove, Self::Set))
    }
}

/// What is there is given, null too where that is a word of the type.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads a field that is one word or null.
pub(crate) fn word<'de, D, T>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<word::Word<T>>::deserialize(deserializer)?
        .map_or(Patch::Remove, |word::Word(value)| Patch::Set(value)))
}

/// Reads a field that is one whole number or null.
pub(crate) fn whole<'de, D, N>(deserializer: D) -> Result<Patch<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    Ok(whole::optional(deserializer)?.map_or(Patch::Remove, Patch::Set))
}

#[cfg(test)]
mod tests {
    use super::Patch;
    use crate::slot::ChangeSlot;

    #[test]
    fn left_out_null_and_set_are_three_things() {
        let patch = |text| serde_json::from_str::<ChangeSlot>(text);
        assert_eq!(patch("{}").expect("nothing").title, Patch::Keep);
        assert_eq!(patch(r#"{"title":null}"#).expect("null").title, Patch::Remove);
        assert_eq!(patch(r#"{"title":"x"}"#).expect("set").title, Patch::Set("x".to_owned()));
        for wrong in [
            r#"{"name":"x"}"#,
            r#"{"policy":{"hold":1}}"#,
            r#"{"policy":{"confirmed_by":"nobody"}}"#,
            r#"{"policy":{"confirmed_by":{"customer":null}}}"#,
            r#"{"inventory":{"units":{"capacity":"5"}}}"#,
            r#"{"placement":"x"}"#,
        ] {
            assert!(patch(wrong).is_err(), "{wrong}");
        }
    }
}
