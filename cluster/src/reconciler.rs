//! Makes the members of every group those that are to have a replica of it: the nodes of group 0, which are those of the cluster, or as
//! many of them as are named where replicas are placed. Of group 0 itself every node is a member, and those that are named vote. The
//! leader of a group does so for the group, one change after the other. It has no memory but the members themselves, so whoever leads
//! next goes on where this one was.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use storage::GroupId;

use crate::error::said;
use crate::forming::Gate;
use crate::group::Group;
use crate::handing::{self, BEHIND_MAX};
use crate::machine::Machine;
use crate::members::{Members, NodeId};
use crate::options::MoveBug;
use crate::placement::PLACED;
use crate::quorum;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(200);

/// Reconciles the groups that this node leads, for ever.
pub(crate) async fn reconcile<M: Machine>(gate: Arc<Gate<M>>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        for group in gate.table.open().iter().filter(|group| group.leads()) {
            if let Err(why) = change(&gate, group).await {
                tracing::debug!(group = %group.id(), why, "the group's members cannot be changed now");
            }
        }
    }
}

/// Makes the next change of members that a group needs, if it needs one: changes are made one by one.
async fn change<M: Machine>(gate: &Gate<M>, group: &Group<M>) -> Result<(), String> {
    let (all, have) = (gate.group_zero.members(), group.members());
    let is_group_zero = group.id() == GroupId(0);
    let placed = placed(gate, group.id(), &all, &have);
    let is_wanted = |node: &NodeId| placed.as_ref().is_none_or(|placed| placed.contains(node));
    let mut missing = all.nodes.iter().filter(|(node, peer)| match have.nodes.get(node) {
        None => is_wanted(node),
        Some(known) => known != *peer,
    });
    if let Some((node, peer)) = missing.next() {
        if !have.nodes.contains_key(node) {
            check_placed(gate, group.id(), &all, &have, placed.as_ref()).await?;
        }
        tracing::info!(group = %group.id(), node, ?peer, "a node comes in");
        return group.consensus().admit(*node, peer).await;
    }
    if let Some(gone) = have.nodes.keys().find(|node| !all.nodes.contains_key(node)) {
        // This replica of group 0 may be behind, and not know who has come: then nobody is sent away.
        gate.group_zero.read_index().await.map_err(said)?;
        if !gate.group_zero.members().nodes.contains_key(gone) {
            return dismiss(group, *gone).await;
        }
    }
    let caught_up = |node: &NodeId| {
        // In another's place comes only who has something, however little there is.
        let has_begun = placed.is_none() || group.consensus().has_begun(*node);
        has_begun && group.consensus().behind(*node).is_some_and(|entries| entries <= BEHIND_MAX)
    };
    let follows = |node: &&NodeId| !have.voters.contains(node) && is_wanted(node);
    let ready = have.nodes.keys().filter(follows).find(|node| caught_up(node)).copied();
    let Some(placed) = placed else {
        return match ready {
            Some(node) => promote(group, node).await,
            None => Ok(()),
        };
    };
    // Every node follows group 0: there only a vote can be too much.
    let has = if is_group_zero { have.voters.clone() } else { have.nodes.keys().copied().collect() };
    let surplus: BTreeSet<NodeId> = has.difference(&placed).copied().collect();
    if ready.is_none() && surplus.is_empty() {
        return Ok(());
    }
    check_placed(gate, group.id(), &all, &have, Some(&placed)).await?;
    let goes_first = gate.replicas.has(MoveBug::OldGoesFirst) && !surplus.is_empty();
    let is_whole = goes_first || placed.iter().all(|node| have.voters.contains(node));
    let ready = ready.filter(|_node| !goes_first);
    let change = Places { placed, surplus, ready, is_whole, all_follow: is_group_zero };
    relieve(gate.identity.node, group, &have, change).await
}

