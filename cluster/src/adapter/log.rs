//! openraft's log storage, over the node's one store and the tail in memory.
//!
//! Everything is handed to the store's queue at once and in order, so queue order is durability order: an entry is
//! readable before `append` returns and durable before its callback is told; a vote is durable before `save_vote`
//! returns; truncations and purges need no wait, since what comes after them in the queue is synced with them.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use openraft::storage::{IOFlushed, LogState, RaftLogStorage};
use openraft::{EntryPayload, OptionalSend, RaftLogReader};
use parking_lot::Mutex;
use storage::{Change, Durability, GroupId, Index, Register, Store, Write};

use super::record::{self, MARK, Mark, PURGED, VOTE};
use super::tail::Tail;
use super::type_config::{Entry, LogId, Membership, Types, Vote};
use crate::batch::Heading;
use crate::codec::CodecError;
use crate::error::Error;
use crate::rounds::RoundGuard;
use crate::written::written;

/// The most bytes that one read hands to a follower.
const READ_BYTES_MAX: usize = 1 << 20;
/// How many entries are read at once when the log is walked backwards for its last batch.
const WALK_STEP: u64 = 64;

/// One group's log. Clones share it.
#[derive(Clone)]
pub(crate) struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    group: GroupId,
    /// Apart from the store, so that what runs on the store's own thread does not own the store.
    tail: Arc<Mutex<Tail>>,
    /// The round of the entry that is appended next, if this node proposed it.
    round: Mutex<Option<RoundGuard>>,
}

impl Log {
    /// Reads what the store knows of the group's log, and the mark that its state stands at.
    pub(crate) fn open(store: Arc<dyn Store>, group: GroupId) -> Result<(Self, Option<Mark>), Error> {
        // One without bytes is that of a replica that is gone.
        let register = |name: Register| {
            let bytes = store.register(group, name).map_err(|source| Error::Storage { group, source });
            bytes.map(|bytes| bytes.filter(|bytes| !bytes.is_empty()))
        };
        let unreadable = |source| Error::Register { group, source };
        let vote =
            register(VOTE)?.map(|bytes| record::decode_vote(&bytes)).transpose().map_err(unreadable)?;
        let purged =
            register(PURGED)?.map(|bytes| record::decode_purged(&bytes)).transpose().map_err(unreadable)?;
        let mark =
            register(MARK)?.map(|bytes| record::decode_mark(&bytes)).transpose().map_err(unreadable)?;

        let log =
            Self { shared: Arc::new(Shared { store, group, tail: Arc::default(), round: Mutex::default() }) };
        let (first, last) = log.bounds_on_disk()?.unzip();
        *log.shared.tail.lock() = Tail::of_disk(first.unwrap_or(0), purged, last.max(purged), vote);
        if let Some(mark) = &mark {
            log.set_marked(mark.log_id.index);
            // A snapshot was installed, and the process ended before what it took the place of was purged.
            if log.last_index().0 < mark.log_id.index {
                log.forget_up_to(mark.log_id);
            }
        }
        let (first, end) = {
            let tail = log.shared.tail.lock();
            (tail.first_index(), tail.end_index())
        };
        let floor = mark.as_ref().map(|mark| mark.heading).unwrap_or_default();
        let heading = log.last_heading(first, end)?.max(floor);
        log.shared.tail.lock().heading = heading;
        Ok((log, mark))
    }

    /// What the last batch in the log says: no later one may say less.
    pub(crate) fn heading(&self) -> Heading {
        self.shared.tail.lock().heading
    }

    /// The index of the last entry, in the log or in the state that it goes on from; 0 where there is none.
    pub(crate) fn last_index(&self) -> Index {
        Index(self.shared.tail.lock().last.map_or(0, |last| last.index))
    }

    /// The log id of the last entry, in the log or in the state that it goes on from.
    pub(crate) fn last(&self) -> Option<LogId> {
        self.shared.tail.lock().last
    }

    /// The last term in which this node has voted.
    pub(crate) fn term_voted(&self) -> u64 {
        self.shared.tail.lock().vote.map_or(0, |vote| vote.leader_id.term)
    }

    /// The last membership in the log, if there is one.
    pub(crate) fn last_membership(&self) -> Result<Option<Membership>, Error> {
        let (first, end) = {
            let tail = self.shared.tail.lock();
            (tail.first_index(), tail.end_index())
        };
        self.walk_back(first, end, |entry| match &entry.payload {
            EntryPayload::Membership(members) => Some(members.clone()),
            EntryPayload::Blank | EntryPayload::Normal(_) => None,
        })
    }

    /// The entry that is appended next keeps this round open until the entry is on disk.
    pub(crate) fn set_round(&self, round: Option<RoundGuard>) {
        *self.shared.round.lock() = round;
    }

