//! One group at one moment, so that what is read of it agrees.
//!
//! Which generation of a group's state is live is a value in the database like any other. A reader of state
//! takes a snapshot first, and reads both from it: the number, then the values under that number. A flip
//! raises the number and deletes what was under the old one in one batch, and RocksDB shows a batch to
//! snapshots whole, across column families: it publishes the batch's last sequence number when all of it is
//! in the memtables, and a snapshot is such a number. So a snapshot has the old number with all that belongs
//! to it, or the new number with all that belongs to that. Flushes and compactions keep what an open snapshot
//! can see. Usually the number need not be read, because [`super::generations`] can tell what the snapshot
//! would say.

use rocksdb::{ReadOptions, Snapshot};

use super::families::{META, STATE};
use super::keys::{self, Generation};
use super::refusal::{damaged, refused};
use super::seal;
use super::tables::Tables;
use crate::{Error, GroupId, Place, Register, Row};

/// One group as of one snapshot.
pub(super) struct GroupSnapshot<'tables> {
    tables: &'tables Tables,
    snapshot: Snapshot<'tables>,
    group: GroupId,
    /// The live one, as of the snapshot.
    generation: Generation,
}

impl<'tables> GroupSnapshot<'tables> {
    /// The group as it is now.
    pub(super) fn now(tables: &'tables Tables, group: GroupId) -> Result<GroupSnapshot<'tables>, Error> {
        let snapshot = tables.database().snapshot();
        let generation = tables.generation(&snapshot, group)?;
        Ok(GroupSnapshot { tables, snapshot, group, generation })
    }

    /// See [`crate::Store::state`].
    pub(super) fn state(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let place = || Place::State(self.group, key.to_vec());
        self.tables.get(&self.snapshot, STATE, &keys::state(self.group, self.generation, key), place)
    }

    /// See [`crate::Store::scan`].
    pub(super) fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let end = match until {
            [] => keys::state_end(self.group, self.generation),
            until => keys::state(self.group, self.generation, until),
        };
        let mut bounded = ReadOptions::default();
        bounded.set_iterate_upper_bound(end);
        let mut rows = self.snapshot.raw_iterator_cf_opt(self.tables.family(STATE), bounded);
        rows.seek(keys::state(self.group, self.generation, from));

        let mut found = Vec::new();
        while found.len() < limit
            && let Some((key, sealed)) = rows.item()
        {
            let name = keys::state_name(key);
            let value =
                seal::open(key, sealed).ok_or_else(|| damaged(Place::State(self.group, name.to_vec())))?;
            found.push((name.to_vec(), value.to_vec()));
            rows.next();
        }
        rows.status().map_err(refused("read the state"))?;
        Ok(found)
    }

    /// See [`crate::View::register`].
    pub(super) fn register(&self, register: Register) -> Result<Option<Vec<u8>>, Error> {
        let place = || Place::Register(self.group, register);
        self.tables.get(&self.snapshot, META, &keys::register(self.group, register), place)
    }
}
