//! The recent end of a log in memory: what openraft reads back to apply and to replicate, so that the disk is only
//! written.
//!
//! *Invariants.* Entries are contiguous. None above the flushed watermark is evicted. Reads are clamped to what the log
//! holds, even where the disk still has stale entries above a truncation.

use std::collections::VecDeque;

use openraft::EntryPayload;

use super::type_config::{Entry, LogId, Vote};
use crate::batch::Heading;

/// The tail evicts its oldest entries beyond this many bytes.
const BYTES_MAX: usize = 32 << 20;

/// The recent end of one group's log, and what is known of the rest of it.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The index of the log's first entry, in memory or on disk; where an empty log goes on.
    first: u64,
    pub(crate) purged: Option<LogId>,
    /// The index at or below which the state is saved.
    marked: Option<u64>,
    pub(crate) last: Option<LogId>,
    pub(crate) vote: Option<Vote>,
    /// Memory only: saving it would cost an fsync an apply.
    pub(crate) committed: Option<LogId>,
    /// What the last batch in the log says.
    pub(crate) heading: Heading,
    flushed: Option<u64>,
    /// How often the log was cut: a flush that was asked for before a cut says nothing of what came after it.
    pub(crate) truncations: u64,
}

impl Tail {
    /// A tail that knows of a log on disk that begins at `first`, and holds none of it.
    pub(crate) fn of_disk(
        first: u64,
        purged: Option<LogId>,
        last: Option<LogId>,
        vote: Option<Vote>,
    ) -> Self {
        let first = first.max(purged.map_or(0, |purged| purged.index + 1));
        Self { first, purged, last, vote, flushed: last.map(|last| last.index), ..Self::default() }
    }

    /// The index of the first entry that is still in the log, in memory or on disk.
    pub(crate) fn first_index(&self) -> u64 {
        self.first
    }

    /// One past the index of the last entry.
    pub(crate) fn end_index(&self) -> u64 {
        self.last.map_or(self.first, |last| last.index + 1)
    }

    /// The index of the first entry in memory; [`Tail::end_index`] where there is none.
    pub(crate) fn memory_index(&self) -> u64 {
        self.entries.front().map_or_else(|| self.end_index(), |entry| entry.log_id.index)
    }

    /// Takes the next entry.
    pub(crate) fn push(&mut self, entry: Entry) {
        if self.first == self.end_index() {
            assert!(self.first <= entry.log_id.index, "an empty log goes on behind what was purged");
            self.first = entry.log_id.index;
        } else {
            assert_eq!(entry.log_id.index, self.end_index(), "logs are consecutive");
        }
        if let EntryPayload::Normal(content) = &entry.payload {
            let heading = content.heading();
            assert!(self.heading.stamp <= heading.stamp, "RG-4: stamps never go back");
            assert!(self.heading.level <= heading.level, "RG-7: levels never go back");
            self.heading = heading;
        }
        assert!(self.last < Some(entry.log_id), "terms and indexes only ascend");
        self.last = Some(entry.log_id);
        self.bytes += weight(&entry);
        self.entries.push_back(entry);
    }

