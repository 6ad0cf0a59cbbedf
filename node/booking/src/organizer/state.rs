//! The organizer: what is remembered of it, and what follows from that.

use alloc::boxed::Box;
use alloc::sync::Arc;

use super::seatmaps::{Seatmap, Seatmaps};
use super::words::Answer;
use crate::base::parts::Base;
use crate::digest::Digest;
use crate::invariant::{Invariant, Violation, check_all};
use crate::{Content, Seq, Timestamp};

/// Who offers slots.
pub struct Organizer {
    pub(crate) base: Base<Answer>,
    /// As tokens and slots name it.
    pub(crate) name: Box<str>,
    pub(crate) seatmaps: Seatmaps,
}

impl Organizer {
    /// As tokens and slots name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A seatmap, if it is kept.
    pub fn seatmap(&self, content: Content) -> Option<&Seatmap> {
        self.seatmaps.get(content)
    }

    /// A part of a seatmap, if it cannot be read back yet.
    pub fn fresh_part(&self, content: Content, number: u8) -> Option<&Arc<[u8]>> {
        self.seatmaps.fresh(content, number)
    }

    /// How many bytes no changes have had yet.
    pub fn bytes_untaken(&self) -> usize {
        self.seatmaps.bytes_untaken()
    }

    /// All that was taken as changes up to `seq` can be read back.
    pub fn let_go(&mut self, seq: Seq) {
        self.seatmaps.let_go(seq);
    }

    /// When time alone forgets something.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.seatmaps.deadline()
    }

    /// A number that two replicas share only if their organizers are equal, or by a chance of one in 2⁶⁴.
    pub fn digest(&self) -> u64 {
        let base = &self.base;
        Digest::new("organizer")
            .bytes(&base.id.to_bytes())
            .text(&self.name)
            .wide(base.origin.request.0)
            .word(base.origin.fingerprint.0)
            .word(base.origin.at.0)
            .word(base.seq.0)
            .word(base.stamp.0)
            .word(base.receipts.made())
            .finish()
            .wrapping_add(base.receipts.digest())
            .wrapping_add(base.intents.digest())
            .wrapping_add(self.seatmaps.digest())
    }

    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        check_all(|invariant| self.upholds(invariant))
    }

    fn upholds(&self, invariant: Invariant) -> bool {
        match invariant {
            Invariant::Conservation => self.seatmaps.are_within_bounds(),
            Invariant::SingleOwner => self.seatmaps.are_single(),
            Invariant::OneEffect => self.base.answers_once() && self.answers_with_what_is_there(),
            Invariant::NoGap => self.base.has_no_gap(),
            Invariant::Deadlines => self.deadline().is_none_or(|first| self.base.stamp < first),
            Invariant::EqualBytes => self.base.digests_are_right() && self.seatmaps.digest_is_right(),
            Invariant::IntentsOnce => self.base.intents.has_one_effect(),
            Invariant::IntentsKept => self.base.intents.forgets_nothing(),
            Invariant::NothingIdle
            | Invariant::LogOrder
            | Invariant::CustomerLimit
            | Invariant::SeatsOnce
            | Invariant::HouseCounts
            | Invariant::Credits
            | Invariant::Promises
            | Invariant::Orders
            | Invariant::Payments => true,
        }
    }

    /// Whether every map that was answered with is kept.
    pub(crate) fn answers_with_what_is_there(&self) -> bool {
        self.base.receipts.iter().all(|receipt| match receipt.answer {
            Answer::Refused(_) => true,
            Answer::Kept(content) | Answer::Found(content) => self.seatmaps.get(content).is_some(),
        })
    }
}
