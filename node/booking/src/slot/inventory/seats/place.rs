//! Numbers for what a house has, and what one booking has of it. Names stay outside of the rules.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// A seat, by its place in the order of the map, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seat(pub u32);

/// What seats cost alike, by its place in the order of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Category(pub u8);

/// A part of a house, by its place in the order of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Section(pub u16);

/// A row, by its place in the order of the whole map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Row(pub u16);

/// Places without seats, by their place in the order of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Area(pub u8);

/// Seats that the organizer keeps for somebody, by the number that its name has outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Allotment(pub u8);

/// What one booking has of a house.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    seats: Box<[Seat]>,
    areas: Box<[(Area, u32)]>,
}

impl Places {
    /// These, in the order of the map; none where a seat or an area is named twice, or an area for nobody.
    pub fn new(mut seats: Vec<Seat>, mut areas: Vec<(Area, u32)>) -> Option<Self> {
        seats.sort_unstable();
        areas.sort_unstable();
        let is_once = seats.is_sorted_by(|one, next| one < next)
            && areas.is_sorted_by(|(one, _), (next, _)| one < next)
            && areas.iter().all(|&(_, places)| 0 < places);
        is_once.then(|| Self { seats: seats.into(), areas: areas.into() })
    }

    /// Seats that differ.
    pub(super) fn of_seats(seats: Vec<Seat>) -> Self {
        Self::new(seats, Vec::new()).expect("no seat is found twice")
    }

    /// So many places of one area, one at least.
    pub(super) fn of_area(area: Area, places: u32) -> Self {
        Self { seats: Box::default(), areas: [(area, places)].into() }
    }

    /// The seats, in the order of the map.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The areas, in the order of the map, and how many places of each.
    pub fn areas(&self) -> &[(Area, u32)] {
        &self.areas
    }

    /// Whether this is nothing.
    pub fn is_nothing(&self) -> bool {
        self.seats.is_empty() && self.areas.is_empty()
    }

    /// For how many people.
    pub fn quantity(&self) -> u64 {
        self.seats.len() as u64 + self.areas.iter().map(|&(_, places)| u64::from(places)).sum::<u64>()
    }
}
