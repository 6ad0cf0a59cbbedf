//! What nodes ask of group 0's leader, or of that of any group, what is answered, and the bytes of both.
//!
//! A node that comes in knows of no level, so what the oldest version can say is written in it. What it cannot say goes to a node
//! of the build before in vain, which refuses what it cannot read: then it is asked as that build would ask.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use storage::GroupId;

use crate::codec::{self, CodecError};
use crate::error::OperatorError;
use crate::identity::{Identity, IdentityV1};
use crate::members::{KeyHash, NodeId, Peer, PeerV1};

/// What is asked of group 0's leader: a number for a node that has none, to note where a node can be reached and what it
/// applies, to send one away. `keys` are hashes of the secrets with which the node checks tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Join {
        peer: Peer,
        keys: BTreeSet<KeyHash>,
    },
    /// `was_member` says that the node has applied a membership with itself in it: then it is a member, or was removed.
    Announce {
        node: NodeId,
        peer: Peer,
        was_member: bool,
        keys: BTreeSet<KeyHash>,
    },
    Remove {
        node: NodeId,
    },
    /// What a node knows of the others. Any node answers.
    Report,
    /// The zone of a node. Any node answers.
    Zone,
    /// Which groups a node leads, and who is in them. Any node answers.
    Leading,
    /// Another node is to lead a group. The leader of that group decides.
    HandOver(HandOver),
    /// Whether a node is no member of a group any more, and may delete what it has of it. The leader of that group says.
    Leave {
        group: GroupId,
        node: NodeId,
    },
    /// A node is to be emptied of replicas, or to take some again.
    Drain {
        node: NodeId,
        drains: bool,
    },
}

/// A wish that another node lead a group, and what whoever wishes it believes: who leads the group, and in which term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// Which group.
    pub group: GroupId,
    /// Who is to lead it.
    pub to: NodeId,
    /// Who leads it.
    pub leader: NodeId,
    /// In which term.
    pub term: u64,
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
    /// What was asked for with [`Request::Report`].
    Report(Report),
    /// The other leads now, in this term; for so long nobody did.
    HandedOver {
        term: u64,
        unanswered_ms: u64,
    },
    /// Things are not as whoever asked believed, and how they are.
    Changed(String),
    /// What was asked for with [`Request::Zone`].
    Zone(String),
    /// What was asked for with [`Request::Leading`].
    Leading(Vec<LedGroup>),
}

/// A group as its leader tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LedGroup {
    pub(crate) group: GroupId,
    /// The term in which it is led.
    pub(crate) term: u64,
    pub(crate) voters: BTreeSet<NodeId>,
    /// Everyone who has a replica: those too who only follow.
    pub(crate) members: BTreeSet<NodeId>,
}

/// What a node knows of the others, as the leader of some groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// How many groups it leads.
    pub(crate) leading: u32,
    /// Of each member of those, the most entries that one of its replicas lacks.
    pub(crate) behind: Vec<(NodeId, u64)>,
}

/// A request on the wire, version by version.
#[derive(Serialize, Deserialize)]
enum RequestMessage {
    V1(RequestV1),
    V2(RequestV2),
    V3(RequestV3),
    V4(RequestV4),
}

/// The first version of a request: frozen.
#[derive(Serialize, Deserialize)]
enum RequestV1 {
    Join { peer: PeerV1 },
    Announce { node: NodeId, peer: PeerV1, was_member: bool },
    Remove { node: NodeId },
}

/// What the second version of a request says that the first cannot: frozen.
#[derive(Serialize, Deserialize)]
enum RequestV2 {
    Join { peer: PeerV1, keys: BTreeSet<KeyHash> },
    Announce { node: NodeId, peer: PeerV1, was_member: bool, keys: BTreeSet<KeyHash> },
    Report,
}

/// What the third version of a request says that the others cannot: frozen.
#[derive(Serialize, Deserialize)]
enum RequestV3 {
    HandOver { group: u32, to: NodeId, leader: NodeId, term: u64 },
    Zone,
}

/// What the fourth version of a request says that the others cannot: frozen.
#[derive(Serialize, Deserialize)]
enum RequestV4 {
    Leave { group: u32, node: NodeId },
    Leading,
    Drain { node: NodeId, drains: bool },
}

/// A reply on the wire, version by version.
#[derive(Serialize, Deserialize)]
enum ReplyMessage {
    V1(ReplyV1),
    V2(ReplyV2),
    V3(ReplyV3),
    V4(ReplyV4),
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

/// What the second version of a reply says that the first cannot: frozen. Only who asked in the second version hears it.
#[derive(Serialize, Deserialize)]
enum ReplyV2 {
    Report { leading: u32, behind: Vec<(NodeId, u64)> },
}

/// What the third version of a reply says that the others cannot: frozen. Only who asked in the third version hears it.
#[derive(Serialize, Deserialize)]
enum ReplyV3 {
    HandedOver { term: u64, unanswered_ms: u64 },
    Changed(String),
    Zone(String),
}

/// What the fourth version of a reply says that the others cannot: frozen. Only who asked in the fourth version hears it.
#[derive(Serialize, Deserialize)]
enum ReplyV4 {
    /// Group, term, voters and members.
    Leading(Vec<(u32, u64, BTreeSet<NodeId>, BTreeSet<NodeId>)>),
}

impl Request {
    /// Whether a node asks for a number, which is all that one without may ask.
    pub(crate) fn is_to_join(&self) -> bool {
        matches!(self, Self::Join { .. })
    }

