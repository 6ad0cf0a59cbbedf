//! What peers say to each other about a group, as bytes: ours, like those on disk, so that two releases of openraft
//! understand each other. Each message says its version; what is called V1 is frozen, as what is on disk.
//!
//! ```text
//!   append:  length of the head u32 │ head, by codec │ (length u32 │ entry as in the log)×count        little-endian
//!   the rest: by codec
//! ```

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, TransferLeaderRequest, VoteRequest, VoteResponse,
};
use serde::{Deserialize, Serialize};

use super::record::{self, LogIdV1, Mark, VoteV1};
use super::type_config::{LogId, Types, Vote};
use crate::codec;
use crate::error::said;
use crate::machine::Pair;
use crate::members::NodeId;

/// Bytes of a peer that cannot be read, in words.
pub(crate) type Unreadable = String;

#[derive(Serialize, Deserialize)]
enum AppendHead {
    V1 { vote: VoteV1, previous: Option<LogIdV1>, commit: Option<LogIdV1>, entries: u32 },
}

pub(crate) fn encode_append(request: &AppendEntriesRequest<Types>) -> Bytes {
    let head = codec::encode(&AppendHead::V1 {
        vote: VoteV1::from(&request.vote),
        previous: request.prev_log_id.as_ref().map(LogIdV1::from),
        commit: request.leader_commit.as_ref().map(LogIdV1::from),
        entries: length(request.entries.len()),
    });
    let entries: Vec<Bytes> = request.entries.iter().map(record::encode_entry).collect();
    let len = entries.iter().map(|entry| 4 + entry.len()).sum::<usize>();
    let mut bytes = BytesMut::with_capacity(4 + head.len() + len);
    put(&mut bytes, &head);
    for entry in entries {
        put(&mut bytes, &entry);
    }
    bytes.freeze()
}

pub(crate) fn decode_append(mut bytes: Bytes) -> Result<AppendEntriesRequest<Types>, Unreadable> {
    let AppendHead::V1 { vote, previous, commit, entries } = read(&take(&mut bytes)?)?;
    let entries = (0..entries)
        .map(|_| record::decode_entry(&take(&mut bytes)?).map_err(said))
        .collect::<Result<Vec<_>, _>>()?;
    if !bytes.is_empty() {
        return Err("bytes are left behind the last entry".to_owned());
    }
    Ok(AppendEntriesRequest {
        vote: vote.into(),
        prev_log_id: previous.map(LogId::from),
        entries,
        leader_commit: commit.map(LogId::from),
    })
}

fn put(bytes: &mut BytesMut, part: &[u8]) {
    bytes.put_u32_le(length(part.len()));
    bytes.put_slice(part);
}

fn take(bytes: &mut Bytes) -> Result<Bytes, Unreadable> {
    let cut = || "it is cut short".to_owned();
    let len = bytes.try_get_u32_le().ok().and_then(|len| usize::try_from(len).ok()).ok_or_else(cut)?;
    if bytes.len() < len { Err(cut()) } else { Ok(bytes.split_to(len)) }
}

fn length(len: usize) -> u32 {
    u32::try_from(len).expect("frames are far below 4 GiB")
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    codec::decode(bytes).map_err(said)
}

#[derive(Serialize, Deserialize)]
enum AppendAnswer {
    V1(AppendAnswerV1),
}

#[derive(Serialize, Deserialize)]
enum AppendAnswerV1 {
    Success,
    Partial(Option<LogIdV1>),
    Conflict,
    HigherVote(VoteV1),
}

pub(crate) fn encode_append_answer(answer: &AppendEntriesResponse<Types>) -> Bytes {
    let answer = match answer {
        AppendEntriesResponse::Success => AppendAnswerV1::Success,
        AppendEntriesResponse::PartialSuccess(upto) => {
            AppendAnswerV1::Partial(upto.as_ref().map(LogIdV1::from))
        }
        AppendEntriesResponse::Conflict => AppendAnswerV1::Conflict,
        AppendEntriesResponse::HigherVote(vote) => AppendAnswerV1::HigherVote(vote.into()),
    };
    Bytes::from(codec::encode(&AppendAnswer::V1(answer)))
}

pub(crate) fn decode_append_answer(bytes: &[u8]) -> Result<AppendEntriesResponse<Types>, Unreadable> {
    let AppendAnswer::V1(answer) = read(bytes)?;
    Ok(match answer {
        AppendAnswerV1::Success => AppendEntriesResponse::Success,
        AppendAnswerV1::Partial(upto) => AppendEntriesResponse::PartialSuccess(upto.map(LogId::from)),
        AppendAnswerV1::Conflict => AppendEntriesResponse::Conflict,
        AppendAnswerV1::HigherVote(vote) => AppendEntriesResponse::HigherVote(vote.into()),
    })
}

