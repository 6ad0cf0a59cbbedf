//! Groups of several nodes in one process, over real connections.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cluster::{
    Clock, Cluster, Error, Fate, Group, Level, Listener, Network as _, Options, Replicas, Start, SystemClock,
    SystemNetwork,
};
use parking_lot::Mutex;
use storage::{Index, Memory, Space};
use tokio::time::{sleep, timeout};

use super::ledger::Ledger;
use super::{command, founder, group_of};

/// Longer than anything takes on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// The nodes of a test share its process and its cores.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// So few that a node that was away needs a snapshot.
const ENTRIES_KEPT: u64 = 10;
/// A disk on which less is free than the reserve, and one on which nothing is.
const NEARLY_FULL: Space = Space { total: 16 << 30, free: 512 << 20, ballast: 0 };
const FULL: Space = Space { total: 16 << 30, free: 0, ballast: 0 };

/// The machine's clocks, of which the wall clock may be ahead.
struct Skewed {
    right: SystemClock,
    ahead_ms: AtomicU64,
}

impl Clock for Skewed {
    fn wall_ms(&self) -> u64 {
        self.right.wall_ms() + self.ahead_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        self.right.monotonic()
    }
}

/// What a node is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build {
    pub(crate) level: Level,
    /// How many groups it founds a cluster with.
    pub(crate) groups: u32,
    pub(crate) replicas: Replicas,
}

impl From<Level> for Build {
    fn from(level: Level) -> Self {
        Self { level, groups: 2, replicas: Replicas::planned(3) }
    }
}

/// A node that may be stopped and opened again.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    build: Build,
    store: Arc<Memory>,
    clock: Arc<Skewed>,
    /// Why it would have ended, if it were a process.
    ended: Arc<Mutex<Option<String>>>,
    pub(crate) cluster: Cluster<Ledger>,
}

impl Node {
    pub(crate) async fn open(
        build: impl Into<Build>,
        start: Start,
        address: SocketAddr,
        store: Arc<Memory>,
    ) -> Result<Self, Error> {
        Self::open_at(0, build, start, address, store).await
    }

    /// A node whose wall clock is ahead.
    pub(crate) async fn open_at(
        ahead_ms: u64,
        build: impl Into<Build>,
        start: Start,
        address: SocketAddr,
        store: Arc<Memory>,
    ) -> Result<Self, Error> {
        let build = build.into();
        let Build { level, groups, replicas } = build;
        let listener = listen(address).await;
        let address = listener.address();
        let clock = Arc::new(Skewed { right: SystemClock::new(), ahead_ms: AtomicU64::new(ahead_ms) });
        let ended = Arc::<Mutex<Option<String>>>::default();
        let options = Options {
            start,
            level,
            replicas,
            peers: Some(listener),
            entries_kept: ENTRIES_KEPT,
            clock: Arc::<Skewed>::clone(&clock),
            on_fatal: {
                let ended = Arc::clone(&ended);
                Arc::new(move |error| *ended.lock() = Some(error.to_string()))
            },
            ..founder(groups)
        };
        let disk = Arc::<Memory>::clone(&store);
        let cluster = Cluster::open(options, disk, |parts| Ok(Ledger::open(parts))).await?;
        timeout(PATIENCE, cluster.recover()).await.expect("a quorum")?;
        Ok(Self { address, build, store, clock, ended, cluster })
    }

    pub(crate) async fn found(build: impl Into<Build>) -> Self {
        Self::open(build, founds(7), free(), Arc::new(Memory::new())).await.expect("a new store")
    }

    /// What it has on its disk.
    pub(crate) fn store(&self) -> &Memory {
        &self.store
    }

    /// Why it would have ended, if it would.
    pub(crate) fn ended(&self) -> Option<String> {
        self.ended.lock().clone()
    }

    pub(crate) async fn join(&self) -> Self {
        self.join_with(self.build).await.expect("a new store")
    }

    /// A node whose build is another.
    pub(crate) async fn join_with(&self, build: impl Into<Build>) -> Result<Self, Error> {
        Self::open(build, self.seed(), free(), Arc::new(Memory::new())).await
    }

    pub(crate) fn seed(&self) -> Start {
        Start::Join { seeds: vec![self.address.to_string()] }
    }

    /// Stops it, and opens it again where it was; `meanwhile` happens in between.
    pub(crate) async fn away(self, meanwhile: impl AsyncFnOnce()) -> Self {
        let build = self.build;
        let (address, store) = self.stop().await;
        meanwhile().await;
        Self::open(build, founds(7), address, store).await.expect("the same store")
    }

    /// Stops it, and opens it again with another build.
    pub(crate) async fn with(mut self, level: Level) -> Self {
        self.build.level = level;
        self.away(async || {}).await
    }

