//! The way to the entities, wherever they are led: asks for changes, reads, and pages of the list.

mod answered;
mod ask;
pub(crate) mod bells;
pub(crate) mod houses;
mod intents;
mod local_view;
mod own_slots;
pub(crate) mod pace;
pub(crate) mod passed;
mod passing;
pub(crate) mod query;
pub(crate) mod read;
mod read_index;
mod seatmap_texts;
pub(crate) mod seatmaps;
mod shards;
mod wire;

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use booking::{Delivery, EntityId, Outcome, SlotId, Timestamp, entity, organizer, stored};
use bytes::Bytes;
use cluster::codec;
use cluster::{AskError, Cluster};
use futures::FutureExt as _;
use serde::de::DeserializeOwned;
use storage::{GroupId, Room, Space, Store};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout};

pub(crate) use self::ask::Ask;
pub(crate) use self::local_view::LocalView;
pub(crate) use self::shards::Shards;
pub(crate) use self::wire::{Health, Passed, PassedAnswer, Unrouted};

use self::answered::Answered;
use self::houses::Houses;
use self::passed::{PassedService, UPSTREAMS_MAX};
use self::query::{Bounds, Page};
use self::read::LinearizableRead;
use self::read_index::ReadIndexRounds;
use self::seatmap_texts::{SeatmapTexts, Seatmaps};
use self::shards::{AGAIN, LEADERLESS};
use self::wire::{Answer, Question};
use crate::actors::message::ReadView;
use crate::actors::registry::Presence;
use crate::actors::waiters::{Reply, Unanswered};
use crate::apart::apart;
use crate::log::Command;
use crate::machine::ShardMachine;
use crate::permits::{Lane, Permit, Permits};
use crate::saved::archive::Wanted;
use crate::views::listing;

/// How long a leader elsewhere may take: longer than any request, whose own deadline comes first.
const ELSEWHERE: Duration = Duration::from_secs(15);
/// Pages that are read from the disk, and texts that are packed, at the same time: whoever books shares the cores with them.
const PAGES_AT_ONCE: usize = 2;

/// The way into the groups. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Router {
    shards: Shards,
    admission: Arc<Admission>,
}

/// A [`Router`] for whoever must not keep the cluster: it ends with the cluster.
#[derive(Clone)]
pub(crate) struct Way {
    cluster: Weak<Cluster<ShardMachine>>,
    admission: Arc<Admission>,
}

impl Way {
    /// The way itself, if there is still a cluster.
    pub(crate) fn upgrade(&self) -> Option<Router> {
        let shards = Shards::new(self.cluster.upgrade()?);
        Some(Router { shards, admission: Arc::clone(&self.admission) })
    }
}

/// What bounds how much is under way at once.
struct Admission {
    permits: Permits,
    read_index: ReadIndexRounds,
    /// Turns at the disk, and whether there is room on it.
    pages: Semaphore,
    store: Arc<dyn Store>,
    /// What was read of what never changes.
    seatmap_texts: SeatmapTexts,
    seatmaps: Seatmaps,
    /// What was seen of what is watched.
    houses: Houses,
    /// Streams of other nodes that may be followed still.
    upstreams: Arc<Semaphore>,
    /// Who answers what other nodes pass on; it holds the way to the entities itself.
    passed: OnceLock<Weak<dyn PassedService>>,
}

impl Router {
    pub(crate) fn new(cluster: Arc<Cluster<ShardMachine>>, store: Arc<dyn Store>, permits: Permits) -> Self {
        let pages = Semaphore::new(PAGES_AT_ONCE);
        let admission = Admission {
            permits,
            read_index: ReadIndexRounds::default(),
            pages,
            store,
            seatmap_texts: SeatmapTexts::default(),
            seatmaps: Seatmaps::default(),
            houses: Houses::default(),
            upstreams: Arc::new(Semaphore::new(UPSTREAMS_MAX)),
            passed: OnceLock::new(),
        };
        Self { shards: Shards::new(cluster), admission: Arc::new(admission) }
    }

    /// The same for whoever must not keep the cluster.
    pub(crate) fn downgrade(&self) -> Way {
        Way { cluster: Arc::downgrade(self.shards.cluster()), admission: Arc::clone(&self.admission) }
    }

