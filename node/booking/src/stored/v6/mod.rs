//! The sixth version of what needed one, which is all that is sold on account: written from level 7 on, and only where the versions
//! before cannot say it. What those have stands in here as they have it.
//!
//! **Not frozen yet**: no build supports level 7, so nothing of this is on any disk. It is frozen with the first build that does.

// What becomes of promises.
mod fate;

// What entities tell each other.
mod message;
mod order;
mod payment;
mod promised;

// What there is of slots.
mod beside;
mod slot;

// What a voucher is to them.
mod voucher;

pub use message::{Delivered, Delivery, Intent, Reply, Report};
pub(in crate::stored) use message::{answers_a_merchant, is_of_a_merchant};
pub(in crate::stored) use order::{Charge, NotBooked, OrderWish};
pub(in crate::stored) use payment::PaymentReport;
pub(in crate::stored) use promised::{Terms, booked};
pub use slot::{Booking, Header, Outcome, Receipt, Record, Request};
pub(in crate::stored) use voucher::Off;
