//! From one level of the rules to the next: when, and who cannot go along.

use std::sync::Arc;

use cluster::{Cluster, Error, Level, Options};
use parking_lot::Mutex;
use storage::{Index, Memory, Store};

use super::ledger::Ledger;
use super::peers::{Node, assert_all_have, listen, propose, until, until_some};
use super::{command, founder, group_of};

const OLD: Level = Level(1);
const NEW: Level = Level(2);

/// Everywhere, in every group.
async fn all_reach(nodes: &[&Node], level: Level) {
    let reached = |node: &&Node| node.cluster.groups().iter().all(|group| group.status().level == level);
    until(|| nodes.iter().all(reached)).await;
}

/// Whether all of `nodes` know which levels each of them applies.
async fn all_know(nodes: &[&Node], levels: &[Level]) {
    let known = |node: &Node| {
        let peers = node.cluster.members().nodes;
        nodes.iter().zip(levels).all(|(of, level)| peers[&of.cluster.node()].level == *level)
    };
    until(|| nodes.iter().all(|node| known(node))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_is_in_force_once_every_node_applies_it_and_for_good() {
    let first = Node::found(OLD).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..10).await;
    let third = third.with(NEW).await;
    let second = second.with(NEW).await;
    all_know(&[&first, &second, &third], &[OLD, NEW, NEW]).await;
    propose(&[&first, &second, &third], 10..30).await;
    all_reach(&[&first, &second, &third], OLD).await;
    let first = first.with(NEW).await;
    let all = [&first, &second, &third];
    all_reach(&all, NEW).await;
    propose(&all, 30..250).await;
    assert_all_have(&all, 250).await;
    for node in all {
        let level_of = |number| node.group().machine().level_of(&command(number));
        assert!(level_of(29).is_none_or(|level| level == OLD), "before the last node was upgraded");
        assert_eq!(level_of(30), Some(NEW));
    }

    // Neither a snapshot nor a restart takes it back.
    let purged = async || {
        first.group().checkpoint().await.expect("a sound store");
        (Index(0) < first.group().status().purged).then_some(())
    };
    until_some(purged).await;
    let fourth = first.join().await;
    all_reach(&[&fourth], NEW).await;
    assert_eq!(fourth.group().machine().resets(), 1, "there was no log to follow");
    let mut restarted = Vec::new();
    for node in [second, third, fourth] {
        let node = node.away(async || {}).await;
        assert_eq!(node.cluster.level(), NEW, "as soon as it is open");
        restarted.push(node);
    }
    let all: Vec<&Node> = restarted.iter().chain([&first]).collect();
    propose(&all, 250..260).await;
    assert_all_have(&all, 260).await;
}

#[tokio::test]
async fn a_cluster_begins_with_the_newest_level_of_its_founder() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let options = Options { level: NEW, ..founder(5) };
    let cluster =
        Cluster::open(options, store, |parts| Ok(Ledger::open(parts))).await.expect("a sound store");
    cluster.recover().await.expect("a single voter recovers");
    assert_eq!(cluster.groups().iter().map(|group| group.status().level).collect::<Vec<_>>(), [NEW; 5]);
}

#[tokio::test]
async fn a_node_that_is_alone_goes_to_the_next_level_when_it_is_upgraded() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    for (level, numbers) in [(OLD, 0..5), (NEW, 5..10), (Level(3), 10..15)] {
        let options = Options { level, ..founder(2) };
        let open = |parts| Ok(Ledger::open(parts));
        let cluster = Cluster::open(options, Arc::clone(&store), open).await.expect("a sound store");
        cluster.recover().await.expect("a single voter recovers");
        until(|| cluster.groups().iter().all(|group| group.status().level == level)).await;
        let (ledger, end) = (Arc::clone(group_of(&cluster, 0).machine()), numbers.end);
        numbers.for_each(|number| group_of(&cluster, 0).proposals().propose(command(number)));
        ledger.reached(end).await;
        assert_eq!(ledger.level_of(&command(end - 1)), Some(level));
        cluster.shutdown().await.expect("a sound store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_apply_the_level_in_force_is_told_what_to_do() {
    let first = Node::found(NEW).await;
    all_reach(&[&first], NEW).await;
    for (build, want) in [
        (OLD, "this node's build applies level 1 alone: upgrade this node first"),
        (
            Level(4),
            "applies levels 3 and 4: levels are gone through one by one: start a build that applies level 2",
        ),
    ] {
        let refused = first.join_with(build).await.map(drop).expect_err("it is not welcome");
        assert!(matches!(refused, Error::NotWelcome { .. }), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("the cluster is at level 2") && said.contains(want), "{said}");
    }
    first.join_with(Level(3)).await.expect("it applies the level before its newest");

    let (_address, store) = first.stop().await;
    for build in [OLD, Level(4)] {
        let options = Options { level: build, ..founder(2) };
        let opened =
            Cluster::open(options, Arc::<Memory>::clone(&store), |parts| Ok(Ledger::open(parts))).await;
        let error = opened.map(drop).expect_err("its own data are of a level that it does not apply");
        assert!(matches!(error, Error::Level { level: NEW, .. }), "{error}");
        assert!(error.to_string().ends_with("start one that applies level 2"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_a_level_that_a_build_does_not_apply_ends_it() {
    let first = Node::found(OLD).await;
    let (second, third) = tokio::join!(first.join_with(NEW), first.join_with(NEW));
    let (second, third) = (second.expect("a new store"), third.expect("a new store"));
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..5).await;
    assert_all_have(&[&third], 5).await;
    // It was known to apply the next level, and comes back with a build that does not.
    let (address, store) = third.stop().await;
    let first = first.with(NEW).await;
    all_reach(&[&first, &second], NEW).await;
    propose(&[&first, &second], 5..10).await;

    let failed: Arc<Mutex<Vec<String>>> = Arc::default();
    let on_fatal = {
        let failed = Arc::clone(&failed);
        Arc::new(move |error: &Error| failed.lock().push(error.to_string()))
    };
    let options = Options { peers: Some(listen(address).await), on_fatal, ..founder(2) };
    let cluster = Cluster::open(options, store, |parts| Ok(Ledger::open(parts))).await.expect("of level 1");
    let want = "is at level 2 of the rules at entry";
    until(|| failed.lock().iter().any(|said| said.contains("group 0") && said.contains(want))).await;
    assert_eq!(group_of(&cluster, 0).machine().level_of(&command(5)), None, "nothing was applied by guess");
    assert!(group_of(&cluster, 0).machine().commands().len() <= 5);
}
