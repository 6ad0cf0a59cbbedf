//! Intents: what a step leaves to be carried out, and what others have asked of this entity.
//!
//! No step changes two entities. A step that needs another one, or a provider, leaves an *intent* in its own state; the leader of the
//! group carries it out, and the answer comes back as a report, which ends it. So nothing is carried out before it is
//! committed, and nothing is forgotten while a quorum of disks is there.
//!
//! ```text
//!   entity A                              leader of A                    entity B
//!   leave ── open, message n to B ──────►  delivery n  ───────────────►  first n? applied, and the reply kept
//!                                                       ◄── reply n ───  n again? the reply that is kept
//!   ended ◄───────────── report ◄────────  report                        beyond the next? early: nothing
//!   (ended before? nothing)
//!     and the next delivery says up to which A knows all replies: those B forgets
//! ```
//!
//! Deliveries and reports may come twice, late, in any order, or not at all: whoever leads sends them again while the intent is
//! open. Messages of a pair are applied in the order of their numbers, so what takes something back never overtakes what gave it.

mod kept;
mod record;

pub(crate) use self::kept::{Heard, Intents};
pub use self::record::{IntentChanges, IntentCounts, IntentRecord, PairRecord, ReplyRecord, SavedIntents};
