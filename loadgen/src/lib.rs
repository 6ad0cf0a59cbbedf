//! Load, judged by a witness.
//!
//! Sells a drop on a Boxoffice node the way a public does: thousands of customers, each with a token of its own, on a
//! schedule that never waits for the server. Whatever breaks is asked again with the same key. When all is over the
//! crate [`witness`] judges from requests, answers and feeds alone whether anything was oversold, lost, doubled or reordered.
//!
//! ```text
//!  options ─► stage (slots) ─► plan (who asks what, when) ─► drive (one worker a connection) ─► history
//!                                                                                                  │
//!  report ◄─ witness (pure: judges what was said against what must be true) ◄─ inquiry (feeds) ◄───┘
//! ```
//!
//! `house` draws seatmaps. Where their seats are sold, `seating` says who wishes for which, a `looker` follows the map
//! while they go, and a `keeper` closes some and opens them again; the witness's own reader tells which seats there are.
//! `courts` are calendars, and says who wishes for which of their hours; a `scout` looks for those that are free.
//! `goods` says what places are sold as, and a `seller` changes that.
//!
//! *Invariants.* Of ours it knows the crates `api` and `witness` and nothing of the node. An outcome that is unknown is
//! never called a failure. hyper lives in `client`, and for streams in `crowd`, the clock in `clock`.

pub mod options;

pub mod drop;

mod stage;

mod programme;

mod token;

mod plan;

mod demand;

mod seating;

mod courts;

mod drive;

mod client;

mod trust;

mod caller;

mod retry;

mod clock;

mod inquiry;

mod looker;

mod scout;

mod keeper;

mod goods;

mod seller;

mod crowd;

mod bottleneck;

mod progress;

pub mod report;

mod page;

pub mod error;

pub mod house;
