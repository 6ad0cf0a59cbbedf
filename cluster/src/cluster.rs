//! The groups of this node.

mod elsewhere;
mod operator;
mod placing;
mod serving;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use storage::{GroupId, Store};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::batch::Level;
use crate::comparison;
use crate::digests::Mismatch;
use crate::error::Error;
use crate::forming::{self, Gate};
use crate::founding::{self, FoundingListener};
use crate::group::{Foundation, Group};
use crate::handing::hand_all_over;
use crate::identity::{self, Identity};
use crate::keeper::{self, Opener};
use crate::machine::{Machine, MakeError, Parts};
use crate::members::{KeyHash, Members, NodeId, Peer};
use crate::mover;
use crate::network::Listener;
use crate::options::{Options, Start};
use crate::reconciler;
use crate::roll::{self, Roll, Sighting};
use crate::rounds::Rounds;
use crate::table::Table;
use crate::transport::{Handler, Peers, Server, Us};
use crate::yielding;

pub use self::operator::HandedOver;
pub use self::serving::Questions;

use self::serving::Serving;

/// The number of the node that founds a cluster. The others' are indexes of group 0's log, and higher.
const FOUNDER: NodeId = 1;
/// Between two attempts to read from a group that has no leader yet.
const AGAIN: Duration = Duration::from_millis(20);

/// Every group of this node, by number.
pub struct Cluster<M: Machine> {
    identity: Identity,
    peers: Arc<Peers>,
    serving: Arc<Serving<M>>,
    roll: Arc<Roll>,
    /// What tends the groups while they live.
    tending: Vec<JoinHandle<()>>,
    round_starter: JoinHandle<()>,
    server: Mutex<Option<Server>>,
}

impl<M: Machine> Cluster<M> {
    /// Opens every group over one store, once this node knows who it is: it founds a cluster, joins one (and waits until it
    /// is let in), or is what it was. `make` builds a group's machine from its saved state.
    ///
    /// # Errors
    ///
    /// When the store fails or what it holds is damaged, the cluster does not take this node, or a node that is to found one is
    /// known to another.
    pub async fn open(
        mut options: Options,
        store: Arc<dyn Store>,
        make: impl Fn(Parts) -> Result<Arc<M>, MakeError> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let us = Us::default();
        let peers = Arc::new(Peers::new(options.runtime.clone(), Arc::clone(&options.network), us.clone()));
        let listener: Option<Arc<dyn Listener>> = options.peers.take().map(Arc::from);
        let advertised = options.advertised.take();
        let address = advertised.or_else(|| listener.as_ref().map(|listener| listener.address().to_string()));
        let this = Peer { address: address.unwrap_or_default(), level: options.level };
        let known = known(store.as_ref())?;
        let identity = match known {
            Some(identity) => identity,
            None => establish(&options, store.as_ref(), &peers, listener.as_ref(), &us, &this).await?,
        };
        if matches!(options.start, Start::Found { .. }) && identity.groups != options.groups {
            return Err(Error::Groups { founded: identity.groups, configured: options.groups });
        }
        us.become_member(identity.member());
        let rounds = Arc::<Rounds>::default();
        let foundation = Foundation {
            id: GroupId(0),
            identity,
            founder: (identity.node == FOUNDER).then(|| this.clone()),
            peers: Arc::clone(&peers),
            rounds: Arc::clone(&rounds),
            began: Instant::now(),
        };
        let options = Arc::new(options);
        let opener = Opener {
            options: Arc::clone(&options),
            store: Arc::clone(&store),
            make: Box::new(make),
            foundation,
        };
        let (group_zero, table) = opener.open_all().await?;
        let gate = Arc::new(Gate {
            identity,
            group_zero,
            table: Arc::new(table),
            peers: Arc::clone(&peers),
            zone: options.zone.clone(),
            replicas: options.replicas,
            keys: RwLock::new(options.keys.clone()),
        });
        let serving = Arc::new(Serving {
            gate: Arc::clone(&gate),
            us: us.clone(),
            clock: Arc::clone(&options.clock),
            store: Arc::clone(&store),
            questions: OnceLock::new(),
            founded_ms: identity::founded_ms(store.as_ref())?,
            gives_way: Once::new(),
            is_leaving: AtomicBool::default(),
            on_fatal: Arc::clone(&options.on_fatal),
        });
        if known.is_some()
            && serving.is_young()
            && serving.gate.group_zero.consensus().is_alone().await?
            && let Err(error) = founding::ask_again(&options, &peers, listener.as_ref(), &us).await
        {
            // Why it ends is told, and not whether what it was could be saved.
            drop(shut_down(&gate.table.open()).await);
            return Err(error);
        }
        let handler: Arc<dyn Handler> = Arc::<Serving<M>>::clone(&serving);
        let server = listener.map(|listener| Server::begin(&options.runtime, listener, us, handler));
        let roll = Arc::<Roll>::default();
        let runtime = options.runtime.clone();
        let tending = tend(opener, this, &serving, &roll);
        let round_starter = runtime.spawn(async move { rounds.start_all().await });
        Ok(Self { identity, peers, serving, roll, tending, round_starter, server: Mutex::new(server) })
    }

