//! The store in memory, for tests and simulation: no thread, no file, and a disk with faults.
//!
//! ```text
//!  submit ─▶ queue ─ written ─▶ live image + journal ─ synced ─▶ durable image
//!            └ hold() keeps it here            └ crash() keeps a random beginning of both
//! ```
//!
//! By default a write goes all the way at once. A simulation that wants to stand between holds the store and
//! moves the queue itself.

mod image;

use std::collections::VecDeque;
use std::io;
use std::mem;

use bytes::Bytes;
use parking_lot::Mutex;

use self::image::{FrozenImage, Image};
use crate::{Done, Durability, Error, GroupId, Index, Place, Register, Room, Row, Space, Store, View, Write};

/// A store that forgets what was not synced. Deterministic: it knows neither time nor chance, but for the
/// seed it is given.
#[derive(Default)]
pub struct Memory {
    disk: Mutex<Disk>,
}

#[derive(Default)]
struct Disk {
    /// Submitted, not written.
    queue: VecDeque<(Write, Done)>,
    held: bool,
    /// What readers see.
    live: Image,
    /// Written, not synced.
    journal: Vec<Write>,
    /// What a crash leaves for certain.
    durable: Image,
    next_sync_fails: bool,
    /// How much room it says it has; it has as much as is needed.
    room: Room,
    space: Space,
    failure: Option<Error>,
    /// Whom to tell what, in order, once the lock is open.
    verdicts: VecDeque<(Done, Result<(), Error>)>,
    /// Whether someone is telling them: then others leave theirs to it, so that the order holds.
    telling: bool,
}

impl Memory {
    /// An empty store that writes at once.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// From now on what is submitted stays in the queue until [`Memory::step`] or [`Memory::sync`] moves it.
    pub fn hold(&self) {
        self.disk.lock().held = true;
    }

    /// Writes what waits, each write by itself, and from now on at once again.
    pub fn resume(&self) {
        let mut disk = self.disk.lock();
        disk.held = false;
        disk.write_all();
        drop(disk);
        self.tell();
    }

    /// How many writes wait in the queue.
    pub fn waiting(&self) -> usize {
        self.disk.lock().queue.len()
    }

    /// Writes the oldest write that waits, syncs if it asks for that, and confirms it. Says whether there was
    /// one.
    pub fn step(&self) -> bool {
        let mut disk = self.disk.lock();
        let stepped = !disk.queue.is_empty();
        disk.write(usize::from(stepped));
        drop(disk);
        self.tell();
        stepped
    }

    /// Writes all that waits as one batch, syncs, and confirms.
    pub fn sync(&self) {
        let mut disk = self.disk.lock();
        disk.write_and_sync();
        drop(disk);
        self.tell();
    }

    /// The next sync fails, and with it this store, for ever. Whether what it should have covered is on the
    /// disk is for [`Memory::crash`] to decide.
    pub fn fail_next_sync(&self) {
        self.disk.lock().next_sync_fails = true;
    }

    /// From now on, crashes included, the disk says that it stands like this. Writes succeed all the same.
    pub fn set_space(&self, space: Space) {
        let mut disk = self.disk.lock();
        (disk.room, disk.space) = (space.room(disk.room), space);
    }

    /// From now on, crashes included, reading this place finds damage, until it is written again.
    pub fn rot(&self, place: Place) {
        let mut disk = self.disk.lock();
        disk.durable.rot(place.clone());
        disk.live.rot(place);
    }

    /// The store as it comes up after the power was lost at this moment. Everything synced is there; of what
    /// was not, written or still waiting, a beginning that `seed` decides: none, some or all, but each write
    /// whole. This store is not changed.
    #[must_use = "this store is not changed"]
    pub fn crash(&self, seed: u64) -> Memory {
        let disk = self.disk.lock();
        let unsynced = disk.journal.iter().chain(disk.queue.iter().map(|(write, _)| write));
        let count = disk.journal.len() + disk.queue.len();
        let survivors = mix(seed) % (count as u64 + 1);
        let mut image = disk.durable.clone();
        for (write, _) in unsynced.zip(0..survivors) {
            // One that is refused now would have been refused when its turn came, and leaves nothing behind.
            drop(image.apply(write));
        }
        let (room, space) = (disk.room, disk.space);
        let disk = Disk { live: image.clone(), durable: image, room, space, ..Disk::default() };
        Memory { disk: Mutex::new(disk) }
    }