#[derive(Serialize, Deserialize)]
enum VoteWanted {
    V1 { vote: VoteV1, last: Option<LogIdV1>, leadership_transfer: bool },
}

pub(crate) fn encode_vote_request(request: &VoteRequest<Types>) -> Bytes {
    Bytes::from(codec::encode(&VoteWanted::V1 {
        vote: (&request.vote).into(),
        last: request.last_log_id.as_ref().map(LogIdV1::from),
        leadership_transfer: request.leadership_transfer,
    }))
}

pub(crate) fn decode_vote_request(bytes: &[u8]) -> Result<VoteRequest<Types>, Unreadable> {
    let VoteWanted::V1 { vote, last, leadership_transfer } = read(bytes)?;
    let mut request = VoteRequest::new(vote.into(), last.map(LogId::from));
    request.leadership_transfer = leadership_transfer;
    Ok(request)
}

#[derive(Serialize, Deserialize)]
enum VoteAnswer {
    V1 { vote: VoteV1, granted: bool, last: Option<LogIdV1> },
}

pub(crate) fn encode_vote_answer(answer: &VoteResponse<Types>) -> Bytes {
    Bytes::from(codec::encode(&VoteAnswer::V1 {
        vote: (&answer.vote).into(),
        granted: answer.vote_granted,
        last: answer.last_log_id.as_ref().map(LogIdV1::from),
    }))
}

pub(crate) fn decode_vote_answer(bytes: &[u8]) -> Result<VoteResponse<Types>, Unreadable> {
    let VoteAnswer::V1 { vote, granted, last } = read(bytes)?;
    Ok(VoteResponse::new(Vote::from(vote), last.map(LogId::from), granted))
}

#[derive(Serialize, Deserialize)]
enum Transfer {
    V1 { from: VoteV1, to: NodeId, last: Option<LogIdV1> },
}

pub(crate) fn encode_transfer(request: &TransferLeaderRequest<Types>) -> Bytes {
    Bytes::from(codec::encode(&Transfer::V1 {
        from: request.from_leader().into(),
        to: *request.to_node_id(),
        last: request.last_log_id().map(LogIdV1::from),
    }))
}

pub(crate) fn decode_transfer(bytes: &[u8]) -> Result<TransferLeaderRequest<Types>, Unreadable> {
    let Transfer::V1 { from, to, last } = read(bytes)?;
    Ok(TransferLeaderRequest::new(from.into(), to, last.map(LogId::from)))
}

/// The vote of a follower that has a snapshot now.
pub(crate) fn encode_vote(vote: &Vote) -> Bytes {
    Bytes::from(record::encode_vote(vote))
}

pub(crate) fn decode_vote(bytes: &[u8]) -> Result<Vote, Unreadable> {
    record::decode_vote(bytes).map_err(said)
}

/// How a snapshot begins: whose leader sends it, and the mark at which it stands.
#[derive(Serialize, Deserialize)]
enum SnapshotHead {
    V1 { vote: VoteV1, mark: Vec<u8> },
}

pub(crate) fn encode_snapshot_head(vote: &Vote, mark: &Mark) -> Bytes {
    let head = SnapshotHead::V1 { vote: vote.into(), mark: record::encode_mark(mark) };
    Bytes::from(codec::encode(&head))
}

pub(crate) fn decode_snapshot_head(bytes: &[u8]) -> Result<(Vote, Mark), Unreadable> {
    let SnapshotHead::V1 { vote, mark } = read(bytes)?;
    Ok((vote.into(), record::decode_mark(&mark).map_err(said)?))
}

/// A part of a snapshot behind its checksum: its number, from 0, and pairs of state in order of key.
#[derive(Serialize, Deserialize)]
enum SnapshotPart {
    V1 { number: u64, pairs: Vec<Pair> },
}

pub(crate) fn encode_snapshot_part(number: u64, pairs: Vec<Pair>) -> Bytes {
    let part = codec::encode(&SnapshotPart::V1 { number, pairs });
    let mut bytes = BytesMut::with_capacity(4 + part.len());
    bytes.put_u32_le(crc32fast::hash(&part));
    bytes.put_slice(&part);
    bytes.freeze()
}

pub(crate) fn decode_snapshot_part(mut bytes: Bytes) -> Result<(u64, Vec<Pair>), Unreadable> {
    let checksum = bytes.try_get_u32_le().map_err(said)?;
    if checksum != crc32fast::hash(&bytes) {
        return Err("a part of the snapshot is damaged".to_owned());
    }
    let SnapshotPart::V1 { number, pairs } = read(&bytes)?;
    Ok((number, pairs))
}

#[cfg(test)]
mod tests {
    use openraft::EntryPayload;

    use super::super::type_config::{Entry, LeaderId, StoredMembership, log_id};
    use super::*;
    use crate::batch::{Batch, Heading, Level};
    use crate::clock::Stamp;
    use crate::content::Content;

