//! What a house looks like: its sections, rows and seats, read once and turned into numbers.
//!
//! A seatmap comes in three formats: ours, the plan of pretix's seating-plan editor, and CSV. Whatever it was, the same [`Seatmap`]
//! stands behind it, which has one canonical text, knows every seat by name and by number, and is compiled into a [`Plan`]: what
//! the rules see of a house.
//!
//! ```text
//!  from_json ───┐                                ┌─► canonical()  one text for equal content; its hash is the map's id
//!  from_pretix ─┼─► bounds ─► Seatmap ───────────┼─► compile()    numbers: blocks with masks, ranks, areas
//!  from_csv ────┘     └─► faults, with places    └─► find(), name_of(), row_seats()
//! ```
//!
//! *Invariants.* The crate knows no slot, organizer, HTTP or I/O, and leaves nothing to chance: equal bytes make equal maps, texts and
//! numbers, on every machine, for ever. Ranks and distances are whole numbers. A [`Seatmap`] is valid: nothing is checked again
//! behind it. What is read is bounded by the length of the text, of which memory takes some twenty times at worst while it is read.

pub mod bounds;

mod fault;

mod json;

mod number;

mod house;

mod draft;

mod read;

mod canonical;

mod names;

mod rank;

pub mod plan;

mod compile;

pub use fault::{Error, Fault};
pub use house::{Area, Category, Counts, Point, Seatmap, Section};
pub use names::{Place, Reader, RowSeats};
pub use plan::Plan;
