//! One store per node: the logs of all Raft groups, the small registers they keep, and their state.
//!
//! Whatever a node must not forget goes through [`Store::submit`], one queue for all groups. One thread
//! drains it into one batch, syncs once, and calls back everyone who waited: a hundred groups cost one fsync.
//!
//! ```text
//!  submit(Write, Done) ─┐
//!  submit(Write, Done) ─┼─▶ queue ─▶ writer: one batch ─▶ one fsync ─▶ done, done, done   (in queue order)
//!  submit(Write, Done) ─┘                                     └─▶ watermark every 100 ms, beside the hot path
//! ```
//!
//! There are two stores. [`Engine`] is RocksDB. [`Memory`] has no thread and a disk with faults, so that
//! whole clusters can run, crash and come back inside one deterministic process. One suite of tests holds
//! both.
//!
//! A group's state can be read as a whole while it goes on ([`Store::view`]), and replaced as a whole: the
//! new one is staged beside it, however long that takes, and takes its place in one write ([`Change::Flip`]).
//!
//! A store also says what its disk has room for ([`Store::room`]), so that nothing new is begun on one that is nearly full. It keeps
//! a ballast, which is given up before the disk is full.
//!
//! # Invariants
//!
//! - Exactly one thread writes; queue order is the order of the disk, of durability, and of `done`.
//! - A [`Write`] survives a crash whole or not at all, and never without those submitted before it.
//! - A `done` that said `Ok` to a [`Durability::Synced`] write is covered by an fsync.
//! - A reader sees a group's state as it was before a flip or after it, never a part of one.
//! - A group's log has no hole, and nothing looks for its ends by walking over what was deleted.
//! - After the first write or sync that fails nothing is confirmed any more, and nothing is tried again.
//! - This crate knows no term, no vote, no meaning of an entry, and nothing asynchronous. It is the only one
//!   that knows RocksDB.

mod place;

mod write;

mod store;

mod error;

mod bounds;

mod room;

mod engine;

mod memory;

pub use engine::{Engine, OnFailure, OnRoom, Options, Stats};
pub use error::{Damage, Error};
pub use memory::Memory;
pub use place::{GroupId, Index, Place, Register};
pub use room::{Room, Space};
pub use store::{Row, Store, View};
pub use write::{Change, Done, Durability, Write};
