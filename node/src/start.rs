//! The order of birth, reversed for death.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::token::Role;
use axum::response::Response;
use booking::Level;
use cluster::{Clock, Cluster, KeyHash, Network, Options, Start, SystemClock, SystemNetwork};
use config::{Config, Loaded, PeerSpeaks, Secret};
use hyper::service::{Service, service_fn};
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::PrometheusHandle;
use storage::{Engine, Store};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::actors::context::{OnBroken, ShardOptions};
use crate::chance::{Chance, SystemChance};
use crate::disk::store_options;
use crate::effects::providers::{NoProviders, Providers};
use crate::failure::{Exit, Failure, causes};
use crate::http::app::{App, Stage};
use crate::http::connection::accept::{Listener, connections_allowed};
use crate::http::connection::admin_service::AdminService;
use crate::http::connection::fast_path::FastPath;
use crate::http::connection::hyper_lease::TrackedRequest;
use crate::http::connection::peer_service::PeerService;
use crate::http::connection::starting;
use crate::http::request::caller::Keyring;
use crate::http::request::key_set::Following;
use crate::http::request::large::LargeBodies;
use crate::http::request::policy::Policies;
use crate::http::response::live::LiveSlots;
use crate::http::response::relays::Relays;
use crate::http::response::seat_changes::ChangeTexts;
use crate::http::response::seat_texts::SeatTexts;
use crate::http::routes;
use crate::machine::{Shard, ShardMachine};
use crate::metrics::Answers;
use crate::observer::{Observer, Unobserved};
use crate::permits::Permits;
use crate::router::Router;
use crate::saved::archive::OVER_IN_MEMORY_MS;
use crate::tls::Shown;
use crate::tls::customers::Tls;
use crate::{effects, ids, key, metrics, sampling, telemetry};

/// Entries of a group's log that stay although their effects are saved: a minute of a sale. Who was away for longer gets a
/// snapshot, which is less work for both sides.
const ENTRIES_KEPT: u64 = 5_000;
/// Idle actors that may stay awake on this node, shared out among its groups: about half a gigabyte.
const AWAKE_MAX: usize = 50_000;

/// The newest level of the rules that a node applies; it applies the one before too.
#[derive(Clone, Copy, Debug)]
pub enum Newest {
    /// This build's own.
    Own,
    /// Another of which this build has the rules: the node stands for the build before, while an upgrade is tried.
    StandIn(u32),
}

impl Newest {
    fn level(self) -> Result<Level, Failure> {
        match self {
            Self::Own => Ok(Level::NEWEST),
            Self::StandIn(level) if Level(level).is_supported() => Ok(Level(level)),
            Self::StandIn(level) => Err(Failure::Level { level }),
        }
    }
}

/// Where the keys come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The files that the configuration names must be there.
    Given,
    /// `token.key` in the data directory is made where it is missing.
    MadeIfMissing,
}

/// A running node.
pub struct Node {
    app: Arc<App>,
    cluster: Arc<Cluster<ShardMachine>>,
    store: Arc<dyn Store>,
    client: Served,
    admin: Served,
    following: Following,
    /// What answers other nodes, for as long as the node is there.
    _passed: Arc<PeerService>,
}

/// A listener that is served.
struct Served {
    address: SocketAddr,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Served {
    /// `service` answers; bookings take the `fast_path`, if there is one.
    fn begin<S>(listener: Listener, runtime: &Handle, service: S, fast_path: Option<Arc<FastPath>>) -> Self
    where
        S: Service<TrackedRequest, Response = Response, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let address = listener.address();
        let (stop, stopped) = watch::channel(());
        let task = runtime.spawn(listener.serve(runtime.clone(), service, fast_path, stopped));
        Self { address, stop, task }
    }

    /// Operators are answered with what is installed by then.
    fn for_operators(listener: Listener, service: &AdminService, runtime: &Handle) -> Self {
        let service = service.clone();
        let answer = move |request| service.clone().serve(request);
        Self::begin(listener, runtime, service_fn(answer), None)
    }

    async fn end(self) {
        self.stop.send_replace(());
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a listener did not end as it should");
        }
    }
}

/// The addresses on which a node listens.
pub(crate) struct Listeners {
    client: Listener,
    admin: Listener,
    peers: Option<Box<dyn cluster::Listener>>,
}