    /// The state is saved up to this index, and the mark that says so is in the store's queue.
    pub(crate) fn set_marked(&self, index: u64) {
        self.shared.tail.lock().set_marked(index);
    }

    /// The store that this log is in.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// Whose log this is.
    pub(crate) fn group(&self) -> GroupId {
        self.shared.group
    }

    /// The index of the first entry on disk, and the log id of the last.
    fn bounds_on_disk(&self) -> Result<Option<(u64, LogId)>, Error> {
        let Shared { store, group, .. } = &*self.shared;
        let Some((first, last)) = store.log_bounds(*group).map_err(|error| self.storage(error))? else {
            return Ok(None);
        };
        let entries =
            store.entries(*group, last, Index(last.0 + 1), 1).map_err(|error| self.storage(error))?;
        let (index, bytes) =
            entries.into_iter().next().ok_or_else(|| self.damaged(last.0, "it is missing"))?;
        let log_id = record::decode_log_id(&bytes).map_err(|error| self.unreadable(index.0, error))?;
        Ok(Some((first.0, log_id)))
    }

    /// What the last batch in `first..end` says, walking backwards over blanks and memberships.
    fn last_heading(&self, first: u64, end: u64) -> Result<Heading, Error> {
        let heading = self.walk_back(first, end, |entry| match &entry.payload {
            EntryPayload::Normal(content) => Some(content.heading()),
            EntryPayload::Blank | EntryPayload::Membership(_) => None,
        });
        Ok(heading?.unwrap_or_default())
    }

    /// What is found in the last entry of `first..end` in which it is.
    fn walk_back<T>(
        &self,
        first: u64,
        mut end: u64,
        find: impl Fn(&Entry) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        while first < end {
            let from = end.saturating_sub(WALK_STEP).max(first);
            let found = self.read(from, end, usize::MAX)?.iter().rev().find_map(&find);
            if found.is_some() {
                return Ok(found);
            }
            end = from;
        }
        Ok(None)
    }

    /// Entries of `from..until`, clamped to what the log holds; at most `bytes_max` of them from disk, but at least one.
    pub(super) fn read(&self, from: u64, until: u64, bytes_max: usize) -> Result<Vec<Entry>, Error> {
        let (from, until, memory) = {
            let tail = self.shared.tail.lock();
            let from = from.max(tail.first_index());
            let until = until.min(tail.end_index());
            let memory = tail.memory_index();
            if memory <= from {
                return Ok(within(tail.entries(from, until), bytes_max));
            }
            (from, until, memory)
        };
        let mut entries = Vec::new();
        let cold_until = until.min(memory);
        let mut next = from;
        while next < cold_until {
            let read = self
                .shared
                .store
                .entries(self.shared.group, Index(next), Index(cold_until), bytes_max)
                .map_err(|error| self.storage(error))?;
            if read.is_empty() {
                return Err(self.damaged(next, "it is missing"));
            }
            for (index, bytes) in read {
                let entry = record::decode_entry(&bytes).map_err(|error| self.unreadable(index.0, error))?;
                if entry.log_id.index != index.0 {
                    return Err(self.damaged(index.0, "it is another entry's"));
                }
                next = index.0 + 1;
                entries.push(entry);
            }
            if bytes_max != usize::MAX {
                return Ok(entries);
            }
        }
        entries.extend(self.shared.tail.lock().entries(next, until).cloned());
        Ok(entries)
    }

    /// Purges everything up to `upto`.
    fn forget_up_to(&self, upto: LogId) {
        self.shared.tail.lock().purge(upto);
        let mark = Change::Set { register: PURGED, value: record::encode_log_id(&upto) };
        self.submit(vec![mark, Change::PurgeUpTo(Index(upto.index))], Durability::Queued, unattended());
    }

    fn submit(&self, changes: Vec<Change>, durability: Durability, done: storage::Done) {
        self.shared.store.submit(Write { group: self.shared.group, changes, durability }, done);
    }

    fn storage(&self, source: storage::Error) -> Error {
        Error::Storage { group: self.shared.group, source }
    }

    fn damaged(&self, index: u64, reason: &str) -> Error {
        self.unreadable(index, CodecError::Contradiction(reason.to_owned()))
    }

    fn unreadable(&self, index: u64, source: CodecError) -> Error {
        Error::Entry { group: self.shared.group, index: Index(index), source }
    }
}

/// As many entries as `bytes_max` allows, at least one.
fn within<'tail>(entries: impl Iterator<Item = &'tail Entry>, bytes_max: usize) -> Vec<Entry> {
    let mut bytes = 0_usize;
    let fits = |entry: &&Entry| {
        let room = bytes < bytes_max;
        if let EntryPayload::Normal(content) = &entry.payload {
            bytes = bytes.saturating_add(content.len());
        }
        room
    };
    entries.take_while(fits).cloned().collect()
}

