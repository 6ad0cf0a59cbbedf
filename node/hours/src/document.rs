//! What an organizer writes: the part of a calendar that says when it is open.

use api::time::Time;
use serde::{Deserialize, Serialize};

/// When a calendar is open, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The hours of the week. Left out, it is always open; a list of none is never, but for what is extra.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Vec<OpeningHours>>,
    /// Days on which it is closed all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<ClosedDays>,
    /// When else it is open, whatever hours and closed days say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<ExtraHours>,
    /// Whose clocks and days are meant: an IANA name. Left out, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// An opening of every week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningHours {
    /// The days on which it begins: `mo`, `tu`, `we`, `th`, `fr`, `sa`, `su`.
    pub days: Vec<String>,
    /// `08:00`.
    pub from: String,
    /// `22:00`, or `24:00`; not after `from`, it is on the next day.
    pub to: String,
}

/// Days in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedDays {
    /// The first, `2027-12-24`.
    pub from: String,
    /// The first that is no more one of them.
    pub to: String,
}

/// An opening of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraHours {
    /// Its beginning.
    pub from: Time,
    /// Its end, no more a part of it.
    pub to: Time,
}
