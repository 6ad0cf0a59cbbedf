//! Objects within bodies: read from an object alone. serde would take a list for the fields of a struct, in their order.

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

/// Reads an object where null is none.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(read)| read))
}

/// Reads a list of objects where null is none.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let read = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(read.map(|list| list.into_iter().map(|Object(read)| read).collect()))
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(ByName(deserializer)).map(Self)
    }
}

/// Gives a struct nothing but fields by name.
struct ByName<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByName<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::booking::CreateBooking;

    #[test]
    fn no_list_stands_for_an_object() {
        for (text, is_read) in [
            (r#"{"quantity": 1, "best": {"categories": ["a"], "sections": []}}"#, true),
            (r#"{"quantity": 1, "best": {}}"#, true),
            (r#"{"quantity": 1, "best": null}"#, true),
            (r#"{"quantity": 1, "best": []}"#, false),
            (r#"{"quantity": 1, "best": [["a"]]}"#, false),
            (r#"{"quantity": 1, "best": [["a"], "must", 0, []]}"#, false),
            (r#"{"quantity": 1, "best": "a"}"#, false),
            (r#"{"quantity": 1, "best": {"worst": 1}}"#, false),
            (r#"{"lines": [{"product": "adult", "quantity": 2}]}"#, true),
            (r#"{"lines": []}"#, true),
            (r#"{"lines": null}"#, true),
            (r#"{"lines": [["adult", 2]]}"#, false),
            (r#"{"lines": [{"product": "adult", "quantity": 2}, ["child", 1]]}"#, false),
            (r#"{"lines": {"product": "adult", "quantity": 2}}"#, false),
            (r#"{"seats": ["a/1/1"], "areas": {"floor": 2}}"#, true),
            (r#"{"seats": {"a": 1}}"#, false),
            (r#"{"areas": [["floor", 2]]}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<CreateBooking>(text).is_ok(), is_read, "{text}");
        }
    }
}
