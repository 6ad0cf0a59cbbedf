//! The groups of this node.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all, ready};
use parking_lot::Mutex;
use storage::{GroupId, Store};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::batch::Level;
use crate::caretaker;
use crate::clock::Clock;
use crate::error::Error;
use crate::forming::{self, Reply, Request};
use crate::group::{Foundation, Group, Members, Peer};
use crate::identity::Identity;
use crate::machine::{Machine, MakeError, Parts};
use crate::options::{NodeId, Options, Start};
use crate::rounds::Rounds;
use crate::skew;
use crate::transport::{Handler, Incoming, Kind, Peers, Server, Us};
use crate::yielding;

/// The number of the node that founds a cluster. The others' are indexes of group 0's log, and higher.
const FOUNDER: NodeId = 1;
/// Between two attempts to read from a group that has no leader yet.
const AGAIN: Duration = Duration::from_millis(20);

/// Answers what the house above asks of its own on other nodes: a group that this node may lead, and the question.
pub type Questions = Box<dyn Fn(GroupId, Bytes) -> BoxFuture<'static, Bytes> + Send + Sync>;

/// Every group of this node, by number.
pub struct Cluster<M: Machine> {
    identity: Identity,
    peers: Arc<Peers>,
    house: Arc<House<M>>,
    caretaker: JoinHandle<()>,
    way_maker: JoinHandle<()>,
    conductor: JoinHandle<()>,
    herald: JoinHandle<()>,
    server: Mutex<Option<Server>>,
}

/// What peers may ask of this node.
struct House<M: Machine> {
    identity: Identity,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    groups: Arc<[Arc<Group<M>>]>,
    questions: OnceLock<Questions>,
}

impl<M: Machine> Cluster<M> {
    /// Opens every group over one store, once this node knows who it is: it founds a cluster, joins one (and waits until it
    /// is let in), or is what it was. `make` builds a group's machine from its saved state.
    ///
    /// # Errors
    ///
    /// When the store fails or what it holds is damaged, or the cluster does not take this node.
    pub async fn open(
        options: Options,
        store: Arc<dyn Store>,
        mut make: impl FnMut(Parts) -> Result<Arc<M>, MakeError>,
    ) -> Result<Self, Error> {
        let us = Us::default();
        let peers = Arc::new(Peers::new(options.runtime.clone(), Arc::clone(&options.network), us.clone()));
        let address = options.peers.as_ref().map(|listener| listener.address().to_string());
        let this = Peer { address: address.unwrap_or_default(), level: options.level };
        let identity = settle(&options, &store, &peers, &this).await?;
        us.become_member(identity.member());

        let (mut groups, rounds, began) = (Vec::new(), Arc::<Rounds>::default(), Instant::now());
        for id in (0..identity.groups).map(GroupId) {
            let founder = (identity.node == FOUNDER).then(|| this.clone());
            let (peers, rounds) = (Arc::clone(&peers), Arc::clone(&rounds));
            let foundation = Foundation { id, identity, founder, peers, rounds, began };
            let registry = groups.first().map(Arc::as_ref);
            let group = Group::open(&options, foundation, Arc::clone(&store), registry, &mut make).await?;
            groups.push(Arc::new(group));
        }
        let groups: Arc<[Arc<Group<M>>]> = groups.into();
        let Options { runtime, start, peers: listener, clock, on_fatal, .. } = options;
        let questions = OnceLock::new();
        let house =
            House { identity, clock, store: Arc::clone(&store), groups: Arc::clone(&groups), questions };
        let house = Arc::new(house);
        let handler: Arc<dyn Handler> = Arc::<House<M>>::clone(&house);
        let server = listener.map(|listener| Server::begin(&runtime, listener, us, handler));
        let herald = {
            let seeds = if let Start::Join { seeds } = start { seeds } else { Vec::new() };
            let peers = Arc::clone(&peers);
            let registry = Arc::clone(groups.first().expect("there is a group 0"));
            runtime.spawn(async move {
                let told = forming::announce(&registry, &peers, &seeds, identity, this).await;
                if let Err(why) = told {
                    on_fatal(&Error::NotWelcome { why });
                }
            })
        };
        let caretaker = runtime.spawn(caretaker::tend(Arc::clone(&groups)));
        let way_maker = runtime.spawn(yielding::make_way(groups, store));
        let conductor = runtime.spawn(async move { rounds.conduct().await });
        let server = Mutex::new(server);
        Ok(Self { identity, peers, house, caretaker, way_maker, conductor, herald, server })
    }

    /// This node's number.
    pub fn node(&self) -> NodeId {
        self.identity.node
    }

    /// All of them, by number.
    pub fn groups(&self) -> &[Arc<Group<M>>] {
        &self.house.groups
    }

    /// The group that owns `partition`: a fixed function of both numbers until partitions can move.
    pub fn group_of(&self, partition: u16) -> &Arc<Group<M>> {
        let groups = self.groups();
        groups.get(usize::from(partition) % groups.len()).expect("the remainder is below the count")
    }

