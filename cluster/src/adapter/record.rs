//! The bytes of an entry, a vote, a purge and a mark. They are for ever; nothing openraft defines is encoded as openraft
//! defines it, since an alpha may reorder its fields.
//!
//! ```text
//!   entry:  version u8 │ kind u8 │ term u64 │ index u64 │ payload        integers little-endian
//!   kind:   0 blank, no payload    1 batch, its own bytes    2 membership, by codec
//! ```

use std::collections::{BTreeMap, BTreeSet};

use bytes::{BufMut, Bytes, BytesMut};
use openraft::EntryPayload;
use serde::{Deserialize, Serialize};
use storage::Register;

use super::type_config::{Entry, LeaderId, LogId, Membership, StoredMembership, Vote, log_id};
use crate::batch::{Batch, Heading, Level};
use crate::clock::Stamp;
use crate::codec;
use crate::members::{NodeId, Peer};

/// The last vote: it must be on disk before it is given.
pub(crate) const VOTE: Register = Register(1);
/// The log id up to which the log was purged.
pub(crate) const PURGED: Register = Register(2);
/// The [`Mark`].
pub(crate) const MARK: Register = Register(3);

const VERSION: u8 = 1;
const BLANK: u8 = 0;
const BATCH: u8 = 1;
const MEMBERSHIP: u8 = 2;
const HEAD_LEN: usize = 18;

/// The bytes of an entry, as the log keeps them.
pub(crate) fn encode_entry(entry: &Entry) -> Bytes {
    let (kind, payload) = match &entry.payload {
        EntryPayload::Blank => (BLANK, Bytes::new()),
        EntryPayload::Normal(batch) => (BATCH, batch.as_bytes().clone()),
        EntryPayload::Membership(membership) => {
            (MEMBERSHIP, Bytes::from(codec::encode(&Members::from(membership))))
        }
    };
    let mut bytes = BytesMut::with_capacity(HEAD_LEN + payload.len());
    bytes.put_u8(VERSION);
    bytes.put_u8(kind);
    bytes.put_u64_le(entry.log_id.leader_id.term);
    bytes.put_u64_le(entry.log_id.index);
    bytes.put(payload);
    bytes.freeze()
}

/// Reads an entry back; the reason in words where it cannot be.
pub(crate) fn decode_entry(bytes: &Bytes) -> Result<Entry, String> {
    let (log_id, kind) = decode_head(bytes)?;
    let payload = bytes.slice(HEAD_LEN..);
    let payload = match kind {
        BLANK if payload.is_empty() => EntryPayload::Blank,
        BATCH => EntryPayload::Normal(Batch::parse(payload).map_err(|error| error.to_string())?),
        MEMBERSHIP => {
            let members: Members = codec::decode(&payload).map_err(|error| error.to_string())?;
            EntryPayload::Membership(members.try_into()?)
        }
        _ => return Err(format!("kind {kind} is not known")),
    };
    Ok(Entry { log_id, payload })
}

/// Reads only whose entry it is and where it stands.
pub(crate) fn decode_log_id(bytes: &Bytes) -> Result<LogId, String> {
    decode_head(bytes).map(|(log_id, _kind)| log_id)
}

fn decode_head(bytes: &Bytes) -> Result<(LogId, u8), String> {
    let head: [u8; HEAD_LEN] =
        bytes.get(..HEAD_LEN).and_then(|head| head.try_into().ok()).ok_or("it is cut short")?;
    let [VERSION, kind, ..] = head else {
        return Err(format!("version {} is not known", head.first().copied().unwrap_or_default()));
    };
    let word = |at: usize| {
        let bytes = head.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        u64::from_le_bytes(bytes)
    };
    Ok((log_id(word(2), word(10)), kind))
}

/// What the state on disk stands for: every change at or below `log_id` is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) log_id: LogId,
    pub(crate) membership: StoredMembership,
    /// What the last batch at or below the mark says: no later one may say less.
    pub(crate) heading: Heading,
}

#[derive(Serialize, Deserialize)]
struct MarkRecord {
    log_id: LogIdRecord,
    membership_log_id: Option<LogIdRecord>,
    members: Members,
    stamp_ms: u64,
    level: Level,
}

