//! What every entity has, whatever its kind: an id, an origin, a `seq`, a stamp and receipts, and the one sequence of a
//! step.
//!
//! A kind of entity implements [`step::Steps`] and is then asked by [`step::apply`] and [`step::pulse`]. Nothing here knows a kind.

pub(crate) mod asked;
pub(crate) mod broken;
pub mod invariant;
pub(crate) mod origin;
pub(crate) mod outcome;
mod pages;
pub(crate) mod parts;
pub(crate) mod receipts;
pub(crate) mod step;