    /// Entries of `from..until` that are in memory; the caller reads what lies before from disk.
    pub(crate) fn entries(&self, from: u64, until: u64) -> impl Iterator<Item = &Entry> {
        let first = self.memory_index();
        let skip = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skip).take_while(move |entry| entry.log_id.index < until)
    }

    /// The disk has everything up to `index`, as of the cut that the flush was asked under.
    pub(crate) fn flushed(&mut self, index: u64, truncations: u64) {
        if truncations == self.truncations {
            assert!(index < self.end_index(), "only what was appended is flushed");
            self.flushed = self.flushed.max(Some(index));
            self.evict();
        }
    }

    /// Cuts everything after `last` off. `heading` is the last one that is left.
    pub(crate) fn truncate_after(&mut self, last: Option<LogId>, heading: Heading) {
        let end = last.map_or(0, |last| last.index + 1);
        if self.end_index() <= end {
            return;
        }
        assert!(self.committed <= last, "RG-1: what was committed is never truncated");
        while self.entries.back().is_some_and(|entry| end <= entry.log_id.index) {
            self.bytes -= self.entries.pop_back().as_ref().map_or(0, weight);
        }
        self.last = last;
        self.heading = heading;
        self.truncations += 1;
        self.flushed = self.flushed.min(last.map(|last| last.index));
    }

    /// Notes a vote that is on disk.
    pub(crate) fn set_vote(&mut self, vote: Vote) {
        assert!(self.vote.is_none_or(|before| before <= vote), "RG-2: a vote never goes back");
        self.vote = Some(vote);
    }

    /// Notes up to where entries are committed.
    pub(crate) fn set_committed(&mut self, committed: Option<LogId>) {
        assert!(self.committed <= committed, "what is committed stays so");
        self.committed = committed;
    }

    /// Notes up to where the state is saved: the mark is in the store's queue.
    pub(crate) fn set_marked(&mut self, marked: u64) {
        self.marked = self.marked.max(Some(marked));
    }

    /// Forgets everything up to `upto`. Where nothing is left, a snapshot may have taken the place of entries that were never
    /// committed, and what they said counts no more: the last word is then the state's.
    pub(crate) fn purge(&mut self, upto: LogId) {
        assert!(Some(upto.index) <= self.marked, "RG-6: only what is saved is purged");
        if self.end_index() <= upto.index + 1 {
            self.heading = Heading::default();
            // The last entry may be of a later term: its leader never committed it.
            self.last = Some(upto);
        }
        while self.entries.front().is_some_and(|entry| entry.log_id.index <= upto.index) {
            self.bytes -= self.entries.pop_front().as_ref().map_or(0, weight);
        }
        self.first = self.first.max(upto.index + 1);
        self.purged = self.purged.max(Some(upto));
        self.flushed = self.flushed.max(Some(upto.index));
    }

    fn evict(&mut self) {
        while BYTES_MAX < self.bytes
            && self.entries.front().is_some_and(|entry| Some(entry.log_id.index) <= self.flushed)
        {
            self.bytes -= self.entries.pop_front().as_ref().map_or(0, weight);
        }
    }
}

