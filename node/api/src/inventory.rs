//! What a slot can give out, and where it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::{Calendar, ChangeCalendar};
use crate::patch::{self, Patch};
use crate::whole;
use crate::word;

/// What a slot can give out: of exactly one kind, which never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", try_from = "Kinds")]
pub enum Inventory {
    /// A count of equal places.
    Units(Units),
    /// Numbered seats.
    Seats(Seats),
    /// Ranges of time. Boxed: much larger than the others.
    Calendar(Box<Calendar>),
}

impl Inventory {
    /// So many equal places.
    #[must_use]
    pub const fn of_units(capacity: u32) -> Self {
        Self::Units(Units { capacity })
    }

    /// How many equal places there are, if that is what there is.
    #[must_use]
    pub const fn units(&self) -> Option<u32> {
        match self {
            Self::Units(Units { capacity }) => Some(*capacity),
            Self::Seats(_) | Self::Calendar(_) => None,
        }
    }
}

/// Every kind of which an inventory might be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    #[serde(default, deserialize_with = "patch::given")]
    units: Option<Units>,
    #[serde(default, deserialize_with = "patch::given")]
    seats: Option<Seats>,
    #[serde(default, deserialize_with = "patch::given")]
    calendar: Option<Box<Calendar>>,
}

impl TryFrom<Kinds> for Inventory {
    type Error = &'static str;

    fn try_from(kinds: Kinds) -> Result<Self, Self::Error> {
        match kinds {
            Kinds { units: Some(units), seats: None, calendar: None } => Ok(Self::Units(units)),
            Kinds { units: None, seats: Some(seats), calendar: None } => Ok(Self::Seats(seats)),
            Kinds { units: None, seats: None, calendar: Some(calendar) } => Ok(Self::Calendar(calendar)),
            Kinds { .. } => Err("must have exactly one of units, seats and calendar"),
        }
    }
}

/// Numbered seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    /// By which map of this organizer the seats are numbered: `map_…`.
    #[schema(min_length = 1)]
    pub map: String,
    /// What is done about seats that a booking would leave single.
    #[serde(default, deserialize_with = "word::read")]
    #[schema(default = json!("avoid"))]
    pub singles: Singles,
    /// Whether a single seat at an aisle is one.
    #[serde(default, deserialize_with = "word::read")]
    #[schema(default = json!("ignore"))]
    pub aisle_singles: AisleSingles,
    /// Where there must be nothing better for who picks seats.
    #[serde(default, deserialize_with = "word::read")]
    #[schema(default = json!("row"))]
    pub single_scope: SingleScope,
}

/// What is done about single seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Singles {
    /// Nothing.
    Allow,
    /// The best seats leave none where that can be; who picks is free.
    #[default]
    Avoid,
    /// The same, and customers who pick so that one is left hear `leaves_single`.
    Refuse,
}

/// Whether a single seat at an aisle is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AisleSingles {
    /// It is none.
    #[default]
    Ignore,
    /// It is one.
    Count,
}

/// Where there must be nothing better for who picks seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SingleScope {
    /// In the same stretch of seats.
    #[default]
    Row,
    /// Anywhere.
    Slot,
}

/// A count of equal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// 0 to 10,000,000.
    #[serde(deserialize_with = "whole::read")]
    #[schema(maximum = 10_000_000)]
    pub capacity: u32,
}

/// What changes of what a slot can give out: of the kind that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeInventory {
    /// A count of equal places.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = ChangeUnits)]
    pub units: Patch<ChangeUnits>,
    /// Numbered seats.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = ChangeSeats)]
    pub seats: Patch<ChangeSeats>,
    /// Ranges of time.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = ChangeCalendar)]
    pub calendar: Patch<Box<ChangeCalendar>>,
}

/// What changes of how numbered seats are sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeSeats {
    /// By which map of this organizer the seats are numbered from now on: one that has every seat that is taken, and room for what is
    /// taken of every area.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = String, min_length = 1)]
    pub map: Patch<String>,
    /// What is done about single seats; null: `avoid`.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::word")]
    #[schema(value_type = Option<Singles>)]
    pub singles: Patch<Singles>,
    /// Whether one at an aisle is one; null: `ignore`.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::word")]
    #[schema(value_type = Option<AisleSingles>)]
    pub aisle_singles: Patch<AisleSingles>,
    /// Where there must be nothing better; null: `row`.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::word")]
    #[schema(value_type = Option<SingleScope>)]
    pub single_scope: Patch<SingleScope>,
}

/// What changes of a count of equal places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeUnits {
    /// 0 to 10,000,000, and never below what is held, offered and confirmed.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = u32, maximum = 10_000_000)]
    pub capacity: Patch<u32>,
}

/// How a slot's places are spread; all in units or seats, `waitlisted` alone in bookings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// All places.
    #[schema(maximum = 10_000_000)]
    pub capacity: u32,
    /// Nobody's; null of a calendar, since that is another at each moment.
    #[schema(required = true, maximum = 10_000_000)]
    pub free: Option<u32>,
    /// Held, not confirmed yet; of a calendar, as the next two, whenever that is, and 4,294,967,295 where it is more.
    pub held: u32,
    /// Set aside for those to whom they were offered.
    pub offered: u32,
    /// Firm.
    pub confirmed: u32,
    /// Bookings that wait.
    #[schema(maximum = 1_000_000)]
    pub waitlisted: u32,
    /// Seats that are not for sale, no part of the capacity. Only of a slot of seats, as the next two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 131_072)]
    pub blocked: Option<u32>,
    /// What is kept for somebody, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, AllotmentCounts>, required = false)]
    pub allotted: Option<BTreeMap<String, AllotmentCounts>>,
    /// The same category by category, by their keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, CategoryCounts>, required = false)]
    pub categories: Option<BTreeMap<String, CategoryCounts>>,
    /// How many places are left of each quota, by their keys. Only where a slot with quotas is shown, and not in its feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, u32>, required = false)]
    pub quotas: Option<BTreeMap<String, u32>>,
}

impl Counts {
    /// So many units, nobody's.
    #[must_use]
    pub const fn untouched(capacity: u32) -> Self {
        Self {
            capacity,
            free: Some(capacity),
            held: 0,
            offered: 0,
            confirmed: 0,
            waitlisted: 0,
            blocked: None,
            allotted: None,
            categories: None,
            quotas: None,
        }
    }
}

/// How the seats are spread that are kept for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AllotmentCounts {
    /// All of them.
    #[schema(maximum = 131_072)]
    pub capacity: u32,
    /// Nobody's yet.
    #[schema(maximum = 131_072)]
    pub free: u32,
}

/// How the places of a category are spread. What is kept for somebody, and nobody's, is part of the capacity alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryCounts {
    /// All that are for sale.
    #[schema(maximum = 10_000_000)]
    pub capacity: u32,
    /// Nobody's, and kept for nobody.
    #[schema(maximum = 10_000_000)]
    pub free: u32,
    /// Held, not confirmed yet.
    #[schema(maximum = 10_000_000)]
    pub held: u32,
    /// Set aside for those to whom they were offered.
    #[schema(maximum = 10_000_000)]
    pub offered: u32,
    /// Firm.
    #[schema(maximum = 10_000_000)]
    pub confirmed: u32,
    /// Bookings that wait and would take it.
    #[schema(maximum = 1_000_000)]
    pub waitlisted: u32,
    /// The most free seats side by side; of areas 0.
    #[schema(maximum = 128)]
    pub largest_block: u32,
}
