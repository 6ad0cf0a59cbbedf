//! What every entity has, whatever its kind: an id, an origin, a `seq`, a stamp, receipts and intents, and the one sequence of a
//! step.
//!
//! A kind of entity implements [`step::Steps`] and is then asked by [`step::make`], [`step::ask`], [`step::pulse`], [`step::deliver`] and
//! [`step::report`]. Nothing here knows a kind, but for the words in [`message`] that kinds say to each other.

pub(crate) mod broken;
pub(crate) mod intents;
pub mod invariant;
pub(crate) mod message;
pub(crate) mod order;
pub(crate) mod origin;
pub(crate) mod outcome;
mod pages;
pub(crate) mod parts;
pub(crate) mod payment;
pub(crate) mod promise;
pub(crate) mod promised;
pub(crate) mod receipts;
pub(crate) mod request;
pub(crate) mod step;
pub(crate) mod voucher;
