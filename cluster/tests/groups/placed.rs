//! Replicas on some nodes and not on others: groups that open and close at run time.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use cluster::{Level, NodeId};
use storage::{GroupId, Index, Store as _};

use super::command;
use super::peers::{Node, until, until_some};

/// The group that moves: the members of the other are the nodes of the cluster.
const MOVED: GroupId = GroupId(1);

/// Tells every node that these are to have the replicas.
fn place(nodes: &[&Node], wanted: &[NodeId]) {
    let groups = BTreeMap::from([(MOVED, wanted.iter().copied().collect::<BTreeSet<_>>())]);
    for node in nodes {
        node.cluster.place(groups.clone());
    }
}

/// Whether the replicas are on these nodes, which all vote, and nowhere else. A node that is stopped while it gives one up has it still.
fn is_placed(nodes: &[&Node], wanted: &[NodeId]) -> bool {
    let wanted: BTreeSet<NodeId> = wanted.iter().copied().collect();
    nodes.iter().all(|node| match node.cluster.group(MOVED) {
        None => {
            let has_none = node.store().log_bounds(MOVED).expect("readable").is_none();
            !wanted.contains(&node.cluster.node()) && has_none
        }
        Some(group) => {
            let members = group.members();
            wanted.contains(&node.cluster.node())
                && members.voters == wanted
                && members.nodes.len() == wanted.len()
        }
    })
}

/// One command after the other, wherever the group is led.
async fn propose(nodes: &[&Node], numbers: std::ops::Range<usize>) {
    for number in numbers {
        let attempt = async || {
            let group =
                nodes.iter().filter_map(|node| node.cluster.group(MOVED)).find(|group| group.leads())?;
            let lost = group.machine().lost();
            group.proposals().propose(command(number));
            tokio::select! {
                () = group.machine().reached(number + 1) => Some(()),
                _fate = group.machine().lost_more_than(lost) => None,
            }
        };
        until_some(attempt).await;
    }
}

/// Each once and in order, wherever there is a replica.
async fn assert_all_have(nodes: &[&Node], count: usize) {
    let want: Vec<Bytes> = (0..count).map(command).collect();
    for group in nodes.iter().filter_map(|node| node.cluster.group(MOVED)) {
        group.machine().reached(count).await;
        assert_eq!(group.machine().commands(), want);
        assert!(group.machine().is_in_time(), "RG-4: stamps never go back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_moves_from_node_to_node_and_leaves_nothing_behind() {
    let first = Node::found(Level::FIRST).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let all = [&first, &second, &third, &fourth];
    let numbers = all.map(|node| node.cluster.node());
    let [one, two, three, four] = numbers;
    propose(&all, 0..20).await;

    // From everywhere to three, whoever leads.
    place(&all, &[two, three, four]);
    until(|| is_placed(&all, &[two, three, four])).await;
    assert!(first.cluster.group(MOVED).is_none() && first.cluster.has(MOVED));
    assert_eq!((first.cluster.count(), first.cluster.groups().len()), (2, 1));
    propose(&all, 20..40).await;
    assert_all_have(&all, 40).await;

    // Back to where it was, in the place of another; so often that whoever leads has gone too.
    for (round, gone) in (0..).zip([two, three, four, one]) {
        let stay: Vec<_> = numbers.into_iter().filter(|node| *node != gone).collect();
        place(&all, &stay);
        until(|| is_placed(&all, &stay)).await;
        let begun = 40 + 10 * round;
        propose(&all, begun..begun + 10).await;
        assert_all_have(&all, begun + 10).await;
    }
    assert!(all.iter().all(|node| node.ended().is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_opened_again_has_no_replica_of_what_is_elsewhere_and_gets_one_by_snapshot() {
    let first = Node::found(Level::FIRST).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let stay = [&first, &second, &third].map(|node| node.cluster.node());
    let back = [first.cluster.node(), second.cluster.node(), fourth.cluster.node()];
    let (kept, moved) = ([&first, &second, &third], fourth.cluster.node());
    propose(&kept, 0..40).await;
    place(&[&first, &second, &third, &fourth], &stay);
    until(|| is_placed(&[&first, &second, &third, &fourth], &stay)).await;

    let fourth = fourth
        .away(async || {
            propose(&kept, 40..120).await;
            let purged = async || {
                let group =
                    kept.iter().filter_map(|node| node.cluster.group(MOVED)).find(|group| group.leads())?;
                group.checkpoint().await.expect("a sound store");
                (Index(60) < group.status().purged).then_some(())
            };
            until_some(purged).await;
        })
        .await;
    assert_eq!(fourth.cluster.node(), moved);
    assert!(fourth.cluster.group(MOVED).is_none(), "it is elsewhere");
    assert_eq!(fourth.store().scan(MOVED, &[], &[], 1).expect("readable"), [], "nothing was left");

    let all = [&first, &second, &third, &fourth];
    place(&all, &back);
    until(|| is_placed(&all, &back)).await;
    assert_all_have(&all, 120).await;
    let resets = fourth.cluster.group(MOVED).map(|group| group.machine().resets());
    assert_eq!(resets, Some(1), "there was no log to follow");
}
