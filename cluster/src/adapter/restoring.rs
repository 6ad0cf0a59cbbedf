//! One group of a node that gets what a backup has: its saved state stands already, and behind it come the entries that bring it to one
//! index, and a change of members that no quorum has agreed to, as where a replica goes on alone: what the backup has was committed, and
//! the node is the whole group from its first start on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use openraft::EntryPayload;
use storage::{Change, GroupId, Index, Store, Write};

use super::log::Log;
use super::record::{self, MARK, Mark, PURGED, VOTE};
use super::type_config::{Entry, LogId, Membership, StoredMembership, Vote, log_id};
use crate::batch::Level;
use crate::codec::CodecError;
use crate::error::Error;
use crate::machine::{Committed, Machine, MakeError, Parts, State};
use crate::members::{NodeId, Peer};
use crate::proposals::Proposals;
use crate::written::written;

/// Bytes of the log that are read at once.
const READ_BYTES_MAX: usize = 1 << 20;

/// A group that is being restored.
pub(crate) struct Restored {
    store: Arc<dyn Store>,
    group: GroupId,
    mark: Mark,
    last: LogId,
}

impl Restored {
    /// The group whose saved state stands at this mark; `newest` is the newest level that this build applies.
    pub(crate) fn at(
        store: Arc<dyn Store>,
        group: GroupId,
        mark: &[u8],
        newest: Level,
    ) -> Result<Self, Error> {
        let mark = record::decode_mark(mark).map_err(|source| Error::Register { group, source })?;
        let restored = Self { store, group, last: mark.log_id, mark };
        restored.check_level(restored.last.index, restored.mark.heading.level, newest)?;
        Ok(restored)
    }

    fn check_level(&self, index: u64, level: Level, newest: Level) -> Result<(), Error> {
        if newest.applied().contains(&level) {
            return Ok(());
        }
        Err(Error::Level { group: self.group, index: Index(index), level, newest })
    }

    /// Adds the entry behind the last.
    pub(crate) async fn append(&mut self, entry: Bytes, newest: Level) -> Result<(), Error> {
        let index = Index(self.last.index + 1);
        let unreadable = |source| Error::Entry { group: self.group, index, source };
        let Entry { log_id, payload } = record::decode_entry(&entry).map_err(unreadable)?;
        if log_id.index != index.0 || log_id.leader_id < self.last.leader_id {
            return Err(unreadable(CodecError::Contradiction(
                "it does not follow the one before it".to_owned(),
            )));
        }
        if let EntryPayload::Normal(content) = &payload {
            self.check_level(index.0, content.heading().level, newest)?;
        }
        self.last = log_id;
        self.write(Write::queued(self.group, vec![Change::Append { index, entry }])).await
    }

    /// The last entry so far.
    pub(crate) fn last(&self) -> Index {
        Index(self.last.index)
    }

    /// From the first start on, `node` is the whole group.
    pub(crate) async fn finish(self, node: NodeId, peer: Peer) -> Result<(), Error> {
        let term = self.last.leader_id.term + 1;
        let members = Membership::new(vec![BTreeSet::from([node])], BTreeMap::from([(node, peer)]));
        let members = members.expect("it has one voter, and knows it");
        let entry = Entry {
            log_id: log_id(term, self.last.index + 1),
            payload: EntryPayload::Membership(members.clone()),
        };
        let at = self.mark.log_id;
        let mark = Mark { membership: StoredMembership::new(Some(at), members), ..self.mark.clone() };
        let changes = vec![
            Change::Append { index: Index(entry.log_id.index), entry: record::encode_entry(&entry) },
            Change::Set { register: VOTE, value: record::encode_vote(&Vote::new(term, node)) },
            Change::Set { register: PURGED, value: record::encode_log_id(&at) },
            Change::Set { register: MARK, value: record::encode_mark(&mark) },
        ];
        self.write(Write::synced(self.group, changes)).await
    }

    async fn write(&self, write: Write) -> Result<(), Error> {
        let group = self.group;
        written(self.store.as_ref(), write).await.map_err(|source| Error::Storage { group, source })
    }
}

/// Brings the state that stands in the store to `until`, as a start would, and gives its digest there.
pub(crate) async fn rehearse<M: Machine>(
    store: Arc<dyn Store>,
    (group, groups): (GroupId, u32),
    until: Index,
    make: impl FnOnce(Parts) -> Result<Arc<M>, MakeError>,
) -> Result<Option<u64>, Error> {
    let (log, mark) = Log::open(Arc::clone(&store), group)?;
    let mark = mark.ok_or_else(|| Error::Stopped { group, reason: "nothing of it is saved".to_owned() })?;
    let parts = Parts {
        group,
        groups,
        level: mark.heading.level,
        state: State::new(store, group),
        proposals: Proposals::default(),
    };
    let machine = make(parts).map_err(|source| Error::Machine { group, source })?;
    let applied = |index, source| Error::Entry { group, index, source };
    let mut next = mark.log_id.index + 1;
    while next <= until.0 {
        let entries = log.read(next, until.0 + 1, READ_BYTES_MAX)?;
        let Some(last) = entries.last().map(|entry| Index(entry.log_id.index)) else { break };
        let committed = entries.into_iter().filter_map(|Entry { log_id, payload }| match payload {
            EntryPayload::Normal(content) => {
                content.commands().map(|batch| Committed { index: Index(log_id.index), batch })
            }
            EntryPayload::Blank | EntryPayload::Membership(_) => None,
        });
        machine.apply(committed.collect(), last).map_err(|source| applied(last, source))?;
        next = last.0 + 1;
    }
    if mark.log_id.index == until.0 {
        machine.apply(Vec::new(), until).map_err(|source| applied(until, source))?;
    }
    let digest = machine.digest_at(until).await;
    machine.halt().await;
    Ok(digest)
}
