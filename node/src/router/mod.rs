//! From a slot's id to its group and its actor: asks, reads, views.

pub(crate) mod query;
pub(crate) mod read;
mod read_index;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use booking::{Header, Level, Outcome, Request, SlotId, Timestamp, View};
use bytes::Bytes;
use cluster::codec;
use cluster::{AskError, Cluster, Group, ReadError};
use futures::FutureExt as _;
use futures::future::try_join_all;
use serde::de::DeserializeOwned;
use storage::{Room, Space, Store};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout};

use self::query::{Bounds, Page};
use self::read::{Reading, Stay};
use self::read_index::Muster;
use self::wire::{Answer, Question, Tried};
pub(crate) use self::wire::{Health, Unrouted};
use crate::actors::registry::{Directory, Seen};
use crate::actors::slot::{Sight, apart};
use crate::actors::waiters::{Asked, Reply, Unanswered};
use crate::log::Command;
use crate::machine::{Book, Replicated};
use crate::permits::{Lane, Permit, Permits};
use crate::saved;
use crate::saved::archive::Wanted;
use crate::views::listing::{self, Stand};

/// How long nobody may lead before whoever asks is told so: an election takes two seconds at most.
const LEADERLESS: Duration = Duration::from_secs(4);
/// Between two attempts meanwhile.
const AGAIN: Duration = Duration::from_millis(25);
/// How long a leader elsewhere may take: longer than any request, whose own deadline comes first.
const ELSEWHERE: Duration = Duration::from_secs(15);
/// Pages that are read from the disk at the same time: whoever books shares the cores with them.
const PAGES_AT_ONCE: usize = 2;

/// The way into the groups. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Router {
    cluster: Arc<Cluster<Replicated>>,
    admission: Arc<Admission>,
}

/// What bounds how much is under way at once.
struct Admission {
    permits: Permits,
    muster: Muster,
    /// Turns at the disk, and whether there is room on it.
    pages: Semaphore,
    store: Arc<dyn Store>,
}

/// A request on its way into the log.
#[derive(Clone)]
pub(crate) struct Ask {
    slot: SlotId,
    asked: Asked,
    /// As the log will have it.
    command: Bytes,
}

impl Ask {
    /// A request as it is written under this level.
    fn new(level: Level, request: Request) -> Self {
        let (slot, asked) = (request.slot, (request.key, request.fingerprint));
        let command = Command::Request(booking::stored::Request::at(level, request));
        Self { slot, asked, command: Bytes::from(codec::encode(&command)) }
    }

    /// A request that came from another node; none where it is not one.
    fn read(command: Bytes) -> Option<Self> {
        match codec::decode(&command) {
            Ok(Command::Request(request)) => {
                let request = Request::from(request);
                Some(Self { slot: request.slot, asked: (request.key, request.fingerprint), command })
            }
            Ok(Command::Pulse(_) | Command::Retry(_)) | Err(_) => None,
        }
    }
}

/// A slot as it can be seen without asking its actor.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    pub(crate) view: View,
    pub(crate) health: Health,
}

impl Sighting {
    /// How it stands at a moment, or at its own stamp if that is later.
    pub(crate) fn stand(&self, at: Timestamp) -> Stand {
        match self.health {
            Health::Sound => Stand::Sound(self.view.status(at)),
            Health::Faulted => Stand::Faulted,
        }
    }
}

impl Router {
    pub(crate) fn new(cluster: Arc<Cluster<Replicated>>, store: Arc<dyn Store>) -> Self {
        let pages = Semaphore::new(PAGES_AT_ONCE);
        let admission = Admission { permits: Permits::default(), muster: Muster::default(), pages, store };
        Self { cluster, admission: Arc::new(admission) }
    }

    /// From now on, other nodes may ask through this one.
    pub(crate) fn open_to_peers(&self) {
        // Not the cluster itself: it holds this closure.
        let (cluster, admission) = (Arc::downgrade(&self.cluster), Arc::clone(&self.admission));
        self.cluster.answer_with(Box::new(move |_group, question| {
            let router = cluster.upgrade().map(|cluster| Self { cluster, admission: Arc::clone(&admission) });
            async move {
                match router {
                    Some(router) => router.answer(question).await,
                    None => answer_bytes(Level::OLDEST, Err(Unrouted::NoLeader)),
                }
            }
            .boxed()
        }));
    }