    pub(crate) fn encode(&self) -> Bytes {
        let message = match self.clone() {
            Self::Join { peer, keys } if !keys.is_empty() => {
                RequestMessage::V2(RequestV2::Join { peer: peer.into(), keys })
            }
            Self::Announce { node, peer, was_member, keys } if !keys.is_empty() => {
                RequestMessage::V2(RequestV2::Announce { node, peer: peer.into(), was_member, keys })
            }
            Self::Report => RequestMessage::V2(RequestV2::Report),
            Self::Zone => RequestMessage::V3(RequestV3::Zone),
            Self::Join { peer, keys: _none } => RequestMessage::V1(RequestV1::Join { peer: peer.into() }),
            Self::Announce { node, peer, was_member, keys: _none } => {
                RequestMessage::V1(RequestV1::Announce { node, peer: peer.into(), was_member })
            }
            Self::Remove { node } => RequestMessage::V1(RequestV1::Remove { node }),
            Self::Leading => RequestMessage::V4(RequestV4::Leading),
            Self::Drain { node, drains } => RequestMessage::V4(RequestV4::Drain { node, drains }),
            Self::Leave { group, node } => RequestMessage::V4(RequestV4::Leave { group: group.0, node }),
            Self::HandOver(HandOver { group, to, leader, term }) => {
                RequestMessage::V3(RequestV3::HandOver { group: group.0, to, leader, term })
            }
        };
        Bytes::from(codec::encode(&message))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let keys = BTreeSet::new();
        Ok(match codec::decode(bytes)? {
            RequestMessage::V1(RequestV1::Join { peer }) => Self::Join { peer: peer.into(), keys },
            RequestMessage::V1(RequestV1::Announce { node, peer, was_member }) => {
                Self::Announce { node, peer: peer.into(), was_member, keys }
            }
            RequestMessage::V1(RequestV1::Remove { node }) => Self::Remove { node },
            RequestMessage::V2(RequestV2::Join { peer, keys }) => Self::Join { peer: peer.into(), keys },
            RequestMessage::V2(RequestV2::Announce { node, peer, was_member, keys }) => {
                Self::Announce { node, peer: peer.into(), was_member, keys }
            }
            RequestMessage::V2(RequestV2::Report) => Self::Report,
            RequestMessage::V3(RequestV3::Zone) => Self::Zone,
            RequestMessage::V4(RequestV4::Leading) => Self::Leading,
            RequestMessage::V4(RequestV4::Drain { node, drains }) => Self::Drain { node, drains },
            RequestMessage::V4(RequestV4::Leave { group, node }) => {
                Self::Leave { group: GroupId(group), node }
            }
            RequestMessage::V3(RequestV3::HandOver { group, to, leader, term }) => {
                Self::HandOver(HandOver { group: GroupId(group), to, leader, term })
            }
        })
    }

