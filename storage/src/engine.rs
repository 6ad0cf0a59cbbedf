//! The store on a disk: RocksDB behind one writer thread.

mod options;

mod directory;

mod tables;

mod families;

mod refusal;

mod group_snapshot;

mod view;

mod settings;

mod keys;

mod generations;

mod seal;

mod queue;

mod writer;

mod batch;

mod watermark;

mod keeper;

mod alarm;

mod ballast;

mod space_watch;

mod stats;

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use bytes::Bytes;

use self::alarm::Alarm;
use self::ballast::Ballast;
use self::directory::{Age, Directory};
use self::group_snapshot::GroupSnapshot;
use self::keeper::Progress;
pub use self::options::{OnFailure, OnRoom, Options};
use self::queue::{Item, Queue};
use self::space_watch::SpaceWatch;
use self::stats::Counters;
pub use self::stats::Stats;
use self::tables::Tables;
use self::view::OwnedSnapshot;
use self::watermark::Watermark;
use self::writer::Writer;
use crate::{Damage, Done, Error, GroupId, Index, Register, Room, Row, Space, Store, View, Write};

/// A store in a directory, which it has to itself while it is open. Dropping it writes and syncs what was
/// submitted, and waits for that. What was taken with [`Store::view`] can be read even then, and keeps the
/// directory in use.
pub struct Engine {
    tables: Arc<Tables>,
    queue: Arc<Queue>,
    progress: Arc<Progress>,
    space_watch: Arc<SpaceWatch>,
    counters: Arc<Counters>,
    writer: Option<JoinHandle<()>>,
    keeper: Option<JoinHandle<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Engine {
    /// Opens the store in the directory `path`, or makes it, with mode 0700 where it makes directories.
    /// Blocks while what was not flushed is replayed: at most 256 MiB. What it finds is durable when it
    /// returns.
    ///
    /// # Errors
    ///
    /// - [`Error::NotOurs`], [`Error::NewerFormat`], [`Error::InUse`]: nothing was touched.
    /// - [`Error::Damaged`]: the files are inconsistent, or say less than was once durable.
    /// - [`Error::Disk`]: the operating system refused.
    pub fn open(path: &Path, options: Options) -> Result<Engine, Error> {
        let directory = Directory::claim(path, options.neighbours)?;
        if directory.age() == Age::Fresh {
            Watermark::create(&directory.watermark())?;
            directory.sign()?;
        }
        let watermark = Watermark::open(&directory.watermark())?;
        // Before anything is written: on a full disk the ballast makes room for what is replayed.
        let ballast =
            Ballast::open(&directory.ballast()).map_err(|cause| Error::disk("open the ballast", cause))?;
        let space_watch = Arc::new(SpaceWatch::begin(&ballast)?);
        let tables = Arc::new(Tables::open(directory, &options)?);
        let (durable, found) = (watermark.sequence(), tables.sequence());
        if found < durable {
            return Err(Error::Damaged(Damage::Lost { durable, found }));
        }

        let queue = Arc::new(Queue::new());
        let alarm = Arc::new(Alarm::new(Arc::clone(&queue), options.on_failure));
        let progress = Arc::new(Progress::new(durable));
        let counters = Arc::new(Counters::default());
        let writer = Writer::new(
            Arc::clone(&tables),
            Arc::clone(&queue),
            Arc::clone(&alarm),
            Arc::clone(&progress),
            Arc::clone(&counters),
        );
        // From here on a failure drops the engine, which ends what was started.
        let mut engine = Engine {
            tables,
            queue,
            progress,
            space_watch,
            counters,
            writer: None,
            keeper: None,
            watcher: None,
        };
        engine.writer = Some(spawn("storage-writer", move || writer.run())?);
        let (progress, counters) = (Arc::clone(&engine.progress), Arc::clone(&engine.counters));
        let keep = {
            let alarm = Arc::clone(&alarm);
            move || keeper::keep(watermark, &progress, &alarm, &counters)
        };
        engine.keeper = Some(spawn("storage-mark", keep)?);
        let (tables, space_watch) = (Arc::clone(&engine.tables), Arc::clone(&engine.space_watch));
        let look = move || space_watch::watch(&ballast, &space_watch, &tables, &alarm, &options.on_room);
        engine.watcher = Some(spawn("storage-room", look)?);
        Ok(engine)
    }

    /// What was done since the store was opened.
    pub fn stats(&self) -> Stats {
        self.counters.read()
    }
}

impl Store for Engine {
    fn submit(&self, write: Write, done: Done) {
        if let Err((item, error)) = self.queue.push(Item { write, done }, &self.counters) {
            (item.done)(Err(error));
        }
    }

    fn entries(
        &self,
        group: GroupId,
        from: Index,
        until: Index,
        bytes_max: usize,
    ) -> Result<Vec<(Index, Bytes)>, Error> {
        self.tables.entries(group, from, until, bytes_max)
    }

    fn log_bounds(&self, group: GroupId) -> Result<Option<(Index, Index)>, Error> {
        Ok(self.tables.bounds(group)?.0)
    }

    fn register(&self, group: GroupId, register: Register) -> Result<Option<Vec<u8>>, Error> {
        self.tables.register(group, register)
    }

    fn state(&self, group: GroupId, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        GroupSnapshot::now(&self.tables, group)?.state(key)
    }

    fn scan(&self, group: GroupId, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, Error> {
        GroupSnapshot::now(&self.tables, group)?.scan(from, until, limit)
    }

    fn view(&self, group: GroupId) -> Result<Box<dyn View>, Error> {
        Ok(Box::new(OwnedSnapshot::now(&self.tables, group)?))
    }

    fn room(&self) -> Room {
        self.space_watch.room()
    }

    fn space(&self) -> Space {
        self.space_watch.space()
    }

    fn flush(&self) -> Result<(), Error> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let done = move |outcome| sender.send(outcome).expect("the flush waits for its answer");
        self.submit(Write::synced(GroupId(0), Vec::new()), Box::new(done));
        receiver.recv().unwrap_or(Err(Error::Closed))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.queue.close();
        join(self.writer.take());
        // The writer has said all it will ever say, so the last mark covers everything.
        self.progress.close();
        join(self.keeper.take());
        self.space_watch.close();
        join(self.watcher.take());
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(body).map_err(|cause| Error::disk("start a thread", cause))
}

/// A thread that panicked has rung the alarm; there is no more to be said about it here.
fn join(thread: Option<JoinHandle<()>>) {
    if let Some(thread) = thread {
        drop(thread.join());
    }
}
