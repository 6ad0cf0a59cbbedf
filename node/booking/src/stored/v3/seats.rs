//! What is asked of a house, and what a booking has of it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{
    AisleSingles, Allotment, Area, Category, Content, Reason, Seat, Section, SingleScope, Singles, Together,
};

/// Consecutive seats in the order of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SeatRun {
    first: Seat,
    length: u32,
}

/// Consecutive seats in the order of the map that are sold alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SaleRun {
    first: Seat,
    length: u32,
    sale: SeatSale,
}

/// How a seat is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum SeatSale {
    Open,
    Blocked,
    Allotted(Allotment),
}

/// What is held of single seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SinglesPolicy {
    singles: Singles,
    aisles: AisleSingles,
    scope: SingleScope,
}

/// What is changed of how single seats are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SinglesChange {
    singles: Option<Singles>,
    aisles: Option<AisleSingles>,
    scope: Option<SingleScope>,
}

/// The best places of one category.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Best {
    quantity: u32,
    categories: Vec<Category>,
    together: Together,
    accessible: u32,
    sections: Vec<Section>,
    allotment: Option<Allotment>,
}

/// These places.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Pick {
    seats: Vec<Seat>,
    areas: Vec<(Area, u32)>,
    accessible: u32,
    allotment: Option<Allotment>,
}

/// Seats for others.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Swap {
    add: Vec<Seat>,
    drop: Vec<Seat>,
    accessible: u32,
    allotment: Option<Allotment>,
}

/// What a booking claims of a house.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SeatsClaim {
    waits_for: Option<Best>,
    seating: Seating,
    first: Option<Seating>,
}

/// What a booking has of a house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Seating {
    map: Content,
    places: Places,
    category: Option<Category>,
    together: Option<bool>,
}

/// Seats and places in areas, in the order of the map, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AnyPlaces")]
struct Places {
    seats: Vec<Seat>,
    areas: Vec<(Area, u32)>,
}

/// The same before it was looked at.
#[derive(Deserialize)]
struct AnyPlaces {
    seats: Vec<Seat>,
    areas: Vec<(Area, u32)>,
}

/// What cannot be had, and why.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Conflict {
    place: Named,
    reason: Reason,
}

/// What a request names.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Named {
    Seat(Seat),
    Area(Area),
}

impl TryFrom<AnyPlaces> for Places {
    type Error = &'static str;

    fn try_from(any: AnyPlaces) -> Result<Self, Self::Error> {
        let AnyPlaces { seats, areas } = any;
        match crate::Places::new(seats.clone(), areas.clone()) {
            Some(places) if places.seats() == seats && places.areas() == areas => Ok(Self { seats, areas }),
            _ => Err("places are in the order of the map, each once"),
        }
    }
}

impl From<&crate::Places> for Places {
    fn from(places: &crate::Places) -> Self {
        Self { seats: places.seats().to_vec(), areas: places.areas().to_vec() }
    }
}

impl From<Places> for crate::Places {
    fn from(Places { seats, areas }: Places) -> Self {
        Self::new(seats, areas).expect("they were looked at when they were read")
    }
}

impl From<&crate::Seating> for Seating {
    fn from(seating: &crate::Seating) -> Self {
        let crate::Seating { map, places, category, together } = seating;
        Self { map: *map, places: places.into(), category: *category, together: *together }
    }
}

impl From<Seating> for crate::Seating {
    fn from(seating: Seating) -> Self {
        let Seating { map, places, category, together } = seating;
        Self { map, places: places.into(), category, together }
    }
}

impl From<crate::SeatsClaim> for SeatsClaim {
    fn from(claim: crate::SeatsClaim) -> Self {
        let crate::SeatsClaim { waits_for, seating, first } = claim;
        let waits_for = waits_for.map(|wish| (*wish).into());
        Self { waits_for, seating: (&*seating).into(), first: first.map(|first| (&*first).into()) }
    }
}

impl From<SeatsClaim> for crate::SeatsClaim {
    fn from(claim: SeatsClaim) -> Self {
        let SeatsClaim { waits_for, seating, first } = claim;
        let waits_for = waits_for.map(|wish| Box::new(wish.into()));
        let first = first.map(|first| Arc::new(first.into()));
        Self { waits_for, seating: Arc::new(seating.into()), first }
    }
}

impl From<crate::SeatSale> for SeatSale {
    fn from(sale: crate::SeatSale) -> Self {
        match sale {
            crate::SeatSale::Open => Self::Open,
            crate::SeatSale::Blocked => Self::Blocked,
            crate::SeatSale::Allotted(allotment) => Self::Allotted(allotment),
        }
    }
}

impl From<SeatSale> for crate::SeatSale {
    fn from(sale: SeatSale) -> Self {
        match sale {
            SeatSale::Open => Self::Open,
            SeatSale::Blocked => Self::Blocked,
            SeatSale::Allotted(allotment) => Self::Allotted(allotment),
        }
    }
}

impl From<crate::Named> for Named {
    fn from(named: crate::Named) -> Self {
        match named {
            crate::Named::Seat(seat) => Self::Seat(seat),
            crate::Named::Area(area) => Self::Area(area),
        }
    }
}

impl From<Named> for crate::Named {
    fn from(named: Named) -> Self {
        match named {
            Named::Seat(seat) => Self::Seat(seat),
            Named::Area(area) => Self::Area(area),
        }
    }
}

mirror!(SeatRun { first, length });
mirror!(SaleRun { first, length, sale });
mirror!(SinglesPolicy { singles, aisles, scope });
mirror!(SinglesChange { singles, aisles, scope });
mirror!(Best { quantity, categories, together, accessible, sections, allotment });
mirror!(Pick { seats, areas, accessible, allotment });
mirror!(Swap { add, drop, accessible, allotment });
mirror!(Conflict { place, reason });
