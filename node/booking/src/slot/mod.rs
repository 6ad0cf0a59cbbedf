//! Slots: everything that can be booked.
//!
//! `asked/` and `shown/` are the words of commands and answers. `inventory/` is what can be given out. `state/` remembers, and
//! knows no rule. `rules/` says what may happen, command by command, and holds no state. [`apply`] has the one match that decides which rule is asked.

pub(crate) mod asked;
pub(crate) mod shown;

mod apply;
pub(crate) mod inventory;
pub(crate) mod levels;
mod rules;
pub(crate) mod state;

// How a slot is read, saved and judged.
pub(crate) mod away;
pub(crate) mod check;
pub(crate) mod image;
pub(crate) mod read;

// Bugs that tests plant.
#[cfg(feature = "rehearsal")]
pub(crate) mod rehearsal;
