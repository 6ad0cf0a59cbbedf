//! Calendars: what an organizer says of one, and what can still be booked of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patch::{self, Patch};
use crate::time::Time;
use crate::whole;

/// Ranges of time, of a pool of things that are all alike, or of things that have names: exactly one of `count` and `resources`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "resources": ["court-1", "court-2"], "grid_seconds": 1_800, "minimum_seconds": 1_800, "maximum_seconds": 7_200,
    "before_seconds": 0, "after_seconds": 600, "lead_seconds": 3_600, "horizon_seconds": 15_552_000, "time_zone": "Europe/Berlin",
    "hours": [{"days": ["mo", "tu", "we", "th", "fr"], "from": "08:00", "to": "22:00"}],
    "closed": [{"from": "2030-12-24", "to": "2030-12-27"}],
    "extra": [{"from": "2030-05-01T08:00:00.000Z", "to": "2030-05-01T12:00:00.000Z"}]
})))]
pub struct Calendar {
    /// How many there are that are all alike, 1 to 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 10_000)]
    pub count: Option<u32>,
    /// The names of those that have names, 1 to 256, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 256)]
    pub resources: Option<Vec<String>>,
    /// Ranges begin and end on a grid of so many seconds, counted from the beginning of the opening: 60 to 86,400.
    #[serde(default = "grid_seconds", deserialize_with = "whole::read")]
    #[schema(minimum = 60, maximum = 86_400, default = 900)]
    pub grid_seconds: u32,
    /// The shortest, a multiple of the grid. Left out: one step of it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    #[schema(value_type = u32, required = false, minimum = 60, maximum = 2_678_400)]
    pub minimum_seconds: Option<u32>,
    /// The longest, a multiple of the grid.
    #[serde(default = "maximum_seconds", deserialize_with = "whole::read")]
    #[schema(minimum = 60, maximum = 2_678_400, default = 86_400)]
    pub maximum_seconds: u32,
    /// What a booking keeps free before its range.
    #[serde(default, deserialize_with = "whole::read")]
    #[schema(required = false, maximum = 86_400, default = 0)]
    pub before_seconds: u32,
    /// What a booking keeps free after its range.
    #[serde(default, deserialize_with = "whole::read")]
    #[schema(required = false, maximum = 86_400, default = 0)]
    pub after_seconds: u32,
    /// How long before a range begins it is booked at the latest.
    #[serde(default, deserialize_with = "whole::read")]
    #[schema(required = false, maximum = 31_536_000, default = 0)]
    pub lead_seconds: u32,
    /// How long before a range begins it is booked at the earliest.
    #[serde(default = "horizon_seconds", deserialize_with = "whole::read")]
    #[schema(maximum = 93_312_000, default = 15_552_000)]
    pub horizon_seconds: u32,
    /// By whose clocks hours and closed days are meant: a name of the IANA's.
    #[serde(default = "time_zone")]
    #[schema(default = json!("UTC"))]
    pub time_zone: String,
    /// When it is open each week. Left out or null: always; none: never, but for what is extra.
    #[serde(default)]
    #[schema(required = false, max_items = 64)]
    pub hours: Option<Vec<OpeningHours>>,
    /// On which days it is closed all the same.
    #[serde(default)]
    #[schema(required = false, max_items = 512)]
    pub closed: Vec<ClosedDays>,
    /// When it is open all the same.
    #[serde(default)]
    #[schema(required = false, max_items = 512)]
    pub extra: Vec<ExtraHours>,
}

const fn grid_seconds() -> u32 {
    900
}

const fn maximum_seconds() -> u32 {
    86_400
}

const fn horizon_seconds() -> u32 {
    15_552_000
}

fn time_zone() -> String {
    "UTC".to_owned()
}

/// Open on some days of each week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningHours {
    /// The days on which it opens: `mo`, `tu`, `we`, `th`, `fr`, `sa`, `su`.
    pub days: Vec<String>,
    /// `08:00`.
    pub from: String,
    /// `22:00`, or `24:00`; where it is not after `from`, on the next day.
    pub to: String,
}

/// Closed on days in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedDays {
    /// The first, `2027-12-24`.
    pub from: String,
    /// The first that is not any more.
    pub to: String,
}

/// Open for a while, whatever hours and closed days say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraHours {
    /// When it opens.
    pub from: Time,
    /// When it closes.
    pub to: Time,
}

/// What changes of a calendar: lists are given whole. What is booked stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeCalendar {
    /// How many there are, if they are all alike.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = u32, minimum = 1, maximum = 10_000)]
    pub count: Patch<u32>,
    /// The names of those that have names, in their order.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 256)]
    pub resources: Patch<Vec<String>>,
    /// The grid; null: 900.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 86_400)]
    pub grid_seconds: Patch<u32>,
    /// The shortest range.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = u32, minimum = 60, maximum = 2_678_400)]
    pub minimum_seconds: Patch<u32>,
    /// The longest range; null: 86,400.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 60, maximum = 2_678_400)]
    pub maximum_seconds: Patch<u32>,
    /// What is kept free before a range; null: nothing.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, maximum = 86_400)]
    pub before_seconds: Patch<u32>,
    /// What is kept free after a range; null: nothing.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, maximum = 86_400)]
    pub after_seconds: Patch<u32>,
    /// The lead; null: none.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, maximum = 31_536_000)]
    pub lead_seconds: Patch<u32>,
    /// The horizon; null: 15,552,000.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, maximum = 93_312_000)]
    pub horizon_seconds: Patch<u32>,
    /// Whose clocks; null: UTC.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Patch<String>,
    /// When it is open each week; null: always.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<OpeningHours>>, max_items = 64)]
    pub hours: Patch<Vec<OpeningHours>>,
    /// On which days it is closed all the same; null: on none.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<ClosedDays>>, max_items = 512)]
    pub closed: Patch<Vec<ClosedDays>>,
    /// When it is open all the same; null: never.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<ExtraHours>>, max_items = 512)]
    pub extra: Patch<Vec<ExtraHours>>,
}

/// The body of `POST /v1/bookings/{booking}/move`. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(examples(json!({
    "from": "2030-01-10T09:30:00.000Z", "to": "2030-01-10T10:30:00.000Z", "resource": "court-2"
}), json!({"resource": null})))]
pub struct MoveBooking {
    /// When it is to begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// When it is to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
    /// On which resource; null: on any.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 32)]
    pub resource: Patch<String>,
}

/// A stretch of time in which every start on the grid can be booked, for as long as was asked, as of `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreeStretch {
    /// The first start.
    pub from: Time,
    /// When the last has ended.
    pub to: Time,
    /// How many are free throughout.
    #[schema(maximum = 10_000)]
    pub free: u32,
    /// Which resource is; null where they are all alike.
    #[schema(required = true)]
    pub resource: Option<String>,
}

/// A page of what is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FreePage)]
pub struct Page {
    /// By time, then by resource.
    pub items: Vec<FreeStretch>,
    /// What to pass as `after` for the next page; null where there is no more.
    #[schema(required = true)]
    pub next: Option<String>,
    /// The slot's seq at which all of it can be booked.
    pub seq: u64,
}