impl Listeners {
    /// Listens; for peers on a network of their own. The client and the admin listener serve at most `connections` each at once; what
    /// customers say and hear is encrypted, if there is something to do it with.
    pub(crate) async fn open(
        config: &Config,
        network: &dyn Network,
        of_peers: &dyn Network,
        connections: usize,
        tls: Option<Arc<Tls>>,
    ) -> Result<Self, Failure> {
        let client = listen(network, config.listen.client).await?;
        let client = match tls {
            Some(tls) => tls.over(client)?,
            None => client,
        };
        let client = Listener::over(client, connections);
        let admin = Listener::over(listen(network, config.listen.admin).await?, connections);
        let peers = match config.listen.peer {
            Some(address) => {
                let speaks = config.listen.peers_speak();
                if speaks != PeerSpeaks::Tls && !address.ip().is_loopback() {
                    tracing::warn!(peer = %address, ?speaks, "peers may speak in clear: keep their network to yourself");
                }
                Some(listen(of_peers, address).await?)
            }
            None => None,
        };
        Ok(Self { client, admin, peers })
    }
}

/// What a node is built on: everything that comes into the process from outside, the machine's own or a simulation's.
pub(crate) struct Environment {
    pub(crate) listeners: Listeners,
    /// How many connections of customers are served at once.
    pub(crate) connections: usize,
    /// The network of the peers.
    pub(crate) network: Arc<dyn Network>,
    pub(crate) shown: Shown,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) store: Arc<dyn Store>,
    /// What the store has done since it was opened.
    pub(crate) store_stats: Box<dyn Fn() -> storage::Stats + Send + Sync>,
    pub(crate) keyring: Arc<Keyring>,
    /// The files that keys in it come from.
    pub(crate) following: Following,
    /// The secret with which the node makes a customer of whoever asks; none but where `boxoffice dev` runs.
    pub(crate) dev_key: Option<Secret>,
    /// Hashes of the secrets in it.
    pub(crate) key_hashes: BTreeSet<KeyHash>,
    pub(crate) metrics: PrometheusHandle,
    /// The newest level of the rules that the node applies.
    pub(crate) level: Level,
    /// Entries of a group's log that stay although their effects are saved.
    pub(crate) entries_kept: u64,
    /// Entries of a group's log from one comparison of its replicas to the next.
    pub(crate) digest_interval: u64,
    /// For how long a node that is to found a cluster listens for one that knows it.
    pub(crate) listens: Duration,
    /// How long a booking that is over stays in memory, in milliseconds of stamps.
    pub(crate) over_in_memory_ms: u64,
    pub(crate) observer: Arc<dyn Observer>,
    /// Whom intents ask outside.
    pub(crate) providers: Arc<dyn Providers>,
    /// Ends the process: the node must not go on.
    pub(crate) end: Arc<dyn Fn(Exit) + Send + Sync>,
}

impl Node {
    /// Starts a node on this machine and waits until it stands where it stood.
    ///
    /// # Errors
    ///
    /// [`Failure`], whose [`Failure::exit`] is the process's exit status.
    pub async fn start(config: &Config, keys: Keys, newest: Newest) -> Result<Self, Failure> {
        let level = newest.level()?;
        let metrics = metrics::install().map_err(|error| Failure::process("cannot count", error))?;
        let given = match keys {
            Keys::Given => Some(Following::open(&config.auth).await?),
            Keys::MadeIfMissing => None,
        };
        let shown = Shown::open(&config.listen)?;
        let network = shown.network_of_peers(Arc::new(SystemNetwork));
        let connections = connections_allowed()
            .map_err(|error| Failure::process("cannot serve enough connections", error))?;
        let tls = shown.customers.clone();
        let listeners = Listeners::open(config, &SystemNetwork, network.as_ref(), connections, tls).await?;
        if config.node.data.exists() && !config.node.data.is_dir() {
            return Err(storage::Error::NotOurs { path: config.node.data.clone() }.into());
        }
        let engine = Arc::new(Engine::open(&config.node.data, store_options())?);
        // The directory is ours from here on, so a key may be put into it.
        let (keyring, secrets, following) = if let Some(given) = given {
            given
        } else {
            key::ensure(&config.node.data, &SystemChance)
                .map_err(|error| Failure::process("cannot make the token key", error))?;
            Following::open(&config.auth).await?
        };
        let key_hashes = key::hashes(&secrets);
        let is_dev = keys == Keys::MadeIfMissing;
        let dev_key = secrets.into_iter().next().filter(|_| is_dev).map(|(_id, secret)| secret);
        let store: Arc<dyn Store> = Arc::<Engine>::clone(&engine);
        let environment = Environment {
            listeners,
            connections,
            network,
            shown,
            clock: Arc::new(SystemClock::new()),
            chance: Arc::new(SystemChance),
            store,
            store_stats: Box::new(move || engine.stats()),
            keyring,
            following,
            dev_key,
            key_hashes,
            metrics,
            level,
            entries_kept: ENTRIES_KEPT,
            digest_interval: cluster::DIGEST_INTERVAL,
            listens: cluster::LISTENS,
            over_in_memory_ms: OVER_IN_MEMORY_MS,
            observer: Arc::new(Unobserved),
            providers: Arc::new(NoProviders),
            end: Arc::new(|exit| exit.now()),
        };
        Self::build(config, environment).await
    }

