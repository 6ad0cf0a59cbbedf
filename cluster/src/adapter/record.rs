//! The bytes of an entry, a vote, a purge and a mark, version by version. What is called V1 is frozen: a record that must grow gets
//! another version, behind it. Nothing openraft defines is encoded as openraft defines it, since an alpha may reorder its fields.
//!
//! ```text
//!   entry:  version u8 │ kind u8 │ term u64 │ index u64 │ payload        integers little-endian
//!   kind:   0 blank, no payload    1 batch, its own bytes    2 membership, by codec    3 placement, its own bytes
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use openraft::EntryPayload;
use serde::{Deserialize, Serialize};
use storage::Register;

use super::type_config::{Entry, LeaderId, LogId, Membership, StoredMembership, Vote, log_id};
use crate::batch::{Batch, Heading, Level};
use crate::clock::Stamp;
use crate::codec::{self, CodecError};
use crate::content::{Content, Placed};
use crate::error::said;
use crate::members::{NodeId, Peer, PeerV1};
use crate::placement::{Placement, PlacementRecord};

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
const PLACEMENT: u8 = 3;
const HEAD_LEN: usize = 18;

/// The bytes of an entry, as the log keeps them.
pub(crate) fn encode_entry(entry: &Entry) -> Bytes {
    let (kind, payload) = match &entry.payload {
        EntryPayload::Blank => (BLANK, Bytes::new()),
        EntryPayload::Normal(Content::Commands(batch)) => (BATCH, batch.as_bytes().clone()),
        EntryPayload::Normal(Content::Placed(placed)) => (PLACEMENT, placed.encode()),
        EntryPayload::Membership(membership) => {
            (MEMBERSHIP, Bytes::from(codec::encode(&MembersRecord::V1(membership.into()))))
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

/// Reads an entry back.
pub(crate) fn decode_entry(bytes: &Bytes) -> Result<Entry, CodecError> {
    let (log_id, kind) = decode_head(bytes)?;
    let payload = bytes.slice(HEAD_LEN..);
    let payload = match kind {
        BLANK if payload.is_empty() => EntryPayload::Blank,
        BATCH => EntryPayload::Normal(Content::Commands(Batch::parse(payload).map_err(contradiction)?)),
        PLACEMENT => EntryPayload::Normal(Content::Placed(Placed::decode(payload)?)),
        MEMBERSHIP => {
            let MembersRecord::V1(members) = codec::decode(&payload)?;
            EntryPayload::Membership(members.try_into()?)
        }
        BLANK => return Err(contradiction("a blank entry carries something")),
        _ => return Err(CodecError::Newer { unknown: format!("kind {kind} of an entry") }),
    };
    Ok(Entry { log_id, payload })
}

/// Reads only whose entry it is and where it stands.
pub(crate) fn decode_log_id(bytes: &Bytes) -> Result<LogId, CodecError> {
    decode_head(bytes).map(|(log_id, _kind)| log_id)
}

fn decode_head(bytes: &Bytes) -> Result<(LogId, u8), CodecError> {
    let head = bytes.get(..HEAD_LEN).and_then(|head| head.try_into().ok());
    let head: [u8; HEAD_LEN] = head.ok_or_else(|| contradiction("it is cut short"))?;
    let [version, kind, ..] = head;
    if version != VERSION {
        return Err(CodecError::Newer { unknown: format!("version {version} of an entry") });
    }
    let word = |at: usize| {
        let bytes = head.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        u64::from_le_bytes(bytes)
    };
    Ok((log_id(word(2), word(10)), kind))
}

fn contradiction(what: impl Display) -> CodecError {
    CodecError::Contradiction(said(what))
}

/// What the state on disk stands for: every change at or below `log_id` is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) log_id: LogId,
    pub(crate) membership: StoredMembership,
    /// What the last batch at or below the mark says: no later one may say less.
    pub(crate) heading: Heading,
    /// The last record of placement at or below it, in group 0.
    pub(crate) placement: Option<Arc<Placement>>,
}

/// The register of a mark.
#[derive(Serialize, Deserialize)]
enum MarkRecord {
    V1(MarkV1),
    /// Where there is a record of placement.
    V2 {
        mark: MarkV1,
        placement: PlacementRecord,
    },
}

/// A mark without a record of placement: frozen.
#[derive(Serialize, Deserialize)]
struct MarkV1 {
    log_id: LogIdV1,
    membership_log_id: Option<LogIdV1>,
    members: MembersV1,
    stamp_ms: u64,
    level: Level,
}

/// The register of a vote, and a vote as an answer.
#[derive(Serialize, Deserialize)]
enum VoteRecord {
    V1(VoteV1),
}

/// The register of a purge.
#[derive(Serialize, Deserialize)]
enum PurgedRecord {
    V1(LogIdV1),
}

/// The members in an entry.
#[derive(Serialize, Deserialize)]
enum MembersRecord {
    V1(MembersV1),
}

/// A vote: frozen.
#[derive(Serialize, Deserialize)]
pub(super) struct VoteV1 {
    term: u64,
    node: NodeId,
    committed: bool,
}

/// A place in a log: frozen.
#[derive(Serialize, Deserialize)]
pub(super) struct LogIdV1 {
    term: u64,
    index: u64,
}

/// Who is in a group: frozen.
#[derive(Serialize, Deserialize)]
struct MembersV1 {
    /// Voters: one set, or two while a change is under way.
    configs: Vec<BTreeSet<NodeId>>,
    /// Every node, learners too.
    nodes: BTreeMap<NodeId, PeerV1>,
}

pub(crate) fn encode_vote(vote: &Vote) -> Vec<u8> {
    codec::encode(&VoteRecord::V1(vote.into()))
}

pub(crate) fn decode_vote(bytes: &[u8]) -> Result<Vote, CodecError> {
    let VoteRecord::V1(vote) = codec::decode(bytes)?;
    Ok(vote.into())
}

pub(crate) fn encode_log_id(log_id: &LogId) -> Vec<u8> {
    codec::encode(&PurgedRecord::V1(log_id.into()))
}

pub(crate) fn decode_purged(bytes: &[u8]) -> Result<LogId, CodecError> {
    let PurgedRecord::V1(log_id) = codec::decode(bytes)?;
    Ok(log_id.into())
}

pub(crate) fn encode_mark(mark: &Mark) -> Vec<u8> {
    let Mark { log_id, membership, heading, placement } = mark;
    let mark = MarkV1 {
        log_id: LogIdV1::from(log_id),
        membership_log_id: membership.log_id().as_ref().map(LogIdV1::from),
        members: MembersV1::from(membership.membership()),
        stamp_ms: heading.stamp.0,
        level: heading.level,
    };
    codec::encode(&match placement {
        None => MarkRecord::V1(mark),
        Some(placement) => MarkRecord::V2 { mark, placement: placement.as_ref().into() },
    })
}

pub(crate) fn decode_mark(bytes: &[u8]) -> Result<Mark, CodecError> {
    let (mark, placement) = match codec::decode(bytes)? {
        MarkRecord::V1(mark) => (mark, None),
        MarkRecord::V2 { mark, placement } => (mark, Some(Arc::new(placement.into()))),
    };
    let MarkV1 { log_id, membership_log_id, members, stamp_ms, level } = mark;
    Ok(Mark {
        log_id: log_id.into(),
        membership: StoredMembership::new(membership_log_id.map(LogId::from), members.try_into()?),
        heading: Heading { level, stamp: Stamp(stamp_ms) },
        placement,
    })
}

impl From<&Vote> for VoteV1 {
    fn from(vote: &Vote) -> Self {
        let LeaderId { term, voted_for } = vote.leader_id;
        Self { term, node: voted_for, committed: vote.committed }
    }
}

impl From<VoteV1> for Vote {
    fn from(record: VoteV1) -> Self {
        let VoteV1 { term, node, committed } = record;
        Self { leader_id: LeaderId { term, voted_for: node }, committed }
    }
}

impl From<&LogId> for LogIdV1 {
    fn from(log_id: &LogId) -> Self {
        Self { term: log_id.leader_id.term, index: log_id.index }
    }
}

impl From<LogIdV1> for LogId {
    fn from(record: LogIdV1) -> Self {
        log_id(record.term, record.index)
    }
}

impl From<&Membership> for MembersV1 {
    fn from(membership: &Membership) -> Self {
        Self {
            configs: membership.get_joint_config().clone(),
            nodes: membership.nodes().map(|(node, peer)| (*node, peer.clone().into())).collect(),
        }
    }
}

impl TryFrom<MembersV1> for Membership {
    type Error = CodecError;

    fn try_from(members: MembersV1) -> Result<Self, CodecError> {
        let nodes = members.nodes.into_iter().map(|(node, peer)| (node, Peer::from(peer)));
        Self::new(members.configs, nodes.collect::<BTreeMap<_, _>>()).map_err(contradiction)
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

    fn placement() -> Placement {
        let groups = vec![BTreeSet::from([1, 2]), BTreeSet::from([2])];
        Placement { epoch: 3, replicas: 5, groups, draining: BTreeSet::from([4]) }
    }

    fn entries() -> [(Entry, &'static [u8]); 4] {
        let batch = Batch::new(Level(1), Stamp(5), &[Bytes::from_static(b"x")]);
        let placed = Placed::new(Heading { level: Level(6), stamp: Stamp(5) }, placement());
        [
            (
                Entry { log_id: log_id(2, 7), payload: EntryPayload::Blank },
                &[1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0],
            ),
            (
                Entry { log_id: log_id(2, 8), payload: EntryPayload::Normal(Content::Commands(batch)) },
                &[
                    1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, //
                    1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, b'x',
                ],
            ),
            (
                Entry { log_id: log_id(3, 9), payload: EntryPayload::Membership(membership()) },
                &[
                    1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, //
                    1, 0, 1, 2, 1, 2, 3, 1, 6, b'a', b':', b'7', b'0', b'0', b'0', 1, 2, 6, b'b', b':', b'7',
                    b'0', b'0', b'0', 2, 3, 6, b'c', b':', b'7', b'0', b'0', b'0', 1,
                ],
            ),
            (
                Entry { log_id: log_id(3, 10), payload: EntryPayload::Normal(Content::Placed(placed)) },
                &[
                    1, 3, 3, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, //
                    6, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 5, 2, 2, 1, 2, 1, 2, 1, 4,
                ],
            ),
        ]
    }

    #[test]
    fn the_bytes_of_entries_are_for_ever() {
        for (entry, want) in entries() {
            let bytes = encode_entry(&entry);
            assert_eq!(bytes.as_ref(), want, "{entry}");
            assert_eq!(decode_entry(&bytes).expect("golden"), entry);
            assert_eq!(decode_log_id(&bytes).expect("golden"), entry.log_id);
        }
    }

    #[test]
    fn a_damaged_entry_is_refused() {
        for (entry, bytes) in entries() {
            let cut = Bytes::from_static(bytes).slice(..bytes.len() - 1);
            assert!(decode_entry(&cut).is_err(), "{entry} cut");
            let later = [&[2], bytes.get(1..).expect("it has a head")].concat();
            let error = decode_entry(&Bytes::from(later)).expect_err("of a later version");
            assert!(error.is_newer(), "{entry}: {error}");
        }
    }

    #[test]
    fn the_bytes_of_registers_are_for_ever() {
        let vote = Vote { leader_id: LeaderId { term: 4, voted_for: 2 }, committed: true };
        assert_eq!(encode_vote(&vote), [1, 0, 4, 2, 1]);
        assert_eq!(decode_vote(&encode_vote(&vote)).expect("just made"), vote);

        assert_eq!(encode_log_id(&log_id(4, 9)), [1, 0, 4, 9]);
        assert_eq!(decode_purged(&[1, 0, 4, 9]).expect("golden"), log_id(4, 9));

        let mark = Mark {
            log_id: log_id(4, 9),
            membership: StoredMembership::new(Some(log_id(1, 0)), membership()),
            heading: Heading { level: Level(2), stamp: Stamp(6) },
            placement: None,
        };
        let want = [
            1, 0, 4, 9, 1, 1, 0, 1, 2, 1, 2, 3, 1, 6, b'a', b':', b'7', b'0', b'0', b'0', 1, 2, 6, b'b',
            b':', b'7', b'0', b'0', b'0', 2, 3, 6, b'c', b':', b'7', b'0', b'0', b'0', 1, 6, 2,
        ];
        assert_eq!(encode_mark(&mark), want);
        assert_eq!(decode_mark(&want).expect("golden"), mark);

        let placed = Mark { placement: Some(Arc::new(placement())), ..mark };
        let mut later = want.to_vec();
        later[1] = 1;
        later.extend([1, 0, 3, 5, 2, 2, 1, 2, 1, 2, 1, 4].get(1..).expect("it has a version"));
        assert_eq!(encode_mark(&placed), later);
        assert_eq!(decode_mark(&later).expect("golden"), placed);
    }
}