    /// This node's number.
    pub fn node(&self) -> NodeId {
        self.identity.node
    }

    /// The cluster's number, which no other cluster has.
    pub fn number(&self) -> u128 {
        self.identity.cluster
    }

    /// How many groups the cluster has, here or elsewhere.
    pub fn count(&self) -> usize {
        self.table().count()
    }

    /// Those that are open here, by number: of the others this node has no replica.
    pub fn groups(&self) -> Vec<Arc<Group<M>>> {
        self.table().open()
    }

    /// Whether any of them is elsewhere.
    pub fn lacks_any(&self) -> bool {
        self.table().lacks_any()
    }

    /// The number of the group that owns `partition`: a fixed function of both numbers until partitions can move.
    pub fn number_of(&self, partition: u16) -> GroupId {
        let count = u16::try_from(self.count()).unwrap_or(u16::MAX);
        GroupId(u32::from(partition % count))
    }

    /// The group that owns `partition`, if it is open here.
    pub fn group_of(&self, partition: u16) -> Option<Arc<Group<M>>> {
        self.table().get(self.number_of(partition))
    }

    /// The group with this number, if it is open here.
    pub fn group(&self, group: GroupId) -> Option<Arc<Group<M>>> {
        self.table().get(group)
    }

    /// Whether there is a group with this number, here or elsewhere.
    pub fn has(&self, group: GroupId) -> bool {
        self.table().has(group)
    }

    /// Whether this node may check tokens with the secrets of these hashes from now on: not where the others would take it for a
    /// stranger then. Among several nodes a secret stays until all have the next one too.
    pub fn may_use(&self, keys: &BTreeSet<KeyHash>) -> bool {
        let gate = &self.serving.gate;
        gate.group_zero.members().nodes.len() <= 1 || !gate.is_strange(keys)
    }

    /// From now on this node checks tokens with the secrets of these hashes.
    pub fn use_keys(&self, keys: BTreeSet<KeyHash>) {
        *self.serving.gate.keys.write() = keys;
    }

    /// Has a task go on beside every group, for as long as the group is open: those that are, and those that will be. What the task
    /// holds must not hold the cluster.
    pub fn attend(&self, begin: impl Fn(&Arc<Group<M>>) -> JoinHandle<()> + Send + Sync + 'static) {
        self.table().attend(Box::new(begin));
    }

    fn table(&self) -> &Table<M> {
        &self.serving.gate.table
    }

    /// Group 0, whose members are the cluster's nodes.
    fn group_zero(&self) -> &Group<M> {
        &self.serving.gate.group_zero
    }

    /// The level of the rules that is in force, as far as this node knows; 0 where it knows of none yet.
    pub fn level(&self) -> Level {
        self.group_zero().status().level
    }

    /// The cluster's nodes, as far as this one knows; `voters` are those that vote in group 0.
    pub fn members(&self) -> Members {
        self.group_zero().members()
    }

    /// Nodes of the cluster at whose address somebody else is, and what is said there: their disk was lost, say.
    pub fn misplaced(&self) -> BTreeMap<NodeId, String> {
        let members = self.members().nodes;
        let mut misplaced = self.peers.misplaced();
        misplaced.retain(|node, _why| members.contains_key(node));
        misplaced
    }

