//! Objects of which each name may stand once: JSON lets it stand twice, and which of the two is meant nobody can say.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads values by name, each name once.
pub(crate) fn read<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    EachOnce::deserialize(deserializer).map(|EachOnce(values)| values)
}

/// Values by name.
pub(crate) struct EachOnce<V>(pub(crate) BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for EachOnce<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names(PhantomData)).map(Self)
    }
}

struct Names<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Names<V> {
    type Value = BTreeMap<String, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of which each name stands once")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut values = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if values.insert(name, value).is_some() {
                return Err(M::Error::custom("a name that stands twice"));
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use crate::booking::CreateBooking;
    use crate::seats::SellSeats;

    #[test]
    fn no_name_stands_twice() {
        let sale = |text: &str| serde_json::from_str::<SellSeats>(text);
        assert_eq!(sale(r#"{"allot": {"a": ["x"], "b": ["y"]}}"#).expect("two names").allot.len(), 2);
        let booking = |text: &str| serde_json::from_str::<CreateBooking>(text).map(|_| ());
        for (twice, kept) in [
            (sale(r#"{"allot": {"a": ["x"], "a": ["y"]}}"#).map(|_| ()), sale("{}").map(|_| ())),
            (booking(r#"{"areas": {"f": 1, "f": 2}}"#), booking(r#"{"areas": {"f": 1, "g": 2}}"#)),
        ] {
            assert!(twice.expect_err("twice").to_string().contains("a name that stands twice"));
            assert!(kept.is_ok());
        }
    }
}
