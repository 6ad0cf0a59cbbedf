//! What stands in a group's log, and what of it each entity gets once it is committed.

use booking::entity::Request;
use booking::{Delivery, EntityId, Level, Report, SlotId, Timestamp, stored};
use serde::{Deserialize, Serialize};
use storage::Index;

/// One command of the log. Kinds are only added, at the end, and what one carries is ids or says its own version: a kind that must
/// grow becomes another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Command {
    /// A request to one slot.
    Request(stored::Request),
    /// Deadlines have passed: time alone changes these entities.
    Pulse(Vec<EntityId>),
    /// An entity whose rules broke is to be tried again, from its last piece.
    Retry(EntityId),
    /// One entity's message to another.
    Deliver(stored::Delivery),
    /// The reply to an intent, for the entity that left it.
    Report(stored::Report),
    /// A request to one organizer, from level 2 on.
    Organizer(stored::organizer::Request),
    /// A request to one toy. It stands behind all that is released.
    #[cfg(feature = "rehearsal")]
    Toy(stored::toy::Request),
}

impl Command {
    /// A request as it is written under this level.
    #[inline]
    pub(crate) fn asking(level: Level, request: Request) -> Self {
        match request {
            Request::Slot(request) => Self::Request(stored::Request::at(level, request)),
            Request::Organizer(request) => Self::Organizer(stored::organizer::Request::at(level, request)),
            Request::Merchant(_) => no_merchants(),
            #[cfg(feature = "rehearsal")]
            Request::Toy(request) => Self::Toy(stored::toy::Request::at(level, request)),
        }
    }
}

/// A command that is committed, as the one entity that it is for gets it.
#[derive(Debug)]
pub(crate) struct CommittedStep {
    pub(crate) index: Index,
    pub(crate) level: Level,
    pub(crate) at: Timestamp,
    pub(crate) what: What,
}

impl CommittedStep {
    /// For whom it books, and where, if it does.
    pub(crate) fn booked(&self) -> Option<(&str, SlotId)> {
        match &self.what {
            What::Request(Request::Slot(booking::Request {
                slot,
                command: booking::Command::Book(book),
                ..
            })) => Some((&book.customer, *slot)),
            What::Request(_) | What::Deliver(_) | What::Report(_) | What::Pulse => None,
        }
    }
}

/// What changes an entity.
#[derive(Debug)]
pub(crate) enum What {
    /// A request.
    Request(Request),
    /// A message of another entity. In a box, since a batch of bookings has room for none.
    Deliver(Box<Delivery>),
    /// The reply to an intent.
    Report(Box<Report>),
    /// Time alone.
    Pulse,
}

// What a booking takes, and not more for what is rare.
const _: () = assert!(size_of::<What>() == size_of::<Request>());

/// Where something would be of a merchant: no level that this build supports has any, so none is ever made, asked or saved.
pub(crate) fn no_merchants() -> ! {
    unreachable!("no level that is supported has merchants")
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Arc;

    use booking::organizer::{self, Part};
    use booking::{
        Act, ChangeQuantity, Content, EntityKind, Fingerprint, IntentNumber, Message, Ordinal, Partition,
        Party, Reply, RequestKey, SlotId,
    };
    use cluster::codec;

    use super::*;

    #[test]
    fn the_bytes_of_the_log_are_for_ever() {
        let slot = SlotId { partition: Partition::new(5).expect("below 1,024"), hash: 7 };
        let command = booking::Command::CancelSlot;
        let request = booking::Request { slot, key: RequestKey(8), fingerprint: Fingerprint(9), command };
        let request = stored::Request::at(Level::OLDEST, request);
        let act = Act { booking: RequestKey(2), by: Party::Organizer };
        let quantity = NonZeroU32::new(3).expect("not zero");
        let command = booking::Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: Vec::new() });
        let fewer = booking::Request { slot, key: RequestKey(8), fingerprint: Fingerprint(9), command };
        let entity = EntityId::from(slot);
        let other = EntityId::new(EntityKind::Slot, slot.partition, 9);
        let delivery = Delivery {
            from: entity,
            to: other,
            ordinal: Ordinal(2),
            acknowledged: Ordinal(1),
            message: Message::Acknowledge,
        };
        let report = Report { to: entity, intent: IntentNumber(3), reply: Reply::Noted };
        let organizer = EntityId::new(EntityKind::Organizer, slot.partition, 7);
        let part = Part { content: Content(1), len: 2, number: 0, bytes: Arc::from(&b"{}"[..]) };
        let command = organizer::Command::PutPart(Box::new(part));
        let part = organizer::Request { organizer, key: RequestKey(8), fingerprint: Fingerprint(9), command };
        // Encoding, kind, the request's version; the partition, the hash, the key, the fingerprint, the command.
        let rows: [(Command, &[u8]); 7] = [
            (Command::Request(request), &[1, 0, 0, 5, 7, 8, 9, 1]),
            // The same, and what is asked: of which booking, by whom, and for how many it is to be.
            (Command::asking(Level(2), Request::Slot(fewer)), &[1, 0, 1, 5, 7, 8, 9, 0, 2, 1, 3]),
            (Command::Pulse(vec![entity]), &[1, 1, 1, 5, 7]),
            (Command::Retry(entity), &[1, 2, 5, 7]),
            // The ids of both, the ordinal, up to which is acknowledged, what is said.
            (
                Command::Deliver(stored::Delivery::at(Level::OLDEST, delivery)),
                &[1, 3, 0, 5, 7, 5, 9, 2, 1, 0],
            ),
            // The id, the intent, what was replied.
            (Command::Report(stored::Report::at(Level::OLDEST, report)), &[1, 4, 0, 5, 7, 3, 0]),
            // The version; the id, the key, the fingerprint, the command; the map, its length, the part, its bytes.
            (
                Command::asking(organizer::LEVEL, part.into()),
                &[1, 5, 0, 251, 5, 8, 7, 8, 9, 1, 1, 2, 0, 2, b'{', b'}'],
            ),
        ];
        for (command, want) in rows {
            assert_eq!(codec::encode(&command), want, "{command:?}");
            assert_eq!(codec::decode::<Command>(want).expect("golden"), command);
        }
    }
}