    /// Tells those who wait, in order, without the lock: they may well submit again.
    fn tell(&self) {
        let mut disk = self.disk.lock();
        if mem::replace(&mut disk.telling, true) {
            return;
        }
        while let Some((done, verdict)) = disk.verdicts.pop_front() {
            drop(disk);
            done(verdict);
            disk = self.disk.lock();
        }
        disk.telling = false;
    }
}

impl Store for Memory {
    fn submit(&self, write: Write, done: Done) {
        let mut disk = self.disk.lock();
        disk.queue.push_back((write, done));
        if disk.failure.is_some() || !disk.held {
            disk.write_all();
        }
        drop(disk);
        self.tell();
    }

    fn entries(
        &self,
        group: GroupId,
        from: Index,
        until: Index,
        bytes_max: usize,
    ) -> Result<Vec<(Index, Bytes)>, Error> {
        self.disk.lock().live.entries(group, from, until, bytes_max)
    }

    fn log_bounds(&self, group: GroupId) -> Result<Option<(Index, Index)>, Error> {
        Ok(self.disk.lock().live.log_bounds(group))
    }

    fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.disk.lock().live.register(group, register)
    }

    fn state(&self, group: GroupId, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.disk.lock().live.state(group, key)
    }

    fn scan(&self, group: GroupId, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        self.disk.lock().live.scan(group, from, until, limit)
    }

    fn view(&self, group: GroupId) -> Result<Box<dyn View>, Error> {
        Ok(Box::new(FrozenImage::of(&self.disk.lock().live, group)))
    }

    fn room(&self) -> Room {
        self.disk.lock().room
    }

    fn space(&self) -> Space {
        self.disk.lock().space
    }

    /// Writes and syncs what waits, held or not.
    fn flush(&self) -> Result<(), Error> {
        let mut disk = self.disk.lock();
        disk.write_and_sync();
        let outcome = disk.failure.clone().map_or(Ok(()), Err);
        drop(disk);
        self.tell();
        outcome
    }
}

impl Disk {
    /// Writes all that waits, each by itself.
    fn write_all(&mut self) {
        while !self.queue.is_empty() {
            self.write(1);
        }
    }

    /// Writes the first `count` of the queue as one batch, with a sync if any of them asks for it. If that
    /// fails, so does all that waits.
    fn write(&mut self, count: usize) {
        let batch: Vec<(Write, Done)> = self.queue.drain(..count).collect();
        let sync = batch.iter().any(|(write, _)| write.durability == Durability::Synced);
        let mut verdicts = Vec::with_capacity(batch.len());
        for (write, done) in batch {
            verdicts.push((done, self.apply(write)));
        }
        if sync {
            self.sync();
        }
        match &self.failure {
            None => self.verdicts.extend(verdicts),
            Some(failure) => {
                let refused = verdicts.into_iter().map(|(done, _)| done);
                let refused = refused.chain(self.queue.drain(..).map(|(_, done)| done));
                self.verdicts.extend(refused.map(|done| (done, Err(failure.clone()))));
            }
        }
    }

    /// Writes the whole queue as one batch and syncs, whether or not anyone in it asks for that.
    fn write_and_sync(&mut self) {
        let sync = Write::synced(GroupId(0), Vec::new());
        self.queue.push_back((sync, Box::new(drop)));
        self.write(self.queue.len());
    }

    fn apply(&mut self, write: Write) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.live.apply(&write)?;
        self.journal.push(write);
        Ok(())
    }

    fn sync(&mut self) {
        if self.failure.is_some() {
            return;
        }
        if mem::take(&mut self.next_sync_fails) {
            self.failure = Some(Error::disk("sync the log", io::Error::other("the disk was told to fail")));
            return;
        }
        for write in self.journal.drain(..) {
            self.durable.apply(&write).expect("it could be made once, and the order is the same");
        }
    }
}

/// One step of `SplitMix64` (Steele, Lea, Flood 2014): any seed, even 0, 1, 2, gives a number that looks
/// random.
fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