    /// From now on, other nodes may ask through this one, and pass requests on to `service`.
    pub(crate) fn open_to_peers<S: PassedService + 'static>(&self, service: &Arc<S>) {
        let service: Weak<S> = Arc::downgrade(service);
        assert!(self.admission.passed.set(service).is_ok(), "a node opens once");
        // Not the cluster itself: it holds this closure.
        let way = self.downgrade();
        self.shards.cluster().answer_with(Box::new(move |_group, question| {
            let router = way.upgrade();
            async move {
                match router {
                    Some(router) => router.answer(question).await,
                    None => nothing_appended(),
                }
            }
            .boxed()
        }));
    }

    /// The shards of this node.
    pub(crate) fn shards(&self) -> &Shards {
        &self.shards
    }

    /// The node's disk.
    pub(crate) fn disk(&self) -> (Room, Space) {
        (self.admission.store.room(), self.admission.store.space())
    }

    /// The houses at which somebody looks.
    pub(crate) fn houses(&self) -> &Houses {
        &self.admission.houses
    }

    /// How many wait for an answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.admission.permits.in_use()
    }

    /// A permit, unless too many are out.
    pub(crate) fn permit(&self, lane: Lane) -> Result<Permit, Unrouted> {
        self.admission.permits.take(lane).ok_or(Unrouted::Overloaded)
    }

    /// A request as it goes into the log, in the shape that every node of the cluster reads once it may be proposed.
    pub(crate) fn prepare(&self, request: impl Into<entity::Request>) -> Ask {
        let request = request.into();
        Ask::new(self.shards.level(request.entity()), request)
    }

    /// Asks a slot for a change and waits for the answer of the rules, wherever the slot's group is led.
    pub(crate) fn ask(
        &self,
        asked: &Ask,
        lane: Lane,
    ) -> impl Future<Output = Result<Outcome, Unrouted>> + Send {
        self.ask_for(asked, lane)
    }

    /// The same of any entity, which answers as those of its kind do.
    async fn ask_for<A: Answered>(&self, asked: &Ask, lane: Lane) -> Result<A, Unrouted> {
        let here = match self.propose(asked, lane) {
            Ok(answer) => outcome_of(answer.await),
            Err(why) => Err(why),
        };
        match here {
            // Boxed: this is rare on the node that customers were sent to, and everyone who waits would have room for it.
            Err(why @ (Unrouted::NoLeader | Unrouted::Unknown)) => {
                Box::pin(self.ask_leader(asked, lane, why)).await
            }
            here => here,
        }
    }

    /// Asks the leader, one hop away, until there is one or nobody has led for too long. What was never appended is asked again, and
    /// what was and of which nobody knows what became, since its leader leads no more: under its key it has one effect, whoever is
    /// asked. `so_far` is what is known of it.
    async fn ask_leader<A: Answered>(
        &self,
        asked: &Ask,
        lane: Lane,
        mut so_far: Unrouted,
    ) -> Result<A, Unrouted> {
        let _permit = self.permit(lane).map_err(|why| known(so_far, why))?;
        let question = Question::bytes(lane, asked.command.to_vec());
        let here = self.shards.group(asked.entity).ok();
        let give_up = here.as_deref().map_or_else(|| Instant::now() + LEADERLESS, shards::give_up);
        loop {
            // It may come here, or go, while somebody waits.
            let here = self.shards.group(asked.entity).ok();
            let answer = if here.as_ref().is_some_and(|group| group.leads()) {
                self.ask_here(asked, lane).await
            } else {
                self.ask_elsewhere::<A::Stored>(asked.entity, question.clone()).await.map(Into::into)
            };
            match answer {
                Err(Unrouted::NoLeader) => {}
                Err(Unrouted::Unknown) => so_far = Unrouted::Unknown,
                answer => return answer.map_err(|why| known(so_far, why)),
            }
            if give_up <= Instant::now() {
                return Err(so_far);
            }
            if here.is_none() {
                self.shards.cluster().look_for_leaders().await;
            }
            sleep(AGAIN).await;
        }
    }

    /// Asks the node that leads an entity's group, once.
    async fn ask_elsewhere<T: DeserializeOwned>(
        &self,
        entity: EntityId,
        question: Bytes,
    ) -> Result<T, Unrouted> {
        let answer = match self.shards.group(entity) {
            Ok(group) => group.ask_leader(question, ELSEWHERE).await,
            Err(_elsewhere) => {
                let group = (self.shards.number(entity), 0);
                let asked = self.shards.cluster().ask_elsewhere(group, question, ELSEWHERE);
                asked.await.map(|(_node, answer)| answer)
            }
        };
        Answer::read(&answer.map_err(|error| not_asked(&error))?)
    }

    /// Answers another node's [`Router::ask`]: here or not at all, so that no question wanders.
    async fn answer(&self, question: Bytes) -> Bytes {
        let (lane, command) = match codec::decode(&question) {
            Ok(Question::V1 { lane, command }) => (lane, command),
            // Boxed: large, and rarer than commands.
            Ok(Question::V2(question)) => return Box::pin(self.answer_passed(question)).await,
            // A question that cannot be read is of a later version: the node that asks may know another.
            Err(_unreadable) => return nothing_appended(),
        };
        match codec::decode(&command) {
            Ok(Command::Retry(entity)) => Answer::bytes(self.retry_here(entity).await),
            Ok(Command::Deliver(delivery)) => {
                let delivery = Delivery::from(delivery);
                let level = self.shards.level(delivery.to);
                let delivered = self.deliver_here(&delivery).await;
                Answer::bytes(delivered.map(|delivered| stored::Delivered::at(level, delivered)))
            }
            Ok(Command::Request(request)) => {
                self.answer_for::<Outcome>(booking::Request::from(request), command, lane).await
            }
            Ok(Command::Organizer(request)) => {
                let request = organizer::Request::from(request);
                self.answer_for::<organizer::Outcome>(request, command, lane).await
            }
            Ok(_) | Err(_) => nothing_appended(),
        }
    }

    /// Answers another node's request to an entity, as those of its kind answer.
    async fn answer_for<A: Answered>(
        &self,
        request: impl Into<entity::Request>,
        command: Vec<u8>,
        lane: Lane,
    ) -> Bytes {
        let asked = Ask::read(&request.into(), Bytes::from(command));
        let answer = self.ask_here::<A>(&asked, lane).await;
        let level = self.shards.level(asked.entity);
        Answer::bytes(answer.map(|outcome| outcome.at(level)))
    }

    /// Tries an entity again on every replica where its rules broke, and says how it is then on the leader.
    pub(crate) async fn retry(&self, entity: impl Into<EntityId>) -> Result<Health, Unrouted> {
        let entity = entity.into();
        if self.shards.group(entity).is_ok_and(|group| group.leads()) {
            return self.retry_here(entity).await;
        }
        let command = codec::encode(&Command::Retry(entity));
        self.ask_elsewhere(entity, Question::bytes(Lane::Holder, command)).await
    }

    async fn retry_here(&self, entity: EntityId) -> Result<Health, Unrouted> {
        let handle = self.shards.handle(entity)?;
        let tried = handle.tried();
        // Also where the entity is sound here: its rules may have broken on a replica that ran another build.
        let command = Bytes::from(codec::encode(&Command::Retry(entity)));
        self.shards.group(entity)?.proposals().propose(command);
        while handle.tried() == tried {
            let changed = handle.changed();
            if handle.tried() == tried && timeout(ELSEWHERE, changed).await.is_err() {
                return Err(Unrouted::Unknown);
            }
        }
        let broke = handle.read(Wanted::Nothing, |view| view.broke).await?;
        Ok(if broke.is_some() { Health::Faulted } else { Health::Sound })
    }

    /// Asks for a change of an entity whose group this node leads.
    async fn ask_here<A: Answered>(&self, asked: &Ask, lane: Lane) -> Result<A, Unrouted> {
        outcome_of(self.propose(asked, lane)?.await)
    }

    /// Puts a request into the log of a group that this node leads; the answer comes later.
    fn propose(
        &self,
        asked: &Ask,
        lane: Lane,
    ) -> Result<oneshot::Receiver<Result<entity::Outcome, Unanswered>>, Unrouted> {
        let Ask { entity, asked, since, command } = asked;
        let group = self.shards.group(*entity)?;
        // Before anything else, so that a node asks no other for what that one may not read. Every later entry is of this level too.
        if group.machine().0.registry().level() < *since {
            return Err(Unrouted::Upgrading);
        }
        if !group.leads() {
            return Err(Unrouted::NoLeader);
        }
        let permit = self.permit(lane)?;
        if !lane.fits(self.admission.store.room()) {
            return Err(Unrouted::StorageFull);
        }
        let pin = group.machine().0.pin(*entity).ok_or(Unrouted::NoLeader)?;
        let published = Arc::clone(&pin.published);
        let (to, answer) = oneshot::channel();
        let reply = Reply { to, _held: (permit, pin) };
        published.waiters.ask(*asked, reply, || group.proposals().propose(command.clone()));
        Ok(answer)
    }

    /// Begins to read an entity behind everything that was committed before this call (linearizable).
    pub(crate) async fn linearizable(
        &self,
        entity: impl Into<EntityId>,
    ) -> Result<LinearizableRead, Unrouted> {
        let entity = entity.into();
        let permit = self.permit(Lane::Reader)?;
        self.shards.catch_up(&*self.shards.group(entity)?).await?;
        self.behind(entity, permit)
    }

    /// The same behind what this node has been handed: by somebody who has waited for everything that was committed before.
    pub(crate) fn caught_up(&self, slot: SlotId) -> Result<LinearizableRead, Unrouted> {
        let permit = self.permit(Lane::Reader)?;
        self.behind(slot.into(), permit)
    }

    fn behind(&self, entity: EntityId, permit: Permit) -> Result<LinearizableRead, Unrouted> {
        let handle = match self.shards.presence(entity) {
            Presence::Closed => return Err(Unrouted::NoLeader),
            Presence::Faulted => return Err(Unrouted::Faulted),
            // A read of what never was wakes no actor.
            Presence::Nowhere => None,
            // The command that made it may be in the actor's mailbox still.
            Presence::Unseen | Presence::Asleep | Presence::Awake(_) => Some(self.shards.handle(entity)?),
        };
        Ok(LinearizableRead { handle, _permit: permit })
    }

    /// Reads a slot behind everything that was committed before this call, with what is wanted of the past.
    pub(crate) async fn read_linearizable<T: Send + 'static>(
        &self,
        slot: SlotId,
        wanted: Wanted,
        read: impl FnOnce(ReadView<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        self.linearizable(slot).await?.read(wanted, read).await
    }

    /// A page of slots, in which nothing is missing that was acknowledged before this call; their statuses are those of the moment
    /// that `clock` gives. A query wakes no actor.
    pub(crate) async fn query(
        &self,
        wanted: &listing::Wanted,
        bounds: Bounds,
        clock: impl FnOnce() -> Timestamp,
    ) -> Result<Page, Unrouted> {
        let _permit = self.permit(Lane::Reader)?;
        self.catch_up(bounds.group).await?;
        self.read_apart(|| query::page(&self.shards, wanted, bounds, clock())).await
    }

    /// Waits until this node shows everything of a group, or of all, that was made before this call.
    async fn catch_up(&self, group: Option<GroupId>) -> Result<(), Unrouted> {
        match group {
            None => self.admission.read_index.round(|| self.shards.catch_up_everywhere()).await,
            Some(group) => self.shards.catch_up_with(group).await,
        }
    }

    /// Reads a page from the disk, or writes and packs a long text, in its turn and apart from those who are served.
    pub(crate) async fn read_apart<T>(&self, read: impl FnOnce() -> T) -> T {
        let _turn = self.admission.pages.acquire().await.expect("it is never closed");
        apart(read)
    }

    /// A slot behind everything that was committed before this call: so a slot whose making was acknowledged is found.
    pub(crate) async fn find_linearizable(&self, slot: SlotId) -> Result<Option<LocalView>, Unrouted> {
        match self.read_linearizable(slot, Wanted::Nothing, |view| view.slot().map(booking::Slot::view)).await
        {
            Ok(view) => Ok(view.map(|view| LocalView { view, health: Health::Sound })),
            // The last piece can be seen all the same.
            Err(Unrouted::Faulted) => self.shards.read_local(slot)?.map(Some).ok_or(Unrouted::Faulted),
            Err(other) => Err(other),
        }
    }
}