    /// Group 0, whose members are the cluster's nodes.
    fn registry(&self) -> &Group<M> {
        self.groups().first().expect("there is a group 0")
    }

    /// The level of the rules that is in force, as far as this node knows; 0 where it knows of none yet.
    pub fn level(&self) -> Level {
        self.registry().status().level
    }

    /// The cluster's nodes, as far as this one knows; `voters` are those that vote in group 0.
    pub fn members(&self) -> Members {
        self.registry().members()
    }

    /// From now on, `questions` answers what is asked of this node by [`Group::ask_leader`] elsewhere; before, whoever asks
    /// is told to ask again. Once in a cluster's life.
    pub fn answer_with(&self, questions: Questions) {
        assert!(self.house.questions.set(questions).is_ok(), "one house answers");
    }

    /// Waits until every replica has everything that was committed when this was called, and what it had before the process
    /// was stopped. A node that was alone has then voted for itself; one of several has found the others.
    ///
    /// # Errors
    ///
    /// When a group fails meanwhile.
    pub async fn recover(&self) -> Result<(), Error> {
        for group in self.groups() {
            group.recover().await?;
            while group.read_index().await.is_err() {
                sleep(AGAIN).await;
            }
        }
        Ok(())
    }

    /// Removes a node from the cluster, wherever group 0 is led.
    ///
    /// # Errors
    ///
    /// Why it was not, in words for an operator.
    pub async fn remove(&self, node: NodeId) -> Result<(), String> {
        let request = Request::Remove { node };
        let mut reply = forming::decide(self.registry(), self.identity, &request).await;
        if let Reply::Elsewhere(address) = reply {
            reply = forming::ask_around(&self.peers, &[address], &request).await;
        }
        match reply {
            Reply::Done => Ok(()),
            Reply::Later(why) | Reply::Never(why) => Err(why),
            Reply::Welcome(_) | Reply::Elsewhere(_) => Err("group 0 has no leader now".to_owned()),
        }
    }

    /// Lets other nodes lead, saves everything and stops every group.
    ///
    /// # Errors
    ///
    /// The first failure; every group is stopped all the same.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.caretaker.abort();
        self.way_maker.abort();
        self.herald.abort();
        join_all(self.groups().iter().map(|group| group.consensus().hand_over(group.members().voters))).await;
        let server = self.server.lock().take();
        if let Some(server) = server {
            server.end().await;
        }
        let mut first = Ok(());
        for group in self.groups() {
            first = first.and(group.shutdown().await);
        }
        self.conductor.abort();
        first
    }
}

/// Who this node is, written down before it is used.
async fn settle(
    options: &Options,
    store: &Arc<dyn Store>,
    peers: &Peers,
    this: &Peer,
) -> Result<Identity, Error> {
    if let Some(identity) = Identity::read(store.as_ref())? {
        return match options.start {
            Start::Found { .. } if identity.groups != options.groups => {
                Err(Error::Groups { founded: identity.groups, configured: options.groups })
            }
            Start::Found { .. } | Start::Join { .. } => Ok(identity),
        };
    }
    let identity = match &options.start {
        Start::Found { cluster } => Identity { cluster: *cluster, node: FOUNDER, groups: options.groups },
        Start::Join { .. } if this.address.is_empty() => return Err(Error::NoAddress),
        Start::Join { seeds } => forming::join(peers, seeds, this).await?,
    };
    identity.write(store.as_ref()).await?;
    Ok(identity)
}

impl<M: Machine> Handler for House<M> {
    fn answer(
        &self,
        Incoming { kind, group, payload }: Incoming,
    ) -> BoxFuture<'static, Result<Bytes, String>> {
        let place = usize::try_from(group.0).unwrap_or(usize::MAX);
        let Some(found) = self.groups.get(place).map(Arc::clone) else {
            return async move { Err(format!("there is no group {group}")) }.boxed();
        };
        match kind {
            Kind::Forming => forming::answer(found, self.identity, payload).boxed(),
            Kind::Question => match self.questions.get() {
                Some(questions) => questions(group, payload).map(Ok).boxed(),
                None => async { Err("this node is not ready yet".to_owned()) }.boxed(),
            },
            Kind::Clock => ready(Ok(skew::encode(self.clock.wall_ms()))).boxed(),
            Kind::Room => ready(Ok(yielding::encode(self.store.room()))).boxed(),
            Kind::Append
            | Kind::Vote
            | Kind::PreVote
            | Kind::TransferLeader
            | Kind::SnapshotBegin
            | Kind::SnapshotPart
            | Kind::SnapshotEnd
            | Kind::ReadIndex
            | Kind::Hello
            | Kind::Answer
            | Kind::Refusal => async move { found.consensus().answer(kind, payload).await }.boxed(),
        }
    }
}
