//! The first version of every record. Frozen: no field and no variant of a shape in here ever changes, so a record that must grow
//! gets a version of its own. Words (enums without fields, as [`Mode`](crate::Mode)) and numbers stand here as the rules have them:
//! a word is only added, behind the others, and a build that does not know one reads nothing of what has it.

// What is asked.
pub(super) mod change;
pub(super) mod definition;
pub(super) mod request;

// What is saved of a slot.
pub(super) mod booking;
pub(super) mod header;
pub(super) mod receipt;

// What entities say to each other, and what is saved of it.
pub(super) mod intents;
pub(super) mod message;

// What is told.
pub(super) mod outcome;
pub(super) mod record;
pub(super) mod view;

pub use booking::Booking;
pub use header::Header;
pub use intents::{Intent, Pair, Reply};
pub use message::{Delivered, Delivery, Report};
pub use outcome::Outcome;
pub use receipt::Receipt;
pub use record::Record;
pub use request::Request;