    fn vote() -> Vote {
        Vote { leader_id: LeaderId { term: 4, voted_for: 2 }, committed: true }
    }

    #[test]
    fn entries_arrive_as_they_were_sent() {
        let batch = Batch::new(Level::FIRST, Stamp(5), &[Bytes::from_static(b"x")]);
        let request = AppendEntriesRequest::<Types> {
            vote: vote(),
            prev_log_id: Some(log_id(3, 6)),
            entries: vec![
                Entry { log_id: log_id(4, 7), payload: EntryPayload::Blank },
                Entry { log_id: log_id(4, 8), payload: EntryPayload::Normal(Content::Commands(batch)) },
            ],
            leader_commit: None,
        };
        let bytes = encode_append(&request);
        let head = [10, 0, 0, 0, 1, 0, 4, 2, 1, 1, 3, 6, 0, 2];
        assert_eq!(bytes.get(..head.len()), Some(&head[..]), "the head keeps its bytes");
        let read = decode_append(bytes.clone()).expect("just made");
        assert_eq!((read.vote, read.prev_log_id, read.leader_commit), (vote(), Some(log_id(3, 6)), None));
        assert_eq!(read.entries, request.entries);
        for len in 0..bytes.len() {
            assert!(decode_append(bytes.slice(..len)).is_err(), "cut to {len}");
        }
        assert!(decode_append(Bytes::from([&bytes[..], &[0]].concat())).is_err(), "with more behind");
    }

    #[test]
    fn votes_and_answers_keep_their_bytes() {
        let mut request = VoteRequest::<Types>::new(vote(), Some(log_id(3, 6)));
        request.leadership_transfer = true;
        let want = [1, 0, 4, 2, 1, 1, 3, 6, 1];
        assert_eq!(encode_vote_request(&request).as_ref(), want);
        assert_eq!(decode_vote_request(&want).expect("golden"), request);

        let answer = VoteResponse::<Types>::new(vote(), None, true);
        let want = [1, 0, 4, 2, 1, 1, 0];
        assert_eq!(encode_vote_answer(&answer).as_ref(), want);
        assert_eq!(decode_vote_answer(&want).expect("golden"), answer);

        let transfer = TransferLeaderRequest::<Types>::new(vote(), 3, Some(log_id(3, 6)));
        let want = [1, 0, 4, 2, 1, 3, 1, 3, 6];
        assert_eq!(encode_transfer(&transfer).as_ref(), want);
        assert_eq!(decode_transfer(&want).expect("golden"), transfer);

        let answers: [(AppendEntriesResponse<Types>, &[u8]); 4] = [
            (AppendEntriesResponse::Success, &[1, 0, 0]),
            (AppendEntriesResponse::PartialSuccess(Some(log_id(1, 1))), &[1, 0, 1, 1, 1, 1]),
            (AppendEntriesResponse::Conflict, &[1, 0, 2]),
            (AppendEntriesResponse::HigherVote(vote()), &[1, 0, 3, 4, 2, 1]),
        ];
        for (answer, want) in answers {
            assert_eq!(encode_append_answer(&answer).as_ref(), want);
            let read = decode_append_answer(want).expect("golden");
            assert_eq!(format!("{read:?}"), format!("{answer:?}"));
        }
    }

    #[test]
    fn a_later_version_is_told_from_what_is_damaged() {
        let said = decode_vote_request(&[1, 1, 4, 2, 1, 1, 3, 6, 1]).expect_err("not known");
        assert!(said.contains("newer than this program"), "{said}");
    }

    #[test]
    fn a_damaged_part_of_a_snapshot_is_refused() {
        let heading = Heading { level: Level(2), stamp: Stamp(6) };
        let mark =
            Mark { log_id: log_id(4, 9), membership: StoredMembership::default(), heading, placement: None };
        let saved = record::encode_mark(&mark);
        let head = [&[1, 0, 4, 2, 1, u8::try_from(saved.len()).expect("short")], saved.as_slice()].concat();
        assert_eq!(encode_snapshot_head(&vote(), &mark).as_ref(), head);
        assert_eq!(decode_snapshot_head(&head).expect("golden"), (vote(), mark));
        let pairs = vec![(b"key".to_vec(), b"value".to_vec())];
        let bytes = encode_snapshot_part(3, pairs.clone());
        let want = [&[1, 0, 3, 1, 3][..], b"key", &[5], b"value"].concat();
        assert_eq!(bytes.get(4..), Some(want.as_slice()), "behind the checksum the part keeps its bytes");
        assert_eq!(decode_snapshot_part(bytes.clone()), Ok((3, pairs)));
        for place in 0..bytes.len() {
            let mut rotten = bytes.to_vec();
            rotten[place] ^= 1;
            assert!(decode_snapshot_part(Bytes::from(rotten)).is_err(), "byte {place}");
        }
    }
}
