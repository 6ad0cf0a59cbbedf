//! One simulated machine: its disk, its clock, its chance, and the node that runs on it.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use api::token::{AUDIENCE_DEFAULT, ISSUER_DEFAULT};
use booking::Level;
use cluster::{Clock, Cluster, Group};
use config::{Config, Secret};
use metrics_exporter_prometheus::PrometheusBuilder;
use parking_lot::Mutex;
use rand::rngs::SmallRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use storage::Stats;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::OVER_IN_MEMORY_MS;
use super::disk::Disk;
use super::network::{Late, SimulatedNetwork};
use super::watch::{self, Watcher};
use crate::chance::Chance;
use crate::effects::providers::NoProviders;
use crate::failure::Failure;
use crate::http::request::caller::Keyring;
use crate::http::request::key_set::Following;
use crate::key;
use crate::machine::ShardMachine;
use crate::router::Router;
use crate::start::{Environment, Listeners, Node};
use crate::tls::Shown;

/// Connections that a listener of a simulated node serves at once.
const CONNECTIONS: usize = 256;
/// Entries from one comparison of the replicas to the next: as many as a sale has in a second or two.
const DIGEST_INTERVAL: u64 = 16;
/// How long somebody waits for what a node does: a machine may lose power meanwhile.
const DONE_WITHIN: Duration = Duration::from_secs(3);
const CLIENT: u16 = 8_080;
const ADMIN: u16 = 9_090;
const PEER: u16 = 7_000;

/// What all nodes of a simulated cluster are told.
pub(super) struct Plan {
    pub(super) groups: u32,
    pub(super) entries_kept: u64,
    /// The slowest sync of a disk that is in order.
    pub(super) sync: Duration,
    /// The folder in which the key for tokens lies.
    pub(super) keys: tempfile::TempDir,
}

impl Plan {
    pub(super) fn secret(&self) -> Secret {
        Secret::read(&self.keys.path().join(key::FILE)).expect("a key")
    }
}

/// Something that is done on a machine.
type Work = Pin<Box<dyn Future<Output = ()>>>;

/// A machine and what outlives its crashes.
pub(super) struct Host {
    pub(super) name: &'static str,
    pub(super) address: IpAddr,
    pub(super) disk: Disk,
    /// How far the wall clock is ahead, in milliseconds.
    pub(super) skew_ms: Arc<AtomicI64>,
    /// Whose answers come late to it.
    pub(super) late: Arc<Late>,
    /// The newest level of the build that it is switched on with next.
    pub(super) level: Cell<Level>,
    /// For how long it listens for a cluster that knows it, should it be the one to found one.
    pub(super) listens: Cell<Duration>,
    /// Whether the next crash takes its disk with it: it is switched on with the other one.
    pub(super) swaps: Cell<bool>,
    /// When it is switched on for the first time.
    pub(super) comes: Cell<Duration>,
    /// Why it did not start, if it found that it must not.
    pub(super) refusal: RefCell<Option<String>>,
    /// From which everything random on this machine follows.
    seed: AtomicU64,
    /// The node, while it runs.
    node: RefCell<Option<Node>>,
    /// What is to be done on the machine, beside its node.
    work: RefCell<Option<mpsc::UnboundedSender<Work>>>,
}

impl Host {
    pub(super) fn new(name: &'static str, address: IpAddr, disk: Disk, level: Level, seed: u64) -> Self {
        Self {
            name,
            address,
            disk,
            skew_ms: Arc::default(),
            late: Arc::default(),
            level: Cell::new(level),
            listens: Cell::default(),
            swaps: Cell::default(),
            comes: Cell::default(),
            refusal: RefCell::default(),
            seed: AtomicU64::new(seed),
            node: RefCell::default(),
            work: RefCell::default(),
        }
    }

    pub(super) fn client(&self) -> SocketAddr {
        SocketAddr::new(self.address, CLIENT)
    }

    pub(super) fn admin(&self) -> SocketAddr {
        SocketAddr::new(self.address, ADMIN)
    }

