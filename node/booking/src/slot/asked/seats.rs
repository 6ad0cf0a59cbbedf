//! What may be asked of a slot of seats. Names stay outside: everything is numbered by a map, which is told with it, so that a slot
//! that is sold by another map by then can say so.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{
    AisleSingles, Asker, Best, Category, Content, Pick, Plan, Seat, Section, SingleScope, Singles, Table,
};

/// Asks for seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatsWish {
    /// By which map seats, categories and sections are numbered.
    pub map: Content,
    /// Who asks.
    pub by: Asker,
    /// For what.
    pub asked: SeatsAsked,
}

/// Which seats are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeatsAsked {
    /// These. Who picks does not wait.
    Pick(Pick),
    /// The best there are.
    Best(Best),
}

/// The organizer sells seats otherwise: all of them, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSale {
    /// By which map seats are numbered.
    pub map: Content,
    /// Not at all.
    pub block: Vec<SeatRun>,
    /// To everyone.
    pub open: Vec<SeatRun>,
    /// To whom each is kept for, by name.
    pub allot: Vec<(Box<str>, Vec<SeatRun>)>,
}

/// Consecutive seats in the order of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatRun {
    /// The first of them.
    pub first: Seat,
    /// How many.
    pub length: u32,
}

/// What is changed of how single seats are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinglesChange {
    /// What is done about them.
    pub singles: Option<Singles>,
    /// Whether one at an aisle is one.
    pub aisles: Option<AisleSingles>,
    /// How far a customer looks for something better.
    pub scope: Option<SingleScope>,
}

/// Another map in place of the one by which the slot is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapChange {
    /// The new one.
    pub map: Content,
    /// Its house.
    pub plan: Arc<Plan>,
    /// The one that it takes the place of.
    pub from: Content,
    /// Where each seat and area of that one is in the new one.
    pub table: Table,
    /// Which category each of its categories is in the new one.
    pub categories: Vec<Option<Category>>,
    /// Which section each of its sections is in the new one.
    pub sections: Vec<Option<Section>>,
}
