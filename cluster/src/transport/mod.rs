//! Node to node: calls over a few connections that all groups share.
//!
//! ```text
//!   group ─┐                                                    ┌─► handler (group, kind, payload)
//!   group ─┼─ call ─► link: one queue, one connection ─ frames ─► server ─┤
//!   group ─┘            ▲  answers, by the number of the call ◄───────────┘
//! ```
//!
//! Towards each peer there is a connection for each [`Purpose`], so that a vote does not wait behind a megabyte of entries.
//! All that waits in a link's queue is written at once: the frames of all groups cost one system call.
//!
//! *Invariants.* A call ends: with an answer, at its deadline, or when its connection does. What was never written is told
//! apart from what nobody knows. A connection that says nothing for a while although it owes answers is closed. Nothing in
//! here knows Raft.

mod frame;
mod hello;
mod link;
mod misplaced;
mod peers;
mod server;
mod whereabouts;

pub(crate) use frame::{FRAME_LEN_MAX, Kind};
pub(crate) use hello::{Greeting, Member, Purpose, Us};
pub(crate) use link::{CallError, DIAL, Link, REDIAL};
pub(crate) use peers::Peers;
pub(crate) use server::{Admitted, Handler, Incoming, ONLY_TO_JOIN, Server};

#[cfg(test)]
mod tests;
