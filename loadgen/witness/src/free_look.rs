//! Looks at what is free of a calendar while it is sold: what was asked, and what was shown.

use api::calendar::Page;
use api::time::Time;

use crate::history::{Look, Moment, Reading};

/// Where a booking would fit, as somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeAsk {
    /// It begins then at the earliest.
    pub from: Time,
    /// It has ended by then.
    pub to: Time,
    /// How long it is to last; none: as long as the shortest that may be.
    pub seconds: Option<u32>,
    /// For how many.
    pub quantity: u32,
    /// On which resource; on each, where none is named.
    pub resource: Option<String>,
}

/// A look at what is free.
#[derive(Clone, Debug)]
pub struct FreeLook {
    /// What was asked.
    pub asked: FreeAsk,
    /// When its first byte was handed to a connection.
    pub sent: Moment,
    /// When its last byte had come.
    pub received: Moment,
    /// What was shown: the first page.
    pub page: Reading<Page>,
}

impl FreeLook {
    /// The same as a linearizable read of the slot.
    pub(crate) fn read(&self) -> Option<Look> {
        let seq = self.page.got()?.seq;
        Some(Look { sent: self.sent, received: self.received, seq })
    }
}
