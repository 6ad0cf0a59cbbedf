//! Calendars: ranges of time, of a pool of places that are all alike or of resources that have names.
//!
//! Everything here is moments. Hours, time zones and names stay outside: the door makes openings of hours, and numbers of names.
//!
//! ```text
//!   range      half-open ranges, what is kept free around them, and what ends when they begin
//!   claim      what is asked for, and what a booking has
//!   hours ───► terms           when it is open, and which ranges may be asked for at all
//!   block ───► timeline        how much is taken over time
//!                ▼
//!   scarce, tentative          when too little of it is free; what of it may yet be given back
//!                ▼
//!   occupancy                  what a wish gets, and what is in its way
//!                ▼
//!   free, waiting ──► state    what can still be booked; who waits; all of it together
//! ```
//!
//! The rules are K1 to K13: ranges that touch do not conflict, buffers add, a pool is full where the *sum* of what is taken reaches its count
//! and not where so many bookings overlap, and what is past is in nobody's way.

mod block;
mod claim;
mod free;
mod hours;
mod occupancy;
mod range;
mod scarce;
mod state;
mod tentative;
mod terms;
mod timeline;
mod waiting;

#[cfg(test)]
mod tests;

pub use claim::Resource;
pub(crate) use claim::{Claim, Place, Places, Wish};
pub(crate) use free::{FreeAsk, FreeStretch};
pub(crate) use hours::Hours;
#[cfg(test)]
pub(crate) use hours::TooManyOpenings;
pub use range::{Buffers, Range};
pub(crate) use state::{Calendar, CalendarCounts, PlacesInUse};
pub use terms::RangeRefused;
pub(crate) use terms::Terms;
