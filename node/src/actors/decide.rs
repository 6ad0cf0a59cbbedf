//! Where the rules are asked, and where a bug in them is caught.

use std::panic::{AssertUnwindSafe, catch_unwind};

use booking::Number;
use booking::entity::{Entity, Outcome, Record, Request};
use cluster::State;

use super::waiters::Asked;
use crate::log::{CommittedStep, What};
use crate::observer::Observer;
use crate::saved::Unreadable;
use crate::saved::archive;

/// The rules panicked: on every replica alike, since all run the same code.
pub(super) struct Broke;

/// Brings back what a step needs of the past, and says what that is.
pub(super) fn bring_back(
    state: &State,
    entity: &mut Option<Entity>,
    step: &CommittedStep,
) -> Result<Vec<Number>, Unreadable> {
    match (&step.what, entity) {
        (What::Request(Request::Slot(request)), Some(Entity::Slot(slot))) => {
            archive::recall_for(state, slot, request)
        }
        (What::Request(_) | What::Deliver(_) | What::Report(_) | What::Pulse, _) => Ok(Vec::new()),
    }
}

/// The one call of the rules: the outcome, where someone asked; or that the rules broke on this step.
pub(super) fn decide(
    observer: &dyn Observer,
    entity: &mut Option<Entity>,
    step: &CommittedStep,
    records: &mut Vec<Record>,
) -> Result<Option<(Asked, Outcome)>, Broke> {
    catch_unwind(AssertUnwindSafe(|| apply(observer, entity, step, records))).map_err(|_panic| Broke)
}

fn apply(
    observer: &dyn Observer,
    entity: &mut Option<Entity>,
    step: &CommittedStep,
    records: &mut Vec<Record>,
) -> Option<(Asked, Outcome)> {
    observer.deciding(step);
    let answered = match &step.what {
        What::Request(request) => {
            let outcome = Entity::apply(entity, step.level, step.at, request, records);
            Some((request.asked(), outcome))
        }
        What::Deliver(delivery) => {
            // Who carries the intent out reads what became of it.
            entity.as_mut().map(|entity| entity.deliver(step.level, step.at, delivery, records));
            None
        }
        What::Report(report) => {
            entity.as_mut().map(|entity| entity.report(step.level, step.at, report, records));
            None
        }
        What::Pulse => {
            if let Some(entity) = entity {
                entity.pulse(step.level, step.at, records);
            }
            None
        }
    };
    #[cfg(feature = "rehearsal")]
    if let (Some(bug), Some(Entity::Slot(slot))) = (observer.rule_bug(), entity.as_mut()) {
        slot.suffer(bug);
    }
    observer.stepped(entity.as_ref());
    answered
}
