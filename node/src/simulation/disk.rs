//! A machine's disk: the store in memory, a task that moves its queue in simulated time, and the bugs that can be planted
//! between the house and its disk.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use booking::{Buffers, Level, RangeClaim, stored};
use bytes::Bytes;
use cluster::codec;
use parking_lot::Mutex;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use storage::{
    Change, Done, Durability, Error, GroupId, Index, Memory, Register, Room, Row, Space, Store, View, Write,
};
use tokio::time::sleep;

use super::{Bug, planted};
use crate::saved::{BOOKING, RECEIPT, SALE};

/// The register in which a group's vote is kept.
const VOTE: Register = Register(1);
/// Pieces that a planted bug writes later than it says.
const LATE: usize = 40;

/// What all disks have room for, in bytes.
pub(super) const TOTAL: u64 = 16 << 30;

/// A disk that outlives the machine's crashes.
pub(super) struct Disk {
    store: RefCell<Arc<Faulty>>,
    /// Another one, that is not in the machine: an empty one at first.
    spare: RefCell<Memory>,
    /// How long a sync takes at most, in microseconds.
    slowness_us: Arc<AtomicU64>,
}

impl Disk {
    pub(super) fn new(slowness: Duration) -> Self {
        let (store, spare) = (RefCell::default(), RefCell::new(Memory::new()));
        let disk = Self { store, spare, slowness_us: Arc::default() };
        disk.set_slowness(slowness);
        disk.attach(Memory::new());
        disk
    }

    fn attach(&self, memory: Memory) {
        memory.hold();
        let faulty = Faulty { memory, undo: Mutex::default() };
        *self.store.borrow_mut() = Arc::new(faulty);
    }

    /// From now on a sync takes at most so long.
    pub(super) fn set_slowness(&self, at_most: Duration) {
        let us = u64::try_from(at_most.as_micros()).unwrap_or(u64::MAX);
        self.slowness_us.store(us, Ordering::Relaxed);
    }

    /// From now on the disk says that so much of it is free.
    pub(super) fn set_free(&self, free: u64) {
        self.store.borrow().memory.set_space(Space { total: TOTAL, free, ballast: 0 });
    }

    /// Whether one of the first so many groups has a row like this in its state, or an entry like this in its log.
    pub(super) fn has(
        &self,
        groups: u32,
        row: impl Fn(&[u8], &[u8]) -> bool,
        is_entry: impl Fn(&[u8]) -> bool,
    ) -> bool {
        let memory = &self.store.borrow().memory;
        (0..groups).map(GroupId).any(|group| {
            let state = memory.scan(group, &[], &[], usize::MAX).expect("it can be read");
            let bounds = memory.log_bounds(group).expect("it can be read");
            let log = bounds.map_or_else(Vec::new, |(first, last)| {
                memory.entries(group, first, Index(last.0 + 1), usize::MAX).expect("it can be read")
            });
            state.iter().any(|(key, value)| row(key, value))
                || log.iter().any(|(_index, entry)| is_entry(entry))
        })
    }

    /// The disk as a store for the machine's house.
    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::<Faulty>::clone(&self.store.borrow())
    }

    /// Moves what is submitted to the disk, for as long as the machine runs.
    pub(super) fn turn(&self, seed: u64) -> impl Future<Output = ()> + Send + 'static {
        let store = Arc::clone(&self.store.borrow());
        let slowness_us = Arc::clone(&self.slowness_us);
        let mut rng = SmallRng::seed_from_u64(seed);
        async move {
            loop {
                sleep(Duration::from_micros(rng.random_range(0..=slowness_us.load(Ordering::Relaxed)))).await;
                while store.memory.step() {}
            }
        }
    }

    /// The power is gone: of what was not synced, `seed` decides how much is there afterwards.
    pub(super) fn lose_power(&self, seed: u64) {
        let before = Arc::clone(&self.store.borrow());
        let after = before.memory.crash(seed);
        for (group, changes) in before.undo.lock().drain(..).rev() {
            after.submit(Write::synced(group, changes), Box::new(drop));
        }
        self.attach(after);
    }

    /// The other disk is in the machine from now on, which is switched off.
    pub(super) fn swap(&self) {
        let removed = self.store.borrow().memory.crash(0);
        self.attach(self.spare.replace(removed));
    }
}

/// A store with the bug that is planted, if one is.
#[derive(Default)]
struct Faulty {
    memory: Memory,
    /// What undoes the last pieces of state, oldest first.
    undo: Mutex<VecDeque<(GroupId, Vec<Change>)>>,
}

impl Faulty {
    /// Whether this saves a booking of seats that was saved before.
    fn is_claim_again(&self, group: GroupId, change: &Change) -> bool {
        let Change::Put { key, value } = change else { return false };
        let is_of_seats = || matches!(codec::decode(value), Ok(stored::Booking::V3(_)));
        key.first() == Some(&BOOKING)
            && is_of_seats()
            && self.memory.state(group, key).is_ok_and(|before| before.is_some())
    }

