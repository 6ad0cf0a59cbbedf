//! The groups of this node.

mod operator;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use parking_lot::Mutex;
use storage::{GroupId, Store};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::batch::Level;
use crate::clock::Clock;
use crate::comparison;
use crate::digests::Mismatch;
use crate::error::Error;
use crate::forming::{self, Gate};
use crate::founding::{self, FoundingListener, PROBATION};
use crate::group::{Foundation, Group};
use crate::handing::hand_all_over;
use crate::identity::{self, Identity};
use crate::machine::{Machine, MakeError, Parts};
use crate::members::{Members, NodeId, Peer};
use crate::network::Listener;
use crate::options::{Options, Start};
use crate::reconciler;
use crate::roll::{self, Roll, Sighting};
use crate::room;
use crate::rounds::Rounds;
use crate::skew;
use crate::transport::{Greeting, Handler, Incoming, Kind, Peers, Server, Us};
use crate::yielding;

pub use self::operator::HandedOver;

/// The number of the node that founds a cluster. The others' are indexes of group 0's log, and higher.
const FOUNDER: NodeId = 1;
/// Between two attempts to read from a group that has no leader yet.
const AGAIN: Duration = Duration::from_millis(20);

/// Answers the questions that the layer above asks on other nodes: a group that this node may lead, and the question's bytes.
pub type Questions = Box<dyn Fn(GroupId, Bytes) -> BoxFuture<'static, Bytes> + Send + Sync>;

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

