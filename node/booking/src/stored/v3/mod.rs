//! The third version of what needed one, which is all that is of seats: written from level 3 on, and only where the first two cannot
//! say it. What the first has stands in here as the first has it.

// What is asked.
pub(super) mod definition;
pub(super) mod request;
pub(super) mod seats;

// What is saved of a slot.
mod booking;
mod header;
pub(super) mod house;
mod receipt;

// What is told.
mod outcome;
pub(super) mod record;
mod view;

pub use booking::Booking;
pub use header::Header;
pub use house::{PlanPart, SalePart};
pub use outcome::Outcome;
pub use receipt::Receipt;
pub use record::Record;
pub use request::Request;
