//! The third thread: it looks at how much of the disk is free, twice a second, and keeps the ballast. What it saw is read by
//! everyone else without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::alarm::Alarm;
use super::ballast::Ballast;
use super::options::OnRoom;
use super::tables::Tables;
use crate::Error;
use crate::room::{Room, Space};

/// How long the disk may fill unseen. What is written meanwhile fits into the log's file, which is allocated ahead.
const REST: Duration = Duration::from_millis(500);

/// What was seen last.
pub(super) struct SpaceWatch {
    room: AtomicU8,
    seen: Mutex<Seen>,
    closed: Condvar,
}

struct Seen {
    space: Space,
    closed: bool,
}

impl SpaceWatch {
    /// A first look at the disk of `ballast`, which is given up here if there is no room for it.
    pub(super) fn begin(ballast: &Ballast) -> Result<SpaceWatch, Error> {
        let (room, space) = ballast.trim(Room::default()).map_err(blind)?;
        let seen = Mutex::new(Seen { space, closed: false });
        Ok(SpaceWatch { room: AtomicU8::new(room as u8), seen, closed: Condvar::new() })
    }

    /// What there is room for.
    pub(super) fn room(&self) -> Room {
        // Guards nothing: a request that is taken or refused half a second late does no harm.
        Room::of(self.room.load(Ordering::Relaxed))
    }

    /// The disk.
    pub(super) fn space(&self) -> Space {
        self.seen.lock().space
    }

    /// There is nothing to look out for any more.
    pub(super) fn close(&self) {
        self.seen.lock().closed = true;
        self.closed.notify_one();
    }

    fn saw(&self, room: Room, space: Space) {
        self.seen.lock().space = space;
        self.room.store(room as u8, Ordering::Relaxed);
    }

    /// Waits for a while, or until this is closed; whether to look again.
    fn rest(&self) -> bool {
        let mut seen = self.seen.lock();
        self.closed.wait_while_for(&mut seen, |seen| !seen.closed, REST);
        !seen.closed
    }
}

/// Looks at the disk until the store is closed, or the disk fails.
pub(super) fn watch(
    ballast: &Ballast,
    space_watch: &SpaceWatch,
    tables: &Tables,
    alarm: &Arc<Alarm>,
    on_room: &OnRoom,
) {
    let _watch = alarm.watch();
    // The first look may have seen more than the usual.
    let mut before = Room::default();
    loop {
        let room = space_watch.room();
        if room != before {
            on_room(room, space_watch.space());
        }
        // Once, and not where the disk filled up so suddenly that the ballast is gone: what was allocated ahead for the log that
        // is being written may be all there is then.
        let space = space_watch.space();
        if (before, room) == (Room::Ample, Room::Scarce)
            && 0 < space.ballast
            && let Err(error) = tables.flush_within(space.free)
        {
            return alarm.ring(&error);
        }
        before = room;
        if !space_watch.rest() {
            return;
        }
        match ballast.trim(room) {
            Ok((room, space)) => space_watch.saw(room, space),
            Err(cause) => return alarm.ring(&blind(cause)),
        }
    }
}

fn blind(cause: std::io::Error) -> Error {
    Error::disk("look at the free space and keep the ballast", cause)
}
