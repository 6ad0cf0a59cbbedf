//! Points in time, as the wire writes them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, to the end of the year 9999.
///
/// Read from RFC 3339 with any offset; finer than a millisecond is refused, not rounded. Written in UTC with three
/// decimals: `2027-01-10T07:00:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    ms: u64,
}

/// Why a text is not a [`Time`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// Not RFC 3339, or a date that does not exist.
    NotRfc3339,
    /// Microseconds or finer are not kept, so they are not taken.
    FinerThanMilliseconds,
    /// Before 1970 or after 9999.
    OutOfRange,
}

impl Time {
    /// The last instant: 9999-12-30T22:00:00.000Z (so that every offset can still show it).
    pub const MAX: Self = Self { ms: 253_402_207_200_000 };

    /// `ms` milliseconds after 1970, cut to [`Time::MAX`].
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        if ms > Self::MAX.ms { Self::MAX } else { Self { ms } }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_ms(self) -> u64 {
        self.ms
    }

    /// As it is written, in ASCII. A booking's answer has one or two: jiff's own printer takes three times as long.
    #[must_use]
    pub fn text(self) -> [u8; 24] {
        let ms = i64::try_from(self.ms).expect("no time is beyond the maximum");
        let instant = Timestamp::from_millisecond(ms).expect("jiff knows the maximum");
        let at = Offset::UTC.to_datetime(instant);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut write = |first: usize, digits: usize, mut number: i16| {
            for digit in text.iter_mut().skip(first).take(digits).rev() {
                *digit += u8::try_from(number % 10).expect("a digit");
                number /= 10;
            }
        };
        write(0, 4, at.year());
        write(5, 2, at.month().into());
        write(8, 2, at.day().into());
        write(11, 2, at.hour().into());
        write(14, 2, at.minute().into());
        write(17, 2, at.second().into());
        write(20, 3, at.millisecond());
        text
    }
}

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        // jiff is more lenient than RFC 3339 (it takes a space, an annotation, a missing second): the shape is ours to hold.
        if !has_rfc3339_shape(text.as_bytes()) {
            return Err(TimeError::NotRfc3339);
        }
        let Ok(instant) = text.parse::<Timestamp>() else {
            // A date and a time that exist, on the last day of the year 9999: only the instant is out of jiff's range.
            let exists = text.get(..19).is_some_and(|local| local.parse::<DateTime>().is_ok());
            return Err(if exists { TimeError::OutOfRange } else { TimeError::NotRfc3339 });
        };
        if instant.subsec_nanosecond() % 1_000_000 != 0 {
            return Err(TimeError::FinerThanMilliseconds);
        }
        let ms = u64::try_from(instant.as_millisecond()).map_err(|_before_1970| TimeError::OutOfRange)?;
        if ms <= Self::MAX.ms { Ok(Self { ms }) } else { Err(TimeError::OutOfRange) }
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`, where `T` and `Z` may be small.
fn has_rfc3339_shape(text: &[u8]) -> bool {
    const DATE_TIME: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let fits = |byte: &u8, pattern: &u8| match pattern {
        b'd' => byte.is_ascii_digit(),
        other => byte.eq_ignore_ascii_case(other),
    };
    let Some((head, tail)) = text.split_at_checked(DATE_TIME.len()) else { return false };
    // A leap second is no time to come: nobody knows yet when there will be one.
    if !head.iter().zip(DATE_TIME).all(|(byte, pattern)| fits(byte, pattern)) || head.ends_with(b"60") {
        return false;
    }
    let zone = match tail.split_first() {
        Some((b'.', fraction)) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            fraction.split_at(digits).1
        }
        _ => tail,
    };
    match zone {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', offset @ ..] => {
            let shape =
                offset.len() == 5 && offset.iter().zip(b"dd:dd").all(|(byte, pattern)| fits(byte, pattern));
            shape && offset.get(..2) <= Some(b"23") && offset.get(3..) <= Some(b"59")
        }
        _ => false,
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_not_ascii| fmt::Error)?)
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRfc3339 => "must be an RFC 3339 time such as 2027-01-10T07:00:00.000Z",
            Self::FinerThanMilliseconds => "must not be finer than a millisecond",
            Self::OutOfRange => "must lie between 1970 and 9999-12-30T22:00:00Z",
        })
    }
}

impl std::error::Error for TimeError {}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text).map_err(D::Error::custom)
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .description(Some(
                "RFC 3339; any offset is taken, UTC with milliseconds is given, finer is refused",
            ))
            .examples(["2027-01-10T07:00:00.000Z"])
            .into()
    }
}

impl utoipa::ToSchema for Time {
    fn name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_taken_and_utc_is_given() {
        for (text, want) in [
            ("2027-01-10T07:00:00.000Z", "2027-01-10T07:00:00.000Z"),
            ("2027-01-10T07:00:00Z", "2027-01-10T07:00:00.000Z"),
            ("2027-01-10T08:00:00.5+01:00", "2027-01-10T07:00:00.500Z"),
            ("2027-01-10T00:00:00.123000-07:00", "2027-01-10T07:00:00.123Z"),
            ("2024-02-29t23:59:59z", "2024-02-29T23:59:59.000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(text.parse::<Time>().map(|time| time.to_string()), Ok(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn it_is_written_as_jiff_writes_it() {
        // Steps of a prime number of milliseconds, eleven days or so: every month, every hour, leap days among them.
        for ms in (0..=Time::MAX.ms).step_by(999_999_937).chain([1_790_000_000_007, Time::MAX.ms]) {
            let jiffs = Timestamp::from_millisecond(i64::try_from(ms).expect("small")).expect("in range");
            assert_eq!(Time::from_ms(ms).to_string(), format!("{jiffs:.3}"), "{ms}");
        }
    }

    #[test]
    fn the_last_moment_and_those_before_it_can_be_written_and_read() {
        for ms in Time::MAX.ms - 2_000..=Time::MAX.ms {
            let time = Time::from_ms(ms);
            assert_eq!(time.to_string().parse(), Ok(time), "{ms}");
        }
        assert_eq!(Time::from_ms(u64::MAX), Time::MAX);
    }

    #[test]
    fn what_is_not_rfc_3339_to_the_millisecond_is_refused() {
        for (text, want) in [
            ("", TimeError::NotRfc3339),
            ("2027-01-10", TimeError::NotRfc3339),
            ("2027-01-10 07:00:00Z", TimeError::NotRfc3339),
            ("2027-01-10T07:00Z", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00.Z", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00Z[UTC]", TimeError::NotRfc3339),
            ("2027-02-30T07:00:00Z", TimeError::NotRfc3339),
            ("9999-12-31T23:59:59Z", TimeError::OutOfRange),
            ("9999-12-31T25:59:59Z", TimeError::NotRfc3339),
            ("2027-06-01T09:59:60Z", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00+0100", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00+24:00", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00+01:60", TimeError::NotRfc3339),
            ("2027-01-10T07:00:00.0001Z", TimeError::FinerThanMilliseconds),
            ("1969-12-31T23:59:59Z", TimeError::OutOfRange),
            ("9999-12-31T00:00:00Z", TimeError::OutOfRange),
        ] {
            let got = text.parse::<Time>();
            assert!(got == Err(want) || (want == TimeError::OutOfRange && got.is_err()), "{text}: {got:?}");
        }
    }
}
