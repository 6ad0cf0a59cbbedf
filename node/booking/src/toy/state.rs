//! The toy: what is remembered of it, and what follows from that.

use crate::base::parts::Base;
use crate::digest::Digest;
use crate::invariant::{Invariant, Violation, check_all};
use crate::toy::words::{Answer, View};

/// The smallest entity that needs others of its kind.
pub struct Toy {
    pub(crate) base: Base<Answer>,
    /// What it was made with.
    pub(crate) made_with: u64,
    /// How much others may bring it to.
    pub(crate) room: u64,
    /// What it has.
    pub(crate) amount: u64,
    /// What was taken out of it for good.
    pub(crate) taken: u64,
}

impl Toy {
    /// The toy as everyone may see it.
    pub fn view(&self) -> View {
        let Base { id, seq, stamp, .. } = self.base;
        View { id, seq, stamp, amount: self.amount, taken: self.taken }
    }

    /// A number that two replicas share only if their toys are equal, or by a chance of one in 2⁶⁴.
    pub fn digest(&self) -> u64 {
        let base = &self.base;
        Digest::new("toy")
            .bytes(&base.id.to_bytes())
            .wide(base.origin.request.0)
            .word(base.origin.fingerprint.0)
            .word(base.origin.at.0)
            .word(base.seq.0)
            .word(base.stamp.0)
            .word(base.receipts.made())
            .word(self.made_with)
            .word(self.room)
            .word(self.amount)
            .word(self.taken)
            .finish()
            .wrapping_add(base.receipts.digest())
            .wrapping_add(base.intents.digest())
    }

    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        check_all(|invariant| self.upholds(invariant))
    }

    fn upholds(&self, invariant: Invariant) -> bool {
        match invariant {
            Invariant::NoGap => self.base.has_no_gap(),
            Invariant::OneEffect => self.base.answers_once(),
            Invariant::EqualBytes => self.base.digests_are_right(),
            Invariant::IntentsOnce => self.base.intents.has_one_effect(),
            Invariant::IntentsKept => self.base.intents.forgets_nothing(),
            Invariant::Conservation
            | Invariant::SingleOwner
            | Invariant::NothingIdle
            | Invariant::LogOrder
            | Invariant::Deadlines
            | Invariant::CustomerLimit
            | Invariant::SeatsOnce
            | Invariant::HouseCounts
            | Invariant::Credits
            | Invariant::Promises
            | Invariant::Orders
            | Invariant::Payments => true,
        }
    }
}
