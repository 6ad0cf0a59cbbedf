//! One cluster only: a founder that lost its disk founds no second one, and data that were copied do not vote twice.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cluster::{Level, Start};
use storage::Memory;
use tokio::join;

use super::peers::{Node, assert_all_have, founds, free, listen, propose, refusal, until};

/// For how long a founder listens here, where whoever calls does so many times in it.
const LISTENS: Duration = Duration::from_secs(1);
const DAY_MS: u64 = 86_400_000;

/// Where a node was that was stopped, and its data.
type Stopped = (SocketAddr, Arc<Memory>);

/// How a founder is told to start that can name these.
fn may_found(peers: &[SocketAddr]) -> Start {
    let peers = peers.iter().map(SocketAddr::to_string).collect();
    Start::Found { cluster: 9, peers, listens: LISTENS }
}

fn empty() -> Arc<Memory> {
    Arc::new(Memory::new())
}

/// An address that nobody listens on.
async fn vacant() -> SocketAddr {
    listen(free()).await.address()
}

/// Where the founder of a cluster was whose data is gone, and the two others.
async fn bereaved() -> (SocketAddr, Node, Node) {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..10).await;
    let (address, _its_data) = first.stop().await;
    (address, second, third)
}

/// The two others, with their own data, told to join what is at `founder`.
async fn start_again(founder: SocketAddr, (second, third): (Stopped, Stopped)) -> [Node; 2] {
    let open = |(address, store)| {
        let join = Start::Join { seeds: vec![founder.to_string()] };
        Node::open(Level::FIRST, join, address, store)
    };
    let (second, third) = join!(open(second), open(third));
    [second.expect("its own data"), third.expect("its own data")]
}

/// The founder starts without its data, and nobody is there whom it could not find. Why it does not.
async fn refused(start: Start, address: SocketAddr, store: &Arc<Memory>) -> String {
    let opened = Node::open(Level::FIRST, start, address, Arc::clone(store)).await;
    opened.map(drop).expect_err("there is a cluster already").to_string()
}