    /// Nodes of the cluster with which this one does not come to terms about who they are, and why: a certificate has ended, say.
    pub fn unproved(&self) -> BTreeMap<NodeId, String> {
        let members = self.members().nodes;
        let mut unproved = self.peers.unproved();
        unproved.retain(|node, _why| members.contains_key(node));
        unproved
    }

    /// Replicas on other nodes of the cluster that differed from this node's when they were last compared (RG-5), the newest
    /// index of each group and node.
    pub fn mismatches(&self) -> Vec<Mismatch> {
        let groups = self.groups();
        let all = groups.iter().flat_map(|group| group.comparisons().mismatches);
        let mut mismatches: Vec<_> = all.collect();
        if !mismatches.is_empty() {
            let members = self.members().nodes;
            mismatches.retain(|mismatch| members.contains_key(&mismatch.peer));
        }
        mismatches
    }

    /// From now on, `questions` answers what other nodes ask of this one by [`Group::ask_leader`]; before, every question is
    /// refused, to be asked again. Called once in the life of a `Cluster`.
    pub fn answer_with(&self, questions: Questions) {
        assert!(self.serving.questions.set(questions).is_ok(), "the answers to questions are set once");
    }

    /// Waits until every replica has everything that was committed when this was called, and what it had before the process
    /// was stopped. A node that was alone has then voted for itself; one of several has found the others. And no log says nothing
    /// any more: where a cluster was just founded, every group begins with the newest level. For a replica that is given up meanwhile
    /// nobody waits.
    ///
    /// # Errors
    ///
    /// When a group fails meanwhile.
    pub async fn recover(&self) -> Result<(), Error> {
        for group in self.groups() {
            let is_here = || self.table().get(group.id()).is_some_and(|open| Arc::ptr_eq(&open, &group));
            let is_behind =
                async || group.read_index().await.is_err() || group.consensus().level_applied().is_none();
            let recovered = async {
                group.recover().await?;
                while is_here() && is_behind().await {
                    sleep(AGAIN).await;
                }
                Ok(())
            };
            // Of one that lost its membership while this node was down nobody says any more what was committed.
            let is_given_up = async {
                while is_here() {
                    sleep(AGAIN).await;
                }
            };
            tokio::select! {
                biased;
                () = is_given_up => {}
                recovered = recovered => recovered.or_else(|error| if is_here() { Err(error) } else { Ok(()) })?,
            }
        }
        Ok(())
    }

    /// What this node has seen of each of the others, and knows of itself.
    pub fn sightings(&self) -> BTreeMap<NodeId, Sighting> {
        let gate = &self.serving.gate;
        self.roll.sightings(self.node(), &gate.zone, &forming::report(&self.groups()))
    }

    /// The groups that have had no leader for longer than an election takes, as far as this node knows.
    pub fn leaderless(&self) -> Vec<GroupId> {
        let groups = self.groups();
        let leaderless = groups.iter().filter(|group| roll::is_leaderless(group.leaderless_for()));
        leaderless.map(|group| group.id()).collect()
    }

    /// Whether there is a node with this number, or may have been.
    pub fn knows_number(&self, node: NodeId) -> bool {
        (1..=self.group_zero().status().last.0).contains(&node)
    }

    /// How many groups have a node as a member, as far as this node knows.
    pub fn groups_with(&self, node: NodeId) -> usize {
        self.groups().iter().filter(|group| group.members().nodes.contains_key(&node)).count()
    }

    /// Lets other nodes lead, and no other node lets this one: it is about to stop, and goes on serving until then.
    pub async fn step_aside(&self) {
        self.serving.is_leaving.store(true, Ordering::Release);
        hand_all_over(&self.groups()).await;
    }

    /// Lets other nodes lead, saves everything and stops every group.
    ///
    /// # Errors
    ///
    /// The first failure; every group is stopped all the same.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.tending.iter().for_each(JoinHandle::abort);
        self.step_aside().await;
        let server = self.server.lock().take();
        if let Some(server) = server {
            server.end().await;
        }
        let saved = shut_down(&self.groups()).await;
        self.round_starter.abort();
        saved
    }
}

