//! How much room a disk has left, and what that is enough for. Pure, so that the disk's watch, the store in memory and the tests
//! cannot disagree about it.
//!
//! ```text
//!  free   ├─ ballast ─┼─ reserve ───────────────────────────┼─ everything is taken ─▶
//!         └ given up when less than itself is free            └ below it nothing new is taken
//! ```

/// The reserve: a twentieth of the disk, but so much at least: what is in memory only and the log behind it can be brought to
/// tables in it.
const RESERVE_MIN: u64 = 256 << 20;
/// And so much at most: of a large disk a twentieth would be years of bookings.
const RESERVE_MAX: u64 = 4 << 30;
/// And never more than this part of a small disk.
const RESERVE_PART_MAX: u64 = 4;
const RESERVE_PART: u64 = 20;
/// The ballast is as large, or this part of a small disk.
const BALLAST_MAX: u64 = 128 << 20;
const BALLAST_PART: u64 = 16;
/// Once no more than this part of it is left, nothing is taken that can be put off. Half of it may be allocated ahead for the log.
const SPENT_PART: u64 = 4;
/// Something new is taken again when this part of the reserve is free beyond it, so that nobody is let in and turned away in turns.
const MARGIN_PART: u64 = 8;

const _: () = {
    assert!(
        2 * BALLAST_MAX <= RESERVE_MIN,
        "a ballast that is given up does not look like room for new work"
    );
    assert!(RESERVE_PART_MAX * 2 <= BALLAST_PART, "nor on a small disk");
};

/// What a disk has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Room {
    /// For everything.
    #[default]
    Ample = 0,
    /// For what was begun, and for what makes room: the reserve is touched, so nothing new is taken.
    Scarce = 1,
    /// For nothing that can be put off: most of the ballast is used up too.
    Spent = 2,
}

impl Room {
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::Ample, Self::Scarce, Self::Spent];

    /// The one with this number.
    pub(crate) fn of(number: u8) -> Self {
        match number {
            0 => Self::Ample,
            1 => Self::Scarce,
            _ => Self::Spent,
        }
    }
}

/// A disk at one moment, in bytes. All are 0 where nothing is known of it, which is ample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// The whole disk.
    pub total: u64,
    /// What can still be written.
    pub free: u64,
    /// What is set aside beside it, to be given up before the disk is full.
    pub ballast: u64,
}

impl Space {
    /// Nothing new is taken while less than this is free.
    pub fn reserve(self) -> u64 {
        (self.total / RESERVE_PART).clamp(RESERVE_MIN, RESERVE_MAX).min(self.total / RESERVE_PART_MAX)
    }

    /// Something new is taken again once so much is free: the reserve and a margin, and what the ballast lacks.
    pub fn wanted(self) -> u64 {
        self.reserve_regained() + self.ballast_wanted().saturating_sub(self.ballast)
    }

    fn reserve_regained(self) -> u64 {
        self.reserve() + self.reserve() / MARGIN_PART
    }

    /// How large a ballast a disk like this has.
    pub(crate) fn ballast_wanted(self) -> u64 {
        (self.total / BALLAST_PART).min(BALLAST_MAX)
    }

    /// What it has room for, if that was `before`. The ballast counts as free here: to give it up or to set it aside again
    /// changes nothing.
    pub(crate) fn room(self, before: Room) -> Room {
        let (left, ballast) = (self.free + self.ballast, self.ballast_wanted());
        let (scarce, spent) = match before {
            Room::Ample => (self.reserve(), ballast / SPENT_PART),
            Room::Scarce => (self.reserve_regained(), ballast / SPENT_PART),
            Room::Spent => (self.reserve_regained(), 2 * ballast / SPENT_PART),
        };
        if left < spent {
            Room::Spent
        } else if left < scarce + ballast {
            Room::Scarce
        } else {
            Room::Ample
        }
    }

