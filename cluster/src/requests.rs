//! What nodes ask of group 0's leader, what is answered, and the bytes of both.
//!
//! A node that comes in knows of no level, so both are written in their oldest version until the level in force says that every
//! node reads another.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError};
use crate::identity::{Identity, IdentityV1};
use crate::members::{NodeId, Peer, PeerV1};

/// What is asked of group 0's leader: a number for a node that has none, to note where a node can be reached and what it
/// applies, to send one away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Join {
        peer: Peer,
    },
    /// `was_member` says that the node has applied a membership with itself in it: then it is a member, or was removed.
    Announce {
        node: NodeId,
        peer: Peer,
        was_member: bool,
    },
    Remove {
        node: NodeId,
    },
}

/// What group 0's leader says, or another node in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Welcome(Identity),
    Done,
    /// The leader's address: it is to be asked instead.
    Elsewhere(String),
    /// Not now, and why.
    Later(String),
    /// Not like this, and what to do.
    Never(String),
}

/// A request on the wire, version by version.
#[derive(Serialize, Deserialize)]
enum RequestMessage {
    V1(RequestV1),
}

/// The first version of a request: frozen.
#[derive(Serialize, Deserialize)]
enum RequestV1 {
    Join { peer: PeerV1 },
    Announce { node: NodeId, peer: PeerV1, was_member: bool },
    Remove { node: NodeId },
}

/// A reply on the wire, version by version.
#[derive(Serialize, Deserialize)]
enum ReplyMessage {
    V1(ReplyV1),
}

/// The first version of a reply: frozen.
#[derive(Serialize, Deserialize)]
enum ReplyV1 {
    Welcome(IdentityV1),
    Done,
    Elsewhere(String),
    Later(String),
    Never(String),
}

impl Request {
    pub(crate) fn encode(&self) -> Bytes {
        let request = match self.clone() {
            Self::Join { peer } => RequestV1::Join { peer: peer.into() },
            Self::Announce { node, peer, was_member } => {
                RequestV1::Announce { node, peer: peer.into(), was_member }
            }
            Self::Remove { node } => RequestV1::Remove { node },
        };
        Bytes::from(codec::encode(&RequestMessage::V1(request)))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let RequestMessage::V1(request) = codec::decode(bytes)?;
        Ok(match request {
            RequestV1::Join { peer } => Self::Join { peer: peer.into() },
            RequestV1::Announce { node, peer, was_member } => {
                Self::Announce { node, peer: peer.into(), was_member }
            }
            RequestV1::Remove { node } => Self::Remove { node },
        })
    }
}

impl Reply {
    pub(crate) fn encode(self) -> Bytes {
        let reply = match self {
            Self::Welcome(identity) => ReplyV1::Welcome(identity.into()),
            Self::Done => ReplyV1::Done,
            Self::Elsewhere(address) => ReplyV1::Elsewhere(address),
            Self::Later(why) => ReplyV1::Later(why),
            Self::Never(why) => ReplyV1::Never(why),
        };
        Bytes::from(codec::encode(&ReplyMessage::V1(reply)))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let ReplyMessage::V1(reply) = codec::decode(bytes)?;
        Ok(match reply {
            ReplyV1::Welcome(identity) => Self::Welcome(identity.into()),
            ReplyV1::Done => Self::Done,
            ReplyV1::Elsewhere(address) => Self::Elsewhere(address),
            ReplyV1::Later(why) => Self::Later(why),
            ReplyV1::Never(why) => Self::Never(why),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Level;

    #[test]
    fn requests_keep_their_bytes() {
        let peer = || Peer { address: "a:1".to_owned(), level: Level(2) };
        let rows: [(Request, &[u8]); 3] = [
            (Request::Join { peer: peer() }, &[1, 0, 0, 3, b'a', b':', b'1', 2]),
            (
                Request::Announce { node: 7, peer: peer(), was_member: true },
                &[1, 0, 1, 7, 3, b'a', b':', b'1', 2, 1],
            ),
            (Request::Remove { node: 7 }, &[1, 0, 2, 7]),
        ];
        for (request, want) in rows {
            assert_eq!(request.encode(), want, "{request:?}");
            assert_eq!(Request::decode(want).expect("golden"), request);
        }
    }

    #[test]
    fn replies_keep_their_bytes() {
        let rows: [(Reply, &[u8]); 5] = [
            (Reply::Welcome(Identity { cluster: 5, node: 7, groups: 32 }), &[1, 0, 0, 5, 7, 32]),
            (Reply::Done, &[1, 0, 1]),
            (Reply::Elsewhere("a:1".to_owned()), &[1, 0, 2, 3, b'a', b':', b'1']),
            (Reply::Later("x".to_owned()), &[1, 0, 3, 1, b'x']),
            (Reply::Never("x".to_owned()), &[1, 0, 4, 1, b'x']),
        ];
        for (reply, want) in rows {
            assert_eq!(reply.clone().encode(), want, "{reply:?}");
            assert_eq!(Reply::decode(want).expect("golden"), reply);
        }
    }
}
