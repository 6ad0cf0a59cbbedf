//! openraft's state machine, over a [`Machine`] and the marks that say how far its state is saved.
//!
//! The state is never built as one piece. The machine saves what changed, in atomic pieces, through the store's queue; a
//! mark behind them in the same queue says at or below which index everything is saved. openraft's "snapshot" is such a
//! mark: a purge up to it, queued later still, cannot survive a crash without it (RG-6).

use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use openraft::storage::{EntryResponder, RaftStateMachine};
use openraft::{EntryPayload, OptionalSend, RaftSnapshotBuilder};
use parking_lot::{Mutex, RwLock};
use storage::{Change, Durability, Index, Room, View, Write};
use tokio::sync::watch;

use super::log::Log;
use super::record::{self, MARK, Mark};
use super::saved::{RaftSnapshot, Saved, parts, staging};
use super::type_config::{LogId, SnapshotMeta, StoredMembership, Types};
use crate::batch::{Heading, Level};
use crate::content::{Content, Placed};
use crate::digests::Digests;
use crate::machine::{Committed, Machine};
use crate::members::{NodeId, Voters};
use crate::placement::Placement;
use crate::written::written;

/// What openraft holds. Clones share it.
pub(crate) struct Replica<M> {
    machine: Arc<M>,
    shared: Arc<Shared>,
}

struct Shared {
    log: Log,
    progress: Mutex<Progress>,
    /// What this build applies.
    levels: RangeInclusive<Level>,
    digests: Arc<Digests>,
    /// Held by the one checkpoint that may be under way: marks never go back.
    checkpointing: tokio::sync::Mutex<()>,
    /// Whether it is over with this replica: nothing is handed or written any more.
    is_over: RwLock<bool>,
    /// The record of placement that was applied last.
    placement: watch::Sender<Option<Arc<Placement>>>,
}

/// How far this replica has come.
#[derive(Debug, Default)]
struct Progress {
    applied: Option<LogId>,
    membership: StoredMembership,
    /// What the last batch says.
    heading: Heading,
    placement: Option<Arc<Placement>>,
    /// The first entry of each term, from the mark on: so every later index has its log id.
    term_starts: Vec<LogId>,
    mark: Option<Mark>,
    /// The entry or snapshot whose level this build does not apply, and which ended the replica.
    unsupported: Option<(Index, Level)>,
}

impl Progress {
    fn standing_at(mark: Option<Mark>) -> Self {
        let Some(mark) = mark else { return Self::default() };
        Self {
            applied: Some(mark.log_id),
            membership: mark.membership.clone(),
            heading: mark.heading,
            placement: mark.placement.clone(),
            term_starts: vec![mark.log_id],
            mark: Some(mark),
            unsupported: None,
        }
    }

    fn advance(&mut self, log_id: LogId) {
        assert!(self.applied < Some(log_id), "entries are applied once, in log order");
        self.applied = Some(log_id);
        if self.term_starts.last().is_none_or(|start| start.leader_id != log_id.leader_id) {
            self.term_starts.push(log_id);
        }
    }

    /// The mark at `index`, which was applied; `None` below the mark there is.
    fn mark_at(&self, index: Index) -> Option<Mark> {
        let applied = self.applied.map(|applied| applied.index);
        assert!(Some(index.0) <= applied, "only what was applied is saved");
        let start = self.term_starts.iter().rev().find(|start| start.index <= index.0)?;
        let log_id = LogId { leader_id: start.leader_id, index: index.0 };
        let (membership, placement) = (self.membership.clone(), self.placement.clone());
        Some(Mark { log_id, membership, heading: self.heading, placement })
    }

    fn set_mark(&mut self, mark: Mark) {
        let before = self.mark.as_ref().map(|mark| mark.log_id);
        assert!(before <= Some(mark.log_id), "a mark never goes back");
        let later = self.term_starts.iter().copied().filter(|start| mark.log_id.index < start.index);
        self.term_starts = std::iter::once(mark.log_id).chain(later).collect();
        self.mark = Some(mark);
    }
}

impl<M> Clone for Replica<M> {
    fn clone(&self) -> Self {
        Self { machine: Arc::clone(&self.machine), shared: Arc::clone(&self.shared) }
    }
}

impl<M: Machine> Replica<M> {
    /// What is replicated.
    pub(crate) fn machine(&self) -> &Arc<M> {
        &self.machine
    }

    /// A replica whose state stands at `mark`, and that applies entries of these levels.
    pub(crate) fn new(
        machine: Arc<M>,
        log: Log,
        mark: Option<Mark>,
        levels: RangeInclusive<Level>,
        digests: Arc<Digests>,
    ) -> Self {
        let placement = watch::Sender::new(mark.as_ref().and_then(|mark| mark.placement.clone()));
        let progress = Mutex::new(Progress::standing_at(mark));
        let (checkpointing, is_over) = (tokio::sync::Mutex::default(), RwLock::default());
        let shared = Shared { log, progress, levels, digests, checkpointing, is_over, placement };
        Self { machine, shared: Arc::new(shared) }
    }

