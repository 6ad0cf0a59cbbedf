//! A store under test that can be closed and opened again.

use std::mem;
use std::path::Path;
use std::sync::mpsc;

use storage::{Engine, Error, Memory, Options, Store, Write};
use tempfile::TempDir;

/// One of the two stores.
pub(crate) enum Subject {
    Engine { folder: TempDir, store: Option<Engine> },
    Memory(Box<Memory>),
}

impl Subject {
    /// Both of them, empty.
    pub(crate) fn both() -> [Subject; 2] {
        let folder = tempfile::tempdir().unwrap();
        let store = Some(open(folder.path()));
        [Subject::Engine { folder, store }, Subject::Memory(Box::default())]
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Subject::Engine { .. } => "engine",
            Subject::Memory(_) => "memory",
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        match self {
            Subject::Engine { store, .. } => store.as_ref().unwrap(),
            Subject::Memory(store) => &**store,
        }
    }

    /// Closes the store, and opens what it left on its disk.
    pub(crate) fn reopen(&mut self) {
        match self {
            Subject::Engine { folder, store } => {
                drop(mem::take(store));
                *store = Some(open(folder.path()));
            }
            Subject::Memory(store) => {
                store.flush().unwrap();
                **store = store.crash(0);
            }
        }
    }
}

/// Opens an engine whose disk must not fail.
pub(crate) fn open(path: &Path) -> Engine {
    try_open(path).unwrap()
}

pub(crate) fn try_open(path: &Path) -> Result<Engine, Error> {
    Engine::open(path, Options::new(|error| panic!("the disk failed: {error:?}")))
}

/// Submits a write and waits for its verdict.
pub(crate) fn commit(store: &dyn Store, write: Write) -> Result<(), Error> {
    let (sender, receiver) = mpsc::channel();
    store.submit(write, Box::new(move |verdict| sender.send(verdict).unwrap()));
    receiver.recv().unwrap()
}

/// A sequence of numbers that a seed decides: `SplitMix64`.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 to below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
