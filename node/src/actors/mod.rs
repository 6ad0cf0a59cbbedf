//! Who talks to whom.
//!
//! ```text
//!   http ──ask──► router ──visit──► directory: id → slot actor, awake or woken now
//!                    │                              │
//!                    │ Ask, Read                    │ Apply, Lost, Save, Digest, stop
//!                    ▼                              ▼
//!                  slot actor ◄───────────────── machine (its group's, the only sender of commands)
//!                    │ │ └─ Outcome ──► whoever asked
//!                    │ └─ command, once for all who ask the same ──► the group's proposals
//!                    └─ pieces of state ──► store
//! ```
//!
//! A slot's actor owns the slot: only committed commands change it, in log order. It is spawned without a name and without
//! a supervisor, since both are global to the process; one that dies takes the node with it, because a slot that came
//! back empty would sell its places twice.

pub(crate) mod directory;
pub(crate) mod feed;
pub(crate) mod router;
pub(crate) mod slot;

#[cfg(test)]
pub(crate) mod tests;
