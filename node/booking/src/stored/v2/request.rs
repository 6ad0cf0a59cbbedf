//! What is asked of a slot, and the first version has no word for.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::stored::v1::request::Act;
use crate::{Fingerprint, RequestKey, SlotId};

/// One request to one slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    slot: SlotId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    ChangeQuantity(ChangeQuantity),
}

/// Somebody gives some of a booking's places back.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChangeQuantity {
    act: Act,
    quantity: NonZeroU32,
}

impl From<crate::Request> for Request {
    fn from(request: crate::Request) -> Self {
        let crate::Request { slot, key, fingerprint, command } = request;
        let crate::Command::ChangeQuantity(change) = command else {
            unreachable!("the other versions have the others")
        };
        Self { slot, key, fingerprint, command: Command::ChangeQuantity(change.into()) }
    }
}

impl From<Request> for crate::Request {
    fn from(request: Request) -> Self {
        let Request { slot, key, fingerprint, command: Command::ChangeQuantity(change) } = request;
        let command = crate::Command::ChangeQuantity(change.into());
        Self { slot, key, fingerprint, command }
    }
}

impl From<crate::ChangeQuantity> for ChangeQuantity {
    fn from(change: crate::ChangeQuantity) -> Self {
        let crate::ChangeQuantity { act, quantity, lines } = change;
        assert!(lines.is_empty(), "the fourth version has changes of products");
        Self { act: act.into(), quantity }
    }
}

impl From<ChangeQuantity> for crate::ChangeQuantity {
    fn from(change: ChangeQuantity) -> Self {
        let ChangeQuantity { act, quantity } = change;
        Self { act: act.into(), quantity, lines: Vec::new() }
    }
}