    /// Builds a node and waits until it stands where it stood.
    pub(crate) async fn build(config: &Config, environment: Environment) -> Result<Self, Failure> {
        let runtime = Handle::current();
        let Environment { clock, chance, store, end, .. } = environment;
        // A node that waits to be let in can be asked whether it lives.
        let admin_service = AdminService::default();
        let admin = Served::for_operators(environment.listeners.admin, &admin_service, &runtime);
        let (started, starting) = watch::channel(());
        let turned_away = runtime.spawn(environment.listeners.client.turn_away(
            runtime.clone(),
            service_fn(starting::turn_away),
            starting,
        ));
        let options = Options {
            start: start(config, chance.as_ref(), environment.listens),
            groups: config.cluster.groups,
            peers: environment.listeners.peers,
            advertised: config.listen.peer_advertised.clone(),
            zone: config.node.zone.clone(),
            replicas: environment.observer.replicas(config.cluster.replicas),
            keys: environment.key_hashes,
            entries_kept: environment.entries_kept,
            digest_interval: environment.digest_interval,
            level: cluster::Level(environment.level.0),
            network: environment.network,
            clock: Arc::clone(&clock),
            seed: u64::from_le_bytes(chance.bytes()),
            runtime: runtime.clone(),
            on_fatal: on_fatal(Arc::clone(&end)),
        };
        let options_of_shards = ShardOptions {
            awake_max: AWAKE_MAX,
            over_in_memory_ms: environment.over_in_memory_ms,
            on_broken: on_broken(end),
            observer: environment.observer,
        };
        let cluster = open_groups(options, options_of_shards, &store).await?;
        let permits = Permits::new(&config.limits, environment.connections);
        environment.shown.tell_whose(cluster.node());
        let app = Arc::new(App {
            router: Router::new(Arc::clone(&cluster), Arc::clone(&store), permits),
            keyring: environment.keyring,
            dev_key: environment.dev_key,
            clock,
            metrics: environment.metrics,
            store_stats: environment.store_stats,
            node: cluster.node(),
            answers: Answers::default(),
            policies: Policies::new(config, chance.as_ref()),
            large_bodies: LargeBodies::default(),
            seat_texts: SeatTexts::default(),
            change_texts: ChangeTexts::default(),
            live: LiveSlots::default(),
            relays: Relays::default(),
            shown: environment.shown,
            stage: Stage::default(),
            chance,
        });
        admin_service.install(routes::admin_routes(Arc::clone(&app)));
        settle(&cluster).await?;
        let passed = PeerService::open(&app);
        begin_tasks(&runtime, &app, &environment.providers);
        let service = TowerToHyperService::new(routes::client_routes(Arc::clone(&app)));
        let fast_path = Arc::new(FastPath::new(Arc::clone(&app)));
        started.send_replace(());
        let client = turned_away.await.expect("it ends when it is told to");
        let client = Served::begin(client, &runtime, service, Some(fast_path));
        app.stage.set_ready();
        tracing::info!(client = %client.address, admin = %admin.address, "the node is ready");
        Ok(Self { app, cluster, store, client, admin, following: environment.following, _passed: passed })
    }

    /// The way to its slots.
    #[cfg(test)]
    pub(crate) fn router(&self) -> &Router {
        &self.app.router
    }

    /// Where customers and organizers reach it.
    #[must_use]
    pub fn client_address(&self) -> SocketAddr {
        self.client.address
    }