/// A `done` of a write that nobody waits for: its failure has already ended the process (the store says so once).
fn unattended() -> storage::Done {
    Box::new(|result| {
        if let Err(error) = result {
            tracing::debug!(%error, "a write that nobody waits for failed with the store");
        }
    })
}

fn bounds(range: &impl RangeBounds<u64>) -> (u64, u64) {
    let from = match range.start_bound() {
        Bound::Included(from) => *from,
        Bound::Excluded(before) => before + 1,
        Bound::Unbounded => 0,
    };
    let until = match range.end_bound() {
        Bound::Included(last) => last + 1,
        Bound::Excluded(until) => *until,
        Bound::Unbounded => u64::MAX,
    };
    (from, until)
}

impl RaftLogReader<Types> for Log {
    async fn try_get_log_entries<R>(&mut self, range: R) -> Result<Vec<Entry>, io::Error>
    where
        R: RangeBounds<u64> + Clone + Debug + OptionalSend,
    {
        let (from, until) = bounds(&range);
        self.read(from, until, usize::MAX).map_err(io::Error::other)
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(self.shared.tail.lock().vote)
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> Result<Vec<Entry>, io::Error> {
        self.read(start, end, READ_BYTES_MAX).map_err(io::Error::other)
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, io::Error> {
        let tail = self.shared.tail.lock();
        Ok(LogState { last_purged_log_id: tail.purged, last_log_id: tail.last })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        let set = Change::Set { register: VOTE, value: record::encode_vote(vote) };
        let write = Write::synced(self.group(), vec![set]);
        written(self.store().as_ref(), write).await.map_err(io::Error::other)?;
        self.shared.tail.lock().set_vote(*vote);
        Ok(())
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        self.shared.tail.lock().set_committed(committed);
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        Ok(self.shared.tail.lock().committed)
    }

    async fn append<I>(&mut self, entries: I, callback: IOFlushed<Types>) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut changes = Vec::new();
        let (last, truncations) = {
            let mut tail = self.shared.tail.lock();
            for entry in entries {
                let index = Index(entry.log_id.index);
                changes.push(Change::Append { index, entry: record::encode_entry(&entry) });
                tail.push(entry);
            }
            (tail.last, tail.truncations)
        };
        let (tail, round) = (Arc::clone(&self.shared.tail), self.shared.round.lock().take());
        let done = move |result: Result<(), storage::Error>| {
            if let (Ok(()), Some(last)) = (&result, last) {
                tail.lock().flushed(last.index, truncations);
            }
            callback.io_completed(result.map_err(io::Error::other));
            drop(round);
        };
        self.submit(changes, Durability::Synced, Box::new(done));
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> Result<(), io::Error> {
        let first = self.shared.tail.lock().first_index();
        let heading =
            self.last_heading(first, last.map_or(0, |last| last.index + 1)).map_err(io::Error::other)?;
        self.shared.tail.lock().truncate_after(last, heading);
        let cut = Change::TruncateAfter(last.map(|last| Index(last.index)));
        self.submit(vec![cut], Durability::Queued, unattended());
        Ok(())
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        self.forget_up_to(upto);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use storage::Memory;

    use super::super::type_config::{StoredMembership, log_id};
    use super::*;

    #[test]
    fn what_a_snapshot_took_the_place_of_is_purged_after_a_crash_too() {
        let (store, group) = (Arc::new(Memory::new()), GroupId(1));
        let append = |entry: Entry| Change::Append {
            index: Index(entry.log_id.index),
            entry: record::encode_entry(&entry),
        };
        // The last entry was never committed, and is of a later term than what the snapshot ends with.
        let entries =
            [log_id(3, 7), log_id(5, 8)].map(|log_id| Entry { log_id, payload: EntryPayload::Blank });
        let mut changes: Vec<_> = entries.into_iter().map(append).collect();
        let mark = Mark {
            log_id: log_id(3, 20),
            membership: StoredMembership::default(),
            heading: Heading::default(),
            placement: None,
        };
        changes.push(Change::Set { register: MARK, value: record::encode_mark(&mark) });
        store.submit(Write { group, changes, durability: Durability::Synced }, unattended());
        for _ in 0..2 {
            let (log, _mark) = Log::open(Arc::<Memory>::clone(&store), group).expect("a sound store");
            let tail = log.shared.tail.lock();
            assert_eq!((tail.last, tail.purged), (Some(mark.log_id), Some(mark.log_id)));
            assert_eq!((tail.first_index(), tail.end_index()), (21, 21));
            drop(tail);
            assert_eq!(store.log_bounds(group).expect("a sound store"), None);
        }
    }
}
