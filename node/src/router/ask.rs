//! A request on its way into the log.

use booking::{Level, Request, SlotId, stored};
use bytes::Bytes;
use cluster::codec;

use crate::actors::waiters::Asked;
use crate::log::Command;

/// A request on its way into the log.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(super) slot: SlotId,
    pub(super) asked: Asked,
    /// As the log will have it.
    pub(super) command: Bytes,
}

impl Ask {
    /// A request as it is written under this level.
    pub(super) fn new(level: Level, request: Request) -> Self {
        let (slot, asked) = (request.slot, (request.key, request.fingerprint));
        let command = Command::Request(stored::Request::at(level, request));
        Self { slot, asked, command: Bytes::from(codec::encode(&command)) }
    }

    /// A request that came from another node; none where it is not one.
    pub(super) fn read(command: Bytes) -> Option<Self> {
        match codec::decode(&command) {
            Ok(Command::Request(request)) => {
                let request = Request::from(request);
                Some(Self { slot: request.slot, asked: (request.key, request.fingerprint), command })
            }
            Ok(Command::Pulse(_) | Command::Retry(_)) | Err(_) => None,
        }
    }
}
