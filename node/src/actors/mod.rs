//! Who talks to whom.
//!
//! ```text
//!   http ──ask──► router ──pin──► registry: id → actor and what it publishes, awake or woken now
//!                  │   │
//!                  │   └─ ask ──► waiters ── command, once for all who ask the same ──► the group's proposals
//!                  │                │ ▲
//!                  │                │ └─ outcomes ──┐
//!                  │                └─► whoever asked
//!                  └─ Read ──► entity actor ────────┘
//!                                │    ▲
//!                                │    └─ Apply, Save, stop ── machine (its group's, the only sender of commands)
//!                                └─ pieces of state ──► store
//! ```
//!
//! An entity's actor owns the entity: only committed commands change it, in log order. Those who wait for its answers stand among its
//! waiters, and not in its mailbox. An actor is spawned without a name and without a supervisor, since both are global to the
//! process; one that dies takes the node with it, because a slot that came back empty would sell its places twice. The only kind so far is the slot.

pub(crate) mod context;
mod deadlines;
mod decide;
pub(crate) mod entity;
pub(crate) mod extensions;
mod fault;
pub(crate) mod feed;
pub(crate) mod message;
pub(crate) mod open_intents;
pub(crate) mod published;
pub(crate) mod registry;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod waiters;
