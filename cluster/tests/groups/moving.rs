//! Replicas that move to where they should be while commands go on, and RG-8 meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use cluster::placement::Placement;
use cluster::{Level, NodeId, OperatorError, Replicas, Voters};
use storage::{GroupId, Store as _};

use super::command;
use super::peers::{Build, Node, until, until_some};

const BUILD: Build = Build { level: Level(6), groups: 5, replicas: Replicas::moved(3) };

fn others() -> impl Iterator<Item = GroupId> {
    (1..BUILD.groups).map(GroupId)
}

/// Who votes in a group by the last membership that anyone has applied.
fn last_voters(nodes: &[&Node], group: GroupId) -> Option<Voters> {
    let all = nodes.iter().filter_map(|node| node.cluster.group(group)).map(|group| group.voters());
    all.max_by_key(|voters| voters.index)
}

/// The last record that anyone knows.
fn last_record(nodes: &[&Node]) -> Option<Placement> {
    let all = nodes.iter().filter_map(|node| node.cluster.placement());
    all.max_by_key(|record| record.epoch).map(|record| Placement::clone(&record))
}

/// RG-8: of those who vote a quorum is named by the record, in each set where a change is under way, and whoever is named votes, but for one
/// newcomer. And of each group one index has one membership.
fn assert_placed(nodes: &[&Node], seen: &mut BTreeMap<(GroupId, u64), Voters>) {
    let record = last_record(nodes);
    for group in others() {
        for voters in nodes.iter().filter_map(|node| node.cluster.group(group)).map(|group| group.voters()) {
            if voters.sets.is_empty() {
                continue;
            }
            let known = seen.entry((group, voters.index.0)).or_insert_with(|| voters.clone());
            assert_eq!(*known, voters, "{group}");
        }
        let voters = last_voters(nodes, group);
        // What is judged was so at one moment.
        let (Some(record), Some(voters)) = (&record, voters) else { continue };
        if last_record(nodes).as_ref() != Some(record) {
            return;
        }
        let named = record.of(group).expect("it is placed");
        assert!(
            record.is_kept(group, &voters.sets),
            "RG-8: {group}: {named:?}, and {voters:?} vote, {record:?}"
        );
    }
}

/// Whether every group is on three nodes, as the record says, none on these, and no node has two more than another.
fn is_spread(nodes: &[&Node], without: &[NodeId]) -> bool {
    let Some(record) = last_record(nodes) else { return false };
    let takers: BTreeSet<NodeId> =
        nodes.iter().map(|node| node.cluster.node()).filter(|node| !without.contains(node)).collect();
    let is_settled = |group: GroupId| {
        let named = record.of(group).expect("it is placed");
        let is_there = |node: &&Node| match node.cluster.group(group) {
            None => {
                let is_empty = node.store().log_bounds(group).expect("readable").is_none();
                !named.contains(&node.cluster.node()) && is_empty
            }
            Some(open) => {
                let members = open.members();
                named.contains(&node.cluster.node())
                    && members.voters == *named
                    && members.nodes.len() == named.len()
            }
        };
        named.len() == 3 && named.is_subset(&takers) && nodes.iter().all(is_there)
    };
    let loads = takers.iter().map(|node| record.groups.iter().filter(|named| named.contains(node)).count());
    let loads: Vec<_> = loads.collect();
    let voters = &record.groups[0];
    let is_seated = nodes.iter().all(|node| node.group().members().voters == *voters);
    others().all(is_settled)
        && is_seated
        && voters.len() == 5.min(takers.len())
        && loads.iter().max() <= loads.iter().min().map(|least| least + 1).as_ref()
}

/// One command in every group, wherever it is led. One of which nobody knows what became of it may be there twice.
async fn propose(nodes: &[&Node], number: usize) {
    for group in others() {
        let attempt = async || {
            let open = nodes.iter().filter_map(|node| node.cluster.group(group)).find(|open| open.leads())?;
            let ledger = open.machine();
            if ledger.has(&command(number)) {
                return Some(());
            }
            let (count, lost) = (ledger.commands().len(), ledger.lost());
            open.proposals().propose(command(number));
            tokio::select! {
                () = ledger.reached(count + 1) => ledger.has(&command(number)).then_some(()),
                _fate = ledger.lost_more_than(lost) => None,
            }
        };
        until_some(attempt).await;
    }
}

