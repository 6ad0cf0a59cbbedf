//! Numbered seats: a house that is sold seat by seat.
//!
//! Everything here is numbers. Seats are numbered in the order of the map, and neighbours are neighbours in a block; names, coordinates
//! and what ranks come from stay outside.
//!
//! ```text
//!   place      what seats, categories, sections, rows, areas and allotments are called
//!   bits       what lies between two aisles, as one number of 128 bits
//!   drawing ─► plan            a house as it is sent, and compiled
//!                ▼
//!   state      what is taken and what is for sale ◄── sale, redraw      the organizer's layer; another plan
//!                ▼
//!   ask ─────► pick, best      which places a request gets, without a change
//!                │  └─► field, nearby, parts, accessible, adjoining     where the search looks, and its later steps
//!                └───► singles, shortage                                what must not be left, and what is waited for
//! ```
//!
//! A request is judged by [`Seats::pick`], [`Seats::swap`] or [`Seats::best`], which change nothing; what they found is then taken
//! ([`Seats::take`]), and is free until the next change. Equal state finds equal places.

mod accessible;
mod adjoining;
mod ask;
mod best;
mod bits;
mod counts;
mod drawing;
mod field;
mod nearby;
mod parts;
mod pick;
mod place;
mod plan;
mod redraw;
mod sale;
mod shortage;
mod singles;
mod state;
mod stretches;

#[cfg(test)]
mod tests;

pub use ask::{Asker, Best, Pick, Swap, Together};
pub use counts::{AllotmentCounts, CategoryCounts};
pub use drawing::{
    AREAS_MAX, BadPlan, CATEGORIES_MAX, Drawing, DrawnArea, DrawnBlock, ROWS_MAX, SEATS_MAX, SECTIONS_MAX,
};
pub use pick::{Conflict, Named, Reason};
pub use place::{Allotment, Area, Category, Places, Row, Seat, Section};
pub use plan::Plan;
pub use redraw::Table;
pub use sale::{ALLOTMENTS_MAX, Sale, SaleRun};
pub use singles::{AisleSingles, SingleScope, Singles, SinglesPolicy};
pub use state::{Shown, ShownBlock};

pub(crate) use adjoining::Companions;
pub(crate) use ask::QUANTITY_MAX;
pub(crate) use best::NoPlaces;
#[cfg(test)]
pub(crate) use counts::HouseCounts;
pub(crate) use pick::PickRefused;
pub(crate) use redraw::RedrawRefused;
pub(crate) use sale::SaleRefused;
pub(crate) use shortage::{Counter, Pool, Shortage};
pub(crate) use state::Seats;
