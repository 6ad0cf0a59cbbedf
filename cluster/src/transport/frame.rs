//! What is on the wire: frames, each behind its length.
//!
//! ```text
//!   length u32 │ version u8 = 1 │ kind u8 │ group u32 │ call u64 │ payload        big-endian; the length counts what follows it
//! ```

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::StreamExt as _;
use storage::GroupId;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::network::Stream;

const VERSION: u8 = 1;
const HEAD_LEN: usize = 14;
/// The longest frame. Entries and pieces of a snapshot are handed over a mebibyte at a time, and one of them may be larger.
pub(crate) const FRAME_LEN_MAX: usize = 64 << 20;

/// Frames over a connection.
pub(super) type Frames = Framed<Box<dyn Stream>, LengthDelimitedCodec>;

/// A connection as frames.
pub(super) fn frames(stream: Box<dyn Stream>) -> Frames {
    LengthDelimitedCodec::builder().max_frame_length(FRAME_LEN_MAX).new_framed(stream)
}

/// The next frame; none where the other side has hung up.
pub(super) async fn next(frames: &mut Frames) -> io::Result<Option<Frame>> {
    match frames.next().await {
        None => Ok(None),
        Some(bytes) => Frame::decode(bytes?.freeze()).map(Some).map_err(io::Error::other),
    }
}

/// What a frame is about. The numbers are for as long as nodes of two releases talk to each other: only added to. What a frame carries
/// says its own version, but for bare numbers, which never grow: a call that must say more is another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A greeting or its answer: the first frame of a connection in each direction.
    Hello = 0,
    /// Entries for a follower, or a heartbeat.
    Append = 1,
    /// A request for a vote.
    Vote = 2,
    /// Whether a vote would be given.
    PreVote = 3,
    /// The leader asks this node to take over.
    TransferLeader = 4,
    /// A snapshot begins.
    SnapshotBegin = 5,
    /// A part of a snapshot.
    SnapshotPart = 6,
    /// A snapshot is complete: to be installed.
    SnapshotEnd = 7,
    /// Which index a linearizable read must wait for.
    ReadIndex = 8,
    /// A question of the layer above: this crate does not read it.
    Question = 9,
    /// A node comes, says where it is, or is to leave.
    Forming = 10,
    /// What this node's wall clock says.
    Clock = 11,
    /// What this node's disk has room for.
    Room = 12,
    /// The digest of this node's replica at an index.
    Digest = 13,
    /// The answer to a call.
    Answer = 128,
    /// Why there is no answer, as text.
    Refusal = 129,
    /// The answer to a greeting: what is wrong with what was shown beside it, as text.
    Unproved = 130,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::Hello,
        Self::Append,
        Self::Vote,
        Self::PreVote,
        Self::TransferLeader,
        Self::SnapshotBegin,
        Self::SnapshotPart,
        Self::SnapshotEnd,
        Self::ReadIndex,
        Self::Question,
        Self::Forming,
        Self::Clock,
        Self::Room,
        Self::Digest,
        Self::Answer,
        Self::Refusal,
        Self::Unproved,
    ];
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) group: GroupId,
    /// Which call this asks or answers: the caller's own count.
    pub(super) call: u64,
    pub(super) payload: Bytes,
}

/// Bytes that are no frame of a version and kind that this node knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a frame: version {version:?}, kind {kind:?}")]
pub(super) struct NoFrame {
    version: Option<u8>,
    kind: Option<u8>,
}

impl Frame {
    /// A greeting, or the refusal of one: it belongs to no group and no call.
    pub(super) fn greeting(kind: Kind, payload: Bytes) -> Bytes {
        Self { kind, group: GroupId(0), call: 0, payload }.encode()
    }

    /// The frame without its length.
    pub(super) fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(HEAD_LEN + self.payload.len());
        bytes.put_u8(VERSION);
        bytes.put_u8(self.kind as u8);
        bytes.put_u32(self.group.0);
        bytes.put_u64(self.call);
        bytes.put_slice(&self.payload);
        bytes.freeze()
    }

    /// Reads a frame; the payload shares its memory.
    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, NoFrame> {
        let wrong = NoFrame { version: bytes.first().copied(), kind: bytes.get(1).copied() };
        if bytes.len() < HEAD_LEN || bytes.get_u8() != VERSION {
            return Err(wrong);
        }
        let number = bytes.get_u8();
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == number).ok_or(wrong)?;
        let (group, call) = (GroupId(bytes.get_u32()), bytes.get_u64());
        Ok(Self { kind, group, call, payload: bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_back_as_it_was_written_and_nothing_else_is() {
        let frame =
            Frame { kind: Kind::Vote, group: GroupId(3), call: 258, payload: Bytes::from_static(b"x") };
        let bytes = [&[1, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2][..], b"x"].concat();
        assert_eq!(frame.encode(), bytes);
        assert_eq!(Frame::decode(Bytes::from(bytes.clone())), Ok(frame));

        let wrong = |place: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[place] = value;
            Frame::decode(Bytes::from(bytes))
        };
        assert_eq!(wrong(0, 2), Err(NoFrame { version: Some(2), kind: Some(2) }), "a later version");
        assert_eq!(wrong(1, 99), Err(NoFrame { version: Some(1), kind: Some(99) }), "an unknown kind");
        assert!(Frame::decode(Bytes::from(bytes[..13].to_vec())).is_err(), "cut off");
        assert!(Frame::decode(Bytes::new()).is_err());
    }

    #[test]
    fn every_kind_has_its_number() {
        for kind in Kind::ALL {
            let frame = Frame { kind, group: GroupId(0), call: 0, payload: Bytes::new() };
            assert_eq!(Frame::decode(frame.encode()), Ok(frame), "{kind:?}");
        }
    }
}
