//! A leader is handed over on purpose: because an operator says so, the node is about to stop, or its disk is nearly full.
//!
//! Whoever might lead next is asked first: a node that is silent, about to stop itself, or far behind would only keep everybody
//! waiting. Once the core has been told, this node proposes nothing more in its term: what still waits for a leader is asked of the
//! next one under the same key, and what is in the log already is the next one's to commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use storage::{GroupId, Room};
use tokio::time::timeout;

use crate::error::said;
use crate::group::Group;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::requests::{HandOver, Reply};
use crate::room;
use crate::status::Lead;
use crate::table::Table;
use crate::transport::{Kind, Link};

/// A node votes, or may be asked to lead, once it is not more entries behind than this: the others would wait for it otherwise.
pub(crate) const BEHIND_MAX: u64 = 1_000;
/// How long the others may take to say what room they have.
const ASK: Duration = Duration::from_millis(300);
/// How long another node may take to lead once it was asked to.
const LED: Duration = Duration::from_secs(1);
/// Groups that are handed over at the same time: each election is a few syncs on every node.
const AT_ONCE: usize = 16;
/// How long all groups of a node may take that is about to stop.
const ALL: Duration = Duration::from_secs(10);

/// The rooms of the other voters that might lead: of those that answer, and lack little. Who is about to stop does not say.
async fn rooms<M: Machine>(group: &Group<M>) -> BTreeMap<NodeId, Room> {
    let consensus = group.consensus();
    let has_nearly_all = |node| consensus.behind(node).is_some_and(|entries| entries <= BEHIND_MAX);
    let others = consensus.other_voters().into_iter().filter(|(node, _link)| has_nearly_all(*node));
    let ask = async |(node, link): (NodeId, Link)| Some((node, room_of(group, &link).await.ok()?));
    join_all(others.map(ask)).await.into_iter().flatten().collect()
}

async fn room_of<M: Machine>(group: &Group<M>, link: &Link) -> Result<Room, String> {
    let answer = link.call(Kind::Room, group.id(), Bytes::new(), ASK).await.map_err(said)?;
    room::decode(&answer).ok_or_else(|| "it has a later build, and says what this one cannot read".to_owned())
}

fn ample(rooms: &BTreeMap<NodeId, Room>) -> BTreeSet<NodeId> {
    rooms.iter().filter(|(_node, room)| **room == Room::Ample).map(|(node, _room)| *node).collect()
}

/// Lets another node lead a group, if one has room for everything: else nothing would be gained.
pub(crate) async fn to_one_with_room<M: Machine>(group: &Group<M>) {
    group.consensus().hand_over(ample(&rooms(group).await)).await;
}

/// Lets one of these nodes lead a group, if one has room for everything.
pub(crate) async fn to_one_of<M: Machine>(group: &Group<M>, nodes: &BTreeSet<NodeId>) {
    let mut to = ample(&rooms(group).await);
    to.retain(|node| nodes.contains(node));
    group.consensus().hand_over(to).await;
}

/// Lets other nodes lead, wherever this one does: those with room, if there are any.
pub(crate) async fn hand_all_over<M: Machine>(groups: &[Arc<Group<M>>]) {
    let hand = async |group: &Arc<Group<M>>| {
        let rooms = rooms(group).await;
        let with_room = ample(&rooms);
        let to = if with_room.is_empty() { rooms.into_keys().collect() } else { with_room };
        if to.is_empty() {
            return;
        }
        group.consensus().hand_over(to).await;
        group.consensus().another_leads(LED).await;
    };
    let led = stream::iter(groups.iter().filter(|group| group.leads()));
    if timeout(ALL, led.for_each_concurrent(AT_ONCE, hand)).await.is_err() {
        tracing::warn!(
            "not every group that this node leads could be handed over: the others elect a leader"
        );
    }
}

/// What this node makes of an operator's wish that another lead a group.
pub(crate) async fn decide<M: Machine>(own: NodeId, table: &Table<M>, wanted: &HandOver) -> Reply {
    let HandOver { group: number, to, .. } = *wanted;
    let Some(group) = table.get(number) else {
        return elsewhere(table, number);
    };
    let group = group.as_ref();
    let Some(Lead { term }) = group.consensus().lead() else {
        return match group.leader() {
            Some((leader, address)) if leader != own => Reply::Elsewhere(address),
            _ => Reply::Later(format!("group {number} has no leader now; ask again")),
        };
    };
    if own == to {
        return Reply::HandedOver { term, unanswered_ms: 0 };
    }
    if (own, term) != (wanted.leader, wanted.term) {
        return Reply::Changed(format!(
            "group {number} is led by node {own} in term {term}, not by node {} in term {}: look again",
            wanted.leader, wanted.term
        ));
    }
    match objection(group, to).await {
        Some(why) => Reply::Never(why),
        None => hand_over(group, to).await,
    }
}

/// What is said of a group that is not open here.
fn elsewhere<M: Machine>(table: &Table<M>, number: GroupId) -> Reply {
    if table.has(number) {
        Reply::Later(format!("this node has no replica of group {number}: ask one that has"))
    } else {
        Reply::Never(format!("there is no group {number}"))
    }
}

/// Why a node should not lead a group that this node leads, and what to do first.
async fn objection<M: Machine>(group: &Group<M>, to: NodeId) -> Option<String> {
    let number = group.id();
    let Some((_node, link)) = group.consensus().other_voters().into_iter().find(|(node, _link)| *node == to)
    else {
        return Some(format!("node {to} does not vote in group {number}: only who does can lead it"));
    };
    match room_of(group, &link).await {
        Err(why) => return Some(format!("node {to} does not answer, or is about to stop: {why}")),
        Ok(Room::Scarce | Room::Spent) => {
            return Some(format!("the disk of node {to} is nearly full: it would take nothing new"));
        }
        Ok(Room::Ample) => {}
    }
    let behind = group.consensus().behind(to);
    behind.filter(|entries| BEHIND_MAX < *entries).map(|entries| {
        format!(
            "node {to} lacks {entries} entries of group {number}: wait until it has caught up (boxctl status)"
        )
    })
}

async fn hand_over<M: Machine>(group: &Group<M>, to: NodeId) -> Reply {
    let since = group.consensus().hand_over(BTreeSet::from([to])).await;
    let number = group.id();
    match group.consensus().another_leads(LED).await {
        Some((leader, term)) if leader == to => {
            let unanswered = since.map_or(Duration::ZERO, |since| since.elapsed());
            let unanswered_ms = u64::try_from(unanswered.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(group = %number, to, term, unanswered_ms, "the leader was handed over");
            Reply::HandedOver { term, unanswered_ms }
        }
        Some((leader, _term)) => {
            Reply::Changed(format!("node {leader} leads group {number} now, and not node {to}: look again"))
        }
        None => Reply::Later(format!("node {to} does not lead group {number} yet; ask again")),
    }
}
