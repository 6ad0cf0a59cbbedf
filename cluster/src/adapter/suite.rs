//! openraft's own suite of storage tests, over both stores.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use openraft::StorageError;
use openraft::testing::log::{StoreBuilder, Suite};
use parking_lot::Mutex;
use storage::{Engine, GroupId, Index, Memory, Store};
use tempfile::TempDir;

use super::log::Log;
use super::state::Replica;
use super::type_config::Types;
use crate::batch::Level;
use crate::clock::Stamp;
use crate::codec::CodecError;
use crate::digests::Digests;
use crate::machine::{Committed, Fate, Machine};

/// A machine that has nothing to save.
#[derive(Default)]
struct Nothing {
    handed: Mutex<Option<Index>>,
}

impl Machine for Nothing {
    fn apply(&self, _entries: Vec<Committed>, upto: Index) -> Result<(), CodecError> {
        *self.handed.lock() = Some(upto);
        Ok(())
    }

    fn lost(&self, _commands: &[bytes::Bytes], _fate: Fate) {}

    fn digest_at(&self, index: Index) -> BoxFuture<'static, Option<u64>> {
        assert_eq!(*self.handed.lock(), Some(index), "it is asked for behind the entry");
        async { None }.boxed()
    }

    fn checkpoint(&self) -> BoxFuture<'static, Option<Index>> {
        let handed = *self.handed.lock();
        async move { handed }.boxed()
    }

    fn pulse(&self, _now: Stamp) -> Option<bytes::Bytes> {
        None
    }

    fn halt(&self) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }

    fn reset(&self, _level: Level) {
        *self.handed.lock() = None;
    }
}

/// Which store the suite runs over.
enum Over {
    Engine,
    Memory,
}

impl StoreBuilder<Types, Log, Replica<Nothing>, Option<TempDir>> for Over {
    async fn build(&self) -> Result<(Option<TempDir>, Log, Replica<Nothing>), StorageError<Types>> {
        let (folder, store): (_, Arc<dyn Store>) = match self {
            Self::Engine => {
                let folder = TempDir::new().expect("a temporary folder");
                let options = storage::Options::new(|error| panic!("the disk failed: {error}"));
                let engine = Engine::open(folder.path(), options).expect("a fresh store");
                (Some(folder), Arc::new(engine))
            }
            Self::Memory => (None, Arc::new(Memory::new())),
        };
        let (log, mark) = Log::open(store, GroupId(7)).expect("an empty log");
        // The suite purges what no mark speaks of.
        log.set_marked(u64::MAX);
        let digests = Arc::new(Digests::new(GroupId(7), 2));
        let replica = Replica::new(Arc::default(), log.clone(), mark, Level::FIRST.applied(), digests);
        Ok((folder, log, replica))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_passes() {
    Suite::test_all(Over::Engine).await.expect("openraft's suite");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_passes() {
    Suite::test_all(Over::Memory).await.expect("openraft's suite");
}
