//! JSON as it stands in the text: fields in their order, and none lost that comes twice, so that every fault has its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::fault::{Error, Faults, Spot};

/// A value.
#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Truth,
    Whole(i64),
    Fraction(f64),
    Text(Box<str>),
    List(Vec<Self>),
    Object(Vec<(Box<str>, Self)>),
}

/// What becomes of fields that a reader does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    Refused,
    PassedOver,
}

/// An object whose fields are known by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'j>(&'j [(Box<str>, Json)]);

impl Json {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let not_json = |error: &dyn fmt::Display| Error::Malformed(format!("the text is not JSON: {error}"));
        let text = str::from_utf8(bytes).map_err(|error| not_json(&error))?;
        serde_json::from_str(text).map_err(|error| not_json(&error))
    }

    pub(crate) fn text(&self, spot: &Spot<'_>, faults: &mut Faults) -> Option<&str> {
        if let Self::Text(text) = self {
            return Some(text);
        }
        faults.add(spot, format_args!("must be a string, not {}", self.kind()));
        None
    }

    /// A whole number within bounds.
    pub(crate) fn whole<N>(&self, spot: &Spot<'_>, bounds: (N, N), faults: &mut Faults) -> Option<N>
    where
        N: TryFrom<i64> + PartialOrd + fmt::Display,
    {
        let (least, most) = bounds;
        let number = if let Self::Whole(number) = self { N::try_from(*number).ok() } else { None };
        let within = number.filter(|number| least <= *number && *number <= most);
        if within.is_none() {
            faults.add(spot, format_args!("must be a whole number from {least} to {most}"));
        }
        within
    }

    /// A number, in whole parts of which `parts` are one, rounded to the nearest; one is no farther than `most` from nothing.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast to a whole number stops at its ends, which are beyond the bound"
    )]
    pub(crate) fn parts(&self, spot: &Spot<'_>, parts: i32, most: i32, faults: &mut Faults) -> Option<i64> {
        let found = match self {
            Self::Whole(number) => number.checked_mul(i64::from(parts)),
            // 53 bits are plenty: where rounding could go either way, either is near enough.
            Self::Fraction(number) => Some((number * f64::from(parts)).round() as i64),
            Self::Null | Self::Truth | Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        };
        let far = i64::from(most) * i64::from(parts);
        let within = found.filter(|found| (-far..=far).contains(found));
        if within.is_none() {
            faults.add(spot, format_args!("must be a number from -{most} to {most}"));
        }
        within
    }

    pub(crate) fn list(&self, spot: &Spot<'_>, faults: &mut Faults) -> Option<&[Self]> {
        if let Self::List(items) = self {
            return Some(items);
        }
        faults.add(spot, format_args!("must be a list, not {}", self.kind()));
        None
    }

    /// The fields of an object, whatever their names; none comes twice.
    pub(crate) fn entries(&self, spot: &Spot<'_>, faults: &mut Faults) -> Option<&[(Box<str>, Self)]> {
        let Self::Object(fields) = self else {
            faults.add(spot, format_args!("must be an object, not {}", self.kind()));
            return None;
        };
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        for name in names.windows(2).filter_map(|pair| (pair[0] == pair[1]).then_some(pair[0])) {
            faults.add(&spot.field(name), "must not come twice");
        }
        Some(fields)
    }

    /// An object that has fields of these names.
    pub(crate) fn object(
        &self,
        spot: &Spot<'_>,
        (known, unknown): (&[&str], Unknown),
        faults: &mut Faults,
    ) -> Option<Object<'_>> {
        let fields = self.entries(spot, faults)?;
        if unknown == Unknown::Refused {
            for (name, _) in fields.iter().filter(|(name, _)| !known.contains(&&**name)) {
                let known = known.join(", ");
                faults.add(&spot.field(name), format_args!("is no field that is known here: {known}"));
            }
        }
        Some(Object(fields))
    }

    /// Whether a field of this name is missing, or an empty list.
    pub(crate) fn is_without(&self, name: &str) -> bool {
        let Self::Object(fields) = self else { return false };
        Object(fields).get(name).is_none_or(|value| matches!(value, Self::List(items) if items.is_empty()))
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Truth => "true or false",
            Self::Whole(_) | Self::Fraction(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl<'j> Object<'j> {
    pub(crate) fn get(self, name: &str) -> Option<&'j Json> {
        self.0.iter().find(|(field, _)| **field == *name).map(|(_, value)| value)
    }

    pub(crate) fn need(self, name: &str, spot: &Spot<'_>, faults: &mut Faults) -> Option<&'j Json> {
        let value = self.get(name);
        if value.is_none() {
            faults.add(&spot.field(name), "is required");
        }
        value
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

/// The numbers up to which every whole one can be told from its neighbours in a fraction's form: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Truth)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        // What is larger is beyond every bound, and stays there.
        Ok(Json::Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    /// `1.0` and `1e2` are whole numbers, as JSON Schema has it.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it was looked at: the number is whole and has 53 bits"
    )]
    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        let is_whole = number.fract() == 0.0 && number.abs() < EXACT_MAX;
        Ok(if is_whole { Json::Whole(number as i64) } else { Json::Fraction(number) })
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = just(items.next_element()?);
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut fields = just(entries.next_entry()?);
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}

/// A list of the first item, if there is one, and with room for no other: it would have room for four, and a text may be all brackets.
fn just<T>(first: Option<T>) -> Vec<T> {
    first.map_or_else(Vec::new, |first| vec![first])
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn what_has_one_item_has_room_for_one() {
        let lists = Json::read(b"[[0]]").expect("it is JSON");
        let Json::List(lists) = lists else { panic!("{lists:?} is a list") };
        let [Json::List(list)] = &lists[..] else { panic!("{lists:?} has a list") };
        assert_eq!((lists.capacity(), list.capacity()), (1, 1));
        let object = Json::read(br#"{"a":0}"#).expect("it is JSON");
        let Json::Object(fields) = object else { panic!("{object:?} is an object") };
        assert_eq!(fields.capacity(), 1);
    }
}
