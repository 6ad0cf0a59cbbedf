//! When a calendar is open: hours of the week, closed days and extra openings, as an organizer says them in local time, become
//! intervals of time, which is all that the rules see.
//!
//! ```text
//!  Document ──► Calendar::read ──► Calendar ─┬─► canonical()        one text for equal entries, to be kept
//!   (words)      └─► faults,                 ├─► openings(a, b)     a calendar that begins: every opening from its own start
//!                    with pointers           └─► expand(window)     a calendar that goes on: what is open in a window
//!  intervals ──► free_busy::Report ──► text/calendar
//! ```
//!
//! Open is *(hours less closed) plus extra*. Where clocks change:
//!
//! - What opens at a time that the clocks skip opens when they have skipped it; what closes then closes when they begin to. So
//!   nothing lasts longer than it says, and what lies in the gap as a whole is not there.
//! - What opens at a time that comes twice opens the first time; what closes then closes the second time. So an opening over the
//!   change lasts as long as it is told by the clock on the wall, an hour more or less than usual.
//! - A closed day is closed from its first moment to the first of the next, however long it is. It cuts an opening that began the
//!   evening before, and one of its own that ends on the next day has what lies there.
//!
//! *Invariants.* The crate knows no slot, rule, HTTP or I/O, reads no clock, and leaves nothing to chance: equal documents and
//! windows make equal intervals in every process of one build. Another build may have another release of the tz database
//! ([`tzdb_release`]), so intervals are logged, and never made anew where they are applied. A [`Calendar`] is valid: nothing is
//! checked again behind it. Windows that touch, expanded one by one and joined, are the window as a whole.

pub mod bounds;

mod fault;

mod interval;

mod document;

mod week;

mod calendar;

mod read;

mod clocks;

mod expand;

pub mod free_busy;

pub use calendar::Calendar;
pub use clocks::{WallTime, tzdb_release, wall_time};
pub use document::{ClosedDays, Document, ExtraHours, OpeningHours};
pub use fault::{Error, Fault};
pub use interval::{Interval, less};
