//! One group on this node: propose, read, save, status.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use parking_lot::Mutex;
use storage::{GroupId, Index, Store};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval};

use crate::adapter::{Consensus, looks};
use crate::batch::{Batch, Heading, Level};
use crate::clock::{Clock, Stamp, Stamper};
use crate::content::{Content, Placed};
use crate::digests::Comparisons;
use crate::error::{AskError, Error, OperatorError, ReadError};
use crate::identity::Identity;
use crate::machine::{Fate, Machine, Make, Parts, State};
use crate::members::{Members, NodeId, Peer, Voters};
use crate::options::Options;
use crate::placement::{PLACED, Placement};
use crate::proposals::Proposals;
use crate::rounds::Rounds;
use crate::skew;
use crate::status::{Lead, Status};
use crate::transport::Peers;

/// How often deadlines are looked at.
const PULSE_EVERY: Duration = Duration::from_millis(100);
/// How often what has changed is saved. A slot's actor is busy meanwhile, so ten small stops a second are better for those
/// who wait than one long one, and cost no more.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);

/// A handle on one group.
pub struct Group<M: Machine> {
    id: GroupId,
    consensus: Arc<Consensus<M>>,
    machine: Arc<M>,
    proposals: Proposals,
    wishes: mpsc::Sender<Wish>,
    /// What goes on for as long as the group is open.
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// A record of placement that is to be written, and who waits for it.
struct Wish {
    placement: Placement,
    told: oneshot::Sender<Result<(), Fate>>,
}

/// What a group of this node stands on.
#[derive(Clone)]
pub(crate) struct Foundation {
    pub(crate) id: GroupId,
    pub(crate) identity: Identity,
    /// The node that founds the cluster, if it is this one.
    pub(crate) founder: Option<Peer>,
    pub(crate) peers: Arc<Peers>,
    pub(crate) rounds: Arc<Rounds>,
    /// When the first of all groups was opened.
    pub(crate) began: Instant,
}

impl<M: Machine> Group<M> {
    pub(crate) async fn open(
        options: &Options,
        foundation: Foundation,
        store: Arc<dyn Store>,
        group_zero: Option<&Self>,
        make: &Make<M>,
    ) -> Result<Self, Error> {
        let Foundation { id, identity: Identity { node, groups, .. }, founder, peers, rounds, began } =
            foundation;
        let proposals = Proposals::default();
        let state = State::new(Arc::clone(&store), id);
        let way_in = proposals.clone();
        let make = |level| {
            let parts = Parts { group: id, groups, level, state, proposals: way_in };
            make(parts).map_err(|source| Error::Machine { group: id, source })
        };
        let consensus = Arc::new(Consensus::open(node, store, id, make, peers, options).await?);
        let machine = Arc::clone(consensus.machine());
        if let Some(founder) = founder {
            consensus.bootstrap(node, founder).await?;
        }
        let Options { runtime, clock, on_fatal, .. } = options;
        let (wishes, to_place) = mpsc::channel(1);
        let proposer = Proposer {
            consensus: Arc::clone(&consensus),
            machine: Arc::clone(&machine),
            group_zero: group_zero.map(|group_zero| Arc::clone(&group_zero.consensus)),
            rounds,
            clock: Arc::clone(clock),
            stamper: Stamper::default(),
            to_place,
            looks: looks(),
            declined: None,
        };
        let tasks = vec![
            runtime.spawn(proposer.run(proposals.clone())),
            // In turn, so that all of them do not keep those who wait waiting at once.
            runtime.spawn(save(
                Arc::clone(&consensus),
                began + CHECKPOINT_EVERY * id.0 / groups,
                Arc::clone(on_fatal),
            )),
            runtime.spawn(watch(Arc::clone(&consensus), Arc::clone(on_fatal))),
        ];
        Ok(Self { id, consensus, machine, proposals, wishes, tasks: Mutex::new(tasks) })
    }

    /// The group's number.
    pub fn id(&self) -> GroupId {
        self.id
    }

    /// What the group replicates.
    pub fn machine(&self) -> &Arc<M> {
        &self.machine
    }

    /// Where its commands go.
    pub fn proposals(&self) -> &Proposals {
        &self.proposals
    }

    /// Waits until this replica stands where it stood before the process was stopped.
    ///
    /// # Errors
    ///
    /// When the group fails meanwhile.
    pub async fn recover(&self) -> Result<(), Error> {
        self.consensus.recover().await
    }

    /// Waits until everything that was committed when this was called has been handed to the machine. A read that then
    /// goes through the machine, behind what it was handed, is linearizable.
    ///
    /// # Errors
    ///
    /// When this node does not lead or the group has stopped.
    pub async fn read_index(&self) -> Result<(), ReadError> {
        self.consensus.read_index().await
    }

