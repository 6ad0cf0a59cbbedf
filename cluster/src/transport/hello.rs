//! Who talks to whom: the first frame in each direction. A connection to the wrong node, or to a node of another cluster, ends
//! here and says what is wrong; so does one on which what is said of a node is not what was proved.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError};
use crate::members::NodeId;
use crate::network::Proof;

/// What a connection is for. Each has one of its own, so that none waits behind another. A word of the wire: only added to, at the
/// end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// Entries.
    Append,
    /// Votes and heartbeats.
    Vote,
    /// Snapshots.
    Snapshot,
    /// What is asked of a leader on behalf of those who asked here.
    Question,
}

/// What a node says of itself, in both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// The cluster that the node belongs to; none while it has not joined.
    pub(crate) cluster: Option<u128>,
    /// The node itself.
    pub(crate) node: Option<NodeId>,
    /// Whom it takes the other for; none where only the address is known.
    pub(crate) to: Option<NodeId>,
    /// What it wants.
    pub(crate) purpose: Purpose,
}

/// A greeting on the wire, version by version. Nobody knows yet who is there, so it is written in its oldest version.
#[derive(Serialize, Deserialize)]
enum GreetingMessage {
    V1 { cluster: Option<u128>, node: Option<NodeId>, to: Option<NodeId>, purpose: Purpose },
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    Cluster { ours: u128, theirs: u128 },
    Node { ours: Option<NodeId>, wanted: NodeId },
}

impl fmt::Display for Stranger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster { ours, theirs } => write!(
                out,
                "this node belongs to cluster {ours:032x} and the other to {theirs:032x}: one of them has the wrong \
                 data directory, or an address of another cluster"
            ),
            Self::Node { ours: Some(ours), wanted } => write!(
                out,
                "this is node {ours}, not node {wanted}: its data directory was replaced or its address given to another; \
                 remove node {wanted} if its data is gone"
            ),
            Self::Node { ours: None, wanted } => write!(
                out,
                "whoever is there belongs to no cluster yet and is not node {wanted}; if the data of node {wanted} is gone for \
                 good, remove it: boxctl remove {wanted}"
            ),
        }
    }
}

impl Greeting {
    pub(super) fn encode(&self) -> Bytes {
        let Self { cluster, node, to, purpose } = *self;
        Bytes::from(codec::encode(&GreetingMessage::V1 { cluster, node, to, purpose }))
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let GreetingMessage::V1 { cluster, node, to, purpose } = codec::decode(bytes)?;
        Ok(Self { cluster, node, to, purpose })
    }

    /// Whether what the greeting node says of itself is what it has proved; if not, what is wrong, with *it* for that node.
    pub(super) fn is_vouched_for(&self, proof: &Proof) -> Result<(), String> {
        match (proof, self.node) {
            // Who has no number yet may hold the certificate of one that it had, or is to have.
            (Proof::NotAsked, _) | (Proof::Newcomer | Proof::Node(_), None) => Ok(()),
            (Proof::Node(proved), Some(said)) if *proved == said => Ok(()),
            (Proof::Node(proved), Some(said)) => Err(format!(
                "it says that it is node {said}, and shows the certificate of node {proved}: give node {said} its own (boxctl certs \
                 node {said})"
            )),
            (Proof::Newcomer, Some(said)) => Err(format!(
                "it is node {said} by now, and shows the certificate of a newcomer: make it its own (boxctl certs node {said}), and \
                 put that in place of the files: they are read again while it waits"
            )),
            (Proof::InClear, _) => Err(
                "it speaks in clear, and here peers speak TLS: give it [listen.peer_tls] (boxctl certs); while a cluster changes to \
                 TLS, its nodes say listen.peer_speaks = \"both\""
                    .to_owned(),
            ),
            (Proof::Refused(why), _) => Err(why.clone()),
        }
    }

    /// Whether a node that greets like this may talk to one that is `us`.
    pub(super) fn check(&self, us: &Us) -> Result<(), Stranger> {
        if let (Some(theirs), Some(ours)) = (self.cluster, us.cluster())
            && theirs != ours
        {
            return Err(Stranger::Cluster { ours, theirs });
        }
        match self.to {
            Some(wanted) if us.node() != Some(wanted) => Err(Stranger::Node { ours: us.node(), wanted }),
            _ => Ok(()),
        }
    }

    /// Whether the greeting node takes this one, which is `us`, for a node of its cluster although it is not: by its number; a
    /// node that has no number yet by calling it at all.
    pub(crate) fn claims(&self, us: &Us) -> bool {
        let Some(theirs) = self.cluster else { return false };
        us.member.get().is_none_or(|us| us.cluster != theirs && self.to == Some(us.node))
    }
}

