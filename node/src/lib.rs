//! The node: one process, wired together.
//!
//! *Invariants.* This crate wires the others and is the only one that knows them all. In `machine` the entries of the cluster's log
//! become steps of the rules; in `http::convert` the words of HTTP become words of the rules, within bounds. The crate names neither
//! openraft, nor `RocksDB`, nor bincode.

mod actors;
mod apart;
mod chance;
mod disk;
mod effects;
mod failure;
mod followed;
mod http;
mod ids;
mod key;
mod log;
mod machine;
mod metrics;
mod observer;
mod openings;
mod permits;
mod recover;
mod restore;
mod router;
mod sampling;
mod saved;
#[cfg(test)]
mod simulation;
mod start;
mod telemetry;
mod tls;
mod views;

pub use failure::{Exit, Failure};
pub use recover::{Resolve, recover};
pub use restore::{Rehearse, restore};
pub use start::{Keys, Logs, Newest, Node, dev_token, logs};
