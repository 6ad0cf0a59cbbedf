//! Seats of a slot: a map of what is free, and what an organizer and a customer change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::once;

/// A slot's seats at one `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "seq": 44, "map": "map_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj", "rows": {"stalls/A": "ffhhttffffffff ffffffffffffff"},
    "areas": {"floor": {"capacity": 300, "free": 120}}
})))]
pub struct SlotSeats {
    /// The slot's seq at which this is true.
    pub seq: u64,
    /// The seatmap whose rows these are.
    pub map: String,
    /// Of each row a letter a seat: `f` free, `h` held or offered, so it may come back, `t` taken or not for sale; a blank is an aisle.
    pub rows: BTreeMap<String, String>,
    /// The areas; none where one section is asked for.
    pub areas: BTreeMap<String, AreaPlaces>,
}

/// What changed of a slot's seats from one `seq` to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({"after": 44, "seq": 57, "runs": [[1200, 2, "h"], [88, 1, "f"]], "areas": {"floor": 118}})))]
pub struct SeatChanges {
    /// It is for whoever has the seats as they were at this seq.
    pub after: u64,
    /// Who applies it has the seats as they are at this one.
    pub seq: u64,
    /// The first seat by its place in the order of the whole map, from 0; how many from there on; and how they are now. A seat may be told again.
    #[schema(value_type = Vec<(u32, u32, Letter)>)]
    pub runs: Vec<(u32, u32, Letter)>,
    /// Of areas that changed, how many places are nobody's now; none where one section is asked for.
    pub areas: BTreeMap<String, u32>,
}

/// How a seat is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Letter {
    /// Nobody's.
    #[serde(rename = "f")]
    Free,
    /// Held or offered, so it may come back.
    #[serde(rename = "h")]
    Held,
    /// Taken, or not for sale.
    #[serde(rename = "t")]
    Taken,
}

/// The places of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaPlaces {
    /// All of them.
    #[schema(maximum = 10_000_000)]
    pub capacity: u32,
    /// Nobody's.
    #[schema(maximum = 10_000_000)]
    pub free: u32,
}

/// The body of `POST /v1/slots/{slot}/seats`: seats, rows and sections by name, each seat once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"block": ["stalls/A"], "open": ["stalls/B/1"], "allot": {"press": ["stalls/C/1", "stalls/C/2"]}})))]
pub struct SellSeats {
    /// To be sold to nobody.
    #[serde(default)]
    #[schema(required = false)]
    pub block: Vec<String>,
    /// To be sold to everyone.
    #[serde(default)]
    #[schema(required = false)]
    pub open: Vec<String>,
    /// To be kept for somebody, by a name of 1 to 128 bytes, each once.
    #[serde(default, deserialize_with = "once::read")]
    #[schema(required = false)]
    pub allot: BTreeMap<String, Vec<String>>,
}

/// The body of `POST /v1/bookings/{booking}/seats`: all of it is done, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"add": ["stalls/A/14"], "drop": ["stalls/A/12"]})))]
pub struct SwapSeats {
    /// Seats to take, up to 100.
    #[serde(default)]
    #[schema(required = false, max_items = 100)]
    pub add: Vec<String>,
    /// Seats to give back, up to 100.
    #[serde(default)]
    #[schema(required = false, max_items = 100)]
    pub drop: Vec<String>,
}
