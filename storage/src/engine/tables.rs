//! RocksDB, opened, and how values are read from it. Reading needs no lock: what must agree is read from one
//! snapshot.

use bytes::Bytes;
use rocksdb::{ColumnFamily, DB, FlushOptions, ReadOptions, Snapshot, properties};

use super::directory::Directory;
use super::families::{LOG, META, STATE};
use super::generations::Generations;
use super::keys::{self, Generation};
use super::options::Options;
use super::refusal::{damaged, refused};
use super::{seal, settings};
use crate::bounds::Bounds;
use crate::{Damage, Error, GroupId, Index, Place, Register};

/// The database and its column families, in a directory that is in use until both its engine and its last
/// view are gone.
pub(super) struct Tables {
    database: DB,
    generations: Generations,
    // Last, so that the lock is given up only when the database is closed.
    _directory: Directory,
}

/// What must be known of a group before it is written to.
pub(super) struct Standing {
    /// Where its log begins and ends.
    pub(super) bounds: Bounds,
    /// Which of its states is live.
    pub(super) generation: Generation,
}

impl Tables {
    /// Opens the database in a folder of its own in `directory`, or makes it.
    pub(super) fn open(directory: Directory, options: &Options) -> Result<Tables, Error> {
        let families = settings::column_families(options)?;
        let database = DB::open_cf_descriptors(&settings::database(options)?, directory.store()?, families);
        let database = database.map_err(refused("open the database"))?;
        Ok(Tables { database, generations: Generations::default(), _directory: directory })
    }

    /// RocksDB itself, for the one who writes and for who takes a snapshot.
    pub(super) fn database(&self) -> &DB {
        &self.database
    }

    /// What is remembered of generations, for the one who flips them.
    pub(super) fn generations(&self) -> &Generations {
        &self.generations
    }

    /// A column family that was opened with the database.
    pub(super) fn family(&self, name: &str) -> &ColumnFamily {
        self.database.cf_handle(name).expect("every column family is opened with the database")
    }

    /// Brings what is in memory only, and in the write-ahead log, to tables, where `free` bytes are plenty for that: the log
    /// behind it goes then.
    pub(super) fn flush_within(&self, free: u64) -> Result<(), Error> {
        // The smallest first: the log is begun anew with the first of them, and as much as that may hold in memory is allocated
        // ahead for it.
        let families = [META, LOG, STATE].map(|name| self.family(name));
        let mut bytes = 0;
        for family in families {
            let in_memory = self.database.property_int_value_cf(family, properties::CUR_SIZE_ALL_MEM_TABLES);
            bytes += in_memory.map_err(refused("ask what is in memory"))?.unwrap_or(0);
        }
        if bytes <= free / 2 {
            let flushed = self.database.flush_cfs_opt(&families.each_ref(), &FlushOptions::default());
            flushed.map_err(refused("bring to tables what is in memory"))?;
        }
        Ok(())
    }

    /// A counter of changes: it grows with every write, and start-up finds it again.
    pub(super) fn sequence(&self) -> u64 {
        self.database.latest_sequence_number()
    }

    /// See [`crate::Store::register`].
    pub(super) fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error> {
        let place = || Place::Register(group, register);
        self.get(&self.database.snapshot(), META, &keys::register(group, register), place)
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

    /// Where a group stands now, for the one who writes: nobody else moves it.
    pub(super) fn standing(&self, group: GroupId) -> Result<Standing, Error> {
        let generation = self.generation(&self.database.snapshot(), group)?;
        Ok(Standing { bounds: self.bounds(group)?, generation })
    }

    /// Which generation of a group's state is live, as of `snapshot`: the first, if there was never a flip.
    pub(super) fn generation(&self, snapshot: &Snapshot<'_>, group: GroupId) -> Result<Generation, Error> {
        let sequence = snapshot.sequence_number();
        if let Some(generation) = self.generations.known(group, sequence) {
            return Ok(generation);
        }
        let place = || Place::Generation(group);
        let generation = match self.get(snapshot, META, &keys::generation(group), place)? {
            Some(value) => Generation::decode(&value).ok_or_else(|| damaged(place()))?,
            None => Generation::default(),
        };
        self.generations.found(group, generation, sequence);
        Ok(generation)
    }

    /// Where a log begins, as of `snapshot`, or `None` if the group never had one.
    fn log_first(&self, snapshot: &Snapshot<'_>, group: GroupId) -> Result<Option<Index>, Error> {
        let place = || Place::LogFirst(group);
        let Some(value) = self.get(snapshot, META, &keys::log_first(group), place)? else { return Ok(None) };
        let first = value.try_into().map_err(|_| damaged(place()))?;
        Ok(Some(Index(u64::from_be_bytes(first))))
    }

    /// The value under a key, as of `snapshot`; `place` is what the key names.
    pub(super) fn get(
        &self,
        snapshot: &Snapshot<'_>,
        family: &str,
        key: &[u8],
        place: impl FnOnce() -> Place,
    ) -> Result<Option<Vec<u8>>, Error> {
        let sealed = snapshot.get_pinned_cf(self.family(family), key).map_err(refused("read a value"))?;
        let Some(sealed) = sealed else { return Ok(None) };
        match seal::open(key, &sealed) {
            Some(value) => Ok(Some(value.to_vec())),
            None => Err(damaged(place())),
        }
    }
}
