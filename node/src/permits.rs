//! How many may ask at once: mailboxes are unbounded, so permits are the bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use storage::Room;

/// Asks that may wait for their answer at the same time, in all.
pub(crate) const PERMITS: usize = 16_384;
/// Of those, a fifth is kept for those who hold already.
const NEWCOMERS: usize = PERMITS - PERMITS / 5;

/// Reads that may be under way at the same time, beside those: nobody who looks takes the place of one who books.
pub(crate) const READS: usize = 4_096;

/// The fixed pools.
#[derive(Clone, Debug)]
pub(crate) struct Permits {
    /// How many streams may be open at the same time, and how many of a crowd: no more are let in than can be told.
    streams_max: usize,
    /// How many both may be together: a quarter of the connections stay with those who ask.
    staying_max: usize,
    asks: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
    streams: Arc<AtomicUsize>,
    crowd: Arc<AtomicUsize>,
}

/// Who asks. A word of the wire: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Lane {
    /// Someone who wants something new.
    Newcomer,
    /// Someone who holds already: confirm, accept, extend, cancel.
    Holder,
    /// Someone who only looks.
    Reader,
    /// Someone who goes on looking: a stream of events.
    Watcher,
    /// One of a crowd that goes on looking at what everyone may see.
    Crowd,
}

impl Lane {
    /// Whether the disk has room for what is asked: a hold is a promise for as long as there is any.
    pub(crate) fn fits(self, room: Room) -> bool {
        match room {
            Room::Ample => true,
            Room::Scarce => self != Self::Newcomer,
            Room::Spent => matches!(self, Self::Reader | Self::Watcher | Self::Crowd),
        }
    }
}

/// The right to wait for one answer; given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    in_use: Arc<AtomicUsize>,
}

impl Default for Permits {
    fn default() -> Self {
        Self::new(&config::Limits::default(), usize::MAX)
    }
}

impl Permits {
    /// All are in, as many as are configured and this many connections leave room for.
    pub(crate) fn new(limits: &config::Limits, connections: usize) -> Self {
        Self {
            streams_max: limits.streams.get() as usize,
            staying_max: connections - connections / 4,
            asks: Arc::default(),
            reads: Arc::default(),
            streams: Arc::default(),
            crowd: Arc::default(),
        }
    }

    /// A permit, unless the lane is full.
    pub(crate) fn take(&self, lane: Lane) -> Option<Permit> {
        // Of two who take the last connection from both sides at once, both may have it.
        let beside = |other: &AtomicUsize| {
            self.streams_max.min(self.staying_max.saturating_sub(other.load(Ordering::Acquire)))
        };
        let (pool, bound) = match lane {
            Lane::Newcomer => (&self.asks, NEWCOMERS),
            Lane::Holder => (&self.asks, PERMITS),
            Lane::Reader => (&self.reads, READS),
            Lane::Watcher => (&self.streams, beside(&self.crowd)),
            Lane::Crowd => (&self.crowd, beside(&self.streams)),
        };
        let taken = pool.fetch_update(Ordering::AcqRel, Ordering::Acquire, |in_use| {
            (in_use < bound).then_some(in_use + 1)
        });
        taken.ok().map(|_before| Permit { in_use: Arc::clone(pool) })
    }

    /// How many are out.
    pub(crate) fn in_use(&self) -> usize {
        let pools = [&self.asks, &self.reads, &self.streams, &self.crowd];
        pools.map(|pool| pool.load(Ordering::Acquire)).iter().sum()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.in_use.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_is_kept_for_those_who_hold() {
        let permits = Permits::default();
        let newcomers: Vec<_> = std::iter::from_fn(|| permits.take(Lane::Newcomer)).collect();
        assert_eq!(newcomers.len(), NEWCOMERS);
        let holders: Vec<_> = std::iter::from_fn(|| permits.take(Lane::Holder)).collect();
        assert_eq!(holders.len(), PERMITS / 5);
        let readers: Vec<_> = std::iter::from_fn(|| permits.take(Lane::Reader)).collect();
        assert_eq!(readers.len(), READS, "they stand apart");
        let watchers: Vec<_> = std::iter::from_fn(|| permits.take(Lane::Watcher)).collect();
        assert_eq!(watchers.len(), 4_096, "and so do they");
        let crowd: Vec<_> = std::iter::from_fn(|| permits.take(Lane::Crowd)).collect();
        assert_eq!(crowd.len(), 4_096, "whatever else is watched");
        drop(crowd);
        drop(watchers);
        drop(readers);
        drop(newcomers);
        assert!(permits.take(Lane::Newcomer).is_some());
        drop(holders);
        assert_eq!(permits.in_use(), 0);
    }

    #[test]
    fn a_quarter_of_the_connections_is_never_a_streams() {
        let permits = Permits::new(&config::Limits::default(), 1_000);
        let watchers: Vec<_> = (0..100).filter_map(|_| permits.take(Lane::Watcher)).collect();
        let crowd: Vec<_> = std::iter::from_fn(|| permits.take(Lane::Crowd)).collect();
        assert_eq!((watchers.len(), crowd.len()), (100, 650));
        assert!(permits.take(Lane::Watcher).is_none() && permits.take(Lane::Reader).is_some());
        drop(crowd);
        assert!(permits.take(Lane::Watcher).is_some(), "whoever leaves makes room for either");
    }

    #[test]
    fn while_there_is_any_room_those_who_hold_are_served() {
        let lanes = [Lane::Newcomer, Lane::Holder, Lane::Reader, Lane::Watcher, Lane::Crowd];
        for (room, served) in [
            (Room::Ample, [true, true, true, true, true]),
            (Room::Scarce, [false, true, true, true, true]),
            (Room::Spent, [false, false, true, true, true]),
        ] {
            assert_eq!(lanes.map(|lane| lane.fits(room)), served, "{room:?}");
        }
    }
}
