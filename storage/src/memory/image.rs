//! What a disk holds: sorted maps, and the places that have rotted.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::bounds::Bounds;
use crate::{Change, Damage, Error, GroupId, Index, Place, Register, Row, View, Write};

/// One disk's content. Cloning it copies maps, not entries.
#[derive(Clone, Default)]
pub(super) struct Image {
    logs: BTreeMap<GroupId, BTreeMap<Index, Bytes>>,
    registers: BTreeMap<(GroupId, Register), Vec<u8>>,
    state: BTreeMap<GroupId, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// What the next flip makes the state of its group.
    staged: BTreeMap<GroupId, BTreeMap<Vec<u8>, Vec<u8>>>,
    rotten: BTreeSet<Place>,
}

impl Image {
    /// Makes all changes of a write, or refuses it and makes none.
    pub(super) fn apply(&mut self, write: &Write) -> Result<(), Error> {
        let group = write.group;
        let possible = Bounds(self.log_bounds(group)).after(&write.changes);
        possible.map_err(|(index, expected)| Error::Misplaced { group, index, expected: expected.0 })?;
        for change in &write.changes {
            self.make(group, change);
        }
        Ok(())
    }

    /// See [`crate::Store::log_bounds`].
    pub(super) fn log_bounds(&self, group: GroupId) -> Option<(Index, Index)> {
        let log = self.logs.get(&group)?;
        let (first, _) = log.first_key_value()?;
        let (last, _) = log.last_key_value()?;
        Some((*first, *last))
    }

    /// See [`crate::Store::entries`].
    pub(super) fn entries(
        &self,
        group: GroupId,
        from: Index,
        until: Index,
        bytes_max: usize,
    ) -> Result<Vec<(Index, Bytes)>, Error> {
        let mut found = Vec::new();
        let mut bytes = 0;
        let Some(log) = self.logs.get(&group).filter(|_| from < until) else { return Ok(found) };
        for (index, entry) in log.range(from..until) {
            self.sound(|| Place::Entry(group, *index))?;
            bytes += entry.len();
            if bytes > bytes_max && !found.is_empty() {
                break;
            }
            found.push((*index, entry.clone()));
        }
        Ok(found)
    }

    /// See [`crate::Store::register`].
    pub(super) fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.sound(|| Place::Register(group, register))?;
        Ok(self.registers.get(&(group, register)).cloned())
    }

    /// See [`crate::Store::state`].
    pub(super) fn state(&self, group: GroupId, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.sound(|| Place::State(group, key.to_vec()))?;
        Ok(self.state.get(&group).and_then(|state| state.get(key)).cloned())
    }

    /// See [`crate::Store::scan`].
    pub(super) fn scan(
        &self,
        group: GroupId,
        from: &[u8],
        until: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let Some(state) = self.state.get(&group) else { return Ok(Vec::new()) };
        let rows = state.range(from.to_vec()..);
        let rows = rows.take_while(|(key, _)| until.is_empty() || key.as_slice() < until);
        let rows = rows.take(limit).map(|(key, value)| {
            self.sound(|| Place::State(group, key.clone()))?;
            Ok((key.clone(), value.clone()))
        });
        rows.collect()
    }

    /// What a [`View`] of a group shows, and nothing else.
    fn only(&self, group: GroupId) -> Image {
        let registers = self.registers.range((group, Register(0))..=(group, Register(u8::MAX)));
        Image {
            registers: registers.map(|(place, value)| (*place, value.clone())).collect(),
            state: self.state.get(&group).map(|state| (group, state.clone())).into_iter().collect(),
            rotten: self.rotten.clone(),
            ..Image::default()
        }
    }

    /// From now on reading this place finds damage, until it is written again.
    pub(super) fn rot(&mut self, place: Place) {
        self.rotten.insert(place);
    }

    fn make(&mut self, group: GroupId, change: &Change) {
        match change {
            Change::Append { index, entry } => {
                self.heal(|| Place::Entry(group, *index));
                self.logs.entry(group).or_default().insert(*index, entry.clone());
            }
            Change::TruncateAfter(None) => {
                self.logs.remove(&group);
            }
            Change::TruncateAfter(Some(keep)) => {
                self.logs.entry(group).or_default().retain(|index, _| index <= keep);
            }
            Change::PurgeUpTo(gone) => {
                self.logs.entry(group).or_default().retain(|index, _| index > gone);
            }
            Change::Set { register, value } => {
                self.heal(|| Place::Register(group, *register));
                self.registers.insert((group, *register), value.clone());
            }
            Change::Put { key, value } => {
                self.heal(|| Place::State(group, key.clone()));
                self.state.entry(group).or_default().insert(key.clone(), value.clone());
            }
            Change::Remove { key } => {
                self.heal(|| Place::State(group, key.clone()));
                self.state.entry(group).or_default().remove(key);
            }
            Change::Stage { key, value } => {
                self.staged.entry(group).or_default().insert(key.clone(), value.clone());
            }
            Change::Unstage => drop(self.staged.remove(&group)),
            Change::Flip => {
                self.rotten.retain(|place| !matches!(place, Place::State(rotten, _) if *rotten == group));
                self.state.insert(group, self.staged.remove(&group).unwrap_or_default());
            }
        }
    }

    fn sound(&self, place: impl FnOnce() -> Place) -> Result<(), Error> {
        // Almost always nothing has rotted; then no place need be made.
        if self.rotten.is_empty() {
            return Ok(());
        }
        let place = place();
        if self.rotten.contains(&place) { Err(Error::Damaged(Damage::Value(place))) } else { Ok(()) }
    }

    fn heal(&mut self, place: impl FnOnce() -> Place) {
        if !self.rotten.is_empty() {
            self.rotten.remove(&place());
        }
    }
}

/// One group of an image, as it was when this was made.
pub(super) struct FrozenImage {
    group: GroupId,
    image: Image,
}

impl FrozenImage {
    /// Copies all of the group that a [`View`] shows.
    pub(super) fn of(image: &Image, group: GroupId) -> FrozenImage {
        FrozenImage { group, image: image.only(group) }
    }
}

impl View for FrozenImage {
    fn register(&self, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.image.register(self.group, register)
    }

    fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.image.scan(self.group, from, until, limit)
    }
}
