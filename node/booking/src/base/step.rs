//! The one sequence of a step, whatever the kind of entity.
//!
//! ```text
//!  answered before? ── yes ──► the first answer again; nothing changes
//!        │ no
//!        ▼
//!  time passes: outdated receipts are forgotten, what is due lapses, and who waits is served
//!        ▼
//!  the rule: done, refused, or not found
//!        ▼
//!  who waits is served again
//!        ▼
//!  anything changed? then one `seq`, and one record of the feed
//!        ▼
//!  the answer is remembered, where it does not stand in what was made
//! ```
//!
//! A replay is no step: nothing lapses, nothing is forgotten, and the entity's stamp stays.

use crate::base::intents::{Heard, IntentRecord};
use crate::base::message::{Delivered, Delivery, Message, Reply, Report, Reported};
use crate::base::outcome::{Denied, Outcome};
use crate::base::parts::Base;
use crate::base::receipts::{Receipt, Remembered};
use crate::base::request::RequestIdentity;
use crate::{EntityId, Fingerprint, Level, RequestKey, Seq, Timestamp};

/// An entity that changes by steps: what the sequence asks of its kind.
///
/// *To ensure correctness:* only [`Steps::lapse`], [`Steps::serve`] and [`Steps::decide`] change anything; each is total, and
/// decides by nothing but the entity, the step and what is asked.
pub(crate) trait Steps: Sized {
    /// What may be asked of it.
    type Command;
    /// Why a rule says no.
    type Refusal;
    /// What a rule did.
    type Effect: Copy;
    /// What it answers.
    type Decision: From<Denied<Self::Refusal>>;
    /// The same, as short as it can be kept.
    type Answer: Remembered + for<'one> From<&'one Self::Refusal>;
    /// What happened, in a word. The order is a priority: where time alone does several things in one step, the record is of the
    /// greatest kind.
    type Kind: Copy + Ord;
    /// One step that changed something.
    type Record;
    /// What a step has changed so far.
    type Changed: Default;

    /// What happened when an entity was made.
    const CREATED: Self::Kind;

    /// What every entity has.
    fn base(&self) -> &Base<Self::Answer>;

    /// The same, to be changed.
    fn base_mut(&mut self) -> &mut Base<Self::Answer>;

    /// Whether a command makes an entity.
    fn is_create(command: &Self::Command) -> bool;

    /// The entity that a command makes, if [`Steps::is_create`] says that the command makes one.
    fn make(base: Base<Self::Answer>, command: &Self::Command) -> Result<Self, Self::Refusal>;

    /// What is answered to the request that made it: the entity as it was when it was new.
    fn creation_answer(&self) -> Self::Decision;

    /// What was answered first to a request whose answer stands in what it made.
    fn original_answer(&self, request: RequestKey) -> Option<(Fingerprint, Outcome<Self::Decision>)>;

    /// What a receipt says.
    fn receipted(&self, receipt: &Receipt<Self::Answer>) -> Self::Decision;

    /// Ends what is due by the step's stamp.
    fn lapse(&mut self, step: &mut Step<Self>);

    /// Serves those who wait, for as long as it is somebody's turn.
    fn serve(&mut self, step: &mut Step<Self>);

    /// Asks the rule of a command that makes no entity.
    fn decide(
        &mut self,
        step: &mut Step<Self>,
        identity: RequestIdentity,
        command: &Self::Command,
    ) -> Result<Self::Effect, Denied<Self::Refusal>>;

    /// What a rule did, in a word; none where it left everything as it was.
    fn kind(effect: Self::Effect) -> Option<Self::Kind>;

    /// What is answered to what a rule did, and the same to be remembered where it does not stand in what was made. What the
    /// step's record shows already need not be made a second time.
    fn answer(
        &self,
        effect: Self::Effect,
        record: Option<&Self::Record>,
    ) -> (Self::Decision, Option<Self::Answer>);