    /// The log behind it.
    pub(super) fn log(&self) -> &Log {
        &self.shared.log
    }

    /// The index at or below which everything is saved.
    pub(crate) fn marked(&self) -> Option<Index> {
        self.shared.progress.lock().mark.as_ref().map(|mark| Index(mark.log_id.index))
    }

    /// Whether `node` is in the membership that was applied last, now or before this process began: one that was only proposed
    /// may never be.
    pub(crate) fn knows(&self, node: NodeId) -> bool {
        self.shared.progress.lock().membership.membership().get_node(&node).is_some()
    }

    /// Who votes by the membership that was applied last, and where it stands in the log.
    pub(crate) fn voters(&self) -> Voters {
        let progress = self.shared.progress.lock();
        let index = Index(progress.membership.log_id().as_ref().map_or(0, |log_id| log_id.index));
        Voters { index, sets: progress.membership.membership().get_joint_config().clone() }
    }

    /// What the last batch says that was applied, now or before this process began.
    pub(crate) fn heading(&self) -> Heading {
        self.shared.progress.lock().heading
    }

    /// The record of placement that was applied last, now or before this process began, and whatever takes its place.
    pub(crate) fn placement(&self) -> watch::Receiver<Option<Arc<Placement>>> {
        self.shared.placement.subscribe()
    }

    /// What ended this replica, if it was an entry or a snapshot under rules that this build does not have.
    pub(crate) fn unsupported(&self) -> Option<(Index, Level)> {
        self.shared.progress.lock().unsupported
    }

    /// Saves what has changed, and the mark behind it in the store's queue. Resolves to the mark that stands now.
    pub(crate) async fn checkpoint(&self) -> Result<Option<Mark>, io::Error> {
        let _alone = self.shared.checkpointing.lock().await;
        self.check_not_over()?;
        let saved = self.machine.checkpoint().await;
        let mark = {
            let progress = self.shared.progress.lock();
            match saved.and_then(|saved| progress.mark_at(saved)) {
                Some(mark) if Some(mark.log_id) > progress.mark.as_ref().map(|mark| mark.log_id) => mark,
                _ => return Ok(progress.mark.clone()),
            }
        };
        let set = Change::Set { register: MARK, value: record::encode_mark(&mark) };
        self.write(vec![set], Durability::Queued).await?;
        self.shared.log.set_marked(mark.log_id.index);
        self.shared.progress.lock().set_mark(mark.clone());
        Ok(Some(mark))
    }

    /// The saved state as it stands in the store now, with the mark in it.
    pub(super) fn saved(&self) -> Result<Saved, io::Error> {
        let log = &self.shared.log;
        let view = log.store().view(log.group()).map_err(io::Error::other)?;
        let mark = view.register(MARK).map_err(io::Error::other)?;
        // One without bytes is that of a replica that is gone.
        let mark = mark.filter(|mark| !mark.is_empty());
        let mark = mark.map(|mark| record::decode_mark(&mark)).transpose().map_err(io::Error::other)?;
        if let Some(mark) = &mark {
            // The checkpoint that wrote it may not have said so yet, and the log is purged behind what is given here.
            log.set_marked(mark.log_id.index);
        }
        Ok(Saved::Here { view, mark })
    }

    /// Refuses what was said under rules that this build does not have: whatever it made of it would be a guess.
    fn check(&self, index: u64, level: Level) -> Result<(), io::Error> {
        if self.shared.levels.contains(&level) {
            return Ok(());
        }
        self.shared.progress.lock().unsupported = Some((Index(index), level));
        Err(io::Error::other(format!("this build does not apply level {level}")))
    }

    /// Hands the committed entries up to `last` to the machine, if there are any.
    fn hand(&self, committed: &mut Vec<Committed>, last: &mut Option<Index>) -> Result<(), io::Error> {
        let Some(upto) = last.take() else { return Ok(()) };
        // Until it was handed, it is not over.
        let is_over = self.shared.is_over.read();
        if *is_over {
            return Err(over());
        }
        self.machine.apply(std::mem::take(committed), upto).map_err(io::Error::other)
    }

    /// What the disk has room for.
    pub(super) fn room(&self) -> Room {
        self.shared.log.store().room()
    }

    /// It is over with this replica: stops the machine, and whatever would be handed or written from now on is refused.
    pub(super) async fn end(&self) {
        let _alone = self.shared.checkpointing.lock().await;
        *self.shared.is_over.write() = true;
        self.machine.halt().await;
    }