/// Who is to have a replica of a group, or to vote in group 0; none where all nodes are to.
fn placed<M: Machine>(
    gate: &Gate<M>,
    group: GroupId,
    all: &Members,
    have: &Members,
) -> Option<BTreeSet<NodeId>> {
    let record = gate.group_zero.placement().borrow().clone();
    let named = match record {
        Some(record) => record.of(group).cloned(),
        None if group == GroupId(0) => None,
        None => {
            // A record is about to say who has which: until then as many have one as are wanted.
            let more = all.nodes.keys().filter(|node| !have.nodes.contains_key(node));
            let lacks = gate.replicas.each.saturating_sub(have.nodes.len());
            awaits_record(gate, all).then(|| have.nodes.keys().chain(more.take(lacks)).copied().collect())
        }
    };
    // One that was removed from the cluster is nowhere, whoever named it. Where nobody is left of those that are named, nobody goes.
    let named = named.map(|mut named| {
        named.retain(|node| all.nodes.contains_key(node));
        named
    });
    named.filter(|named| !named.is_empty())
}

/// Whether there are more nodes than replicas are wanted, and no record says yet who has which.
fn awaits_record<M: Machine>(gate: &Gate<M>, all: &Members) -> bool {
    let is_known = gate.group_zero.consensus().level_applied().is_some_and(|level| PLACED <= level);
    is_known && gate.replicas.are_moved() && gate.replicas.each < all.nodes.len()
}

/// Refuses to go by a record that is not the last: this replica of group 0 may be behind.
async fn check_placed<M: Machine>(
    gate: &Gate<M>,
    group: GroupId,
    all: &Members,
    have: &Members,
    placed: Option<&BTreeSet<NodeId>>,
) -> Result<(), String> {
    let Some(went_by) = placed else { return Ok(()) };
    gate.group_zero.read_index().await.map_err(said)?;
    if self::placed(gate, group, all, have).as_ref() == Some(went_by) {
        return Ok(());
    }
    Err("where replicas are to be has changed meanwhile".to_owned())
}

/// Where replicas of a group are to be, and where it is otherwise.
struct Places {
    placed: BTreeSet<NodeId>,
    /// Who has one and is not to.
    surplus: BTreeSet<NodeId>,
    /// Who is to vote, and has caught up.
    ready: Option<NodeId>,
    /// Whether everyone who is to vote does.
    is_whole: bool,
    /// Whether those that do not vote follow all the same.
    all_follow: bool,
}

/// Gives the vote of a node that is to go to one that has come, or makes the next change without the one or the other. Nobody goes
/// before somebody has come for them, or all have.
async fn relieve<M: Machine>(
    own: NodeId,
    group: &Group<M>,
    have: &Members,
    places: Places,
) -> Result<(), String> {
    let Places { placed, surplus, ready, is_whole, all_follow } = places;
    if let Some(follower) = surplus.iter().find(|node| !have.voters.contains(node)) {
        return dismiss(group, *follower).await;
    }
    // This node itself goes last, and leads no more by then.
    let others = surplus.iter().copied().filter(|node| *node != own);
    let old = others.chain(surplus.get(&own).copied()).next();
    match (ready, old) {
        (Some(new), Some(old)) if old != own => {
            quorum::without(group.consensus(), old).await?;
            tracing::info!(group = %group.id(), old, new, "a node votes in the place of another");
            group.consensus().replace(old, new).await
        }
        (Some(new), None) => promote(group, new).await,
        (None, Some(old)) if is_whole && old != own && all_follow => unseat(group, old).await,
        (None, Some(old)) if is_whole && old != own => dismiss(group, old).await,
        (ready, Some(_own)) if is_whole || ready.is_some() => {
            let next = placed.intersection(&have.voters).copied().collect::<BTreeSet<_>>();
            if let (Some(new), true) = (ready, next.is_empty()) {
                // Nobody else that is to stay has a vote.
                return promote(group, new).await;
            }
            handing::to_one_of(group, &next).await;
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn promote<M: Machine>(group: &Group<M>, node: NodeId) -> Result<(), String> {
    tracing::info!(group = %group.id(), node, "a node votes");
    group.consensus().promote(node).await
}

async fn dismiss<M: Machine>(group: &Group<M>, node: NodeId) -> Result<(), String> {
    quorum::without(group.consensus(), node).await?;
    tracing::info!(group = %group.id(), node, "a node leaves");
    group.consensus().dismiss(node).await
}

/// Takes a node's vote in group 0 away: it follows, as every node does.
async fn unseat<M: Machine>(group: &Group<M>, node: NodeId) -> Result<(), String> {
    quorum::without(group.consensus(), node).await?;
    tracing::info!(group = %group.id(), node, "a node votes no longer");
    group.consensus().unseat(node).await
}
