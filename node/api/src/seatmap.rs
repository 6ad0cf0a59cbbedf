//! Seatmaps: what a house looks like, in our own format. The node takes others too, and gives this one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::once;

/// The media type of the plans that pretix's seating-plan editor writes.
pub const PRETIX: &str = "application/vnd.pretix.seatingplan+json";
/// The media type of seats in lines.
pub const CSV: &str = "text/csv";

/// What was made of a seatmap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "map_-xQ_k3V7w0bM1yT4Zc8dE5fG6hJ9iK2lN3pRsUoWqXaBvY", "seats": 56, "rows": 2, "areas": 1, "categories": 2
})))]
pub struct CreatedSeatmap {
    /// A hash of organizer and content: the same map has the same id, for ever.
    pub id: String,
    /// Numbered seats, without the places of areas.
    #[schema(maximum = 131_072)]
    pub seats: u32,
    /// Rows, as they stand in the map.
    #[schema(maximum = 16_384)]
    pub rows: u32,
    /// Areas.
    #[schema(maximum = 64)]
    pub areas: u32,
    /// Categories.
    #[schema(minimum = 1, maximum = 64)]
    pub categories: u32,
}

/// A house: 1 to 131,072 seats in up to 16,384 rows of 1 to 1,024 sections, and up to 64 areas without numbers.
///
/// A seat is called `section/row/number`, an area by its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "name": "Opera house", "focus": [0, 0],
    "categories": [{"key": "a", "name": "Stalls"}, {"key": "s", "name": "Standing"}],
    "sections": [{"key": "stalls", "name": "Stalls", "rows": [
        {
            "key": "A", "seats": ["1-14", "15-28"], "category": "a", "at": [-700, 300], "to": [700, 300],
            "accessible": ["1"], "companion": ["2"], "restricted": ["28"]
        },
        {"key": "B", "seats": ["27-1/2", "2-28/2"], "category": "a", "at": [-700, 400], "to": [700, 400]}
    ]}],
    "areas": [{"key": "floor", "name": "Floor", "category": "s", "capacity": 300}]
})))]
pub struct Seatmap {
    /// What the house is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 1000)]
    pub name: String,
    /// From where distances count: the nearer a row, the better, unless it has a rank. Left out: 0, 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = [Coordinate; 2], required = false)]
    pub focus: Option<Point>,
    /// What prices are made for: 1 to 64, and keys that differ.
    #[schema(min_items = 1, max_items = 64)]
    pub categories: Vec<SeatCategory>,
    /// The parts of the house that have rows: 1 to 1,024. Keys of sections and areas differ.
    #[schema(min_items = 1, max_items = 1024)]
    pub sections: Vec<SeatSection>,
    /// Places without numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 64)]
    pub areas: Vec<SeatArea>,
}

/// How far to the right, and how far away.
pub type Point = [Coordinate; 2];

/// How far something is from the origin, in whatever unit the map uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(minimum = -1_000_000, maximum = 1_000_000)]
pub struct Coordinate(pub i32);

/// What a price is made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatCategory {
    /// 1 to 32 characters, without `/`, `,` and control characters, as every key.
    #[schema(min_length = 1, max_length = 32)]
    pub key: String,
    /// What it is called for people. Left out: the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 1000)]
    pub name: Option<String>,
}

/// A part of the house that has rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatSection {
    /// What it is called in the names of its seats.
    #[schema(min_length = 1, max_length = 32)]
    pub key: String,
    /// What it is called for people. Left out: the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 1000)]
    pub name: Option<String>,
    /// At least one.
    #[schema(min_items = 1)]
    pub rows: Vec<SeatRow>,
}

/// A row of seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatRow {
    /// What it is called in the names of its seats.
    #[schema(min_length = 1, max_length = 32)]
    pub key: String,
    /// What lies between two aisles, item by item, 1 to 128 seats each: `1-14` or `27-1/2` run, and a comma adds.
    #[schema(min_items = 1)]
    pub seats: Vec<String>,
    /// The key of its category.
    #[schema(min_length = 1, max_length = 32)]
    pub category: String,
    /// Seats of other categories, by the keys of those.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "once::read")]
    pub categories: BTreeMap<String, Vec<String>>,
    /// Where its first seat stands. Left out: 0, 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = [Coordinate; 2], required = false)]
    pub at: Option<Point>,
    /// Where its last seat stands. Left out: as `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = [Coordinate; 2], required = false)]
    pub to: Option<Point>,
    /// Rows with a rank are better than all without, the least first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u16, required = false, maximum = 65_535)]
    pub rank: Option<u16>,
    /// Wheelchair spaces: numbers of its seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accessible: Vec<String>,
    /// Seats for who comes with somebody in a wheelchair.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companion: Vec<String>,
    /// Seats with a restricted view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restricted: Vec<String>,
}

/// Places without numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatArea {
    /// What it is called in requests.
    #[schema(min_length = 1, max_length = 32)]
    pub key: String,
    /// What it is called for people. Left out: the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 1000)]
    pub name: Option<String>,
    /// The key of its category.
    #[schema(min_length = 1, max_length = 32)]
    pub category: String,
    /// How many places it has.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub capacity: u32,
}
