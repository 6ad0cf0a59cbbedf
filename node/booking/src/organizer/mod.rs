//! Organizers: who offers slots. One entity each, which keeps what belongs to no one slot: so far the seatmaps of their houses.
//!
//! A seatmap is known by its content and never changes. It comes in parts, each a command of its own, so that no entry of the log is
//! large; with the last of them it can be kept, and is there. What is unfinished is forgotten in time. Parts are records of the store
//! that are written once: awake, an organizer holds which maps it has, and of parts only those that cannot be read back yet.

mod parts;
mod words;

mod seatmaps;
mod state;

mod image;
mod rules;

pub use self::image::{Changes, Header};
pub use self::parts::Parts;
pub use self::seatmaps::{Draft, PartRecord, Seatmap};
pub use self::state::Organizer;
pub use self::words::{
    Answer, Command, Counts, Decision, Kind, LEVEL, Outcome, Part, ReceiptRecord, Record, Refusal, Request,
    View, Wish,
};