    /// The groups and the other nodes.
    pub(crate) fn cluster(&self) -> &Cluster<Replicated> {
        &self.cluster
    }

    /// All groups, by number.
    pub(crate) fn groups(&self) -> &[Arc<Group<Replicated>>] {
        self.cluster.groups()
    }

    /// The node's disk.
    pub(crate) fn disk(&self) -> (Room, Space) {
        (self.admission.store.room(), self.admission.store.space())
    }

    /// How many wait for an answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.admission.permits.in_use()
    }

    /// The group that owns a slot.
    pub(crate) fn group(&self, slot: SlotId) -> &Group<Replicated> {
        self.cluster.group_of(slot.partition.get())
    }

    fn book(&self, slot: SlotId) -> &Arc<Book> {
        &self.group(slot).machine().0
    }

    /// Which slots a slot's group has.
    pub(super) fn directory(&self, slot: SlotId) -> &Directory {
        self.book(slot).directory()
    }

    /// A permit, unless too many are out.
    pub(crate) fn permit(&self, lane: Lane) -> Result<Permit, Unrouted> {
        self.admission.permits.take(lane).ok_or(Unrouted::Overloaded)
    }

    /// A request as it goes into the log, in the shape that every node of the cluster reads.
    pub(crate) fn prepare(&self, request: Request) -> Ask {
        Ask::new(self.directory(request.slot).level(), request)
    }

    /// Asks for a change and waits for the answer of the rules, wherever the slot's group is led.
    pub(crate) async fn ask(&self, asked: Ask, lane: Lane) -> Result<Outcome, Unrouted> {
        let here = match self.propose(&asked, lane) {
            Ok(answer) => told(answer.await),
            Err(why) => Err(why),
        };
        match here {
            // Boxed: this is rare on the node that customers were sent to, and everyone who waits would have room for it.
            Err(Unrouted::NoLeader) => Box::pin(self.ask_leader(asked, lane)).await,
            here => here,
        }
    }

    /// Asks whoever leads, one hop away, until someone does or it takes too long. Only what was never appended is asked
    /// again.
    async fn ask_leader(&self, asked: Ask, lane: Lane) -> Result<Outcome, Unrouted> {
        let _permit = self.permit(lane)?;
        let question = Question::V1 { lane, command: asked.command.to_vec() };
        let question = Bytes::from(codec::encode(&question));
        let give_up = Instant::now() + LEADERLESS;
        loop {
            let answer = if self.group(asked.slot).leads() {
                self.ask_here(&asked, lane).await
            } else {
                let answer = self.ask_elsewhere(asked.slot, question.clone()).await;
                answer.and_then(|Answer::V1(outcome)| outcome.map(Outcome::from))
            };
            if answer != Err(Unrouted::NoLeader) || give_up < Instant::now() {
                return answer;
            }
            sleep(AGAIN).await;
        }
    }

    /// Asks the node that leads a slot's group, once.
    async fn ask_elsewhere<T: DeserializeOwned>(&self, slot: SlotId, question: Bytes) -> Result<T, Unrouted> {
        match self.group(slot).ask_leader(question, ELSEWHERE).await {
            Ok(answer) => codec::decode(&answer).map_err(|_unreadable| Unrouted::Unknown),
            Err(AskError::NotAsked(_)) => Err(Unrouted::NoLeader),
            Err(AskError::Unknown(_)) => Err(Unrouted::Unknown),
        }
    }

    /// Answers what [`Router::ask`] asks of this node elsewhere: here or not at all, so that no question wanders.
    async fn answer(&self, question: Bytes) -> Bytes {
        // What cannot be read is of a later version: whoever asks may know another node.
        let Ok(Question::V1 { lane, command }) = codec::decode(&question) else {
            return answer_bytes(Level::OLDEST, Err(Unrouted::NoLeader));
        };
        if let Ok(Command::Retry(slot)) = codec::decode(&command) {
            return Bytes::from(codec::encode(&Tried::V1(self.retry_here(slot).await)));
        }
        match Ask::read(Bytes::from(command)) {
            Some(asked) => {
                let answer = self.ask_here(&asked, lane).await;
                answer_bytes(self.directory(asked.slot).level(), answer)
            }
            None => answer_bytes(Level::OLDEST, Err(Unrouted::NoLeader)),
        }
    }

    /// Tries a slot again on every replica where its rules broke, and says how it is then where its group is led.
    pub(crate) async fn retry(&self, slot: SlotId) -> Result<Health, Unrouted> {
        if self.group(slot).leads() {
            return self.retry_here(slot).await;
        }
        let command = codec::encode(&Command::Retry(slot));
        let question = Bytes::from(codec::encode(&Question::V1 { lane: Lane::Holder, command }));
        let Tried::V1(health) = self.ask_elsewhere(slot, question).await?;
        health
    }

    async fn retry_here(&self, slot: SlotId) -> Result<Health, Unrouted> {
        let stay = self.stay(slot)?;
        let tried = stay.tried();
        // Also where it is sound here: a replica that ran another build may have broken alone.
        let command = Bytes::from(codec::encode(&Command::Retry(slot)));
        self.group(slot).proposals().propose(command);
        while stay.tried() == tried {
            let changed = stay.changed();
            if stay.tried() == tried && timeout(ELSEWHERE, changed).await.is_err() {
                return Err(Unrouted::Unknown);
            }
        }
        let broke = stay.look(Wanted::Nothing, |sight| sight.broke).await?;
        Ok(if broke.is_some() { Health::Faulted } else { Health::Sound })
    }

    /// Asks for a change of a slot whose group this node leads.
    async fn ask_here(&self, asked: &Ask, lane: Lane) -> Result<Outcome, Unrouted> {
        told(self.propose(asked, lane)?.await)
    }

    /// Puts a request into the log of a group that this node leads; the answer comes later.
    fn propose(
        &self,
        asked: &Ask,
        lane: Lane,
    ) -> Result<oneshot::Receiver<Result<Outcome, Unanswered>>, Unrouted> {
        let Ask { slot, asked, command } = asked;
        let group = self.group(*slot);
        if !group.leads() {
            return Err(Unrouted::NoLeader);
        }
        let permit = self.permit(lane)?;
        if !lane.fits(self.admission.store.room()) {
            return Err(Unrouted::StorageFull);
        }
        let visit = group.machine().0.visit(*slot).ok_or(Unrouted::NoLeader)?;
        let window = Arc::clone(&visit.window);
        let (to, answer) = oneshot::channel();
        let reply = Reply { to, _permit: permit, _visit: visit };
        window.counter.ask(*asked, reply, || group.proposals().propose(command.clone()));
        Ok(answer)
    }

    /// Begins to read a slot behind everything that was committed before this call (linearizable).
    pub(crate) async fn reading(&self, slot: SlotId) -> Result<Reading, Unrouted> {
        let permit = self.permit(Lane::Reader)?;
        self.catch_up(self.group(slot)).await?;
        let stay = match self.directory(slot).look(slot) {
            Seen::Closed => return Err(Unrouted::NoLeader),
            Seen::Faulted => return Err(Unrouted::Faulted),
            // Nobody wakes an actor by asking for what never was.
            Seen::Nowhere => None,
            // Its making may be in the actor's mailbox still.
            Seen::Unmade | Seen::Asleep | Seen::Awake(_) => Some(self.stay(slot)?),
        };
        Ok(Reading { stay, _permit: permit })
    }

    /// Looks at a slot behind everything that was committed before this call, with what is wanted of the past.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        slot: SlotId,
        wanted: Wanted,
        look: impl FnOnce(Sight<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        self.reading(slot).await?.look(wanted, look).await
    }

    /// A page of slots, in which nothing is missing that was acknowledged before this call; told for the moment that `clock`
    /// gives. It wakes no one.
    pub(crate) async fn slots(
        &self,
        wanted: &listing::Wanted,
        bounds: Bounds,
        clock: impl FnOnce() -> Timestamp,
    ) -> Result<Page, Unrouted> {
        let _permit = self.permit(Lane::Reader)?;
        self.admission.muster.round(|| self.catch_up_everywhere()).await?;
        self.read_apart(|| query::page(self, wanted, bounds, clock())).await
    }

    /// Reads a page from the disk, in its turn and apart from those who are served.
    pub(crate) async fn read_apart<T>(&self, read: impl FnOnce() -> T) -> T {
        let _turn = self.admission.pages.acquire().await.expect("it is never closed");
        apart(read)
    }

    /// Begins to follow a slot, whose actor does not sleep meanwhile.
    pub(crate) fn stay(&self, slot: SlotId) -> Result<Stay, Unrouted> {
        Ok(Stay { visit: self.book(slot).visit(slot).ok_or(Unrouted::NoLeader)? })
    }

    /// Waits until this node shows whatever slot was made before, in any group.
    async fn catch_up_everywhere(&self) -> Result<(), Unrouted> {
        try_join_all(self.groups().iter().map(|group| self.catch_up_with_makings(group))).await.map(drop)
    }

    async fn catch_up_with_makings(&self, group: &Group<Replicated>) -> Result<(), Unrouted> {
        self.catch_up(group).await?;
        // A slot's making may be in its actor's mailbox still.
        for visit in group.machine().0.directory().visit_unmade() {
            Stay { visit }.look(Wanted::Nothing, |_sight| ()).await?;
        }
        Ok(())
    }

    /// Waits until this node has everything that was committed before, asking the leader what that is.
    async fn catch_up(&self, group: &Group<Replicated>) -> Result<(), Unrouted> {
        #[cfg(test)]
        if crate::simulation::planted() == Some(crate::simulation::Bug::ReadWithoutIndex) {
            return Ok(());
        }
        let give_up = Instant::now() + LEADERLESS;
        loop {
            match group.read_index().await {
                Ok(()) => return Ok(()),
                Err(ReadError::NotLeader) if Instant::now() < give_up => sleep(AGAIN).await,
                Err(ReadError::NotLeader | ReadError::Stopped) => return Err(Unrouted::NoLeader),
            }
        }
    }

    /// A slot behind everything that was committed before this call: so a slot whose making was acknowledged is found.
    pub(crate) async fn search(&self, slot: SlotId) -> Result<Option<Sighting>, Unrouted> {
        match self.read(slot, Wanted::Nothing, |sight| sight.slot.map(booking::Slot::view)).await {
            Ok(view) => Ok(view.map(|view| Sighting { view, health: Health::Sound })),
            // What was saved of it last can be seen all the same.
            Err(Unrouted::Faulted) => self.glance(slot)?.map(Some).ok_or(Unrouted::Faulted),
            Err(other) => Err(other),
        }
    }

    /// A slot as this node knows it now, without waiting for anything; wakes no one.
    pub(crate) fn glance(&self, slot: SlotId) -> Result<Option<Sighting>, Unrouted> {
        let book = self.book(slot);
        let (health, saved) = match book.directory().look(slot) {
            Seen::Closed => return Err(Unrouted::NoLeader),
            Seen::Nowhere | Seen::Unmade => return Ok(None),
            Seen::Awake(view) => return Ok(Some(Sighting { view, health: Health::Sound })),
            Seen::Asleep => (Health::Sound, saved::head(book.state(), slot)),
            Seen::Faulted => (Health::Faulted, saved::head(book.state(), slot)),
        };
        let head = saved.map_err(|error| {
            tracing::error!(slot = %crate::ids::slot_text(slot), %error, "a saved slot cannot be read");
            Unrouted::Faulted
        })?;
        Ok(head.map(|head| Sighting { view: view(head.header), health }))
    }

    /// The group's saved state, for the past of a feed.
    pub(crate) fn state(&self, slot: SlotId) -> &cluster::State {
        self.book(slot).state()
    }
}

/// What a counter told, if it told anything.
fn told(answer: Result<Result<Outcome, Unanswered>, oneshot::error::RecvError>) -> Result<Outcome, Unrouted> {
    match answer {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(Unanswered::NotAppended)) => Err(Unrouted::NoLeader),
        Ok(Err(Unanswered::Faulted)) => Err(Unrouted::Faulted),
        Ok(Err(Unanswered::Unknown)) | Err(_) => Err(Unrouted::Unknown),
    }
}

/// An answer to another node, in the shape that every node of the cluster reads.
fn answer_bytes(level: Level, answer: Result<Outcome, Unrouted>) -> Bytes {
    let answer = answer.map(|outcome| booking::stored::Outcome::at(level, outcome));
    Bytes::from(codec::encode(&Answer::V1(answer)))
}

/// What everyone may see of a slot that sleeps.
fn view(header: Header) -> View {
    View {
        id: header.id,
        definition: Arc::new(header.definition),
        seq: header.seq,
        stamp: header.stamp,
        counts: header.counts,
        cancelled: header.cancelled,
    }
}
