//! A toy as it is saved.

use alloc::vec::Vec;

use crate::base::intents::{IntentChanges, IntentCounts, Intents, SavedIntents};
use crate::base::parts::Base;
use crate::base::receipts::{Receipts, in_order};
use crate::toy::state::Toy;
use crate::toy::words::ReceiptRecord;
use crate::{Broken, EntityId, Origin, RequestKey, Seq, Timestamp};

/// The part of a toy that there is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The toy.
    pub id: EntityId,
    /// The request that made it.
    pub origin: Origin,
    /// The latest change.
    pub seq: Seq,
    /// The latest stamp seen.
    pub stamp: Timestamp,
    /// What it was made with.
    pub made_with: u64,
    /// How much others may bring it to.
    pub room: u64,
    /// What it has.
    pub amount: u64,
    /// What was taken out of it for good.
    pub taken: u64,
    /// How many receipts it ever made.
    pub receipts_made: u64,
    /// How many intents it ever left, and what is kept of them.
    pub intents: IntentCounts,
    /// The digest of all of it: the parts must add up to this.
    pub digest: u64,
}

/// What is to be saved of a toy so that the saved one is like this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The header, always.
    pub header: Header,
    /// Receipts made: put each in the place of its request's.
    pub receipts: Vec<ReceiptRecord>,
    /// Requests whose receipts are forgotten: remove them, if they were ever saved.
    pub forgotten: Vec<RequestKey>,
    /// What changed of its intents.
    pub intents: IntentChanges,
}

impl Toy {
    /// What changed since this was last called, or since the toy was restored.
    pub fn take_changes(&mut self) -> Changes {
        let (receipts, forgotten) = self.base.receipts.take_changed();
        let intents = self.base.intents.take_changed();
        Changes { header: self.header(), receipts, forgotten, intents }
    }

    /// The toy that these parts are, in whatever order they come.
    pub fn restore(
        header: &Header,
        receipts: impl Iterator<Item = ReceiptRecord>,
        intents: SavedIntents,
    ) -> Result<Self, Broken> {
        let receipts = in_order(receipts, header.receipts_made)?;
        let toy = Self {
            base: Base {
                id: header.id,
                origin: header.origin,
                seq: header.seq,
                stamp: header.stamp,
                receipts: Receipts::restore(receipts, header.receipts_made),
                intents: Intents::restore(intents, header.intents)?,
            },
            made_with: header.made_with,
            room: header.room,
            amount: header.amount,
            taken: header.taken,
        };
        if toy.digest() == header.digest { Ok(toy) } else { Err(Broken::Digest) }
    }

    fn header(&self) -> Header {
        Header {
            id: self.base.id,
            origin: self.base.origin,
            seq: self.base.seq,
            stamp: self.base.stamp,
            made_with: self.made_with,
            room: self.room,
            amount: self.amount,
            taken: self.taken,
            receipts_made: self.base.receipts.made(),
            intents: self.base.intents.counts(),
            digest: self.digest(),
        }
    }
}