    /// The same as the build before this one asks it, which cannot read the other.
    pub(crate) fn into_older(self) -> Option<Self> {
        let keys = BTreeSet::new();
        match self {
            Self::Join { peer, keys: _unsaid } => Some(Self::Join { peer, keys }),
            Self::Announce { node, peer, was_member, keys: _unsaid } => {
                Some(Self::Announce { node, peer, was_member, keys })
            }
            Self::Remove { .. }
            | Self::Report
            | Self::Zone
            | Self::Leading
            | Self::Drain { .. }
            | Self::HandOver(_)
            | Self::Leave { .. } => None,
        }
    }
}

impl Reply {
    pub(crate) fn encode(self) -> Bytes {
        let message = match self {
            Self::Welcome(identity) => ReplyMessage::V1(ReplyV1::Welcome(identity.into())),
            Self::Done => ReplyMessage::V1(ReplyV1::Done),
            Self::Elsewhere(address) => ReplyMessage::V1(ReplyV1::Elsewhere(address)),
            Self::Later(why) => ReplyMessage::V1(ReplyV1::Later(why)),
            Self::Never(why) => ReplyMessage::V1(ReplyV1::Never(why)),
            Self::Report(Report { leading, behind }) => ReplyMessage::V2(ReplyV2::Report { leading, behind }),
            Self::HandedOver { term, unanswered_ms } => {
                ReplyMessage::V3(ReplyV3::HandedOver { term, unanswered_ms })
            }
            Self::Changed(why) => ReplyMessage::V3(ReplyV3::Changed(why)),
            Self::Zone(name) => ReplyMessage::V3(ReplyV3::Zone(name)),
            Self::Leading(led) => {
                let told =
                    |LedGroup { group, term, voters, members }: LedGroup| (group.0, term, voters, members);
                ReplyMessage::V4(ReplyV4::Leading(led.into_iter().map(told).collect()))
            }
        };
        Bytes::from(codec::encode(&message))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        Ok(match codec::decode(bytes)? {
            ReplyMessage::V1(ReplyV1::Welcome(identity)) => Self::Welcome(identity.into()),
            ReplyMessage::V1(ReplyV1::Done) => Self::Done,
            ReplyMessage::V1(ReplyV1::Elsewhere(address)) => Self::Elsewhere(address),
            ReplyMessage::V1(ReplyV1::Later(why)) => Self::Later(why),
            ReplyMessage::V1(ReplyV1::Never(why)) => Self::Never(why),
            ReplyMessage::V2(ReplyV2::Report { leading, behind }) => Self::Report(Report { leading, behind }),
            ReplyMessage::V3(ReplyV3::HandedOver { term, unanswered_ms }) => {
                Self::HandedOver { term, unanswered_ms }
            }
            ReplyMessage::V3(ReplyV3::Changed(why)) => Self::Changed(why),
            ReplyMessage::V3(ReplyV3::Zone(name)) => Self::Zone(name),
            ReplyMessage::V4(ReplyV4::Leading(led)) => {
                let read = |(group, term, voters, members)| LedGroup {
                    group: GroupId(group),
                    term,
                    voters,
                    members,
                };
                Self::Leading(led.into_iter().map(read).collect())
            }
        })
    }
}

impl From<OperatorError> for Reply {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Changed(why) => Self::Changed(why),
            OperatorError::Never(why) => Self::Never(why),
            OperatorError::Later(why) => Self::Later(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Level;

    #[test]
    fn requests_keep_their_bytes() {
        let peer = || Peer { address: "a:1".to_owned(), level: Level(2) };
        let (none, keys) = (BTreeSet::new, || BTreeSet::from([KeyHash(5), KeyHash(6)]));
        let announce = |keys| Request::Announce { node: 7, peer: peer(), was_member: true, keys };
        let hand_over = HandOver { group: GroupId(4), to: 7, leader: 3, term: 5 };
        let rows: [(Request, &[u8]); 11] = [
            (Request::Join { peer: peer(), keys: none() }, &[1, 0, 0, 3, b'a', b':', b'1', 2]),
            (announce(none()), &[1, 0, 1, 7, 3, b'a', b':', b'1', 2, 1]),
            (Request::Remove { node: 7 }, &[1, 0, 2, 7]),
            (Request::Join { peer: peer(), keys: keys() }, &[1, 1, 0, 3, b'a', b':', b'1', 2, 2, 5, 6]),
            (announce(keys()), &[1, 1, 1, 7, 3, b'a', b':', b'1', 2, 1, 2, 5, 6]),
            (Request::Report, &[1, 1, 2]),
            (Request::HandOver(hand_over), &[1, 2, 0, 4, 7, 3, 5]),
            (Request::Zone, &[1, 2, 1]),
            (Request::Leave { group: GroupId(4), node: 7 }, &[1, 3, 0, 4, 7]),
            (Request::Leading, &[1, 3, 1]),
            (Request::Drain { node: 7, drains: true }, &[1, 3, 2, 7, 1]),
        ];
        for (request, want) in rows {
            assert_eq!(request.encode(), want, "{request:?}");
            assert_eq!(Request::decode(want).expect("golden"), request);
            // A newcomer's certificate lets nobody remove nodes, move leaders or say where another node is.
            assert_eq!(request.is_to_join(), matches!(want, [1, 0 | 1, 0, ..]), "{request:?}");
        }
        assert_eq!(announce(keys()).into_older(), Some(announce(none())));
    }

    #[test]
    fn replies_keep_their_bytes() {
        let report = Report { leading: 3, behind: vec![(7, 9)] };
        let (group, voters, members) = (GroupId(4), BTreeSet::from([7]), BTreeSet::from([7, 9]));
        let led = vec![LedGroup { group, term: 6, voters, members }];
        let rows: [(Reply, &[u8]); 10] = [
            (Reply::Welcome(Identity { cluster: 5, node: 7, groups: 32 }), &[1, 0, 0, 5, 7, 32]),
            (Reply::Done, &[1, 0, 1]),
            (Reply::Elsewhere("a:1".to_owned()), &[1, 0, 2, 3, b'a', b':', b'1']),
            (Reply::Later("x".to_owned()), &[1, 0, 3, 1, b'x']),
            (Reply::Never("x".to_owned()), &[1, 0, 4, 1, b'x']),
            (Reply::Report(report), &[1, 1, 0, 3, 1, 7, 9]),
            (Reply::HandedOver { term: 6, unanswered_ms: 40 }, &[1, 2, 0, 6, 40]),
            (Reply::Changed("x".to_owned()), &[1, 2, 1, 1, b'x']),
            (Reply::Zone("x".to_owned()), &[1, 2, 2, 1, b'x']),
            (Reply::Leading(led), &[1, 3, 0, 1, 4, 6, 1, 7, 2, 7, 9]),
        ];
        for (reply, want) in rows {
            assert_eq!(reply.clone().encode(), want, "{reply:?}");
            assert_eq!(Reply::decode(want).expect("golden"), reply);
        }
    }
}
