//! Toys: the smallest entities that need each other, so that intents can be tested before anything needs them.
//!
//! A toy has an amount of something. It can be given to another toy, reclaimed from it, or taken out for good; nothing is ever made
//! but with a toy. So whatever is lost, repeated, delayed or led by somebody else: in the end all toys have what they were made
//! with, less what was taken out.

mod words;

mod state;

mod image;
mod rules;

pub use self::image::{Changes, Header};
pub use self::state::Toy;
pub use self::words::{
    Answer, Command, Decision, Kind, Outcome, ReceiptRecord, Record, Refusal, Request, View,
};