    /// A step that has ended, as a record of the feed.
    fn record(&self, step: Step<Self>, kind: Self::Kind) -> Self::Record;

    /// Does what another entity asks by a message, and replies. The intents that this leaves in turn are never too many: those of the
    /// sender are bounded.
    fn handle_message(
        &mut self,
        _step: &mut Step<Self>,
        _from: EntityId,
        _message: &Message,
    ) -> Handled<Self::Kind> {
        Handled::Foreign
    }

    /// Takes the reply that has ended an intent, and says what happened; none where nothing did.
    fn handle_reply(
        &mut self,
        _step: &mut Step<Self>,
        _intent: &IntentRecord,
        _reply: &Reply,
    ) -> Option<Self::Kind> {
        None
    }
}

/// What a rule did for another entity.
pub(crate) enum Handled<Kind> {
    /// This is the reply, and what happened in a word; none where nothing did.
    Done(Reply, Option<Kind>),
    /// This kind knows no such message, and has changed nothing.
    Foreign,
}

/// One request, or time alone, applied to one entity.
pub(crate) struct Step<Entity: Steps> {
    /// The step's stamp: what is due by then is due.
    pub(crate) at: Timestamp,
    /// The level under which it is applied.
    pub(crate) level: Level,
    /// What it has changed so far.
    pub(crate) changed: Entity::Changed,
    /// What time alone did before the command.
    by_time: Option<Entity::Kind>,
}

impl<Entity: Steps> Step<Entity> {
    /// A step that has changed nothing yet.
    fn begin(level: Level, at: Timestamp) -> Self {
        Self { at, level, changed: Entity::Changed::default(), by_time: None }
    }

    /// Marks that time alone did something. Of several kinds, the greatest is recorded.
    pub(crate) fn mark_by_time(&mut self, kind: Entity::Kind) {
        self.by_time = self.by_time.max(Some(kind));
    }
}

/// What a request is answered, and the record of what it changed.
pub(crate) type Applied<Entity> = (Outcome<<Entity as Steps>::Decision>, Option<<Entity as Steps>::Record>);

/// Applies one request to the entity with this id, of which there is none yet: makes it, where that is asked.
///
/// # Panics
///
/// As [`ask`].
pub(crate) fn make<Entity: Steps>(
    level: Level,
    at: Timestamp,
    (id, identity): (EntityId, RequestIdentity),
    command: &Entity::Command,
) -> (Option<Entity>, Applied<Entity>) {
    assert_known(level);
    if !Entity::is_create(command) {
        return (None, nowhere::<Entity>(at));
    }
    match Entity::make(Base::new(id, identity, at), command) {
        Ok(mut new) => {
            let step = Step::begin(level, new.base().stamp);
            let record = end(&mut new, step, Some(Entity::CREATED));
            let outcome = Outcome { replayed: false, ..first(&new) };
            (Some(new), (outcome, record))
        }
        Err(refusal) => {
            let decision = Denied::Refused(refusal).into();
            (None, (Outcome { seq: Seq(0), at, replayed: false, decision }, None))
        }
    }
}

/// Applies one request to the entity with this id, if this is the one.
///
/// # Panics
///
/// When this build does not know the level: whatever it decided would be a guess.
#[inline]
pub(crate) fn ask<Entity: Steps>(
    entity: &mut Entity,
    level: Level,
    at: Timestamp,
    (id, identity): (EntityId, RequestIdentity),
    command: &Entity::Command,
) -> Applied<Entity> {
    assert_known(level);
    if entity.base().id != id {
        return nowhere::<Entity>(at);
    }
    if Entity::is_create(command) {
        return (made_again(entity, at, identity), None);
    }
    if let Some(outcome) = replay(entity, at, identity) {
        return (outcome, None);
    }
    let mut step = begin(entity, level, at);
    let result = entity.decide(&mut step, identity, command);
    entity.serve(&mut step);
    let record = end(entity, step, result.as_ref().ok().copied().and_then(Entity::kind));
    (answer(entity, identity, result, record.as_ref()), record)
}

