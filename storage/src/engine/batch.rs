//! Turns writes into one RocksDB batch.

use std::ops::Range;

use rocksdb::{ColumnFamily, WriteBatch};

use super::families::{LOG, META, STATE};
use super::generations::Flips;
use super::keys::{self, Generation};
use super::seal::{SEAL_BYTES, seal};
use super::tables::{Standing, Tables};
use crate::bounds::Bounds;
use crate::{Change, GroupId, Index, Write};

/// About what RocksDB and the keys add to a change, to size the buffer once.
const CHANGE_OVERHEAD_BYTES: usize = 32 + SEAL_BYTES;

/// A batch that is being filled.
pub(super) struct Batch<'tables> {
    log: &'tables ColumnFamily,
    meta: &'tables ColumnFamily,
    state: &'tables ColumnFamily,
    changes: WriteBatch,
    flips: Flips,
    sealed: Vec<u8>,
}

impl<'tables> Batch<'tables> {
    /// An empty batch with room for so many changes of so many bytes in all.
    pub(super) fn new(tables: &'tables Tables, changes: usize, bytes: usize) -> Batch<'tables> {
        Batch {
            log: tables.family(LOG),
            meta: tables.family(META),
            state: tables.family(STATE),
            changes: WriteBatch::with_capacity_bytes(bytes + changes * CHANGE_OVERHEAD_BYTES),
            flips: Flips::new(),
            sealed: Vec::new(),
        }
    }

    /// Adds a write to a group that stands there, which [`Bounds::after`] has found to be possible.
    pub(super) fn add(&mut self, write: &Write, standing: &mut Standing) {
        let group = write.group;
        let Standing { bounds, generation } = standing;
        for change in &write.changes {
            match change {
                Change::Append { index, entry } => self.append(group, *index, entry, bounds),
                Change::TruncateAfter(keep) => {
                    let gone = bounds.truncate_after(*keep);
                    self.delete_entries(group, gone);
                }
                Change::PurgeUpTo(index) => self.purge(group, *index, bounds),
                Change::Set { register, value } => {
                    self.put(self.meta, &keys::register(group, *register), value);
                }
                Change::Put { key, value } => {
                    self.put(self.state, &keys::state(group, *generation, key), value);
                }
                Change::Remove { key } => {
                    self.changes.delete_cf(self.state, keys::state(group, *generation, key));
                }
                Change::Stage { key, value } => {
                    self.put(self.state, &keys::state(group, generation.next(), key), value);
                }
                Change::Unstage => self.delete_state(group, generation.next()),
                Change::Flip => self.flip(group, generation),
            }
        }
    }

    /// The batch, to be written, and what it flips.
    pub(super) fn finish(self) -> (WriteBatch, Flips) {
        (self.changes, self.flips)
    }

    fn append(&mut self, group: GroupId, index: Index, entry: &[u8], bounds: &mut Bounds) {
        if bounds.0.is_none() {
            self.log_begins(group, index);
        }
        bounds.append(index).expect("the write was checked against the same bounds");
        self.put(self.log, &keys::entry(group, index), entry);
    }

    fn purge(&mut self, group: GroupId, index: Index, bounds: &mut Bounds) {
        let gone = bounds.purge_up_to(index);
        if !gone.is_empty() {
            self.log_begins(group, Index(gone.end));
        }
        self.delete_entries(group, gone);
    }

    /// Both in this batch: a reader who sees the old state gone sees the new one live (see [`super::group_snapshot`]).
    fn flip(&mut self, group: GroupId, generation: &mut Generation) {
        self.delete_state(group, *generation);
        *generation = generation.next();
        self.put(self.meta, &keys::generation(group), &generation.encode());
        self.flips.insert(group, *generation);
    }

    /// One tombstone for the whole range, however long it is.
    fn delete_entries(&mut self, group: GroupId, gone: Range<u64>) {
        if !gone.is_empty() {
            let ends = (keys::entry(group, Index(gone.start)), keys::entry(group, Index(gone.end)));
            self.changes.delete_range_cf(self.log, ends.0, ends.1);
        }
    }

    /// One tombstone for all of a generation.
    fn delete_state(&mut self, group: GroupId, generation: Generation) {
        let ends = (keys::state(group, generation, &[]), keys::state_end(group, generation));
        self.changes.delete_range_cf(self.state, ends.0, ends.1);
    }

    fn log_begins(&mut self, group: GroupId, first: Index) {
        self.put(self.meta, &keys::log_first(group), &first.0.to_be_bytes());
    }

    fn put(&mut self, family: &ColumnFamily, key: &[u8], value: &[u8]) {
        seal(key, value, &mut self.sealed);
        self.changes.put_cf(family, key, &self.sealed);
    }
}
