//! Who talks to whom.
//!
//! ```text
//!   http ──ask──► router ──visit──► directory: id → slot actor and its counter, awake or woken now
//!                  │   │
//!                  │   └─ ask ──► counter ── command, once for all who ask the same ──► the group's proposals
//!                  │                │ ▲
//!                  │                │ └─ outcomes ──┐
//!                  │                └─► whoever asked
//!                  └─ Read ──► slot actor ──────────┘
//!                                │    ▲
//!                                │    └─ Apply, Save, stop ── machine (its group's, the only sender of commands)
//!                                └─ pieces of state ──► store
//! ```
//!
//! A slot's actor owns the slot: only committed commands change it, in log order. Who waits for it stands at its counter.
//! It is spawned without a name and without a supervisor, since both are global to the process; one that dies takes the
//! node with it, because a slot that came back empty would sell its places twice.

mod deadlines;
mod fault;
pub(crate) mod feed;
pub(crate) mod registry;
pub(crate) mod slot;

#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod waiters;
