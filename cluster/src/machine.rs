//! The seam between a group and what it replicates.

use bytes::Bytes;
use futures::future::BoxFuture;
use std::sync::Arc;
use storage::{Change, Done, Durability, GroupId, Index, Store, Write};

use crate::batch::{Batch, Level};
use crate::clock::Stamp;
use crate::codec::CodecError;
use crate::proposals::Proposals;

/// What a group replicates.
///
/// To ensure correctness:
///
/// - What a command does depends on the machine's state, the command, and the batch's stamp and level: on no clock, no
///   configuration, no randomness, no other group.
/// - It applies the newest level of [`Options`](crate::Options) and the one before; it is handed no others.
/// - `apply` may hand commands on and return before they have changed anything. A reader that comes afterwards must read
///   behind them, in the same order.
/// - A command at or below the index at which its part of the state was saved is skipped: after a restart, entries
///   above the mark come again.
/// - `checkpoint` queues the pieces of state before it resolves, so that the mark is queued behind them.
/// - No value of the saved state has more than [`VALUE_LEN_MAX`] bytes.
pub trait Machine: Send + Sync + 'static {
    /// Takes the committed entries up to `upto`, in log order, each exactly once in the life of a process. Indexes
    /// without a batch (a leader's first entry, a change of members) are passed over.
    ///
    /// # Errors
    ///
    /// When a command cannot be read: the log is damaged or newer than this program, and the replica must stop.
    fn apply(&self, entries: Vec<Committed>, upto: Index) -> Result<(), CodecError>;

    /// Says of proposed commands that they will not reach `apply` on this node's account.
    fn lost(&self, commands: &[Bytes], fate: Fate);

    /// The digest of the whole state at `index`, up to which entries were handed just before: called right behind `apply`, and
    /// resolves once it is known. Equal on every replica at the same index (RG-5). `None` where parts of the state were saved
    /// beyond `index` before this process, or the last snapshot, began: nobody knows then what they were at `index`.
    fn digest_at(&self, index: Index) -> BoxFuture<'static, Option<u64>>;

    /// Saves what has changed, one call at a time, and resolves to the highest index at or below which everything is
    /// saved; `None` while nothing was applied in this process.
    fn checkpoint(&self) -> BoxFuture<'static, Option<Index>>;

    /// A command that time asks for at `now`, if a deadline has passed: the leader proposes it.
    fn pulse(&self, now: Stamp) -> Option<Bytes>;

    /// Stops everything that could change the saved state, and resolves once nothing is left: a snapshot is about to take its place.
    /// Only `reset` follows.
    fn halt(&self) -> BoxFuture<'static, ()>;

    /// Forgets everything in memory and begins again from the saved state, which stands at this level: a snapshot was installed.
    fn reset(&self, level: Level);
}

/// One committed entry.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its place in the group's log.
    pub index: Index,
    /// Its commands, stamp and level.
    pub batch: Batch,
}

/// What became of commands that were proposed and not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They never entered a log: asking again is free.
    NotAppended,
    /// They may or may not have an effect, now or later: only asking again with the same key tells.
    Unknown,
}

/// Why a machine could not be built.
pub type MakeError = Box<dyn std::error::Error + Send + Sync>;

/// How machines are made.
pub(crate) type Make<M> = Box<dyn Fn(Parts) -> Result<Arc<M>, MakeError> + Send + Sync>;

/// What a machine is made of: its group's number, its saved state, and the way to propose.
#[derive(Clone)]
pub struct Parts {
    /// The group.
    pub group: GroupId,
    /// How many groups there are.
    pub groups: u32,
    /// The level at which the saved state stands; [`Level::default`] where nothing is saved.
    pub level: Level,
    /// The group's part of the store.
    pub state: State,
    /// Where commands go.
    pub proposals: Proposals,
}

/// The longest value of a group's state, in bytes: many of them go into one part of a snapshot.
pub const VALUE_LEN_MAX: usize = 64 << 10;

/// A key of a group's state and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// A group's saved state: opaque keys and values, in the one store of the node.
#[derive(Clone)]
pub struct State {
    store: Arc<dyn Store>,
    group: GroupId,
}

impl State {
    pub(crate) fn new(store: Arc<dyn Store>, group: GroupId) -> Self {
        Self { store, group }
    }

    /// Queues one atomic piece; `done` is called once it can be read back. It becomes durable with a later sync.
    pub fn save(&self, changes: Vec<Change>, done: Done) {
        self.store.submit(Write { group: self.group, changes, durability: Durability::Queued }, done);
    }

    /// The value under `key`.
    ///
    /// # Errors
    ///
    /// When the disk fails or what it gives back is damaged.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, storage::Error> {
        self.store.state(self.group, key)
    }

    /// At most `limit` pairs with `from` ≤ key < `until`, in order of key.
    ///
    /// # Errors
    ///
    /// As [`State::get`].
    pub fn scan(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Pair>, storage::Error> {
        self.store.scan(self.group, from, until, limit)
    }
}
