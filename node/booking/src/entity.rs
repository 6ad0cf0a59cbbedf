//! Everything that is replicated and changed by commands, whatever its kind: one arm a kind, and nothing else.
//!
//! The words of a kind are wrapped in what every kind has: code that logs, saves or sends an entity knows no kind. Code that shows
//! a slot, or brings its bookings back, asks for [`Entity::slot`].

use alloc::vec::Vec;

use crate::base::intents::Heard;
use crate::base::step;
use crate::invariant::Violation;
#[cfg(feature = "rehearsal")]
use crate::toy::{self, Toy};
use crate::{
    BookingRecord, Broken, Delivered, Delivery, EntityId, Fingerprint, IntentNumber, IntentRecord, Level,
    ReceiptRecord, Report, Reported, RequestKey, SavedIntents, Seq, Slot, Timestamp,
};

/// Everything that is replicated and changed by commands.
#[cfg_attr(
    feature = "rehearsal",
    expect(clippy::large_enum_variant, reason = "nearly every entity is a slot, and in no box")
)]
pub enum Entity {
    /// Something that can be booked.
    Slot(Slot),
    /// What is there so that what needs two entities can be tested.
    #[cfg(feature = "rehearsal")]
    Toy(Toy),
}

/// One request to one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// To a slot.
    Slot(crate::Request),
    /// To a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Request),
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A slot's.
    Slot(crate::Outcome),
    /// A toy's.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Outcome),
}

/// One step that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Of a slot.
    Slot(crate::Record),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Record),
}

/// What is to be saved of an entity so that the saved one is like this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "rehearsal",
    expect(clippy::large_enum_variant, reason = "nearly every entity is a slot, and in no box")
)]
pub enum Changes {
    /// Of a slot.
    Slot(crate::Changes),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Changes),
}

/// All that was saved of an entity and has not left memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Of a slot.
    Slot(crate::Header, Vec<BookingRecord>, Vec<ReceiptRecord>, SavedIntents),
    /// Of a toy.
    #[cfg(feature = "rehearsal")]
    Toy(toy::Header, Vec<toy::ReceiptRecord>, SavedIntents),
}

impl Request {
    /// Who is asked.
    #[inline]
    pub fn entity(&self) -> EntityId {
        match self {
            Self::Slot(request) => request.slot.into(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(request) => request.toy,
        }
    }

    /// Which request it is, and what it asks: whoever asks the same has the same answer.
    #[inline]
    pub fn asked(&self) -> (RequestKey, Fingerprint) {
        match self {
            Self::Slot(request) => (request.key, request.fingerprint),
            #[cfg(feature = "rehearsal")]
            Self::Toy(request) => (request.key, request.fingerprint),
        }
    }
}

impl Request {
    /// The first level under which this can be asked.
    #[inline]
    pub fn since(&self) -> Level {
        match self {
            Self::Slot(request) => request.command.since(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => Level::OLDEST,
        }
    }
}

impl Outcome {
    /// The same answer, to one who asked the same.
    #[must_use]
    pub fn replay(&self) -> Self {
        match self {
            Self::Slot(outcome) => Self::Slot(crate::Outcome { replayed: true, ..outcome.clone() }),
            #[cfg(feature = "rehearsal")]
            Self::Toy(outcome) => Self::Toy(toy::Outcome { replayed: true, ..outcome.clone() }),
        }
    }

    /// A slot's, if it is one.
    #[cfg_attr(
        not(feature = "rehearsal"),
        expect(clippy::unnecessary_wraps, reason = "slots are the only kind yet")
    )]
    pub fn slot(self) -> Option<crate::Outcome> {
        match self {
            Self::Slot(outcome) => Some(outcome),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }
}

impl Record {
    /// The number of the change.
    #[inline]
    pub fn seq(&self) -> Seq {
        match self {
            Self::Slot(record) => record.seq,
            #[cfg(feature = "rehearsal")]
            Self::Toy(record) => record.seq,
        }
    }
}

impl Changes {
    /// The latest change among them.
    pub fn seq(&self) -> Seq {
        match self {
            Self::Slot(changes) => changes.header.seq,
            #[cfg(feature = "rehearsal")]
            Self::Toy(changes) => changes.header.seq,
        }
    }

