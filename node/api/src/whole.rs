//! Whole numbers as JSON Schema has them: `1`, `1.0` and `1e2` are integers, `1.5` is none.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::once::EachOnce;

/// Reads a whole number, however it is written.
pub(crate) fn read<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    Whole::deserialize(deserializer).map(|Whole(number)| number)
}

/// The same where null is none.
pub(crate) fn optional<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    Ok(Option::<Whole<N>>::deserialize(deserializer)?.map(|Whole(number)| number))
}

/// Whole numbers by name, each name once; null is none.
pub(crate) fn by_name<'de, D>(deserializer: D) -> Result<Option<BTreeMap<String, u32>>, D::Error>
where
    D: Deserializer<'de>,
{
    let numbers = Option::<EachOnce<Whole<u32>>>::deserialize(deserializer)?;
    let plain = |EachOnce(numbers)| BTreeMap::into_iter(numbers).map(|(name, Whole(number))| (name, number));
    Ok(numbers.map(|numbers| plain(numbers).collect()))
}

/// A value that is read as a whole number.
pub(crate) struct Whole<N>(pub(crate) N);

impl<'de, N: TryFrom<u64>> Deserialize<'de> for Whole<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Number(PhantomData)).map(Self)
    }
}

struct Number<N>(PhantomData<N>);

impl<N: TryFrom<u64>> Visitor<'_> for Number<N> {
    type Value = N;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, 0 or more")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<N, E> {
        N::try_from(number)
            .map_err(|_too_large| E::invalid_value(Unexpected::Unsigned(number), &"a smaller number"))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<N, E> {
        let number =
            u64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))?;
        self.visit_u64(number)
    }

    /// Rare, so by way of a text: what is whole is written without a point, and 0 is added for the sake of -0.
    fn visit_f64<E: Error>(self, number: f64) -> Result<N, E> {
        match (number + 0.0).to_string().parse() {
            Ok(whole) => self.visit_u64(whole),
            Err(_) if number.fract() == 0.0 && 0.0 < number => {
                Err(E::invalid_value(Unexpected::Float(number), &"a smaller number"))
            }
            Err(_) => Err(E::invalid_value(Unexpected::Float(number), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::booking::{Best, CreateBooking, ExtendHold, Together};
    use crate::slot::{ChangeSlot, CreateSlot, Policy};

    #[test]
    fn a_whole_number_may_be_written_in_any_way() {
        for (text, want) in [
            ("1", Some(1)),
            ("1.0", Some(1)),
            ("1.000", Some(1)),
            ("1e2", Some(100)),
            ("1.5e1", Some(15)),
            ("100e-2", Some(1)),
            ("0.0", Some(0)),
            ("-0", Some(0)),
            ("-0.0", Some(0)),
            ("4294967295.0", Some(u32::MAX)),
            ("4294967296", None),
            ("4294967296.0", None),
            ("1.5", None),
            ("1e-1", None),
            ("-1", None),
            ("-1.0", None),
            ("1e19", None),
            ("18446744073709551616", None),
            ("1e300", None),
            ("1e400", None),
            ("\"1\"", None),
            ("true", None),
            ("null", None),
            ("[1]", None),
        ] {
            let read = serde_json::from_str::<Whole<u32>>(text);
            assert_eq!(read.ok().map(|Whole(number)| number), want, "{text}");
        }
        for (text, says) in
            [("1.5", "a whole number"), ("-1", "0 or more"), ("5000000000", "smaller"), ("1e300", "smaller")]
        {
            let error = serde_json::from_str::<Whole<u32>>(text).map(|Whole(number)| number);
            assert!(error.expect_err(text).to_string().contains(says), "{text}");
        }
    }

    /// The same with a point in every whole number.
    fn pointed(value: Value) -> Value {
        match value {
            Value::Number(number) => json!(number.as_f64().expect("small")),
            Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, pointed(value))).collect(),
            Value::Array(items) => items.into_iter().map(pointed).collect(),
            Value::Null | Value::Bool(_) | Value::String(_) => value,
        }
    }

    fn assert_reads_pointed<T>(body: &T)
    where
        T: Serialize + DeserializeOwned + PartialEq + fmt::Debug,
    {
        let value = pointed(serde_json::to_value(body).expect("JSON"));
        let read: T =
            serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(read, *body);
    }

    #[test]
    fn every_number_of_every_body_is_read_like_that() {
        let mut slot: CreateSlot = serde_json::from_value(json!({
            "title": "yoga", "starts_at": "2090-01-10T07:00:00Z", "ends_at": "2090-01-10T08:00:00Z",
            "inventory": {"units": {"capacity": 7}}, "products": [{"key": "adult"}],
            "quotas": [{"key": "all", "size": 7, "products": ["adult"]}], "prices": [{"amount": 900}],
        }))
        .expect("a slot");
        slot.policy = Policy { customer_limit: Some(3), ..Policy::default() };
        assert_reads_pointed(&slot);

        let mut change = serde_json::to_value(&slot).expect("JSON");
        change.as_object_mut().expect("fields").remove("placement");
        assert_reads_pointed(&serde_json::from_value::<ChangeSlot>(change).expect("all of a slot's fields"));

        assert_reads_pointed(&ExtendHold { hold_seconds: 9 });
        assert_reads_pointed(&CreateBooking {
            quantity: Some(2),
            seats: Some(vec!["s/A/1".to_owned()]),
            areas: Some([("floor".to_owned(), 3)].into()),
            accessible: Some(1),
            best: Some(Best {
                categories: Some(vec!["a".to_owned()]),
                together: Together::Must,
                accessible: 1,
                sections: vec!["s".to_owned()],
            }),
            from: None,
            to: None,
            resource: None,
            allotment: None,
            mode: crate::booking::Mode::Hold,
            hold_seconds: Some(60),
            when_full: crate::booking::WhenFull::Refuse,
            customer: Some("ada".to_owned()),
            lines: Some(vec![crate::tariff::Line { product: "adult".to_owned(), quantity: 2 }]),
            expect_amount: Some(900),
        });
        assert_reads_pointed(&crate::booking::ChangeQuantity { quantity: Some(2), lines: None });
    }
}
