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
    /// As the log will have it.
    pub(super) command: Bytes,
}

impl Ask {
    /// A request as it is written under this level.
    pub(super) fn new(level: Level, request: Request) -> Self {
        let (entity, asked) = (request.entity(), request.asked());
        Self { entity, asked, command: Bytes::from(codec::encode(&Command::asking(level, request))) }
    }

    /// A request that came from another node, as the log will have it.
    pub(super) fn read(request: &Request, command: Bytes) -> Self {
        Self { entity: request.entity(), asked: request.asked(), command }
    }
}