    /// From now on its wall clock is ahead by so much.
    pub(crate) fn set_ahead(&self, ms: u64) {
        self.clock.ahead_ms.store(ms, Ordering::Relaxed);
    }

    /// What is left of it, which nobody hears of.
    pub(crate) async fn abandon(self) -> Arc<Memory> {
        self.stop().await.1
    }

    /// What is left of it.
    pub(crate) async fn stop(self) -> (SocketAddr, Arc<Memory>) {
        self.cluster.shutdown().await.expect("a sound store");
        (self.address, self.store)
    }

    pub(crate) fn group(&self) -> Arc<Group<Ledger>> {
        group_of(&self.cluster, 0)
    }

    pub(crate) async fn votes_with(&self, others: usize) {
        until(|| self.cluster.groups().iter().all(|group| group.members().voters.len() == others + 1)).await;
    }
}

/// Listens there once whoever had the address has let go of it.
pub(crate) async fn listen(address: SocketAddr) -> Box<dyn Listener> {
    until_some(async || SystemNetwork.listen(address).await.ok()).await
}

/// How one founds a cluster that no one can know.
pub(crate) fn founds(cluster: u128) -> Start {
    Start::Found { cluster, peers: Vec::new(), listens: Duration::ZERO }
}

pub(crate) fn free() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) async fn until(mut done: impl FnMut() -> bool) {
    until_some(async || done().then_some(())).await;
}

/// Looks again and again: nobody tells when these things happen. How long it takes decides nothing.
pub(crate) async fn until_some<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(BETWEEN_LOOKS).await;
        }
    };
    timeout(PATIENCE, wait).await.expect("it happens")
}

/// One command an entry, wherever the group is led. One that was never appended, since whoever was asked had just begun or
/// ceased to lead, is proposed again.
pub(crate) async fn propose(nodes: &[&Node], numbers: Range<usize>) {
    for number in numbers {
        let attempt = async || {
            let leader = nodes.iter().find(|node| node.group().leads())?;
            let ledger = Arc::clone(leader.group().machine());
            let lost = ledger.lost();
            leader.group().proposals().propose(command(number));
            tokio::select! {
                () = ledger.reached(number + 1) => Some(()),
                fate = ledger.lost_more_than(lost) => {
                    assert_eq!(fate, Fate::NotAppended, "nobody is killed here");
                    None
                }
            }
        };
        until_some(attempt).await;
    }
}

