//! The groups of this node.

use std::sync::Arc;

use storage::{Change, GroupId, Register, Store, Write};
use tokio::sync::oneshot;

use crate::codec;
use crate::error::Error;
use crate::group::Group;
use crate::machine::{Machine, MakeError, Parts};
use crate::options::Options;

/// In group 0: how many groups there are.
const FOUNDED: Register = Register(16);

/// Every group of this node, by number.
pub struct Cluster<M: Machine> {
    groups: Vec<Group<M>>,
}

impl<M: Machine> Cluster<M> {
    /// Opens every group over one store. `make` builds a group's machine from its saved state.
    ///
    /// # Errors
    ///
    /// When the store fails or what it holds is damaged.
    pub async fn open(
        options: &Options,
        store: Arc<dyn Store>,
        mut make: impl FnMut(Parts) -> Result<Arc<M>, MakeError>,
    ) -> Result<Self, Error> {
        found(&store, options.groups).await?;
        let mut groups = Vec::new();
        for id in (0..options.groups).map(GroupId) {
            groups.push(Group::open(options, id, Arc::clone(&store), &mut make).await?);
        }
        Ok(Self { groups })
    }

    /// All of them, by number.
    pub fn groups(&self) -> &[Group<M>] {
        &self.groups
    }

    /// The group that owns `partition`: a fixed function of both numbers until partitions can move.
    pub fn group_of(&self, partition: u16) -> &Group<M> {
        let count = self.groups.len();
        self.groups.get(usize::from(partition) % count).expect("the remainder is below the count")
    }

    /// Waits until every replica stands where it stood before the process was stopped.
    ///
    /// # Errors
    ///
    /// When a group fails meanwhile.
    pub async fn recover(&self) -> Result<(), Error> {
        for group in &self.groups {
            group.recover().await?;
        }
        Ok(())
    }

    /// Saves everything and stops every group.
    ///
    /// # Errors
    ///
    /// The first failure; every group is stopped all the same.
    pub async fn shutdown(&self) -> Result<(), Error> {
        let mut first = Ok(());
        for group in &self.groups {
            first = first.and(group.shutdown().await);
        }
        first
    }
}

/// Fixes the number of groups, or holds to the number that was fixed.
async fn found(store: &Arc<dyn Store>, configured: u32) -> Result<(), Error> {
    let group = GroupId(0);
    let storage = |source| Error::Storage { group, source };
    if let Some(bytes) = store.register(group, FOUNDED).map_err(storage)? {
        let founded = codec::decode(&bytes).map_err(|source| Error::Register { group, source })?;
        return if founded == configured { Ok(()) } else { Err(Error::Groups { founded, configured }) };
    }
    let set = Change::Set { register: FOUNDED, value: codec::encode(&configured) };
    let (told, done) = oneshot::channel();
    // The receiver lives in this very future; where that is dropped, nobody asks any more.
    store.submit(Write::synced(group, vec![set]), Box::new(move |result| drop(told.send(result))));
    done.await.unwrap_or(Err(storage::Error::Closed)).map_err(storage)
}