    /// Remembers how to take a piece of state back: a purge overtakes it.
    fn delay(&self, write: &Write) {
        let before = |key: &Vec<u8>| match self.memory.state(write.group, key) {
            Ok(Some(value)) => Change::Put { key: key.clone(), value },
            Ok(None) | Err(_) => Change::Remove { key: key.clone() },
        };
        let pieces = write.changes.iter().filter_map(|change| match change {
            Change::Put { key, .. } | Change::Remove { key } => Some(before(key)),
            Change::Append { .. }
            | Change::TruncateAfter(_)
            | Change::PurgeUpTo(_)
            | Change::Set { .. }
            | Change::Stage { .. }
            | Change::Unstage
            | Change::Flip => None,
        });
        let pieces: Vec<_> = pieces.collect();
        if !pieces.is_empty() {
            let mut undo = self.undo.lock();
            undo.push_back((write.group, pieces));
            if LATE < undo.len() {
                undo.pop_front();
            }
        }
    }
}

impl Store for Faulty {
    fn submit(&self, mut write: Write, done: Done) {
        let has = |found: fn(&Change) -> bool| write.changes.iter().any(found);
        match planted() {
            Some(Bug::AcknowledgedBeforeSync) if has(|change| matches!(change, Change::Append { .. })) => {
                self.memory.submit(write, Box::new(drop));
                return done(Ok(()));
            }
            Some(Bug::VoteNotSynced)
                if has(|change| matches!(change, Change::Set { register, .. } if *register == VOTE)) =>
            {
                write.durability = Durability::Queued;
            }
            Some(Bug::PurgedBeforeCheckpoint) => self.delay(&write),
            Some(Bug::SaleNotSaved) => write
                .changes
                .retain(|change| !matches!(change, Change::Put { key, .. } if key.first() == Some(&SALE))),
            Some(Bug::ClaimNotSaved) => {
                let group = write.group;
                write.changes.retain(|change| !self.is_claim_again(group, change));
            }
            Some(Bug::BillNotSaved) => write.changes.iter_mut().for_each(leave_bill_out),
            Some(Bug::BuffersNotSaved) => write.changes.iter_mut().for_each(leave_buffers_out),
            Some(
                Bug::AcknowledgedBeforeSync
                | Bug::VoteNotSynced
                | Bug::ReceiptsLeftOut
                | Bug::ReadWithoutIndex
                | Bug::ReportForgotten
                | Bug::SaleLeftOut
                | Bug::OfRules(_)
                | Bug::OfMoves(_),
            )
            | None => {}
        }
        self.memory.submit(write, done);
    }

    fn entries(
        &self,
        group: GroupId,
        from: Index,
        until: Index,
        bytes_max: usize,
    ) -> Result<Vec<(Index, Bytes)>, Error> {
        self.memory.entries(group, from, until, bytes_max)
    }

    fn log_bounds(&self, group: GroupId) -> Result<Option<(Index, Index)>, Error> {
        self.memory.log_bounds(group)
    }

    fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.memory.register(group, register)
    }

    fn state(&self, group: GroupId, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.memory.state(group, key)
    }

    fn scan(&self, group: GroupId, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.memory.scan(group, from, until, limit)
    }

    fn view(&self, group: GroupId) -> Result<Box<dyn View>, Error> {
        let view = self.memory.view(group)?;
        Ok(match planted() {
            Some(Bug::ReceiptsLeftOut) => Box::new(Without { kind: RECEIPT, view }),
            Some(Bug::SaleLeftOut) => Box::new(Without { kind: SALE, view }),
            Some(_) | None => view,
        })
    }

    fn room(&self) -> Room {
        self.memory.room()
    }

    fn space(&self) -> Space {
        self.memory.space()
    }

    fn flush(&self) -> Result<(), Error> {
        self.memory.flush()
    }
}

/// Saves a booking as if it were of nothing in particular, for nothing.
fn leave_bill_out(change: &mut Change) {
    if let Change::Put { key, value } = change
        && key.first() == Some(&BOOKING)
        && let Ok(saved @ stored::Booking::V4(_)) = codec::decode(value)
    {
        let booking = booking::Booking { purchase: None, ..saved.into() };
        *value = codec::encode(&stored::Booking::at(Level::NEWEST, booking));
    }
}

/// Saves a booking of a calendar as if nothing were kept free around it.
fn leave_buffers_out(change: &mut Change) {
    if let Change::Put { key, value } = change
        && key.first() == Some(&BOOKING)
        && let Ok(saved @ stored::Booking::V5(_)) = codec::decode(value)
    {
        let saved = booking::Booking::from(saved);
        let range = saved.range.map(|range| Box::new(RangeClaim { buffers: Buffers::default(), ..*range }));
        *value = codec::encode(&stored::Booking::at(Level::NEWEST, booking::Booking { range, ..saved }));
    }
}

/// A snapshot from which all rows of a kind are missing.
struct Without {
    kind: u8,
    view: Box<dyn View>,
}

impl View for Without {
    fn register(&self, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.view.register(register)
    }

    fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        let mut rows = self.view.scan(from, until, limit)?;
        rows.retain(|(key, _value)| key.first() != Some(&self.kind));
        Ok(rows)
    }
}