/// What this node answers its peers from.
struct Serving<M: Machine> {
    gate: Arc<Gate<M>>,
    us: Us,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    questions: OnceLock<Questions>,
    /// When this node founded the cluster, in milliseconds, if it did.
    founded_ms: Option<u64>,
    gives_way: Once,
    /// Whether it is about to stop: then it had better lead nothing more.
    is_leaving: AtomicBool,
    on_fatal: Arc<dyn Fn(&Error) + Send + Sync>,
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
        make: impl FnMut(Parts) -> Result<Arc<M>, MakeError>,
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
        let groups = open_groups(&options, &store, foundation, make).await?;
        let gate = Arc::new(Gate {
            identity,
            groups: Arc::clone(&groups),
            peers: Arc::clone(&peers),
            zone: options.zone.clone(),
            keys: options.keys.clone(),
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
            && serving.gate.group_zero().consensus().is_alone().await?
            && let Err(error) = founding::ask_again(&options, &peers, listener.as_ref(), &us).await
        {
            // Why it ends is told, and not whether what it was could be saved.
            drop(shut_down(&groups).await);
            return Err(error);
        }
        let handler: Arc<dyn Handler> = Arc::<Serving<M>>::clone(&serving);
        let server = listener.map(|listener| Server::begin(&options.runtime, listener, us, handler));
        let roll = Arc::<Roll>::default();
        let runtime = options.runtime.clone();
        let tending = tend(options, this, &serving, &roll);
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

    /// All of them, by number.
    pub fn groups(&self) -> &[Arc<Group<M>>] {
        &self.serving.gate.groups
    }

    /// The group that owns `partition`: a fixed function of both numbers until partitions can move.
    pub fn group_of(&self, partition: u16) -> &Arc<Group<M>> {
        let groups = self.groups();
        groups.get(usize::from(partition) % groups.len()).expect("the remainder is below the count")
    }

    /// Group 0, whose members are the cluster's nodes.
    fn group_zero(&self) -> &Group<M> {
        self.serving.gate.group_zero()
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
        let all = self.groups().iter().flat_map(|group| group.comparisons().mismatches);
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
    /// any more: where a cluster was just founded, every group begins with the newest level.
    ///
    /// # Errors
    ///
    /// When a group fails meanwhile.
    pub async fn recover(&self) -> Result<(), Error> {
        for group in self.groups() {
            group.recover().await?;
            while group.read_index().await.is_err() || group.consensus().level_applied().is_none() {
                sleep(AGAIN).await;
            }
        }
        Ok(())
    }

    /// What this node has seen of each of the others, and knows of itself.
    pub fn sightings(&self) -> BTreeMap<NodeId, Sighting> {
        let gate = &self.serving.gate;
        self.roll.sightings(self.node(), &gate.zone, &forming::report(self.groups()))
    }

    /// The groups that have had no leader for longer than an election takes, as far as this node knows.
    pub fn leaderless(&self) -> Vec<GroupId> {
        let leaderless = self.groups().iter().filter(|group| roll::is_leaderless(group.leaderless_for()));
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
        hand_all_over(self.groups()).await;
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
        let saved = shut_down(self.groups()).await;
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
    hand_all_over(&gate.groups).await;
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
    options: Options,
    this: Peer,
    serving: &Arc<Serving<M>>,
    roll: &Arc<Roll>,
) -> Vec<JoinHandle<()>> {
    let Options { runtime, start, clock, on_fatal, .. } = options;
    let (gate, store) = (Arc::clone(&serving.gate), Arc::clone(&serving.store));
    // A founder whose cluster is no longer young asks no stranger about it: a peer may have lost its disk, and founded anew.
    let has_founded = matches!(start, Start::Found { .. }) && gate.identity.node == FOUNDER;
    let seeds = if has_founded && !serving.is_young() { Vec::new() } else { start.named().to_vec() };
    let groups = || Arc::clone(&gate.groups);
    let announcer = {
        let (gate, store) = (Arc::clone(&gate), Arc::clone(&store));
        async move {
            let why = forming::stay(&gate, &seeds, this).await;
            leave(&gate, store.as_ref(), why, on_fatal.as_ref()).await;
        }
    };
    vec![
        runtime.spawn(announcer),
        runtime.spawn(reconciler::reconcile(groups())),
        runtime.spawn(comparison::compare(groups())),
        runtime.spawn(yielding::yield_when_full(groups(), store)),
        runtime.spawn(roll::call(gate, clock, Arc::clone(roll))),
    ]
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

/// Opens every group, of which the others follow group 0; `foundation` is that of group 0.
async fn open_groups<M: Machine>(
    options: &Options,
    store: &Arc<dyn Store>,
    foundation: Foundation,
    mut make: impl FnMut(Parts) -> Result<Arc<M>, MakeError>,
) -> Result<Arc<[Arc<Group<M>>]>, Error> {
    let mut groups = Vec::new();
    for id in (0..foundation.identity.groups).map(GroupId) {
        let foundation = Foundation { id, ..foundation.clone() };
        let group_zero = groups.first().map(Arc::as_ref);
        let group = Group::open(options, foundation, Arc::clone(store), group_zero, &mut make).await?;
        groups.push(Arc::new(group));
    }
    Ok(groups.into())
}

impl<M: Machine> Serving<M> {
    /// Whether this node has founded its cluster a short time ago.
    fn is_young(&self) -> bool {
        let since = |founded_ms| u128::from(self.clock.wall_ms().saturating_sub(founded_ms));
        self.founded_ms.is_some_and(|founded_ms| since(founded_ms) < PROBATION.as_millis())
    }
}

impl<M: Machine> Handler for Serving<M> {
    fn heard(&self, greeting: &Greeting) {
        // A young cluster without another member gives way to one that knows its founder.
        if greeting.claims(&self.us) && self.is_young() && self.gate.group_zero().members().nodes.len() == 1 {
            self.gives_way.call_once(|| (self.on_fatal)(&founding::given_up(greeting)));
        }
    }

    fn answer(
        &self,
        Incoming { admitted, kind, group, payload }: Incoming,
    ) -> BoxFuture<'static, Result<Bytes, String>> {
        let place = usize::try_from(group.0).unwrap_or(usize::MAX);
        let Some(found) = self.gate.groups.get(place).map(Arc::clone) else {
            return async move { Err(format!("there is no group {group}")) }.boxed();
        };
        match kind {
            Kind::Forming => forming::answer(Arc::clone(&self.gate), admitted, payload).boxed(),
            Kind::Question => match self.questions.get() {
                Some(questions) => questions(group, payload).map(Ok).boxed(),
                None => async { Err("this node is not ready yet".to_owned()) }.boxed(),
            },
            Kind::Clock => ready(Ok(skew::encode(self.clock.wall_ms()))).boxed(),
            Kind::Room if self.is_leaving.load(Ordering::Acquire) => {
                ready(Err("this node is about to stop".to_owned())).boxed()
            }
            Kind::Room => ready(Ok(room::encode(self.store.room()))).boxed(),
            Kind::Append
            | Kind::Vote
            | Kind::PreVote
            | Kind::TransferLeader
            | Kind::SnapshotBegin
            | Kind::SnapshotPart
            | Kind::SnapshotEnd
            | Kind::ReadIndex
            | Kind::Digest
            | Kind::Hello
            | Kind::Answer
            | Kind::Refusal
            | Kind::Unproved => async move { found.consensus().answer(kind, payload).await }.boxed(),
        }
    }
}
