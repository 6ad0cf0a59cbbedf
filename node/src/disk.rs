//! How a node's store is opened, and what is told of its disk.

use std::sync::atomic::{AtomicBool, Ordering};

use storage::{Room, Space};

use crate::failure::{Exit, causes};
use crate::key;

/// What the disk has room for has changed, or is not everything when the node starts.
fn tell_room(room: Room, space: Space) {
    let (free, wanted) = (space.free, space.wanted());
    match room {
        Room::Ample => tracing::info!(free, "the disk has room again: everything is taken"),
        Room::Scarce => {
            tracing::error!(
                free,
                wanted,
                "the disk is nearly full: nothing new is taken until enough is free"
            );
        }
        Room::Spent => tracing::error!(free, wanted, "the disk is full: only reads go on until some is free"),
    }
}

/// How a node's store is opened.
pub(crate) fn store_options() -> storage::Options {
    static ENDING: AtomicBool = AtomicBool::new(false);
    let mut options = storage::Options::new(|error| {
        if !ENDING.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, source = causes(error), "the disk failed: the node ends here");
            Exit::of_store(error).now();
        }
    });
    options.on_room = Box::new(tell_room);
    options.neighbours = &[key::FILE, key::DRAFT];
    options
}
