//! The recent end of an entity's feed in memory; the past is in the store.

use std::collections::VecDeque;

use booking::entity::Record;
use booking::{Level, Seq};

use crate::saved;

/// Records that are kept in memory although they are saved, for readers who are nearly caught up.
const KEPT: usize = 64;

/// The end of one entity's feed, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    recent: VecDeque<(Seq, Vec<u8>)>,
    /// How many of `recent`, from the back, are not handed to the store yet.
    unsaved: usize,
    bytes_unsaved: usize,
}

impl Feed {
    /// Adds the next step, as it is written under this level.
    pub(crate) fn push(&mut self, level: Level, record: Record) {
        let seq = record.seq();
        let bytes = saved::encode_record(level, record);
        self.bytes_unsaved += bytes.len();
        self.unsaved += 1;
        self.recent.push_back((seq, bytes));
    }

    /// How many bytes wait to be saved.
    pub(crate) fn bytes_unsaved(&self) -> usize {
        self.bytes_unsaved
    }

    /// What was not handed to the store yet, and now is.
    pub(crate) fn take_unsaved(&mut self) -> impl Iterator<Item = (Seq, &[u8])> {
        let saved = self.recent.len() - std::mem::take(&mut self.unsaved);
        self.bytes_unsaved = 0;
        self.recent.iter().skip(saved).map(|(seq, bytes)| (*seq, bytes.as_slice()))
    }

    /// The store has everything up to `seq`: what is older than a few records need not stay here.
    pub(crate) fn saved(&mut self, seq: Seq) {
        while KEPT < self.recent.len() && self.recent.front().is_some_and(|(first, _bytes)| *first <= seq) {
            self.recent.pop_front();
        }
    }

    /// The seq of the first record in memory.
    pub(crate) fn first(&self) -> Option<Seq> {
        self.recent.front().map(|(seq, _bytes)| *seq)
    }

    /// The bytes of at most `limit` records after `after` that are in memory.
    pub(crate) fn after(&self, after: Seq, limit: usize) -> Vec<Vec<u8>> {
        let skip = self.recent.partition_point(|(seq, _bytes)| *seq <= after);
        self.recent.iter().skip(skip).take(limit).map(|(_seq, bytes)| bytes.clone()).collect()
    }
}