#[derive(Serialize, Deserialize)]
pub(super) struct VoteRecord {
    term: u64,
    node: NodeId,
    committed: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LogIdRecord {
    term: u64,
    index: u64,
}

#[derive(Serialize, Deserialize)]
struct Members {
    /// Voters: one set, or two while a change is under way.
    configs: Vec<BTreeSet<NodeId>>,
    /// Every node, learners too.
    nodes: BTreeMap<NodeId, Peer>,
}

pub(crate) fn encode_vote(vote: &Vote) -> Vec<u8> {
    codec::encode(&VoteRecord::from(vote))
}

pub(crate) fn decode_vote(bytes: &[u8]) -> Result<Vote, codec::CodecError> {
    codec::decode::<VoteRecord>(bytes).map(Vote::from)
}

pub(crate) fn encode_log_id(log_id: &LogId) -> Vec<u8> {
    codec::encode(&LogIdRecord::from(log_id))
}

pub(crate) fn decode_purged(bytes: &[u8]) -> Result<LogId, codec::CodecError> {
    codec::decode::<LogIdRecord>(bytes).map(LogId::from)
}

pub(crate) fn encode_mark(mark: &Mark) -> Vec<u8> {
    codec::encode(&MarkRecord {
        log_id: LogIdRecord::from(&mark.log_id),
        membership_log_id: mark.membership.log_id().as_ref().map(LogIdRecord::from),
        members: Members::from(mark.membership.membership()),
        stamp_ms: mark.heading.stamp.0,
        level: mark.heading.level,
    })
}

pub(crate) fn decode_mark(bytes: &[u8]) -> Result<Mark, codec::CodecError> {
    let record: MarkRecord = codec::decode(bytes)?;
    let membership = record.members.try_into().map_err(codec::CodecError::Contradiction)?;
    Ok(Mark {
        log_id: record.log_id.into(),
        membership: StoredMembership::new(record.membership_log_id.map(LogId::from), membership),
        heading: Heading { level: record.level, stamp: Stamp(record.stamp_ms) },
    })
}

impl From<&Vote> for VoteRecord {
    fn from(vote: &Vote) -> Self {
        let LeaderId { term, voted_for } = vote.leader_id;
        Self { term, node: voted_for, committed: vote.committed }
    }
}

impl From<VoteRecord> for Vote {
    fn from(record: VoteRecord) -> Self {
        let VoteRecord { term, node, committed } = record;
        Self { leader_id: LeaderId { term, voted_for: node }, committed }
    }
}

impl From<&LogId> for LogIdRecord {
    fn from(log_id: &LogId) -> Self {
        Self { term: log_id.leader_id.term, index: log_id.index }
    }
}

impl From<LogIdRecord> for LogId {
    fn from(record: LogIdRecord) -> Self {
        log_id(record.term, record.index)
    }
}

impl From<&Membership> for Members {
    fn from(membership: &Membership) -> Self {
        Self {
            configs: membership.get_joint_config().clone(),
            nodes: membership.nodes().map(|(node, peer)| (*node, peer.clone())).collect(),
        }
    }
}

impl TryFrom<Members> for Membership {
    type Error = String;

    fn try_from(members: Members) -> Result<Self, String> {
        Self::new(members.configs, members.nodes).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership() -> Membership {
        let peer = |address: &str, level| Peer { address: address.to_owned(), level: Level(level) };
        let nodes = BTreeMap::from([(1, peer("a:7000", 1)), (2, peer("b:7000", 2)), (3, peer("c:7000", 1))]);
        Membership::new(vec![BTreeSet::from([1, 2])], nodes).expect("every voter has an address")
    }

    fn entries() -> [(Entry, &'static [u8]); 3] {
        let batch = Batch::new(Level(1), Stamp(5), &[Bytes::from_static(b"x")]);
        [
            (
                Entry { log_id: log_id(2, 7), payload: EntryPayload::Blank },
                &[1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0],
            ),
            (
                Entry { log_id: log_id(2, 8), payload: EntryPayload::Normal(batch) },
                &[
                    1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, //
                    1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, b'x',
                ],
            ),
            (
                Entry { log_id: log_id(3, 9), payload: EntryPayload::Membership(membership()) },
                &[
                    1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, //
                    1, 1, 2, 1, 2, 3, 1, 6, b'a', b':', b'7', b'0', b'0', b'0', 1, 2, 6, b'b', b':', b'7',
                    b'0', b'0', b'0', 2, 3, 6, b'c', b':', b'7', b'0', b'0', b'0', 1,
                ],
            ),
        ]
    }

    #[test]
    fn the_bytes_of_entries_are_for_ever() {
        for (entry, want) in entries() {
            let bytes = encode_entry(&entry);
            assert_eq!(bytes.as_ref(), want, "{entry}");
            assert_eq!(decode_entry(&bytes).as_ref(), Ok(&entry));
            assert_eq!(decode_log_id(&bytes), Ok(entry.log_id));
        }
    }

    #[test]
    fn a_damaged_entry_is_refused() {
        for (entry, bytes) in entries() {
            let cut = Bytes::from_static(bytes).slice(..bytes.len() - 1);
            assert!(decode_entry(&cut).is_err(), "{entry} cut");
            let later = [&[2], bytes.get(1..).expect("it has a head")].concat();
            assert!(decode_entry(&Bytes::from(later)).is_err(), "{entry} of a later version");
        }
    }

    #[test]
    fn the_bytes_of_registers_are_for_ever() {
        let vote = Vote { leader_id: LeaderId { term: 4, voted_for: 2 }, committed: true };
        assert_eq!(encode_vote(&vote), [1, 4, 2, 1]);
        assert_eq!(decode_vote(&encode_vote(&vote)).expect("just made"), vote);

        assert_eq!(encode_log_id(&log_id(4, 9)), [1, 4, 9]);
        assert_eq!(decode_purged(&[1, 4, 9]).expect("golden"), log_id(4, 9));

        let mark = Mark {
            log_id: log_id(4, 9),
            membership: StoredMembership::new(Some(log_id(1, 0)), membership()),
            heading: Heading { level: Level(2), stamp: Stamp(6) },
        };
        let want = [
            1, 4, 9, 1, 1, 0, 1, 2, 1, 2, 3, 1, 6, b'a', b':', b'7', b'0', b'0', b'0', 1, 2, 6, b'b', b':',
            b'7', b'0', b'0', b'0', 2, 3, 6, b'c', b':', b'7', b'0', b'0', b'0', 1, 6, 2,
        ];
        assert_eq!(encode_mark(&mark), want);
        assert_eq!(decode_mark(&want).expect("golden"), mark);
    }
}
