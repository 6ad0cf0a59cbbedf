//! What is saved of intents: one record an open intent, one a pair, one a reply that is kept.

use alloc::vec::Vec;

use crate::EntityId;
use crate::base::message::{IntentNumber, Message, Ordinal, Reply, Target};
use crate::digest::Digest;

/// An open intent: someone else is to be asked or told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRecord {
    /// Which of the entity's it is.
    pub number: IntentNumber,
    /// Who is asked.
    pub to: Target,
    /// Which of the messages to this target it is.
    pub ordinal: Ordinal,
    /// What is said.
    pub message: Message,
}

/// How far two entities have come with each other. Kept for as long as the entity is there: a number that was forgotten could not
/// tell an old message from a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairRecord {
    /// The other one.
    pub with: Target,
    /// The last message to it.
    pub sent: Ordinal,
    /// The last message of it that was applied.
    pub received: Ordinal,
    /// Up to which it knows the replies to its messages.
    pub acknowledged: Ordinal,
}

/// A reply that was given, and may be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRecord {
    /// Whose message it was.
    pub from: EntityId,
    /// Which.
    pub ordinal: Ordinal,
    /// What was replied.
    pub reply: Reply,
}

/// What a header says of intents: with the digest it tells whether anything is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntentCounts {
    /// How many were ever left.
    pub left: u64,
    /// How many of them have ended.
    pub ended: u64,
    /// How many pairs there are.
    pub pairs: u64,
    /// How many replies are kept.
    pub replies: u64,
}

/// All that is saved of intents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedIntents {
    /// The open ones.
    pub open: Vec<IntentRecord>,
    /// With whom.
    pub pairs: Vec<PairRecord>,
    /// The replies that are kept.
    pub replies: Vec<ReplyRecord>,
}

/// What is to be saved of intents so that the saved ones are like these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntentChanges {
    /// Intents left: put each in the place of its number's.
    pub left: Vec<IntentRecord>,
    /// Intents that have ended: remove them, if they were ever saved.
    pub ended: Vec<IntentNumber>,
    /// Pairs that have changed: put each in the place of its target's.
    pub pairs: Vec<PairRecord>,
    /// Replies given: put each in the place of its message's.
    pub replies: Vec<ReplyRecord>,
    /// Messages whose replies are forgotten: remove them, if they were ever saved.
    pub forgotten: Vec<(EntityId, Ordinal)>,
}

impl IntentRecord {
    /// A number that stands for all of it.
    pub(crate) fn digest(&self) -> u64 {
        let digest = self.to.digest(Digest::new("intent").word(self.number.0)).word(self.ordinal.0);
        self.message.digest(digest).finish()
    }
}

impl PairRecord {
    /// Nothing was said yet.
    pub(crate) const fn new(with: Target) -> Self {
        Self { with, sent: Ordinal(0), received: Ordinal(0), acknowledged: Ordinal(0) }
    }

    /// A number that stands for all of it.
    pub(crate) fn digest(&self) -> u64 {
        let digest = self.with.digest(Digest::new("pair"));
        digest.word(self.sent.0).word(self.received.0).word(self.acknowledged.0).finish()
    }
}

impl ReplyRecord {
    /// A number that stands for all of it.
    pub(crate) fn digest(&self) -> u64 {
        let digest = Digest::new("reply").bytes(&self.from.to_bytes()).word(self.ordinal.0);
        self.reply.digest(digest).finish()
    }
}