    /// Asks the group's leader, which is another node, what [`Cluster::answer_with`](crate::Cluster::answer_with) has set
    /// there.
    ///
    /// # Errors
    ///
    /// [`AskError::NotAsked`] when the leader heard nothing, [`AskError::Deposed`] when another leads by now, [`AskError::Unknown`]
    /// when nobody knows.
    pub async fn ask_leader(&self, question: Bytes, within: Duration) -> Result<Bytes, AskError> {
        self.consensus.ask_leader(question, within).await
    }

    /// Who leads, as far as this node knows, and where.
    pub fn leader(&self) -> Option<(NodeId, String)> {
        self.consensus.leader()
    }

    /// Who is in the group, as far as this node knows.
    pub fn members(&self) -> Members {
        self.consensus.members()
    }

    /// Who votes in it by the membership that was applied here last.
    pub fn voters(&self) -> Voters {
        self.consensus.voters()
    }

    /// The consensus itself, for those who tend the group and carry its peers' calls.
    pub(crate) fn consensus(&self) -> &Consensus<M> {
        &self.consensus
    }

    /// Whether this node leads the group now: a quorum takes it for the leader.
    pub fn leads(&self) -> bool {
        self.consensus.lead().is_some()
    }

    /// For how long nobody has led the group, as far as this node knows; zero where somebody does.
    pub fn leaderless_for(&self) -> Duration {
        self.consensus.leaderless_for()
    }

    /// Saves what has changed; everything at or below the index is saved then.
    ///
    /// # Errors
    ///
    /// When the group or the store fails.
    pub async fn checkpoint(&self) -> Result<Index, Error> {
        self.consensus.checkpoint().await
    }

    /// What came of comparing this replica with its peers' by their digests.
    pub fn comparisons(&self) -> Comparisons {
        self.consensus.digests().comparisons()
    }

    /// The record of placement that was applied last, which only group 0 has, and whatever takes its place.
    pub(crate) fn placement(&self) -> watch::Receiver<Option<Arc<Placement>>> {
        self.consensus.placement()
    }

    /// Writes a record of placement, if this node leads, the level in force has such records, and it follows the one that there is when
    /// it is applied. Of group 0 only.
    ///
    /// # Errors
    ///
    /// Why it was not written, or that nobody knows.
    pub(crate) async fn write_placement(&self, placement: Placement) -> Result<(), OperatorError> {
        let (told, written) = oneshot::channel();
        let later = |why: &str| OperatorError::Later(why.to_owned());
        let stopped = || later("group 0 has stopped here; see the node's log");
        self.wishes.send(Wish { placement: placement.clone(), told }).await.map_err(|_closed| stopped())?;
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(Fate::NotAppended)) => {
                return Err(later(
                    "another node leads group 0, or not every node knows yet what a placement is; ask again",
                ));
            }
            Ok(Err(Fate::Unknown)) => return Err(later("nobody knows whether it was written; look again")),
            Err(_closed) => return Err(stopped()),
        }
        let is_in_force = self.placement().borrow().as_deref() == Some(&placement);
        let otherwise =
            || OperatorError::Changed("another placement was written meanwhile: look again".to_owned());
        if is_in_force { Ok(()) } else { Err(otherwise()) }
    }

    /// The group as it stands.
    pub fn status(&self) -> Status {
        self.consensus.status()
    }

    /// Saves everything and stops.
    ///
    /// # Errors
    ///
    /// When the state could not be saved; the group is stopped all the same.
    pub async fn shutdown(&self) -> Result<(), Error> {
        let saved = self.consensus.checkpoint().await;
        self.tasks.lock().drain(..).for_each(|task| task.abort());
        self.consensus.shutdown().await;
        saved.map(drop)
    }

    /// A task that ends when the group is closed.
    pub(crate) fn attend(&self, task: JoinHandle<()>) {
        self.tasks.lock().push(task);
    }

    /// Stops for good, and deletes what this node has of the group. Nobody waits here for an answer any more then: whoever did is told
    /// that nobody knows.
    pub(crate) async fn close(&self) -> Result<(), Error> {
        let tasks: Vec<_> = self.tasks.lock().drain(..).collect();
        tasks.iter().for_each(JoinHandle::abort);
        // None of them says in between that the core has failed.
        join_all(tasks).await;
        self.consensus.close().await
    }
}

/// Makes the entries of one group, while this node leads it.
struct Proposer<M: Machine> {
    consensus: Arc<Consensus<M>>,
    machine: Arc<M>,
    /// Group 0, to whose level all others go; none in group 0 itself.
    group_zero: Option<Arc<Consensus<M>>>,
    rounds: Arc<Rounds>,
    clock: Arc<dyn Clock>,
    stamper: Stamper,
    /// Records of placement that are to be written.
    to_place: mpsc::Receiver<Wish>,
    /// While an entry is under way: whether it may be hoped for.
    looks: Interval,
    /// What this node gave away last, since its clock was far ahead.
    declined: Option<Lead>,
}

