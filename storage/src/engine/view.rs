//! A moment that belongs to whoever took it, for as long as it is read.

#![expect(
    clippy::mem_forget,
    reason = "self_cell's own way to keep what it has built; its guard is spent then"
)]

use std::sync::Arc;

use self_cell::self_cell;

use super::moment::Moment;
use super::tables::Tables;
use crate::{Error, GroupId, Register, Row, View};

self_cell!(
    /// A moment that keeps the database open, and its directory in use.
    pub(super) struct Kept {
        owner: Arc<Tables>,
        #[covariant]
        dependent: Moment,
    }
);

impl Kept {
    /// The group as it is now.
    pub(super) fn now(tables: &Arc<Tables>, group: GroupId) -> Result<Kept, Error> {
        Kept::try_new(Arc::clone(tables), |tables| Moment::now(tables, group))
    }
}

impl View for Kept {
    fn register(&self, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.borrow_dependent().register(register)
    }

    fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.borrow_dependent().scan(from, until, limit)
    }
}
