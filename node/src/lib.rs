//! The node: one process, wired together.
//!
//! *Invariants.* This crate wires the others and is the only one that knows them all. `machine` alone knows both the
//! cluster and the rules, `http::convert` alone both the words of HTTP and the rules. It names neither openraft, nor
//! `RocksDB`, nor bincode.

mod actors;
mod apart;
mod chance;
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
mod permits;
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
pub use start::{Keys, Newest, Node, dev_token, logs};