    fn check_not_over(&self) -> Result<(), io::Error> {
        if *self.shared.is_over.read() { Err(over()) } else { Ok(()) }
    }

    pub(super) async fn write(&self, changes: Vec<Change>, durability: Durability) -> Result<(), io::Error> {
        self.check_not_over()?;
        let log = &self.shared.log;
        let write = Write { group: log.group(), changes, durability };
        written(log.store().as_ref(), write).await.map_err(io::Error::other)
    }

    /// Stages a copy of another replica's saved state.
    async fn stage(&self, view: &dyn View) -> Result<(), io::Error> {
        self.write(vec![Change::Unstage], Durability::Queued).await?;
        for pairs in parts(view) {
            self.write(staging(pairs.map_err(io::Error::other)?), Durability::Queued).await?;
        }
        Ok(())
    }
}

fn over() -> io::Error {
    io::Error::other("this node has no replica of the group any more")
}

impl<M: Machine> RaftStateMachine<Types> for Replica<M> {
    type SnapshotData = Saved;
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), io::Error> {
        let progress = self.shared.progress.lock();
        Ok((progress.applied, progress.membership.clone()))
    }

    async fn apply<S>(&mut self, mut entries: S) -> Result<(), io::Error>
    where
        S: Stream<Item = Result<EntryResponder<Types>, io::Error>> + Unpin + OptionalSend,
    {
        let mut committed = Vec::new();
        let mut responders = Vec::new();
        let mut last = None;
        while let Some(next) = entries.next().await {
            let (entry, responder) = next?;
            if let EntryPayload::Normal(content) = &entry.payload {
                self.check(entry.log_id.index, content.heading().level)?;
            }
            let mut progress = self.shared.progress.lock();
            progress.advance(entry.log_id);
            match entry.payload {
                EntryPayload::Blank => {}
                EntryPayload::Normal(content) => {
                    progress.heading = progress.heading.max(content.heading());
                    match content {
                        Content::Commands(batch) => {
                            committed.push(Committed { index: Index(entry.log_id.index), batch });
                        }
                        Content::Placed(Placed { placement, .. }) => {
                            // Whoever said it knew another before it: it has no effect.
                            if placement.follows(progress.placement.as_deref()) {
                                progress.placement = Some(Arc::clone(&placement));
                                self.shared.placement.send_replace(Some(placement));
                            }
                        }
                    }
                }
                EntryPayload::Membership(membership) => {
                    progress.membership = StoredMembership::new(Some(entry.log_id), membership);
                }
            }
            drop(progress);
            responders.extend(responder);
            let index = Index(entry.log_id.index);
            last = Some(index);
            if self.shared.digests.is_due(index.0) {
                self.hand(&mut committed, &mut last)?;
                self.shared.digests.take(index, self.machine.digest_at(index));
            }
        }
        self.hand(&mut committed, &mut last)?;
        for responder in responders {
            responder.send(());
        }
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn install_snapshot(&mut self, meta: &SnapshotMeta, snapshot: Saved) -> Result<(), io::Error> {
        // Nothing is saved meanwhile: what belongs to the old state must not land in the new.
        let _alone = self.shared.checkpointing.lock().await;
        self.check_not_over()?;
        let mark = match snapshot {
            Saved::Staged { mark } => mark,
            Saved::Here { mark: None, .. } => return Ok(()),
            Saved::Here { view, mark: Some(mark) } => {
                self.stage(view.as_ref()).await?;
                mark
            }
        };
        if mark.heading.level != Level::default() {
            self.check(mark.log_id.index, mark.heading.level)?;
        }
        self.machine.halt().await;
        let mark = Mark { membership: meta.last_membership.clone(), ..mark };
        let level = mark.heading.level;
        let set = Change::Set { register: MARK, value: record::encode_mark(&mark) };
        self.write(vec![Change::Flip, set], Durability::Synced).await?;
        self.shared.log.set_marked(mark.log_id.index);
        {
            let mut progress = self.shared.progress.lock();
            assert!(progress.applied <= Some(mark.log_id), "a snapshot takes back nothing that was applied");
            self.shared.placement.send_replace(mark.placement.clone());
            *progress = Progress::standing_at(Some(mark));
        }
        self.machine.reset(level);
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<RaftSnapshot>, io::Error> {
        let saved = self.saved()?.into_snapshot();
        Ok(saved.meta.last_log_id.is_some().then_some(saved))
    }
}

impl<M: Machine> RaftSnapshotBuilder<Types> for Replica<M> {
    type SnapshotData = Saved;

    async fn build_snapshot(&mut self) -> Result<RaftSnapshot, io::Error> {
        self.checkpoint().await?;
        Ok(self.saved()?.into_snapshot())
    }
}
