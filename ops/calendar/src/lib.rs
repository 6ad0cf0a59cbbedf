//! Calendars: what of an iCalendar file (RFC 5545) becomes slots, times that are taken, and opening hours.
//!
//! ```text
//! bytes → line (unfolded, with its number) → component (BEGIN and END) → event ┐
//!                                            zone (VTIMEZONE)  rule (RRULE) ───┴→ series (a UID) → Timetable → Busy
//!                                            available (VAVAILABILITY) ──────────────────────────────────────→ Opening
//! ```
//!
//! Lines are read here because what is wrong is told with its line, and costs only the entry in which it stands; the
//! arithmetic of rules, zones and dates is `rrule`'s and jiff's. `Cargo.toml` says what else was weighed.
//!
//! *Invariants.* The crate knows no command, slot or HTTP, reads no clock and no file, and is bounded: a file says no more than so
//! many entries, dates and periods, however little it takes to say them.

mod fault;

mod line;

mod component;

mod written;

mod rule;

mod zone;

mod time;

mod event;

mod timetable;

mod series;

mod shift;

mod read;

mod busy;

mod available;

#[cfg(test)]
mod tests;

pub use available::Opening;
pub use busy::{Asked, Busy};
pub use fault::Fault;
pub use read::Reading;
pub use timetable::{Entry, Identity, Series, Timetable};