/// Commands go on until it is so; the number of the next.
async fn go_on(
    nodes: &[&Node],
    mut number: usize,
    seen: &mut BTreeMap<(GroupId, u64), Voters>,
    is_so: impl Fn() -> bool,
) -> usize {
    let begun = number;
    while !is_so() {
        assert!(number < begun + 20_000, "it does not come to rest: {:?}", last_record(nodes));
        propose(nodes, number).await;
        number += 1;
        assert_placed(nodes, seen);
        let mut looks = 0..2;
        until(|| looks.next() == Some(1)).await;
    }
    number
}

/// What an operator asks of whoever leads group 0.
async fn drain(nodes: &[&Node], node: NodeId, drains: bool) -> Result<(), OperatorError> {
    until_some(async || {
        let asked = nodes[0].cluster.drain(node, drains).await;
        (!matches!(asked, Err(OperatorError::Later(_) | OperatorError::Changed(_)))).then_some(asked)
    })
    .await
}

/// None is lost, wherever there is a replica.
async fn assert_all_have(nodes: &[&Node], count: usize) {
    for group in nodes.iter().flat_map(|node| others().filter_map(|group| node.cluster.group(group))) {
        until(|| (0..count).all(|number| group.machine().has(&command(number)))).await;
        assert!(group.machine().is_in_time(), "RG-4: stamps never go back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_move_to_nodes_that_come_and_from_those_that_are_emptied() {
    let mut seen = BTreeMap::new();
    let first = Node::found(BUILD).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    assert_eq!(first.cluster.placement(), None, "every node has every group");
    let three = [&first, &second, &third];
    propose(&three, 0).await;
    let refused = drain(&three, third.cluster.node(), true).await;
    assert!(matches!(refused, Err(OperatorError::Never(_))), "{refused:?}");

    let (fourth, fifth, sixth) = tokio::join!(first.join(), first.join(), first.join());
    let all = [&first, &second, &third, &fourth, &fifth, &sixth];
    let mut next = go_on(&all, 1, &mut seen, || is_spread(&all, &[])).await;
    assert_all_have(&all, next).await;

    let gone = second.cluster.node();
    assert_eq!(drain(&all, gone, true).await, Ok(()));
    next = go_on(&all, next, &mut seen, || is_spread(&all, &[gone])).await;
    assert_eq!(second.cluster.replicas_on(gone).await, 0);
    assert_eq!(second.cluster.groups().len(), 1, "it has group 0, as every node");
    assert_eq!(drain(&all, gone, false).await, Ok(()));
    next = go_on(&all, next, &mut seen, || is_spread(&all, &[])).await;
    assert_all_have(&all, next).await;
    assert!(all.iter().all(|node| node.ended().is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ends_in_the_middle_of_a_move_is_gone_on_after() {
    let mut seen = BTreeMap::new();
    let first = Node::found(BUILD).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    let mut all = vec![first, second, third, fourth];
    let mut next = 0;
    for round in 0..4 {
        let nodes: Vec<&Node> = all.iter().collect();
        let emptied = nodes[round].cluster.node();
        next = go_on(&nodes, next, &mut seen, || is_spread(&nodes, &[])).await;
        assert_eq!(drain(&nodes, emptied, true).await, Ok(()));
        // Whoever leads group 0 moves replicas, and is stopped as soon as something moves.
        let is_under_way = || !is_spread(&nodes, &[]) && !is_spread(&nodes, &[emptied]);
        until(is_under_way).await;
        let mover = until_some(async || nodes.iter().position(|node| node.group().leads())).await;
        let stopped = all.remove(mover);
        let nodes: Vec<&Node> = all.iter().collect();
        let stopped = stopped
            .away(async || {
                for _ in 0..20 {
                    propose(&nodes, next).await;
                    next += 1;
                }
            })
            .await;
        all.insert(mover, stopped);
        let nodes: Vec<&Node> = all.iter().collect();
        next = go_on(&nodes, next, &mut seen, || is_spread(&nodes, &[emptied])).await;
        assert_eq!(drain(&nodes, emptied, false).await, Ok(()));
        assert_all_have(&nodes, next).await;
    }
    assert!(all.iter().all(|node| node.ended().is_none()));
}
