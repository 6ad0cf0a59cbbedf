//! What is asked of a toy, and what it answers and records.

use serde::{Deserialize, Serialize};

use crate::base;
use crate::base::outcome::Denied;
use crate::base::receipts::{Receipt, Remembered};
use crate::base::request::RequestIdentity;
use crate::digest::Digest;
use crate::{EntityId, Fingerprint, IntentNumber, RequestKey, Seq, Timestamp};

/// One request to one toy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The toy that is asked.
    pub toy: EntityId,
    /// Who asks, and which of their requests this is.
    pub key: RequestKey,
    /// What is asked, as a hash.
    pub fingerprint: Fingerprint,
    /// What is asked.
    pub command: Command,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make the toy.
    Make {
        /// What it has at first.
        amount: u32,
        /// How much others may bring it to.
        room: u64,
    },
    /// Give so much to another toy.
    Give {
        /// To whom.
        to: EntityId,
        /// How much.
        amount: u64,
    },
    /// Want back from another toy so much, or what there is of it.
    Reclaim {
        /// From whom.
        from: EntityId,
        /// How much.
        amount: u64,
    },
    /// Tell another toy that all its replies are known.
    Acknowledge {
        /// Whom.
        to: EntityId,
    },
    /// Take so much out for good.
    Take {
        /// How much.
        amount: u64,
    },
}

/// The answer to one request to a toy.
pub type Outcome = base::outcome::Outcome<Decision>;

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Done: the toy, as it was after it.
    Toy(View),
    /// Done: the intent that was left, which is carried out later.
    Left(IntentNumber),
    /// Refused by a rule, and remembered.
    Refused(Refusal),
    /// Too many intents are open. Not remembered.
    Overloaded,
    /// The caller has used this key for something else. Not remembered.
    KeyReused,
    /// There is no such toy. Not remembered.
    NotFound,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The toy has less.
    TooLittle,
}

/// A toy as everyone may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The toy.
    pub id: EntityId,
    /// The change after which it looks like this.
    pub seq: Seq,
    /// The latest stamp that it has seen.
    pub stamp: Timestamp,
    /// What it has.
    pub amount: u64,
    /// What was taken out of it for good.
    pub taken: u64,
}

/// One step that changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The number of the change.
    pub seq: Seq,
    /// The step's stamp.
    pub at: Timestamp,
    /// What happened.
    pub kind: Kind,
    /// What the toy has after it.
    pub amount: u64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// The toy was made.
    Made,
    /// It has left an intent to give to another.
    Giving,
    /// It has left an intent to reclaim from another.
    Reclaiming,
    /// It has left an intent to tell another that all is known.
    Acknowledging,
    /// Something was taken out.
    Taken,
    /// Another has given to it.
    Received,
    /// Another has reclaimed from it.
    Returned,
    /// What it would have given has come back.
    GivenBack,
    /// What it reclaimed has come.
    Reclaimed,
}

/// What was answered to one request to a toy.
pub type ReceiptRecord = Receipt<Answer>;

/// An answer, as short as it can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A rule refused it.
    Refused(Refusal),
    /// The toy had so much, and so much was taken out for good.
    Toy {
        /// What it had.
        amount: u64,
        /// What was taken out.
        taken: u64,
    },
    /// An intent was left.
    Left(IntentNumber),
}

impl Request {
    /// Which request it is.
    pub(crate) const fn identity(&self) -> RequestIdentity {
        RequestIdentity { key: self.key, fingerprint: self.fingerprint }
    }
}

impl From<Denied<Refusal>> for Decision {
    fn from(denied: Denied<Refusal>) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::Refused(refusal),
            Denied::Overloaded => Self::Overloaded,
            Denied::KeyReused => Self::KeyReused,
            // Whoever may ask a toy may ask it everything.
            Denied::NotFound | Denied::Forbidden => Self::NotFound,
            Denied::Outdated => unreachable!("nothing is numbered that a toy is asked"),
        }
    }
}

impl From<&Refusal> for Answer {
    fn from(&refusal: &Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Remembered for Answer {
    type Shared = ();

    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    fn digest(&self, digest: Digest) -> Digest {
        match *self {
            Self::Refused(refusal) => digest.word(0_u32).word(refusal as u32),
            Self::Toy { amount, taken } => digest.word(1_u32).word(amount).word(taken),
            Self::Left(intent) => digest.word(2_u32).word(intent.0),
        }
    }

    fn share(&mut self, (): &mut ()) {}
}