    /// The digest of the entity behind them.
    pub fn digest(&self) -> u64 {
        match self {
            Self::Slot(changes) => changes.header.digest,
            #[cfg(feature = "rehearsal")]
            Self::Toy(changes) => changes.header.digest,
        }
    }

    /// Those of a slot that leave memory; of other entities nothing does.
    pub fn leaving(&self) -> &[BookingRecord] {
        match self {
            Self::Slot(changes) => &changes.leaving,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => &[],
        }
    }
}

impl Entity {
    /// Applies one request under its entry's level and at its stamp, and answers it, as [`Slot::apply`] does. An entity
    /// of another kind is none that could be asked.
    ///
    /// # Panics
    ///
    /// When this build does not know the level: whatever it decided would be a guess.
    #[inline]
    pub fn apply(
        entity: &mut Option<Self>,
        level: Level,
        at: Timestamp,
        request: &Request,
        records: &mut Vec<Record>,
    ) -> Outcome {
        match request {
            Request::Slot(request) => {
                let asked = (request.slot.into(), request.identity());
                let (outcome, record) = match entity {
                    Some(Self::Slot(slot)) => step::ask(slot, level, at, asked, &request.command),
                    #[cfg(feature = "rehearsal")]
                    Some(Self::Toy(_)) => step::nowhere::<Slot>(at),
                    None => {
                        let (made, applied) = step::make(level, at, asked, &request.command);
                        *entity = made.map(Self::Slot);
                        applied
                    }
                };
                records.extend(record.map(Record::Slot));
                Outcome::Slot(outcome)
            }
            #[cfg(feature = "rehearsal")]
            Request::Toy(request) => {
                let asked = (request.toy, request.identity());
                let (outcome, record) = match entity {
                    Some(Self::Toy(toy)) => step::ask(toy, level, at, asked, &request.command),
                    Some(Self::Slot(_)) => step::nowhere::<Toy>(at),
                    None => {
                        let (made, applied) = step::make(level, at, asked, &request.command);
                        *entity = made.map(Self::Toy);
                        applied
                    }
                };
                records.extend(record.map(Record::Toy));
                Outcome::Toy(outcome)
            }
        }
    }

    /// Lets time pass: one record if anything changed.
    ///
    /// # Panics
    ///
    /// As [`Entity::apply`].
    pub fn pulse(&mut self, level: Level, at: Timestamp, records: &mut Vec<Record>) {
        let deadline = self.deadline();
        match self {
            Self::Slot(slot) => records.extend(step::pulse(slot, level, at, deadline).map(Record::Slot)),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => records.extend(step::pulse(toy, level, at, deadline).map(Record::Toy)),
        }
    }

    /// Applies one message of another entity, if it is the next of that one; says what was replied, if it was applied before.
    ///
    /// # Panics
    ///
    /// As [`Entity::apply`].
    pub fn deliver(
        &mut self,
        level: Level,
        at: Timestamp,
        delivery: &Delivery,
        records: &mut Vec<Record>,
    ) -> Delivered {
        match self {
            Self::Slot(slot) => {
                let (delivered, record) = step::deliver(slot, level, at, delivery);
                records.extend(record.map(Record::Slot));
                delivered
            }
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => {
                let (delivered, record) = step::deliver(toy, level, at, delivery);
                records.extend(record.map(Record::Toy));
                delivered
            }
        }
    }

    /// Ends an intent by its reply, if it is open.
    ///
    /// # Panics
    ///
    /// As [`Entity::apply`].
    pub fn report(
        &mut self,
        level: Level,
        at: Timestamp,
        report: &Report,
        records: &mut Vec<Record>,
    ) -> Reported {
        match self {
            Self::Slot(slot) => {
                let (reported, record) = step::report(slot, level, at, report);
                records.extend(record.map(Record::Slot));
                reported
            }
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => {
                let (reported, record) = step::report(toy, level, at, report);
                records.extend(record.map(Record::Toy));
                reported
            }
        }
    }