/// The cluster does not take this node, or not any more: whoever is asked next shall lead, and the node ends.
async fn leave<M: Machine>(
    gate: &Gate<M>,
    store: &dyn Store,
    why: String,
    on_fatal: &(dyn Fn(&Error) + Send + Sync),
) {
    hand_all_over(&gate.table.open()).await;
    if why == forming::removal(gate.identity.node)
        && let Err(error) = identity::write_removed(store).await
    {
        return on_fatal(&error);
    }
    on_fatal(&Error::NotWelcome { why });
}

/// Saves everything and stops every group; the first failure.
async fn shut_down<M: Machine>(groups: &[Arc<Group<M>>]) -> Result<(), Error> {
    let mut first = Ok(());
    for group in groups {
        first = first.and(group.shutdown().await);
    }
    first
}

/// Who a node is whose data are not new.
fn known(store: &dyn Store) -> Result<Option<Identity>, Error> {
    let known = Identity::read(store)?;
    match &known {
        Some(identity) if identity::was_removed(store)? => {
            Err(Error::NotWelcome { why: forming::removal(identity.node) })
        }
        Some(_) => Ok(known),
        None => identity::check_restored(store).map(|()| None),
    }
}

/// Tends the groups, each task for as long as the node lives.
fn tend<M: Machine>(
    opener: Opener<M>,
    this: Peer,
    serving: &Arc<Serving<M>>,
    roll: &Arc<Roll>,
) -> Vec<JoinHandle<()>> {
    let options = Arc::clone(&opener.options);
    let (runtime, start, on_fatal) = (&options.runtime, &options.start, Arc::clone(&options.on_fatal));
    let (gate, store) = (Arc::clone(&serving.gate), Arc::clone(&serving.store));
    // A founder whose cluster is no longer young asks no stranger about it: a peer may have lost its disk, and founded anew.
    let has_founded = matches!(start, Start::Found { .. }) && gate.identity.node == FOUNDER;
    let seeds = if has_founded && !serving.is_young() { Vec::new() } else { start.named().to_vec() };
    let table = || Arc::clone(&gate.table);
    let announcer = {
        let (gate, store) = (Arc::clone(&gate), Arc::clone(&store));
        async move {
            let why = forming::stay(&gate, &seeds, this).await;
            leave(&gate, store.as_ref(), why, on_fatal.as_ref()).await;
        }
    };
    let mut tending = vec![
        runtime.spawn(announcer),
        runtime.spawn(reconciler::reconcile(Arc::clone(&gate))),
        runtime.spawn(comparison::compare(table())),
        runtime.spawn(yielding::yield_when_full(table(), store)),
        runtime.spawn(keeper::keep(Arc::clone(&gate), opener)),
        runtime.spawn(roll::call(Arc::clone(&gate), Arc::clone(&options.clock), Arc::clone(roll))),
    ];
    if gate.replicas.are_moved() {
        tending.push(runtime.spawn(mover::keep_moving(gate, Arc::clone(roll))));
    }
    tending
}

/// Who a node with new data is, written down before it is used.
async fn establish(
    options: &Options,
    store: &dyn Store,
    peers: &Peers,
    listener: Option<&Arc<dyn Listener>>,
    us: &Us,
    this: &Peer,
) -> Result<Identity, Error> {
    let founding_listener = FoundingListener::open(&options.runtime, listener, us);
    let founds = match &options.start {
        Start::Join { .. } => None,
        Start::Found { cluster, peers: named, listens } => {
            let known = founding::inquire(peers, named, &founding_listener, us, *listens).await?;
            if let Some(peer) = &known {
                tracing::error!(
                    peer,
                    "there is a cluster already: this node founds no other, and asks to join it"
                );
            }
            known.is_none().then_some(*cluster)
        }
    };
    let (identity, founded_ms) = match founds {
        Some(cluster) => {
            let identity = Identity { cluster, node: FOUNDER, groups: options.groups };
            (identity, Some(options.clock.wall_ms()))
        }
        None if this.address.is_empty() => return Err(Error::NoAddress),
        None => (forming::join(peers, options.start.named(), this, &options.keys).await?, None),
    };
    founding_listener.close().await;
    identity.write(store, founded_ms).await?;
    Ok(identity)
}