/// Whether one of these knows that node 1 is not where it was.
fn miss_the_founder(nodes: &[&Node]) -> bool {
    nodes.iter().any(|node| node.cluster.misplaced().contains_key(&1))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_founder_without_its_data_founds_nothing_while_others_call_it() {
    let (address, second, third) = bereaved().await;
    let store = empty();
    for attempt in 0..2 {
        let said = refused(may_found(&[]), address, &store).await;
        assert!(said.contains("knows it as node 1"), "{attempt}: {said}");
        assert!(said.contains("boxctl remove 1"), "{attempt}: it says what to do: {said}");
    }
    until(|| miss_the_founder(&[&second, &third])).await;
    propose(&[&second, &third], 10..20).await;

    second.cluster.remove(1).await.expect("a quorum is left");
    let new = Node::open(Level::FIRST, second.seed(), address, store).await.expect("a new node");
    assert_ne!(new.cluster.node(), 1, "numbers are not used again");
    second.votes_with(2).await;
    let all = [&second, &third, &new];
    propose(&all, 20..30).await;
    assert_all_have(&all, 30).await;
    until(|| !miss_the_founder(&all)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_founder_without_its_data_joins_the_cluster_of_a_peer_that_it_can_name() {
    let (address, second, third) = bereaved().await;
    let named = [vacant().await, second.address];
    let store = empty();
    let said = refused(may_found(&named), address, &store).await;
    assert!(said.contains(&format!("{address} is the address of node 1")), "{said}");
    assert!(said.contains("boxctl remove 1"), "it says what to do: {said}");

    third.cluster.remove(1).await.expect("a quorum is left");
    let new = Node::open(Level::FIRST, may_found(&named), address, store).await.expect("a new node");
    assert_ne!(new.cluster.node(), 1, "it is another");
    second.votes_with(2).await;
    let all = [&second, &third, &new];
    propose(&all, 10..20).await;
    assert_all_have(&all, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_founder_needs_nobody_and_its_peers_may_come_at_once_or_later() {
    let (address, waits) = (vacant().await, vacant().await);
    let named = [vacant().await, waits, address];
    let join = Start::Join { seeds: vec![address.to_string()] };
    let (first, second) = join!(
        Node::open(Level::FIRST, may_found(&named), address, empty()),
        Node::open(Level::FIRST, join, waits, empty()),
    );
    let (first, second) = (first.expect("it founds"), second.expect("it joins"));
    assert_eq!(first.cluster.node(), 1, "it has founded");
    first.votes_with(1).await;
    propose(&[&first, &second], 0..10).await;
    assert_all_have(&[&first, &second], 10).await;
    assert_eq!([first.ended(), second.ended()], [None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_found_at_once_and_know_each_other_one_cluster_is_left_at_most() {
    let addresses = [vacant().await, vacant().await];
    let found = |place: usize| {
        let start = Start::Found {
            cluster: 20 + place as u128,
            peers: vec![addresses[1 - place].to_string()],
            listens: LISTENS,
        };
        Node::open(Level::FIRST, start, addresses[place], empty())
    };
    let (one, other) = join!(found(0), found(1));
    let (one, other) = (one.expect("a new store"), other.expect("a new store"));
    let joined = || one.cluster.members().nodes.len() == 2 && other.cluster.members().nodes.len() == 2;
    until(|| joined() || one.ended().is_some() || other.ended().is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_founded_while_nobody_could_call_gives_way() {
    let (address, second, third) = bereaved().await;
    let others = join!(second.stop(), third.stop());
    let store = empty();
    let lost = Node::open(Level::FIRST, founds(9), address, Arc::clone(&store)).await.expect("nobody calls");
    let [second, third] = start_again(address, others).await;
    until(|| lost.ended().is_some()).await;
    let said = lost.ended().unwrap_or_default();
    assert!(said.contains("knows it as node 1") && said.contains("boxctl remove 1"), "{said}");
    // Whoever starts processes that ended starts it again.
    let (address, store) = lost.stop().await;
    for named in [&[][..], &[second.address]] {
        let said = refused(may_found(named), address, &store).await;
        assert!(said.contains("founds no cluster"), "{named:?}: {said}");
    }
    propose(&[&second, &third], 10..20).await;
    assert_all_have(&[&second, &third], 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_a_day_old_does_not_give_way() {
    let (address, second, third) = bereaved().await;
    let other = Node::open(Level::FIRST, founds(9), free(), empty()).await.expect("a new store");
    let (_elsewhere, store) = other.stop().await;
    let other = Node::open_at(DAY_MS, Level::FIRST, may_found(&[second.address]), address, store)
        .await
        .expect("its own data");
    until(|| miss_the_founder(&[&second, &third])).await;
    propose(&[&other], 0..10).await;
    assert_all_have(&[&other], 10).await;
    assert_eq!(other.ended(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_several_does_not_give_way_and_neither_do_those_who_were_told_to_join_there() {
    let (address, second, third) = bereaved().await;
    let others = join!(second.stop(), third.stop());
    let other = Node::open(Level::FIRST, founds(9), address, empty()).await.expect("a new store");
    let beside = other.join().await;
    other.votes_with(1).await;

    // Whoever is at the address that they were once told has another cluster; their own goes on.
    let [second, third] = start_again(address, others).await;
    until(|| miss_the_founder(&[&second, &third])).await;
    propose(&[&second, &third], 10..20).await;
    assert_all_have(&[&second, &third], 20).await;
    propose(&[&other, &beside], 0..10).await;
    assert_all_have(&[&other, &beside], 10).await;
    let ended = [&other, &beside, &second, &third].map(Node::ended);
    assert_eq!(ended, [const { None }; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_nodes_data_is_refused_while_the_node_runs() {
    let first = Node::found(Level::FIRST).await;
    let data = Arc::new(Memory::new());
    let second =
        Node::open(Level::FIRST, first.seed(), free(), Arc::clone(&data)).await.expect("a new store");
    let third = first.join().await;
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..10).await;
    let (number, address) = (second.cluster.node(), second.address);
    let said = refusal(first.seed(), free(), Arc::new(data.crash(0))).await;
    assert!(said.contains(&format!("node {number} runs at {address}")), "{said}");
    assert_eq!(first.cluster.members().nodes[&number].address, address.to_string(), "it is where it was");
    propose(&[&first, &second, &third], 10..20).await;
    assert_all_have(&[&first, &second, &third], 20).await;
}
