//! A group of which this node has no replica. On disk there is a word that says so, and the vote of the replica that was here, if
//! one was: a late message must not make the node vote twice in a term. A register without bytes says nothing.

use serde::{Deserialize, Serialize};
use storage::{Change, GroupId, Register, Store, Write};

use super::record::{MARK, PURGED};
use crate::codec;
use crate::error::Error;
use crate::written::written;

/// That the group is elsewhere.
const ELSEWHERE: Register = Register(4);

/// The register, version by version.
#[derive(Serialize, Deserialize)]
enum ElsewhereRecord {
    V1 {},
}

/// Whether this node is known to have no replica of a group.
pub(crate) fn is_elsewhere(store: &dyn Store, group: GroupId) -> Result<bool, Error> {
    let bytes = store.register(group, ELSEWHERE).map_err(|source| Error::Storage { group, source })?;
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return Ok(false) };
    let ElsewhereRecord::V1 {} = codec::decode(&bytes).map_err(|source| Error::Register { group, source })?;
    Ok(true)
}

/// Notes, durably, that there is a replica here from now on, with nothing in it yet.
pub(crate) async fn come_here(store: &dyn Store, group: GroupId) -> Result<(), Error> {
    write(store, group, vec![Change::Set { register: ELSEWHERE, value: Vec::new() }]).await
}

/// Deletes what the replica had, durably and at once, and notes that there is none: a node that ends in the middle begins with all of
/// it or with nothing.
pub(super) async fn forget(store: &dyn Store, group: GroupId) -> Result<(), Error> {
    let nothing = |register| Change::Set { register, value: Vec::new() };
    let elsewhere = Change::Set { register: ELSEWHERE, value: codec::encode(&ElsewhereRecord::V1 {}) };
    let changes = vec![
        Change::TruncateAfter(None),
        Change::Unstage,
        Change::Flip,
        nothing(MARK),
        nothing(PURGED),
        elsewhere,
    ];
    write(store, group, changes).await
}

async fn write(store: &dyn Store, group: GroupId, changes: Vec<Change>) -> Result<(), Error> {
    let written = written(store, Write::synced(group, changes)).await;
    written.map_err(|source| Error::Storage { group, source })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use storage::{Index, Memory};

    use super::super::log::Log;
    use super::super::record::{self, Mark, VOTE};
    use super::super::type_config::{Entry, StoredMembership, Vote, log_id};
    use super::*;
    use crate::batch::Heading;

    #[test]
    fn the_bytes_are_for_ever() {
        assert_eq!(codec::encode(&ElsewhereRecord::V1 {}), [1, 0]);
    }

    #[tokio::test]
    async fn of_a_group_that_goes_elsewhere_only_the_vote_is_left() {
        let (store, group) = (Arc::new(Memory::new()), GroupId(3));
        let entry = Entry { log_id: log_id(3, 21), payload: openraft::EntryPayload::Blank };
        let vote = Vote::new(5, 2);
        let mark = Mark {
            log_id: log_id(3, 20),
            membership: StoredMembership::default(),
            heading: Heading::default(),
            placement: None,
        };
        let put = |key: &str| Change::Put { key: key.into(), value: vec![1] };
        let changes = vec![
            Change::Append { index: Index(21), entry: record::encode_entry(&entry) },
            Change::Set { register: VOTE, value: record::encode_vote(&vote) },
            Change::Set { register: PURGED, value: record::encode_log_id(&mark.log_id) },
            Change::Set { register: MARK, value: record::encode_mark(&mark) },
            put("a"),
            Change::Stage { key: b"b".to_vec(), value: vec![2] },
        ];
        write(store.as_ref(), group, changes).await.expect("a sound store");
        assert!(!is_elsewhere(store.as_ref(), group).expect("readable"));

        forget(store.as_ref(), group).await.expect("a sound store");
        assert!(is_elsewhere(store.as_ref(), group).expect("readable"));
        come_here(store.as_ref(), group).await.expect("a sound store");
        assert!(!is_elsewhere(store.as_ref(), group).expect("readable"));

        write(store.as_ref(), group, vec![put("c")]).await.expect("a sound store");
        let keys = store.scan(group, &[], &[], 9).expect("readable").into_iter().map(|(key, _value)| key);
        assert_eq!(keys.collect::<Vec<_>>(), [b"c"], "nothing is left of its state");
        let (log, mark) = Log::open(Arc::<Memory>::clone(&store), group).expect("a sound store");
        assert_eq!((log.last(), mark), (None, None));
        assert_eq!(log.term_voted(), 5);
        write(store.as_ref(), group, vec![Change::Flip]).await.expect("a sound store");
        assert_eq!(store.scan(group, &[], &[], 9).expect("readable"), [], "nor of what was staged");
    }
}
