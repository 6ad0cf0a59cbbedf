//! A request on its way into the log.

use booking::{Request, SlotId};
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
    pub(crate) fn new(request: Request) -> Self {
        let (slot, asked) = (request.slot, (request.key, request.fingerprint));
        Self { slot, asked, command: Bytes::from(codec::encode(&Command::Request(request))) }
    }

    /// A request that came from another node; none where it is not one.
    pub(super) fn read(command: Bytes) -> Option<Self> {
        match codec::decode(&command) {
            Ok(Command::Request(request)) => {
                Some(Self { slot: request.slot, asked: (request.key, request.fingerprint), command })
            }
            Ok(Command::Pulse(_) | Command::Retry(_)) | Err(_) => None,
        }
    }
}
