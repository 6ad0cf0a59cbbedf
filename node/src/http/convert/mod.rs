//! Between the words of HTTP and the words of the rules, by hand. Bounds are tested here and never again.

mod booking;
mod calendar;
mod change;
mod field_errors;
mod record;
mod redraw;
mod seatmap;
pub(crate) mod seats;
mod slot;
mod tariff;
mod time;

pub(crate) use self::booking::{book, booking, extension, quantity, status_wanted};
pub(crate) use self::calendar::{free_busy, moved};
pub(crate) use self::change::{change, wanted_map};
pub(crate) use self::record::record;
pub(crate) use self::redraw::map_change;
pub(crate) use self::seatmap::plan;
pub(crate) use self::seatmap::{created_seatmap, seatmap_counts, seatmap_fault};
pub(crate) use self::slot::{NewHouse, decided, definition, live, slot, stand_wanted};
pub(crate) use self::tariff::{Named, Seen, says_tariff};
pub(crate) use self::time::{time, timestamp};
