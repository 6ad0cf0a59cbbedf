//! Replicas on some nodes and not on others: groups that open and close at run time.

use std::time::Duration;

use bytes::Bytes;
use cluster::{HandOver, NodeId};
use futures::FutureExt as _;
use storage::{Index, Store as _};

use super::command;
use super::peers::{Node, until, until_some};
use super::placement::{MOVED, PLACED, is_on, place};

/// Longer than an answer takes.
const WITHIN: Duration = Duration::from_secs(10);

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
    let first = Node::found(PLACED).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let all = [&first, &second, &third, &fourth];
    let numbers = all.map(|node| node.cluster.node());
    let [one, two, three, four] = numbers;
    propose(&all, 0..20).await;

    // From everywhere to three, whoever leads.
    place(&all, &[two, three, four]).await;
    until(|| is_on(&all, &[two, three, four])).await;
    assert!(first.cluster.group(MOVED).is_none() && first.cluster.has(MOVED));
    assert_eq!((first.cluster.count(), first.cluster.groups().len()), (2, 1));
    propose(&all, 20..40).await;
    assert_all_have(&all, 40).await;

    // Back to where it was, in the place of another; so often that whoever leads has gone too.
    for (round, gone) in (0..).zip([two, three, four, one]) {
        let stay: Vec<_> = numbers.into_iter().filter(|node| *node != gone).collect();
        place(&all, &stay).await;
        until(|| is_on(&all, &stay)).await;
        let begun = 40 + 10 * round;
        propose(&all, begun..begun + 10).await;
        assert_all_have(&all, begun + 10).await;
    }
    assert!(all.iter().all(|node| node.ended().is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_opened_again_has_no_replica_of_what_is_elsewhere_and_gets_one_by_snapshot() {
    let first = Node::found(PLACED).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let stay = [&first, &second, &third].map(|node| node.cluster.node());
    let back = [first.cluster.node(), second.cluster.node(), fourth.cluster.node()];
    let (kept, moved) = ([&first, &second, &third], fourth.cluster.node());
    propose(&kept, 0..40).await;
    place(&[&first, &second, &third, &fourth], &stay).await;
    until(|| is_on(&[&first, &second, &third, &fourth], &stay)).await;

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
    place(&all, &back).await;
    until(|| is_on(&all, &back)).await;
    assert_all_have(&all, 120).await;
    let resets = fourth.cluster.group(MOVED).map(|group| group.machine().resets());
    assert_eq!(resets, Some(1), "there was no log to follow");
}

/// Four nodes of which three have the replicas, and each of which answers what it is asked with its number before it.
async fn three_of_four() -> Vec<Node> {
    let first = Node::found(PLACED).await;
    let (second, third, fourth) = tokio::join!(first.join(), first.join(), first.join());
    first.votes_with(3).await;
    let nodes = vec![first, second, third, fourth];
    for node in &nodes {
        let name = Bytes::from(node.cluster.node().to_string());
        node.cluster.answer_with(Box::new(move |_group, question| {
            let answer = [name.as_ref(), b" ", question.as_ref()].concat();
            async move { Bytes::from(answer) }.boxed()
        }));
    }
    let all: Vec<_> = nodes.iter().collect();
    let members: Vec<_> = all.iter().take(3).map(|node| node.cluster.node()).collect();
    place(&all, &members).await;
    until(|| is_on(&all, &members)).await;
    nodes
}

/// The place among these of the node that leads the group, and in which term.
fn led(nodes: &[Node]) -> Option<(usize, u64)> {
    let term = |node: &Node| {
        let group = node.cluster.group(MOVED)?;
        group.leads().then(|| group.status().term)
    };
    nodes.iter().enumerate().find_map(|(place, node)| Some((place, term(node)?)))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_replica_asks_whoever_leads_by_now() {
    let nodes = three_of_four().await;
    let numbers: Vec<_> = nodes.iter().map(|node| node.cluster.node()).collect();
    let fourth = &nodes[3].cluster;
    // What is known may be as old as the last roll; who looks knows.
    let asks_leader = async |leader: NodeId| {
        let ask = async || {
            fourth.look_for_leaders().await;
            let asked = fourth.ask_elsewhere((MOVED, 0), Bytes::from("who"), WITHIN).await.ok();
            asked.filter(|(node, _answer)| *node == leader)
        };
        let (_node, answer) = until_some(ask).await;
        assert_eq!(answer, format!("{leader} who"));
        let asked = fourth.ask_node(leader, Bytes::from("you"), WITHIN).await;
        assert_eq!(asked.expect("it lives"), format!("{leader} you"));
    };
    let (place, term) = until_some(async || led(&nodes)).await;
    let leader = numbers[place];
    asks_leader(leader).await;
    let to = numbers[(place + 1) % 3];
    let wanted = HandOver { group: MOVED, to, leader, term };
    until_some(async || nodes[0].cluster.hand_over(wanted).await.ok()).await;
    asks_leader(to).await;
    for stranger in [numbers[3], 99] {
        assert!(
            fourth.ask_node(stranger, Bytes::new(), WITHIN).await.is_err(),
            "{stranger} is no other node"
        );
    }
    assert!(fourth.lacks_any() && !nodes[0].cluster.lacks_any());
    assert!(nodes.iter().all(|node| node.ended().is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leads_what_is_elsewhere_is_known_again_when_the_leader_has_died() {
    let mut nodes = three_of_four().await;
    let (place, _term) = until_some(async || led(&nodes)).await;
    let fourth = nodes.pop().expect("four");
    let dead = nodes.remove(place);
    let leader = dead.cluster.node();
    // Nobody looks: what the roll says is enough.
    let answered_by = async |wanted: &dyn Fn(NodeId) -> bool| {
        let ask = async || {
            let asked = fourth.cluster.ask_elsewhere((MOVED, 0), Bytes::from("who"), WITHIN).await.ok();
            asked.filter(|(node, _answer)| wanted(*node))
        };
        until_some(ask).await
    };
    answered_by(&|node| node == leader).await;
    dead.away(async || {
        let (node, _answer) = answered_by(&|node| node != leader).await;
        let (place, _term) = until_some(async || led(&nodes)).await;
        assert_eq!(nodes[place].cluster.node(), node);
    })
    .await;
}
