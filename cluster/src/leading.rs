//! Who leads which group, as leaders say themselves: for whoever has no replica of one, and has to ask another node.
//!
//! Every node says once a second what it leads (the roll), and at once when it is asked. Of two that say they lead a group the one of
//! the later term is believed. Who is asked and leads no more says so, and then everyone is asked again.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use parking_lot::Mutex;
use storage::GroupId;
use tokio::time::{Instant, sleep_until};

use crate::forming::Gate;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::placement::Seated;
use crate::requests::{LedGroup, Reply, Request};
use crate::transport::{Kind, Link, Purpose};

/// How long a node may take to say what it leads.
const ASK: Duration = Duration::from_millis(500);
/// From one time that everyone is asked to the next, however many wait for it.
const REST: Duration = Duration::from_millis(50);

/// Who is in each group, as its leader says.
pub(crate) type Seats = BTreeMap<GroupId, Seated>;

/// What leaders have said.
#[derive(Default)]
pub(crate) struct Leading {
    led: Mutex<Seats>,
    /// When everyone was asked last.
    looked: tokio::sync::Mutex<Option<Instant>>,
}

impl Leading {
    /// What a group's leader has said last; nothing where none ever has.
    pub(crate) fn of(&self, group: GroupId) -> Option<Seated> {
        self.led.lock().get(&group).cloned()
    }

    /// A node says that it leads these.
    pub(crate) fn note(&self, node: NodeId, led: Vec<LedGroup>) {
        let mut known = self.led.lock();
        for LedGroup { group, term, voters, members } in led {
            if known.get(&group).is_none_or(|known| known.term <= term) {
                known.insert(group, Seated { leader: node, term, voters, members });
            }
        }
    }

    /// All of it.
    pub(crate) fn into_seats(self) -> Seats {
        self.led.into_inner()
    }

    /// Asks everyone what they lead, unless somebody has begun to since this was called.
    pub(crate) async fn look<M: Machine>(&self, gate: &Gate<M>) {
        let came = Instant::now();
        let mut looked = self.looked.lock().await;
        if let Some(began) = *looked {
            if came <= began {
                return;
            }
            sleep_until(began + REST).await;
        }
        *looked = Some(Instant::now());
        self.note_others(gate, ASK).await;
    }

    /// Asks everyone what they lead.
    pub(crate) async fn note_others<M: Machine>(&self, gate: &Gate<M>, within: Duration) {
        let others = gate.group_zero.consensus().other_members();
        let ask = async |(node, link): (NodeId, Link)| Some((node, led_by(&link, within).await?));
        for (node, led) in join_all(others.into_iter().map(ask)).await.into_iter().flatten() {
            self.note(node, led);
        }
    }
}

/// What a node says that it leads, if it answers. One of a build before does not.
pub(crate) async fn led_by(link: &Link, within: Duration) -> Option<Vec<LedGroup>> {
    let answer = link.call(Kind::Forming, GroupId(0), Request::Leading.encode(), within).await.ok()?;
    let Ok(Reply::Leading(led)) = Reply::decode(&answer) else { return None };
    Some(led)
}

/// The way to whoever leads a group of which this node has no replica; at a later attempt, to the next of those who have one: whoever
/// led may be gone, and the others may answer all the same.
pub(crate) fn link_to<M: Machine>(
    gate: &Gate<M>,
    leading: &Leading,
    group: GroupId,
    attempt: usize,
) -> Option<(NodeId, Link)> {
    let known = leading.of(group);
    let leader = known.as_ref().map(|known| known.leader);
    let members = known.map(|known| known.members).or_else(|| gate.placed(group)).unwrap_or_default();
    let others = members.into_iter().filter(|node| Some(*node) != leader);
    let mut nodes: Vec<_> = leader.into_iter().chain(others).collect();
    let count = nodes.len().max(1);
    nodes.rotate_left(attempt % count);
    nodes.into_iter().find_map(|node| Some((node, link_to_node(gate, node)?)))
}

/// The way to another node of the cluster.
pub(crate) fn link_to_node<M: Machine>(gate: &Gate<M>, node: NodeId) -> Option<Link> {
    let nodes = gate.group_zero.members().nodes;
    let peer = nodes.get(&node).filter(|_peer| node != gate.identity.node)?;
    Some(gate.peers.link(node, &peer.address, Purpose::Question))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn of_two_leaders_the_one_of_the_later_term_is_believed() {
        let leading = Leading::default();
        let led = |group, term, members: &[NodeId]| LedGroup {
            group: GroupId(group),
            term,
            voters: members.iter().copied().collect(),
            members: members.iter().copied().collect(),
        };
        let known = |group| leading.of(GroupId(group)).map(|known| (known.leader, known.term));
        assert_eq!(known(1), None);
        for (node, term, want) in [(3, 5, (3, 5)), (2, 4, (3, 5)), (3, 5, (3, 5)), (2, 6, (2, 6))] {
            leading.note(node, vec![led(1, term, &[2, 3, 4]), led(2, 1, &[node])]);
            assert_eq!(known(1), Some(want), "{node} {term}");
        }
        let members = leading.of(GroupId(1)).map(|known| known.members);
        assert_eq!(members, Some(BTreeSet::from([2, 3, 4])));
    }
}
