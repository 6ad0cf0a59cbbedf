//! What nodes know of each other, what they do without a quorum, and how one goes on alone.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Level, OperatorError, Survivor};
use storage::{Memory, Store};

use super::peers::{Node, assert_all_have, founds, free, propose, until};

const DAY_MS: u64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn every_node_knows_who_lives_who_lags_and_whose_clock_is_wrong() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..20).await;
    second.set_ahead(DAY_MS);
    let (ahead, dead) = (second.cluster.node(), third.cluster.node());
    let of = |node: &Node, other| node.cluster.sightings().remove(&other).unwrap_or_default();
    until(|| of(&first, ahead).is_skewed() && of(&third, ahead).is_skewed()).await;
    assert!(of(&first, ahead).ahead_ms.is_some_and(|ms| ms.unsigned_abs().abs_diff(DAY_MS) < 60_000));
    until(|| of(&second, 1).ahead_ms.is_some_and(|ms| ms < 0) && of(&second, dead).is_skewed()).await;
    until(|| [1, ahead, dead].iter().all(|node| of(&second, *node).behind == Some(0))).await;
    until(|| {
        let leading = [1, ahead, dead].map(|node| of(&third, node).leading.unwrap_or(0));
        leading.iter().sum::<u32>() == 2
    })
    .await;
    assert!(of(&first, dead).silent.is_none());
    drop(third.stop().await);
    until(|| of(&first, dead).silent.is_some() && of(&second, dead).silent.is_some()).await;
    assert_eq!(first.cluster.leaderless(), [], "two of three sell");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_left_leads_no_more_and_then_goes_on_alone_under_another_number() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..50).await;
    assert_all_have(&[&first, &second, &third], 50).await;
    let (left, other) = (second.cluster.node(), third.cluster.node());
    let refused = {
        drop(first.stop().await);
        // Nobody can tell yet that it is gone, but by asking.
        until(|| [&second, &third].iter().any(|node| node.cluster.groups()[0].leads())).await;
        second.cluster.remove(other).await
    };
    assert!(
        matches!(&refused, Err(OperatorError::Never(why)) if why.contains("boxctl remove 1")),
        "{refused:?}"
    );
    drop(third.stop().await);
    until(|| second.cluster.leaderless().len() == 2).await;
    assert!(second.cluster.groups().iter().all(|group| !group.leads() && group.status().leader.is_none()));
    assert!(Duration::ZERO < second.group().leaderless_for());

    let store = second.abandon().await;
    let open = |store: &Arc<Memory>| Survivor::find(Arc::<Memory>::clone(store) as Arc<dyn Store>);
    let survivor = open(&store).expect("it has everything");
    assert_eq!((survivor.node(), survivor.others()), (left, [1, other].into()));
    assert!(survivor.remains().iter().all(|remains| remains.votes && 0 < remains.last.0));
    for _repeated in 0..2 {
        open(&store).expect("as before").go_on_alone(9).await.expect("a sound store");
    }
    let alone = Node::open(Level::FIRST, founds(7), free(), store).await.expect("it is a cluster");
    assert_all_have(&[&alone], 50).await;
    propose(&[&alone], 50..60).await;
    assert_eq!(alone.cluster.members().nodes.into_keys().collect::<Vec<_>>(), [left]);
    let new = alone.join().await;
    alone.votes_with(1).await;
    assert_all_have(&[&alone, &new], 60).await;
}

#[tokio::test]
async fn who_belongs_to_no_cluster_goes_on_nowhere() {
    let error = Survivor::find(Arc::new(Memory::new())).map(drop).expect_err("it is empty");
    assert!(error.to_string().contains("it belongs to no cluster"), "{error}");
}
