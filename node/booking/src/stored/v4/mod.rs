//! The fourth version of what needed one, which is all that is of products and prices: written from level 4 on, and only where the
//! versions before cannot say it. What those have stands in here as they have it.

// What is asked.
mod definition;
mod request;
mod tariff;

// What is saved of a slot.
mod bill;
mod booking;
mod header;
mod receipt;

// What is told.
mod outcome;
mod record;
mod view;

pub use booking::Booking;
pub use header::Header;
pub use outcome::Outcome;
pub use receipt::Receipt;
pub use record::Record;
pub use request::Request;