pub(crate) async fn assert_all_have(nodes: &[&Node], count: usize) {
    let want: Vec<_> = (0..count).map(command).collect();
    for node in nodes {
        let ledger = Arc::clone(node.group().machine());
        timeout(PATIENCE, ledger.reached(count)).await.expect("it catches up");
        assert_eq!(ledger.commands(), want, "each once, in order");
        assert!(ledger.is_in_time(), "RG-4: stamps never go back");
        assert!(ledger.is_in_order(), "RG-7: levels never go back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_join_vote_and_have_everything() {
    let first = Node::found(Level::FIRST).await;
    propose(&[&first], 0..5).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    let all = [&first, &second, &third];
    propose(&all, 5..50).await;
    assert_all_have(&all, 50).await;
    let numbers = all.map(|node| node.cluster.node());
    assert!(numbers[0] == 1 && 1 < numbers[1] && 1 < numbers[2] && numbers[1] != numbers[2], "{numbers:?}");
    for node in all {
        node.group().read_index().await.expect("a follower asks the leader what to wait for");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leads_is_replaced_and_takes_part_again() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..20).await;
    let first = first.away(async || propose(&[&second, &third], 20..40).await).await;
    let all = [&first, &second, &third];
    propose(&all, 40..60).await;
    assert_all_have(&all, 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_clock_is_far_ahead_lets_another_lead() {
    const DAY_MS: u64 = 86_400_000;
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..20).await;
    assert_all_have(&[&second, &third], 20).await;
    // Both could take over, and whoever stops asks the first of them.
    let ahead = if second.cluster.node() < third.cluster.node() { &second } else { &third };
    ahead.clock.ahead_ms.store(DAY_MS, Ordering::Relaxed);
    let first = first
        .away(async || {
            propose(&[&second, &third], 20..40).await;
            assert!(!ahead.group().leads(), "it is ahead");
        })
        .await;
    let all = [&first, &second, &third];
    propose(&all, 40..60).await;
    assert_all_have(&all, 60).await;
    let (stamp, now_ms) = (first.group().machine().last_stamp(), first.clock.wall_ms());
    assert!(stamp.is_some_and(|stamp| stamp.0 <= now_ms), "{stamp:?} is later than {now_ms}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_disk_is_nearly_full_lets_another_lead_and_a_full_follower_stands_still() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    let all = [&first, &second, &third];
    propose(&all, 0..20).await;
    first.store.set_space(NEARLY_FULL);
    until(|| first.cluster.groups().iter().all(|group| !group.leads())).await;
    propose(&all, 20..40).await;
    assert_all_have(&all, 40).await;

    first.store.set_space(FULL);
    propose(&all, 40..60).await;
    assert_all_have(&[&second, &third], 60).await;
    assert_eq!(first.group().machine().commands().len(), 40, "it takes no entries");
    first.store.set_space(Space::default());
    assert_all_have(&all, 60).await;

    // Where nobody has room, somebody leads all the same.
    for node in all {
        node.store.set_space(NEARLY_FULL);
    }
    propose(&all, 60..80).await;
    assert_all_have(&all, 80).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_behind_the_purged_log_gets_a_snapshot_beside_its_old_state() {
    let first = Node::found(Level::FIRST).await;
    let purged = async |beyond: Index| {
        let look = async || {
            first.group().checkpoint().await.expect("a sound store");
            (beyond < first.group().status().purged).then_some(())
        };
        until_some(look).await;
    };
    propose(&[&first], 0..200).await;
    purged(Index(0)).await;
    let second = first.join().await;
    first.votes_with(1).await;
    assert_all_have(&[&first, &second], 200).await;
    assert_eq!(second.group().machine().resets(), 1, "there was no log to follow");

    let third = first.join().await;
    first.votes_with(2).await;
    let second = second
        .away(async || {
            propose(&[&first, &third], 200..400).await;
            let end = first.group().status().applied;
            purged(Index(end.0 - 100)).await;
        })
        .await;
    let all = [&first, &second, &third];
    assert_all_have(&all, 400).await;
    assert_eq!(second.group().machine().resets(), 1, "one since it was opened again");
    propose(&all, 400..420).await;
    assert_all_have(&all, 420).await;
    // What was installed is on disk, and so is what came after it.
    let second = second.away(async || {}).await;
    assert_all_have(&[&second], 420).await;
    assert_eq!(second.group().machine().resets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_data_is_gone_is_not_taken_for_itself() {
    let first = Node::found(Level::FIRST).await;
    let second = first.join().await;
    first.votes_with(1).await;
    let (number, address) = (second.cluster.node(), second.address);
    drop(second.stop().await);
    let refused = Node::open(Level::FIRST, first.seed(), address, Arc::new(Memory::new())).await.map(drop);
    let error = refused.expect_err("its address is another's").to_string();
    assert!(error.contains(&format!("{address} is the address of node {number}")), "{error}");
    assert!(error.contains(&format!("boxctl remove {number}")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_can_be_removed_and_its_address_used_again() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    let (gone, address) = (second.cluster.node(), second.address);
    drop(second.stop().await);
    third.cluster.remove(gone).await.expect("a quorum is left");
    third.cluster.remove(gone).await.expect("once more does no harm");
    first.votes_with(1).await;
    let new =
        Node::open(Level::FIRST, first.seed(), address, Arc::new(Memory::new())).await.expect("a new node");
    assert_ne!(new.cluster.node(), gone, "numbers are not used again");
    first.votes_with(2).await;
    propose(&[&first, &third, &new], 0..10).await;
    assert_all_have(&[&first, &third, &new], 10).await;
    let told = first.cluster.remove(77).await;
    assert_eq!(told, Ok(()), "nobody has this number");
    until(|| first.cluster.groups_with(gone) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_node_is_told_so_when_it_comes_back_with_its_old_data() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    propose(&[&first, &second, &third], 0..5).await;
    let gone = second.cluster.node();
    let (address, store) = second.stop().await;
    first.cluster.remove(gone).await.expect("a quorum is left");
    let said = refusal(first.seed(), address, store).await;
    assert!(said.contains(&format!("node {gone} was removed")), "{said}");
    assert_eq!(first.cluster.members().nodes.len(), 2, "it was not taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_another_cluster_are_refused() {
    let (first, other) = tokio::join!(Node::found(Level::FIRST), foreign());
    let (_address, store) = other.stop().await;
    let said = refusal(first.seed(), free(), store).await;
    assert!(said.contains("belongs to cluster"), "{said}");
}

/// What a node is told that opens these data there, and is not welcome with them.
pub(crate) async fn refusal(start: Start, address: SocketAddr, store: Arc<Memory>) -> String {
    let told = Arc::new(Mutex::new(String::new()));
    let on_fatal = {
        let told = Arc::clone(&told);
        Arc::new(move |error: &Error| *told.lock() = error.to_string())
    };
    let options = Options { start, peers: Some(listen(address).await), on_fatal, ..founder(2) };
    let _cluster = Cluster::open(options, store, |parts| Ok(Ledger::open(parts))).await.expect("sound");
    until(|| !told.lock().is_empty()).await;
    told.lock().clone()
}

async fn foreign() -> Node {
    Node::open(Level::FIRST, founds(8), free(), Arc::new(Memory::new())).await.expect("a new store")
}
