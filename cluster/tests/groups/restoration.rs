//! What is kept elsewhere of groups becomes a new cluster: of the index that it says, with the digest that it had there.

use std::sync::Arc;

use bytes::Bytes;
use cluster::{Backup, Cluster, Level, Peer, Restoration};
use storage::{Change, GroupId, Index, Memory, Row, Store, Write};

use super::ledger::Ledger;
use super::{command, founder, group_of};

/// One group as it is kept.
struct Kept {
    mark: Vec<u8>,
    rows: Vec<Row>,
    entries: Vec<Bytes>,
    index: Index,
}

async fn open(store: &Arc<dyn Store>) -> Result<Cluster<Ledger>, cluster::Error> {
    let cluster = Cluster::open(founder(2), Arc::clone(store), |parts| Ok(Ledger::open(parts))).await?;
    cluster.recover().await?;
    Ok(cluster)
}

async fn propose(cluster: &Cluster<Ledger>, numbers: std::ops::Range<usize>) {
    let (group, end) = (group_of(cluster, 0), numbers.end);
    for number in numbers {
        group.proposals().propose(command(number));
        tokio::task::yield_now().await;
    }
    group.machine().reached(end).await;
}

fn peer() -> Peer {
    Peer { address: String::new(), level: Level::FIRST }
}

fn memory() -> Arc<dyn Store> {
    Arc::new(Memory::new())
}

/// Keeps what a cluster has, while more is proposed behind its saved state.
async fn keep(cluster: &Cluster<Ledger>) -> Vec<Kept> {
    let mut kept = Vec::new();
    for group in cluster.groups() {
        let mut backup = Backup::begin(&group).await.expect("a sound store");
        if group.id() == GroupId(0) {
            propose(cluster, 100..150).await;
        }
        let index = group.status().applied;
        let mut entries = Vec::new();
        loop {
            let more = backup.entries(index).expect("a sound log");
            if more.is_empty() {
                break;
            }
            entries.extend(more);
        }
        assert_eq!(entries.len() as u64, index.0 - backup.saved().0, "the entries reach the index");
        let rows = backup.scan(&[], &[], usize::MAX).expect("a sound store");
        kept.push(Kept { mark: backup.mark(), rows, entries, index });
    }
    kept
}

async fn restore(store: &Arc<dyn Store>, kept: &[Kept]) -> Result<(), cluster::Error> {
    let restoration = Restoration::begin(Arc::clone(store), 99, 2, peer()).await?;
    for (group, Kept { mark, rows, entries, index }) in (0..).map(GroupId).zip(kept) {
        let put = |(key, value): &Row| Change::Put { key: key.clone(), value: value.clone() };
        store.submit(Write::queued(group, rows.iter().map(put).collect()), Box::new(drop));
        let mut restored = restoration.group(group, mark)?;
        for entry in entries {
            restored.append(entry.clone()).await?;
        }
        assert_eq!(restored.last(), *index);
        restored.finish().await?;
        let digest = restoration.rehearse(group, *index, |parts| Ok(Ledger::open(parts))).await?;
        assert!(digest.is_some(), "nothing in it is ahead of its index");
    }
    restoration.finish().await
}

#[tokio::test]
async fn what_is_kept_of_groups_becomes_a_cluster_that_goes_on() {
    let store = memory();
    let cluster = open(&store).await.expect("a sound store");
    propose(&cluster, 0..100).await;
    let kept = keep(&cluster).await;
    propose(&cluster, 150..160).await;
    cluster.shutdown().await.expect("a sound store");

    let store = memory();
    restore(&store, &kept).await.expect("an empty store");
    for round in 0..3 {
        let cluster = open(&store).await.expect("it is whole");
        assert_eq!((cluster.node(), cluster.number()), (1, 99));
        let count = 150 + round * 10;
        group_of(&cluster, 0).machine().reached(count).await;
        assert_eq!(group_of(&cluster, 0).machine().commands(), (0..count).map(command).collect::<Vec<_>>());
        assert!(group_of(&cluster, 0).machine().is_in_time(), "RG-4: stamps never go back");
        propose(&cluster, count..count + 10).await;
        cluster.shutdown().await.expect("a sound store");
    }
    let again = Restoration::begin(Arc::clone(&store), 98, 2, peer()).await;
    let refused = again.map(drop).expect_err("there is something in it").to_string();
    assert!(refused.contains("it belongs to a cluster"), "{refused}");
}

#[tokio::test]
async fn what_was_restored_in_part_starts_no_node() {
    let store = memory();
    drop(Restoration::begin(Arc::clone(&store), 99, 2, peer()).await.expect("an empty store"));
    let refused = open(&store).await.map(drop).expect_err("it is half of another's").to_string();
    assert!(refused.contains("that was cut short"), "{refused}");
    let again = Restoration::begin(store, 99, 2, peer()).await.map(drop).expect_err("nor is it begun again");
    assert!(again.to_string().contains("that was cut short"), "{again}");
}

#[tokio::test]
async fn entries_that_do_not_follow_are_refused() {
    let store = memory();
    let cluster = open(&store).await.expect("a sound store");
    propose(&cluster, 0..100).await;
    let kept = keep(&cluster).await;
    cluster.shutdown().await.expect("a sound store");
    let Kept { mark, entries, .. } = &kept[0];
    assert!(2 < entries.len(), "there are some");
    let restoration = Restoration::begin(memory(), 99, 2, peer()).await.expect("an empty store");
    let mut restored = restoration.group(GroupId(0), mark).expect("a sound mark");
    let refused = restored.append(entries[1].clone()).await.expect_err("one is missing");
    assert!(matches!(refused, cluster::Error::Entry { .. }), "{refused}");
    restored.append(entries[0].clone()).await.expect("it follows");
    restored.append(entries[0].clone()).await.expect_err("it was there");
    restored.append(entries[1].slice(..entries[1].len() - 1)).await.expect_err("it is cut");
    restored.append(entries[1].clone()).await.expect("it follows");
    assert!(restoration.group(GroupId(1), &mark[..1]).is_err(), "no mark");
}
