//! Dates and times as they stand in a file, before anyone asks in which zone.

use jiff::civil::{self, DateTime};

/// A date or a time as it stands.
pub(crate) struct Written {
    pub(crate) civil: DateTime,
    pub(crate) is_date: bool,
    pub(crate) is_utc: bool,
}

/// A day in basic form.
pub(crate) fn day(date: civil::Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

/// `YYYYMMDD`, `YYYYMMDDTHHMMSS` or `YYYYMMDDTHHMMSSZ`.
pub(crate) fn written(text: &str) -> Option<Written> {
    let Some((day, time)) = text.split_once('T') else {
        return Some(Written {
            civil: date(text)?.to_datetime(civil::Time::midnight()),
            is_date: true,
            is_utc: false,
        });
    };
    let (time, is_utc) = time.strip_suffix('Z').map_or((time, false), |time| (time, true));
    Some(Written { civil: date(day)?.to_datetime(time_of_day(time)?), is_date: false, is_utc })
}

/// `YYYYMMDD`.
fn date(text: &str) -> Option<civil::Date> {
    let [year, month, day] = digits(text, [4, 2, 2])?;
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `HHMMSS`. A leap second is the second before (RFC 5545, 3.3.12).
fn time_of_day(text: &str) -> Option<civil::Time> {
    let [hour, minute, second] = digits(text, [2, 2, 2])?;
    let second = if second == 60 { 59 } else { second };
    civil::Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}

/// Three numbers of these many digits, side by side and nothing else.
pub(crate) fn digits(text: &str, lens: [usize; 3]) -> Option<[i16; 3]> {
    if text.len() != lens.iter().sum::<usize>() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (first, rest) = text.split_at(lens[0]);
    let (second, third) = rest.split_at(lens[1]);
    Some([first.parse().ok()?, second.parse().ok()?, third.parse().ok()?])
}