    /// The groups of its node, while it is ready.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Cluster<ShardMachine>) -> T) -> Option<T> {
        self.node.borrow().as_ref().map(|node| look(node.router().shards().cluster()))
    }

    /// The group of a slot on its node, while it is ready and has a replica.
    pub(super) fn group<T>(&self, slot: &str, look: impl FnOnce(&Group<ShardMachine>) -> T) -> Option<T> {
        let partition = crate::ids::slot_id(slot).expect("a slot's id").partition.get();
        self.look(|cluster| cluster.group_of(partition).map(|group| look(&group))).flatten()
    }

    /// Does something on the machine, with the way to its node's entities; none where the node is not ready, or does not come to an
    /// end of it.
    pub(super) async fn on_node<T: 'static, F: Future<Output = T> + 'static>(
        &self,
        work: impl FnOnce(Router) -> F,
    ) -> Option<T> {
        let (to, done) = oneshot::channel();
        self.begin(|router| {
            let work = work(router);
            async move { drop(to.send(work.await)) }
        })?;
        timeout(DONE_WITHIN, done).await.ok()?.ok()
    }

    /// Begins something on the machine, with the way to its node's entities; none where the node is not ready.
    pub(super) fn begin<F: Future<Output = ()> + 'static>(
        &self,
        work: impl FnOnce(Router) -> F,
    ) -> Option<()> {
        let work = Box::pin(work(self.node.borrow().as_ref()?.router().clone()));
        self.work.borrow().as_ref()?.send(work).ok()
    }

    /// The machine has crashed: of its node there is nothing left but the disk.
    pub(super) fn crashed(&self, seed: u64) {
        self.node.take();
        self.work.take();
        self.disk.lose_power(seed);
        if self.swaps.take() {
            self.disk.swap();
        }
    }

    fn configuration(&self, plan: &Plan, founder: IpAddr) -> Config {
        let mut config = Config::default();
        config.listen.client = self.client();
        config.listen.admin = self.admin();
        config.listen.peer = Some(SocketAddr::new(self.address, PEER));
        config.cluster.groups = plan.groups;
        config.rate_limit.enabled = false;
        if self.address != founder {
            config.cluster.join = vec![SocketAddr::new(founder, PEER).to_string()];
        }
        config
    }
}

/// What runs on a machine from the moment when it is switched on.
pub(super) async fn run(host: Rc<Host>, plan: Rc<Plan>, founder: IpAddr) -> turmoil::Result {
    let begun = turmoil::sim_elapsed().expect("in a simulation");
    if let Some(later) = host.comes.get().checked_sub(begun).filter(|later| !later.is_zero()) {
        sleep(later).await;
    }
    let mut rng = SmallRng::seed_from_u64(host.seed.fetch_add(1, Ordering::Relaxed));
    let turning = tokio::spawn(host.disk.turn(rng.random()));
    let config = host.configuration(&plan, founder);
    let network = SimulatedNetwork { late: Arc::clone(&host.late) };
    let environment = Environment {
        listeners: Listeners::open(&config, &network, &network, CONNECTIONS, None).await?,
        connections: CONNECTIONS,
        network: Arc::new(network),
        shown: Shown::default(),
        clock: Arc::new(SimulatedClock { skew_ms: Arc::clone(&host.skew_ms) }),
        chance: Arc::new(SimulatedChance(Mutex::new(rng))),
        store: host.disk.store(),
        store_stats: Box::new(Stats::default),
        following: Following::default(),
        keyring: Arc::new(Keyring::new(
            ISSUER_DEFAULT,
            AUDIENCE_DEFAULT,
            &[("main".to_owned(), plan.secret())],
        )),
        dev_key: None,
        key_hashes: key::hashes(&[("main".to_owned(), plan.secret())]),
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        level: host.level.get(),
        entries_kept: plan.entries_kept,
        digest_interval: DIGEST_INTERVAL,
        listens: host.listens.get(),
        over_in_memory_ms: OVER_IN_MEMORY_MS,
        observer: Arc::new(Watcher),
        providers: Arc::new(NoProviders),
        end: Arc::new(|exit| panic!("the node ends with {exit:?}")),
    };
    match Node::build(&config, environment).await {
        Ok(node) => drop(host.node.replace(Some(node))),
        Err(failure @ Failure::Cluster(cluster::Error::NotFounder { .. })) => {
            watch::note(format!("{} does not start: {failure}", host.name));
            host.refusal.replace(Some(failure.to_string()));
        }
        Err(failure) => return Err(failure.into()),
    }
    let (work, mut given) = mpsc::unbounded_channel();
    host.work.replace(Some(work));
    let working = async {
        while let Some(work) = given.recv().await {
            tokio::task::spawn_local(work);
        }
    };
    let (turned, ()) = futures::join!(turning, working);
    turned?;
    Ok(())
}

/// turmoil's time, and a wall that may be wrong.
struct SimulatedClock {
    skew_ms: Arc<AtomicI64>,
}

impl Clock for SimulatedClock {
    fn wall_ms(&self) -> u64 {
        let right = turmoil::since_epoch().expect("in a simulation").as_millis();
        let right = u64::try_from(right).expect("a few billions");
        right.saturating_add_signed(self.skew_ms.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        turmoil::elapsed()
    }
}

/// Chance that follows from a seed.
pub(super) struct SimulatedChance(pub(super) Mutex<SmallRng>);

impl Chance for SimulatedChance {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill_bytes(bytes);
    }
}
