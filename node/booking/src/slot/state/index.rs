//! Finds a booking by the request that made it, in time that does not grow with the slot.
//!
//! Only numbers are kept here: the requests themselves stand in the bookings. The order of a hash table is
//! seen by nobody, since it is asked and never walked. A large index is many small tables, so that one that
//! grows holds up a step for a millisecond and not for a second.

use alloc::vec::Vec;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{Number, RequestKey};

/// Up to so many there is one table: most slots are small.
const ONE_TABLE_MAX: usize = 32_768;
/// And beyond as many as this, a power of two.
const TABLES: usize = 256;

/// The numbers of bookings, by request.
pub(crate) struct Index {
    tables: Vec<HashTable<Number>>,
    len: usize,
    /// Callers choose their keys, so the hash is keyed with what they do not know.
    seed: u64,
}

impl Index {
    /// Nothing yet.
    pub(crate) fn new(seed: u64) -> Self {
        Self { tables: Vec::new(), len: 0, seed }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The number under this request; `request_of` says which request a number here belongs to.
    pub(crate) fn find(
        &self,
        request: RequestKey,
        request_of: impl Fn(Number) -> RequestKey,
    ) -> Option<Number> {
        let hash = self.hash(request);
        let table = self.tables.get(self.place(hash))?;
        table.find(hash, |&number| request_of(number) == request).copied()
    }

    /// Enters a number under a request that has none yet.
    pub(crate) fn insert(
        &mut self,
        request: RequestKey,
        number: Number,
        request_of: impl Fn(Number) -> RequestKey,
    ) {
        if self.tables.is_empty() {
            self.tables.push(HashTable::new());
        } else if self.tables.len() == 1 && self.len == ONE_TABLE_MAX {
            self.split(&request_of);
        }
        self.put(request, number, &request_of);
        self.len += 1;
    }

    /// Takes the number under this request away, if there is one.
    pub(crate) fn remove(
        &mut self,
        request: RequestKey,
        request_of: impl Fn(Number) -> RequestKey,
    ) -> Option<Number> {
        let hash = self.hash(request);
        let place = self.place(hash);
        let found = self.tables.get_mut(place)?.find_entry(hash, |&number| request_of(number) == request);
        let (number, _gap) = found.ok()?.remove();
        self.len -= 1;
        Some(number)
    }

    /// One table becomes many.
    fn split(&mut self, request_of: &impl Fn(Number) -> RequestKey) {
        let all = core::mem::take(&mut self.tables);
        self.tables.resize_with(TABLES, || HashTable::with_capacity(2 * ONE_TABLE_MAX / TABLES));
        for number in all.into_iter().flatten() {
            self.put(request_of(number), number, request_of);
        }
    }

    fn put(&mut self, request: RequestKey, number: Number, request_of: &impl Fn(Number) -> RequestKey) {
        let (hash, seed) = (self.hash(request), self.seed);
        let place = self.place(hash);
        let table = self.tables.get_mut(place).expect("the place is below the number of tables");
        table.insert_unique(hash, number, |&number| hash_of(request_of(number), seed));
    }

    fn hash(&self, request: RequestKey) -> u64 {
        hash_of(request, self.seed)
    }

    /// Which table a hash belongs to: by bits in the middle, since the tables themselves use those at both ends.
    fn place(&self, hash: u64) -> usize {
        match self.tables.len() {
            0 | 1 => 0,
            many => usize::try_from(hash >> 32 & (many as u64 - 1)).expect("below the number of tables"),
        }
    }
}

fn hash_of(request: RequestKey, seed: u64) -> u64 {
    xxh3_64_with_seed(&request.0.to_le_bytes(), seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_found_before_and_after_the_table_is_split() {
        let request_of = |number: Number| RequestKey(u128::from(number.0) * 7);
        let mut index = Index::new(1);
        let mut last = 0;
        for until in [0, 1, 1_000, 32_767, 32_768, 32_769, 100_000] {
            for number in (last + 1..=until).map(Number) {
                assert_eq!(index.find(request_of(number), request_of), None);
                index.insert(request_of(number), number, request_of);
            }
            last = until.max(last);
            assert_eq!(index.len(), last as usize);
            for number in (1..=last).map(Number) {
                assert_eq!(index.find(request_of(number), request_of), Some(number));
            }
            assert_eq!(index.find(RequestKey(3), request_of), None);
        }
        for number in (1..=last).map(Number) {
            assert_eq!(index.remove(request_of(number), request_of), Some(number));
            assert_eq!(index.remove(request_of(number), request_of), None);
            assert_eq!(index.find(request_of(number), request_of), None);
        }
        assert_eq!(index.len(), 0);
    }
}
