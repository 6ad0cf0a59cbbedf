//! A request on its way into the log.

use booking::entity::Request;
use booking::{EntityId, Level};
use bytes::Bytes;
use cluster::codec;

use crate::actors::waiters::Asked;
use crate::log::Command;

/// A request on its way into the log.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(super) entity: EntityId,
    pub(super) asked: Asked,
    /// The first level under which it may be proposed.
    pub(super) since: Level,
    /// As the log will have it.
    pub(super) command: Bytes,
}

impl Ask {
    /// A request as it is written under this level, or under the first that has it.
    pub(super) fn new(level: Level, request: Request) -> Self {
        let (entity, asked, since) = (request.entity(), request.asked(), request.since());
        let command = Command::asking(level.max(since), request);
        Self { entity, asked, since, command: Bytes::from(codec::encode(&command)) }
    }

    /// A request to a slot that came from another node, as the log will have it.
    pub(super) fn read(request: &booking::Request, command: Bytes) -> Self {
        let (asked, since) = ((request.key, request.fingerprint), request.command.since());
        Self { entity: request.slot.into(), asked, since, command }
    }
}
