//! An entity whose rules broke, on disk: where, and what waits to be tried again.

use booking::EntityId;
use booking::entity::Request;
use cluster::State;
use cluster::codec;
use storage::{Change, Index};

use super::keys::{BACKLOG, FAULT, backlog_key, entity_of, key};
use super::rows::scan;
use super::stored;
use super::unreadable::Unreadable;
use crate::log::{CommittedStep, What, no_merchants};

/// Remembers that the rules broke on this entity, so that it stays as its last piece says, also after a restart.
pub(crate) fn fault_piece(entity: EntityId, index: Index) -> Change {
    Change::Put { key: key(FAULT, entity, &[]), value: codec::encode(&stored::Fault::V1 { index: index.0 }) }
}

/// The index at which the rules broke on this entity.
pub(crate) fn fault(state: &State, entity: EntityId) -> Result<Option<Index>, Unreadable> {
    let Some(bytes) = state.get(&key(FAULT, entity, &[]))? else { return Ok(None) };
    let stored::Fault::V1 { index } = codec::decode(&bytes)?;
    Ok(Some(Index(index)))
}

/// What takes a fault away.
pub(crate) fn no_fault_piece(entity: EntityId) -> Change {
    Change::Remove { key: key(FAULT, entity, &[]) }
}

/// The entities whose rules broke.
pub(crate) fn faulted(state: &State) -> Result<Vec<EntityId>, Unreadable> {
    let mut entities = Vec::new();
    scan(state, vec![FAULT], &[FAULT + 1], |key, _index| {
        entities.push(entity_of(key)?);
        Ok(())
    })?;
    Ok(entities)
}

/// One step that was committed for an entity whose rules broke, to be tried again.
pub(crate) fn backlog_piece(entity: EntityId, place: usize, step: &CommittedStep) -> Change {
    let (level, at) = (step.level, step.at);
    let what = match &step.what {
        What::Request(Request::Slot(request)) => {
            stored::What::Request(booking::stored::Request::at(level, request.clone()))
        }
        What::Request(Request::Organizer(request)) => {
            stored::What::Organizer(booking::stored::organizer::Request::at(level, request.clone()))
        }
        What::Request(Request::Merchant(_)) => no_merchants(),
        What::Pulse => stored::What::Pulse,
        What::Deliver(delivery) => {
            stored::What::Deliver(booking::stored::Delivery::at(level, delivery.as_ref().clone()))
        }
        What::Report(report) => {
            stored::What::Report(booking::stored::Report::at(level, report.as_ref().clone()))
        }
        #[cfg(feature = "rehearsal")]
        What::Request(Request::Toy(request)) => {
            stored::What::Toy(booking::stored::toy::Request::at(level, request.clone()))
        }
    };
    let step = stored::Step::V1 { index: step.index.0, at, level, what };
    Change::Put { key: backlog_key(entity, place), value: codec::encode(&step) }
}

/// What takes one of those away.
pub(crate) fn no_backlog_piece(entity: EntityId, place: usize) -> Change {
    Change::Remove { key: backlog_key(entity, place) }
}

/// All of those, in order.
pub(crate) fn backlog(state: &State, entity: EntityId) -> Result<Vec<CommittedStep>, Unreadable> {
    let mut steps = Vec::new();
    scan(state, key(BACKLOG, entity, &[]), &key(BACKLOG, entity, &[0xFF; 5]), |_key, value| {
        let stored::Step::V1 { index, at, level, what } = codec::decode(&value)?;
        let what = match what {
            stored::What::Request(request) => What::Request(Request::Slot(request.into())),
            stored::What::Organizer(request) => What::Request(Request::Organizer(request.into())),
            stored::What::Pulse => What::Pulse,
            stored::What::Deliver(delivery) => What::Deliver(Box::new(delivery.into())),
            stored::What::Report(report) => What::Report(Box::new(report.into())),
            #[cfg(feature = "rehearsal")]
            stored::What::Toy(request) => What::Request(Request::Toy(request.into())),
        };
        steps.push(CommittedStep { index: Index(index), level, at, what });
        Ok(())
    })?;
    Ok(steps)
}
