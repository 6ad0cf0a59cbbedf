//! An entity whose rules broke. It stays as its last piece says, and what was committed for it since is kept beside it, so that the
//! log need not wait, and so that a mended build can try it again: on every replica at the same index of the log.

use booking::EntityId;
use booking::entity::{Entity, Record};
use cluster::State;
use storage::{Change, Index};

use super::context::Context;
use super::decide::{bring_back, decide};
use crate::log::CommittedStep;
use crate::saved::{self, Unreadable};

/// What is kept of an entity whose rules broke.
pub(super) struct Fault {
    /// Where they broke.
    pub(super) broke: Index,
    /// Everything that was committed for the entity since its last piece, what broke it among it.
    backlog: Vec<CommittedStep>,
    /// How many of those, from the front, are saved.
    saved: usize,
}

/// An entity that has gone through its backlog.
pub(super) struct Mended {
    pub(super) entity: Option<Entity>,
    pub(super) records: Vec<Record>,
    pub(super) index: Index,
}

impl Fault {
    /// The rules broke at `broke`, the last of these steps.
    pub(super) fn new(broke: Index, backlog: Vec<CommittedStep>) -> Self {
        Self { broke, backlog, saved: 0 }
    }

    /// The fault that was saved of an entity, if its rules broke.
    pub(super) fn load(state: &State, id: EntityId) -> Result<Option<Self>, Unreadable> {
        let Some(broke) = saved::fault(state, id)? else { return Ok(None) };
        let backlog = saved::backlog(state, id)?;
        Ok(Some(Self { broke, saved: backlog.len(), backlog }))
    }

    /// Up to where everything is in the backlog.
    pub(super) fn index(&self) -> Index {
        self.backlog.last().map_or(self.broke, |step| step.index)
    }

    /// How many steps wait.
    pub(super) fn pending(&self) -> usize {
        self.backlog.len()
    }

    /// Whether all of it is handed to the store.
    pub(super) fn is_saved(&self) -> bool {
        self.saved == self.backlog.len()
    }

    /// Keeps what is committed for the entity meanwhile.
    pub(super) fn keep(&mut self, step: CommittedStep) {
        self.backlog.push(step);
    }

    /// What is not saved yet, to be written as one piece.
    pub(super) fn pieces(&mut self, id: EntityId) -> Vec<Change> {
        let first = std::mem::replace(&mut self.saved, self.backlog.len());
        let steps = self.backlog.iter().enumerate().skip(first);
        let mut pieces = vec![saved::fault_piece(id, self.broke)];
        pieces.extend(steps.map(|(place, step)| saved::backlog_piece(id, place, step)));
        pieces
    }

    /// What takes the fault away again, with the piece that saves the mended entity.
    pub(super) fn removal(&self, id: EntityId) -> Vec<Change> {
        let places = 0..self.backlog.len();
        let backlog = places.map(|place| saved::no_backlog_piece(id, place));
        [saved::no_fault_piece(id)].into_iter().chain(backlog).collect()
    }

    /// Tries the entity again from its last piece, which can be read back. If the rules break again, it is as it was.
    pub(super) fn retry(&mut self, context: &Context, id: EntityId) -> Result<Option<Mended>, Unreadable> {
        let (state, observer) = (&context.state, &*context.options.observer);
        let mut entity = saved::entity(state, id)?.map(|(entity, _index)| entity);
        let mut records = Vec::new();
        let mut brought = Vec::new();
        for step in &self.backlog {
            brought.extend(bring_back(state, &mut entity, step)?);
            if decide(observer, &mut entity, step, &mut records).is_err() {
                self.broke = step.index;
                return Ok(None);
            }
        }
        if let Some(slot) = entity.as_mut().and_then(Entity::slot_mut) {
            slot.let_go(&brought);
        }
        Ok(Some(Mended { entity, records, index: self.index() }))
    }
}