    /// Where operators reach it.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address
    }

    /// Takes what is `now` configured in the place of what was, as far as that may change while the node runs, and tells the log.
    ///
    /// # Errors
    ///
    /// When a key cannot be used, or every key would be another in a cluster of several nodes. Then nothing has changed.
    pub async fn take_settings(&mut self, before: &Loaded, now: &Loaded) -> Result<(), Failure> {
        self.take_keys(&now.config.auth).await?;
        let (at_once, by_restart): (Vec<_>, Vec<_>) =
            before.changed(now).into_iter().partition(|setting| Config::changes_at_once(setting));
        if !at_once.is_empty() {
            self.app.policies.change(&now.config, self.app.chance.as_ref());
        }
        if !by_restart.is_empty() {
            tracing::warn!(settings = ?by_restart, "what is configured by now takes a restart to be in force");
        }
        tracing::info!(changed = ?at_once, "the configuration was read again");
        Ok(())
    }

    /// Takes these keys, whose files may have others in them by now, in the place of those that were.
    async fn take_keys(&mut self, auth: &config::Auth) -> Result<(), Failure> {
        let secrets = auth.read_secrets()?;
        let hashes = key::hashes(&secrets);
        if !self.cluster.may_use(&hashes) {
            let reason = "of the secrets that the other nodes know none would be left; add the new one beside the old one first, on \
                          every node";
            return Err(config::Error::Invalid { key: "auth.keys", reason: reason.to_owned() }.into());
        }
        self.following.exchange(&self.app.keyring, auth, &secrets).await?;
        self.cluster.use_keys(hashes);
        Ok(())
    }

    /// Drains: lets others lead while it goes on serving, then takes no new work, answers what was taken, and saves everything.
    ///
    /// # Errors
    ///
    /// When the state or the log could not be brought to disk.
    pub async fn stop(self) -> Result<(), Failure> {
        tracing::info!("draining");
        self.app.stage.set_leaving();
        self.cluster.step_aside().await;
        self.app.stage.set_draining();
        self.app.end_watching();
        self.client.end().await;
        let saved = self.cluster.shutdown().await;
        self.admin.end().await;
        saved?;
        self.store.flush()?;
        tracing::info!("drained");
        Ok(())
    }
}

/// Where logs go; once a process. They are written by a thread of their own, and until this is dropped.
#[must_use]
pub struct Logs(());

impl Drop for Logs {
    fn drop(&mut self) {
        telemetry::end();
    }
}

/// Logs from now on.
pub fn logs() -> Logs {
    telemetry::install();
    Logs(())
}

/// A token for `role` that `boxoffice dev` prints, good for a day.
///
/// # Errors
///
/// When the key cannot be read or cannot sign.
pub fn dev_token(config: &Config, role: Role) -> Result<String, Failure> {
    let secret = Secret::read(&config.node.data.join(key::FILE))?;
    key::token(&secret, role, &SystemClock::new(), &SystemChance)
        .map_err(|error| Failure::process("cannot sign a token", error))
}

async fn open_groups(
    options: Options,
    shards: ShardOptions,
    store: &Arc<dyn Store>,
) -> Result<Arc<Cluster<ShardMachine>>, Failure> {
    let open = move |parts| Ok(Arc::new(ShardMachine(Shard::open(parts, shards.clone())?)));
    Ok(Arc::new(Cluster::open(options, Arc::clone(store), open).await?))
}

/// Waits until every group stands where it stood.
async fn settle(cluster: &Cluster<ShardMachine>) -> Result<(), Failure> {
    cluster.recover().await?;
    for group in cluster.groups() {
        group.machine().0.settle().await;
    }
    Ok(())
}

/// What goes on beside the requests, for as long as the node lives.
fn begin_tasks(runtime: &Handle, app: &App, providers: &Arc<dyn Providers>) {
    runtime.spawn(metrics::keep_up(app.metrics.clone()));
    runtime.spawn(sampling::sample(app.router.shards().clone()));
    effects::begin(runtime, &app.router, providers, &app.chance);
}

async fn listen(network: &dyn Network, address: SocketAddr) -> Result<Box<dyn cluster::Listener>, Failure> {
    network.listen(address).await.map_err(|source| Failure::Listen { address, source })
}

/// How a node with a new data directory begins.
fn start(config: &Config, chance: &dyn Chance, listens: Duration) -> Start {
    let config::Cluster { join, peers, .. } = &config.cluster;
    if join.is_empty() {
        Start::Found { cluster: chance.number(), peers: peers.clone(), listens }
    } else {
        Start::Join { seeds: join.clone() }
    }
}

fn on_fatal(end: Arc<dyn Fn(Exit) + Send + Sync>) -> Arc<dyn Fn(&cluster::Error) + Send + Sync> {
    Arc::new(move |error| {
        tracing::error!(%error, source = causes(error), "a group failed: the node ends here");
        end(Exit::of_cluster(error));
    })
}

/// Something on disk is not what it should be: a slot that came back empty would sell its places twice.
fn on_broken(end: Arc<dyn Fn(Exit) + Send + Sync>) -> OnBroken {
    Arc::new(move |entity, unreadable| {
        let entity = ids::entity_text(entity);
        tracing::error!(%entity, %unreadable, "a saved entity cannot be read: the node ends here");
        end(Exit::of_unreadable(unreadable));
    })
}