    /// How large the ballast is to be from now on, on a disk with this room.
    pub(crate) fn ballast_due(self, room: Room) -> u64 {
        match room {
            Room::Ample => self.ballast_wanted(),
            Room::Scarce | Room::Spent if self.free < self.ballast_wanted() => 0,
            Room::Scarce | Room::Spent => self.ballast,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Room::{Ample, Scarce, Spent};
    use super::{Room, Space};

    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;

    #[test]
    fn the_reserve_is_a_twentieth_within_bounds_and_small_disks_keep_most_of_theirs() {
        let rows = [
            // The disk, its reserve, its ballast.
            (0, 0, 0),
            (64 * MIB, 16 * MIB, 4 * MIB),
            (600 * MIB, 150 * MIB, 600 * MIB / 16),
            (GIB, 256 * MIB, 64 * MIB),
            (4 * GIB, 256 * MIB, 128 * MIB),
            (10 * GIB, 512 * MIB, 128 * MIB),
            (100 * GIB, 4 * GIB, 128 * MIB),
            (10 << 40, 4 * GIB, 128 * MIB),
        ];
        for (total, reserve, ballast) in rows {
            let space = Space { total, ..Space::default() };
            assert_eq!((space.reserve(), space.ballast_wanted()), (reserve, ballast), "of {total}");
        }
    }

    /// A disk of 4 GiB: the reserve is 256 MiB, new work is taken again from 288 MiB, the ballast is 128 MiB.
    fn disk(free: u64, ballast: u64) -> Space {
        Space { total: 4 * GIB, free: free * MIB, ballast: ballast * MIB }
    }

    #[test]
    fn what_there_is_room_for_follows_what_is_free_and_what_it_was_before() {
        let rows: [(Room, u64, u64, Room); 20] = [
            // Before, free, ballast, now.
            (Ample, 4_096, 0, Ample),
            (Ample, 256, 128, Ample),
            (Ample, 255, 128, Scarce),
            (Ample, 384, 0, Ample),
            (Ample, 383, 0, Scarce),
            (Ample, 0, 128, Scarce),
            (Ample, 31, 0, Spent),
            (Scarce, 287, 128, Scarce),
            (Scarce, 288, 128, Ample),
            (Scarce, 415, 0, Scarce),
            (Scarce, 416, 0, Ample),
            (Scarce, 32, 0, Scarce),
            (Scarce, 31, 0, Spent),
            (Scarce, 0, 32, Scarce),
            (Spent, 32, 0, Spent),
            (Spent, 63, 0, Spent),
            (Spent, 64, 0, Scarce),
            (Spent, 415, 0, Scarce),
            (Spent, 416, 0, Ample),
            (Spent, 0, 0, Spent),
        ];
        for (before, free, ballast, now) in rows {
            assert_eq!(disk(free, ballast).room(before), now, "{before:?}, {free} free, {ballast} ballast");
        }
        assert_eq!(Space::default().room(Ample), Ample, "nothing is known");
    }

    #[test]
    fn what_is_wanted_is_enough_and_no_less_is() {
        for (ballast, before) in [(0, Scarce), (64, Scarce), (128, Scarce), (0, Spent)] {
            let wanted = disk(0, ballast).wanted() / MIB;
            assert_eq!(disk(wanted, ballast).room(before), Ample, "{ballast}, {before:?}");
            assert_eq!(disk(wanted - 1, ballast).room(before), Scarce, "{ballast}, {before:?}");
        }
    }

    #[test]
    fn the_ballast_is_given_up_before_the_disk_is_full_and_set_aside_again_when_all_is_well() {
        let rows = [
            // The room, free, ballast, ballast from now on.
            (Ample, 4_096, 0, 128),
            (Ample, 300, 128, 128),
            (Scarce, 200, 128, 128),
            (Scarce, 128, 128, 128),
            (Scarce, 127, 128, 0),
            (Scarce, 0, 128, 0),
            (Scarce, 200, 0, 0),
            (Scarce, 120, 0, 0),
            (Spent, 10, 0, 0),
        ];
        for (room, free, ballast, due) in rows {
            assert_eq!(disk(free, ballast).ballast_due(room), due * MIB, "{room:?}, {free}, {ballast}");
        }
    }

    #[test]
    fn whatever_becomes_of_the_ballast_the_room_stays_what_it_is() {
        for total in [64 * MIB, 600 * MIB, GIB, 4 * GIB, 252 * GIB] {
            let wanted = Space { total, ..Space::default() }.ballast_wanted();
            for (step, before) in (0..=100).flat_map(|step| Room::ALL.map(|before| (step, before))) {
                let left = total / 100 * step;
                let space = |ballast| Space { total, free: left - ballast, ballast };
                let held = space(wanted.min(left));
                let room = held.room(before);
                assert_eq!(space(0).room(before), room, "{left} of {total} left, {before:?} before");
                let due = held.ballast_due(room);
                assert_eq!(space(due.min(left)).room(room), room, "{left} of {total} left, {room:?}");
            }
        }
    }

    #[test]
    fn a_room_has_its_number() {
        for room in Room::ALL {
            assert_eq!(Room::of(room as u8), room);
        }
    }
}
