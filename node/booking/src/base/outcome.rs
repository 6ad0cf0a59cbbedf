//! What is answered to one request, and why a rule does nothing.

use crate::{Seq, Timestamp};

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<Decision> {
    /// The entity's `seq` at which this was decided, its own change included. Zero where there is no such entity.
    pub seq: Seq,
    /// The stamp at which this was decided.
    pub at: Timestamp,
    /// Whether this is the first answer, given again: then `seq` and `at` are the first answer's too.
    pub replayed: bool,
    /// The answer.
    pub decision: Decision,
}

/// Why nothing was done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied<Refusal> {
    /// A rule says no. Remembered.
    Refused(Refusal),
    /// The caller has used this key for something else.
    KeyReused,
    /// There is nothing of the caller's to do it to.
    NotFound,
    /// It is not for this caller to do.
    Forbidden,
    /// It is said in words of a time before. Not remembered: who says it looks again.
    Outdated,
    /// It would leave more intents, or more that is unfinished, than an entity keeps. Not remembered: asked again, it may be done.
    Overloaded,
}

impl<Refusal> From<Refusal> for Denied<Refusal> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<Refusal> Denied<Refusal> {
    /// Which rule says no, if one does.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::KeyReused | Self::NotFound | Self::Forbidden | Self::Outdated | Self::Overloaded => None,
        }
    }
}