/// What is known of a question to another node that was not answered.
fn not_asked(error: &AskError) -> Unrouted {
    match error {
        AskError::NotAsked(_) => Unrouted::NoLeader,
        AskError::Deposed | AskError::Unknown(_) => Unrouted::Unknown,
    }
}

/// What the waiter of an entity was answered, if anything.
fn outcome_of<A: Answered>(
    answer: Result<Result<entity::Outcome, Unanswered>, oneshot::error::RecvError>,
) -> Result<A, Unrouted> {
    match answer {
        Ok(Ok(outcome)) => Ok(A::of(outcome).expect("an entity answers as those of its kind do")),
        Ok(Err(Unanswered::NotAppended)) => Err(Unrouted::NoLeader),
        Ok(Err(Unanswered::Faulted)) => Err(Unrouted::Faulted),
        Ok(Err(Unanswered::Unknown)) | Err(_) => Err(Unrouted::Unknown),
    }
}

/// What is told of a request that was refused before anything was tried, if that is all that is known of it so far: another attempt
/// may be in the log.
fn known(so_far: Unrouted, refused: Unrouted) -> Unrouted {
    if so_far == Unrouted::Unknown { so_far } else { refused }
}

/// The answer to another node whatever it asked: it is free to ask again.
fn nothing_appended() -> Bytes {
    Answer::<stored::Outcome>::bytes(Err(Unrouted::NoLeader))
}
