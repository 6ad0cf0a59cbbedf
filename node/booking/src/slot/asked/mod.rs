//! What is asked of a slot: commands, what an organizer says of it, and how that is changed.

pub(crate) mod definition;
pub(crate) mod new_slot;
pub(crate) mod on_account;
pub(crate) mod stock;

pub(crate) mod calendar;
pub(crate) mod change;
pub(crate) mod command;
pub(crate) mod seats;
pub(crate) mod tariff;
pub(crate) mod tariff_change;
