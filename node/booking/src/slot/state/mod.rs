//! What is remembered. Structures that keep their own order and sums, and know no rule.
//!
//! [`ledger`] is the way in: it changes the [`bookings`] and the [`tally`] of what follows from them
//! together. Bookings stand by number ([`numbered`]), and an [`index`] finds one by its request.

pub(crate) mod slot;

pub(crate) mod answer;
pub(crate) mod booking;
pub(crate) mod bookings;
pub(crate) mod credits;
mod index;
pub(crate) mod ledger;
mod numbered;
pub(crate) mod shown;
pub(crate) mod step;
pub(crate) mod tally;
