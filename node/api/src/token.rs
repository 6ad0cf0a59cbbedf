//! What a bearer token says.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The `iss` of tokens that `boxoffice dev` takes and the tools make.
pub const ISSUER_DEFAULT: &str = "boxoffice";
/// The `aud` of the same.
pub const AUDIENCE_DEFAULT: &str = "boxoffice";
/// The longest token that is looked at, in bytes.
pub const LEN_MAX: usize = 4 * 1024;

/// The claims of a token, all required (`organizer` for that role).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The subject: 1 to 64 bytes. A customer is known by it.
    pub sub: String,
    /// What the bearer may do.
    pub role: Role,
    /// For which organizer an organizer's token speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer: Option<String>,
    /// Who made the token.
    pub iss: String,
    /// For whom it was made.
    pub aud: Audience,
    /// After which it is no longer good.
    pub exp: NumericDate,
    /// Before which it is not yet good.
    pub nbf: NumericDate,
    /// When it was made.
    pub iat: NumericDate,
    /// The token's own name.
    pub jti: String,
}

/// What the bearer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books.
    Customer,
    /// Offers slots.
    Organizer,
    /// Runs the cluster.
    Operator,
}

/// One audience or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// `"aud": "boxoffice"`.
    One(String),
    /// `"aud": ["boxoffice", …]`.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `audience` is among them.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

/// Seconds since 1970, with or without a fraction (RFC 7519, 2), to the millisecond. What was before 1970 was then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumericDate {
    ms: u64,
}

impl NumericDate {
    /// Milliseconds since 1970.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.ms
    }
}

impl From<u64> for NumericDate {
    /// Whole seconds since 1970.
    fn from(seconds: u64) -> Self {
        Self { ms: seconds.saturating_mul(1_000) }
    }
}

impl Serialize for NumericDate {
    #[expect(clippy::cast_precision_loss, reason = "a fraction of a second is exact for 280,000 years")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.ms.is_multiple_of(1_000) {
            serializer.serialize_u64(self.ms / 1_000)
        } else {
            serializer.serialize_f64(self.ms as f64 / 1_000.0)
        }
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seconds;

        impl Visitor<'_> for Seconds {
            type Value = NumericDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
                Ok(seconds.into())
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<NumericDate, E> {
                Ok(u64::try_from(seconds).unwrap_or(0).into())
            }

            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "`as` stays at the nearest that there is"
            )]
            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
                Ok(NumericDate { ms: (seconds * 1_000.0).round() as u64 })
            }
        }

        deserializer.deserialize_any(Seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_may_be_written() {
        for (text, ms, written) in [
            ("0", 0, "0"),
            ("1700000000", 1_700_000_000_000, "1700000000"),
            ("1700000000.0", 1_700_000_000_000, "1700000000"),
            ("1700000000.5", 1_700_000_000_500, "1700000000.5"),
            ("1.7000000004999e9", 1_700_000_000_500, "1700000000.5"),
            ("-1", 0, "0"),
            ("-0.5", 0, "0"),
            ("1e300", u64::MAX, ""),
            ("18446744073709551615", u64::MAX, ""),
        ] {
            let date: NumericDate = serde_json::from_str(text).expect(text);
            assert_eq!(date.ms(), ms, "{text}");
            let again = serde_json::to_string(&date).expect(text);
            assert!(written.is_empty() || again == written, "{text}: {again}");
        }
        for text in ["\"1700000000\"", "null", "true", "[1]", "1e400"] {
            assert!(serde_json::from_str::<NumericDate>(text).is_err(), "{text}");
        }
    }
}
