//! What the contract says of seats, in words of the witness's own: whatever else a body has is not looked at.

use std::collections::BTreeMap;

use api::slot::Slot;
use serde::Deserialize;
use serde_json::Value;

/// What a booking says of its seats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BookingSeats {
    /// Names of seats.
    pub seats: Vec<String>,
    /// How many places in which area.
    pub areas: BTreeMap<String, u64>,
    /// The one category of all of them.
    pub category: Option<String>,
    /// Whether they are neighbours.
    pub together: Option<bool>,
}

/// What counts say of seats. What is left out is not judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SeatCounts {
    /// For sale.
    pub capacity: u64,
    /// To be had by anyone.
    pub free: u64,
    /// Held.
    pub held: u64,
    /// Offered.
    pub offered: u64,
    /// Confirmed.
    pub confirmed: u64,
    /// Bookings that wait.
    pub waitlisted: u64,
    /// Not for sale.
    pub blocked: Option<u64>,
    /// Set aside, by name.
    pub allotted: Option<BTreeMap<String, AllotmentCounts>>,
    /// By category.
    pub categories: Option<BTreeMap<String, CategoryCounts>>,
}

/// What is set aside under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AllotmentCounts {
    /// In all.
    pub capacity: u64,
    /// Not taken.
    pub free: u64,
}

/// The counts of one category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CategoryCounts {
    /// For sale.
    pub capacity: u64,
    /// To be had by anyone.
    pub free: u64,
    /// Held.
    pub held: u64,
    /// Offered.
    pub offered: u64,
    /// Confirmed.
    pub confirmed: u64,
    /// Waiters that name it.
    pub waitlisted: u64,
    /// The most free seats side by side.
    pub largest_block: Option<u64>,
}

/// What a record of the feed says of seats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RecordSeats {
    /// The number of the change.
    pub seq: u64,
    /// Of its bookings, in their order.
    #[serde(default)]
    pub bookings: Vec<BookingSeats>,
    /// The counts after it.
    #[serde(default)]
    pub counts: SeatCounts,
    /// What the organizer closed or opened.
    #[serde(default)]
    pub seats: Option<Closing>,
    /// The map that took the place of the former one.
    #[serde(default)]
    pub map: Option<String>,
}

/// What the organizer closed or opened: names of seats, spelled out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Closing {
    /// No longer for sale.
    pub blocked: Vec<String>,
    /// For anyone again.
    pub opened: Vec<String>,
    /// Set aside, by name.
    pub allotted: BTreeMap<String, Vec<String>>,
}

/// A page of the feed, for what it says of seats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Page {
    /// Its records.
    pub items: Vec<RecordSeats>,
}

/// What a slot says of its seats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SlotSeats {
    /// At which seq.
    pub seq: u64,
    /// What it sells.
    pub inventory: Inventory,
    /// How many there are of what.
    pub counts: SeatCounts,
    /// The most that one newcomer could get now.
    pub bookable: u64,
}

/// What a slot of seats sells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Inventory {
    /// Its seats.
    pub seats: Terms,
}

/// Which map, and how single seats are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Terms {
    /// The map's id.
    pub map: String,
    /// What is thought of them.
    #[serde(default)]
    pub singles: Singles,
    /// Whether one beside an aisle counts.
    #[serde(default)]
    pub aisle_singles: AisleSingles,
    /// How far an alternative may lie.
    #[serde(default)]
    pub single_scope: SingleScope,
}

/// What is thought of single seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Singles {
    /// Nothing.
    Allow,
    /// The best seats leave none if it can be.
    #[default]
    Avoid,
    /// And no customer may leave one who could have done otherwise.
    Refuse,
}

/// Whether a single seat beside an aisle counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AisleSingles {
    /// No.
    #[default]
    Ignore,
    /// Yes.
    Count,
}

/// How far an alternative may lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SingleScope {
    /// In the same stretch of open seats.
    #[default]
    Row,
    /// Anywhere.
    Slot,
}

/// What a refusal says of seats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// Every seat that is in the way.
    pub conflicts: Vec<Conflict>,
    /// The single seats that would be left.
    pub singles: Vec<String>,
    /// The most that can be had side by side.
    pub largest_block: Option<u64>,
}

/// A seat that is in the way, or an area.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub struct Conflict {
    /// Its name.
    pub seat: String,
    /// Why.
    pub reason: String,
}

/// A map as it was at one seq.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MapView {
    /// At which seq.
    pub seq: u64,
    /// A letter a seat, by row.
    pub rows: BTreeMap<String, String>,
    /// Areas, by key.
    #[serde(default)]
    pub areas: BTreeMap<String, AreaView>,
}

/// An area as it was at one seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct AreaView {
    /// How many places it has.
    pub capacity: u64,
    /// How many of them are free.
    pub free: u64,
}

/// How a map came from one seq to another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MapChange {
    /// From which.
    pub after: u64,
    /// To which.
    pub seq: u64,
    /// The first seat, how many, their letter.
    #[serde(default)]
    pub runs: Vec<(usize, usize, char)>,
    /// What is free in areas.
    #[serde(default)]
    pub areas: BTreeMap<String, u64>,
}

/// A slot of seats as one of units: all that does not depend on its seats is judged by the same rules.
pub fn plain(body: &[u8]) -> Result<(Slot, SlotSeats), serde_json::Error> {
    let seats: SlotSeats = serde_json::from_slice(body)?;
    let mut slot: Value = serde_json::from_slice(body)?;
    if let Some(fields) = slot.as_object_mut() {
        // What is blocked is not for sale, and is a place of the house all the same: so many do not change.
        let places = seats.counts.capacity + seats.counts.blocked.unwrap_or_default();
        let units = serde_json::json!({ "units": { "capacity": places } });
        fields.insert("inventory".to_owned(), units);
    }
    Ok((serde_json::from_value(slot)?, seats))
}
