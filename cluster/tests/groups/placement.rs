//! The record of placement: who may write it, and where it is found again.

use std::collections::BTreeSet;

use cluster::placement::Placement;
use cluster::{Level, NodeId, OperatorError};
use storage::{GroupId, Index, Store as _};

use super::peers::{Node, propose, until, until_some};

/// From here on there is a record.
pub(crate) const PLACED: Level = Level(6);
/// The group that moves: group 0 is everywhere.
pub(crate) const MOVED: GroupId = GroupId(1);

/// The record with this number, of one group beside group 0.
fn record(epoch: u64, voters: &[NodeId], replicas: &[NodeId]) -> Placement {
    let groups = [voters, replicas].map(|nodes| nodes.iter().copied().collect());
    Placement { epoch, replicas: 3, groups: groups.to_vec(), draining: BTreeSet::new() }
}

/// Writes it wherever group 0 is led.
async fn write(nodes: &[&Node], placement: &Placement) -> Result<(), OperatorError> {
    until_some(async || {
        let leader = nodes.iter().find(|node| node.group().leads())?;
        let written = leader.cluster.write_placement(placement.clone()).await;
        (!matches!(written, Err(OperatorError::Later(_)))).then_some(written)
    })
    .await
}

/// Places the replicas on these nodes, whatever there was before.
pub(crate) async fn place(nodes: &[&Node], replicas: &[NodeId]) {
    let epoch = nodes.iter().filter_map(|node| node.cluster.placement()).map(|record| record.epoch).max();
    let next = record(epoch.unwrap_or(0) + 1, &numbers(nodes), replicas);
    assert_eq!(write(nodes, &next).await, Ok(()));
}

async fn all_know(nodes: &[&Node], placement: &Placement) {
    until(|| nodes.iter().all(|node| node.cluster.placement().as_deref() == Some(placement))).await;
}

fn numbers(nodes: &[&Node]) -> Vec<NodeId> {
    nodes.iter().map(|node| node.cluster.node()).collect()
}

/// Whether the group is on these nodes, which all vote, and nowhere else. A node that is stopped while it gives one up has it still.
pub(crate) fn is_on(nodes: &[&Node], wanted: &[NodeId]) -> bool {
    let wanted: BTreeSet<NodeId> = wanted.iter().copied().collect();
    nodes.iter().all(|node| match node.cluster.group(MOVED) {
        None => !wanted.contains(&node.cluster.node()) && has_none(node),
        Some(group) => {
            let members = group.members();
            wanted.contains(&node.cluster.node())
                && members.voters == wanted
                && members.nodes.keys().copied().eq(wanted.iter().copied())
        }
    })
}

/// Whether nothing of the group is left on a node.
fn has_none(node: &Node) -> bool {
    node.cluster.group(MOVED).is_none() && node.store().log_bounds(MOVED).expect("readable").is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_record_follows_the_other_and_none_is_lost() {
    let first = Node::found(PLACED).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let all = [&first, &second, &third, &fourth];
    let [one, two, three, four] = numbers(&all)[..] else { panic!("there are four") };
    assert!(all.iter().all(|node| node.cluster.placement().is_none()), "every node has every group");

    // Whoever knows of no other before it writes the first, once.
    let begun = record(1, &[one, two, three, four], &[one, two, three]);
    assert_eq!(write(&all, &begun).await, Ok(()));
    all_know(&all, &begun).await;
    let late = write(&all, &record(1, &[one], &[two])).await;
    assert!(matches!(late, Err(OperatorError::Changed(_))), "{late:?}");
    let early = write(&all, &record(3, &[one], &[two])).await;
    assert!(matches!(early, Err(OperatorError::Changed(_))), "{early:?}");
    all_know(&all, &begun).await;
    until(|| is_on(&all, &[one, two, three])).await;
    assert!(all.iter().all(|node| node.group().members().nodes.len() == 4), "group 0 is everywhere");

    let moved = record(2, &[one, two, three, four], &[two, three, four]);
    assert_eq!(write(&all, &moved).await, Ok(()));
    all_know(&all, &moved).await;
    until(|| is_on(&all, &[two, three, four])).await;

    // It is saved, sent to whoever comes by snapshot, and is not written again by what is replayed.
    propose(&all, 0..100).await;
    let purged = async || {
        let leader = all.iter().find(|node| node.group().leads())?;
        leader.group().checkpoint().await.expect("a sound store");
        (Index(100) < leader.group().status().purged).then_some(())
    };
    until_some(purged).await;
    let fifth = until_some(async || {
        let leader = all.iter().find(|node| node.group().leads())?;
        leader.join_with(PLACED).await.ok()
    })
    .await;
    all_know(&[&fifth], &moved).await;
    assert_eq!(fifth.group().machine().resets(), 1, "there was no log to follow");
    let first = first.away(async || {}).await;
    all_know(&[&first], &moved).await;
    assert!(first.cluster.group(MOVED).is_none(), "it is elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_before_every_node_knows_what_it_is() {
    let first = Node::found(Level(5)).await;
    let second = first.join_with(PLACED).await.expect("it applies the level before too");
    first.votes_with(1).await;
    let placement = record(1, &[1], &[1]);
    let leader = until_some(async || [&first, &second].into_iter().find(|node| node.group().leads())).await;
    let refused = leader.cluster.write_placement(placement.clone()).await;
    assert!(matches!(refused, Err(OperatorError::Later(_))), "{refused:?}");
    let first = first.with(PLACED).await;
    let both = [&first, &second];
    until(|| both.iter().all(|node| node.cluster.level() == PLACED)).await;
    assert_eq!(write(&both, &record(1, &numbers(&both), &numbers(&both))).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_replica_while_it_was_down_starts_without() {
    let first = Node::found(PLACED).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let all = numbers(&[&first, &second, &third, &fourth]);
    let stay = [&first, &second, &third];
    // What only its log has nobody confirms to it ever again.
    propose(&[&first, &second, &third, &fourth], 0..20).await;
    let placement = record(1, &all, &numbers(&stay));
    let fourth = fourth
        .away(async || {
            assert_eq!(write(&stay, &placement).await, Ok(()));
            until(|| is_on(&stay, &numbers(&stay))).await;
        })
        .await;
    until(|| has_none(&fourth)).await;
    assert_eq!(fourth.ended(), None);

    // The same where it knew of the record, and was stopped before it could give the replica up.
    let back = record(2, &all, &[all[0], all[1], all[3]]);
    assert_eq!(write(&stay, &back).await, Ok(()));
    until(|| is_on(&[&first, &second, &third, &fourth], &[all[0], all[1], all[3]])).await;
    let gone = record(3, &all, &numbers(&stay));
    assert_eq!(write(&stay, &gone).await, Ok(()));
    all_know(&[&fourth], &gone).await;
    let fourth = fourth.away(async || until(|| is_on(&stay, &numbers(&stay))).await).await;
    until(|| has_none(&fourth)).await;
    assert_eq!(fourth.ended(), None);
}
