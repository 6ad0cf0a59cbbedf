//! A node with a new store becomes the whole of a new cluster that has what a backup has. Offline, since the node must not run
//! meanwhile. The cluster gets a number of its own: nodes of the one that the backup is of are strangers to it.

use std::sync::Arc;

use bytes::Bytes;
use storage::{GroupId, Index, Store};

use crate::adapter::{Restored, rehearse};
use crate::batch::Level;
use crate::error::Error;
use crate::identity::{self, Identity};
use crate::machine::{Machine, MakeError, Parts};
use crate::members::{NodeId, Peer};

/// The number of the node. Those that join it get higher ones, which none ever had.
const NODE: NodeId = 1;

/// A store that is being given what a backup has. It belongs to no cluster before that is finished, and a node that is started with
/// one that was not ends.
pub struct Restoration {
    store: Arc<dyn Store>,
    identity: Identity,
    /// What the cluster is to know of its one node.
    peer: Peer,
}

/// One group of it.
pub struct RestoredGroup<'restoration> {
    restoration: &'restoration Restoration,
    restored: Restored,
}

impl Restoration {
    /// Begins with a store in which there is nothing; the cluster is to have this number, and so many groups.
    ///
    /// # Errors
    ///
    /// When the store fails, or has something of a cluster.
    pub async fn begin(store: Arc<dyn Store>, cluster: u128, groups: u32, peer: Peer) -> Result<Self, Error> {
        if Identity::read(store.as_ref())?.is_some() {
            return Err(Error::CannotRestore {
                why: "it belongs to a cluster, and has that one's data".to_owned(),
            });
        }
        identity::check_restored(store.as_ref())?;
        identity::write_restoring(store.as_ref()).await?;
        Ok(Self { store, identity: Identity { cluster, node: NODE, groups }, peer })
    }

    /// A group whose saved state is in the store already, at this mark.
    ///
    /// # Errors
    ///
    /// When the mark cannot be read, or is of a level of the rules that this build does not apply.
    pub fn group(&self, group: GroupId, mark: &[u8]) -> Result<RestoredGroup<'_>, Error> {
        let restored = Restored::at(Arc::clone(&self.store), group, mark, self.newest())?;
        Ok(RestoredGroup { restoration: self, restored })
    }

    fn newest(&self) -> Level {
        self.peer.level
    }

    /// Brings a group's state to `until` without keeping that, and gives its digest there: whether it is what it was.
    ///
    /// # Errors
    ///
    /// When what is there cannot be read, or the machine not be made.
    pub async fn rehearse<M: Machine>(
        &self,
        group: GroupId,
        until: Index,
        make: impl FnOnce(Parts) -> Result<Arc<M>, MakeError>,
    ) -> Result<Option<u64>, Error> {
        rehearse(Arc::clone(&self.store), (group, self.identity.groups), until, make).await
    }

    /// Every group is there: from now on the store is that of a node.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn finish(self) -> Result<(), Error> {
        // It was founded long ago: it gives way to no other.
        self.identity.write(self.store.as_ref(), Some(0)).await
    }
}

impl RestoredGroup<'_> {
    /// Adds the entry of the log behind the last.
    ///
    /// # Errors
    ///
    /// When it does not follow that, cannot be read, or the store fails.
    pub async fn append(&mut self, entry: Bytes) -> Result<(), Error> {
        self.restored.append(entry, self.restoration.newest()).await
    }

    /// The last entry so far.
    pub fn last(&self) -> Index {
        self.restored.last()
    }

    /// Nothing is missing.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn finish(self) -> Result<(), Error> {
        let Restoration { identity, peer, .. } = self.restoration;
        self.restored.finish(identity.node, peer.clone()).await
    }
}
