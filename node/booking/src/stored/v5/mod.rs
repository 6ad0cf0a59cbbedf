//! The fifth version of what needed one, which is all that is of calendars: written from level 5 on, and only where the versions before
//! cannot say it. What the first has stands in here as the first has it.

// What is asked.
mod calendar;
mod definition;
mod range;
mod request;

// What is saved of a slot.
mod booking;
mod header;
mod hours;
mod receipt;

// What is told.
mod outcome;
mod record;
mod view;

pub use booking::Booking;
pub use header::Header;
pub use hours::HoursPart;
pub use outcome::Outcome;
pub use receipt::Receipt;
pub use record::Record;
pub use request::Request;
