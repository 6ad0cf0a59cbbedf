//! What a node takes from others for as long as its disk has room, and how it says so.
//!
//! A follower takes what the leader sends it for as long as it has any room at all; then it takes no entries, as if it could not be
//! reached, and votes. So its disk is not filled to the end, and it catches up by itself once there is room.

use bytes::Bytes;
use storage::Room;

/// What a node answers whose disk has this room.
pub(crate) fn encode(room: Room) -> Bytes {
    Bytes::copy_from_slice(&[room as u8])
}

/// What room the disk has of a node that answers this; none where that cannot be read.
pub(crate) fn decode(answer: &[u8]) -> Option<Room> {
    [Room::Ample, Room::Scarce, Room::Spent].into_iter().find(|room| encode(*room) == answer)
}

/// Why a node whose disk has this room does not take entries, if it does not.
pub(crate) fn objection_to_entries(room: Room) -> Option<&'static str> {
    (room == Room::Spent).then_some("the disk is full: it takes no entries until there is room")
}

/// Why a node whose disk has this room takes no snapshot, if it does not: one may be as large as all that is there.
pub(crate) fn objection_to_snapshots(room: Room) -> Option<&'static str> {
    (room != Room::Ample).then_some("the disk is nearly full: it takes no snapshot until there is room")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_its_bytes() {
        let rooms = [Room::Ample, Room::Scarce, Room::Spent];
        assert_eq!(rooms.map(|room| encode(room).to_vec()), [[0], [1], [2]]);
        assert_eq!([[0], [1], [2]].map(|bytes| decode(&bytes)), rooms.map(Some));
        assert_eq!([decode(&[3]), decode(&[]), decode(&[0, 0])], [None; 3]);
    }

    #[test]
    fn the_less_room_there_is_the_less_is_taken() {
        for (room, entries, snapshots) in
            [(Room::Ample, true, true), (Room::Scarce, true, false), (Room::Spent, false, false)]
        {
            let taken = (objection_to_entries(room).is_none(), objection_to_snapshots(room).is_none());
            assert_eq!(taken, (entries, snapshots), "{room:?}");
        }
    }
}
