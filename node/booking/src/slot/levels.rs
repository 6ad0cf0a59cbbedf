//! What the rules of a slot take from the level under which a step is applied.

use crate::{Level, Order, Promotion, WaitlistPolicy};

/// What differs from level to level.
#[derive(Debug, PartialEq, Eq)]
pub struct Rules {
    /// The waitlist that a slot gets which had none, where a change says nothing else. Under level 1 it is
    /// the contract's default.
    pub waitlist_default: WaitlistPolicy,
}

const LEVELS: &[Rules] = &[
    Rules {
        waitlist_default: WaitlistPolicy {
            capacity: 1_000,
            promotion: Promotion::Confirm,
            offer_seconds: 900,
            order: Order::Strict,
        },
    },
    #[cfg(feature = "rehearsal")]
    Rules {
        waitlist_default: WaitlistPolicy {
            capacity: 1_000,
            promotion: Promotion::Offer,
            offer_seconds: 900,
            order: Order::Strict,
        },
    },
];

// Every level that this build knows has its row.
const _: () = assert!(LEVELS.len() == (Level::LAST.0 - Level::OLDEST.0 + 1) as usize);

impl Level {
    /// What holds for slots under this level; none where this build does not know it.
    pub fn rules(self) -> Option<&'static Rules> {
        let row = self.0.checked_sub(Self::OLDEST.0)?;
        LEVELS.get(usize::try_from(row).ok()?)
    }
}