impl<M: Machine> Proposer<M> {
    /// Everything that waits becomes one entry, one entry at a time. While one is synced the next one fills, so there is one
    /// entry a flush and no linger. Between entries it looks at the deadlines and at the level.
    async fn run(mut self, proposals: Proposals) {
        let mut pulse = tokio::time::interval(PULSE_EVERY);
        loop {
            let commands = tokio::select! {
                biased;
                _ = pulse.tick() => None,
                Some(wish) = self.to_place.recv() => {
                    self.place(wish).await;
                    continue;
                }
                commands = proposals.take(&self.rounds) => Some(commands),
            };
            let pulsed = commands.is_none();
            match (self.lead().await, commands) {
                (Some(lead), Some(commands)) => {
                    let level = self.consensus.level();
                    self.write(lead, level, &commands).await;
                }
                (None, Some(commands)) => self.machine.lost(&commands, Fate::NotAppended),
                (Some(lead), None) => {
                    let now = self.stamp(lead);
                    self.machine.pulse(now).into_iter().for_each(|command| proposals.propose(command));
                    self.raise(lead).await;
                }
                (None, None) => {}
            }
            // The next pulse is counted from here: where each takes longer than `PULSE_EVERY`, commands have a turn too.
            if pulsed {
                pulse.reset();
            }
        }
    }

    /// Whether this node leads and may stamp. One whose clock is far ahead when a term begins hands over, for as long as it
    /// leads: of a node that was asked to take over, nobody knows whether it will.
    async fn lead(&mut self) -> Option<Lead> {
        let lead = self.consensus.lead()?;
        if self.stamper.has_begun(lead.term) {
            return Some(lead);
        }
        let clocks = skew::ask(&self.consensus, self.clock.as_ref()).await;
        if self.declined != Some(lead) {
            let Some(ahead_ms) = clocks.ahead_ms() else { return Some(lead) };
            self.declined = Some(lead);
            let (group, term) = (self.consensus.group(), lead.term);
            tracing::error!(%group, term, ahead_ms, "this node's wall clock is far ahead of its peers': another shall lead");
        }
        self.consensus.hand_over(clocks.fit_to_lead()).await;
        None
    }

    fn stamp(&mut self, lead: Lead) -> Stamp {
        self.stamper.stamp(lead.term, self.consensus.heading().stamp, self.clock.as_ref())
    }

    async fn write(&mut self, lead: Lead, level: Level, commands: &[Bytes]) {
        let batch = Batch::new(level, self.stamp(lead), commands);
        if let Err(fate) = self.append(lead, Content::Commands(batch)).await {
            self.machine.lost(commands, fate);
        }
    }

    async fn append(&mut self, lead: Lead, content: Content) -> Result<(), Fate> {
        self.consensus.write(lead, content, self.rounds.join(), &mut self.looks).await
    }

    /// Writes a record of placement: only under a level that has it, so that no build is given what it does not know.
    async fn place(&mut self, Wish { placement, told }: Wish) {
        let level = self.consensus.level();
        let lead = self.lead().await.filter(|_lead| PLACED <= level);
        let written = match lead {
            None => Err(Fate::NotAppended),
            Some(lead) => {
                let heading = Heading { level, stamp: self.stamp(lead) };
                self.append(lead, Content::Placed(Placed::new(heading, placement))).await
            }
        };
        if told.send(written).is_err() {
            tracing::debug!("nobody waits any more for a record of placement");
        }
    }

    /// Goes to the next level, if it is time, by an entry that says nothing else: group 0 once every node applies it, the
    /// others once group 0 has gone there. Only here are levels raised, between two entries, so they never go back.
    async fn raise(&mut self, lead: Lead) {
        let consensus = Arc::clone(&self.consensus);
        // A node that is coming in may not apply it.
        let Ok(_nobody_comes) = consensus.admission().try_lock() else { return };
        let due = match &self.group_zero {
            None => Some(consensus.level_supported()),
            Some(group_zero) => group_zero.level_applied(),
        };
        if let Some(level) = due.filter(|level| consensus.heading().level < *level) {
            tracing::info!(group = %consensus.group(), %level, "the level is raised");
            self.write(lead, level, &[]).await;
        }
    }
}

/// Saves what has changed, again and again, from `first` on.
async fn save<M: Machine>(
    consensus: Arc<Consensus<M>>,
    first: Instant,
    on_fatal: Arc<dyn Fn(&Error) + Send + Sync>,
) {
    let mut every = tokio::time::interval_at(first, CHECKPOINT_EVERY);
    // One that took long is followed by one at once, and then by the others when they were due: groups stay as far apart.
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        every.tick().await;
        if let Err(error) = consensus.checkpoint().await {
            on_fatal(&error);
            return;
        }
    }
}

/// A replica that votes but does not apply must not live on.
async fn watch<M: Machine>(consensus: Arc<Consensus<M>>, on_fatal: Arc<dyn Fn(&Error) + Send + Sync>) {
    on_fatal(&consensus.failed().await);
}
