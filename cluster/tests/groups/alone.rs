//! Groups of one voter: what is proposed is applied once, in order, and survives.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cluster::Cluster;
use storage::{Engine, Index, Memory, Store};

use super::ledger::Ledger;
use super::{command, founder, group_of};

async fn open(store: &Arc<dyn Store>) -> Cluster<Ledger> {
    let make = |parts| Ok(Ledger::open(parts));
    let cluster = Cluster::open(founder(2), Arc::clone(store), make).await.expect("a sound store");
    cluster.recover().await.expect("a single voter recovers");
    cluster
}

/// Opens the store again once the round before has let go of it: the tasks of a stopped group end a moment later.
async fn reopen(path: &Path) -> Engine {
    loop {
        let options = storage::Options::new(|error| panic!("the disk failed: {error}"));
        match Engine::open(path, options) {
            Ok(engine) => return engine,
            Err(storage::Error::InUse { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("not a sound store: {error}"),
        }
    }
}

async fn propose(cluster: &Cluster<Ledger>, numbers: std::ops::Range<usize>) {
    let end = numbers.end;
    let group = group_of(cluster, 0);
    for number in numbers {
        group.proposals().propose(command(number));
        if number % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    group.machine().reached(end).await;
}

fn assert_whole(cluster: &Cluster<Ledger>, count: usize) {
    let ledger = Arc::clone(group_of(cluster, 0).machine());
    assert_eq!(ledger.commands(), (0..count).map(command).collect::<Vec<_>>(), "each once, in order");
    assert!(ledger.is_in_time(), "RG-4: stamps never go back");
    assert_eq!(ledger.lost(), 0, "a single voter loses nothing");
    assert!(group_of(cluster, 1).machine().commands().is_empty(), "groups are apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_is_applied_once_and_in_order_across_restarts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for round in 0..4 {
        let store: Arc<dyn Store> = Arc::new(reopen(folder.path()).await);
        let cluster = open(&store).await;
        group_of(&cluster, 0).machine().reached(round * 1_000).await;
        propose(&cluster, round * 1_000..round * 1_000 + 500).await;
        let marked = group_of(&cluster, 0).checkpoint().await.expect("a sound store");
        propose(&cluster, round * 1_000 + 500..(round + 1) * 1_000).await;
        assert_whole(&cluster, (round + 1) * 1_000);
        let status = group_of(&cluster, 0).status();
        assert!(status.checkpointed <= status.applied, "RG-6: {status:?}");
        assert!(marked <= status.checkpointed, "a mark never goes back");
        assert!(status.applied <= status.committed, "RG-3: {status:?}");
        group_of(&cluster, 0).read_index().await.expect("a single voter leads");
        cluster.shutdown().await.expect("a sound store");
    }
}

/// A power cut at any moment: the disk keeps what was synced, and of the rest a part. Everything that was applied, and so
/// could be acknowledged, comes back.
#[tokio::test]
async fn what_was_applied_survives_a_power_cut() {
    let mut memory = Arc::new(Memory::new());
    let mut count = 0;
    for seed in 0..20 {
        let store: Arc<dyn Store> = Arc::clone(&memory) as Arc<dyn Store>;
        let cluster = open(&store).await;
        group_of(&cluster, 0).machine().reached(count).await;
        propose(&cluster, count..count + 50).await;
        count += 50;
        if seed % 3 == 0 {
            group_of(&cluster, 0).checkpoint().await.expect("a sound store");
        }
        let crashed = memory.crash(seed);
        cluster.shutdown().await.expect("a sound store");
        memory = Arc::new(crashed);
    }
    let store: Arc<dyn Store> = memory;
    let cluster = open(&store).await;
    group_of(&cluster, 0).machine().reached(count).await;
    assert_whole(&cluster, count);
}

#[tokio::test]
async fn the_log_is_purged_below_the_mark_and_comes_back_without_it() {
    let memory = Memory::new();
    let store: Arc<dyn Store> = Arc::new(memory);
    let cluster = open(&store).await;
    // One command an entry: each waits for the one before.
    for number in 0..5_000 {
        propose(&cluster, number..number + 1).await;
    }
    let group = group_of(&cluster, 0);
    let purged = async {
        while group.status().purged == Index(0) {
            group.checkpoint().await.expect("a sound store");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), purged).await.expect("the log is purged");
    let status = group.status();
    assert!(status.purged <= status.checkpointed, "RG-6: {status:?}");
    cluster.shutdown().await.expect("a sound store");
    drop(cluster);
    let cluster = open(&store).await;
    assert_whole(&cluster, 5_000);
}

#[tokio::test]
async fn the_number_of_groups_is_fixed_when_the_cluster_is_founded() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    open(&store).await.shutdown().await.expect("a sound store");
    let refused = Cluster::open(founder(3), store, |parts| Ok(Ledger::open(parts))).await;
    let error = refused.map(drop).expect_err("another number of groups");
    assert_eq!(
        error.to_string(),
        "this cluster was founded with 2 groups and cannot run with 3; set groups = 2"
    );
}
