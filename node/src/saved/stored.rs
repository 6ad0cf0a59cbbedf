//! What the node writes of an entity beside the rules' own records, version by version.
//!
//! As in [`booking::stored`], a record is an enum of its versions, which are only added, and nothing that stands here ever changes:
//! what must grow gets a variant of its own, and a row in the test below.

use booking::stored::{Booking, Delivery, Header, Report, Request};
use booking::{Level, Timestamp};
use cluster::codec::{self, CodecError};
use serde::{Deserialize, Serialize};

/// The head of a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Head {
    /// The index at or below which the slot has seen everything, the level in whose shapes its last piece was written, the stamp at
    /// which time alone will change it, and its own header.
    V1 { index: u64, level: Level, deadline: Option<Timestamp>, header: Header },
}

/// The head of an organizer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OrganizerHead {
    /// As of a slot.
    V1 { index: u64, level: Level, deadline: Option<Timestamp>, header: booking::stored::organizer::Header },
}

/// The head of a toy.
#[cfg(feature = "rehearsal")]
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ToyHead {
    /// As of a slot.
    V1 { index: u64, level: Level, deadline: Option<Timestamp>, header: booking::stored::toy::Header },
}

/// That the rules broke on an entity.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fault {
    /// Where.
    V1 { index: u64 },
}

/// A committed step that waits for mended rules.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Where it stands in the log, its stamp and level, and what it is.
    V1 { index: u64, at: Timestamp, level: Level, what: What },
}

/// A part of a slot's house, or of how the house is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HousePart<Part> {
    /// How many parts there are, and what this one has.
    V1 { of: u32, part: Part },
}

/// What a step is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// A request.
    Request(Request),
    /// Time alone.
    Pulse,
    /// A message of another entity.
    Deliver(Delivery),
    /// The reply to an intent.
    Report(Report),
    /// A request to an organizer, from level 2 on.
    Organizer(booking::stored::organizer::Request),
    /// A request to a toy. It stands behind all that is released.
    #[cfg(feature = "rehearsal")]
    Toy(booking::stored::toy::Request),
}

/// The bytes of one booking under this level.
pub(super) fn encode_booking(level: Level, booking: booking::Booking) -> Vec<u8> {
    codec::encode(&Booking::at(level, booking))
}

/// Reads one booking back.
pub(super) fn decode_booking(bytes: &[u8]) -> Result<booking::Booking, CodecError> {
    codec::decode(bytes).map(Booking::into)
}

#[cfg(test)]
mod tests {
    use booking::{Fingerprint, IntentNumber, Message, Ordinal, Partition, Reply, RequestKey, Slot, SlotId};

    use super::*;
    use crate::actors::tests::making;

    fn request(command: booking::Command) -> booking::Request {
        let slot = SlotId { partition: Partition::new(5).expect("below 1,024"), hash: 7 };
        booking::Request { slot, key: RequestKey(8), fingerprint: Fingerprint(9), command }
    }

    #[test]
    fn the_bytes_of_a_head_begin_with_the_nodes_own() {
        let mut slot = None;
        Slot::apply(&mut slot, Level::OLDEST, Timestamp(1), &request(making()), &mut Vec::new());
        let header = slot.expect("made").take_changes(Timestamp(0)).header;
        let own = codec::encode(&Header::at(Level::OLDEST, header.clone()));
        // The encoding, the version; the index, the level, the deadline; behind it the header as the rules' golden bytes have it.
        for (deadline, want) in [(None, &[1, 0, 3, 2, 0][..]), (Some(Timestamp(9)), &[1, 0, 3, 2, 1, 9])] {
            let header = Header::at(Level::OLDEST, header.clone());
            let want = [want, &own[1..]].concat();
            let head = Head::V1 { index: 3, level: Level(2), deadline, header };
            assert_eq!(codec::encode(&head), want);
            assert_eq!(codec::decode::<Head>(&want).expect("golden"), head);
        }
    }

    #[test]
    fn the_bytes_of_a_part_of_a_house_begin_with_the_nodes_own() {
        let part = booking::SalePart { number: 0, names: vec!["press".into()], runs: Vec::new() };
        let own = codec::encode(&booking::stored::SalePart::at(Level::NEWEST, part.clone()));
        let part = HousePart::V1 { of: 258, part: booking::stored::SalePart::at(Level::NEWEST, part) };
        // The encoding, the version, of how many; behind it the part as the rules' golden bytes have it.
        let want = [&[1, 0, 251, 2, 1], &own[1..]].concat();
        assert_eq!(codec::encode(&part), want);
        assert_eq!(codec::decode::<HousePart<_>>(&want).expect("golden"), part);
    }

    #[test]
    fn an_id_of_a_kind_that_is_not_known_is_newer_and_no_damage() {
        let error = codec::decode::<booking::EntityId>(&[1, 251, 0, 12, 7]).expect_err("the fourth kind");
        assert!(error.is_newer(), "{error}");
    }

    #[test]
    fn the_bytes_of_a_fault_are_for_ever() {
        let want = [1, 0, 7];
        assert_eq!(codec::encode(&Fault::V1 { index: 7 }), want);
        assert_eq!(codec::decode::<Fault>(&want).expect("golden"), Fault::V1 { index: 7 });

        let request = request(booking::Command::CancelSlot);
        let id = request.slot;
        let request = booking::stored::Request::at(Level::OLDEST, request);
        // The encoding, the version; the index, the stamp, the level, and what it is.
        let entity = booking::EntityId::from(id);
        let delivery = booking::Delivery {
            from: entity,
            to: entity,
            ordinal: Ordinal(2),
            acknowledged: Ordinal(1),
            message: Message::Acknowledge,
        };
        let report = booking::Report { to: entity, intent: IntentNumber(3), reply: Reply::Noted };
        let rows: [(What, &[u8]); 4] = [
            (What::Request(request), &[1, 0, 7, 3, 1, 0, 0, 5, 7, 8, 9, 1]),
            (What::Pulse, &[1, 0, 7, 3, 1, 1]),
            (
                What::Deliver(Delivery::at(Level::OLDEST, delivery)),
                &[1, 0, 7, 3, 1, 2, 0, 5, 7, 5, 7, 2, 1, 0],
            ),
            (What::Report(Report::at(Level::OLDEST, report)), &[1, 0, 7, 3, 1, 3, 0, 5, 7, 3, 0]),
        ];
        for (what, want) in rows {
            let step = Step::V1 { index: 7, at: Timestamp(3), level: Level(1), what };
            assert_eq!(codec::encode(&step), want, "{step:?}");
            assert_eq!(codec::decode::<Step>(want).expect("golden"), step);
        }
    }
}
