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

    /// The request to a slot that this was made of, read from what the log will have: whoever keeps this keeps it once.
    pub(crate) fn request(&self) -> booking::Request {
        match codec::decode(&self.command) {
            Ok(Command::Request(request)) => request.into(),
            Ok(_) | Err(_) => unreachable!("what was written for a slot is read as such"),
        }
    }

    /// A request that came from another node, as the log will have it.
    pub(super) fn read(request: &Request, command: Bytes) -> Self {
        let (entity, asked, since) = (request.entity(), request.asked(), request.since());
        Self { entity, asked, since, command }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use booking::{Act, ChangeQuantity, Fingerprint, Partition, Party, RequestKey, SlotId};

    use super::*;

    #[test]
    fn what_came_from_another_node_needs_the_level_that_it_needed_there() {
        let slot = SlotId { partition: Partition::new(5).expect("below 1,024"), hash: 7 };
        let act = Act { booking: RequestKey(2), by: Party::Organizer };
        let quantity = NonZeroU32::MIN;
        for (command, since) in [
            (booking::Command::CancelSlot, Level(1)),
            (booking::Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: Vec::new() }), Level(2)),
        ] {
            let request = booking::Request { slot, key: RequestKey(8), fingerprint: Fingerprint(9), command };
            let own = [Level(1), Level(2)].map(|level| Ask::new(level, Request::Slot(request.clone())));
            assert_eq!(own[0].command, own[1].command, "it has one shape");
            let read = own[0].request();
            assert_eq!(read, request, "it is read as it was written");
            let theirs = Ask::read(&read.into(), own[0].command.clone());
            assert_eq!([own[0].since, own[1].since, theirs.since], [since; 3]);
        }
    }
}
