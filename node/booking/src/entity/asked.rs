//! What an entity is asked, how it is read, and how it is saved and restored: each by the rules of its kind.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Changes, Entity, Outcome, Record, Request, Saved};
use crate::base::intents::Heard;
use crate::base::step;
use crate::invariant::Violation;
use crate::merchant::Merchant;
use crate::organizer::Organizer;
#[cfg(feature = "rehearsal")]
use crate::toy::Toy;
use crate::{
    Broken, Delivered, Delivery, EntityId, IntentNumber, IntentRecord, Level, Report, Reported, Seq, Slot,
    Timestamp,
};

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
                    Some(Self::Organizer(_) | Self::Merchant(_)) => step::nowhere::<Slot>(at),
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
            Request::Organizer(request) => {
                let asked = (request.organizer, request.identity());
                let (outcome, record) = match entity {
                    Some(Self::Organizer(organizer)) => {
                        step::ask(organizer, level, at, asked, &request.command)
                    }
                    Some(Self::Slot(_) | Self::Merchant(_)) => step::nowhere::<Organizer>(at),
                    #[cfg(feature = "rehearsal")]
                    Some(Self::Toy(_)) => step::nowhere::<Organizer>(at),
                    None => {
                        let (made, applied) = step::make(level, at, asked, &request.command);
                        *entity = made.map(Self::Organizer);
                        applied
                    }
                };
                records.extend(record.map(Record::Organizer));
                Outcome::Organizer(outcome)
            }
            Request::Merchant(request) => {
                let asked = (request.merchant, request.identity());
                let (outcome, record) = match entity {
                    Some(Self::Merchant(merchant)) => {
                        step::ask(&mut **merchant, level, at, asked, &request.command)
                    }
                    Some(Self::Slot(_) | Self::Organizer(_)) => step::nowhere::<Merchant>(at),
                    #[cfg(feature = "rehearsal")]
                    Some(Self::Toy(_)) => step::nowhere::<Merchant>(at),
                    None => {
                        let (made, applied) = step::make(level, at, asked, &request.command);
                        *entity = made.map(|made| Self::Merchant(Box::new(made)));
                        applied
                    }
                };
                records.extend(record.map(Record::Merchant));
                Outcome::Merchant(outcome)
            }
            #[cfg(feature = "rehearsal")]
            Request::Toy(request) => {
                let asked = (request.toy, request.identity());
                let (outcome, record) = match entity {
                    Some(Self::Toy(toy)) => step::ask(toy, level, at, asked, &request.command),
                    Some(Self::Slot(_) | Self::Organizer(_) | Self::Merchant(_)) => step::nowhere::<Toy>(at),
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
            Self::Organizer(organizer) => {
                records.extend(step::pulse(organizer, level, at, deadline).map(Record::Organizer));
            }
            Self::Merchant(merchant) => {
                records.extend(step::pulse(&mut **merchant, level, at, deadline).map(Record::Merchant));
            }
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
            Self::Organizer(organizer) => {
                let (delivered, record) = step::deliver(organizer, level, at, delivery);
                records.extend(record.map(Record::Organizer));
                delivered
            }
            Self::Merchant(merchant) => {
                let (delivered, record) = step::deliver(&mut **merchant, level, at, delivery);
                records.extend(record.map(Record::Merchant));
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
            Self::Organizer(organizer) => {
                let (reported, record) = step::report(organizer, level, at, report);
                records.extend(record.map(Record::Organizer));
                reported
            }
            Self::Merchant(merchant) => {
                let (reported, record) = step::report(&mut **merchant, level, at, report);
                records.extend(record.map(Record::Merchant));
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
            Self::Organizer(organizer) => organizer.base.id,
            Self::Merchant(merchant) => merchant.base.id,
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.id,
        }
    }

    /// The number of its latest change.
    pub fn seq(&self) -> Seq {
        match self {
            Self::Slot(slot) => slot.base.seq,
            Self::Organizer(organizer) => organizer.base.seq,
            Self::Merchant(merchant) => merchant.base.seq,
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.seq,
        }
    }

    /// The latest stamp that it has seen.
    pub fn stamp(&self) -> Timestamp {
        match self {
            Self::Slot(slot) => slot.base.stamp,
            Self::Organizer(organizer) => organizer.base.stamp,
            Self::Merchant(merchant) => merchant.base.stamp,
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.stamp,
        }
    }

    /// The next moment at which time alone changes something, or none if it never will.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Slot(slot) => slot.deadline(),
            Self::Organizer(organizer) => organizer.deadline(),
            Self::Merchant(merchant) => merchant.deadline(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// A number that two replicas share only if their entities are equal, or by a chance of one in 2⁶⁴.
    pub fn digest(&self) -> u64 {
        match self {
            Self::Slot(slot) => slot.digest(),
            Self::Organizer(organizer) => organizer.digest(),
            Self::Merchant(merchant) => merchant.digest(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.digest(),
        }
    }

    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        match self {
            Self::Slot(slot) => slot.check(),
            Self::Organizer(organizer) => organizer.check(),
            Self::Merchant(merchant) => merchant.check(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.check(),
        }
    }

    /// What is to be carried out, in the order in which it was left.
    pub fn intents(&self) -> impl ExactSizeIterator<Item = &IntentRecord> {
        match self {
            Self::Slot(slot) => slot.base.intents.open(),
            Self::Organizer(organizer) => organizer.base.intents.open(),
            Self::Merchant(merchant) => merchant.base.intents.open(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.intents.open(),
        }
    }

    /// What an open intent says to another entity; none where a provider is asked.
    pub fn delivery(&self, intent: &IntentRecord) -> Option<Delivery> {
        match self {
            Self::Slot(slot) => slot.base.intents.delivery(slot.base.id, intent),
            Self::Organizer(organizer) => organizer.base.intents.delivery(organizer.base.id, intent),
            Self::Merchant(merchant) => merchant.base.intents.delivery(merchant.base.id, intent),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.intents.delivery(toy.base.id, intent),
        }
    }

    /// Whether an intent is not ended yet.
    pub fn is_open(&self, intent: IntentNumber) -> bool {
        match self {
            Self::Slot(slot) => slot.base.intents.get(intent).is_some(),
            Self::Organizer(organizer) => organizer.base.intents.get(intent).is_some(),
            Self::Merchant(merchant) => merchant.base.intents.get(intent).is_some(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => toy.base.intents.get(intent).is_some(),
        }
    }

    /// What would become of a message without a change; none where it is the next to be applied.
    pub fn heard(&self, delivery: &Delivery) -> Option<Delivered> {
        let intents = match self {
            Self::Slot(slot) => &slot.base.intents,
            Self::Organizer(organizer) => &organizer.base.intents,
            Self::Merchant(merchant) => &merchant.base.intents,
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
            Self::Organizer(organizer) => Changes::Organizer(organizer.take_changes()),
            Self::Merchant(merchant) => Changes::Merchant(merchant.take_changes()),
            #[cfg(feature = "rehearsal")]
            Self::Toy(toy) => Changes::Toy(toy.take_changes()),
        }
    }

    /// The entity that these parts are, in whatever order they come.
    pub fn restore(saved: Saved) -> Result<Self, Broken> {
        match saved {
            Saved::Slot(saved) => Slot::restore(*saved).map(Self::Slot),
            Saved::Organizer(header, seatmaps, receipts, intents) => {
                Organizer::restore(header, seatmaps.into_iter(), receipts.into_iter(), intents)
                    .map(Self::Organizer)
            }
            Saved::Merchant(saved) => {
                Merchant::restore(*saved).map(|merchant| Self::Merchant(Box::new(merchant)))
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
            Self::Organizer(_) | Self::Merchant(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// How many bytes no changes have had yet, beside the feed.
    pub fn bytes_untaken(&self) -> usize {
        match self {
            Self::Slot(_) | Self::Merchant(_) => 0,
            Self::Organizer(organizer) => organizer.bytes_untaken(),
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => 0,
        }
    }

    /// All that was taken as changes up to `seq` can be read back.
    pub fn let_go(&mut self, seq: Seq) {
        match self {
            Self::Organizer(organizer) => organizer.let_go(seq),
            Self::Slot(_) | Self::Merchant(_) => {}
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => {}
        }
    }

    /// The merchant, if it is one.
    pub fn merchant(&self) -> Option<&Merchant> {
        match self {
            Self::Merchant(merchant) => Some(merchant),
            Self::Slot(_) | Self::Organizer(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// The merchant, if it is one: to be given back what has left memory.
    pub fn merchant_mut(&mut self) -> Option<&mut Merchant> {
        match self {
            Self::Merchant(merchant) => Some(merchant),
            Self::Slot(_) | Self::Organizer(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// The organizer, if it is one.
    pub fn organizer(&self) -> Option<&Organizer> {
        match self {
            Self::Organizer(organizer) => Some(organizer),
            Self::Slot(_) | Self::Merchant(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// The slot, if it is one: to be shown.
    #[inline]
    pub fn slot(&self) -> Option<&Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            Self::Organizer(_) | Self::Merchant(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }

    /// The slot, if it is one: to be given back what has left memory.
    #[inline]
    pub fn slot_mut(&mut self) -> Option<&mut Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            Self::Organizer(_) | Self::Merchant(_) => None,
            #[cfg(feature = "rehearsal")]
            Self::Toy(_) => None,
        }
    }
}
