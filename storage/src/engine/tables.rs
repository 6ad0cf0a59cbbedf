//! RocksDB, opened, and how values are read from it. Reading needs no lock: what must agree is read from one
//! snapshot.

use std::path::Path;

use bytes::Bytes;
use rocksdb::{ColumnFamily, DB, ErrorKind, ReadOptions, Snapshot};

use super::{Options, keys, seal, settings};
use crate::bounds::Bounds;
use crate::{Damage, Error, GroupId, Index, Place, Register, Row};

/// The column family of entries.
pub(super) const LOG: &str = "log";
/// The column family of registers and marks.
pub(super) const META: &str = "meta";
/// The column family of state.
pub(super) const STATE: &str = "state";

/// The database and its column families.
pub(super) struct Tables {
    database: DB,
}

impl Tables {
    /// Opens the database in a folder of its own, or makes it.
    pub(super) fn open(folder: &Path, options: &Options) -> Result<Tables, Error> {
        let families = settings::column_families(options);
        let database = DB::open_cf_descriptors(&settings::database(options)?, folder, families);
        Ok(Tables { database: database.map_err(refused("open the database"))? })
    }

    /// RocksDB itself, for the one who writes.
    pub(super) fn database(&self) -> &DB {
        &self.database
    }

    /// A column family that was opened with the database.
    pub(super) fn family(&self, name: &str) -> &ColumnFamily {
        self.database.cf_handle(name).expect("every column family is opened with the database")
    }

    /// A counter of changes: it grows with every write, and start-up finds it again.
    pub(super) fn sequence(&self) -> u64 {
        self.database.latest_sequence_number()
    }

    /// See [`crate::Store::register`].
    pub(super) fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.get(META, &keys::register(group, register), || Place::Register(group, register))
    }

    /// See [`crate::Store::state`].
    pub(super) fn state(&self, group: GroupId, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.get(STATE, &keys::state(group, key), || Place::State(group, key.to_vec()))
    }

    /// See [`crate::Store::scan`].
    pub(super) fn scan(
        &self,
        group: GroupId,
        from: &[u8],
        until: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let end = if until.is_empty() { keys::state_end(group) } else { keys::state(group, until) };
        let mut bounded = ReadOptions::default();
        bounded.set_iterate_upper_bound(end);
        let mut rows = self.database.raw_iterator_cf_opt(self.family(STATE), bounded);
        rows.seek(keys::state(group, from));

        let mut found = Vec::new();
        while found.len() < limit
            && let Some((key, sealed)) = rows.item()
        {
            let name = keys::state_name(key);
            let value = seal::open(key, sealed).ok_or_else(|| damaged(Place::State(group, name.to_vec())))?;
            found.push((name.to_vec(), value.to_vec()));
            rows.next();
        }
        rows.status().map_err(refused("read the state"))?;
        Ok(found)
    }

    /// See [`crate::Store::entries`].
    pub(super) fn entries(
        &self,
        group: GroupId,
        from: Index,
        until: Index,
        bytes_max: usize,
    ) -> Result<Vec<(Index, Bytes)>, Error> {
        let snapshot = self.database.snapshot();
        let Some(first) = self.log_first(&snapshot, group)? else { return Ok(Vec::new()) };
        let from = from.max(first);
        if from >= until {
            return Ok(Vec::new());
        }
        let mut bounded = ReadOptions::default();
        bounded.set_iterate_range(keys::entry(group, from).to_vec()..keys::entry(group, until).to_vec());
        let mut rows = snapshot.raw_iterator_cf_opt(self.family(LOG), bounded);
        rows.seek_to_first();

        let mut found = Vec::new();
        let mut bytes = 0;
        let mut expected = from;
        while let Some((key, sealed)) = rows.item() {
            if keys::index_of(key) != Some(expected) {
                return Err(Error::Damaged(Damage::Gap { group, index: expected }));
            }
            let entry = seal::open(key, sealed).ok_or_else(|| damaged(Place::Entry(group, expected)))?;
            bytes += entry.len();
            if bytes > bytes_max && !found.is_empty() {
                break;
            }
            found.push((expected, Bytes::copy_from_slice(entry)));
            expected = Index(expected.0 + 1);
            rows.next();
        }
        rows.status().map_err(refused("read the log"))?;
        Ok(found)
    }

    /// The ends of a group's log. The first is a mark and the last one seek from the other end, so that
    /// neither walks over what was purged.
    pub(super) fn bounds(&self, group: GroupId) -> Result<Bounds, Error> {
        let snapshot = self.database.snapshot();
        let Some(first) = self.log_first(&snapshot, group)? else { return Ok(Bounds(None)) };
        let mut bounded = ReadOptions::default();
        bounded.set_iterate_lower_bound(keys::entry(group, first));
        let mut rows = snapshot.raw_iterator_cf_opt(self.family(LOG), bounded);
        rows.seek_for_prev(keys::entry(group, Index(u64::MAX)));
        let last = rows.key().and_then(keys::index_of);
        rows.status().map_err(refused("read the end of the log"))?;
        Ok(Bounds(last.map(|last| (first, last))))
    }

    /// Where a log begins, as of `snapshot`, or `None` if the group never had one.
    fn log_first(&self, snapshot: &Snapshot<'_>, group: GroupId) -> Result<Option<Index>, Error> {
        let key = keys::log_first(group);
        let sealed = snapshot.get_cf(self.family(META), key).map_err(refused("read where the log begins"))?;
        let Some(sealed) = sealed else { return Ok(None) };
        let first = seal::open(&key, &sealed).and_then(|value| value.try_into().ok());
        let first = first.ok_or_else(|| damaged(Place::LogFirst(group)))?;
        Ok(Some(Index(u64::from_be_bytes(first))))
    }

    fn get(&self, family: &str, key: &[u8], place: impl FnOnce() -> Place) -> Result<Option<Vec<u8>>, Error> {
        let sealed =
            self.database.get_pinned_cf(self.family(family), key).map_err(refused("read a value"))?;
        let Some(sealed) = sealed else { return Ok(None) };
        match seal::open(key, &sealed) {
            Some(value) => Ok(Some(value.to_vec())),
            None => Err(damaged(place())),
        }
    }
}

/// Turns RocksDB's refusal of an operation into ours: what it calls corruption is damage, all else is the
/// disk.
pub(super) fn refused(operation: &'static str) -> impl FnOnce(rocksdb::Error) -> Error {
    move |cause| {
        if cause.kind() == ErrorKind::Corruption {
            Error::Damaged(Damage::Files { detail: cause.into_string() })
        } else {
            Error::disk(operation, cause)
        }
    }
}

fn damaged(place: Place) -> Error {
    Error::Damaged(Damage::Value(place))
}
