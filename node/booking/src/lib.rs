//! The rules of a booking, and nothing else.
//!
//! Everything that can be booked is a [`Slot`]: it owns its places, its bookings and its waitlist. A request
//! comes with the level and the stamp of its log entry, [`Slot::apply`] decides it, and the answer is an [`Outcome`];
//! whatever changed is one [`Record`] of the slot's feed. A step always goes the same way:
//!
//! ```text
//!  answered before? ── yes ──► the first answer again; nothing changes           rules/replay.rs
//!        │ no
//!        ▼
//!  what has lapsed lapses, by deadline, then creation                            rules/lapse.rs
//!        ▼
//!  the waitlist is served                                                        rules/promote.rs
//!        ▼
//!  the command is decided: done, refused, or not found        rules/{book,confirm,cancel,change_slot,…}.rs
//!        ▼
//!  the waitlist is served again                                                  rules/promote.rs
//!        ▼
//!  anything changed? then one `seq`, and one record of the feed                  step.rs
//! ```
//!
//! So a freed place and its next owner are one step, and nobody slips between.
//!
//! # How the room is arranged
//!
//! `rules/` says what may happen, one command a file, and holds no state. `state/` remembers, and knows no
//! rule. [`Slot`] has the one match that decides which rule is asked. A new rule is a file in `rules/`, a
//! variant each in [`Command`], [`Refusal`] and [`Kind`], and a table of tests.
//!
//! # Invariants
//!
//! - The crate knows no clock, disk, network, thread, random number or random order: it is `no_std`, and time
//!   is an argument. Equal requests in equal order make equal state, on every replica, for ever: where a later
//!   build decides otherwise, it does so under a later [`Level`], and keeps to the old one under the old.
//! - `apply` is total: whatever a request contains, it is answered. A refusal is a value. A panic is a bug.
//! - The named invariants BK-1 to BK-9 hold after every step: see [`invariant`].
//! - Types of the rules never reach the disk or another node, only the frozen shapes of them in [`stored`]; words and ids do, and
//!   words are only added to, at their end. `tests/bytes` holds the bytes.
#![no_std]

extern crate alloc;

// How things are named and numbered.
mod id;
pub mod limits;
mod time;

// What is asked of a slot, and what it answers, shows and records.
mod change;
mod command;
mod definition;
mod feed;
mod outcome;
mod view;

// How a step goes, what may happen in it, and what is remembered of it.
mod rules;
mod slot;
mod state;
mod step;

// How a slot is read, saved, compared and judged.
mod away;
mod digest;
mod image;
pub mod invariant;
mod read;
mod reference;
pub mod stored;

pub use away::Absent;
pub use change::{PolicyChange, SlotChange, WaitlistChange};
pub use command::{Act, Book, Command, Extend, Mode, Party, Request, WhenFull};
pub use definition::{ConfirmedBy, Definition, Order, Policy, Promotion, Sale, Secret, WaitlistPolicy};
pub use feed::{Kind, Record};
pub use id::{BookingId, Fingerprint, NoSuchPartition, Number, Partition, RequestKey, Seq, SlotId};
pub use image::{Broken, Changes, Header, Origin};
pub use limits::Level;
pub use outcome::{Decision, Outcome, Refusal};
pub use read::{Filter, Looked};
pub use reference::Reference;
pub use slot::Slot;
pub use state::bookings::{Away, BookingRecord, FirstAnswer, Standing, Unfinished};
pub use state::receipts::{Answer, ReceiptRecord, SlotChanged};
pub use time::Timestamp;
pub use view::{BookingView, Counts, SlotStatus, Status, View};
