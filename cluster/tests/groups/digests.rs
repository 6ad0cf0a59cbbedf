//! Replicas that are compared by their digests (RG-5).

use cluster::{Level, Mismatch};

use super::peers::{Node, assert_all_have, propose, until};

/// How many digests of its peers a node has compared, over all groups.
fn compared(node: &Node) -> u64 {
    node.cluster.groups().iter().map(|group| group.comparisons().compared).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_replicas_are_compared_and_a_replica_that_lies_is_found() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    let all = [&first, &second, &third];
    propose(&all, 0..40).await;
    assert_all_have(&all, 40).await;
    until(|| all.iter().all(|node| 2 <= compared(node))).await;
    for node in all {
        assert_eq!(node.cluster.mismatches(), [], "they are equal");
    }

    third.group().machine().lie();
    propose(&all, 40..80).await;
    let liar = third.cluster.node();
    for honest in [&first, &second] {
        until(|| !honest.cluster.mismatches().is_empty()).await;
        let mismatches = honest.cluster.mismatches();
        assert!(mismatches.iter().all(|mismatch| mismatch.peer == liar), "{mismatches:?}");
    }
    until(|| third.cluster.mismatches().len() == 2).await;
    let Mismatch { group, index, digest, peer_digest, .. } = third.cluster.mismatches()[0];
    assert_eq!(group, third.group().id());
    assert!(index.0.is_multiple_of(8) && digest != peer_digest, "{index} {digest} {peer_digest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_was_away_or_was_sent_a_snapshot_is_no_liar() {
    let first = Node::found(Level::FIRST).await;
    propose(&[&first], 0..100).await;
    first.group().checkpoint().await.expect("a sound store");
    let second = first.join().await;
    first.votes_with(1).await;
    propose(&[&first, &second], 100..150).await;
    let second = second.away(async || ()).await;
    let all = [&first, &second];
    propose(&all, 150..200).await;
    assert_all_have(&all, 200).await;
    until(|| 0 < compared(&first) && 0 < compared(&second)).await;
    for node in all {
        assert_eq!(node.cluster.mismatches(), [], "what is not known is not compared");
    }
}
