//! What the owner of a store decides, and hears.

use crate::{Error, Room, Space};

/// Told of the failure that ends the store: once, on one of the store's threads, before any `done` hears of
/// it. A node says so and exits here.
pub type OnFailure = Box<dyn Fn(&Error) + Send + Sync>;

/// Told what the disk has room for whenever that changes, on a thread of the store.
pub type OnRoom = Box<dyn Fn(Room, Space) + Send + Sync>;

/// What the owner of a store decides.
pub struct Options {
    /// Told of the failure that ends the store.
    pub on_failure: OnFailure,
    /// Told what the disk has room for, if that is not everything, and whenever it changes.
    pub on_room: OnRoom,
    /// Names that the owner keeps in the same directory. A directory that holds nothing else may become a
    /// store; any other name that is not the store's makes it [`Error::NotOurs`].
    pub neighbours: &'static [&'static str],
    /// Memory for what was read, with the tables' indexes and filters, in bytes.
    pub cache_bytes: usize,
    /// Memory for what was written and is not in tables yet, in bytes. When it is reached, it is flushed.
    pub write_buffer_bytes: usize,
}

impl Options {
    /// The usual sizes (64 MiB of cache, 192 MiB of what was written), and no neighbours.
    pub fn new(on_failure: impl Fn(&Error) + Send + Sync + 'static) -> Options {
        Options {
            on_failure: Box::new(on_failure),
            on_room: Box::new(|_room, _space| {}),
            neighbours: &[],
            cache_bytes: 64 << 20,
            write_buffer_bytes: 192 << 20,
        }
    }
}
