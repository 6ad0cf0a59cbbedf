//! An organizer as it is saved.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::parts::Parts;
use super::seatmaps::{Draft, PartRecord, Seatmap, SeatmapChanges, Seatmaps};
use super::state::Organizer;
use super::words::ReceiptRecord;
use crate::base::intents::{IntentChanges, IntentCounts, Intents, SavedIntents};
use crate::base::parts::Base;
use crate::base::receipts::{Receipts, in_order};
use crate::{Broken, Content, EntityId, Origin, RequestKey, Seq, Timestamp};

/// The part of an organizer that there is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The organizer.
    pub id: EntityId,
    /// As tokens and slots name it.
    pub name: Box<str>,
    /// The request that made it.
    pub origin: Origin,
    /// The latest change.
    pub seq: Seq,
    /// The latest stamp seen.
    pub stamp: Timestamp,
    /// How many seatmaps it keeps.
    pub seatmaps: u32,
    /// Those that are unfinished.
    pub drafts: Vec<Draft>,
    /// How many receipts it ever made.
    pub receipts_made: u64,
    /// How many intents it ever left, and what is kept of them.
    pub intents: IntentCounts,
    /// The digest of all of it: the parts must add up to this.
    pub digest: u64,
}

/// What is to be saved of an organizer so that the saved one is like this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The header, always.
    pub header: Header,
    /// Seatmaps that were kept: put each in the place of its content's.
    pub seatmaps: Vec<Seatmap>,
    /// Unfinished maps that are forgotten, and which parts of each: remove them, before parts are put.
    pub lapsed: Vec<(Content, Parts)>,
    /// Parts that were taken in.
    pub parts: Vec<PartRecord>,
    /// Receipts made: put each in the place of its request's.
    pub receipts: Vec<ReceiptRecord>,
    /// Requests whose receipts are forgotten: remove them, if they were ever saved.
    pub forgotten: Vec<RequestKey>,
    /// What changed of its intents.
    pub intents: IntentChanges,
}

impl Organizer {
    /// What changed since this was last called, or since the organizer was restored.
    pub fn take_changes(&mut self) -> Changes {
        let (receipts, forgotten) = self.base.receipts.take_changed();
        let intents = self.base.intents.take_changed();
        let SeatmapChanges { kept: seatmaps, forgotten: lapsed, parts } =
            self.seatmaps.take_changed(self.base.seq);
        Changes { header: self.header(), seatmaps, lapsed, parts, receipts, forgotten, intents }
    }

    /// The organizer that these parts are, in whatever order they come.
    pub fn restore(
        header: Header,
        seatmaps: impl Iterator<Item = Seatmap>,
        receipts: impl Iterator<Item = ReceiptRecord>,
        intents: SavedIntents,
    ) -> Result<Self, Broken> {
        let receipts = in_order(receipts, header.receipts_made)?;
        let seatmaps = Seatmaps::restore(seatmaps, header.drafts.into_iter()).ok_or(Broken::Numbers)?;
        if u32::try_from(seatmaps.len()) != Ok(header.seatmaps) {
            return Err(Broken::Numbers);
        }
        let organizer = Self {
            base: Base {
                id: header.id,
                origin: header.origin,
                seq: header.seq,
                stamp: header.stamp,
                receipts: Receipts::restore(receipts, header.receipts_made),
                intents: Intents::restore(intents, header.intents)?,
            },
            name: header.name,
            seatmaps,
        };
        if !organizer.answers_with_what_is_there() {
            return Err(Broken::Receipt);
        }
        if organizer.digest() == header.digest { Ok(organizer) } else { Err(Broken::Digest) }
    }

    fn header(&self) -> Header {
        Header {
            id: self.base.id,
            name: self.name.clone(),
            origin: self.base.origin,
            seq: self.base.seq,
            stamp: self.base.stamp,
            seatmaps: u32::try_from(self.seatmaps.len()).expect("they are bounded"),
            drafts: self.seatmaps.drafts().copied().collect(),
            receipts_made: self.base.receipts.made(),
            intents: self.base.intents.counts(),
            digest: self.digest(),
        }
    }
}