fn weight(entry: &Entry) -> usize {
    let payload = match &entry.payload {
        EntryPayload::Normal(content) => content.len(),
        EntryPayload::Blank | EntryPayload::Membership(_) => 0,
    };
    size_of::<Entry>() + payload
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::type_config::log_id;
    use super::*;
    use crate::batch::{Batch, Level};
    use crate::clock::Stamp;
    use crate::content::Content;

    fn headed(index: u64, level: u32, stamp: u64) -> Entry {
        let batch = Batch::new(Level(level), Stamp(stamp), &[Bytes::new()]);
        Entry { log_id: log_id(1, index), payload: EntryPayload::Normal(Content::Commands(batch)) }
    }

    fn entry(index: u64, bytes: usize) -> Entry {
        let batch = Batch::new(Level::FIRST, Stamp(index), &[Bytes::from(vec![0; bytes])]);
        Entry { log_id: log_id(1, index), payload: EntryPayload::Normal(Content::Commands(batch)) }
    }

    fn indexes(tail: &Tail, from: u64, until: u64) -> Vec<u64> {
        tail.entries(from, until).map(|entry| entry.log_id.index).collect()
    }

    #[test]
    fn only_what_is_flushed_is_evicted() {
        let mut tail = Tail::default();
        for index in 0..5 {
            tail.push(entry(index, BYTES_MAX / 3));
        }
        assert_eq!(indexes(&tail, 0, 9), [0, 1, 2, 3, 4]);
        tail.flushed(0, 0);
        assert_eq!(indexes(&tail, 0, 9), [1, 2, 3, 4]);
        tail.flushed(4, 0);
        assert_eq!(indexes(&tail, 0, 9), [3, 4], "two thirds of the bound are left");
        assert_eq!((tail.first_index(), tail.memory_index(), tail.end_index()), (0, 3, 5));
    }

    #[test]
    fn a_flush_from_before_a_cut_does_not_count_after_it() {
        let mut tail = Tail::default();
        tail.push(entry(0, 1));
        tail.push(entry(1, BYTES_MAX));
        let truncations = tail.truncations;
        tail.truncate_after(Some(log_id(1, 0)), Heading::default());
        tail.push(entry(1, BYTES_MAX));
        tail.flushed(1, truncations);
        assert_eq!(indexes(&tail, 0, 9), [0, 1], "the new entry 1 is not on disk");
        tail.flushed(1, tail.truncations);
        assert_eq!(indexes(&tail, 0, 9), []);
    }

    #[test]
    fn truncation_and_purge_move_the_ends() {
        let mut tail = Tail::default();
        for index in 0..10 {
            tail.push(entry(index, 1));
        }
        tail.truncate_after(Some(log_id(1, 6)), Heading { level: Level::FIRST, stamp: Stamp(6) });
        tail.set_marked(20);
        tail.purge(log_id(1, 2));
        assert_eq!(indexes(&tail, 0, 99), [3, 4, 5, 6]);
        assert_eq!(indexes(&tail, 4, 6), [4, 5]);
        assert_eq!((tail.first_index(), tail.end_index()), (3, 7));
        tail.purge(log_id(1, 20));
        assert_eq!(indexes(&tail, 0, 99), []);
        assert_eq!((tail.first_index(), tail.end_index()), (21, 21), "a purge beyond the end moves the end");
    }

    #[test]
    fn a_snapshot_takes_the_place_of_what_was_never_committed() {
        let mut tail = Tail::default();
        tail.push(headed(7, 2, 1_000));
        tail.set_marked(20);
        tail.purge(log_id(1, 20));
        tail.push(headed(21, 1, 900));
        let left = Heading { level: Level(1), stamp: Stamp(900) };
        assert_eq!(tail.heading, left, "the clock of who led before was ahead, and nobody knew of its level");
    }

    #[test]
    fn what_was_never_committed_may_be_of_a_later_term_than_the_snapshot() {
        let mut tail = Tail::default();
        tail.push(Entry { log_id: log_id(3, 7), payload: EntryPayload::Blank });
        tail.push(Entry { log_id: log_id(5, 8), payload: EntryPayload::Blank });
        tail.set_marked(20);
        tail.purge(log_id(3, 20));
        assert_eq!((tail.first_index(), tail.end_index()), (21, 21));
        assert_eq!(tail.last, Some(log_id(3, 20)));
        tail.push(Entry { log_id: log_id(6, 21), payload: EntryPayload::Blank });
        assert_eq!(indexes(&tail, 0, 99), [21]);
    }

    #[test]
    #[should_panic(expected = "RG-7")]
    fn levels_never_go_back() {
        let mut tail = Tail::default();
        tail.push(headed(7, 2, 1_000));
        tail.push(headed(8, 1, 1_000));
    }

    #[test]
    #[should_panic(expected = "RG-6")]
    fn only_what_is_saved_is_purged() {
        let mut tail = Tail::default();
        tail.push(entry(0, 1));
        tail.push(entry(1, 1));
        tail.set_marked(0);
        tail.purge(log_id(1, 1));
    }

    #[test]
    #[should_panic(expected = "RG-1")]
    fn what_was_committed_is_never_truncated() {
        let mut tail = Tail::default();
        tail.push(entry(0, 1));
        tail.push(entry(1, 1));
        tail.set_committed(Some(log_id(1, 1)));
        tail.truncate_after(Some(log_id(1, 0)), Heading::default());
    }

    #[test]
    #[should_panic(expected = "RG-2")]
    fn a_vote_never_goes_back() {
        let mut tail = Tail::default();
        tail.set_vote(Vote::new(4, 2));
        tail.set_vote(Vote::new(4, 1));
    }
}
