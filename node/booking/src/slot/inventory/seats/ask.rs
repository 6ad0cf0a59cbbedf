//! What may be asked of a house: the best seats, picks, and swaps.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::place::{Allotment, Area, Category, Seat, Section};

/// For how many the best seats are found at most. A rule: a search is for one block of 128 seats, or for fewer parts than this.
pub(crate) const QUANTITY_MAX: u32 = 100;
/// How many companions' seats come with one space for a wheelchair, at most. A rule.
pub(crate) const COMPANIONS_MAX: u32 = 3;

/// Asks for the best places of one category.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Best {
    /// For how many, 1 to 100.
    pub quantity: u32,
    /// Of which categories, the dearest wish first.
    pub categories: Vec<Category>,
    /// Whether they may be apart.
    pub together: Together,
    /// For how many of them in wheelchairs.
    pub accessible: u32,
    /// Where; anywhere, if none is named. An area is in no section.
    pub sections: Vec<Section>,
    /// Out of what is kept for somebody; none is what is open to everyone.
    pub allotment: Option<Allotment>,
}

/// Whether places may be apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, PartialOrd, Ord)]
pub enum Together {
    /// In one block, or none.
    Must,
    /// In one block if there is one.
    Prefer,
}

/// Asks for these places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Seats, in the order in which conflicts are told.
    pub seats: Vec<Seat>,
    /// Places of areas.
    pub areas: Vec<(Area, u32)>,
    /// For how many in wheelchairs: without one, nobody takes what is theirs.
    pub accessible: u32,
    /// Out of what is kept for somebody; none is what is open to everyone.
    pub allotment: Option<Allotment>,
}

/// Asks for other seats than a booking has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swap {
    /// Seats to take, in the order in which conflicts are told.
    pub add: Vec<Seat>,
    /// Seats to give back.
    pub drop: Vec<Seat>,
    /// As in a pick.
    pub accessible: u32,
    /// As in a pick.
    pub allotment: Option<Allotment>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asker {
    /// A customer, whom the rules about singles bind.
    Customer,
    /// The organizer.
    Organizer,
}
