//! Who this node is: written once, before it speaks to anyone, and the same for as long as its data lives.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use storage::{Change, GroupId, Register, Store, Write};

use crate::codec;
use crate::error::Error;
use crate::members::NodeId;
use crate::transport::Member;
use crate::written::written;

/// In group 0.
const IDENTITY: Register = Register(16);
/// When this node founded its cluster; nothing where it joined one. In group 0.
const FOUNDED: Register = Register(17);
/// That this node was removed from its cluster; nothing where it was not. In group 0.
const REMOVED: Register = Register(18);
/// That a backup is being restored into this store; nothing where none was. In group 0.
const RESTORING: Register = Register(19);
/// Whose registers they are.
const GROUP: GroupId = GroupId(0);

/// A node's place in its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The cluster's: made when it was founded.
    pub(crate) cluster: u128,
    /// The node's: never given to another, even when this one is gone.
    pub(crate) node: NodeId,
    /// How many groups the cluster has: fixed when it was founded.
    pub(crate) groups: u32,
}

/// An [`Identity`] in the first version of what has one, on disk and on the wire: frozen.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IdentityV1 {
    cluster: u128,
    node: NodeId,
    groups: u32,
}

/// The register of an identity, version by version.
#[derive(Serialize, Deserialize)]
enum IdentityRecord {
    V1(IdentityV1),
}

/// The register of a founding, version by version.
#[derive(Serialize, Deserialize)]
enum FoundedRecord {
    V1 { wall_ms: u64 },
}

/// The register of a removal, version by version.
#[derive(Serialize, Deserialize)]
enum RemovedRecord {
    V1 {},
}

/// The register of a restoration, version by version.
#[derive(Serialize, Deserialize)]
enum RestoringRecord {
    V1 {},
}

impl From<Identity> for IdentityV1 {
    fn from(identity: Identity) -> Self {
        let Identity { cluster, node, groups } = identity;
        Self { cluster, node, groups }
    }
}

impl From<IdentityV1> for Identity {
    fn from(identity: IdentityV1) -> Self {
        let IdentityV1 { cluster, node, groups } = identity;
        Self { cluster, node, groups }
    }
}

impl Identity {
    /// What the store says, if it is not a new one.
    pub(crate) fn read(store: &dyn Store) -> Result<Option<Self>, Error> {
        Ok(register(store, IDENTITY)?.map(|IdentityRecord::V1(identity)| identity.into()))
    }

    /// Writes it, durably; with the time by the wall clock, in milliseconds, where this node founds the cluster.
    pub(crate) async fn write(self, store: &dyn Store, founded_ms: Option<u64>) -> Result<(), Error> {
        let mut changes = vec![Change::Set { register: IDENTITY, value: self.encode() }];
        changes.extend(
            founded_ms.map(|wall_ms| Change::Set { register: FOUNDED, value: encode_founded(wall_ms) }),
        );
        let written = written(store, Write::synced(GROUP, changes)).await;
        written.map_err(|source| Error::Storage { group: GROUP, source })
    }

    fn encode(self) -> Vec<u8> {
        codec::encode(&IdentityRecord::V1(self.into()))
    }

    pub(crate) fn member(self) -> Member {
        Member { cluster: self.cluster, node: self.node }
    }
}

/// When this node founded its cluster, in milliseconds by its wall clock; none where it joined one, or founded it with a build
/// that did not say.
pub(crate) fn founded_ms(store: &dyn Store) -> Result<Option<u64>, Error> {
    Ok(register(store, FOUNDED)?.map(|FoundedRecord::V1 { wall_ms }| wall_ms))
}

/// Whether this node knows that it was removed from its cluster.
pub(crate) fn was_removed(store: &dyn Store) -> Result<bool, Error> {
    Ok(register(store, REMOVED)?.is_some_and(|RemovedRecord::V1 {}| true))
}

/// Notes, durably, that this node was removed from its cluster: it never asks again to be let in under its number.
pub(crate) async fn write_removed(store: &dyn Store) -> Result<(), Error> {
    let set = Change::Set { register: REMOVED, value: encode_removed() };
    let written = written(store, Write::synced(GROUP, vec![set])).await;
    written.map_err(|source| Error::Storage { group: GROUP, source })
}

/// Notes, durably, that a backup is being restored here: until the node has an identity, its data are half of another's.
pub(crate) async fn write_restoring(store: &dyn Store) -> Result<(), Error> {
    let set = Change::Set { register: RESTORING, value: encode_restoring() };
    let written = written(store, Write::synced(GROUP, vec![set])).await;
    written.map_err(|source| Error::Storage { group: GROUP, source })
}

/// Refuses the store of a node without an identity into which a backup was restored in part.
pub(crate) fn check_restored(store: &dyn Store) -> Result<(), Error> {
    match register(store, RESTORING)? {
        None => Ok(()),
        Some(RestoringRecord::V1 {}) => Err(Error::CannotRestore {
            why: "a backup was being restored into this data directory, and that was cut short: empty it, and restore it again".to_owned(),
        }),
    }
}

fn encode_restoring() -> Vec<u8> {
    codec::encode(&RestoringRecord::V1 {})
}

fn encode_removed() -> Vec<u8> {
    codec::encode(&RemovedRecord::V1 {})
}

fn encode_founded(wall_ms: u64) -> Vec<u8> {
    codec::encode(&FoundedRecord::V1 { wall_ms })
}

fn register<T: DeserializeOwned>(store: &dyn Store, register: Register) -> Result<Option<T>, Error> {
    let bytes = store.register(GROUP, register).map_err(|source| Error::Storage { group: GROUP, source })?;
    let read = |bytes: Vec<u8>| codec::decode(&bytes);
    bytes.map(read).transpose().map_err(|source| Error::Register { group: GROUP, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_for_ever() {
        let identity = Identity { cluster: 7, node: 300, groups: 32 };
        let want = [1, 0, 7, 251, 44, 1, 32];
        assert_eq!(identity.encode(), want);
        let IdentityRecord::V1(read) = codec::decode(&want).expect("golden");
        assert_eq!(Identity::from(read), identity);

        assert_eq!(encode_founded(300), [1, 0, 251, 44, 1]);
        let FoundedRecord::V1 { wall_ms } = codec::decode(&[1, 0, 251, 44, 1]).expect("golden");
        assert_eq!(wall_ms, 300);

        assert_eq!(encode_restoring(), [1, 0]);
        let RestoringRecord::V1 {} = codec::decode(&[1, 0]).expect("golden");

        assert_eq!(encode_removed(), [1, 0]);
        let RemovedRecord::V1 {} = codec::decode(&[1, 0]).expect("golden");
    }
}