/// What is answered where there is no such entity.
pub(crate) fn nowhere<Entity: Steps>(at: Timestamp) -> Applied<Entity> {
    (Outcome { seq: Seq(0), at, replayed: false, decision: Denied::NotFound.into() }, None)
}

/// Lets time pass, if anything is due: what is due by this stamp lapses, and who waits is served.
///
/// # Panics
///
/// As [`ask`].
pub(crate) fn pulse<Entity: Steps>(
    entity: &mut Entity,
    level: Level,
    at: Timestamp,
    deadline: Option<Timestamp>,
) -> Option<Entity::Record> {
    assert_known(level);
    if deadline.is_none_or(|deadline| at < deadline) {
        return None;
    }
    let step = begin(entity, level, at);
    end(entity, step, None)
}

/// Applies one message of another entity, if it is the next of that one: a step like any other, but for where its answer is kept.
///
/// # Panics
///
/// As [`ask`].
pub(crate) fn deliver<Entity: Steps>(
    entity: &mut Entity,
    level: Level,
    at: Timestamp,
    delivery: &Delivery,
) -> (Delivered, Option<Entity::Record>) {
    assert_known(level);
    if delivery.to != entity.base().id {
        return (Delivered::Nowhere, None);
    }
    match entity.base().intents.heard(delivery.from, delivery.ordinal) {
        Heard::Now => {}
        Heard::Before(reply) => return (Delivered::Replied(reply.clone()), None),
        Heard::Settled => return (Delivered::Settled, None),
        Heard::Early => return (Delivered::Early, None),
    }
    let mut step = begin(entity, level, at);
    let handled = if delivery.message == Message::Acknowledge {
        Handled::Done(Reply::Noted, None)
    } else {
        entity.handle_message(&mut step, delivery.from, &delivery.message)
    };
    entity.serve(&mut step);
    let (delivered, kind) = match handled {
        Handled::Done(reply, kind) => {
            entity.base_mut().intents.keep(delivery, reply.clone());
            (Delivered::Replied(reply), kind)
        }
        Handled::Foreign => (Delivered::Foreign, None),
    };
    (delivered, end(entity, step, kind))
}

/// Ends an intent by its reply, if it is open. Never refused.
///
/// # Panics
///
/// As [`ask`].
pub(crate) fn report<Entity: Steps>(
    entity: &mut Entity,
    level: Level,
    at: Timestamp,
    report: &Report,
) -> (Reported, Option<Entity::Record>) {
    assert_known(level);
    if report.to != entity.base().id {
        return (Reported::Nowhere, None);
    }
    if entity.base().intents.get(report.intent).is_none() {
        return (Reported::Before, None);
    }
    let mut step = begin(entity, level, at);
    let intent = entity.base_mut().intents.end(report.intent);
    let kind = entity.handle_reply(&mut step, &intent, &report.reply);
    entity.serve(&mut step);
    (Reported::Ended, end(entity, step, kind))
}

/// What was answered to this request first, if it is remembered.
pub(crate) fn remembered<Entity: Steps>(
    entity: &Entity,
    request: RequestKey,
) -> Option<Outcome<Entity::Decision>> {
    if request == entity.base().origin.request {
        return Some(first(entity));
    }
    known(entity, request).map(|(_fingerprint, first)| first)
}

/// The answer to a request to make this entity, which exists.
///
/// Its id is already a hash of who made it and with which key, so whoever asks for the same thing again,
/// with whatever key, is answered as the first was.
fn made_again<Entity: Steps>(
    entity: &Entity,
    at: Timestamp,
    identity: RequestIdentity,
) -> Outcome<Entity::Decision> {
    if identity.fingerprint == entity.base().origin.fingerprint {
        first(entity)
    } else {
        key_reused(entity, at)
    }
}

