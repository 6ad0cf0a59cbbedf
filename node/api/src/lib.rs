//! The words spoken over HTTP, version 1.
//!
//! One serde type for every body that a client sends or gets, and nothing else: no rule, no bound, no I/O. The node
//! converts between these and the rules by hand; the load generator and the operator's tool read answers with them.
//!
//! *Invariants.* This crate knows nothing of the rules' inner types, of storage, of Raft or of async. A field is only
//! ever added. Requests refuse unknown fields; answers may grow some, so clients ignore what they do not know.

pub mod admin;
pub mod backup;
pub mod booking;
pub mod calendar;
pub mod feed;
pub mod inventory;
pub mod list;
pub mod live;
mod object;
mod once;
pub mod patch;
pub mod problem;
pub mod request;
pub mod seatmap;
pub mod seats;
pub mod slot;
pub mod tariff;
pub mod time;
pub mod token;
mod whole;
mod word;
