//! Read models: what a node keeps for itself, from what is applied. None of them is ever asked to decide.

pub(crate) mod customers;
pub(crate) mod listing;
pub(crate) mod seat_journal;