/// What was answered when the entity was made.
fn first<Entity: Steps>(entity: &Entity) -> Outcome<Entity::Decision> {
    let (seq, at) = (Seq(0).next(), entity.base().origin.at);
    Outcome { seq, at, replayed: true, decision: entity.creation_answer() }
}

/// The first answer to a request with this key, if it is remembered. The same key for anything else is a key
/// reused; that holds for the key that made the entity too.
pub(crate) fn replay<Entity: Steps>(
    entity: &Entity,
    at: Timestamp,
    identity: RequestIdentity,
) -> Option<Outcome<Entity::Decision>> {
    if identity.key == entity.base().origin.request {
        return Some(key_reused(entity, at));
    }
    let (fingerprint, first) = known(entity, identity.key)?;
    Some(if fingerprint == identity.fingerprint { first } else { key_reused(entity, at) })
}

/// What a request asked for and was answered first, if it is not the one that made the entity.
fn known<Entity: Steps>(
    entity: &Entity,
    request: RequestKey,
) -> Option<(Fingerprint, Outcome<Entity::Decision>)> {
    entity.original_answer(request).or_else(|| {
        let receipt = entity.base().receipts.get(request)?;
        let decision = entity.receipted(receipt);
        let first = Outcome { seq: receipt.seq, at: receipt.at, replayed: true, decision };
        Some((receipt.fingerprint, first))
    })
}

/// A key that was used for something else.
fn key_reused<Entity: Steps>(entity: &Entity, at: Timestamp) -> Outcome<Entity::Decision> {
    let Base { seq, stamp, .. } = entity.base();
    let decision = Denied::KeyReused.into();
    Outcome { seq: *seq, at: at.max(*stamp), replayed: false, decision }
}

/// Begins a step: time passes, outdated answers are forgotten, what is due lapses, and who waits is served.
fn begin<Entity: Steps>(entity: &mut Entity, level: Level, at: Timestamp) -> Step<Entity> {
    let base = entity.base_mut();
    assert!(base.origin.at <= base.stamp, "time never goes back behind the entity's making");
    base.stamp = base.stamp.max(at);
    base.receipts.forget_outdated(base.stamp);
    let mut step = Step::begin(level, base.stamp);
    entity.lapse(&mut step);
    entity.serve(&mut step);
    step
}

/// Ends a step: if anything was done, or time alone did something, it takes a `seq` and is recorded.
fn end<Entity: Steps>(
    entity: &mut Entity,
    step: Step<Entity>,
    by_rule: Option<Entity::Kind>,
) -> Option<Entity::Record> {
    let kind = by_rule.or(step.by_time)?;
    let base = entity.base_mut();
    let before = base.seq;
    base.seq = before.next();
    assert!(before < base.seq, "every change has a number of its own");
    assert!(step.at == base.stamp, "a record has the latest stamp");
    Some(entity.record(step, kind))
}

/// Answers what a rule has decided, and remembers the answer where it does not stand in what was made.
fn answer<Entity: Steps>(
    entity: &mut Entity,
    identity: RequestIdentity,
    result: Result<Entity::Effect, Denied<Entity::Refusal>>,
    record: Option<&Entity::Record>,
) -> Outcome<Entity::Decision> {
    let (decision, answer) = match result {
        Ok(effect) => entity.answer(effect, record),
        Err(denied) => {
            let answer = denied.refusal().map(Entity::Answer::from);
            (denied.into(), answer)
        }
    };
    let base = entity.base_mut();
    if let Some(answer) = answer {
        base.receipts.remember(identity, base.seq, base.stamp, answer);
    }
    Outcome { seq: base.seq, at: base.stamp, replayed: false, decision }
}

/// What holds under a level this build must know.
fn assert_known(level: Level) {
    assert!(level.is_known(), "this build does not know the rules of {level:?}");
}
