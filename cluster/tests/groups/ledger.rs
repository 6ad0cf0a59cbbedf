//! A machine to replicate, as simple as one can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use cluster::codec::CodecError;
use cluster::{Committed, Fate, Level, Machine, Parts, Stamp, State};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use storage::{Change, Index};
use tokio::sync::{oneshot, watch};

/// A machine that keeps every command that it was given, under the index at which it stands.
pub(crate) struct Ledger {
    parts: Parts,
    kept: Mutex<Kept>,
    count: watch::Sender<usize>,
    /// With anything but 0 its digests are others than they should be.
    lie: AtomicU64,
    /// How many commands were said to be lost, and the fate of the last.
    lost: watch::Sender<(usize, Option<Fate>)>,
}

#[derive(Default)]
struct Kept {
    commands: Vec<Bytes>,
    stamps: Vec<Stamp>,
    /// The level of each entry that it was given in this process, and what it carried.
    levels: Vec<(Level, Vec<Bytes>)>,
    handed: Option<Index>,
    loaded: Option<Index>,
    saved: usize,
    resets: usize,
}

const HEAD: &[u8] = b"head";

impl Kept {
    fn saved(state: &State) -> Self {
        let commands = state.scan(b"command/", b"command0", usize::MAX).expect("a readable store");
        let commands: Vec<_> = commands.into_iter().map(|(_key, value)| Bytes::from(value)).collect();
        let head = state.get(HEAD).expect("a readable store");
        let loaded = head.map(|bytes| Index(u64::from_be_bytes(bytes.try_into().expect("eight bytes"))));
        Self { saved: commands.len(), commands, loaded, ..Self::default() }
    }
}

impl Ledger {
    pub(crate) fn open(parts: Parts) -> Arc<Self> {
        let kept = Kept::saved(&parts.state);
        let (count, _) = watch::channel(kept.commands.len());
        Arc::new(Self {
            parts,
            kept: Mutex::new(kept),
            count,
            lie: AtomicU64::new(0),
            lost: watch::Sender::default(),
        })
    }

    pub(crate) fn commands(&self) -> Vec<Bytes> {
        self.kept.lock().commands.clone()
    }

    /// Whether it was given this command.
    pub(crate) fn has(&self, command: &Bytes) -> bool {
        self.kept.lock().commands.iter().rev().any(|kept| kept == command)
    }

    /// The stamp of what it was given last.
    pub(crate) fn last_stamp(&self) -> Option<Stamp> {
        self.kept.lock().stamps.last().copied()
    }

    /// Whether the stamps of what it was given never went back (RG-4).
    pub(crate) fn is_in_time(&self) -> bool {
        self.kept.lock().stamps.is_sorted()
    }

    /// The level under which it was given a command; none where that was before this process began.
    pub(crate) fn level_of(&self, command: &Bytes) -> Option<Level> {
        let kept = self.kept.lock();
        kept.levels.iter().find(|(_level, commands)| commands.contains(command)).map(|(level, _)| *level)
    }

    /// Whether the levels of what it was given never went back (RG-7).
    pub(crate) fn is_in_order(&self) -> bool {
        self.kept.lock().levels.is_sorted_by_key(|(level, _commands)| *level)
    }

    /// From now on its digests are wrong.
    pub(crate) fn lie(&self) {
        self.lie.store(1, Ordering::Relaxed);
    }

    /// How many commands were said to be lost.
    pub(crate) fn lost(&self) -> usize {
        self.lost.borrow().0
    }

    /// How often a snapshot took the place of everything.
    pub(crate) fn resets(&self) -> usize {
        self.kept.lock().resets
    }

    /// The fate of the last that was lost, once there are more than `lost`.
    pub(crate) async fn lost_more_than(&self, lost: usize) -> Fate {
        let mut changes = self.lost.subscribe();
        let now = changes.wait_for(|(count, _fate)| lost < *count).await.expect("the ledger lives");
        now.1.expect("what is lost has a fate")
    }

    pub(crate) async fn reached(&self, count: usize) {
        let mut counts = self.count.subscribe();
        counts.wait_for(|have| count <= *have).await.expect("the ledger lives");
    }
}

impl Machine for Ledger {
    fn apply(&self, entries: Vec<Committed>, upto: Index) -> Result<(), CodecError> {
        let mut kept = self.kept.lock();
        for entry in entries {
            if kept.loaded.is_some_and(|loaded| entry.index <= loaded) {
                continue;
            }
            kept.stamps.push(entry.batch.stamp());
            let commands: Vec<_> = entry.batch.commands().collect();
            kept.levels.push((entry.batch.level(), commands.clone()));
            kept.commands.extend(commands);
        }
        kept.handed = Some(upto);
        self.count.send_replace(kept.commands.len());
        Ok(())
    }

    fn lost(&self, commands: &[Bytes], fate: Fate) {
        self.lost.send_modify(|lost| *lost = (lost.0 + commands.len(), Some(fate)));
    }

    /// Of all commands in order.
    fn digest_at(&self, index: Index) -> BoxFuture<'static, Option<u64>> {
        let kept = self.kept.lock();
        assert_eq!(kept.handed, Some(index), "it is asked for behind the entry");
        let is_exact = kept.loaded.is_none_or(|loaded| loaded <= index);
        let place = |digest: u64, command: &Bytes| {
            command.iter().fold(digest, |digest, byte| digest.wrapping_mul(31).wrapping_add(u64::from(*byte)))
        };
        let digest = kept.commands.iter().fold(self.lie.load(Ordering::Relaxed), place);
        async move { is_exact.then_some(digest) }.boxed()
    }

    fn checkpoint(&self) -> BoxFuture<'static, Option<Index>> {
        let mut kept = self.kept.lock();
        let Some(handed) = kept.handed else { return async { None }.boxed() };
        let unsaved = kept.commands.iter().enumerate().skip(kept.saved);
        let mut changes: Vec<Change> = unsaved
            .map(|(place, command)| Change::Put {
                key: [b"command/".as_slice(), &place.to_be_bytes()].concat(),
                value: command.to_vec(),
            })
            .collect();
        changes.push(Change::Put { key: HEAD.to_vec(), value: handed.0.to_be_bytes().to_vec() });
        kept.saved = kept.commands.len();
        let (told, saved) = oneshot::channel();
        self.parts.state.save(changes, Box::new(move |result| drop(told.send(result))));
        async move { saved.await.is_ok_and(|result| result.is_ok()).then_some(handed) }.boxed()
    }

    fn pulse(&self, _now: Stamp) -> Option<Bytes> {
        None
    }

    fn halt(&self) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }

    fn reset(&self, _level: Level) {
        let mut kept = self.kept.lock();
        *kept = Kept { resets: kept.resets + 1, ..Kept::saved(&self.parts.state) };
        self.count.send_replace(kept.commands.len());
    }
}
