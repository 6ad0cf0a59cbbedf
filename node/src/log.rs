//! What stands in a group's log, and what of it each slot gets once it is committed.

use booking::{Level, Request, SlotId, Timestamp, stored};
use serde::{Deserialize, Serialize};
use storage::Index;

/// One command of the log. Kinds are only added, at the end, and what one carries is ids or says its own version: a kind that must
/// grow becomes another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Command {
    /// A request to one slot.
    Request(stored::Request),
    /// Deadlines have passed: time alone changes these slots.
    Pulse(Vec<SlotId>),
    /// A slot whose rules broke is to be tried again, from its last piece.
    Retry(SlotId),
}

/// A command that is committed, as the one slot that it is for gets it.
#[derive(Debug)]
pub(crate) struct CommittedStep {
    pub(crate) index: Index,
    pub(crate) level: Level,
    pub(crate) at: Timestamp,
    pub(crate) what: What,
}

/// What changes a slot.
#[derive(Debug)]
pub(crate) enum What {
    /// A request.
    Request(Request),
    /// Time alone.
    Pulse,
}

#[cfg(test)]
mod tests {
    use booking::{Fingerprint, Partition, RequestKey};
    use cluster::codec;

    use super::*;

    #[test]
    fn the_bytes_of_the_log_are_for_ever() {
        let slot = SlotId { partition: Partition::new(5).expect("below 1,024"), hash: 7 };
        let command = booking::Command::CancelSlot;
        let request = Request { slot, key: RequestKey(8), fingerprint: Fingerprint(9), command };
        let request = stored::Request::at(Level::OLDEST, request);
        // Encoding, kind, the request's version; the partition, the hash, the key, the fingerprint, the command.
        let rows: [(Command, &[u8]); 3] = [
            (Command::Request(request), &[1, 0, 0, 5, 7, 8, 9, 1]),
            (Command::Pulse(vec![slot]), &[1, 1, 1, 5, 7]),
            (Command::Retry(slot), &[1, 2, 5, 7]),
        ];
        for (command, want) in rows {
            assert_eq!(codec::encode(&command), want, "{command:?}");
            assert_eq!(codec::decode::<Command>(want).expect("golden"), command);
        }
    }
}
