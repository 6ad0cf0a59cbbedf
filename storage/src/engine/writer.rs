//! The one thread that writes. A hundred groups that want an fsync share one, and none of them waits for a
//! timer: what arrives while one batch is synced is the next batch. A batch that has to be synced ends in front of a
//! write that need not be.

use std::collections::BTreeMap;
use std::sync::Arc;

use rocksdb::{WriteBatch, WriteOptions};

use super::alarm::Alarm;
use super::batch::Batch;
use super::generations::Flips;
use super::keeper::Progress;
use super::queue::{Item, Queue, Taken, refuse};
use super::refusal::refused;
use super::stats::Counters;
use super::tables::{Standing, Tables};
use crate::{Durability, Error, GroupId, Write};

/// A batch closes when its writes reach this size: more would make those at its front wait for those at its
/// end.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// The writer, on its thread.
pub(super) struct Writer {
    tables: Arc<Tables>,
    queue: Arc<Queue>,
    alarm: Arc<Alarm>,
    progress: Arc<Progress>,
    counters: Arc<Counters>,
    /// The groups that were written to since the store was opened.
    groups: BTreeMap<GroupId, Standing>,
    /// Whether something was written that no sync covers.
    unsynced: bool,
}

/// What is said to one who waits.
type Verdict = Result<(), Error>;

impl Writer {
    /// A writer of what `queue` brings.
    pub(super) fn new(
        tables: Arc<Tables>,
        queue: Arc<Queue>,
        alarm: Arc<Alarm>,
        progress: Arc<Progress>,
        counters: Arc<Counters>,
    ) -> Writer {
        Writer { tables, queue, alarm, progress, counters, groups: BTreeMap::new(), unsynced: false }
    }

    /// Writes until the queue is closed and empty, or has failed.
    pub(super) fn run(mut self) {
        let alarm = Arc::clone(&self.alarm);
        let _watch = alarm.watch();
        loop {
            match self.queue.take(BATCH_BYTES_MAX) {
                Taken::Batch(items) => self.serve(items),
                Taken::Failed(error, items) => return refuse(items, &error),
                Taken::Closed => return self.close(),
            }
        }
    }

    /// Writes a batch and tells everyone what became of it.
    fn serve(&mut self, items: Vec<Item>) {
        match self.commit(&items) {
            Ok(verdicts) => {
                assert_eq!(verdicts.len(), items.len(), "each write has its verdict");
                for (item, verdict) in items.into_iter().zip(verdicts) {
                    (item.done)(verdict);
                }
            }
            Err(error) => {
                self.alarm.ring(&error);
                refuse(items, &error);
            }
        }
    }

    /// Writes a batch, with a sync if anyone in it asks for one. A refusal concerns one item; an error is the
    /// end of the store.
    fn commit(&mut self, items: &[Item]) -> Result<Vec<Verdict>, Error> {
        let bytes = items.iter().map(|item| item.write.bytes()).sum();
        let changes = items.iter().map(|item| item.write.changes.len()).sum();
        let tables = Arc::clone(&self.tables);
        let mut batch = Batch::new(&tables, changes, bytes);
        let mut verdicts = Vec::with_capacity(items.len());
        for item in items {
            verdicts.push(self.add(&mut batch, &item.write)?);
        }

        let (batch, flips) = batch.finish();
        let sync = items.iter().any(|item| item.write.durability == Durability::Synced);
        if !batch.is_empty() {
            let mut how = WriteOptions::default();
            how.set_sync(sync);
            self.write(batch, &flips, &how)?;
            self.counters.batch(items.len(), bytes);
            self.unsynced = true;
            if sync {
                self.synced();
            }
        } else if sync && self.unsynced {
            self.sync()?;
        }
        Ok(verdicts)
    }

    /// Adds a write to the batch, or says why it cannot be made.
    fn add(&mut self, batch: &mut Batch<'_>, write: &Write) -> Result<Verdict, Error> {
        let group = write.group;
        let standing = match self.groups.get_mut(&group) {
            Some(standing) => standing,
            None => self.groups.entry(group).or_insert(self.tables.standing(group)?),
        };
        if let Err((index, expected)) = standing.bounds.after(&write.changes) {
            return Ok(Err(Error::Misplaced { group, index, expected: expected.0 }));
        }
        batch.add(write, standing);
        Ok(Ok(()))
    }

    /// Writes a batch that flips these groups.
    fn write(&self, batch: WriteBatch, flips: &Flips, how: &WriteOptions) -> Result<(), Error> {
        self.tables.generations().unsettle(flips);
        self.tables.database().write_opt(batch, how).map_err(refused("write a batch"))?;
        self.tables.generations().settle(flips, self.tables.sequence());
        Ok(())
    }

    /// Makes durable what was written without a sync.
    fn sync(&mut self) -> Result<(), Error> {
        self.tables.database().flush_wal(true).map_err(refused("sync the log"))?;
        self.synced();
        Ok(())
    }

    /// Everything written so far is durable. Nobody else writes, so the sequence is that of the last batch.
    fn synced(&mut self) {
        self.unsynced = false;
        self.counters.sync();
        self.progress.synced(self.tables.sequence());
    }

    fn close(mut self) {
        if self.unsynced
            && let Err(error) = self.sync()
        {
            self.alarm.ring(&error);
        }
    }
}