    /// Which entity it is.
    pub fn id(&self) -> EntityId {
        match self {
            Self::Slot(slot) => slot.base.id,
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.id,
        }
    }

    /// The latest stamp that it has seen.
    pub fn stamp(&self) -> Timestamp {
        match self {
            Self::Slot(slot) => slot.base.stamp,
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.stamp,
        }
    }

    /// The next moment at which time alone changes something, or none if it never will.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Slot(slot) => slot.deadline(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// A number that two replicas share only if their entities are equal, or by a chance of one in 2⁶⁴.
    pub fn digest(&self) -> u64 {
        match self {
            Self::Slot(slot) => slot.digest(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.digest(),
        }
    }

    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        match self {
            Self::Slot(slot) => slot.check(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.check(),
        }
    }

    /// What is to be carried out, in the order in which it was left.
    pub fn intents(&self) -> impl ExactSizeIterator<Item = &IntentRecord> {
        match self {
            Self::Slot(slot) => slot.base.intents.open(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.intents.open(),
        }
    }

    /// What an open intent says to another entity; none where a provider is asked.
    pub fn delivery(&self, intent: &IntentRecord) -> Option<Delivery> {
        match self {
            Self::Slot(slot) => slot.base.intents.delivery(slot.base.id, intent),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.intents.delivery(toy.base.id, intent),
        }
    }

    /// Whether an intent is not ended yet.
    pub fn is_open(&self, intent: IntentNumber) -> bool {
        match self {
            Self::Slot(slot) => slot.base.intents.get(intent).is_some(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.intents.get(intent).is_some(),
        }
    }

    /// What would become of a message without a change; none where it is the next to be applied.
    pub fn heard(&self, delivery: &Delivery) -> Option<Delivered> {
        let intents = match self {
            Self::Slot(slot) => &slot.base.intents,
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => &toy.base.intents,
        };
        match intents.heard(delivery.from, delivery.ordinal) {
            Heard::Now => None,
            Heard::Before(reply) => Some(Delivered::Replied(reply.clone())),
            Heard::Settled => Some(Delivered::Settled),
            Heard::Early => Some(Delivered::Early),
        }
    }

    /// What changed since this was last called, or since the entity was restored. Of a slot, some bookings leave that were over by
    /// `over_by`.
    pub fn take_changes(&mut self, over_by: Timestamp) -> Changes {
        match self {
            Self::Slot(slot) => Changes::Slot(slot.take_changes(over_by)),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => Changes::Toy(toy.take_changes()),
        }
    }

    /// The entity that these parts are, in whatever order they come.
    pub fn restore(saved: Saved) -> Result<Self, Broken> {
        match saved {
            Saved::Slot(header, bookings, receipts, intents) => {
                Slot::restore(header, bookings.into_iter(), receipts.into_iter(), intents).map(Self::Slot)
            }
            #[cfg(feature = "rehearsal")]
            Saved::Toy(header, receipts, intents) => {
                Toy::restore(&header, receipts.into_iter(), intents).map(Self::Toy)
            }
        }
    }

    /// Since when the first of what is over could leave memory.
    pub fn first_over(&self) -> Option<Timestamp> {
        match self {
            Self::Slot(slot) => slot.first_over(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// The slot, if it is one: to be shown.
    #[cfg_attr(
        not(feature = "rehearsal"),
        expect(clippy::unnecessary_wraps, reason = "slots are the only kind yet")
    )]
    #[inline]
    pub fn slot(&self) -> Option<&Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// The slot, if it is one: to be given back what has left memory.
    #[cfg_attr(
        not(feature = "rehearsal"),
        expect(clippy::unnecessary_wraps, reason = "slots are the only kind yet")
    )]
    #[inline]
    pub fn slot_mut(&mut self) -> Option<&mut Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }
}
