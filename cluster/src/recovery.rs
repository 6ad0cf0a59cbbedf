//! A cluster of which a majority is gone for good goes on with one node that is left, under a new number: the others, should one of
//! them come back after all, are strangers to it. Offline, since the node must not run meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use storage::{GroupId, Index, Store};

use crate::adapter::Replica;
use crate::error::Error;
use crate::identity::Identity;
use crate::members::NodeId;

/// A node that may go on alone.
pub struct Survivor {
    store: Arc<dyn Store>,
    identity: Identity,
    replicas: Vec<(GroupId, Replica)>,
}

/// What the survivor has of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remains {
    /// The group.
    pub group: GroupId,
    /// The last entry of its log.
    pub last: Index,
    /// The term of that entry. Of several survivors the one with the latest term has most, and among those the one with the last entry.
    pub term: u64,
    /// Whether it votes. One that does not may lack much.
    pub votes: bool,
}

impl Survivor {
    /// Looks at what a node has that does not run.
    ///
    /// # Errors
    ///
    /// When the store is damaged, or the node lacks a group.
    pub fn find(store: Arc<dyn Store>) -> Result<Self, Error> {
        let cannot = |why: &str| Error::CannotRecover { why: why.to_owned() };
        let identity = Identity::read(store.as_ref())?.ok_or_else(|| cannot("it belongs to no cluster"))?;
        let mut replicas = Vec::new();
        for group in (0..identity.groups).map(GroupId) {
            let replica = Replica::find(Arc::clone(&store), group, identity.node)?;
            let replica = replica.ok_or_else(|| {
                cannot(&format!("it has nothing of group {group}: the whole sale of it would be lost. Take another survivor"))
            })?;
            replicas.push((group, replica));
        }
        Ok(Self { store, identity, replicas })
    }

    /// Its number.
    pub fn node(&self) -> NodeId {
        self.identity.node
    }

    /// What it has of each group.
    pub fn remains(&self) -> Vec<Remains> {
        let remains = |(group, replica): &(GroupId, Replica)| {
            let Replica { last, term, votes, .. } = replica;
            Remains { group: *group, last: *last, term: *term, votes: *votes }
        };
        self.replicas.iter().map(remains).collect()
    }

    /// The nodes that it would go on without.
    pub fn others(&self) -> BTreeSet<NodeId> {
        self.replicas.iter().flat_map(|(_group, replica)| replica.others.iter().copied()).collect()
    }

    /// From the next start on, it is the whole cluster, whose number is `cluster` then. Where this was cut short it may be repeated.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn go_on_alone(self, cluster: u128) -> Result<(), Error> {
        // First, so that it is never half of the cluster that it was. It was founded long ago: it gives way to no other.
        let identity = Identity { cluster, ..self.identity };
        identity.write(self.store.as_ref(), Some(0)).await?;
        for (_group, replica) in self.replicas {
            replica.go_on_alone().await?;
        }
        Ok(())
    }
}
