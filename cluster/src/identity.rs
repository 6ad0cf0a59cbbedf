//! Who this node is: written once, before it speaks to anyone, and the same for as long as its data lives.

use serde::{Deserialize, Serialize};
use storage::{Change, GroupId, Register, Store, Write};

use crate::codec;
use crate::error::Error;
use crate::options::NodeId;
use crate::transport::Member;
use crate::written::written;

/// In group 0.
const IDENTITY: Register = Register(16);
/// Whose register it is.
const GROUP: GroupId = GroupId(0);

/// A node's place in its cluster. On disk and on the wire for ever: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The cluster's: made when it was founded.
    pub(crate) cluster: u128,
    /// The node's: never given to another, even when this one is gone.
    pub(crate) node: NodeId,
    /// How many groups the cluster has: fixed when it was founded.
    pub(crate) groups: u32,
}

impl Identity {
    /// What the store says, if it is not a new one.
    pub(crate) fn read(store: &dyn Store) -> Result<Option<Self>, Error> {
        let bytes =
            store.register(GROUP, IDENTITY).map_err(|source| Error::Storage { group: GROUP, source })?;
        let read = |bytes: Vec<u8>| codec::decode(&bytes);
        bytes.map(read).transpose().map_err(|source| Error::Register { group: GROUP, source })
    }

    /// Writes it, durably.
    pub(crate) async fn write(self, store: &dyn Store) -> Result<(), Error> {
        let set = Change::Set { register: IDENTITY, value: codec::encode(&self) };
        let written = written(store, Write::synced(GROUP, vec![set])).await;
        written.map_err(|source| Error::Storage { group: GROUP, source })
    }

    pub(crate) fn member(self) -> Member {
        Member { cluster: self.cluster, node: self.node }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_for_ever() {
        let identity = Identity { cluster: 7, node: 300, groups: 32 };
        assert_eq!(codec::encode(&identity), [1, 7, 251, 44, 1, 32]);
    }
}