/// What this node is: nothing until it has founded or joined a cluster, and then the same for ever.
#[derive(Clone, Debug, Default)]
pub(crate) struct Us {
    member: Arc<OnceLock<Member>>,
}

/// A node of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) cluster: u128,
    pub(crate) node: NodeId,
}

impl Us {
    /// This node is a member from now on; another one it cannot become.
    pub(crate) fn become_member(&self, member: Member) {
        let now = self.member.get_or_init(|| member);
        assert_eq!(*now, member, "a node is one member all its life");
    }

    /// The cluster that it is a member of.
    pub(crate) fn cluster(&self) -> Option<u128> {
        self.member.get().map(|member| member.cluster)
    }

    fn node(&self) -> Option<NodeId> {
        self.member.get().map(|member| member.node)
    }

    /// How this node greets `to`.
    pub(super) fn greet(&self, to: Option<NodeId>, purpose: Purpose) -> Greeting {
        Greeting { cluster: self.cluster(), node: self.node(), to, purpose }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_node_of_the_right_cluster_is_talked_to() {
        let (us, new) = (Us::default(), Us::default());
        us.become_member(Member { cluster: 7, node: 2 });
        let (us, new) = (&us, &new);
        let rows = [
            (us, Some(7), Some(2), None),
            (us, Some(7), None, None),
            (us, None, None, None),
            (us, Some(8), Some(2), Some("cluster")),
            (us, Some(7), Some(3), Some("not node 3")),
            (new, None, None, None),
            (new, Some(7), Some(2), Some("no cluster yet")),
        ];
        for (us, cluster, to, refused) in rows {
            let greeting = Greeting { cluster, node: Some(1), to, purpose: Purpose::Vote };
            let found = greeting.check(us).err().map(|stranger| stranger.to_string());
            match refused {
                None => assert_eq!(found, None, "{greeting:?} to {us:?}"),
                Some(why) => assert!(found.is_some_and(|text| text.contains(why)), "{greeting:?} to {us:?}"),
            }
        }
    }

    #[test]
    fn what_a_node_says_of_itself_must_be_what_it_proves() {
        for (proof, node, refused) in [
            (Proof::NotAsked, Some(2), None),
            (Proof::NotAsked, None, None),
            (Proof::Node(2), Some(2), None),
            (Proof::Node(2), None, None),
            (Proof::Node(2), Some(3), Some("shows the certificate of node 2")),
            (Proof::Newcomer, None, None),
            (Proof::Newcomer, Some(3), Some("boxctl certs node 3")),
            (Proof::InClear, Some(2), Some("speaks in clear")),
            (Proof::InClear, None, Some("speaks in clear")),
            (Proof::Refused("not ours".to_owned()), None, Some("not ours")),
            (Proof::Refused("not ours".to_owned()), Some(2), Some("not ours")),
        ] {
            let greeting = Greeting { cluster: None, node, to: None, purpose: Purpose::Vote };
            let found = greeting.is_vouched_for(&proof).err();
            match refused {
                None => assert_eq!(found, None, "{proof:?} {node:?}"),
                Some(why) => assert!(found.is_some_and(|text| text.contains(why)), "{proof:?} {node:?}"),
            }
        }
    }

    #[test]
    fn who_takes_this_node_for_one_of_another_cluster_says_so_by_its_number() {
        let (us, new) = (Us::default(), Us::default());
        us.become_member(Member { cluster: 7, node: 2 });
        for (us, cluster, to, claims) in [
            (&us, Some(8), Some(2), true),
            (&us, Some(8), None, false),
            (&us, Some(8), Some(3), false),
            (&us, Some(7), Some(2), false),
            (&us, None, None, false),
            (&new, Some(8), Some(2), true),
            (&new, Some(8), None, true),
            (&new, None, None, false),
        ] {
            let greeting = Greeting { cluster, node: Some(1), to, purpose: Purpose::Vote };
            assert_eq!(greeting.claims(us), claims, "{greeting:?} to {us:?}");
        }
    }

    #[test]
    fn a_greeting_keeps_its_bytes() {
        let purposes = [Purpose::Append, Purpose::Vote, Purpose::Snapshot, Purpose::Question];
        for (number, purpose) in (0..).zip(purposes) {
            let greeting = Greeting { cluster: Some(7), node: Some(1), to: None, purpose };
            let want = [1, 0, 1, 7, 1, 1, 0, number];
            assert_eq!(greeting.encode().as_ref(), want);
            assert_eq!(Greeting::decode(&want).expect("golden"), greeting);
        }
    }
}
