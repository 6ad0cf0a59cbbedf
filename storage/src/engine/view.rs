//! A group's snapshot that owns the database it is of, for as long as it is read.

#![expect(
    clippy::mem_forget,
    reason = "self_cell's own way to keep what it has built; its guard is spent then"
)]

use std::sync::Arc;

use self_cell::self_cell;

use super::group_snapshot::GroupSnapshot;
use super::tables::Tables;
use crate::{Error, GroupId, Register, Row, View};

self_cell!(
    /// A group's snapshot that keeps the database open, and its directory in use.
    pub(super) struct OwnedSnapshot {
        owner: Arc<Tables>,
        #[covariant]
        dependent: GroupSnapshot,
    }
);

impl OwnedSnapshot {
    /// The group as it is now.
    pub(super) fn now(tables: &Arc<Tables>, group: GroupId) -> Result<OwnedSnapshot, Error> {
        OwnedSnapshot::try_new(Arc::clone(tables), |tables| GroupSnapshot::now(tables, group))
    }
}

impl View for OwnedSnapshot {
    fn register(&self, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.borrow_dependent().register(register)
    }

    fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.borrow_dependent().scan(from, until, limit)
    }
}
